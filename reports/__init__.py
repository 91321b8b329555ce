"""What a person or a CI server reads after a run: console, HTML, JUnit, JSON, all from the results alone."""
