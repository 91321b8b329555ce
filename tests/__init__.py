"""Tests of rostersim, in folders that mirror the code."""
