"""Tests of what a person or a CI server reads after a run."""
