"""Chunks of a district, written as Clever keeps them: each from nothing but size, seed and its place."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import repeat
from typing import NamedTuple

import msgspec
import numpy as np

from fakes.clever import UserRow
from fakes.clever.filling import (
    FIRST_APPLICATION,
    HOLDER_SHIFT,
    NAMED_SHIFT,
    FilledEntries,
    FilledRecords,
    Filling,
    Pieces,
)
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
from loadtests.generate.names import Ints
from loadtests.generate.people_columns import student_columns, teacher_columns
from loadtests.generate.places import Places, places_of
from loadtests.generate.section_columns import course_places, named_in, section_columns
from loadtests.generate.size import Size
from loadtests.generate.specimens import Specimens, Templates, specimens
from loadtests.generate.template import Columns

CHUNK_ROWS = 5_000
"""Rows of a chunk: some 20 MB, as every one is written four times. A multiple of a sheet's records."""


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
    """A chunk as written: a column for each thing."""

    space: str
    first_number: int
    sis_ids: list[bytes]
    emails: list[bytes]
    """Empty where it merges nobody."""
    ids: list[bytes]
    delivered: list[bytes]
    v30: list[bytes]
    v31: list[bytes]
    mentions: Ints
    """Whom each of them names, as :data:`fakes.clever.filling.HOLDER_SHIFT` says it; ascending."""


class Packed(NamedTuple):
    """A chunk as the file takes it."""

    entries: FilledEntries
    records: FilledRecords
    mentions: list[int]
    sheets: list[Sheet]


class Workshop(NamedTuple):
    """All that a chunk is written with, made of the plan."""

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
    schools, seconds = people.school[task.begin : task.end], people.second_school[task.begin : task.end]
    with_two = np.flatnonzero(seconds != NOBODY)
    for place in with_two.tolist():
        pair = (int(schools[place]), int(seconds[place]))
        row, in_v30, in_v31 = _of_two_schools(shop, task.space, delivered[place], columns["id"][place], pair)
        delivered[place], v30[place], v31[place] = row, in_v30, in_v31
    emails = columns["email"] if task.space == "teacher" else [b""] * len(delivered)  # students never merge
    return Chunk(
        space=task.space,
        first_number=first,
        sis_ids=list(columns["sis_id"]),
        emails=list(emails),
        ids=list(columns["id"]),
        delivered=delivered,
        v30=v30,
        v31=v31,
        mentions=np.sort(
            np.concatenate(
                [
                    _mentions(first + np.arange(len(schools)), shop.places.school + schools, 0),
                    _mentions(first + with_two, shop.places.school + seconds[with_two], 1),
                ]
            )
        ),
    )


def _mentions(holders: Ints, named: Ints, ranks: Ints | int) -> Ints:
    """Write who names whom, at which place, as the filling takes it."""
    return holders << HOLDER_SHIFT | named << NAMED_SHIFT | ranks


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
    places, sections = shop.places, shop.district.sections
    named = named_in(shop.district, task.begin, task.end)
    columns = section_columns(shop.district, places, shop.catalogue, named, task.begin, task.end)
    delivered, v30, v31 = (template.fill(columns) for template in shop.specimens.section)
    first = places.section + task.begin
    holders = first + np.arange(task.end - task.begin)
    courses = course_places(sections, task.begin, task.end)
    mentions = [
        _mentions(holders, places.school + sections.school[task.begin : task.end], 0),
        _mentions(holders, np.full_like(holders, places.term), 0),
        _mentions(holders, places.course + courses, 0),
        *(
            _mentions(first + group.owners(), first_named + group.members, group.ranks())
            for group, first_named in ((named.teachers, places.teacher), (named.students, places.student))
        ),
    ]
    return Chunk(
        space="section",
        first_number=first,
        sis_ids=list(columns["sis_id"]),
        emails=[b""] * len(delivered),
        ids=list(columns["id"]),
        delivered=delivered,
        v30=v30,
        v31=v31,
        mentions=np.sort(np.concatenate(mentions)),
    )


def packed(chunk: Chunk, moment: datetime) -> Packed:
    """Pack a chunk as the file takes it.

    Args:
        chunk: as written.
        moment: at which it was delivered.
    """
    ids = b"".join(chunk.ids)
    kind, list_name = ("section", "section") if chunk.space == "section" else ("user", f"user:{chunk.space}")
    items = zip((one.decode() for one in chunk.ids), repeat(FIRST_APPLICATION), chunk.v31)
    return Packed(
        FilledEntries(chunk.first_number, chunk.space, chunk.sis_ids, Pieces.of(chunk.delivered), chunk.emails, ids),
        FilledRecords(kind, wire_time(moment), ids, Pieces.of(chunk.v30, chunk.v31)),
        chunk.mentions.tolist(),
        list(sheets_of(list_name, items)),
    )


def put_away(filling: Filling, chunk: Packed) -> None:
    """Put a chunk into the file."""
    filling.entries(chunk.entries)
    filling.records(chunk.records)
    filling.mentions(chunk.mentions)
    filling.press(chunk.sheets)
