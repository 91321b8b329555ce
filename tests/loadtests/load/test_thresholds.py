"""What decides whether a measured night was good enough."""

from pathlib import Path

import jsonschema
import pytest

from loadtests.load.result import Measured, Verdict
from loadtests.load.thresholds import BrokenThresholds, Thresholds, judge, read_thresholds, thresholds_schema
from tests.loadtests.load.builders import kind, night, run

ROOM = Path(__file__).parents[3] / "loadtests" / "thresholds"

WIDE = """
finished_by = "06:00"
seconds_max = 10
records_per_second_min = 1000
ratio_to_raw_pull_max = 25
failures_percent_max = 1
[p95_ms_max]
"Clever *" = 150
"Otus POST *" = 300
[memory_mb_max]
sync = 100
all = 250
"""


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "thresholds.toml"
    path.write_text(text)
    return path


def missed(measured: Measured, thresholds: Thresholds) -> list[str]:
    return [f"{check.what}: {check.found}" for check in judge(measured, thresholds) if not check.held]


def test_a_night_within_all_limits_misses_none(tmp_path: Path) -> None:
    thresholds = read_thresholds(file(tmp_path, WIDE))
    assert missed(night(), thresholds) == []
    assert len(judge(night(), thresholds)) == 11


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Thresholds(seconds_max=3.9), "length of the night: 4.00 s"),
        (Thresholds(records_per_second_min=2001), "records from Clever: 2,000/s"),
        (Thresholds(ratio_to_raw_pull_max=7.9), "night / raw pull: 8.0x"),
        (Thresholds(p95_ms_max={"* POST *": 249}), "p95 of Otus POST /api/v1/classes/bulk: 250 ms"),
        (Thresholds(p95_ms_max={"sync *": 1}), "p95 of sync *: no such event"),
        (Thresholds(memory_mb_max={"sync": 49}), "memory of sync: 50 MiB"),
        (Thresholds(memory_mb_max={"otus": 1000}), "memory of otus: was not seen"),
    ],
)
def test_each_limit_is_missed_by_what_is_beyond_it(limits: Thresholds, says: str) -> None:
    assert missed(night(), limits) == [says]


def test_a_night_must_be_over_by_six_as_it_begins_at_one() -> None:
    limits = Thresholds(finished_by="06:00")
    assert missed(night(runs=(run(5 * 3600),)), limits) == []
    assert missed(night(runs=(run(5 * 3600 + 1),)), limits) == ["night finished: at 06:00:01"]


def test_the_night_is_all_its_syncs_together() -> None:
    limits = Thresholds(seconds_max=10)
    both = (run(4, scope="02M475"), run(7, began=1004.0, scope="02M476"))
    assert missed(night(runs=both), limits) == ["length of the night: 11.00 s"]


def test_one_failed_event_is_one_too_many_unless_a_share_is_allowed() -> None:
    kinds = (kind("Clever GET /x", requests=100, failures=1),)
    assert missed(night(kinds=kinds), Thresholds()) == ["failed events: 1.00 %"]
    assert missed(night(kinds=kinds), Thresholds(failures_percent_max=1)) == []


def test_a_failed_sync_and_a_wrong_otus_are_missed_without_any_file() -> None:
    wrong = Verdict(3, ("Mei Chen",), {}, planted_ok=True)
    touched = Verdict(0, (), {}, planted_ok=False)
    assert missed(night(verdict=wrong), Thresholds()) == ["Otus is as Clever: 3 differences"]
    assert missed(night(verdict=touched), Thresholds()) == [
        "Otus is as Clever: 0 differences, and what was made by hand was touched"
    ]
    assert missed(night(runs=(run(exit_code=1),)), Thresholds()) == ["syncs that succeeded: 0 of 1"]
    assert missed(night(runs=(), verdict=None), Thresholds()) == [
        "Otus is as Clever: nobody has looked",
        "syncs that succeeded: there was none",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("second_max = 1", "there is no threshold 'second_max'; did you mean 'seconds_max'?"),
        ("seconds_max = -1", "Expected `float` > 0.0"),
        ("seconds_max = 'long'", "Expected `float`, got `str`"),
        ("finished_by = '25:00'", "finished_by"),
        ("[memory_mb_max]\nsynk = 5", "there is no process 'synk'; did you mean 'sync'?"),
        ("seconds_max = ", "no TOML"),
    ],
)
def test_a_wrong_file_is_told_where_and_what_instead(tmp_path: Path, text: str, says: str) -> None:
    path = file(tmp_path, text)
    with pytest.raises(BrokenThresholds) as error:
        read_thresholds(path)
    assert says in str(error.value)
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenThresholds, match=r"nowhere\.toml: No such file"):
        read_thresholds(tmp_path / "nowhere.toml")


def test_the_files_that_come_along_are_whole_and_the_schema_knows_it(tmp_path: Path) -> None:
    import tomllib

    for path in sorted(ROOM.glob("*.toml")):
        read_thresholds(path)
        jsonschema.validate(tomllib.loads(path.read_text()), thresholds_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"seconds_max": -1}, thresholds_schema())
    assert len(list(ROOM.glob("*.toml"))) >= 2
