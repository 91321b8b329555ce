"""How long the console's server takes for a page: a class of 35, a school of 4,000, the timeline.

Each is timed as a browser would wait for it, over HTTP, to the last byte, again and again: from what is known already,
and right after a change in ATS and in Otus. Run it alone with ``python -m loadtests.bench_console``.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import urllib3

from scenarios.story import SUFFIX

STUDENTS = 4000
CLASSES_PER_STUDENT = 6
CLASS_SIZE = 35
"""With the teacher."""
PAGE_MS_AIM = 100.0
ROUNDS = 9
"""Of which the median counts."""
START_SECONDS_MAX = 120.0
LOOK_SECONDS = 0.1
PAGES = {
    "a class of 35": f"?class={quote('Algebra 1-001')}",
    "a school of 4,000": "?school=02M475",
    "the timeline of a student": f"/panel?tab=timeline&person={quote('Student 0')}",
    "the timeline of the world": "/panel?tab=timeline",
}
CHANGES = {
    "ATS": "{{ats: change email, person: Mei Chen, email: mei.{}@new.example}}",
    "Otus": "{{otus: add student, student: Mei Chen, class: 'Algebra 1-{:03}'}}",
}


class Served(NamedTuple):
    """A world that is served."""

    pool: urllib3.PoolManager
    url: str
    token: str

    def page(self, path: str) -> float:
        """Read a page of the console; give the milliseconds until its last byte."""
        began = time.perf_counter()
        answer = self.pool.request("GET", f"{self.url}/console/main{path}")
        milliseconds = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise SystemExit(f"the console answered {answer.status} to {path}, so it has no speed")
        return milliseconds

    def do(self, step: str) -> None:
        """Have a step done."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.pool.request("POST", f"{self.url}/worlds/main/steps", json={"steps": step}, headers=headers)
        if answer.status != 200 or not answer.json()["items"][0]["accepted"]:
            raise SystemExit(f"{step} was not done, so nothing after it has a speed: {answer.data.decode()}")


def main(students: int = STUDENTS) -> None:
    """Print the table.

    Args:
        students: of the one school.
    """
    print(f"server time of a page of the console, median of {ROUNDS}, ms   (aim: <= {PAGE_MS_AIM:.0f} ms)\n")
    print(f"{'':28}{'from cache':>12}" + "".join(f"{f'after {system}':>14}" for system in CHANGES))
    with tempfile.TemporaryDirectory(prefix="rostersim-bench-") as folder:
        path = Path(folder) / f"school{SUFFIX}"
        path.write_text("\n".join(story_of(students)) + "\n", encoding="utf-8")
        with served(path, Path(folder) / "state") as world:
            for row in rows_of(world):
                print(row)


def rows_of(world: Served) -> Iterator[str]:
    """Measure page by page; each change is another one."""
    for name, path in PAGES.items():
        world.page(path)
        cells = [_median(partial(world.page, path))]
        cells += [_median(partial(_after, world, change, path)) for change in CHANGES.values()]
        yield f"{name:28}{cells[0]:>12.1f}" + "".join(f"{cell:>14.1f}" for cell in cells[1:])


_changes = iter(range(1, 1_000_000))


def _after(world: Served, change: str, path: str) -> float:
    world.do(change.format(next(_changes)))
    return world.page(path)


def _median(measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(ROUNDS))


@contextmanager
def served(story: Path, state: Path) -> Iterator[Served]:
    """Serve a world in a process of its own, until the block is left.

    Raises:
        SystemExit: it does not start.
    """
    words = [sys.executable, "-P", "-m", "rostersim", "serve", "--world", str(story), "--state", str(state)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own
        try:
            told = _told(process, state / "server.json")
            with urllib3.PoolManager() as pool:
                yield Served(pool, told["url"], told["token"])
        finally:
            process.terminate()


def _told(process: "subprocess.Popen[bytes]", file: Path) -> dict[str, str]:
    """Wait until the server has written where it is."""
    for _ in range(int(START_SECONDS_MAX / LOOK_SECONDS)):
        if file.exists():
            told: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
            return told
        if process.poll() is not None:
            break
        time.sleep(LOOK_SECONDS)
    raise SystemExit(f"the world is not served: `rostersim serve` ended with {process.poll()}")


def story_of(students: int) -> Iterator[str]:
    """Write a district of one school, every student in six classes, every class of 35.

    Args:
        students: of the school.
    """
    in_class = CLASS_SIZE - 1
    yield "title: A school at size"
    yield "rules: [F12]"
    yield "start: 2026-09-14 08:00"
    yield "district:"
    yield "  02M475:"
    yield "    students: [Mei Chen]"
    yield "    sections:"
    for number in range(-(-students * CLASSES_PER_STUDENT // in_class)):
        here = ", ".join(f"Student {(number * in_class + seat) % students}" for seat in range(in_class))
        yield f"      Algebra 1-{number + 1:03}: {{teacher: Teacher {number + 1}, students: [{here}]}}"


if __name__ == "__main__":
    main()
