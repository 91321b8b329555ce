"""What a result means and whose fault it is, in words: one definition for all reports."""

import msgspec

from simulator.results import Finding, FindingKind, Status, StoryResult, SuiteResult


class Verdict(msgspec.Struct, frozen=True):
    """How a status is told."""

    mark: str
    word: str
    whose: str
    """Whose fault it is, a sentence."""


VERDICTS: dict[Status, Verdict] = {
    "passed": Verdict("✓", "passed", "All that the story expects held."),
    "failed": Verdict("✗", "failed", "The sync under test did not do what the story expects."),
    "unusable": Verdict(
        "✎",
        "unusable",
        "The story file or an option is wrong; this says nothing about the sync. Mend the input.",
    ),
    "broken": Verdict(
        "⚙",
        "broken",
        "The harness itself failed; this says nothing about the sync. Please report it.",
    ),
}

STATUSES: tuple[Status, ...] = ("failed", "broken", "unusable", "passed")
"""In the order in which a person wants to see them."""

WHOSE: dict[FindingKind, str] = {
    "expectation": VERDICTS["failed"].whose,
    "refusal": "A system refused a step that the story takes: the story is wrong, or the system is.",
    "invariant": "What must hold after every night did not: the sync under test broke a rule.",
    "oracle": "Otus is not as it must be by the rules: the oracle, which knows all that happened, says why.",
    "sync": "The sync under test did not run to its end: it could not start, hung or crashed.",
    "input": VERDICTS["unusable"].whose,
    "harness": VERDICTS["broken"].whose,
}
"""Whose fault a finding is."""


def status_of(finding: Finding) -> Status:
    """Say which status a finding alone would give its story."""
    match finding.kind:
        case "input":
            return "unusable"
        case "harness":
            return "broken"
        case _:
            return "failed"


def place_of(finding: Finding, result: StoryResult) -> str:
    """Say where a finding stands: ``file:line:column``, as editors and terminals make it a link."""
    parts: list[str] = [finding.file or result.path]
    if finding.line is not None:
        parts.append(str(finding.line))
        if finding.column is not None:
            parts.append(str(finding.column))
    return ":".join(parts)


def count_of(suite: SuiteResult, status: Status) -> int:
    """Count the stories of one status."""
    return sum(story.status == status for story in suite.stories)


def verdict_of(suite: SuiteResult) -> Status:
    """Give the status of the worst story, in the order of the exit codes."""
    order: tuple[Status, ...] = ("passed", "failed", "unusable", "broken")
    return order[suite.exit_code]
