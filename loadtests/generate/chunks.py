"""Chunks of a district, written as Clever keeps them: each from nothing but size, seed and its place."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import NamedTuple

import msgspec

from fakes.clever import UserRow
from fakes.clever.filling import FilledEntry, FilledRecord, Filling, Mentioning
from fakes.clever.fragments import fragment
from fakes.clever.ids import ObjectIds
from fakes.clever.invention import Invention
from fakes.clever.people import RoleHeld, render_user
from fakes.clever.quirks import Oddities
from fakes.clever.sheets import Sheet, sheets_of
from fakes.clever.store import Mention
from fakes.clever.versions import Stamps
from fakes.shared.moments import wire_time
from loadtests.generate.catalogue import Course, courses
from loadtests.generate.draw import NOBODY, District, People, draw_district
from loadtests.generate.people_columns import student_columns, teacher_columns
from loadtests.generate.places import Places, places_of
from loadtests.generate.section_columns import named_in, section_columns
from loadtests.generate.size import Size
from loadtests.generate.specimens import Specimens, Templates, specimens
from loadtests.generate.template import Columns

CHUNK_ROWS = 5_000
"""Rows of a chunk: some 20 MB, as every one is written four times. A multiple of a sheet's records."""

FIRST_APPLICATION = 1
"""Its bit: the district has one application."""


class Plan(NamedTuple):
    """From what a district is made."""

    size: Size
    seed: int
    moment: datetime


class Task(NamedTuple):
    """A chunk to be written."""

    space: str
    begin: int
    end: int


class Chunk(NamedTuple):
    """A chunk as written: a column for each thing, as these are handed from process to process quickly."""

    space: str
    first_number: int
    sis_ids: list[str]
    emails: list[str] | list[None]
    ids: list[str]
    delivered: list[bytes]
    v30: list[bytes]
    v31: list[bytes]
    mentions: list[tuple[int, int, int]]
    mentionings: list[tuple[int, str]]
    sheets: list[Sheet]


class Workshop(NamedTuple):
    """All that a chunk is written with; every process has its own, made of the plan."""

    plan: Plan
    district: District
    places: Places
    catalogue: list[Course]
    specimens: Specimens


@cache
def workshop(plan: Plan) -> Workshop:
    """Make a workshop, or give the one that was made of this plan before."""
    district = draw_district(plan.size, plan.seed)
    catalogue = courses()
    places = places_of(district, len(catalogue), ObjectIds(plan.seed).mint(plan.moment))
    return Workshop(plan, district, places, catalogue, specimens(plan.seed, plan.moment))


def tasks(size_of: District) -> Iterator[Task]:
    """List the chunks of a district, in the order in which they go into the file."""
    counts = {
        "student": len(size_of.students.number),
        "section": len(size_of.sections.school),
        "teacher": len(size_of.teachers.number),
    }
    for space, count in counts.items():
        for begin in range(0, count, CHUNK_ROWS):
            yield Task(space, begin, min(begin + CHUNK_ROWS, count))


def write_chunk(plan: Plan, task: Task) -> Chunk:
    """Write a chunk."""
    shop = workshop(plan)
    match task.space:
        case "student":
            columns = student_columns(shop.district, shop.places, plan.seed, task.begin, task.end)
            return _people(shop, task, shop.specimens.student, columns, shop.district.students)
        case "teacher":
            columns = teacher_columns(shop.district, shop.places, plan.seed, task.begin, task.end)
            return _people(shop, task, shop.specimens.teacher, columns, shop.district.teachers)
        case _:
            return _sections(shop, task)


def _people(shop: Workshop, task: Task, templates: Templates, columns: Columns, people: People) -> Chunk:
    first = (shop.places.student if task.space == "student" else shop.places.teacher) + task.begin
    delivered, v30, v31 = (template.fill(columns) for template in templates)
    schools = people.school[task.begin : task.end].tolist()
    mentions = [(first + place, shop.places.school + school, 0) for place, school in enumerate(schools)]
    for place, second in enumerate(people.second_school[task.begin : task.end].tolist()):
        if second != NOBODY:
            mentions.append((first + place, shop.places.school + second, 1))
            pair = (schools[place], second)
            row, in_v30, in_v31 = _of_two_schools(shop, task.space, delivered[place], columns["id"][place], pair)
            delivered[place], v30[place], v31[place] = row, in_v30, in_v31
    emails = [email.decode() for email in columns["email"]]
    ids = [clever_id.decode() for clever_id in columns["id"]]
    return Chunk(
        space=task.space,
        first_number=first,
        sis_ids=[number.decode() for number in columns["sis_id"]],
        emails=emails if task.space == "teacher" else [None] * len(emails),  # students never merge
        ids=ids,
        delivered=delivered,
        v30=v30,
        v31=v31,
        mentions=mentions,
        mentionings=[],
        sheets=_pressed(f"user:{task.space}", ids, v31),
    )


