"""A district in which every field of every record holds a word that can be found again: an original."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from simulator.gateway import Server

TOKEN = "0123456789abcdef0123456789abcdef01234567"
PLANT = "Zq"
"""Begins every planted word; no made-up word begins so."""
SCHOOL_IDS = [f"5f{n:022x}" for n in (1, 2)]
DBNS = ["02M475", "22K405"]
STUDENTS, TEACHERS = 7, 4


def school(place: int) -> dict[str, Any]:
    return {
        "id": SCHOOL_IDS[place],
        "district": "5f00000000000000000000aa",
        "name": f"{PLANT}School{place}",
        "school_number": DBNS[place],
        "sis_id": DBNS[place],
        "state_id": f"{PLANT}State{place}",
        "phone": "(212) 555-0187",
        "principal": {"name": f"{PLANT}Principal", "email": f"{PLANT}.principal@real-schools.org"},
        "location": {"address": f"{PLANT} Chambers Street", "city": f"{PLANT}York", "zip": "10282"},
        "created": "2019-01-02T03:04:05.000Z",
        "last_modified": "2026-02-03T04:05:06.000Z",
        "ext": {f"{PLANT}own": f"{PLANT}own"},
        f"{PLANT}unknown": f"{PLANT}unknown",
    }


def user(number: int, role: str) -> dict[str, Any]:
    part = {
        "sis_id": f"87{number:07d}" if role == "student" else f"91{number:05d}",
        "student_number": f"{PLANT}Number{number}",
        "state_id": f"{PLANT}State{number}",
        "legacy_id": f"{PLANT}Legacy",
        "school": SCHOOL_IDS[number % 2],
        "schools": [SCHOOL_IDS[number % 2]],
        "dob": f"5/{number % 27 + 1}/2010",
        "gender": f"{PLANT}Gender",
        "race": f"{PLANT}Race",
        "grade": "9" if number % 2 else f"{PLANT}Grade",
        "title": f"{PLANT}Title",
        "location": {"address": f"{PLANT} Main Street {number}", "zip": "11201"},
        "credentials": {"district_username": f"{PLANT}Login{number}"},
        "iep_status": "Y",
        "ext": {"own": f"{PLANT}own"},
        f"{PLANT}unknown": [f"{PLANT}unknown"],
        "phone": "(646) 555-0123",
    }
    return {
        "id": f"6{'a' if role == 'student' else 'b'}{number:022x}",
        "district": "5f00000000000000000000aa",
        "name": {"first": f"{PLANT}First{number % 3}", "middle": f"{PLANT}Middle", "last": f"{PLANT}Last{number}"},
        "email": f"{PLANT}.person{number}@{role}s.real-schools.org",
        "roles": {role: part},
        "created": f"2020-05-{number + 1:02d}T10:00:00.000Z",
        "last_modified": f"2026-06-{number + 1:02d}T10:00:00.000Z",
        f"{PLANT}unknown": {"deep": f"{PLANT}unknown"},
    }


def section(number: int, students: list[str], teachers: list[str]) -> dict[str, Any]:
    return {
        "id": f"7c{number:022x}",
        "district": "5f00000000000000000000aa",
        "school": SCHOOL_IDS[number % 2],
        "name": f"{PLANT}Algebra - {PLANT}Last1 - 3",
        "sis_id": f"{PLANT}Section{number}",
        "section_number": f"{PLANT}{number}",
        "period": f"{PLANT}Period",
        "subject": "math" if number else f"{PLANT}Subject",
        "grade": f"{PLANT}Grade",
        "course": f"8d{number % 2:022x}",
        "term_id": "9e0000000000000000000001",
        "teacher": teachers[0],
        "teachers": teachers,
        "students": students,
        "created": "2025-09-01T00:00:00.000Z",
        "last_modified": f"2026-09-0{number + 1}T00:00:00.000Z",
        "ext": {"own": f"{PLANT}own"},
    }


def district() -> dict[str, list[dict[str, Any]]]:
    """All records by collection: four classes of two schools, one with a dangling id, one with four teachers."""
    students = [user(n, "student") for n in range(STUDENTS)]
    teachers = [user(n, "teacher") for n in range(TEACHERS)]
    staff = user(1, "staff") | {"id": "6c0000000000000000000001"}
    contact = user(2, "contact") | {"id": "6d0000000000000000000001"}
    of = [[s["id"] for s in students if s["roles"]["student"]["school"] == school_id] for school_id in SCHOOL_IDS]
    by = [[t["id"] for t in teachers if t["roles"]["teacher"]["school"] == school_id] for school_id in SCHOOL_IDS]
    sections = [section(0, of[0], by[0]), section(1, [*of[1], "6f00000000000000000000ff"], by[1])]
    sections += [section(2, of[0][:2], [*by[0], *by[1]]), section(3, [], by[1][:1])]
    term = {
        "id": "9e0000000000000000000001",
        "name": f"{PLANT}Term",
        "start_date": "2026-09-08",
        "end_date": "2027-01-29",
    }
    people = sorted([*students, *teachers, staff, contact], key=lambda each: str(each["id"]))
    return {"schools": [school(0), school(1)], "users": people, "sections": sections, "terms": [term]}


def originals() -> set[str]:
    """Every word of the district that must be found nowhere: all strings but those that may stay."""
    stays = {"9", "math", "Y", "2026-09-08", "2027-01-29"}
    words = {word for records in district().values() for record in records for word in _words(record)}
    return {word for word in words if word not in stays and not re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", word)} | {
        PLANT
    }


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _words(inner)
            if PLANT in key:
                yield key
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)


class Clever:
    """Serves the district as Clever does, few records a page; it may be told to misbehave.

    Args:
        misbehave: is given the number of the request, from 1; what it returns is the answer, if anything.
    """

    def __init__(self, misbehave: Callable[[int], tuple[str, bytes] | None] = lambda _number: None) -> None:
        self.records = district()
        self.asked: list[str] = []
        self._misbehave = misbehave

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        self.asked.append(environ["REQUEST_METHOD"] + " " + environ["PATH_INFO"])
        wrong = self._misbehave(len(self.asked))
        if environ["HTTP_AUTHORIZATION"] != f"Bearer {TOKEN}":
            wrong = ("401 Unauthorized", b'{"message": "no"}')
        status, body = wrong or ("200 OK", self._page(environ["PATH_INFO"], environ["QUERY_STRING"]))
        headers = [("Date", "Mon, 14 Sep 2026 12:00:00 GMT"), ("x-ratelimit-reset", "1789387230")]
        start_response(status, [*headers, ("x-ratelimit-remaining", "7"), ("Content-Length", str(len(body)))])
        return [body]

    def _page(self, path: str, query: str) -> bytes:
        after = query.partition("starting_after=")[2]
        place = path.removeprefix("/v3.1/").split("/")
        records = self.records[place[-1]]
        if len(place) == 3:
            records = [each for each in records if place[-1] == "terms" or place[1] in json.dumps(each)]
        records = [each for each in records if each["id"] > after]
        links = [{"rel": "self", "uri": path}]
        if len(records) > 3:
            links.append({"rel": "next", "uri": f"{path}?limit=3&starting_after={records[2]['id']}"})
        return json.dumps(
            {"data": [{"data": each, "uri": each["id"]} for each in records[:3]], "links": links}
        ).encode()


@contextmanager
def served(clever: Clever) -> Iterator[str]:
    """Serve it on a loopback port; gives the URL."""
    server = Server(clever, "planted-clever")
    try:
        yield server.url
    finally:
        server.stop()
