"""Every moment in every answer of the three fakes is the simulation's: nothing tells the real date."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from tests.fakes.shared.test_wrong_requests import address
from tests.fakes.shared.worlds import NOON, SYSTEMS, Served, served

DAYS = [datetime.now(UTC) + timedelta(days=days) for days in (-1, 0, 1)]
"""The real date, and its neighbours: a time zone or midnight may lie between."""


def traces_of_today(text: str) -> list[str]:
    """Find what tells the real date: as ISO 8601, as in HTTP headers, in American, or as unix seconds."""
    found = [
        form
        for day in DAYS
        for form in (f"{day:%Y-%m-%d}", f"{day:%d %b %Y}", f"{day.month}/{day.day}/{day.year}", f"{day:%Y%m%d}")
        if form in text
    ]
    seconds = [int(number) for number in re.findall(r"(?<!\d)\d{10}(?!\d)", text)]
    # The first eight digits of Clever's ids are seconds in hexadecimal.
    seconds += [int(digits, 16) for digits in re.findall(r"\b([0-9a-f]{8})[0-9a-f]{16}\b", text)]
    return found + [str(moment) for moment in seconds if DAYS[0].timestamp() < moment < DAYS[2].timestamp()]


def told(answer: TestResponse) -> str:
    return f"{answer.headers}\n{answer.get_data(as_text=True)}"


def answers(system: Served) -> list[TestResponse]:
    """Ask for everything that the document lists, and what there is not, and write a little."""
    client = system.application.test_client()
    asked = [client.get("/openapi.json"), client.get("/docs", headers=system.headers), client.get("/nowhere")]
    for path, methods in asked[0].get_json()["paths"].items():
        for method in methods:
            for headers in (system.headers, {}):
                body: object = {} if method in ("post", "patch") else None
                asked.append(client.open(address(path), method=method.upper(), headers=headers, json=body))
    for path, methods in asked[0].get_json()["paths"].items():
        if "get" in methods:
            asked.append(client.get(address(path), headers=system.headers))
    return asked


@pytest.mark.parametrize("name", SYSTEMS)
def test_no_answer_tells_the_real_date_in_body_or_headers(name: str) -> None:
    with served(name) as system:
        given = answers(system)
        assert len(given) > 60
        assert sum(answer.status_code < 300 for answer in given) > 10
        for answer in given:
            assert traces_of_today(told(answer)) == [], answer.request.path
            assert answer.headers["Date"] == "Mon, 03 Mar 2031 17:00:00 GMT"
        assert any(f"{NOON:%Y-%m-%d}" in told(answer) for answer in given)


def test_the_scan_would_find_the_real_date_in_any_form() -> None:
    now = datetime.now(UTC)
    for text in (
        now.isoformat(),
        f"{now:%a, %d %b %Y}",
        f'{{"at": {int(now.timestamp())}}}',
        f'"{int(now.timestamp()):08x}0123456789abcdef"',
        f"{now.month}/{now.day}/{now.year}",
    ):
        assert traces_of_today(text), text
    assert traces_of_today("2031-03-03T17:00:00.000Z Mon, 03 Mar 2031 1930323600 0123456789abcdef01234567") == []
