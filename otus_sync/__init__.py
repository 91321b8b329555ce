"""The nightly sync: what Clever holds tonight becomes what Otus shows tomorrow (F5).

Three things stand apart. *Reading* (``clever``, ``otus``) knows the wires and decides nothing; *planning*
(``plan``) decides everything and touches nothing; *writing* (``apply``) carries a plan out. ``run`` strings
them together under Otus's lease, ``ledger`` remembers what happened, ``cli`` and ``app`` are the two ways in.
"""

__version__ = "0.1.0"
