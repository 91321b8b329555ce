"""Tests of the story language, of how stories are played, and of the suite."""
