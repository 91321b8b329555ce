"""The page of a measured night."""

from pathlib import Path

import msgspec
import pytest

from loadtests.load.charts import charts_of
from loadtests.load.measure import Night
from loadtests.load.report import Result, headlines_of, write_report
from loadtests.load.result import Verdict
from loadtests.load.thresholds import Thresholds, judge
from reports.errors import ReportError
from tests.loadtests.load.builders import night, run

WRONG = Verdict(2, ("Mei Chen <b>is</b> in no class",), {}, planted_ok=True)


def test_the_page_is_whole_and_asks_no_network(tmp_path: Path) -> None:
    checks = judge(night(), Thresholds(seconds_max=1))
    page = write_report(Night(night(), {"locust.html": b"<p>"}), checks, tmp_path / "report")
    text = page.read_text()
    assert "1 of 4 thresholds missed" in text
    assert "8.0x" in text
    assert "length of the night" in text
    assert text.count("<svg") == 4
    assert "http://" not in text.replace("http://www.w3.org", "")
    written = sorted(path.name for path in page.parent.iterdir())
    assert written == [
        *("index.html", "latency.svg", "locust.html", "memory.svg"),
        *("phases.svg", "result.json", "throughput.svg"),
    ]
    result = msgspec.json.decode((page.parent / "result.json").read_bytes(), type=Result)
    assert msgspec.json.encode(result) == msgspec.json.encode(Result(night(), checks))


def test_a_run_that_is_wrong_shows_what_is_wrong_and_no_speed(tmp_path: Path) -> None:
    wrong = night(verdict=WRONG)
    page = write_report(Night(wrong, {}), judge(wrong, Thresholds()), tmp_path)
    text = page.read_text()
    assert "A run that is wrong has no speed" in text
    assert "Mei Chen &lt;b&gt;is&lt;/b&gt; in no class" in text
    assert "<svg" not in text
    assert "records a second" not in text
    assert headlines_of(wrong) == headlines_of(night(runs=(run(exit_code=1),))) == []


def test_each_chart_shows_what_was_measured_and_is_left_out_where_nothing_was() -> None:
    charts = charts_of(night())
    assert set(charts) == {"throughput", "phases", "latency", "memory"}
    assert "records per second" in charts["throughput"]
    assert "1. district" in charts["phases"]
    assert "Otus POST /api/v1/classes/bulk" in charts["latency"]
    empty = charts_of(night(runs=(), kinds=(), traffic=(), memory=type(night().memory)()))
    assert empty == {}


def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="cannot write the report"):
        write_report(Night(night(), {}), (), tmp_path / "file" / "below")
