"""Tests of the simulation: clock, gateway, feed, nights, journal and what judges them."""
