"""From samples to a time, a band and a page."""

import io
import subprocess
import sys
from functools import cache
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console

from loadtests.forecast.forecast import Asking, Forecast, Planned, choices, clock, reckon, sample_wishes, validation_of
from loadtests.forecast.model import Step, course_of, fit
from loadtests.forecast.report import growth_words, print_summary, render, validation_words, write_report
from loadtests.forecast.watch import WHO
from loadtests.generate.size import PRESETS, Wish, size_of
from rostersim.cli import cli
from tests.loadtests.forecast.builders import sample

SAMPLES = [sample(students, noise) for students in (500, 1000, 2000) for noise in (0.9, 1.0, 1.15)]


@cache
def reckoned() -> Forecast:
    return anew()


def anew(students: int = 10_000) -> Forecast:
    return reckon(Asking(Wish("nyc")), msgspec.structs.replace(PRESETS["nyc"], students=students), SAMPLES)


def test_a_forecast_is_the_line_through_the_medians_and_its_band_the_spread_of_the_samples() -> None:
    found = reckoned()
    assert found.seconds == pytest.approx(0.7 + 30)
    assert found.requests == 100 + 200
    # All samples fast and all slow are among the choices, and so are small ones slow and large ones fast.
    assert found.low_seconds < 0.7 + 29
    assert found.high_seconds > 0.7 + 31.5 - 0.01
    assert anew() == found


def test_the_band_holds_every_sample_size_but_the_smallest_may_be_left_out() -> None:
    found = list(choices(SAMPLES))
    assert len(found) == 27 + 9
    assert {len(chosen) for chosen in found} == {3, 2}


def test_the_band_reaches_as_far_as_the_night_would_grow() -> None:
    # Samples whose students cost ever more: the writing of each takes 2, 3 and 4 ms.
    bent = [sample(students, noise) for students, noise in ((500, 2.0), (1000, 3.0), (2000, 4.0))]
    found = reckon(Asking(Wish("nyc")), msgspec.structs.replace(PRESETS["nyc"], students=10_000), bent)
    assert found.growth is not None
    assert found.high_seconds == pytest.approx(found.growth.at(10_000), rel=0.01)
    assert found.seconds < found.high_seconds
    assert growth_words(found.growth) in render(found, "")


def test_the_band_reaches_down_to_where_every_student_adds_the_same() -> None:
    alike = [sample(students) for students in (500, 1000, 2000)]
    found = reckon(Asking(Wish("nyc")), msgspec.structs.replace(PRESETS["nyc"], students=10_000), alike)
    straight = course_of(fit(alike, "straight"), 10_000)
    assert found.low_seconds == pytest.approx(straight.seconds, abs=1e-3)
    assert found.low_seconds < found.seconds == pytest.approx(found.high_seconds)


def test_a_time_is_said_as_people_say_it() -> None:
    found = reckoned()
    assert found.finishes == "01:00:31 (01:00:25-01:00:32)"
    assert found.is_before("06:00")
    assert not found.is_before("01:00")
    late = msgspec.structs.replace(found, seconds=5000.0, low_seconds=4800.0, high_seconds=90_000.0)
    assert late.finishes == "02:23 (02:20-02:00 +1 d)"
    assert clock(61, with_seconds=True) == "01:01:01"


@pytest.mark.parametrize(("measured", "says"), [(29.0, "+5.9 %, within"), (25.0, "+22.8 %, NOT within")])
def test_a_validation_says_how_far_off_it_was_also_if_it_was_far(measured: float, says: str) -> None:
    found = reckoned()
    whole = msgspec.structs.replace(sample(10_000), seconds=measured)
    judged = msgspec.structs.replace(found, validation=validation_of(found, [whole]))
    assert says in render(judged, "")


def test_a_night_is_set_against_the_cores_that_others_left_to_it() -> None:
    whole = msgspec.structs.replace(sample(10_000), seconds=61.0, others=dict.fromkeys(WHO, (3.0,) * 61))
    judged = validation_of(reckoned(), [whole])
    # Three others and the night on two cores: half of the speed.
    assert judged.forecast_seconds == pytest.approx(2 * reckoned().seconds)
    assert judged.held
    assert "while 3.0 others wanted a core" in validation_words(judged)


