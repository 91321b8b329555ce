"""Measuring: how fast stories play, and how fast a night is."""
