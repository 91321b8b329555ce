"""Seeded bad nights: stories that nobody wrote, drawn from a seed, and judged by the oracle."""
