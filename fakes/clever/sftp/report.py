"""What became of an upload, as Clever's sync report would say it: file, line, column and reason."""

from collections import Counter
from typing import Literal

import msgspec

from fakes.clever.hold import WORDS

ISSUES_MAX = 1_000
"""Issues that a report lists; it says how many more there were. An assumption: a report is to be read by a person."""

SyncOutcome = Literal["applied", "held", "failed", "waiting"]


class Issue(msgspec.Struct, frozen=True):
    """Something that is not right in a file."""

    file: str
    line: int
    """From 1, the header; of a row over several lines the first; 0 means the whole file."""
    column: int
    """From 1; 0 means the whole row."""
    name: str
    """Of the column, if it has one."""
    reason: str
    left_out: bool
    """Whether the row was left out; if not, it went in all the same."""

    def __str__(self) -> str:
        """Say it in a line."""
        where = f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"
        name = f" {self.name}:" if self.name else ""
        return f"{where}:{name} {self.reason}" + (" (row left out)" if self.left_out else "")


class FileReport(msgspec.Struct, frozen=True):
    """How much of a file went in."""

    file: str
    rows: int
    left_out: int


class SyncReport(msgspec.Struct, frozen=True):
    """What became of an upload."""

    at: str
    outcome: SyncOutcome
    reason: str = ""
    """Why it was not applied."""
    files: tuple[FileReport, ...] = ()
    issues: tuple[Issue, ...] = ()
    """In the order of the files, and of their lines."""
    issues_unlisted: int = 0
    """So many more there were."""
    removed: dict[str, int] = {}
    """What is no longer in the files, by kind: it goes with this sync."""

    def text(self) -> str:
        """Say all of it, a line each."""
        lines = [f"{self.at} {self.outcome}" + (f": {self.reason}" if self.reason else "")]
        lines += [f"{one.file}: {one.rows - one.left_out} of {one.rows} rows went in" for one in self.files]
        lines += [f"{count} {WORDS[kind]} are no longer there" for kind, count in self.removed.items()]
        lines += [str(issue) for issue in self.issues]
        if self.issues_unlisted:
            lines.append(f"{self.issues_unlisted} more issues are not listed")
        return "\n".join(lines)


class Findings:
    """Collects what a report says of files."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._issues: list[Issue] = []
        self._unlisted = 0

    def count_row(self, file: str) -> None:
        """Count a row, whatever becomes of it."""
        self._rows[file] += 1

    def count_file(self, file: str) -> None:
        """Note that a file was read, if only its header."""
        self._rows[file] += 0

    def leave_out(self, file: str, line: int, column: int, name: str, reason: str) -> None:
        """Leave a row out."""
        self._left_out[file] += 1
        self._add(Issue(file, line, column, name, reason, left_out=True))

    def note(self, file: str, line: int, column: int, name: str, reason: str) -> None:
        """Say something of a row, or of a file, that goes in all the same."""
        self._add(Issue(file, line, column, name, reason, left_out=False))

    def report(
        self, at: str, outcome: SyncOutcome, reason: str = "", removed: Counter[str] | None = None
    ) -> SyncReport:
        """Write the report."""
        return SyncReport(
            at=at,
            outcome=outcome,
            reason=reason,
            files=tuple(FileReport(file, rows, self._left_out[file]) for file, rows in self._rows.items()),
            issues=tuple(sorted(self._issues, key=self._place)),
            issues_unlisted=self._unlisted,
            removed={kind: count for kind, count in (removed or {}).items() if count},
        )

    def _place(self, issue: Issue) -> tuple[int, int, int]:
        files = list(self._rows)
        return (files.index(issue.file) if issue.file in files else -1, issue.line, issue.column)

    def _add(self, issue: Issue) -> None:
        if len(self._issues) < ISSUES_MAX:
            self._issues.append(issue)
        else:
            self._unlisted += 1
