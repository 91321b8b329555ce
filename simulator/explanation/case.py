"""What the three systems hold about a person and a class, gathered once for all questions."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from fakes.ats.records import Change, ChangePage, Schedule
from fakes.ats.records import Person as AtsPerson
from fakes.ats.records import Section as AtsSection
from fakes.otus.listings import AuditLine, AuditPage
from fakes.otus.records import PAGE_LIMIT_MAX, Account, Class, Part, RunProblem
from simulator.explanation.records import Evidence, Status
from simulator.explanation.subject import Course, Subject, Systems
from simulator.feed import Delivery, members_of
from simulator.views import CleverSection, CleverUser
from simulator.world import World

HISTORY_LIMIT = 10_000
"""Changes of one record that are looked at."""


class Who(NamedTuple):
    """A person in the three systems."""

    systems: Systems
    now: datetime
    subject: Subject
    ats: AtsPerson | None
    changes: list[Change]
    """Of the person in ATS, the oldest first."""
    clever: CleverUser | None
    """As Clever shows them to Otus."""

    @property
    def world(self) -> World:
        """The world of the systems."""
        return self.systems.world

    @property
    def account(self) -> Account | None:
        """Their account in Otus, linked to them or not."""
        return self.subject.account

    @property
    def clever_id(self) -> str | None:
        """Clever's id of them now, also if it is not shared."""
        if self.subject.number is None or self.subject.role is None:
            return None
        return self.world.clever.clever_id("user", self.subject.number, self.subject.role)

    @property
    def linked(self) -> bool:
        """Whether their account is tied to the Clever user that they have now."""
        return (
            self.account is not None and self.account.clever_id is not None and self.account.clever_id == self.clever_id
        )


class Where(NamedTuple):
    """A class in the three systems, and how the person is in it."""

    course: Course
    section: AtsSection | None
    schedule: Schedule | None
    changes: list[Change]
    """Of the section in ATS, the oldest first."""
    clever: CleverSection | None
    status: Status
    part: Part | None
    """In Otus."""

    @property
    def otus(self) -> Class | None:
        """The class in Otus."""
        return self.course.otus

    @property
    def by_hand(self) -> bool:
        """Whether the class itself was made by hand (F10)."""
        return self.course.section_id is None


def gather_person(systems: Systems, subject: Subject) -> Who:
    """Read what there is about a person."""
    world = systems.world
    number = subject.number
    if number is None:
        return Who(systems, world.clock(), subject, None, [], None)
    ats = msgspec.json.decode(world.read_ats(f"/people/{number}"), type=AtsPerson)
    user = next((user for user in systems.clever.users_of(number) if user.role == subject.role), None)
    return Who(systems, world.clock(), subject, ats, history(world, f"/people/{number}"), user)


def gather_class(who: Who, course: Course) -> Where:
    """Read what there is about a class, and how a person is in it."""
    systems, world = who.systems, who.world
    status, part = _membership(who, course)
    if course.section_id is None:
        return Where(course, None, None, [], None, status, part)
    section = msgspec.json.decode(world.read_ats(f"/sections/{course.section_id}"), type=AtsSection)
    schedule = msgspec.json.decode(world.read_ats(f"/schedules/{section.dbn}/{section.term}"), type=Schedule)
    clever = systems.clever.section_of(course.section_id)
    changes = history(world, f"/sections/{course.section_id}")
    return Where(course, section, schedule, changes, clever, status, part)


def history(world: World, path: str) -> list[Change]:
    """Read the history of a record of ATS, the oldest change first."""
    body = world.read_ats(f"{path}/history?limit={HISTORY_LIMIT}")
    return msgspec.json.decode(body, type=ChangePage).items


def _membership(who: Who, course: Course) -> tuple[Status, Part | None]:
    account, klass = who.account, course.otus
    if account is None or klass is None:
        return "none", None
    found = who.systems.otus.members(klass.id).get(account.id)
    if found is None:
        return "none", None
    part, provenance = found
    if provenance == "clever" and (klass.archived or not account.active):
        return "none", part  # A12, A13: nobody sees them there
    return ("roster" if provenance == "clever" else "hand"), part


# ---------------------------------------------------------------- where things have come from


def is_wanted(who: Who, where: Where) -> bool:
    """Tell whether ATS has somebody in a section, whatever has left it so far."""
    return (
        where.section is not None
        and who.subject.number in members_of(where.section)
        and who.ats is not None
        and not who.ats.discharged
    )


def is_listed(who: Who, where: Where) -> bool:
    """Tell whether Clever shows somebody to Otus in a section."""
    if who.clever is None or where.clever is None:
        return False
    return who.clever.id in (*where.clever.teachers, *where.clever.students)


def entry_into(changes: list[Change], number: str | None) -> Change | None:
    """Give the change since which somebody is, or is not, on a section's list, as its last change has it."""
    if not changes or not isinstance(changes[-1].record, AtsSection):
        return None
    now = number in members_of(changes[-1].record)
    since = changes[-1]
    for change in reversed(changes):
        if not isinstance(change.record, AtsSection) or (number in members_of(change.record)) != now:
            break
        since = change
    return since


def on_its_way(who: Who, key: str | None) -> list[Delivery]:
    """Give what the feed still carries of a record, in the order in which it arrives."""
    return [delivery for delivery in who.world.feed.pending() if delivery.change.record.key == key]


def audit_lines(who: Who, *, account_id: int | None = None, class_id: int | None = None) -> list[AuditLine]:
    """Read Otus's audit log about an account, or about an account in a class, the oldest line first."""
    query = f"limit={PAGE_LIMIT_MAX}" + (f"&account={account_id}" if account_id is not None else "")
    query += f"&class_id={class_id}" if class_id is not None else ""
    lines: list[AuditLine] = []
    after: int | None = 0
    while after is not None:
        body = who.world.integration_reads(f"/audit?{query}&after={after}")
        page = msgspec.json.decode(body, type=AuditPage)
        lines += page.items
        after = page.next
    return lines


def problem_of(who: Who) -> RunProblem | None:
    """Give what the last run that got to its end reported about somebody."""
    clever_id = who.clever_id
    for run in who.world.runs().items:
        if run.status in ("succeeded", "held"):
            return next((problem for problem in run.problems if problem.clever_id == clever_id), None)
    return None


def evidence_of(change: Change, what: str) -> Evidence:
    """Point at a change of ATS."""
    return Evidence("ATS/STARS", f"{change.by}: {what}", f"{change.record.key}, change {change.number}", change.at)
