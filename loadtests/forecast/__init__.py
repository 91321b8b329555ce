"""Forecasts when a night will finish: a real sync on samples of a district, the rest reckoned and simulated.

``sample.py`` and ``watch.py`` measure, ``trace.py`` reads what was measured, ``model.py`` fits lines to it,
``simulate.py`` plays the night in simulated time on the cores of ``cores.py``, and ``forecast.py`` puts them together.
"""
