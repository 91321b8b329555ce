"""The table of the console's pages is of pages that were shown, after changes that were made."""

import pytest

from loadtests import bench_console


def test_every_page_is_timed_from_cache_and_after_each_change(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_console, "ROUNDS", 1)
    bench_console.main(students=70)
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith(tuple(bench_console.PAGES))]
    assert len(rows) == len(bench_console.PAGES)
    assert all(float(cell) > 0 for row in rows for cell in row[28:].split())
    assert all(len(row[28:].split()) == 1 + len(bench_console.CHANGES) for row in rows)


def test_a_page_that_is_not_shown_and_a_change_that_is_not_made_have_no_speed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bench_console, "ROUNDS", 1)
    monkeypatch.setattr(
        bench_console, "CHANGES", {"ATS": "{{ats: enroll, student: Nobody {}, section: Algebra 1-001}}"}
    )
    with pytest.raises(SystemExit, match="was not done, so nothing after it has a speed"):
        bench_console.main(students=70)
    monkeypatch.setattr(bench_console, "PAGES", {"a class": "?class=Nothing"})
    with pytest.raises(SystemExit, match="answered 404"):
        bench_console.main(students=70)
