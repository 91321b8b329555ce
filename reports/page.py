"""What the HTML page shows of a suite: rules with their stories, and each story ready to be laid out."""

from collections.abc import Sequence

import msgspec

from reports.drawing import draw
from reports.shapes import Drawing
from reports.strip import Piece, strip_of
from reports.timeline import LANE_NAMES, sign_of, what_of
from reports.times import moment_in_words, period_in_words
from reports.verdicts import STATUSES, VERDICTS, WHOSE, Verdict, count_of, place_of, status_of, verdict_of
from simulator.journal import Entry
from simulator.results import Finding, Status, StoryResult, SuiteResult
from simulator.rulebook import RULES

ROWS_MAX = 2_000
"""Journal rows of a story that needs looking into."""
ROWS_MAX_PASSED = 300
"""Journal rows of a story that passed; a page of a hundred stories must still open at once."""
STRIP_COLUMNS = 90


class Row(msgspec.Struct, frozen=True):
    """One entry as a row of a table."""

    entry: Entry
    when: str
    lane: str
    sign: str
    what: str
    facts: str


class FindingView(msgspec.Struct, frozen=True):
    """A finding, with everything about it in words."""

    finding: Finding
    status: Status
    verdict: Verdict
    whose: str
    place: str
    when: str
    rules: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


class StoryView(msgspec.Struct, frozen=True):
    """A story, ready to be laid out."""

    id: str
    story: StoryResult
    verdict: Verdict
    open: bool
    period: str
    strip: tuple[Piece, ...]
    drawing: Drawing | None
    rules: tuple[tuple[str, str], ...]
    findings: tuple[FindingView, ...]
    rows: tuple[Row, ...]
    rows_left_out: int
    requests: int
    """How many of the rows are requests."""
    searched: str
    """What the text filter looks at."""


class RuleView(msgspec.Struct, frozen=True):
    """A rule and the stories that prove it."""

    number: str
    words: str
    stories: tuple[StoryView, ...]
    status: Status | None
    """The worst of its stories; nothing when it has none."""


class Page(msgspec.Struct, frozen=True):
    """The whole page."""

    suite: SuiteResult
    status: Status
    verdict: Verdict
    headline: str
    counts: tuple[tuple[Status, Verdict, int], ...]
    checks: int
    nights: int
    rules: tuple[RuleView, ...]
    rules_proven: int
    stories: tuple[StoryView, ...]


def page_of(suite: SuiteResult) -> Page:
    """Lay out a suite.

    Args:
        suite: the results.

    Returns:
        The page; stories that need looking into come first.
    """
    order = sorted(suite.stories, key=lambda story: STATUSES.index(story.status))
    stories = tuple(_story(number, story) for number, story in enumerate(order, start=1))
    rules = tuple(_rules(stories))
    status = verdict_of(suite)
    return Page(
        suite=suite,
        status=status,
        verdict=VERDICTS[status],
        headline=_headline(suite),
        counts=tuple((status, VERDICTS[status], count_of(suite, status)) for status in STATUSES),
        checks=sum(story.checks for story in suite.stories),
        nights=sum(story.nights for story in suite.stories),
        rules=rules,
        rules_proven=sum(bool(rule.stories) for rule in rules),
        stories=stories,
    )


def _headline(suite: SuiteResult) -> str:
    total = len(suite.stories)
    if not total:
        return "No stories were run"
    stories = "story" if total == 1 else "stories"
    told = [
        f"{count_of(suite, status):,} {VERDICTS[status].word}"
        for status in STATUSES
        if status != "passed" and count_of(suite, status)
    ]
    if not told:
        return "The story passed" if total == 1 else f"All {total:,} stories passed"
    return f"{', '.join(told)} of {total:,} {stories}"


def _story(number: int, story: StoryResult) -> StoryView:
    rows = _chosen_rows(story)
    findings = tuple(_finding(finding, story) for finding in story.findings)
    searched = [story.title, story.path, story.theme, story.about, *story.rules]
    searched += [finding.message for finding in story.findings]
    return StoryView(
        id=f"story-{number}",
        story=story,
        verdict=VERDICTS[story.status],
        open=story.status != "passed",
        period=period_in_words(story.starts, story.ends) if story.starts and story.ends else "",
        strip=strip_of(story.entries, width_max=STRIP_COLUMNS),
        drawing=draw(story.entries),
        rules=_in_words(story.rules),
        findings=findings,
        rows=tuple(_row(entry) for entry in rows),
        rows_left_out=len(story.entries) + story.dropped - len(rows),
        requests=sum(entry.kind == "request" for entry in rows),
        searched=" ".join(searched).lower(),
    )


def _chosen_rows(story: StoryResult) -> list[Entry]:
    """Choose the rows of a long journal: what happened before what was asked, the ends before the middle."""
    rows_max = ROWS_MAX_PASSED if story.status == "passed" else ROWS_MAX
    if len(story.entries) <= rows_max:
        return list(story.entries)
    happened = [entry for entry in story.entries if entry.kind != "request"]
    if len(happened) > rows_max:
        return [*happened[: rows_max // 2], *happened[-(rows_max // 2) :]]
    requests = [entry for entry in story.entries if entry.kind == "request"]
    return sorted([*happened, *requests[: rows_max - len(happened)]], key=lambda entry: entry.number)


def _row(entry: Entry) -> Row:
    return Row(
        entry=entry,
        when=moment_in_words(entry.at),
        lane=LANE_NAMES[entry.lane],
        sign=sign_of(entry),
        what=what_of(entry),
        facts=" · ".join(f"{name} {fact}" for name, fact in entry.facts.items()),
    )


def _finding(finding: Finding, story: StoryResult) -> FindingView:
    status = status_of(finding)
    return FindingView(
        finding=finding,
        status=status,
        verdict=VERDICTS[status],
        whose=WHOSE[finding.kind],
        place=place_of(finding, story),
        when=moment_in_words(finding.at) if finding.at else "",
        rules=_in_words(finding.rules),
        rows=tuple(_row(entry) for entry in finding.timeline),
    )


def _in_words(numbers: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((number, RULES.get(number, "There is no rule of this number.")) for number in numbers)


def _rules(stories: Sequence[StoryView]) -> list[RuleView]:
    return [
        RuleView(number, words, proving, _worst(proving))
        for number, words in RULES.items()
        for proving in (tuple(view for view in stories if number in view.story.rules),)
    ]


def _worst(stories: Sequence[StoryView]) -> Status | None:
    statuses = {view.story.status for view in stories}
    return next((status for status in STATUSES if status in statuses), None)
