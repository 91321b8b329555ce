"""The benchmarks of the harness: a story, a term, the suite on more cores, Clever's pages, a night.

Absolute figures belong to one machine and hour; ratios within one run carry over.
"""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from loadtests import bench_clever, bench_requests
from scenarios.play import DEFAULT_SUT, Options, play_file
from scenarios.shelf import find_stories
from scenarios.story import SUFFIX
from scenarios.suite import Follower, play_suite
from simulator.gateway import Server
from simulator.results import StoryResult
from simulator.sut import read_spec

TERM_NIGHTS = 180
SECTIONS = 20
STUDENTS_PER_SECTION = 25
STORY_SECONDS_AIM = 0.5
TERM_SECONDS_AIM = 20.0
WIRE_REQUESTS = 2000


def main() -> None:
    """Run all benchmarks and print a table."""
    print(
        f"rostersim benchmarks · Python {platform.python_version()} · {os.cpu_count()} cores · {platform.machine()}\n"
    )
    bench_stories()
    bench_term()
    bench_cores()
    bench_clever.main()
    print()
    bench_requests.main()


def bench_stories() -> None:
    """Time every built-in story in this process, one after the other."""
    sut = read_spec(DEFAULT_SUT)
    options = Options(DEFAULT_SUT)
    books = find_stories([])
    play_file(books[0].path, books[0].label, options, sut)  # the first pays for compiling routes and imports
    seconds = [play_file(book.path, book.label, options, sut).seconds for book in books]
    median = statistics.median(seconds)
    print(f"a story          median {median:.2f} s, slowest {max(seconds):.2f} s, {len(seconds)} stories", end="")
    print(f"   (aim: median <= {STORY_SECONDS_AIM} s)")


def bench_term() -> None:
    """Time a term of 180 nights of a school of 500 students, with and without the second run after each night."""
    with tempfile.TemporaryDirectory(prefix="rostersim-bench-") as folder:
        path = Path(folder) / f"term{SUFFIX}"
        path.write_text("\n".join(term_story()) + "\n", encoding="utf-8")
        wire = bare_requests_per_second()
        for second_run in (True, False):
            options = Options(DEFAULT_SUT, second_run=second_run)
            result = play_file(path, path.name, options, read_spec(DEFAULT_SUT))
            report_term(result, wire, second_run=second_run)


def report_term(result: StoryResult, wire: float, *, second_run: bool) -> None:
    """Print one line on a played term."""
    if result.status != "passed":
        raise SystemExit(f"the term did not pass, so it has no speed: {result.findings[0].message}")
    requests = sum(entry.kind == "request" for entry in result.entries)
    rate = requests / result.seconds
    words = "with a second run each night" if second_run else "without second runs"
    print(
        f"a term           {result.seconds:.1f} s: {result.nights} nights, "
        f"{SECTIONS * STUDENTS_PER_SECTION} students, {requests} requests of the nights, {words}"
        f"   (aim: <= {TERM_SECONDS_AIM:.0f} s)"
    )
    print(f"                 {rate:.0f} requests/s, {rate / wire:.2f} of the bare server's {wire:.0f}/s")


def bench_cores() -> None:
    """Time the library on one worker and on all cores."""
    books = find_stories([])
    seconds = {}
    for cores in (1, os.cpu_count() or 1):
        began = time.perf_counter()
        suite = play_suite(books, Options(DEFAULT_SUT), cores, Follower())
        seconds[cores] = time.perf_counter() - began
        print(f"the library      {seconds[cores]:.1f} s on {cores} core{'s' if cores > 1 else ''}, ", end="")
        print(f"{len(suite.stories)} stories, exit code {suite.exit_code}")
    most = max(seconds)
    print(f"                 {seconds[1] / seconds[most]:.2f} times as fast on {most} cores as on 1")


def bare_requests_per_second() -> float:
    """Measure the same HTTP server with a constant answer and the sync's own kind of client: the baseline."""
    import urllib3  # noqa: PLC0415 - only the baseline needs a client

    def constant(_environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "2")])  # type: ignore[operator]  # WSGI's own shape
        return [b"ok"]

    server = Server(constant, "baseline")
    pool = urllib3.PoolManager()
    pool.request("GET", server.url)
    began = time.perf_counter()
    for _ in range(WIRE_REQUESTS):
        pool.request("GET", server.url)
    seconds = time.perf_counter() - began
    pool.clear()
    server.stop()
    return WIRE_REQUESTS / seconds


def term_story() -> Iterator[str]:
    """Write a story of a school of 500 students, with edits in ATS and Otus every few days."""
    start = date(2026, 9, 9)
    yield "title: A term of a school of 500 students"
    yield "rules: [F5, F8, F9, A2]"
    yield f"start: {start} 08:00"
    yield "district:"
    yield "  02M475:"
    yield "    students: [Mei Chen, Ben Okri]"
    yield "    teachers: [Pat Lee]"
    yield "    sections:"
    for number in range(1, SECTIONS + 1):
        yield f"      Algebra 1-{number:02}: {{teacher: Teacher {number}, students: [{STUDENTS_PER_SECTION} others]}}"
    yield "story:"
    for week in range(25):
        day = start + timedelta(days=7 * week)
        section = f"Algebra 1-{week % SECTIONS + 1:02}"
        verb = "enroll" if (week // SECTIONS) % 2 == 0 else "drop"
        yield f"  - {day} 09:00: {{ats: {verb}, student: Mei Chen, section: {section}}}"
        yield f"  - {day} 10:00: {{otus: add student, student: Ben Okri, class: {section}}}"
        yield f"  - {day} 11:00: {{ats: change email, person: Ben Okri, email: ben.{week}@students.example}}"
    yield f"  - after night {TERM_NIGHTS}:"
    yield "      expect: {sync: {ended: succeeded}, Ben Okri: {not in: Algebra 1-01}}"


if __name__ == "__main__":
    main()
