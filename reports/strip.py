"""A story on one line: what happened day by day in the three systems, with the nights between.

``Mon 14 Sep ●┈┈☾┈┈☾┈┈☾┈▶ ☾✓ Fri 18 Sep``: an edit in ATS, 72 hours on the way across three nights, in
Clever, and after the next night the check holds.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal

import msgspec

from reports.timeline import Day, Night, days_of, is_judgement
from reports.times import day_in_words, new_york
from reports.words import counted
from simulator.journal import Entry

Role = Literal[
    "date",
    "ats",
    "clever",
    "otus",
    "refusal",
    "fault",
    "way",
    "night",
    "held",
    "failed",
    "good",
    "bad",
    "more",
]
"""What a piece of the strip stands for; every report has its colour for it."""

WIDTH_MAX = 72
"""Columns of a strip: with its indent it fits a terminal of 80."""
REPEATS_MAX = 2
"""From the third of the same on, a number stands for them."""
FOLDED_FROM = 4
"""As many quiet days in a row become one piece; fewer are shown: a night more or less is often the point."""


class Glyphs(msgspec.Struct, frozen=True):
    """The signs a strip is written with."""

    edit: str = "●"
    delivery: str = "▶"
    by_hand: str = "◆"
    refusal: str = "⊘"
    fault: str = "ϟ"
    way: str = "┈"
    night: str = "☾"
    times: str = "×"  # noqa: RUF001 - "times", as in "three times"
    good: str = "✓"
    bad: str = "✗"
    more: str = "⋯"


UNICODE = Glyphs()
ASCII = Glyphs("o", ">", "#", "%", "!", ".", "(", "x", "+", "X", "~")
"""For terminals that cannot show more."""


class Piece(msgspec.Struct, frozen=True):
    """A few signs of one colour."""

    text: str
    role: Role


def legend_of(glyphs: Glyphs = UNICODE) -> tuple[Piece, ...]:
    """Explain the signs, on one line."""
    return (
        Piece(f"{glyphs.edit} edit in ATS  ", "ats"),
        Piece(f"{glyphs.way}{glyphs.way} on its way, 72 h  ", "way"),
        Piece(f"{glyphs.delivery} in Clever  ", "clever"),
        Piece(f"{glyphs.night} nightly sync", "night"),
        Piece(f" ({glyphs.night}! failed, {glyphs.night}? held)  ", "more"),
        Piece(f"{glyphs.by_hand} by hand in Otus  ", "otus"),
        Piece(f"{glyphs.refusal} refused  ", "refusal"),
        Piece(f"{glyphs.fault} fault  ", "fault"),
        Piece(f"{glyphs.good}", "good"),
        Piece(f"{glyphs.bad}", "bad"),
        Piece(" check", "more"),
    )


def strip_of(entries: Sequence[Entry], glyphs: Glyphs = UNICODE, width_max: int = WIDTH_MAX) -> tuple[Piece, ...]:
    """Draw a story on one line.

    Args:
        entries: its journal, in order.
        glyphs: the signs.
        width_max: columns; what does not fit is left out of the middle, and a sign says so.

    Returns:
        The pieces in order, with the first and the last day at the ends; nothing for an empty journal.
    """
    days = days_of(entries)
    if not days:
        return ()
    first = Piece(day_in_words(days[0].date) + " ", "date")
    last = Piece(" " + day_in_words(days[-1].date), "date")
    middle = [piece for run in _runs(days) for piece in _pieces_of_run(run, glyphs)]
    room = width_max - len(first.text) - (len(last.text) if len(days) > 1 else 0)
    fitted = _fitted(_merged(middle), room, glyphs)
    return (first, *fitted, last) if len(days) > 1 else (first, *fitted)


def text_of(pieces: Sequence[Piece]) -> str:
    """Write pieces as plain text."""
    return "".join(piece.text for piece in pieces)


def _runs(days: Sequence[Day]) -> Iterator[tuple[Day, ...]]:
    """Put quiet days in a row together, and every other day by itself; the last day is never folded."""
    for key, group in groupby(days[:-1], key=lambda day: (day.quiet, day.crossing)):
        run = tuple(group)
        if key[0] and len(run) >= FOLDED_FROM:
            yield run
        else:
            yield from ((day,) for day in run)
    yield (days[-1],)


def _pieces_of_run(run: tuple[Day, ...], glyphs: Glyphs) -> list[Piece]:
    if len(run) == 1:
        return _pieces_of_day(run[0], glyphs)
    nights = sum(len(day.nights) for day in run)
    way = glyphs.way * 2 if run[0].crossing else " "
    folded = Piece(f"{glyphs.night}{glyphs.times}{nights}" if nights else glyphs.more, "night")
    checked = any(day.entries for day in run)
    return [folded, *([Piece(glyphs.good, "good")] if checked else []), _way(way)]


def _pieces_of_day(day: Day, glyphs: Glyphs) -> list[Piece]:
    happened: list[tuple[str, Piece]] = [(night.began, _night_piece(night, glyphs)) for night in day.nights]
    happened += [(entry.at, piece) for entry in day.entries if (piece := _entry_piece(entry, glyphs))]
    # Sorted by moment alone, and stable: at one instant the night comes before the checks that judge it.
    pieces = [piece for _, piece in sorted(happened, key=lambda pair: pair[0])]
    return [*_counted(pieces, glyphs), _way(glyphs.way * 2 if day.crossing else " ")]


def _way(text: str) -> Piece:
    return Piece(text, "way")


def _counted(pieces: Sequence[Piece], glyphs: Glyphs) -> Iterator[Piece]:
    """Write the third and further of the same as a number; checks that held need none."""
    for piece, group in groupby(pieces):
        count = len(list(group))
        if piece.role == "good":
            yield piece
        elif count <= REPEATS_MAX:
            yield Piece(piece.text * count, piece.role)
        else:
            yield Piece(f"{piece.text}{glyphs.times}{count}", piece.role)


def _night_piece(night: Night, glyphs: Glyphs) -> Piece:
    match night.outcome:
        case "succeeded":
            return Piece(glyphs.night, "night")
        case "held":
            return Piece(f"{glyphs.night}?", "held")
        case _:
            return Piece(f"{glyphs.night}!", "failed")


def _entry_piece(entry: Entry, glyphs: Glyphs) -> Piece | None:
    if is_judgement(entry):
        return _judgement_piece(entry, glyphs)
    match entry.kind:
        case "refusal":
            return Piece(glyphs.refusal, "refusal")
        case "fault":
            return Piece(glyphs.fault, "fault")
        case "delivery":
            return Piece(glyphs.delivery, "clever")
        case "edit":
            return _edit_piece(entry, glyphs)
        case _:
            return None


def _judgement_piece(entry: Entry, glyphs: Glyphs) -> Piece | None:
    if not entry.good:
        return Piece(glyphs.bad, "bad")
    # Invariants are judged every night; only one that does not hold is news.
    return Piece(glyphs.good, "good") if entry.kind == "expectation" else None


def _edit_piece(entry: Entry, glyphs: Glyphs) -> Piece:
    match entry.lane:
        case "ats":
            return Piece(glyphs.edit, "ats")
        case "clever":
            return Piece(glyphs.edit, "clever")
        case _:
            return Piece(glyphs.by_hand, "otus")


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Drop the blanks at the ends and doubled ones in between."""
    kept: list[Piece] = []
    for piece in pieces:
        if piece.text == " " and (not kept or kept[-1].text == " "):
            continue
        kept.append(piece)
    while kept and kept[-1].text == " ":
        kept.pop()
    return kept


