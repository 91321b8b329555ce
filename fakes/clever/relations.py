"""The sub-paths of records: what stands under a school, a section, a course, a term, a user."""

from typing import NamedTuple

from fakes.clever.envelopes import PageQuery, SchoolUsersQuery, SectionUsersQuery, UserSchoolsQuery
from fakes.clever.records import ROLES, Kind
from fakes.clever.selections import Path, down, up


class Relation(NamedTuple):
    """A sub-path."""

    kind: Kind
    """Of the record it stands under."""
    name: str
    """As links write it; routes ignore its case."""
    target: Kind
    path: Path
    query: type[PageQuery] | None
    """What may be asked of the list; ``None`` where the answer is a single record."""

    @property
    def summary(self) -> str:
        """Say it in a sentence."""
        verb = "Get" if self.query is None else "List"
        return f"{verb} the {self.name} of a {self.kind}."


SCHOOL, SECTION, COURSE, TERM = ("school",), ("section",), ("course",), ("term",)
TO_SECTIONS = up("section")

RELATIONS = (
    Relation("school", "courses", "course", Path(SCHOOL, (TO_SECTIONS, down("course"))), PageQuery),
    Relation("school", "sections", "section", Path(SCHOOL, (TO_SECTIONS,)), PageQuery),
    Relation("school", "terms", "term", Path(SCHOOL, (TO_SECTIONS, down("term"))), PageQuery),
    Relation("school", "users", "user", Path(SCHOOL, (up("staff", "student", "teacher"),)), SchoolUsersQuery),
    Relation("section", "course", "course", Path(SECTION, (down("course"),)), None),
    Relation("section", "school", "school", Path(SECTION, (down("school"),)), None),
    Relation("section", "term", "term", Path(SECTION, (down("term"),)), None),
    Relation("section", "users", "user", Path(SECTION, (down("student", "teacher"),)), SectionUsersQuery),
    Relation("course", "schools", "school", Path(COURSE, (TO_SECTIONS, down("school"))), PageQuery),
    Relation("course", "sections", "section", Path(COURSE, (TO_SECTIONS,)), PageQuery),
    Relation("term", "schools", "school", Path(TERM, (TO_SECTIONS, down("school"))), PageQuery),
    Relation("term", "sections", "section", Path(TERM, (TO_SECTIONS,)), PageQuery),
    Relation("user", "myContacts", "user", Path(("student",), (up("contact"),)), PageQuery),
    Relation("user", "myStudents", "user", Path(("teacher",), (TO_SECTIONS, down("student"))), PageQuery),
    Relation("user", "myTeachers", "user", Path(("student",), (TO_SECTIONS, down("teacher"))), PageQuery),
    Relation("user", "schools", "school", Path(ROLES, (down("school"),)), UserSchoolsQuery),
    Relation("user", "sections", "section", Path(("student", "teacher"), (TO_SECTIONS,)), PageQuery),
)
"""A school's courses and terms are those of its sections; every kind also has its district."""


def links_of(kind: Kind) -> list[str]:
    """List the sub-paths that a record's links name."""
    names = [relation.name for relation in RELATIONS if relation.kind == kind]
    return sorted(names if kind == "district" else [*names, "district"])
