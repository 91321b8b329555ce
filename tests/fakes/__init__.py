"""Tests of the three fakes and of what they share."""
