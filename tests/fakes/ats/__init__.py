"""Tests of the fake ATS/STARS: rules F1 to F3 and A1 to A3."""
