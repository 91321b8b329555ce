"""How long the fake Otus takes for the bulk writes of a first night, and for the lists that a quiet one reads.

The requests go to the application in this process, over a file as a server opens it: no socket, no sync. Ids grow and
schools stand together as in a generated district; e-mails and SIS ids come in no order, as anywhere. Absolute figures
belong to one machine and hour: they are for telling whether a change of Otus helped.
"""

import cProfile
import pstats
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from fakes.otus import Otus, OtusTokens, Store, create_app
from fakes.otus.records import AccountWrite, BulkResult, ClassWrite, Roster
from simulator.gateway import call, request_environ

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PEOPLE, CLASSES = 57_000, 26_000
"""Of the preset ``sandbox``; New York has 1,080,000 and 250,000."""
STUDENTS_PER_SCHOOL, TEACHERS_PER_SCHOOL = 600, 50
MEMBERS_PER_CLASS = 28
ROWS_PER_REQUEST = 5_000
"""As the sync sends them by itself."""
PAGE_LIMIT = 10_000
TOKENS = OtusTokens(integration="sync", support="support")
NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
FIRST_NAMES = ("Mei", "Ben", "Aaliyah", "José", "Grace", "Tom", "Anastasia", "Li")
LAST_NAMES = ("Chen", "Okri", "Lovelace", "Hopper", "García", "Lee", "Papadopoulos")


class _Page(msgspec.Struct):
    next: int | None


@click.command()
@click.option("--people", default=PEOPLE, show_default=True, help="How many accounts.")
@click.option("--classes", default=CLASSES, show_default=True, help="How many classes.")
@click.option("--rows", default=ROWS_PER_REQUEST, show_default=True, help="How many rows a request has.")
@click.option("--profile", is_flag=True, help="Say where the time goes; the figures are larger then.")
def main(people: int, classes: int, rows: int, *, profile: bool) -> None:
    """Measure Otus's bulk writes and lists, and print microseconds a record."""
    profiler = cProfile.Profile() if profile else None
    with tempfile.TemporaryDirectory(prefix="rostersim-bench-") as folder:
        otus = Otus(lambda: NOON, Store(Path(folder) / "otus.db", served=True))
        bench = _Bench(create_app(otus, TOKENS), profiler)
        bench.write("an account, new", "accounts", account_bodies(people, rows), people)
        bench.write("a class, new", "classes", class_bodies(classes, people, rows), classes)
        bench.write("an account, unchanged", "accounts", account_bodies(people, rows, first_id=1), people)
        for name in ("accounts", "classes", "rosters", "digests/accounts", "digests/sections", "digests/classes"):
            bench.read(f"a line of /{name}", name, people if name.endswith("accounts") else classes)
        bench.read("a class for /digests/schools", "digests/schools", classes)
        otus.close()
    if profiler is not None:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


class _Bench:
    def __init__(self, application: "WSGIApplication", profiler: cProfile.Profile | None) -> None:
        self._application = application
        self._profiler = profiler

    def write(self, what: str, path: str, bodies: Iterator[bytes], count: int) -> None:
        """Post the bodies, and print how long a row took; making them is not counted."""
        self._tell(what, count, sum(self._seconds_of(self._posting(path, body)) for body in bodies))

    def read(self, what: str, path: str, count: int) -> None:
        """Read all pages of a list, and print how long a record took."""
        self._tell(what, count, self._seconds_of(lambda: self._read_all(path)))

    def _posting(self, path: str, body: bytes) -> Callable[[], None]:
        def post() -> None:
            results = msgspec.json.decode(self._ask("POST", path + "/bulk", body), type=BulkResult).results
            refused = [result for result in results if result.status == "refused"]
            if refused:
                raise SystemExit(f"a row was refused, so it has no speed: {refused[0].message}")

        return post

    def _read_all(self, path: str) -> None:
        after: int | None = 0
        while after is not None:
            asked = path if path == "digests/schools" else f"{path}?limit={PAGE_LIMIT}&after={after}"
            page = self._ask("GET", asked)
            after = None if path == "digests/schools" else msgspec.json.decode(page, type=_Page).next

    def _ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        headers = {"Authorization": f"Bearer {TOKENS.integration}", "Content-Type": "application/json"}
        answer = call(self._application, request_environ(method, f"/api/v1/{path}", headers, body))
        if not answer.status.startswith("200"):
            raise SystemExit(f"{path} was answered with {answer.status}, so it has no speed")
        return answer.body

    def _seconds_of(self, doing: Callable[[], None]) -> float:
        began = time.process_time()
        if self._profiler is None:
            doing()
        else:
            self._profiler.runcall(doing)
        return time.process_time() - began

    @staticmethod
    def _tell(what: str, count: int, seconds: float) -> None:
        click.echo(f"{what:30} {seconds / count * 1e6:6.1f} µs   ({count:,} in {seconds:.2f} s)")


def account_bodies(people: int, rows: int, first_id: int | None = None) -> Iterator[bytes]:
    """Make the requests that write people's accounts.

    Args:
        people: how many.
        rows: how many a request has.
        first_id: of the first account, when they are there already.
    """
    for first in range(0, people, rows):
        some = [a_person(number, first_id) for number in range(first, min(first + rows, people))]
        yield msgspec.json.encode({"rows": some})


def a_person(number: int, first_id: int | None) -> AccountWrite:
    """Make a student or, less often, a teacher."""
    drawn = random.Random(f"person {number}")  # noqa: S311 - seeded
    first, last = drawn.choice(FIRST_NAMES), drawn.choice(LAST_NAMES)
    per_school = STUDENTS_PER_SCHOOL + TEACHERS_PER_SCHOOL
    return AccountWrite(
        clever_id=f"68b9632002442e4f5d{number:06x}",
        id=None if first_id is None else first_id + number,
        role="teacher" if number % per_school < TEACHERS_PER_SCHOOL else "student",
        email=f"{drawn.randrange(10**6):06}.{first.lower()}.{number}@schools.example",
        first_name=first,
        last_name=last,
        sis_id=str(drawn.randrange(10**8, 10**9)),
        schools=(a_school(number // per_school),),
    )


def class_bodies(classes: int, people: int, rows: int) -> Iterator[bytes]:
    """Make the requests that write classes with their rosters, whose members have been written before."""
    per_school = STUDENTS_PER_SCHOOL + TEACHERS_PER_SCHOOL
    schools = max(people // per_school, 1)
    for first in range(0, classes, rows):
        some = range(first, min(first + rows, classes))
        places = [number * schools // classes for number in some]
        rosters = (a_roster(number, place * per_school) for number, place in zip(some, places, strict=True))
        made: Sequence[ClassWrite] = [
            ClassWrite(f"68b9632002442e4f5e{number:06x}", name=f"Algebra {number % 90}-01", school=dbn, roster=roster)
            for number, dbn, roster in zip(some, map(a_school, places), rosters, strict=True)
        ]
        yield msgspec.json.encode({"rows": made})


def a_roster(number: int, before: int) -> Roster:
    """Draw who is in a class, of a school whose people have the ids after a number."""
    drawn = random.Random(f"roster {number}")  # noqa: S311 - seeded
    students = drawn.sample(range(before + TEACHERS_PER_SCHOOL + 1, before + 600), MEMBERS_PER_CLASS - 1)
    return Roster(teacher=before + drawn.randrange(TEACHERS_PER_SCHOOL) + 1, students=tuple(sorted(students)))


def a_school(number: int) -> str:
    """Name a school by a number of its own."""
    return f"{number % 32 + 1:02}M{number:04}"


if __name__ == "__main__":
    main()
