"""Forecasts when a night will finish: a real sync on samples of a district, the rest reckoned and simulated.

``sample.py`` measures, ``trace.py`` reads what was measured, ``model.py`` fits lines to it, ``simulate.py`` plays the
night in simulated time, and ``forecast.py`` puts them together.
"""
