"""The simulation: one clock, the district feed, the nights, and the sync under test.

``clock`` owns time, ``gateway`` makes every request an event of the simulation, ``feed`` carries ATS's
changes to Clever 72 hours later, ``nights`` says when the sync runs, ``sut`` runs it, ``world`` puts the
three fakes together, ``journal`` remembers everything that happened, ``invariants`` and ``diagnosis`` judge.
"""
