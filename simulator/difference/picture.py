"""ATS/STARS, Clever and Otus in one shape: people, classes, and who is in what as what."""

from typing import NamedTuple

from simulator.views import AtsView, CleverView, OtusView


class Card(NamedTuple):
    """A person or a class: how it is called, and what is said of it."""

    name: str
    details: dict[str, str]


class Picture(NamedTuple):
    """What a system holds. Keys are the system's own ids, so that a new name is no new person."""

    people: dict[str, Card]
    classes: dict[str, Card]
    members: dict[tuple[str, str], str]
    """By class and person: ``student``, ``co-teacher by hand``."""


PARTS = {"teacher": "teacher", "co_teacher": "co-teacher", "student": "student"}


def picture_of_ats(view: AtsView) -> Picture:
    """Draw what ATS/STARS holds; who has left it and what is cancelled is drawn as such."""
    people = {
        person.id: Card(
            f"{person.first_name} {person.last_name}",
            {
                "name": f"{person.first_name} {person.last_name}",
                "email": person.email or "none",
                "schools": " ".join(person.schools),
                "state": "discharged" if person.discharged else "active",
            },
        )
        for person in view.people.values()
    }
    classes = {
        section.id: Card(
            section.name,
            {
                "name": section.name,
                "state": "canceled" if section.canceled else "scheduled",
                "schedule": view.schedules[f"{section.dbn} {section.term}"].state,
            },
        )
        for section in view.sections.values()
    }
    members = {}
    for section in view.sections.values():
        if section.teacher is not None:
            members[section.id, section.teacher] = "teacher"
        members |= {(section.id, teacher): "co-teacher" for teacher in section.co_teachers}
        members |= {(section.id, student): "student" for student in section.students}
    return Picture(people, classes, members)


def picture_of_clever(view: CleverView) -> Picture:
    """Draw what Clever shares with Otus."""
    people = {
        user.id: Card(
            f"{user.first_name} {user.last_name}".strip(),
            {
                "name": f"{user.first_name} {user.last_name}".strip(),
                "email": user.email or "none",
                "role": user.role,
                "number": user.sis_id,
                "schools": " ".join(sorted(user.schools)),
            },
        )
        for user in view.users.values()
    }
    classes = {
        section.id: Card(section.name, {"name": section.name, "school": section.school})
        for section in view.sections.values()
    }
    members = {}
    for section in view.sections.values():
        for place, teacher in enumerate(section.teachers):
            members[section.id, teacher] = "teacher" if place == 0 else "co-teacher"
        members |= {(section.id, student): "student" for student in section.students}
    return Picture(people, classes, members)


def picture_of_otus(view: OtusView) -> Picture:
    """Draw what Otus holds."""
    people = {
        str(account.id): Card(
            f"{account.first_name} {account.last_name}".strip(),
            {
                "name": f"{account.first_name} {account.last_name}".strip(),
                "email": account.email,
                "role": account.role,
                "number": account.sis_id or "none",
                "schools": " ".join(sorted(account.schools)),
                "state": "active" if account.active else "inactive",
                "clever id": account.clever_id or "none",
            },
        )
        for account in view.accounts.values()
    }
    classes = {
        str(klass.id): Card(
            klass.name,
            {"name": klass.name, "school": klass.school, "state": "archived" if klass.archived else "active"},
        )
        for klass in view.classes.values()
    }
    members = {
        (str(class_id), str(account)): PARTS[part] + ("" if provenance == "clever" else " by hand")
        for class_id in view.classes
        for account, (part, provenance) in view.members(class_id).items()
    }
    return Picture(people, classes, members)
