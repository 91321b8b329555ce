"""Why is somebody missing from a class in Otus? The five steps of the FAQ, in its order, with evidence (F12).

The FAQ asks them of students; teachers and co-teachers come the same way, so they are asked of them too.
"""

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, get_args

import msgspec

from fakes.ats.records import Person, Schedule, Section
from simulator.clock import new_york
from simulator.feed import members_of
from simulator.views import CleverView, OtusView

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
    "not in the section": "the DIIT office adds them to the section in ATS/STARS",
    "not in Clever yet": "nobody: wait until the 72 hours have passed",
    "no successful sync since": "nobody: wait for the next successful nightly sync",
    "ID needs adjusting": "Otus Support adjusts their ID",
}


T = TypeVar("T")


class Diagnosis(NamedTuple):
    """Why somebody is missing, and how one can tell."""

    reason: Reason
    evidence: str


def diagnose(world: "World", name: str, class_name: str) -> Diagnosis:
    """Go through the FAQ's steps for a student, or a teacher, and a class.

    Args:
        world: is read, never changed.
        name: of the person, as the story has it.
        class_name: likewise.
    """
    person = world.directory.people[name]
    section_id = world.directory.sections[class_name]
    section = _ats(world, f"/sections/{section_id}", Section)
    clever = world.clever_view()
    clever_section = clever.section_of(section_id)
    user = clever.user_of(person.id)
    otus = world.otus_view()
    if user is not None and clever_section is not None and _is_rostered(otus, user.id, clever_section.id):
        return Diagnosis("not missing", f"{name} is on the roster of {class_name} in Otus")
    if user is not None and not user.email and not _ats(world, f"/people/{person.id}", Person).email:
        return Diagnosis("no e-mail", f"ATS and Clever have no e-mail for {name}")  # H4 comes first where it applies
    enrolled = person.id in members_of(section)
    schedule = _ats(world, f"/schedules/{section.dbn}/{section.term}", Schedule)
    if schedule.state == "draft" and not (enrolled and _enrollment_is_released(world, section_id, person.id)):
        return Diagnosis("schedule not finalized", f"the schedule of {section.dbn} is a draft")
    if not enrolled:
        return Diagnosis("not in the section", f"ATS does not list {name} in {class_name}")
    if user is None or clever_section is None or user.id not in (*clever_section.teachers, *clever_section.students):
        return Diagnosis("not in Clever yet", f"Clever does not list {name} in {class_name}")
    if not user.email:
        return Diagnosis("not in Clever yet", f"Clever has no e-mail for {name} yet")
    sight = world.runner.last_sight
    if sight is None or not _lists(sight.clever, user.id, clever_section.id):
        since = new_york(world.feed.arrived_at(section_id, person.id) or world.clock.start)
        return Diagnosis("no successful sync since", f"in Clever since {since}, and no sync has succeeded since")
    last = new_york(sight.started)
    if otus.account_of(user.id) is not None:  # taken out by hand since (H1), or Support has just adjusted the ID
        return Diagnosis("no successful sync since", f"the account of {name} is in order; the last sync was {last}")
    return Diagnosis("ID needs adjusting", f"the sync of {last} succeeded without {name}")


def _ats(world: "World", path: str, kind: type[T]) -> T:
    return msgspec.json.decode(world.read_ats(path), type=kind)


def _lists(clever: CleverView, user_id: str, section_id: str) -> bool:
    """Tell whether Clever had somebody in a section, with the e-mail that an account needs (H4)."""
    user, section = clever.users.get(user_id), clever.sections.get(section_id)
    if user is None or section is None:
        return False
    return bool(user.email) and user_id in (*section.teachers, *section.students)


def _enrollment_is_released(world: "World", section_id: str, person_id: str) -> bool:
    """Tell whether the enrolment has left ATS: what a reopened schedule holds back is only what came after (A2)."""
    latest = [d.change.record for d in world.feed.deliveries if d.change.record.key == section_id]
    return bool(latest) and isinstance(latest[-1], Section) and person_id in members_of(latest[-1])


def _is_rostered(otus: OtusView, user_id: str, section_id: str) -> bool:
    account, klass = otus.account_of(user_id), otus.class_of(section_id)
    if account is None or klass is None or not account.active or klass.archived:
        return False
    membership = otus.members(klass.id).get(account.id)
    return membership is not None and membership[1] == "clever"