def _of_two_schools(
    shop: Workshop, space: str, delivered: bytes, clever_id: bytes, schools: tuple[int, int]
) -> tuple[bytes, bytes, bytes]:
    """Write somebody with two schools; they are few, and go the way that Clever itself goes."""
    dbns = tuple(shop.district.schools.dbns[school] for school in schools)
    row = msgspec.structs.replace(msgspec.json.decode(delivered, type=UserRow), schools=dbns)
    mentions = [
        Mention(number, "school", rank, shop.places.id(number).decode())
        for rank, number in enumerate(shop.places.school + school for school in schools)
    ]
    moment = wire_time(shop.plan.moment)
    district = shop.places.id(0).decode()
    stamps = Stamps(clever_id.decode(), district, moment, moment)
    invention = Invention(shop.plan.seed, space, row.sis_id, row.given)
    rendered = render_user([RoleHeld(row, mentions, invention)], stamps, Oddities())
    v30, v31 = msgspec.json.encode(rendered.v30), msgspec.json.encode(rendered.v31)
    return (
        msgspec.json.encode(row),
        fragment(v30, "v3.0", "user", stamps.id),
        fragment(v31, "v3.1", "user", stamps.id),
    )


def _sections(shop: Workshop, task: Task) -> Chunk:
    places = shop.places
    named = named_in(shop.district, task.begin, task.end)
    columns = section_columns(shop.district, places, shop.catalogue, named, task.begin, task.end)
    delivered, v30, v31 = (template.fill(columns) for template in shop.specimens.section)
    first = places.section + task.begin
    codes = {course.code.encode(): places.course + place for place, course in enumerate(shop.catalogue)}
    mentions: list[tuple[int, int, int]] = []
    schools = shop.district.sections.school[task.begin : task.end].tolist()
    for holder, (school, code, teachers) in enumerate(
        zip(schools, columns["course"], named.teachers, strict=True), start=first
    ):
        mentions += ((holder, places.school + school, 0), (holder, places.term, 0), (holder, codes[code], 0))
        mentions += [(holder, places.teacher + one, rank) for rank, one in enumerate(teachers)]
    ids = [clever_id.decode() for clever_id in columns["id"]]
    return Chunk(
        space="section",
        first_number=first,
        sis_ids=[one.decode() for one in columns["sis_id"]],
        emails=[None] * len(ids),
        ids=ids,
        delivered=delivered,
        v30=v30,
        v31=v31,
        mentions=mentions,
        mentionings=[
            (holder, str([places.student + one for one in row]))
            for holder, row in enumerate(named.students, start=first)
        ],
        sheets=_pressed("section", ids, v31),
    )


def _pressed(list_name: str, ids: list[str], fragments: list[bytes]) -> list[Sheet]:
    items = ((clever_id, FIRST_APPLICATION, body) for clever_id, body in zip(ids, fragments, strict=True))
    return list(sheets_of(list_name, items))


def put_away(filling: Filling, chunk: Chunk, moment: str) -> None:
    """Put a chunk into the file."""
    kind = "section" if chunk.space == "section" else "user"
    numbers = range(chunk.first_number, chunk.first_number + len(chunk.ids))
    filling.entries(
        FilledEntry(number, chunk.space, sis_id, delivered, email, clever_id)
        for number, sis_id, delivered, email, clever_id in zip(
            numbers, chunk.sis_ids, chunk.delivered, chunk.emails, chunk.ids, strict=True
        )
    )
    filling.records(
        FilledRecord(clever_id, kind, FIRST_APPLICATION, moment, moment, v30, v31)
        for clever_id, v30, v31 in zip(chunk.ids, chunk.v30, chunk.v31, strict=True)
    )
    filling.single_mentions(chunk.mentions)
    filling.mentions(Mentioning(holder, named) for holder, named in chunk.mentionings)
    filling.press(chunk.sheets)
