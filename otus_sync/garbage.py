"""Python's search for circles of garbage, seldom: a night makes millions of records, and hardly a circle."""

import gc

ALLOCATIONS_PER_COLLECTION = 100_000
"""Against 700 by Python's own choice, with which a night of a million people takes a tenth longer."""


def collect_seldom() -> None:
    """Let what is there now be, and look at what is new seldom. It is for the whole process, so a command's to ask."""
    gc.freeze()
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION, 50, 1000)
