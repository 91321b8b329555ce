"""How a night grows with the district."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from loadtests import bench_scale
from loadtests.bench_scale import BEGIN, END, RESULT, Scale, main
from loadtests.load.measure import LoadOptions, Night
from loadtests.load.result import Measured, Verdict
from loadtests.scale import Point, WrongRun, chart_of, growth_per_doubling, point_of, table_of
from simulator.sut import UnusableSutError
from tests.loadtests.load.builders import night, run


def point(students: int, seconds: float, name: str = "first") -> Point:
    return Point(name, students, seconds, 8.0, 50.0, 200.0, 40, 7 * students)


def test_a_point_has_what_was_measured() -> None:
    found = point_of("first", night())
    assert (found.students, found.seconds, found.requests, found.enrollments_compared) == (900, 4.0, 5, 6300)
    assert (found.sync_mb, found.all_mb, found.ratio_to_raw_pull) == (50.0, 200.0, 8.0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"verdict": Verdict(1, ("Mei Chen is in no class",), {}, planted_ok=True)}, "Mei Chen is in no class"),
        ({"verdict": Verdict(0, (), {}, planted_ok=False)}, "made by hand was touched"),
        ({"runs": (run(exit_code=1),)}, "it says so"),
    ],
)
def test_a_night_that_is_wrong_has_no_speed(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(WrongRun, match=says):
        point_of("quiet", night(**changes))


def test_growth_is_told_per_doubling_however_far_the_sizes_are_apart() -> None:
    assert growth_per_doubling(point(1000, 3.0), point(2000, 6.6)) == pytest.approx(2.2)
    assert growth_per_doubling(point(1000, 3.0), point(8000, 24.0)) == pytest.approx(2.0)


@pytest.mark.parametrize(("seconds", "says"), [(40.0, "2.00x per doubling, within 2.2x"), (60.0, "NOT within 2.2x")])
def test_the_table_says_whether_the_growth_is_within_its_limit(seconds: float, says: str) -> None:
    table = table_of([point(40_000, seconds), point(10_000, 10.0), point(10_000, 5.0, "quiet")])
    assert says in table
    rows = [line for line in table.splitlines() if line.startswith(("| first", "| quiet"))]
    assert rows[0] == "| first | 10,000 | 8.0x | 10.0 s |  | 50 MiB | 200 MiB | 40 | 0 of 70,000 |"
    assert len(rows) == 3


def test_the_chart_has_time_memory_and_requests() -> None:
    svg = chart_of([point(10_000, 10.0), point(20_000, 19.0)])
    assert all(title in svg for title in ("seconds", "MiB at most", "requests"))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, LoadOptions]]:
    """Stand in for the measurement, which the load test's own tests do for real; take down what was asked for."""
    asked: list[tuple[int, LoadOptions]] = []
    sizes: list[int] = []

    def generate(folder: Path, wish: Any) -> None:
        folder.mkdir()
        sizes.append(wish.students)

    def measure(options: LoadOptions, _tell: object) -> Night:
        if "none" in options.sut:
            raise UnusableSutError("there is no such program")
        asked.append((sizes[-1], options))
        verdict = Verdict(int("wrong" in options.sut), ("somebody is missing",), {}, planted_ok=True)
        found: Measured = night(counts={"students": sizes[-1]}, verdict=verdict, runs=(run(seconds=sizes[-1] / 1000),))
        return Night(found, {})

    monkeypatch.setattr(bench_scale, "generate", generate)
    monkeypatch.setattr(bench_scale, "measure", measure)
    return asked


def test_each_size_has_a_first_and_a_quiet_night_and_the_document_the_table(
    measured: list[tuple[int, LoadOptions]], tmp_path: Path
) -> None:
    document, report = tmp_path / "benchmarks.md", tmp_path / "report"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    done = CliRunner().invoke(main, ["20000", "10000", "--report", str(report), "--document", str(document)])
    assert done.exit_code == 0, done.output
    assert [(size, options.night) for size, options in measured] == [
        *((10_000, None), (10_000, "quiet")),
        *((20_000, None), (20_000, "quiet")),
    ]
    # The quiet night of the same district, with what the sync remembers of the first.
    assert measured[0][1]._replace(night="quiet") == measured[1][1]
    text = document.read_text()
    assert "old" not in text
    assert "2.00x per doubling" in text
    assert (tmp_path / "benchmarks" / "scale.svg").exists()
    assert sorted(path.name for path in report.iterdir()) == ["scale.json", "scale.svg"]


@pytest.mark.parametrize(
    ("sut", "code", "says"), [("wrong", 1, "somebody is missing"), ("none", 2, "there is no such program")]
)
@pytest.mark.usefixtures("measured")
def test_what_is_wrong_ends_it_without_a_speed(sut: str, code: int, says: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["10000", "--sut", sut, "--report", str(tmp_path / "report")])
    assert (done.exit_code, says in done.output) == (code, True), done.output
    assert "per doubling" not in done.output
    assert list((tmp_path / "report").iterdir()) == []


def test_a_size_that_is_measured_by_itself_joins_those_that_the_report_has(
    measured: list[tuple[int, LoadOptions]], tmp_path: Path
) -> None:
    report = str(tmp_path / "report")
    assert CliRunner().invoke(main, ["10000", "20000", "--report", report]).exit_code == 0
    done = CliRunner().invoke(main, ["40000", "20000", "--join", "--report", report])
    assert done.exit_code == 0, done.output
    assert [size for size, options in measured if not options.night] == [10_000, 20_000, 20_000, 40_000]
    rows = [line for line in done.stdout.splitlines() if line.startswith("| first")]
    assert [row.split(" | ")[1] for row in rows] == ["10,000", "20,000", "40,000"]
    alone = CliRunner().invoke(main, ["40000", "--report", report])
    assert "10,000" not in alone.stdout


@pytest.mark.usefixtures("measured")
def test_a_run_that_goes_wrong_keeps_the_sizes_that_were_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report"
    right = bench_scale.measure_size

    def stopped(students: int, sut: str, workspace: Path) -> list[Point]:
        if students > 10_000:
            raise KeyboardInterrupt
        return right(students, sut, workspace)

    monkeypatch.setattr(bench_scale, "measure_size", stopped)
    done = CliRunner().invoke(main, ["10000", "20000", "--report", str(report)])
    assert done.exit_code == 130
    kept = msgspec.json.decode((report / RESULT).read_bytes(), type=Scale)
    assert {point.students for point in kept.points} == {10_000}
    assert [path.name for path in report.iterdir()] == [RESULT]


@pytest.mark.parametrize(
    ("before", "says"),
    [
        (msgspec.json.encode(Scale("an abacus")), "was measured on an abacus"),
        (b"{", "cannot be joined with"),
    ],
)
def test_what_cannot_be_joined_is_refused_before_anything_is_measured(
    measured: list[tuple[int, LoadOptions]], tmp_path: Path, before: bytes, says: str
) -> None:
    (tmp_path / RESULT).write_bytes(before)
    done = CliRunner().invoke(main, ["10000", "--join", "--report", str(tmp_path)])
    assert (done.exit_code, measured) == (2, [])
    assert says in done.output
    assert (tmp_path / RESULT).read_bytes() == before
