"""Otus's own pause of the sync, around the end of a school year (H9).

Source: Otus's help articles on the year rollover. From a week before the last day of school Otus takes nothing from
the sync; at the transition, on 1 July, it does again. What people do by hand goes on all the while.
"""

from datetime import date, timedelta

from fakes.otus.store import Store
from fakes.shared.refusals import Conflict

PAUSED_BEFORE_LAST_DAY = timedelta(days=7)
"""H9: "a week before the last day of school"."""
TRANSITION_MONTH, TRANSITION_DAY = 7, 1
"""H9: the day on which last year becomes last year."""
PAUSED = "Otus has paused its sync for the year rollover"


def pause_begins(last_day: date) -> date:
    """Give the day on which the pause begins.

    Args:
        last_day: of school.
    """
    return last_day - PAUSED_BEFORE_LAST_DAY


def transition(last_day: date) -> date:
    """Give the day of the transition, on which the sync starts again: the first 1 July after the last day of school."""
    day = date(last_day.year, TRANSITION_MONTH, TRANSITION_DAY)
    return day if day > last_day else date(last_day.year + 1, TRANSITION_MONTH, TRANSITION_DAY)


def is_paused(store: Store) -> bool:
    """Tell whether the sync is paused."""
    settings = store.settings()
    return settings is not None and settings.sync_paused


def refuse_while_paused(store: Store) -> None:
    """Take nothing from the sync while it is paused.

    Raises:
        Conflict: it is (``sync_paused``).
    """
    if is_paused(store):
        raise Conflict(
            f"{PAUSED}: it takes no accounts and no classes from it, and nothing was changed; the sync goes on by"
            " itself after the transition, or when an admin or Otus Support ends the pause in the settings",
            code="sync_paused",
        )