def _fitted(pieces: list[Piece], room: int, glyphs: Glyphs) -> tuple[Piece, ...]:
    """Leave out the middle of what is too long: how it began and how it ended matter most."""
    if sum(len(piece.text) for piece in pieces) <= room:
        return tuple(pieces)
    more = Piece(f" {glyphs.more} ", "more")
    half = (room - len(more.text)) // 2
    return (*_within(pieces, half), more, *reversed(_within(list(reversed(pieces)), half)))


def _within(pieces: list[Piece], room: int) -> list[Piece]:
    taken: list[Piece] = []
    for piece in pieces:
        room -= len(piece.text)
        if room < 0:
            break
        taken.append(piece)
    return taken


def strip_in_words(entries: Sequence[Entry]) -> str:
    """Say what a strip shows, for those who cannot see it."""
    days = days_of(entries)
    nights = [night for day in days for night in day.nights]
    well = sum(night.outcome == "succeeded" for night in nights)
    edits = sum(entry.kind == "edit" and entry.lane == "ats" for entry in entries)
    by_hand = sum(entry.kind == "edit" and entry.lane == "otus" for entry in entries)
    deliveries = sum(entry.kind == "delivery" for entry in entries)
    refusals = sum(entry.kind == "refusal" for entry in entries)
    checks = [entry for entry in entries if is_judgement(entry)]
    parts = [
        counted(edits, "edit") + " in ATS",
        counted(deliveries, "delivery", "deliveries") + " to Clever",
        counted(by_hand, "edit") + " by hand in Otus",
        *([counted(refusals, "refusal")] if refusals else []),
        counted(len(nights), "night") + (f", of which {well} succeeded" if nights else ""),
        counted(len(checks), "check") + f", of which {sum(entry.good is True for entry in checks)} held",
    ]
    if days:
        parts.append(f"from {day_in_words(new_york(entries[0].at).date())} to {day_in_words(days[-1].date)}")
    return "; ".join(parts)
