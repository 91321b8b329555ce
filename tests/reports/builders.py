"""Small results for the tests: stories told in the FAQ's words, entry by entry."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from fakes.shared.moments import wire_time
from reports.times import NEW_YORK
from simulator.journal import Entry, Kind, Lane
from simulator.results import Finding, Status, StoryResult, SuiteResult

SECTION = "Algebra 1-01"
MEI = "Mei Chen"


def at(day: int, hour: int = 10, minute: int = 0, month: int = 9) -> str:
    """A New York moment of 2026, as entries have it."""
    return wire_time(datetime(2026, month, day, hour, minute, tzinfo=NEW_YORK))


def later(moment: str, **span: float) -> str:
    """A moment some time after another."""
    return wire_time(datetime.fromisoformat(moment).astimezone(UTC) + timedelta(**span))


class Told:
    """A journal in the making: say what happens, in order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, moment: str, lane: Lane, kind: Kind, who: str, what: str, **more: Any) -> "Told":
        self.entries.append(
            Entry(number=len(self.entries) + 1, at=moment, lane=lane, kind=kind, who=who, what=what, **more)
        )
        return self

    def in_ats(self, moment: str, what: str, *about: str, due: str | None = None) -> "Told":
        return self.add(moment, "ats", "edit", "DIIT office", what, about=about, due=due)

    def refused_by_ats(self, moment: str, what: str, *about: str) -> "Told":
        return self.add(moment, "ats", "refusal", "DIIT office", what, about=about, facts={"status": "422"})

    def in_clever(self, moment: str, what: str, *about: str, since: str) -> "Told":
        return self.add(moment, "clever", "delivery", "district feed", what, about=about, since=since)

    def by_hand(self, moment: str, what: str, *about: str, who: str = "Rosa Diaz") -> "Told":
        return self.add(moment, "otus", "edit", who, what, about=about)

    def breaks(self, moment: str, what: str) -> "Told":
        return self.add(moment, "clever", "fault", "Clever", what)

    def night(
        self, number: int, moment: str, *writes: str, good: bool = True, held: bool = False, reads: int = 3
    ) -> "Told":
        """A whole run: its beginning, its requests and its end some seconds later."""
        self.add(moment, "sync", "night", "sync", "begins", night=number)
        for page in range(reads):
            self.request(later(moment, seconds=page + 1), "clever", f"GET /v3.0/sections?page={page}", number)
        for count, write in enumerate(writes):
            self.request(later(moment, seconds=10 + count), "otus", f"PUT {write}", number)
        self.request(later(moment, seconds=29), "otus", "PATCH /api/v1/sync-runs/1", number)
        outcome = "succeeded" if good else "held" if held else "failed"
        facts = {"outcome": outcome, "requests": str(reads + len(writes) + 1), "writes": str(len(writes))}
        end = later(moment, seconds=30)
        return self.add(end, "sync", "night", "sync", f"ends: {outcome}", night=number, good=good, facts=facts)

    def request(self, moment: str, lane: Lane, line: str, night: int, status: int = 200) -> "Told":
        facts = {"status": str(status), "bytes": "512"}
        return self.add(moment, lane, "request", "sync", line, night=night, good=status < 400, facts=facts)

    def check(self, moment: str, what: str, *about: str, good: bool = True, line: int = 30) -> "Told":
        return self.add(moment, "judge", "expectation", "story", what, about=about, good=good, line=line)

    def invariant(self, moment: str, what: str, *, good: bool = True) -> "Told":
        return self.add(moment, "judge", "invariant", "judge", what, good=good)


def story(told: Told | None = None, *, status: Status = "passed", **changes: Any) -> StoryResult:
    """A result; what a test does not name is ordinary."""
    entries = tuple(told.entries) if told else ()
    ordinary = StoryResult(
        path="library/by-hand/student-wiped.scenario.yaml",
        title="A student added by hand is gone after the night",
        theme="by-hand",
        rules=("F8",),
        status=status,
        seed=42,
        entries=entries,
        nights=sum(entry.kind == "night" and entry.good is not None for entry in entries),
        starts=entries[0].at if entries else None,
        ends=entries[-1].at if entries else None,
        about="Rosa adds Mei by hand; the sync removes her, as Clever does not have her in the class.",
        checks=sum(entry.kind in ("expectation", "invariant") for entry in entries),
        seconds=0.25,
        reproduce="rostersim run library/by-hand/student-wiped.scenario.yaml --seed 42",
    )
    return msgspec.structs.replace(ordinary, **changes)


def finding(told: Told | None = None, **changes: Any) -> Finding:
    """An expectation that did not hold."""
    ordinary = Finding(
        kind="expectation",
        message="Mei Chen is not in Algebra 1-01",
        file="library/by-hand/student-wiped.scenario.yaml",
        line=31,
        column=7,
        expected="Mei Chen is not in Algebra 1-01",
        found="Mei Chen is in Algebra 1-01, added by hand by Rosa Diaz on Mon 14 Sep",
        rules=("F8",),
        at=at(15, 6),
        timeline=tuple(entry for entry in told.entries if entry.kind != "request") if told else (),
        hint="did you mean: is in",
    )
    return msgspec.structs.replace(ordinary, **changes)


def suite(*stories: StoryResult, seconds: float = 1.5) -> SuiteResult:
    return SuiteResult(stories=stories, seed=42, sut="otus_sync.nightly:run", seconds=seconds)


def wiped() -> Told:
    """F8: added by hand on Monday, gone after the night."""
    return (
        Told()
        .by_hand(at(14), f"adds {MEI} to {SECTION} by hand", MEI, SECTION)
        .check(at(14, 12), f"{MEI} is in {SECTION} (by hand)", MEI, SECTION)
        .night(1, at(15, 1), f"/classes/{SECTION}/roster")
        .invariant(at(15, 1, 1), "a second run changes nothing")
        .check(at(15, 6), f"{MEI} is not in {SECTION}", MEI, SECTION)
    )


def worked_timing() -> Told:
    """Added in ATS Mon 14 Sep 10:00, in Clever Thu 17 Sep 10:00, in Otus Fri 18 Sep 01:00."""
    added = f"adds {MEI} to {SECTION}"
    told = Told().in_ats(at(14), added, MEI, SECTION, due=at(17))
    for number, day in enumerate((15, 16, 17), start=1):
        told.night(number, at(day, 1)).check(at(day, 6), f"{MEI} is not in {SECTION}", MEI, SECTION)
    told.in_clever(at(17), added, MEI, SECTION, since=at(14))
    told.check(at(17, 12), f"Clever has {MEI} in {SECTION}", MEI, SECTION)
    told.night(4, at(18, 1), f"/classes/{SECTION}/roster")
    return told.check(at(18, 6), f"{MEI} is in {SECTION} (rostered)", MEI, SECTION)


def many_nights(count: int) -> Told:
    """An overflow co-teacher: refused by ATS, added by hand, and there after every night."""
    told = (
        Told()
        .refused_by_ats(at(14), f"adds Ana Ruiz to {SECTION} as a third co-teacher", "Ana Ruiz", SECTION)
        .by_hand(at(14, 11), f"adds Ana Ruiz to {SECTION} as co-teacher by hand", "Ana Ruiz", SECTION)
    )
    for number in range(1, count + 1):
        moment = later(at(15, 1), days=number - 1)
        told.night(number, moment)
        told.check(later(moment, hours=5), f"Ana Ruiz is a co-teacher of {SECTION}", "Ana Ruiz", SECTION)
    return told
