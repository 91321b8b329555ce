"""Reading Clever and talking to Otus, request by request."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from otus_sync.clever import CleverReader
from otus_sync.clock import clock_from
from otus_sync.errors import RefusedError, UnexpectedAnswerError
from otus_sync.http import Http
from otus_sync.log import Log
from otus_sync.otus import OtusClient
from otus_sync.otus_records import NewRun, RunEdit
from otus_sync.plan.gathering import Gathered
from otus_sync.settings import Secret
from tests.otus_sync.builders import held_run, settings
from tests.otus_sync.wires import Answer, Script, answer, scripted

LOG = Log(clock_from(None))


def page(*records: dict[str, Any], following: str = "") -> Answer:
    links = [{"rel": "self", "uri": "/here"}]
    if following:
        links.append({"rel": "next", "uri": following})
    return answer({"data": [{"data": record, "uri": "/x"} for record in records], "links": links})


def district(last_sync: str = "t1") -> Answer:
    return page({"id": "d", "last_sync": last_sync, "state": "running"})


def read_clever(*answers: Answer, **given: Any) -> tuple[Gathered, list[str]]:
    with scripted(answers) as script:
        http = Http("Clever", script.url, Secret("t"), settings(**given), LOG)
        try:
            return CleverReader(http, settings(**given), LOG, lambda: None).read(), [
                asked.path for asked in script.asked
            ]
        finally:
            http.close()


@contextmanager
def otus_of(*answers: Answer) -> Iterator[tuple[OtusClient, Script]]:
    with scripted(answers) as script:
        http = Http("Otus", script.url, Secret("t"), settings(), LOG)
        try:
            yield OtusClient(http, settings()), script
        finally:
            http.close()


def run(number: int, status: Any) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(held_run(number, status=status))
    return document


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)


def test_clever_is_read_along_its_next_links_sections_before_people() -> None:
    side, asked = read_clever(
        district(),
        page({"id": "s", "sis_id": "02M475", "ext": {"odd": 1}}),
        page({"id": "c1", "school": "s", "students": ["u1"], "subject": "no such subject"}, following="/v3.1/next"),
        page({"id": "c2", "school": "s", "teacher": "u2"}),
        page({"id": "u1", "name": {"first": "Ann"}, "roles": {"student": {"sis_id": "1"}}}),
        page({"id": "u2", "roles": {"teacher": {}, "staff": {"roles": []}}}),
        district(),
        page_limit=50,
    )
    assert asked == [
        "/v3.1/districts",
        "/v3.1/schools?limit=50",
        "/v3.1/sections?limit=50",
        "/v3.1/next",
        "/v3.1/users?role=student&limit=50",
        "/v3.1/users?role=teacher&limit=50",
        "/v3.1/districts",
    ]
    assert side.sections.ids == ["c1", "c2"]
    assert [person.clever_id for person in side.census.people] == ["u1", "u2"]


def test_clever_is_read_anew_if_it_took_in_a_delivery_meanwhile() -> None:
    before = [page({"id": "s"}), page({"id": "c"}), page(), page()]
    after = [page({"id": "s"}), page({"id": "c"}, {"id": "c2"}), page(), page()]
    side, asked = read_clever(district("t1"), *before, district("t2"), *after, district("t2"))
    assert len(side.sections) == 2
    assert len(asked) == 11


def student_of(school: str) -> Answer:
    return page({"id": "u1", "roles": {"student": {"sis_id": "1", "school": school, "schools": [school]}}})


def test_clever_is_read_anew_if_a_school_was_shared_meanwhile() -> None:  # H11
    before = [page({"id": "s", "sis_id": "02M475"}), page(), student_of("new"), page()]
    schools = page({"id": "new", "sis_id": "16K393"}, {"id": "s", "sis_id": "02M475"})
    after = [schools, page(), student_of("new"), page()]
    side, asked = read_clever(district(), *before, schools, district(), *after, district())
    assert [person.schools for person in side.census.people] == [("16K393",)]
    assert len(asked) == 12


def test_clever_is_read_anew_if_a_school_was_not_shared_any_more_meanwhile() -> None:  # H11
    schools = page({"id": "gone", "sis_id": "16K393"}, {"id": "s", "sis_id": "02M475"})
    left = page({"id": "s", "sis_id": "02M475"})
    before = [schools, page({"id": "c", "school": "gone", "students": ["u2"]}), student_of("s"), page()]
    after = [left, page(), student_of("s"), page()]
    side, asked = read_clever(district(), *before, left, district(), *after, district())
    assert side.sections.ids == []
    assert len(asked) == 12


def test_somebody_of_a_school_that_is_never_listed_costs_one_request_and_no_second_reading() -> None:  # A16
    schools = page({"id": "nameless"}, {"id": "s", "sis_id": "02M475"})
    side, asked = read_clever(district(), schools, page(), student_of("elsewhere"), page(), schools, district())
    assert [person.schools for person in side.census.people] == [()]
    assert len(asked) == 7


def test_a_next_link_that_leads_nowhere_new_is_no_endless_loop() -> None:
    with pytest.raises(UnexpectedAnswerError, match="its next page leads to"):
        read_clever(district(), page({"id": "s"}, following="/v3.1/schools?limit=10000"))


def test_a_next_link_never_takes_the_token_to_another_host() -> None:
    with pytest.raises(UnexpectedAnswerError, match="its next page leads to"):
        read_clever(district(), page({"id": "s"}, following="http://elsewhere.example/v3.1/schools"))


def test_otus_is_read_page_by_page() -> None:
    digest = {
        "id": 1,
        "clever_id": "c",
        "school": "s",
        "name": "n",
        "archived": False,
        "version": 1,
        "digest": "",
        "by_hand": 0,
    }
    with otus_of(answer({"items": [digest], "next": 1}), answer({"items": [], "next": None})) as (otus, script):
        assert len(list(otus.class_digests(ids=[1, 2]))) == 1
    assert script.asked[1].path == "/api/v1/digests/classes?ids=1%2C2&after=1&limit=10000"


def test_another_run_in_progress_is_no_run_of_ours() -> None:
    with otus_of(answer({"message": "run 1 has the lease"}, 409)) as (otus, script):
        assert otus.start_run(NewRun(lease_seconds=900), known=[]) is None
    assert len(script.asked) == 1


@pytest.mark.usefixtures("no_waits")
def test_a_run_whose_first_answer_was_lost_is_ours_and_not_another() -> None:  # A15
    begun, refused = Answer(201, b"{}", cut=True), answer({"message": "run 5 has the lease"}, 409)
    there = answer({"items": [run(5, "running"), run(4, "succeeded")]})
    with otus_of(begun, refused, there) as (otus, _):
        started = otus.start_run(NewRun(lease_seconds=900), known=[4])
    assert started is not None
    assert started.id == 5


@pytest.mark.usefixtures("no_waits")
def test_an_end_whose_first_answer_was_lost_is_an_end() -> None:  # A15
    lost, refused = Answer(200, b"{}", cut=True), answer({"message": "run 5 has ended"}, 409)
    with otus_of(lost, refused, answer(run(5, "succeeded"))) as (otus, _):
        otus.report(5, RunEdit(reason="", status="succeeded"))


@pytest.mark.usefixtures("no_waits")
def test_a_run_that_another_took_over_cannot_end_itself() -> None:
    with otus_of(answer({"message": "run 5 has ended"}, 409)) as (otus, _), pytest.raises(RefusedError):
        otus.report(5, RunEdit(reason="", status="succeeded"))
