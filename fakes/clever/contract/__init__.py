"""The checks of Clever's wire: read only, for whatever answers at a base URL, the fake or Clever's own sandbox.

``python -m fakes.clever.contract --url ... --token-env ...`` prints, check by check, where that and the reference
which the fake is built on differ.
"""

from fakes.clever.contract import events, manners, paging, singles  # importing them registers their checks
from fakes.clever.contract.check import CHECKS, Differs, Outcome, Result, Unseen, run_checks
from fakes.clever.contract.client import Client, Reply, Unanswered
from fakes.clever.contract.wire import Wire

__all__ = [
    "CHECKS",
    "Client",
    "Differs",
    "Outcome",
    "Reply",
    "Result",
    "Unanswered",
    "Unseen",
    "Wire",
    "events",
    "manners",
    "paging",
    "run_checks",
    "singles",
]
