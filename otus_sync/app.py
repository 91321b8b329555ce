"""The sync as a plain function: one nightly run, told everything by an environment."""

import sys
from collections.abc import Callable, Mapping, Sequence

from otus_sync.errors import AnotherRunError, PausedError, SettingsError, StalePlanError, SyncError
from otus_sync.otus_records import RunStatus
from otus_sync.run import Outcome, run_sync
from otus_sync.settings import Settings, Source

SUCCEEDED = 0
FAILED = 1
BAD_SETTINGS = 2
HELD = 3
ANOTHER_RUN = 4
STALE = 5
PAUSED = 6

EXIT_CODES: dict[RunStatus, int] = {"succeeded": SUCCEEDED, "failed": FAILED, "held": HELD}
GRAVEST_FIRST = (FAILED, BAD_SETTINGS, STALE, ANOTHER_RUN, PAUSED, HELD, SUCCEEDED)
"""Of several districts the gravest end is the exit code."""

Tell = Callable[[Settings, Outcome], None]


def nightly(environ: Mapping[str, str]) -> int:
    """Run the sync once in this process, of one district or of all, one by one.

    Args:
        environ: the settings, as in the environment of ``otus-sync run``.

    Returns:
        0 succeeded, 1 failed, 2 bad settings, 3 held by the removal guard, 4 another run is in progress,
        6 Otus has paused its sync; of several districts the gravest.
    """
    try:
        source = Source(environ)
        settings = [source.settings(name) for name in source.districts()]
    except SettingsError as error:
        complain(error)
        return BAD_SETTINGS
    return run_each(settings)


def run_each(settings: Sequence[Settings], tell: Tell = lambda *_: None) -> int:
    """Run districts one after the other; one that fails keeps no other from its night.

    Args:
        settings: of each district.
        tell: told of every run that ended.

    Returns:
        The gravest exit code.
    """
    codes = {_run(one, tell) for one in settings}
    return next(code for code in GRAVEST_FIRST if code in codes)


def _run(settings: Settings, tell: Tell) -> int:
    try:
        outcome = run_sync(settings)
    except SyncError as error:
        complain(error, settings.district)
        return exit_code_of(error)
    tell(settings, outcome)
    return EXIT_CODES[outcome.status]


def complain(error: SyncError, district: str = "") -> None:
    """Say on standard error what stopped a run."""
    of = f"{district}: " if district else ""
    sys.stderr.write(f"otus-sync: {of}{error}\n")


def exit_code_of(error: SyncError) -> int:
    """Give the exit code for what stopped a run."""
    match error:
        case SettingsError():
            return BAD_SETTINGS
        case AnotherRunError():
            return ANOTHER_RUN
        case PausedError():
            return PAUSED
        case StalePlanError():
            return STALE
    return FAILED
