"""Tests of the fake Clever."""
