"""How long the console's server takes for a page, in a served world of the size of Clever's sandbox.

The district has one school of 4,000 students and a class of 35. Every page is timed as a browser would wait for it,
over HTTP, to the last byte, again and again: from what is known already, right after a change in ATS and in Otus, and
as the first page after a night that changed both Clever and Otus. Run it alone with ``make bench-console``.
"""

import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import urllib3

from loadtests.generate import Wish, generate

SANDBOX = Wish("sandbox", large_school=4_000)
CLASS_SIZE = 35
"""With the teacher."""
PAGE_MS_MAX = 100.0
ROUNDS = 9
"""Of which the median counts."""
NIGHT_ROUNDS = 3
NIGHT_CHANGES = 20
"""Of each of three kinds: e-mails in ATS, students who leave a section, students added by hand in Otus."""
START_SECONDS_MAX = 300.0
LOOK_SECONDS = 0.1
COLUMNS = ("from cache", "after ATS", "after Otus", "after a night")


class World(NamedTuple):
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

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Ask the control API."""
        return self.pool.request("GET", f"{self.url}/worlds/main{path}").json()

    def do(self, *steps: str) -> None:
        """Have steps done."""
        told = self._post("/steps", {"steps": f"[{', '.join(steps)}]"})
        if not all(step["accepted"] for step in told["items"]):
            raise SystemExit(f"{', '.join(steps)} was not done, so nothing after it has a speed: {told}")

    def advance(self, to: str) -> None:
        """Let time go on, and wait until it has."""
        self._post("/clock/advance", {"to": to})
        while (status := self.get("/clock"))["status"] == "advancing":
            time.sleep(LOOK_SECONDS)
        if status["status"] != "ready" or not status["last_run"].startswith("succeeded"):
            raise SystemExit(f"no night was good, so nothing after it has a speed: {status}")

    def _post(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.pool.request("POST", f"{self.url}/worlds/main{path}", json=body, headers=headers)
        if answer.status >= 300:
            raise SystemExit(f"{body} was not done, so nothing after it has a speed: {answer.data.decode()}")
        return answer.json()


class Sample(NamedTuple):
    """What is looked at, and what is changed."""

    dbn: str
    class_name: str
    students: list[str]
    """In the class."""
    others: list[str]
    """Other classes of the school, in which none of them is."""


def main(wish: Wish = SANDBOX) -> None:
    """Print the table.

    Args:
        wish: how large the district is.
    """
    with tempfile.TemporaryDirectory(prefix="rostersim-bench-") as folder:
        counts = generate(Path(folder) / "district", wish, otus="after").counts
        print(f"server time of a page of the console, median of {ROUNDS}, ms   (limit: {PAGE_MS_MAX:.0f} ms)")
        print(f"{counts.schools:,} schools, {counts.students:,} students, {counts.sections:,} sections\n")
        print(f"{'':34}" + "".join(f"{column:>15}" for column in COLUMNS))
        with served(Path(folder) / "district", Path(folder) / "state") as world:
            for row in rows_of(world):
                print(row, flush=True)


def rows_of(world: World) -> Iterator[str]:
    """Measure page by page; each change is another one."""
    sample = sample_of(world)
    pages = pages_of(sample)
    changes = changes_of(sample)
    cells: dict[str, list[float]] = {}
    for name, path in pages.items():
        world.page(path)
        cells[name] = [_median(partial(world.page, path))]
        cells[name] += [_median(partial(_after, world, change, path)) for change in changes]
    after = _after_nights(world, sample, pages)
    for name, row in cells.items():
        marked = [*row, after[name]]
        over = "   over the limit" if max(marked) > PAGE_MS_MAX else ""
        yield f"{name:34}" + "".join(f"{cell:>15.1f}" for cell in marked) + over
    seconds = world.page("/panel?tab=tonight&plan=1") / 1000
    yield f"\nthe plan itself, which the page fetches once it is shown: {seconds:.1f} s"


def sample_of(world: World) -> Sample:
    """Find the largest school, and the largest class in it that is no larger than wanted."""
    schools = world.get("/state")["schools"]
    dbn = max(schools, key=lambda school: school["people"])["dbn"]
    sizes = {row["what"]: int((row["ats"] or "0").split()[0]) for row in world.get(f"/schools/{dbn}")["classes"]}
    class_name = max(sizes, key=lambda name: (sizes[name] <= CLASS_SIZE, sizes[name]))
    members = world.get(f"/classes/{quote(class_name)}")["members"]
    students = [row["what"] for row in members if row["ats"] == "student"]
    theirs = {row["what"] for name in students for row in world.get(f"/people/{quote(name)}")["classes"]}
    others = [name for name, size in sizes.items() if size and name not in theirs]
    return Sample(dbn, class_name, students, others)


def pages_of(sample: Sample) -> dict[str, str]:
    """Give the address of every page, by what it shows."""
    student, klass = {"person": sample.students[0]}, {"class": sample.class_name}

    def address(page: str, **query: str) -> str:
        return f"{page}?{urlencode(query)}"

    return {
        "all schools": "",
        "the large school": address("", school=sample.dbn),
        "a class of 35": address("", **klass),
        "a student": address("", **student),
        "why a student is not in a class": address("", **student, **klass, tab="why"),
        "why, of all classes of a student": address("", **student, tab="why"),
        "the timeline of a student": address("/panel", **student, tab="timeline"),
        "the timeline of the world": address("/panel", tab="timeline"),
        "tonight, while it is planned": address("", **klass, tab="tonight"),
        "the wire": address("/panel", tab="wire"),
        "the recording": address("/panel", tab="record"),
        "names that hold a word": address("/names", like="algebra"),
    }


def changes_of(sample: Sample) -> tuple[Iterator[str], Iterator[str]]:
    """Give steps that change ATS, and steps that change Otus, as many as are wanted and no two alike."""
    student = sample.students[0]
    in_ats = (f"{{ats: change email, person: {student}, email: s{number}@new.example}}" for number in itertools.count())
    pairs = ((other, class_name) for class_name in sample.others for other in sample.students)
    in_otus = (f"{{otus: add student, student: {other}, class: {name}}}" for other, name in pairs)
    return in_ats, in_otus


def _after(world: World, changes: Iterator[str], path: str) -> float:
    world.do(next(changes))
    return world.page(path)


def _after_nights(world: World, sample: Sample, pages: Mapping[str, str]) -> dict[str, float]:
    """Time every page after nights that have changed Clever and Otus."""
    found: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(NIGHT_ROUNDS):
        world.do(*night_steps(sample, turn))
        world.advance("4d")
        for name, path in pages.items():
            found[name].append(world.page(path))
    return {name: statistics.median(times) for name, times in found.items()}


def night_steps(sample: Sample, turn: int) -> Iterator[str]:
    """Give what people do before a night: it reaches Clever 72 hours later, and what is done by hand is undone (F8)."""
    deed = "drop" if turn % 2 == 0 else "enroll"
    for number, student in enumerate(sample.students[1 : NIGHT_CHANGES + 1]):
        yield f"{{ats: change email, person: {student}, email: n{turn}.{number}@night.example}}"
        yield f"{{ats: {deed}, student: {student}, section: {sample.class_name}}}"
        yield f"{{otus: add student, student: {student}, class: {sample.others[-1 - turn]}}}"


def _median(measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(ROUNDS))


@contextmanager
def served(district: Path, state: Path) -> Iterator[World]:
    """Serve a district in a process of its own, until the block is left.

    Raises:
        SystemExit: it does not start.
    """
    words = [sys.executable, "-P", "-m", "rostersim", "serve", "--district", str(district), "--state", str(state)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own
        try:
            told = _told(process, state / "server.json")
            with urllib3.PoolManager() as pool:
                yield World(pool, told["url"], told["token"])
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


if __name__ == "__main__":
    main()
