"""Drawn bad nights: how they are drawn, played, and made small."""