def test_of_a_night_measured_several_times_the_median_error_counts_and_all_are_said() -> None:
    wholes = [msgspec.structs.replace(sample(10_000), seconds=seconds) for seconds in (25.0, 32.0, 30.0)]
    judged = validation_of(reckoned(), wholes)
    assert judged.measured_seconds == 30.0
    assert judged.held
    assert "+2.3 % (the median of -4.1, +2.3, +22.8), within" in validation_words(judged)


def test_the_page_is_whole_and_asks_no_network(tmp_path: Path) -> None:
    page = write_report(reckoned(), tmp_path / "report")
    text = page.read_text()
    assert "Finishes at 01:00:31" in text
    assert "GET /v3.1/users" in text
    assert text.count("<svg") == 1
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert sorted(path.name for path in page.parent.iterdir()) == ["forecast.json", "forecast.svg", "index.html"]
    read = msgspec.json.decode((page.parent / "forecast.json").read_bytes(), type=Forecast)
    assert read.plan == reckoned().plan


def test_the_figures_of_a_large_night_fit_on_a_small_terminal() -> None:
    console = Console(width=80, file=io.StringIO())
    found = reckoned()
    kind = "POST /api/v1/a/kind/with/a/very/long/name/indeed"
    step = Step(kind, "otus", False, 25_000, 7_000_000, 0, 1234.5, 2345.5, 0.0, 0.0)
    print_summary(console, msgspec.structs.replace(found, plan=(Planned(step, 0, 3000, 3580),)), "06:00")
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(figure in said for figure in ("25,000", "7,000,000", "1,234.50", "2,345.50", "3,580.00"))


def test_samples_have_the_proportions_of_the_whole() -> None:
    wishes = sample_wishes(Wish("nyc"), PRESETS["nyc"])
    assert [(wish.schools, wish.students) for wish in wishes] == [(56, 31111), (112, 62222), (225, 125000)]
    wishes = sample_wishes(Wish("sandbox"), PRESETS["sandbox"])
    assert [wish.schools for wish in wishes] == [24, 48, 96]
    few = sample_wishes(Wish("small", schools=3), size_of(Wish("small", schools=3)))
    assert [wish.schools for wish in few] == [1, 3]


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["forecast", *words])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--preset", "huge"], "'huge' is not one of 'small', 'sandbox', 'nyc'"),
        (["--students", "9", "--schools", "3"], "9 students are too few for 3 schools"),
        (["--sut", "callable: my.sync:run"], "the sync is a command of its own"),
        (["--finish-by", "late"], "'late' does not match the format"),
    ],
)
def test_wrong_input_is_told_and_ends_with_2(
    words: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = run(*words)
    assert code == 2
    assert says in said
    assert list(tmp_path.iterdir()) == []


def test_a_real_sync_on_real_fakes_gives_a_forecast(tmp_path: Path) -> None:
    small = ["--preset", "small", "--schools", "1", "--students", "40", "--repeats", "1", "--latency-ms", "1000"]
    code, said = run(*small, "--chart", str(tmp_path / "chart.svg"), "--report", str(tmp_path / "report"))
    assert code == 0, said
    assert "POST /api/v1/accounts/bulk" in said
    assert "before 06:00" in said
    assert (tmp_path / "chart.svg").read_bytes() == (tmp_path / "report" / "forecast.svg").read_bytes()
    found = msgspec.json.decode((tmp_path / "report" / "forecast.json").read_bytes(), type=Forecast)
    assert found.requests == sum(group.requests for group in found.samples[0].groups)
    assert found.seconds > found.requests  # as each takes a second
    assert found.samples[0].seconds < found.seconds


def test_a_sync_that_fails_on_a_sample_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    report = tmp_path / "report"
    small = ["--preset", "small", "--schools", "1", "--students", "40", "--repeats", "1", "--report", str(report)]
    code, said = run(*small, "--sut", f"command: {sys.executable} -c 'raise SystemExit(3)'")
    assert code == 3
    assert "the sync ended with 3" in said
    assert not report.exists()


def test_help_needs_none_of_the_heavy_parts() -> None:
    script = (
        "import sys; from rostersim.cli import cli; cli(['--help'], standalone_mode=False);"
        " sys.exit('altair' in sys.modules or 'loadtests' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], stdout=subprocess.DEVNULL, check=False).returncode == 0
