"""What a run of stories found: the types that the judge fills and the reports read."""

from typing import Literal

import msgspec

from simulator.journal import Entry

Status = Literal["passed", "failed", "unusable", "broken"]
"""``passed``: all held · ``failed``: the sync (or a system) did not do what was expected · ``unusable``: the story
file or an option is wrong (exit 2) · ``broken``: the harness itself failed (exit 3). A harness that fails is never
reported as a sync that fails, nor the reverse."""

FindingKind = Literal["expectation", "refusal", "invariant", "oracle", "sync", "input", "harness"]
"""What did not hold: an expectation of the story, a step that a system refused, an invariant after a night, what the
oracle says Otus must hold, the sync itself (it could not start, hung, crashed); or the input was wrong; or the
harness broke, or contradicts itself: a story that holds says otherwise than the oracle."""

EXIT_PASSED = 0
EXIT_FAILED = 1
EXIT_UNUSABLE = 2
EXIT_BROKEN = 3


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that did not hold, with all that a person needs to understand it."""

    kind: FindingKind
    message: str
    """One sentence: ``Mei Chen is in Algebra 1-01 (by hand)``."""
    file: str = ""
    line: int | None = None
    column: int | None = None
    expected: str = ""
    found: str = ""
    rules: tuple[str, ...] = ()
    """Numbers of the rules concerned: ``("F8",)``."""
    at: str | None = None
    """Simulated moment, UTC."""
    timeline: tuple[Entry, ...] = ()
    """The part of the journal that led there, across the three systems."""
    hint: str = ""
    """What to do, the nearest valid word."""
    why: str = ""
    """What the oracle says must be, and why: ``Mei Chen must not be in Algebra 1-01: added by hand ... (F8)``."""


class StoryResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one story."""

    path: str
    """As the user named it, relative to the working folder; names a built-in story when it starts with ``library/``."""
    title: str
    theme: str
    """The folder it lies in: ``co-teacher``, ``by-hand``."""
    rules: tuple[str, ...]
    status: Status
    seed: int
    findings: tuple[Finding, ...] = ()
    entries: tuple[Entry, ...] = ()
    """The whole journal."""
    dropped: int = 0
    """Entries that the journal could not hold."""
    nights: int = 0
    starts: str | None = None
    ends: str | None = None
    """Simulated moments, UTC, of the story's beginning and end."""
    about: str = ""
    """The story's own description."""
    checks: int = 0
    """How many expectations and invariants were judged."""
    seconds: float = msgspec.field(default=0.0)
    """Real time it took; never part of the journal."""
    reproduce: str = ""
    """One command that runs this story again in the same way."""


class SuiteResult(msgspec.Struct, frozen=True):
    """What became of a whole run."""

    stories: tuple[StoryResult, ...]
    seed: int
    sut: str
    """The sync under test, as the user named it."""
    seconds: float

    @property
    def exit_code(self) -> int:
        """The code of the worst story: broken, then unusable, then failed, then passed."""
        statuses = {story.status for story in self.stories}
        for status, code in (("broken", EXIT_BROKEN), ("unusable", EXIT_UNUSABLE), ("failed", EXIT_FAILED)):
            if status in statuses:
                return code
        return EXIT_PASSED
