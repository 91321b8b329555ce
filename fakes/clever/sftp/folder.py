"""The folder a district uploads its files to: processed five minutes after the last upload, full files each time."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast, get_args

from fakes.clever.feed import Removal, Row, RowKind, UserRole
from fakes.clever.quirks import HALF_UPLOADED_CSV
from fakes.clever.rules import Clever
from fakes.clever.sftp.columns import LAYOUTS, Layout
from fakes.clever.sftp.reading import read_files
from fakes.clever.sftp.report import Findings, SyncReport
from fakes.clever.sftp.table import FileRefused
from fakes.clever.store import Delivered
from fakes.shared.moments import wire_time

SETTLE_MINUTES = 5
"""After the last upload activity. Source: facts on Clever's wire, "How data gets in"."""

FILE_BYTES_MAX = 512 * 1024 * 1024
"""Of one file. An assumption: some ten times what a district of a million students needs."""


class CsvFolder:
    """A district's folder on Clever's SFTP server. Whoever has the clock asks when it is due, and processes it then.

    Files stay where they are after they were processed; the next upload writes over them.

    Args:
        clever: whose district it is.
        settle_minutes: of quiet before files are processed.
    """

    def __init__(self, clever: Clever, settle_minutes: float = SETTLE_MINUTES) -> None:
        self._clever = clever
        self._settle = timedelta(minutes=settle_minutes)
        self._files: dict[str, bytes] = {}
        self._fresh: set[str] = set()
        self._active_at: datetime | None = None
        self.reports: list[SyncReport] = []
        """Of everything that was processed, the last one last."""

    def upload(self, name: str, content: bytes) -> None:
        """Put a file into the folder, over the one that is there.

        Args:
            name: of the file, without a path.
            content: all of it; a broken upload is one that is cut short.

        Raises:
            FileRefused: it is larger than a file may be.
        """
        if len(content) > FILE_BYTES_MAX:
            raise FileRefused(f"{name} has {len(content):,} bytes; a file may have {FILE_BYTES_MAX:,}")
        self._files[name] = content
        self._fresh.add(name)
        self._active_at = self._clever.clock()

    def upload_folder(self, folder: Path) -> None:
        """Put all CSV files of a local folder into it.

        Raises:
            FileRefused: one is larger than a file may be.
            OSError: one cannot be read.
        """
        for path in sorted(folder.glob("*.csv")):
            self.upload(path.name, path.read_bytes())

    def remove(self, name: str) -> None:
        """Take a file out of the folder; that too is activity."""
        self._files.pop(name, None)
        self._fresh.discard(name)
        self._active_at = self._clever.clock()

    def due(self) -> datetime | None:
        """Say when the files are to be processed; ``None`` without an upload, while paused, and while on hold."""
        if self._active_at is None or self._clever.paused or self._clever.held is not None:
            return None
        return self._active_at + self._settle

    def process(self, now: datetime) -> SyncReport:
        """Process the files, if they are due.

        What is no longer in them is removed, also what only stands in a row that was left out.

        Args:
            now: the present moment, as Clever's clock has it.

        Returns:
            The report. ``waiting``: nothing was looked at. ``failed``: a file is missing or cannot be read, and
            nothing has changed. ``held``: the changes wait for a person. ``applied``: they are in Clever now.
        """
        due = self.due()
        if due is None or now < due:
            return SyncReport(at=wire_time(now), outcome="waiting", reason=self._why_waiting(due))
        self._active_at = None
        report = self._processed(wire_time(now))
        self.reports.append(report)
        if report.outcome == "failed":
            self._clever.fail_sync(report.reason)
        else:
            self._fresh.clear()
        return report

    def _processed(self, at: str) -> SyncReport:
        findings = Findings()
        for name in sorted(self._files.keys() - LAYOUTS.keys()):
            findings.note(name, 0, 0, "", f"is no file of an upload, and is not read; there are: {', '.join(LAYOUTS)}")
        try:
            contents = read_files(self._complete_files(), findings)
        except FileRefused as refusal:
            return findings.report(at, "failed", str(refusal))
        removals = list(self._removals(contents))
        rows: list[Row] = [row for space in contents.values() for row in space]
        outcome = self._clever.deliver([*rows, *removals])
        removed: Counter[str] = Counter(removal.role or removal.kind for removal in removals)
        held = self._clever.held
        return findings.report(at, outcome, held.reason if held is not None else "", removed)

    def _complete_files(self) -> Mapping[str, bytes]:
        """Give the files that count.

        Raises:
            FileRefused: the upload is not whole.
        """
        if HALF_UPLOADED_CSV in self._clever.settings.quirks:
            empty = {layout.file: _empty(layout) for layout in LAYOUTS.values() if layout.required}
            return {**empty, **self._files}
        for name, layout in LAYOUTS.items():
            if name not in self._fresh and (layout.required or name in self._files):
                since = "is missing" if name not in self._files else "was not uploaded with the others"
                raise FileRefused(f"{name} {since}; upload all files each time, whole")
        return self._files

    def _removals(self, contents: Mapping[str, list[Delivered]]) -> Iterator[Removal]:
        """Find what is delivered now and is no longer in the files."""
        for space, rows in contents.items():
            present = {row.sis_id for row in rows}
            for row in self._clever.delivered(space):
                if row.sis_id not in present:
                    yield _removal(space, row.sis_id)

    def _why_waiting(self, due: datetime | None) -> str:
        if due is not None:
            return f"files are processed {self._settle} after the last upload, at {wire_time(due)}"
        if self._clever.paused:
            return "the district is paused; no upload is processed"
        held = self._clever.held
        return held.reason if held is not None else "nothing was uploaded since the last time"


def _removal(space: str, sis_id: str) -> Removal:
    if space in get_args(UserRole):
        return Removal("user", sis_id, cast("UserRole", space))
    return Removal(cast("RowKind", space), sis_id)


def _empty(layout: Layout) -> bytes:
    return ",".join(column.name for column in layout.columns).encode()
