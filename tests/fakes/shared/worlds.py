"""The three fakes with something in them, each behind its wire, on a clock far from today."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from flask import Flask

from fakes.ats import Ats
from fakes.ats import create_app as create_ats
from fakes.clever import Clever, CleverSettings, CourseRow, SchoolRow, SectionRow, TermRow, UserRow
from fakes.clever import create_app as create_clever
from fakes.otus import create_app as create_otus
from tests.fakes.ats.builders import ANA, BEN, FIRST, add_algebra
from tests.fakes.otus.builders import TOKENS, District, by_hand, people, rostered_class, sandbox

NOON = datetime(2031, 3, 3, 17, 0, tzinfo=UTC)
"""Noon in New York of a day on which nobody runs these tests."""
SYSTEMS = ("ats", "clever", "otus")


class Served(NamedTuple):
    """A fake and whoever may ask it everything."""

    name: str
    application: Flask
    headers: dict[str, str]
    image: Callable[[], bytes]
    """All that it keeps."""


def noon() -> datetime:
    return NOON


@contextmanager
def served(name: str) -> Iterator[Served]:
    """Serve one of the three, filled; it is closed afterwards."""
    with ExitStack() as stack:
        yield {"ats": _ats, "clever": _clever, "otus": _otus}[name](stack)


def _ats(stack: ExitStack) -> Served:
    ats = Ats(noon)
    stack.callback(ats.store.close)
    add_algebra(ats, FIRST, students=(ANA, BEN), finalized=True)
    application = _testing(create_ats(ats, {"office": "DIIT office"}))
    return Served("ats", application, {"Authorization": "Bearer office"}, ats.store.snapshot)


def _otus(stack: ExitStack) -> Served:
    district = District()
    district.moment = NOON
    stack.callback(district.otus.close)
    tom, ada, ana, ben = people(district, "teacher", "teacher", "student", "student")
    by_hand(district, "admin")
    rostered_class(district, tom, co_teachers=(ada,), students=(ana, ben))
    sandbox(district, tom)
    district.person(ana, "POST", "/classes/1/work", {"title": "Essay"})
    run = district.sync("POST", "/sync-runs", {}).body["id"]
    district.sync("PATCH", f"/sync-runs/{run}", {"status": "held"})
    application = _testing(create_otus(district.otus, TOKENS))
    return Served("otus", application, {"Authorization": f"Bearer {TOKENS.support}"}, district.otus.snapshot)


def _clever(stack: ExitStack) -> Served:
    # The clock stands, so that a minute never ends.
    clever = Clever(noon, seed=7, settings=CleverSettings(rate_limit_per_minute=1_000_000))
    stack.callback(clever.close)
    clever.deliver(
        [
            SchoolRow("02M475", "Stuyvesant High School", "9", "12"),
            TermRow("2031-1", "Spring 2031", "2031-01-30", "2031-06-26"),
            CourseRow("ALG1", "Algebra 1", "Mathematics"),
            *(_user("teacher", number) for number in ("1000001", "1000002")),
            *(_user("student", osis) for osis in ("200000001", "200000002")),
            SectionRow(
                sis_id="algebra",
                school="02M475",
                term="2031-1",
                course="ALG1",
                section_number="01",
                name="Algebra 1-01",
                period="3",
                teachers=("1000001", "1000002"),
                students=("200000001", "200000002"),
            ),
        ]
    )
    application = _testing(create_clever(clever))
    headers = {"Authorization": f"Bearer {clever.issue_token()}"}

    def shared() -> bytes:
        # Not a snapshot: that every request is counted is no change of what Clever holds.
        client = application.test_client()
        lists = ("districts", "schools", "terms", "courses", "users", "sections", "events")
        return b"".join(client.get(f"/v3.1/{name}", headers=headers).data for name in lists)

    return Served("clever", application, headers, shared)


def _user(role: Literal["student", "teacher"], sis_id: str) -> UserRow:
    return UserRow(
        role=role,
        sis_id=sis_id,
        email=f"{sis_id}@schools.example",
        first_name="Robin",
        last_name=f"Number {sis_id[-1]}",
        schools=("02M475",),
    )


def _testing(application: Flask) -> Flask:
    application.testing = True  # a defect raises here instead of turning into a 500
    return application
