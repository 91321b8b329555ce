"""Why is a student missing from a class in Otus? The five steps of the FAQ, in its order, with evidence (F12)."""

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, get_args

import msgspec

from fakes.ats.records import Person, Schedule, Section
from simulator.clock import new_york
from simulator.night import Sight
from simulator.views import OtusView

if TYPE_CHECKING:
    from simulator.world import World

Reason = Literal[
    "not missing",
    "no e-mail",
    "schedule not finalized",
    "not in the section",
    "not in Clever yet",
    "no successful sync since",
    "ID needs adjusting",
]
REASONS: tuple[Reason, ...] = get_args(Reason)

WHO_MUST_ACT: dict[Reason, str] = {
    "not missing": "nobody",
    "no e-mail": "the DIIT office adds an e-mail in ATS/STARS",
    "schedule not finalized": "the DIIT office finalizes the schedule in ATS/STARS",
    "not in the section": "the DIIT office adds the student to the section in ATS/STARS",
    "not in Clever yet": "nobody: wait until the 72 hours have passed",
    "no successful sync since": "nobody: wait for the next successful nightly sync",
    "ID needs adjusting": "Otus Support adjusts the student's ID",
}


T = TypeVar("T")


class Diagnosis(NamedTuple):
    """Why a student is missing, and how one can tell."""

    reason: Reason
    evidence: str


def diagnose(world: "World", student: str, class_name: str) -> Diagnosis:
    """Go through the FAQ's steps for a student and a class.

    Args:
        world: is read, never changed.
        student: as the story names them.
        class_name: likewise.
    """
    person = world.directory.people[student]
    section_id = world.directory.sections[class_name]
    section = _ats(world, f"/sections/{section_id}", Section)
    clever = world.clever_view()
    clever_section = clever.section_of(section_id)
    user = clever.user_of(person.id)
    if user is not None and clever_section is not None and _is_rostered(world.otus_view(), user.id, clever_section.id):
        return Diagnosis("not missing", f"{student} is on the roster of {class_name} in Otus")
    if user is not None and not user.email and not _ats(world, f"/people/{person.id}", Person).email:
        return Diagnosis("no e-mail", f"ATS and Clever have no e-mail for {student}")  # H4 comes first where it applies
    enrolled = person.id in section.students and not section.canceled
    schedule = _ats(world, f"/schedules/{section.dbn}/{section.term}", Schedule)
    if schedule.state == "draft" and not (enrolled and _enrollment_is_released(world, section_id, person.id)):
        return Diagnosis("schedule not finalized", f"the schedule of {section.dbn} is a draft")
    if not enrolled:
        return Diagnosis("not in the section", f"ATS does not list {student} in {class_name}")
    if user is None or clever_section is None or user.id not in clever_section.students:
        return Diagnosis("not in Clever yet", f"Clever does not list {student} in {class_name}")
    if not user.email:
        return Diagnosis("not in Clever yet", f"Clever has no e-mail for {student} yet")
    sight = world.runner.last_sight
    if sight is None or _is_news_to(sight, world.otus_view(), user.id, clever_section.id):
        since = new_york(world.feed.arrived_at(section_id, person.id) or world.clock.start)
        return Diagnosis("no successful sync since", f"in Clever since {since}, and no sync has succeeded since")
    return Diagnosis("ID needs adjusting", f"the sync of {new_york(sight.started)} succeeded without {student}")


def _ats(world: "World", path: str, kind: type[T]) -> T:
    return msgspec.json.decode(world.ats_api("GET", path).body, type=kind)


def _is_news_to(sight: Sight, otus: OtusView, user_id: str, section_id: str) -> bool:
    """Tell whether the next sync may bring a student, as something is new since the last good one.

    Clever did not list them then, or had no e-mail; or they were rostered, and somebody has taken them out by
    hand since (H1); or Support has adjusted their ID since (A10).
    """
    user, section = sight.clever.users.get(user_id), sight.clever.sections.get(section_id)
    if user is None or not user.email or section is None or user_id not in section.students:
        return True
    adjusted = otus.account_of(user_id) is not None and sight.otus.account_of(user_id) is None
    return adjusted or _is_rostered(sight.otus, user_id, section_id)


def _enrollment_is_released(world: "World", section_id: str, osis: str) -> bool:
    """Tell whether the enrolment has left ATS: what a reopened schedule holds back is only what came after (A2)."""
    latest = [d.change.record for d in world.feed.deliveries if d.change.record.key == section_id]
    return bool(latest) and isinstance(latest[-1], Section) and osis in latest[-1].students


def _is_rostered(otus: OtusView, user_id: str, section_id: str) -> bool:
    account, klass = otus.account_of(user_id), otus.class_of(section_id)
    return account is not None and klass is not None and account.id in otus.rosters[klass.id].roster.students
