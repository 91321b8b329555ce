"""Tests of the fake Otus."""
