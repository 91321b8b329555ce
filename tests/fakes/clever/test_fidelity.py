"""The tables of docs/clever-fidelity.md and the routes of the application are the same."""

import re
from pathlib import Path

import pytest

from fakes.clever.interface import API
from fakes.clever.quirks import QUIRKS, USUAL_QUIRKS
from fakes.clever.records import VERSIONS

PAGE = (Path(__file__).parents[3] / "docs" / "clever-fidelity.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(?:(GET|POST) )?(/[^`]*)` \|", re.MULTILINE)


def documented() -> set[tuple[str, str]]:
    routes = set()
    for method, path in ROW.findall(PAGE):
        prefixes = [""] if path.startswith("/oauth") else [f"/{version}" for version in VERSIONS]
        routes |= {(method or "GET", prefix + path) for prefix in prefixes}
    return routes


def served() -> set[tuple[str, str]]:
    return {(operation.method, operation.path) for operation in API.operations}


def test_every_route_stands_in_the_tables() -> None:
    assert served() - documented() == set()


def test_the_tables_name_no_route_that_is_not_served() -> None:
    assert documented() - served() == set()


@pytest.mark.parametrize("line", [line for line in PAGE.splitlines() if ROW.match(line)])
def test_every_line_says_what_is_implemented(line: str) -> None:
    _, path, implemented, _not, _ = (cell.strip() for cell in line.split("|"))
    assert implemented, f"{path} says nothing"


def test_no_route_stands_there_twice() -> None:
    rows = ROW.findall(PAGE)
    assert len(rows) == len(set(rows))


def test_every_quirk_stands_there_and_whether_it_is_usual() -> None:
    chapter = PAGE.partition("## Quirks")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)`( \(on\))? \|", chapter, re.MULTILINE)
    assert {name for name, _ in rows} == QUIRKS.keys()
    assert {name for name, on in rows if on} == USUAL_QUIRKS


def test_the_example_of_a_test_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(example, "docs/clever-fidelity.md", "exec"), {})
