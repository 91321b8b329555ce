"""The sync as a plain function: one nightly run, told everything by an environment."""

import sys
from collections.abc import Mapping

from otus_sync.errors import AnotherRunError, SettingsError, SyncError
from otus_sync.otus_records import RunStatus
from otus_sync.run import run_sync
from otus_sync.settings import load_settings

SUCCEEDED = 0
FAILED = 1
BAD_SETTINGS = 2
HELD = 3
ANOTHER_RUN = 4

EXIT_CODES: dict[RunStatus, int] = {"succeeded": SUCCEEDED, "failed": FAILED, "held": HELD}


def nightly(environ: Mapping[str, str]) -> int:
    """Run the sync once in this process.

    Args:
        environ: the settings, as in the environment of ``otus-sync run``.

    Returns:
        0 succeeded, 1 failed, 2 bad settings, 3 held by the removal guard, 4 another run is in progress.
    """
    try:
        outcome = run_sync(load_settings(environ))
    except SyncError as error:
        sys.stderr.write(f"otus-sync: {error}\n")
        return exit_code_of(error)
    return EXIT_CODES[outcome.status]


def exit_code_of(error: SyncError) -> int:
    """Give the exit code for what stopped a run."""
    if isinstance(error, SettingsError):
        return BAD_SETTINGS
    return ANOTHER_RUN if isinstance(error, AnotherRunError) else FAILED
