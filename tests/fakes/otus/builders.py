"""A small district in a fake Otus, and who acts in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from fakes.otus import Otus, OtusTokens, Store, create_app
from fakes.otus.records import Settings
from fakes.shared.moments import wire_time

SCHOOL = "02M475"
OTHER_SCHOOL = "10X445"
TOKENS = OtusTokens(integration="sync-secret", support="support-secret")


class Answer(NamedTuple):
    """What came back over the wire."""

    status: int
    body: Any


new_store: Callable[[], Store] = Store
"""Where a district keeps its records; tests over files put another here."""


class District:
    """An Otus behind its wire, with a clock that stands until it is moved."""

    def __init__(self, *, manual_rostering: bool = True) -> None:
        self.moment = datetime(2026, 9, 14, 14, 0, tzinfo=UTC)
        self.otus = Otus(lambda: self.moment, new_store(), settings=Settings(manual_rostering=manual_rostering))
        application = create_app(self.otus, TOKENS)
        application.testing = True  # a defect raises here instead of turning into a 500
        self.client = application.test_client()
        self.people = 0

    def pass_time(self, **some: float) -> None:
        """Move the clock."""
        self.moment += timedelta(**some)

    def now(self) -> str:
        """Give the present as it stands on the wire."""
        return wire_time(self.moment)

    def ask(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """Send a request with no token but what is in the headers."""
        if body is None:
            response = self.client.open(f"/api/v1{path}", method=method, headers=headers)
        else:
            response = self.client.open(
                f"/api/v1{path}",
                method=method,
                headers=headers,
                data=msgspec.json.encode(body),
                content_type="application/json",
            )
        return Answer(response.status_code, response.get_json() if response.data else None)

    def sync(self, method: str, path: str, body: object = None) -> Answer:
        """Ask as the nightly sync."""
        return self.ask(method, path, body, {"Authorization": f"Bearer {TOKENS.integration}"})

    def support(self, method: str, path: str, body: object = None) -> Answer:
        """Ask as Otus Support."""
        return self.ask(method, path, body, {"Authorization": f"Bearer {TOKENS.support}"})

    def person(self, account: int, method: str, path: str, body: object = None) -> Answer:
        """Ask as somebody who is signed in."""
        headers = {"Authorization": f"Bearer {TOKENS.support}", "X-On-Behalf-Of": str(account)}
        return self.ask(method, path, body, headers)


def by_hand(district: District, role: str, *, school: str = SCHOOL, email: str = "") -> int:
    """Have Otus Support make an account by hand."""
    district.people += 1
    new = {
        "role": role,
        "email": email or f"{role}{district.people}@schools.nyc.gov",
        "first_name": role.title(),
        "last_name": f"Number {district.people}",
        "schools": [school],
    }
    return int(district.support("POST", "/accounts", new).body["id"])


def rostered(district: District, role: str, *, school: str = SCHOOL, email: str = "") -> int:
    """Have the sync make an account; its Clever id is ``c`` and its number."""
    district.people += 1
    row = {
        "clever_id": f"c{district.people}",
        "role": role,
        "email": email or f"{role}{district.people}@schools.nyc.gov",
        "first_name": role.title(),
        "last_name": f"Number {district.people}",
        "sis_id": f"{district.people:09}",
        "schools": [school],
    }
    return int(write_accounts(district, row)[0]["id"])


def people(district: District, *roles: str) -> list[int]:
    """Have the sync make several accounts."""
    return [rostered(district, role) for role in roles]


def write_accounts(district: District, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Have the sync write accounts, and give what became of each row."""
    answer = district.sync("POST", "/accounts/bulk", {"rows": rows})
    assert answer.status == 200, answer
    return list(answer.body["results"])


def write_classes(district: District, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Have the sync write classes, and give what became of each row."""
    answer = district.sync("POST", "/classes/bulk", {"rows": rows})
    assert answer.status == 200, answer
    return list(answer.body["results"])


def rostered_class(
    district: District,
    teacher: int | None = None,
    *,
    co_teachers: tuple[int, ...] = (),
    students: tuple[int, ...] = (),
    section: str = "s1",
    school: str = SCHOOL,
) -> int:
    """Have the sync make a class of a Clever section."""
    roster = {"teacher": teacher, "co_teachers": co_teachers, "students": students}
    row = {"clever_id": section, "name": "Algebra", "school": school, "roster": roster}
    return int(write_classes(district, row)[0]["id"])


def sandbox(district: District, teacher: int) -> int:
    """Have a teacher make a class by hand."""
    return int(district.person(teacher, "POST", "/classes", {"name": "Sandbox", "school": SCHOOL}).body["id"])


def members(district: District, class_id: int) -> dict[int, tuple[str, str]]:
    """Give who is in a class: part and provenance by account."""
    items = district.support("GET", f"/classes/{class_id}/members").body["items"]
    return {item["account"]: (item["part"], item["provenance"]) for item in items}


def account(district: District, account_id: int) -> dict[str, Any]:
    """Give an account as it stands."""
    return dict(district.support("GET", f"/accounts/{account_id}").body)


def class_(district: District, class_id: int) -> dict[str, Any]:
    """Give a class as it stands."""
    return dict(district.support("GET", f"/classes/{class_id}").body)
