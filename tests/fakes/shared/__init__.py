"""What the three fakes share, and what holds for all three."""
