"""The sub-paths of records: what stands under a school, a section, a course, a term, a user, a resource."""

from typing import NamedTuple

from fakes.clever.envelopes import PageQuery, ResourceUsersQuery, SchoolUsersQuery, SectionUsersQuery, UserSchoolsQuery
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


SCHOOL, SECTION, COURSE, TERM, RESOURCE = ("school",), ("section",), ("course",), ("term",), ("resource",)
TO_SECTIONS, TO_RESOURCES = up("section"), up("resource")

RELATIONS = (
    Relation("school", "courses", "course", Path(SCHOOL, (TO_SECTIONS, down("course"))), PageQuery),
    Relation("school", "sections", "section", Path(SCHOOL, (TO_SECTIONS,)), PageQuery),
    Relation("school", "terms", "term", Path(SCHOOL, (TO_SECTIONS, down("term"))), PageQuery),
    Relation("school", "users", "user", Path(SCHOOL, (up("staff", "student", "teacher"),)), SchoolUsersQuery),
    Relation("section", "course", "course", Path(SECTION, (down("course"),)), None),
    Relation("section", "school", "school", Path(SECTION, (down("school"),)), None),
    Relation("section", "term", "term", Path(SECTION, (down("term"),)), None),
    Relation("section", "users", "user", Path(SECTION, (down("student", "teacher"),)), SectionUsersQuery),
    Relation("section", "resources", "resource", Path(SECTION, (TO_RESOURCES,)), PageQuery),
    Relation("course", "resources", "resource", Path(COURSE, (TO_RESOURCES,)), PageQuery),
    Relation("course", "schools", "school", Path(COURSE, (TO_SECTIONS, down("school"))), PageQuery),
    Relation("course", "sections", "section", Path(COURSE, (TO_SECTIONS,)), PageQuery),
    Relation("term", "schools", "school", Path(TERM, (TO_SECTIONS, down("school"))), PageQuery),
    Relation("term", "sections", "section", Path(TERM, (TO_SECTIONS,)), PageQuery),
    Relation("user", "myContacts", "user", Path(("student",), (up("contact"),)), PageQuery),
    Relation("user", "myStudents", "user", Path(("teacher",), (TO_SECTIONS, down("student"))), PageQuery),
    Relation("user", "myTeachers", "user", Path(("student",), (TO_SECTIONS, down("teacher"))), PageQuery),
    Relation("user", "resources", "resource", Path(("student", "teacher"), (TO_RESOURCES,)), PageQuery),
    Relation("user", "schools", "school", Path(ROLES, (down("school"),)), UserSchoolsQuery),
    Relation("user", "sections", "section", Path(("student", "teacher"), (TO_SECTIONS,)), PageQuery),
    Relation("resource", "courses", "course", Path(RESOURCE, (down("course"),)), PageQuery),
    Relation("resource", "sections", "section", Path(RESOURCE, (down("section"),)), PageQuery),
    Relation("resource", "users", "user", Path(RESOURCE, (down("student", "teacher"),)), ResourceUsersQuery),
)
"""A school's courses and terms are those of its sections; every kind but resources also has its district."""

WITH_DISTRICT: tuple[Kind, ...] = ("school", "term", "course", "user", "section")
"""What leads to its district; the reference lists no such path under resources."""


def links_of(kind: Kind) -> list[str]:
    """List the sub-paths that a record's links name."""
    names = [relation.name for relation in RELATIONS if relation.kind == kind]
    return sorted([*names, "district"] if kind in WITH_DISTRICT else names)
