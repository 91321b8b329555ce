"""The table of the console's pages is of pages that were shown, after changes that were made."""

import pytest

from loadtests import bench_console
from loadtests.generate import Wish

SMALL = Wish("small", 2, 200, large_school=150)


def test_every_page_is_timed_from_cache_after_each_change_and_after_a_night(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_console, "ROUNDS", 1)
    monkeypatch.setattr(bench_console, "NIGHT_ROUNDS", 2)
    bench_console.main(SMALL)
    table = capsys.readouterr().out.splitlines()
    rows = [line for line in table if any(line.startswith(name.ljust(34)) for name in PAGES)]
    assert len(rows) == len(PAGES)
    cells = [row.removesuffix("   over the limit")[34:].split() for row in rows]
    assert all(float(cell) > 0 for row in cells for cell in row)
    assert all(len(row) == len(bench_console.COLUMNS) for row in cells)
    assert table[-1].startswith("the plan itself, which the page fetches once it is shown: ")


PAGES = bench_console.pages_of(bench_console.Sample("02M475", "Algebra 1-01", ["Mei Chen"], []))


def test_a_page_that_is_not_shown_and_a_change_that_is_not_made_have_no_speed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bench_console, "ROUNDS", 1)
    nobody = iter(["{ats: change email, person: Nobody, email: n@new.example}"])
    with monkeypatch.context() as patched:
        patched.setattr(bench_console, "changes_of", lambda _: (nobody, nobody))
        with pytest.raises(SystemExit, match="was not done, so nothing after it has a speed"):
            bench_console.main(SMALL)
    monkeypatch.setattr(bench_console, "pages_of", lambda _: {"a class": "?class=Nothing"})
    with pytest.raises(SystemExit, match="answered 404"):
        bench_console.main(SMALL)
