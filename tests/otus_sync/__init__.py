"""Tests of the nightly sync."""
