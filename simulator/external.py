"""A sync under test that somebody else starts: a person at another terminal, or a scheduler.

The environment of each run is printed, and the run is over when Otus is told so (a sync-run record that ends), or
when the person presses Enter.
"""

import sys
import threading
from collections.abc import Mapping

from simulator.gateway import Ended, Inbox


class ExternalSut:
    """A sync that is started elsewhere."""

    in_process = False
    sleeps_really = True
    has_our_disk = False

    def start(
        self,
        environ: Mapping[str, str],
        inbox: Inbox,
        *,
        disk_full: bool = False,  # noqa: ARG002 - the disk of a sync that runs elsewhere is its own
    ) -> "ExternalRun":
        """Say what is to be started, and wait."""
        lines = [f"  {name}={value}" for name, value in environ.items()]
        asks = " or you press Enter" if sys.stdin.isatty() else ""
        told = "\n".join(["", "Start the sync now, with this environment:", *lines])
        sys.stderr.write(f"{told}\nIt is over when it reports its end in Otus{asks}.\n")
        sys.stderr.flush()
        return ExternalRun(inbox)


class ExternalRun:
    """A run that somebody else started."""

    ends_with_report = True

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._over = False
        if sys.stdin.isatty():
            threading.Thread(target=self._until_enter, name="rostersim-enter", daemon=True).start()

    def stop(self) -> None:
        """Wait for it no longer; whoever started it must end it."""
        self._over = True

    def is_over(self) -> bool:
        """Tell whether nobody waits for it any more."""
        return self._over

    def _until_enter(self) -> None:
        sys.stdin.readline()
        if not self._over:
            self._over = True
            self._inbox.put(Ended(0, ""))
