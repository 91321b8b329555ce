"""The marks of a drawing: which stand so close that they are one, and where their labels have room."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from reports.axis import Axis
from reports.timeline import LANE_NAMES, in_full, is_judgement
from reports.times import moment_in_words
from reports.words import one_line, shortened
from simulator.journal import Entry

Shape = Literal["dot", "cross", "bolt", "good", "bad", "note"]
"""``dot``: an edit or a delivery · ``cross``: a refusal · ``bolt``: a fault · ``good``, ``bad``: a check."""

Where = Literal["ats", "clever", "sync", "otus"]
"""The line of the drawing that a mark stands on; ``sync`` is the way between Clever and Otus."""

NEAR = 15.0
"""Marks of one shape that are nearer than this become one with a number."""
CHARACTER = 5.9
"""The mean width of a label's character."""
LABEL_CHARACTERS = (72, 48, 28)
"""How long a label may be: at first, and if there is no room."""
TOOLTIP_LINES_MAX = 8
HELD_LABELLED_MAX = 6
"""When more checks of a line held, they are flags without words: what was done must be seen first."""
ROWS_MAX: dict[Where, int] = {"ats": 4, "clever": 2, "sync": 1, "otus": 6}
"""Rows of labels at each line."""


class Mark(msgspec.Struct, frozen=True):
    """One or several things of the same shape at about the same moment."""

    where: Where
    shape: Shape
    x: float
    entries: tuple[Entry, ...]

    @property
    def count(self) -> int:
        """How many things it stands for."""
        return len(self.entries)

    @property
    def urgent(self) -> bool:
        """Whether it is what a reader looks for: something that went wrong."""
        return self.shape in ("bad", "cross", "bolt")

    @property
    def flag(self) -> bool:
        """Whether it is a check, which hangs from its line as a flag."""
        return self.shape in ("good", "bad")

    @property
    def turn(self) -> int:
        """When its words are given room: what went wrong first, then what was done, then what held."""
        return 0 if self.urgent else 2 if self.flag else 1

    @property
    def words(self) -> str:
        """What to write beside it."""
        if self.shape == "good" and self.count > 1:
            return f"{self.count} checks held"
        words = one_line(self.entries[0].what)
        return words if self.count == 1 else f"{words} (+{self.count - 1})"

    @property
    def tooltip(self) -> str:
        """What to show when the pointer rests on it, line by line."""
        return tooltip_of(
            [f"{moment_in_words(e.at)} · {LANE_NAMES[e.lane]} · {one_line(in_full(e))}" for e in self.entries]
        )


class Label(msgspec.Struct, frozen=True):
    """Where a mark's words stand."""

    row: int
    text: str
    leftward: bool = False
    """Whether the words end at the mark, as there is no room to its right."""


def tooltip_of(lines: Sequence[str]) -> str:
    """Put lines together and say how many more there are."""
    rest = len(lines) - TOOLTIP_LINES_MAX
    more = [f"and {rest:,} more"] if rest > 0 else []
    return "\n".join([*lines[:TOOLTIP_LINES_MAX], *more])


def marks_of(entries: Iterable[Entry], axis: Axis) -> list[Mark]:
    """Give the marks of a story, from left to right; what lies in a folded stretch has none.

    Args:
        entries: in order.
        axis: where they are.
    """
    groups: dict[tuple[Where, Shape], list[Mark]] = {}
    for entry in entries:
        kind = _kind_of(entry)
        if kind is None or axis.folds(entry.at):
            continue
        x = axis.x(entry.at)
        group = groups.setdefault(kind, [])
        if group and x - group[-1].x < NEAR:
            group[-1] = Mark(*kind, group[-1].x, (*group[-1].entries, entry))
        else:
            group.append(Mark(*kind, x, (entry,)))
    return sorted((mark for group in groups.values() for mark in group), key=lambda mark: mark.x)


def labels_of(marks: Sequence[Mark], left: float, right: float, *, urgent_only: bool) -> dict[int, Label]:
    """Find room for the words of marks of one line.

    Args:
        marks: of one line, from left to right.
        left: no label reaches beyond.
        right: nor here.
        urgent_only: write only what went wrong, as the marks are too many.

    Returns:
        The label of each mark that has one, by its place in ``marks``.
    """
    if not marks:
        return {}
    rows = _Rows(ROWS_MAX[marks[0].where], left, right)
    labels: dict[int, Label] = {}
    bare = sum(mark.shape == "good" for mark in marks) > HELD_LABELLED_MAX
    # From right to left, as words stand to the right of their mark.
    for place in sorted(range(len(marks)), key=lambda place: (marks[place].turn, -marks[place].x)):
        mark = marks[place]
        if urgent_only and not mark.urgent:
            continue
        label = rows.place(mark, bare=bare and mark.shape == "good")
        if label is not None:
            labels[place] = label
    return labels


def _kind_of(entry: Entry) -> tuple[Where, Shape] | None:
    if is_judgement(entry):
        # An invariant is judged every night; only one that does not hold is drawn.
        return None if entry.kind == "invariant" and entry.good else ("otus", "good" if entry.good else "bad")
    where: Where = "otus" if entry.lane == "judge" else entry.lane
    match entry.kind:
        case "edit" | "delivery":
            return (where, "dot")
        case "refusal":
            return (where, "cross")
        case "fault":
            return (where, "bolt")
        case "note":
            return (where, "note")
        case _:
            return None


class _Rows:
    """Rows of labels, and what is taken of each."""

    def __init__(self, count: int, left: float, right: float) -> None:
        self._taken: list[list[tuple[float, float]]] = [[] for _ in range(count)]
        self._left = left
        self._right = right

    def place(self, mark: Mark, *, bare: bool = False) -> Label | None:
        """Find room: best where the line from the mark to its label crosses no other label.

        Args:
            mark: which.
            bare: give a flag a place, and no words.
        """
        for crossing in (False, True):
            for label in self._attempts(mark, bare=bare):
                if self._fits(mark, label, crossing=crossing):
                    self._take(mark, label)
                    return label
        return None

    def _attempts(self, mark: Mark, *, bare: bool) -> Iterator[Label]:
        """Long words first, then shorter ones, and of a flag at last the flag alone."""
        rows = range(len(self._taken))
        for characters in () if bare else LABEL_CHARACTERS:
            text = shortened(mark.words, characters)
            for leftward in (False, True):
                yield from (Label(row, text, leftward) for row in rows)
        if mark.flag:
            yield from (Label(row, "") for row in rows)

    def _fits(self, mark: Mark, label: Label, *, crossing: bool) -> bool:
        begins, ends = _reach(mark, label)
        if begins < self._left or ends > self._right or not self._is_free(label.row, begins, ends):
            return False
        return crossing or all(self._is_free(between, mark.x - 1, mark.x + 1) for between in range(label.row))

    def _take(self, mark: Mark, label: Label) -> None:
        self._taken[label.row].append(_reach(mark, label))
        for between in range(label.row):
            self._taken[between].append((mark.x - 3, mark.x + 3))

    def _is_free(self, row: int, begins: float, ends: float) -> bool:
        return all(ends <= taken[0] or begins >= taken[1] for taken in self._taken[row])


def _reach(mark: Mark, label: Label) -> tuple[float, float]:
    """Say from where to where a label reaches."""
    # A flag stands beside its words; words at a dot hang on a line, and another line may pass beside that.
    before = 10 if mark.flag else -3
    width = len(label.text) * CHARACTER + (16 if label.text else 10)
    return (mark.x - width, mark.x + before) if label.leftward else (mark.x - before, mark.x + width)
