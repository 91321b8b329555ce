"""A small district to arrange tests with."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fakes.clever import (
    Application,
    Clever,
    CleverSettings,
    CourseRow,
    Removal,
    ResourceRow,
    Row,
    SchoolRow,
    SectionRow,
    Store,
    TermRow,
    UserRow,
    create_app,
)

MONDAY = datetime(2026, 9, 14, 10, 0, tzinfo=UTC)
STUYVESANT, MIDWOOD = "02M475", "22K405"


new_store: Callable[[], Store] = Store
"""Where a district keeps its records; tests over files put another here."""


class District:
    """A Clever with a clock to turn, an application that asks, and the answers as Python values."""

    def __init__(self, settings: CleverSettings | None = None, store: Store | None = None, seed: int = 1) -> None:
        self.now = MONDAY
        self.clever = Clever(lambda: self.now, seed, settings or CleverSettings(), store or new_store())
        self.token = self.clever.issue_token()
        self.application = self.clever.admission.connections[0].application
        self.client: FlaskClient = create_app(self.clever).test_client()

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def deliver(self, *rows: Row) -> None:
        self.clever.deliver(rows)

    def ask(self, uri: str, token: str | None = None, headers: Mapping[str, str] | None = None) -> TestResponse:
        asked = headers if headers is not None else {"Authorization": f"Bearer {token or self.token}"}
        return self.client.get(uri, headers=dict(asked))

    def get(self, uri: str) -> Any:
        answer = self.ask(uri)
        assert answer.status_code == 200, (uri, answer.status_code, answer.text)
        return answer.get_json()

    def ids(self, uri: str) -> list[str]:
        return [item["data"]["id"] for item in self.get(uri)["data"]]

    def id_of(self, kind: Any, sis_id: str, role: Any = None) -> str:
        found = self.clever.clever_id(kind, sis_id, role)
        assert found is not None, f"Clever holds no {kind} {sis_id}"
        return found

    def user(self, sis_id: str, role: Any = None, version: str = "v3.0") -> Any:
        return self.get(f"/{version}/users/{self.id_of('user', sis_id, role)}")["data"]

    def section(self, sis_id: str = "algebra", version: str = "v3.0") -> Any:
        return self.get(f"/{version}/sections/{self.id_of('section', sis_id)}")["data"]


@contextmanager
def district(*rows: Row, settings: CleverSettings | None = None, seed: int = 1) -> Iterator[District]:
    """Open a district that has these rows."""
    made = District(settings, seed=seed)
    try:
        made.deliver(*rows)
        yield made
    finally:
        made.clever.close()


def school(dbn: str = STUYVESANT, name: str = "Stuyvesant High School") -> SchoolRow:
    return SchoolRow(dbn, name, "9", "12")


def term(name: str = "Fall 2026", start: str = "2026-09-10", end: str = "2027-01-30") -> TermRow:
    return TermRow("2026-1", name, start, end)


def course(code: str = "MATH9", name: str = "Algebra 1", subject: str = "Mathematics") -> CourseRow:
    return CourseRow(code, name, subject)


def student(osis: str = "200000001", email: str | None = None, **more: Any) -> UserRow:
    return _user("student", osis, email, **{"grade": "09", "birth_date": "2011-02-03", **more})


def teacher(number: str = "1000001", email: str | None = None, **more: Any) -> UserRow:
    return _user("teacher", number, email, **more)


def staff(number: str = "3000001", email: str | None = None, **more: Any) -> UserRow:
    return _user("staff", number, email, **more)


def district_admin(number: str = "4000001", email: str | None = None, **more: Any) -> UserRow:
    return _user("district_admin", number, email, **{"schools": (), **more})


def contact(number: str, *students: str) -> UserRow:
    return _user("contact", number, None, schools=(), students=students)


def _user(role: Any, sis_id: str, email: str | None, **more: Any) -> UserRow:
    defaults = {"first_name": "Ada", "last_name": f"Person{sis_id[-1]}", "schools": (STUYVESANT,)}
    address = f"{role}.{sis_id}@schools.example" if email is None else email
    return UserRow(role=role, sis_id=sis_id, email=address, **{**defaults, **more})


def section(
    sis_id: str = "algebra",
    teachers: tuple[str, ...] = ("1000001",),
    students: tuple[str, ...] = ("200000001",),
    **more: Any,
) -> SectionRow:
    defaults = {
        "school": STUYVESANT,
        "term": "2026-1",
        "course": "MATH9",
        "section_number": "01",
        "name": "Algebra 1-01",
        "period": "3",
    }
    return SectionRow(sis_id=sis_id, teachers=teachers, students=students, **{**defaults, **more})


def gone(row: Row) -> Removal:
    if isinstance(row, UserRow):
        return Removal("user", row.sis_id, row.role)
    kinds: dict[type, Any] = {
        SchoolRow: "school",
        TermRow: "term",
        CourseRow: "course",
        SectionRow: "section",
        ResourceRow: "resource",
    }
    return Removal(kinds[type(row)], row.sis_id)


def one_class() -> tuple[Row, ...]:
    """A school, a term, a course, a teacher, a student and their class."""
    return school(), term(), course(), teacher(), student(), section()


def resource(number: str = "R1", title: str = "Algebra Workbook", **more: Any) -> ResourceRow:
    return ResourceRow(number, title, **{"sections": ("algebra",), "courses": ("MATH9",), **more})


def basic(application: Application) -> dict[str, str]:
    """The header by which an application proves itself."""
    proof = b64encode(f"{application.client_id}:{application.client_secret}".encode()).decode()
    return {"Authorization": f"Basic {proof}"}
