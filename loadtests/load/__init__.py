"""A night under load: Locust drives the sync and the people, this package tells it what, judges and reports.

Locust itself runs in a process of its own (:mod:`loadtests.load.engine` starts it, ``loadtests/locustfile.py`` is what
it loads), and so does every run of the sync under test. What only reads or reckons stands here without Locust.
"""
