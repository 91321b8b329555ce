"""The classes that Clever wants, with the members that can be rostered (H11, A16)."""

from collections.abc import Iterable, Mapping

from otus_sync.clever import Section
from otus_sync.otus_records import TEXT_LETTERS_MAX
from otus_sync.plan.accounts import People
from otus_sync.plan.digests import WantedClass
from otus_sync.plan.model import Skipped


def teachers_of(section: Section) -> tuple[str, ...]:
    """Give a section's teachers, the main one first."""
    if section.teachers or not section.teacher:
        return section.teachers
    return (section.teacher,)


def wanted_class(section: Section, school: str, people: People) -> WantedClass:
    """Give one section as a class: also an empty one, and one without a teacher (H11).

    The first teacher is the main one and the rest are co-teachers. If the first cannot be rostered, no other
    one is promoted: Otus would call a co-teacher what Clever does not.

    Args:
        section: as read.
        school: its DBN.
        people: who can be rostered.
    """
    main, *others = teachers_of(section) or ("",)
    teacher = main if _can_be(main, "teacher", people) else None
    co_teachers = [key for key in dict.fromkeys(others) if _can_be(key, "teacher", people) and key != teacher]
    students = [key for key in dict.fromkeys(section.students) if _can_be(key, "student", people)]
    name = (section.name or "").strip() or section.sis_id or section.id
    return WantedClass(
        clever_id=section.id,
        name=name[:TEXT_LETTERS_MAX],
        school=school,
        teacher=teacher,
        co_teachers=tuple(co_teachers),
        students=tuple(students),
    )


def dangling(sections: Iterable[Section], dbns: Mapping[str, str], people: People) -> tuple[Skipped, ...]:
    """List what sections name and Clever does not have or does not share (A16).

    People whom Clever has and who could not be rostered are not listed: they are problems by name.
    """
    skipped = []
    for section in sections:
        ids = [key for key in (*teachers_of(section), *section.students) if key not in people.roles]
        if section.school not in dbns:
            ids.append(section.school or "(no school)")
        if ids:
            skipped.append(Skipped(section.id, tuple(ids)))
    return tuple(skipped)


def _can_be(key: str, role: str, people: People) -> bool:
    return key in people.refs and people.roles[key] == role
