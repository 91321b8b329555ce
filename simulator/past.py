"""The world's past: what was fed and synced long before a story starts, so that all three systems agree.

ATS is filled through its own rules, Clever through the feed, and Otus through its integration's API, without
the sync under test: a story's beginning does not depend on what it is about to judge.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from fakes.ats.records import Course, NewSection
from fakes.ats.records import Person as AtsPerson
from fakes.ats.records import School as AtsSchool
from fakes.ats.records import Term as AtsTerm
from fakes.clever.feed import UserRow
from fakes.otus.records import (
    BULK_ROWS_MAX,
    AccountWrite,
    AccountWrites,
    BulkResult,
    ClassWrite,
    ClassWrites,
    NewAccount,
    Roster,
    SettingsEdit,
)
from fakes.otus.records import Account as OtusAccount
from simulator.district import District, Person, course_code, term_of, terms_from
from simulator.night import Sight

if TYPE_CHECKING:
    from simulator.world import World

ENTERED_DAYS_AGO = 30
DELIVERED_DAYS_AGO = 27
SYNCED_DAYS_AGO = 26
DIIT = "DIIT office"


class PastError(Exception):
    """The district as described cannot exist: a system refuses it. The message is the system's own."""


def write_past(world: "World", district: District) -> None:
    """Fill the three systems with a district, long ago.

    Raises:
        fakes.shared.refusals.Refusal: ATS refuses what the story describes (a third co-teacher, F2).
        PastError: Otus does.
    """
    clock = world.clock
    people = world.inventor.complete_all(district.people)
    clock.pretend(clock.start - timedelta(days=ENTERED_DAYS_AGO))
    with world.ats.store.transaction():
        _fill_ats(world, district, people)
    clock.pretend(clock.start - timedelta(days=DELIVERED_DAYS_AGO))
    for school in district.schools:
        if not school.shared:
            world.stop_sharing(school.dbn)
    world.feed.deliver_at_once()
    for delivery in world.feed.deliveries:
        world.remember_section(delivery.change.record)
    world.clever.deliver(_clever_only(district))
    for person in district.clever_only:
        world.directory.outsiders.setdefault(person.name, person.email)
    clock.pretend(clock.start - timedelta(days=SYNCED_DAYS_AGO))
    _fill_otus(world, district)
    world.runner.last_sight = Sight(clock(), world.clever_view())
    clock.pretend(None)


def _fill_ats(world: "World", district: District, people: list[Person]) -> None:
    ats, directory = world.ats, world.directory
    term = term_of(world.clock.start)
    for school in district.schools:
        ats.add_school(AtsSchool(dbn=school.dbn, name=school.name or f"School {school.dbn}"), by=DIIT)
    for each in terms_from(world.clock.start):
        ats.add_term(AtsTerm(each.code, each.name, each.start.isoformat(), each.end.isoformat()), by=DIIT)
    for person in people:
        ats.add_person(ats_person(person), by=DIIT)
        directory.add_person(person)
    courses = sorted({section.course_and_number[0] for section in district.sections})
    for course in courses:
        ats.add_course(Course(course_code(course), course), by=DIIT)
    number_of = {person.name: person.id for person in people}
    for section in district.sections:
        course, number = section.course_and_number
        made = ats.add_section(
            NewSection(
                dbn=section.school,
                term=term.code,
                course=course_code(course),
                number=number,
                name=section.name,
                teacher=None if section.teacher is None else number_of[section.teacher],
                co_teachers=tuple(number_of[name] for name in section.co_teachers),
                students=tuple(number_of[name] for name in section.students),
            ),
            by=DIIT,
        )
        directory.add_section(section.name, made.id)
    scheduled = {section.school for section in district.sections}
    for school in district.schools:
        if school.finalized and school.dbn in scheduled:
            ats.finalize(school.dbn, term.code, by=DIIT)


def ats_person(person: Person) -> AtsPerson:
    """Write a person of a story the way ATS keeps them; number and e-mail must be known."""
    first, last = person.first_and_last
    return AtsPerson(
        id=person.id,
        role=person.role,
        first_name=first,
        last_name=last,
        email=person.email or "",
        schools=person.schools,
        grade=person.grade,
        birth_date=person.birth_date,
        gender=person.gender,
    )


def _clever_only(district: District) -> list[UserRow]:
    rows = []
    for index, person in enumerate(district.clever_only, start=1):
        first, _, last = person.name.rpartition(" ")
        rows.append(
            UserRow(
                role=person.role,
                sis_id=f"{person.role}-{index}",
                first_name=first or last,
                last_name=last,
                email=person.email,
                schools=person.schools,
            )
        )
    return rows


def _fill_otus(world: "World", district: District) -> None:
    """Write what a perfect sync would have written on an empty Otus, and the admins made by hand."""
    world.otus_api("PATCH", "/settings", SettingsEdit(manual_rostering=world.setup.manual_rostering))
    for admin in district.admins:
        first, _, last = admin.name.rpartition(" ")
        answer = world.otus_api(
            "POST", "/accounts", NewAccount("admin", admin.email, first or last, last, admin.schools)
        )
        if answer.code >= 300:
            raise PastError(f"Otus refuses the admin {admin.name}: {world.message_of(answer)}")
        world.directory.accounts[admin.name] = msgspec.json.decode(answer.body, type=OtusAccount).id
        world.directory.outsiders[admin.name] = admin.email
    accounts = _rostered_accounts(world)
    _rostered_classes(world, accounts)


def _rostered_accounts(world: "World") -> dict[str, int]:
    clever = world.clever_view()
    rows = [
        AccountWrite(
            clever_id=user.id,
            role=user.role,
            email=user.email,
            first_name=user.first_name,
            last_name=user.last_name,
            sis_id=user.sis_id,
            schools=user.schools,
        )
        for user in clever.users.values()
        if user.email
    ]
    accounts: dict[str, int] = {}
    for start in range(0, len(rows), BULK_ROWS_MAX):
        batch = rows[start : start + BULK_ROWS_MAX]
        answer = world.integration_api("POST", "/accounts/bulk", AccountWrites(batch))
        for row, result in zip(batch, msgspec.json.decode(answer.body, type=BulkResult).results, strict=True):
            if result.id is None:
                raise PastError(f"Otus refuses the account of {row.first_name} {row.last_name}: {result.message}")
            accounts[row.clever_id] = result.id
    return accounts


def _rostered_classes(world: "World", accounts: dict[str, int]) -> None:
    rows = []
    for section in world.clever_view().sections.values():
        teachers = [accounts[member] for member in section.teachers if member in accounts]
        rows.append(
            ClassWrite(
                clever_id=section.id,
                name=section.name,
                school=section.school,
                roster=Roster(
                    teacher=teachers[0] if teachers else None,
                    co_teachers=tuple(teachers[1:]),
                    students=tuple(accounts[member] for member in section.students if member in accounts),
                ),
            )
        )
    for start in range(0, len(rows), BULK_ROWS_MAX):
        world.integration_api("POST", "/classes/bulk", ClassWrites(rows[start : start + BULK_ROWS_MAX]))
