"""Faults: what they do to a request, and which request they strike."""
