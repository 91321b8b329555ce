"""How many HTTP requests a night of the sync takes: quiet and busy, in a small district and a large one, both ways.

Counted, not timed: the figures are the same on every machine, and each is one of a story that anybody can play.
Run it alone with ``python -m loadtests.bench_requests``.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from otus_sync.app import nightly
from scenarios.play import DEFAULT_SUT, Options, play_file
from scenarios.story import SUFFIX
from simulator.results import StoryResult
from simulator.sut import CallableSut

SIZES = (500, 10_000)
"""Students of a district."""
WAYS = {"full": "full pull", "events": "events"}
"""How the sync learns what changed in Clever: the value of ``SYNC_FOLLOW``, and in words."""
STUDENTS_PER_SECTION = 25
BUSY_PERCENT = 1
"""So many of a hundred students change section, as many change e-mail, as many are added to a class by hand."""
START = date(2026, 9, 9)
FIRST_EVENT_DAY, BUSY_DAY = 1, 5
"""Days of the story with edits; each is in Clever three days later (A2), and in Otus in the night after that."""
QUIET_NIGHT, BUSY_NIGHT = 6, 9


class Counts(NamedTuple):
    """Requests of one night."""

    clever: int
    otus: int

    def __str__(self) -> str:
        return f"{self.clever + self.otus} ({self.clever} + {self.otus})"


def main() -> None:
    """Print the table."""
    print("requests of one night, in all (Clever + Otus)\n")
    print(f"{'students':>10}  {'night':6}" + "".join(f"{words:>18}" for words in WAYS.values()))
    for students in SIZES:
        counts = {way: requests_per_night(students, way) for way in WAYS}
        for night in ("quiet", "busy"):
            print(f"{students:>10,}  {night:6}" + "".join(f"{counts[way][night]!s:>18}" for way in WAYS))
    each = f"{BUSY_PERCENT} % of the students"
    print(f"\nbusy: {each} change section, {each} change e-mail, {each} are added to a class by hand")


def requests_per_night(students: int, way: str) -> dict[str, Counts]:
    """Play the story and count.

    Args:
        students: of the district.
        way: how the sync learns what changed, a key of :data:`WAYS`.

    Returns:
        The requests of the quiet and of the busy night.

    Raises:
        SystemExit: the story did not pass, so its figures mean nothing.
    """
    with tempfile.TemporaryDirectory(prefix="rostersim-bench-") as folder:
        path = Path(folder) / f"requests{SUFFIX}"
        path.write_text("\n".join(story_of(students)) + "\n", encoding="utf-8")
        sut = CallableSut(lambda environ: nightly({**environ, "SYNC_FOLLOW": way}))
        result = play_file(path, path.name, Options(DEFAULT_SUT, second_run=False), sut)
    if result.status != "passed":
        raise SystemExit(f"the story of {students} students did not pass: {result.findings[0].message}")
    return {"quiet": requests_of(result, QUIET_NIGHT), "busy": requests_of(result, BUSY_NIGHT)}


def requests_of(result: StoryResult, night: int) -> Counts:
    """Count the requests of one night.

    Args:
        result: of the story.
        night: its number.
    """
    lanes = Counter(entry.lane for entry in result.entries if entry.kind == "request" and entry.night == night)
    return Counts(lanes["clever"], lanes["otus"])


def story_of(students: int) -> Iterator[str]:
    """Write a story of two weeks, with one edit at first, and one busy day.

    Args:
        students: of the district.
    """
    sections = students // STUDENTS_PER_SECTION
    restless = students * BUSY_PERCENT // 100
    yield f"title: The requests of a night with {students} students"
    yield "rules: [F4, F5, F8]"
    yield f"start: {START} 08:00"
    yield "settings: {clever: {events: yes}}"
    yield "district:"
    yield "  02M475:"
    yield "    sections:"
    for number in range(sections):
        here = ", ".join(f"Student {each}" for each in range(number, students, sections))
        yield f"      {_section(number)}: {{teacher: Teacher {number}, students: [{here}]}}"
    yield "story:"
    yield f"  - {_day(FIRST_EVENT_DAY)} 09:00: {{ats: change email, person: Teacher 0, email: t0@schools.example}}"
    yield from _at(BUSY_DAY, "09:00", restless, lambda n: f"{{ats: move, student: Student {n}, {_move(n, sections)}}}")
    yield from _at(
        BUSY_DAY, "10:00", restless, lambda n: f"{{ats: change email, person: Student {n}, email: r{n}@new.example}}"
    )
    yield from _at(
        BUSY_DAY + 3,
        "11:00",
        restless,
        lambda n: f"{{otus: add student, student: Student {n}, class: {_section((n + 2) % sections)}}}",
    )
    yield f"  - after night {BUSY_NIGHT}:"
    yield f"      expect: {{sync: {{ended: succeeded, writes: yes}}, Student 0: {{in: {_section(1)}}}}}"


def _at(day: int, hour: str, count: int, step: Callable[[int], str]) -> Iterator[str]:
    yield f"  - {_day(day)} {hour}:"
    for number in range(count):
        yield f"      - {step(number)}"


def _move(number: int, sections: int) -> str:
    at = number % sections
    return f"from: {_section(at)}, to: {_section((at + 1) % sections)}"


def _section(number: int) -> str:
    return f"Algebra 1-{number + 1:03}"


def _day(number: int) -> date:
    return START + timedelta(days=number)


if __name__ == "__main__":
    main()
