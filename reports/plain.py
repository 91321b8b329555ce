"""Findings and timelines as plain text, for files that CI servers show."""

from collections.abc import Iterator, Sequence

from reports.strip import strip_of, text_of
from reports.timeline import LANE_NAMES, in_full, sign_of
from reports.times import moment_in_words
from reports.verdicts import WHOSE, place_of
from reports.words import one_line, printable
from simulator.journal import Entry
from simulator.results import Finding, StoryResult
from simulator.rulebook import RULES

LINES_MAX = 500
"""Lines of a timeline; CI servers cut long output themselves, and less kindly."""


def finding_in_text(finding: Finding, result: StoryResult) -> str:
    """Write a finding in full.

    Args:
        finding: what did not hold.
        result: of the story it belongs to.
    """
    return "\n".join(_finding_lines(finding, result))


def timeline_in_text(result: StoryResult) -> str:
    """Write a story's timeline: its strip, and one line for everything but requests.

    Args:
        result: of the story.
    """
    told = [entry for entry in result.entries if entry.kind != "request"]
    lines = [text_of(strip_of(result.entries)), *_entry_lines(told[:LINES_MAX])]
    if len(told) > LINES_MAX:
        lines.append(f"... and {len(told) - LINES_MAX:,} more entries")
    return "\n".join(line for line in lines if line)


def _finding_lines(finding: Finding, result: StoryResult) -> Iterator[str]:
    yield one_line(finding.message)
    yield one_line(place_of(finding, result))
    yield WHOSE[finding.kind]
    if finding.at is not None:
        yield f"at:       {moment_in_words(finding.at)} (New York)"
    if finding.expected:
        yield f"expected: {printable(finding.expected)}"
    if finding.found:
        yield f"found:    {printable(finding.found)}"
    if finding.why:
        yield f"why:      {printable(finding.why)}"
    for number in finding.rules:
        yield f"{one_line(number)}: {RULES.get(number, 'There is no rule of this number.')}"
    if finding.hint:
        yield f"hint:     {printable(finding.hint)}"
    if result.reproduce:
        yield f"again:    {one_line(result.reproduce)}"
    if finding.timeline:
        yield "what led there (New York time):"
        yield from _entry_lines(finding.timeline)


def _entry_lines(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        when, lane = moment_in_words(entry.at), LANE_NAMES[entry.lane]
        yield f"  {when:<17} {lane:<6} {sign_of(entry)} {one_line(in_full(entry))}"
