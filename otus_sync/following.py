"""Which way a run learns what changed in Clever: by the events since the mirror was kept, or by a full pull."""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from otus_sync.mirror import Standing
from otus_sync.settings import Settings

DAY = timedelta(days=1)


class Now(msgspec.Struct, frozen=True):
    """What a run knows before it reads Clever's records."""

    moment: datetime
    district: str
    """Clever's id of the token's district."""
    newest: str
    """The newest event there is; empty if events are not enabled."""
    doubt: str = ""
    """Why the mirror may not fit what is in Otus, if anything speaks for that."""


def reason_to_pull(settings: Settings, standing: Standing | None, now: Now) -> str:
    """Tell why Clever has to be read whole; empty if events will do.

    Clever never says that a cursor is older than the events it keeps: it goes on at the oldest one. So the
    ages are compared. What counts is when Clever was last read and not how old the newest event in the mirror
    is: in a quiet summer that may be months, and nothing has been missed.

    Args:
        settings: what the district wants.
        standing: how the mirror came to be, if there is one.
        now: the circumstances.
    """
    if settings.follow == "full":
        return "the setting follow is full"
    if not now.newest:
        return "Clever tells of no events: they are not enabled for this application, or all are too old"
    if standing is None:
        return "the ledger has no mirror of Clever to follow from"
    if standing.district != now.district:
        return f"the mirror is of district {standing.district}, and the token of {now.district}"
    if now.doubt:
        return now.doubt
    if standing.silent and now.newest == standing.cursor:
        return "Clever's events did not tell of what the last full pull found, and there is none since"
    if now.newest < standing.cursor:
        return f"Clever's newest event, {now.newest}, is older than what was followed, {standing.cursor}"
    return _too_old(settings, standing, now)


def is_followed(settings: Settings) -> bool:
    """Tell whether a district's events are of any interest."""
    return settings.follow != "full"


def could_be_silent(standing: Standing, now: Now) -> bool:
    """Tell whether a full pull that finds anything new shows that events have stopped.

    An application for which they are switched off goes on reading those that were written before.
    """
    return now.newest == standing.cursor and now.district == standing.district


def doubt_about(standing: Standing | None, otus_run: int | None, known: Collection[int]) -> str:
    """Tell why what is in Otus may not be what the ledger remembers.

    Args:
        standing: how the mirror came to be.
        otus_run: the id in Otus of the run that kept it, if it had one.
        known: ids of the runs that Otus knows.
    """
    if standing is None or otus_run is None or otus_run in known:
        return ""
    return f"Otus does not know its run {otus_run}, which the ledger remembers: it was set back, or is another Otus"


def _too_old(settings: Settings, standing: Standing, now: Now) -> str:
    age = now.moment - datetime.fromisoformat(standing.read_at)
    reliable = timedelta(days=settings.events_kept_days - settings.events_margin_days)
    if age >= reliable:
        kept = f"events are kept {settings.events_kept_days} days, less {settings.events_margin_days} to be safe"
        return f"Clever was last read {age / DAY:.1f} days ago, and {kept}"
    if age <= -DAY:
        return f"the mirror is of {standing.read_at}, and the clock shows {now.moment.isoformat()}"
    nights = round((now.moment - datetime.fromisoformat(standing.full_at)) / DAY)
    if settings.follow == "auto" and nights >= settings.full_pull_every_nights:
        return f"the last full pull is {nights} nights ago, and one is due every {settings.full_pull_every_nights}"
    return ""
