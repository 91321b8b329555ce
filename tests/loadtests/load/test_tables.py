"""Measured nights in a document."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from loadtests.load.measure import Night
from loadtests.load.report import write_report
from loadtests.load.result import Measured, Verdict
from loadtests.load.tables import BEGIN, END, main
from tests.loadtests.load.builders import night


def report(folder: Path, measured: Measured) -> Path:
    write_report(Night(measured, {}), (), folder)
    return folder


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "benchmarks.md"
    path.write_text(f"# Benchmarks\n\n{BEGIN}\nold figures\n{END}\n\nafterwards\n")
    return path


def test_the_table_names_the_machine_and_has_the_ratio_first_and_the_charts_beside_it(
    document: Path, tmp_path: Path
) -> None:
    folder = report(tmp_path / "report", night())
    for _ in range(2):  # a second time changes nothing
        assert CliRunner().invoke(main, [str(document), f"first night={folder}"]).exit_code == 0
    text = document.read_text()
    assert "old figures" not in text
    assert "afterwards" in text
    assert "Measured on 2 cores" in text
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert table[1] == "| night / bare pull of the same data | **8.0x** |"
    assert "(benchmarks/first-night-memory.svg)" in text
    assert (tmp_path / "benchmarks" / "first-night-memory.svg").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [(["nonsense"], "expected NAME=REPORT"), (["a={empty}"], "holds no measured night"), (["a={wrong}"], "was wrong")],
)
def test_what_is_no_night_with_a_speed_is_refused_and_the_document_stays(
    document: Path, tmp_path: Path, words: list[str], says: str
) -> None:
    before = document.read_text()
    wrong = report(tmp_path / "wrong", night(verdict=Verdict(1, (), {}, planted_ok=True)))
    given = [word.format(empty=tmp_path / "empty", wrong=wrong) for word in words]
    done = CliRunner().invoke(main, [str(document), *given])
    assert (done.exit_code, says in done.output) == (2, True), done.output
    assert document.read_text() == before
