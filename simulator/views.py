"""What ATS/STARS, Clever and Otus hold, read over their own APIs, in the shapes that judges compare.

The judges read the systems the way anybody would; they never ask the sync.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Literal
from urllib.parse import quote

import msgspec

from fakes.ats.records import PAGE_LIMIT_MAX as ATS_PAGE_LIMIT_MAX
from fakes.ats.records import Person, PersonPage, Schedule, SchedulePage, School, SchoolPage, Section, SectionPage
from fakes.otus.records import (
    PAGE_LIMIT_MAX,
    Account,
    AccountPage,
    ByHand,
    Class,
    ClassPage,
    ClassRoster,
    Part,
    Provenance,
    RosterPage,
)

Get = Callable[[str], bytes]
"""Fetches a path of a system and gives the body."""

CLEVER_VERSION = "/v3.1"


class AtsView(msgspec.Struct, frozen=True):
    """What ATS/STARS holds."""

    schools: dict[str, School]
    """By DBN."""
    people: dict[str, Person]
    """By OSIS or staff number, the discharged too."""
    sections: dict[str, Section]
    """By id, the cancelled too."""
    schedules: dict[str, Schedule]
    """By school and term."""


def read_ats(get: Get) -> AtsView:
    """Read ATS/STARS but for its history, page by page.

    Args:
        get: fetches a path.
    """
    schools: dict[str, School] = {}
    people: dict[str, Person] = {}
    sections: dict[str, Section] = {}
    after: str | None = ""
    while after is not None:
        school_page = msgspec.json.decode(get(_ats_path("schools", after)), type=SchoolPage)
        schools |= {school.dbn: school for school in school_page.items}
        after = school_page.next
    after = ""
    while after is not None:
        person_page = msgspec.json.decode(get(_ats_path("people", after)), type=PersonPage)
        people |= {person.id: person for person in person_page.items}
        after = person_page.next
    after = ""
    while after is not None:
        section_page = msgspec.json.decode(get(_ats_path("sections", after)), type=SectionPage)
        sections |= {section.id: section for section in section_page.items}
        after = section_page.next
    schedules = msgspec.json.decode(get("/schedules"), type=SchedulePage).items
    return AtsView(schools, people, sections, {schedule.key: schedule for schedule in schedules})


def _ats_path(collection: str, after: str) -> str:
    return f"/{collection}?limit={ATS_PAGE_LIMIT_MAX}&after={quote(after)}"


class CleverUser(msgspec.Struct, frozen=True, gc=False):
    """A user of Clever who is a student or a teacher."""

    id: str
    role: Literal["student", "teacher"]
    sis_id: str
    email: str
    first_name: str
    last_name: str
    schools: tuple[str, ...]
    """DBNs."""
    roles: tuple[str, ...] = ()
    """All that the user holds, in the words of the wire: a teacher may be staff too."""


class CleverSection(msgspec.Struct, frozen=True, gc=False):
    """A section of Clever; people by Clever id, also of people who are not shared."""

    id: str
    sis_id: str
    name: str
    school: str
    """DBN."""
    teachers: tuple[str, ...]
    """The main teacher first."""
    students: tuple[str, ...]


class CleverView(msgspec.Struct, frozen=True, dict=True):
    """What Clever shares with the Otus application."""

    users: dict[str, CleverUser]
    """By Clever id."""
    sections: dict[str, CleverSection]
    """By Clever id."""
    others: frozenset[str] = frozenset()
    """Clever ids of users who are neither students nor teachers (F6)."""

    def user_of(self, sis_id: str) -> CleverUser | None:
        """Find a person by OSIS or staff number; of several the one with the smallest id."""
        return next(iter(self.users_of(sis_id)), None)

    def users_of(self, sis_id: str) -> tuple[CleverUser, ...]:
        """Find all who have an OSIS or staff number."""
        return self._users_by_sis_id.get(sis_id, ())

    def section_of(self, sis_id: str) -> CleverSection | None:
        """Find a section by ATS's id."""
        return self._sections_by_sis_id.get(sis_id)

    # Made when they are first needed, and once: a view never changes.

    @cached_property
    def _users_by_sis_id(self) -> dict[str, tuple[CleverUser, ...]]:
        found: dict[str, tuple[CleverUser, ...]] = {}
        for user in self.users.values():
            found[user.sis_id] = (*found.get(user.sis_id, ()), user)
        return found

    @cached_property
    def _sections_by_sis_id(self) -> dict[str, CleverSection]:
        found: dict[str, CleverSection] = {}
        for section in self.sections.values():
            found.setdefault(section.sis_id, section)
        return found


class CleverDistrict(msgspec.Struct, frozen=True, gc=False):
    """How the district's syncs go, as Clever tells it."""

    state: str
    error: str = ""


class CleverTerm(msgspec.Struct, frozen=True, gc=False):
    """A term of Clever."""

    id: str
    name: str


class OtusView(msgspec.Struct, frozen=True):
    """What Otus holds, but for its sync runs."""

    accounts: dict[int, Account]
    classes: dict[int, Class]
    rosters: dict[int, ClassRoster]
    linked_accounts: dict[str, Account]
    """By the Clever id of their user."""
    linked_classes: dict[str, Class]
    """By the Clever id of their section."""

    def class_of(self, clever_id: str) -> Class | None:
        """Find the class of a Clever section."""
        return self.linked_classes.get(clever_id)

    def account_of(self, clever_id: str) -> Account | None:
        """Find the account linked to a Clever user."""
        return self.linked_accounts.get(clever_id)

    def members(self, class_id: int) -> dict[int, tuple[Part, Provenance]]:
        """Give part and provenance of every member of a class, by account id."""
        return members_of(self.rosters[class_id])

    def by_hand_in(self, class_id: int) -> tuple[ByHand, ...]:
        """Give the by-hand members of a class."""
        return self.rosters[class_id].by_hand

    def without_moments(self) -> bytes:
        """Encode everything but ``created``, ``updated`` and versions, to see whether two states are equal."""
        accounts = [msgspec.structs.replace(account, created="", updated="") for account in self.accounts.values()]
        classes = [msgspec.structs.replace(k, created="", updated="", version=0) for k in self.classes.values()]
        rosters = [_in_order(roster) for roster in self.rosters.values()]
        return msgspec.json.encode((accounts, classes, rosters))


def members_of(held: ClassRoster) -> dict[int, tuple[Part, Provenance]]:
    """Give part and provenance of every member of a class, by account id."""
    members: dict[int, tuple[Part, Provenance]] = {}
    for member in held.by_hand:
        members[member.account] = (member.part, "manual")
    for account in held.roster.students:
        members[account] = ("student", "clever")
    for account in held.roster.co_teachers:
        members[account] = ("co_teacher", "clever")
    if held.roster.teacher is not None:
        members[held.roster.teacher] = ("teacher", "clever")
    return members


def changed_accounts(before: OtusView, after: OtusView) -> frozenset[int]:
    """Give the ids of the accounts that differ between two views."""
    return _changed(before.accounts, after.accounts)


def changed_classes(before: OtusView, after: OtusView) -> frozenset[int]:
    """Give the ids of the classes that differ between two views, themselves or in their members."""
    return _changed(before.classes, after.classes) | _changed(before.rosters, after.rosters)


def _changed(before: Mapping[int, object], after: Mapping[int, object]) -> frozenset[int]:
    return frozenset(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def _in_order(held: ClassRoster) -> ClassRoster:
    roster = msgspec.structs.replace(
        held.roster,
        co_teachers=tuple(sorted(held.roster.co_teachers)),
        students=tuple(sorted(held.roster.students)),
    )
    return ClassRoster(held.class_id, 0, roster, held.by_hand)


def read_otus(get: Get) -> OtusView:
    """Read all of Otus, page by page.

    Args:
        get: fetches a path below the API's prefix.
    """
    accounts: dict[int, Account] = {}
    classes: dict[int, Class] = {}
    rosters: dict[int, ClassRoster] = {}
    after: int | None = 0
    while after is not None:
        account_page = msgspec.json.decode(get(f"/accounts?limit={PAGE_LIMIT_MAX}&after={after}"), type=AccountPage)
        accounts |= {account.id: account for account in account_page.items}
        after = account_page.next
    after = 0
    while after is not None:
        class_page = msgspec.json.decode(get(f"/classes?limit={PAGE_LIMIT_MAX}&after={after}"), type=ClassPage)
        classes |= {klass.id: klass for klass in class_page.items}
        after = class_page.next
    after = 0
    while after is not None:
        roster_page = msgspec.json.decode(get(f"/rosters?limit={PAGE_LIMIT_MAX}&after={after}"), type=RosterPage)
        rosters |= {roster.class_id: roster for roster in roster_page.items}
        after = roster_page.next
    return otus_view_of(accounts, classes, rosters)


def otus_view_of(accounts: dict[int, Account], classes: dict[int, Class], rosters: dict[int, ClassRoster]) -> OtusView:
    """Put a view together from its records by id."""
    linked_accounts = {account.clever_id: account for account in accounts.values() if account.clever_id is not None}
    linked_classes = {klass.clever_id: klass for klass in classes.values() if klass.clever_id is not None}
    return OtusView(accounts, classes, rosters, linked_accounts, linked_classes)


class _School(msgspec.Struct, frozen=True, gc=False):
    id: str
    sis_id: str


class _Name(msgspec.Struct, frozen=True, gc=False):
    first: str = ""
    last: str = ""


class _Role(msgspec.Struct, frozen=True, gc=False):
    sis_id: str = ""
    schools: tuple[str, ...] = ()


class _Roles(msgspec.Struct, frozen=True, gc=False):
    student: _Role | None = None
    teacher: _Role | None = None
    staff: _Role | None = None
    district_admin: _Role | None = None
    contact: _Role | None = None

    def held(self) -> tuple[str, ...]:
        """Name those that are there."""
        return tuple(name for name in self.__struct_fields__ if getattr(self, name) is not None)


class _User(msgspec.Struct, frozen=True, gc=False):
    id: str
    roles: _Roles
    name: _Name = _Name()
    email: str = ""


class _Section(msgspec.Struct, frozen=True, gc=False):
    id: str
    school: str
    sis_id: str = ""
    name: str = ""
    teachers: tuple[str, ...] = ()
    students: tuple[str, ...] = ()


class _Link(msgspec.Struct, frozen=True, gc=False):
    rel: str
    uri: str


class _SchoolItem(msgspec.Struct, frozen=True, gc=False):
    data: _School


class _UserItem(msgspec.Struct, frozen=True, gc=False):
    data: _User


class _SectionItem(msgspec.Struct, frozen=True, gc=False):
    data: _Section


class _DistrictItem(msgspec.Struct, frozen=True, gc=False):
    data: CleverDistrict


class _TermItem(msgspec.Struct, frozen=True, gc=False):
    data: CleverTerm


class _Districts(msgspec.Struct, frozen=True):
    data: tuple[_DistrictItem]


class _Terms(msgspec.Struct, frozen=True):
    data: list[_TermItem]


class _Schools(msgspec.Struct, frozen=True):
    data: list[_SchoolItem]
    links: list[_Link]


class _Users(msgspec.Struct, frozen=True):
    data: list[_UserItem]
    links: list[_Link]


class _Sections(msgspec.Struct, frozen=True):
    data: list[_SectionItem]
    links: list[_Link]


def _following(links: list[_Link]) -> str | None:
    return next((link.uri for link in links if link.rel == "next"), None)


def read_clever_schools(get: Get) -> dict[str, str]:
    """Read the schools that Clever shares: their DBNs by Clever id.

    Args:
        get: fetches a path of Clever, version included.
    """
    dbns: dict[str, str] = {}
    path: str | None = f"{CLEVER_VERSION}/schools?limit=10000"
    while path is not None:
        school_page = msgspec.json.decode(get(path), type=_Schools)
        dbns |= {item.data.id: item.data.sis_id for item in school_page.data}
        path = _following(school_page.links)
    return dbns


def decode_clever_user(body: bytes, dbns: Mapping[str, str]) -> CleverUser | None:
    """Read the page of one user; ``None`` if they are neither student nor teacher.

    Args:
        body: of the page.
        dbns: of the schools that are shared, by Clever id.
    """
    return _rostered_user(msgspec.json.decode(body, type=_UserItem).data, dbns)


def decode_clever_section(body: bytes, dbns: Mapping[str, str]) -> CleverSection:
    """Read the page of one section; see :func:`decode_clever_user`."""
    return _section(msgspec.json.decode(body, type=_SectionItem).data, dbns)


def read_clever(get: Get, dbns: Mapping[str, str] | None = None) -> CleverView:
    """Read all that Clever shares, page by page.

    Args:
        get: fetches a path of Clever, version included.
        dbns: of the schools that are shared, by Clever id, if they have been read already.
    """
    dbns = read_clever_schools(get) if dbns is None else dbns
    users: dict[str, CleverUser] = {}
    others: set[str] = set()
    sections: dict[str, CleverSection] = {}
    path: str | None = f"{CLEVER_VERSION}/users?limit=10000"
    while path is not None:
        user_page = msgspec.json.decode(get(path), type=_Users)
        for item in user_page.data:
            user = _rostered_user(item.data, dbns)
            if user is None:
                others.add(item.data.id)
            else:
                users[user.id] = user
        path = _following(user_page.links)
    path = f"{CLEVER_VERSION}/sections?limit=10000"
    while path is not None:
        section_page = msgspec.json.decode(get(path), type=_Sections)
        sections |= {item.data.id: _section(item.data, dbns) for item in section_page.data}
        path = _following(section_page.links)
    return CleverView(users, sections, frozenset(others))


def read_district(get: Get) -> CleverDistrict:
    """Read how the district's syncs go.

    Args:
        get: fetches a path of Clever, version included.
    """
    return msgspec.json.decode(get(f"{CLEVER_VERSION}/districts"), type=_Districts).data[0].data


def read_terms(get: Get) -> list[CleverTerm]:
    """Read the terms; there are a few, so they fit on one page.

    Args:
        get: fetches a path of Clever, version included.
    """
    page = msgspec.json.decode(get(f"{CLEVER_VERSION}/terms?limit=10000"), type=_Terms)
    return [item.data for item in page.data]


def _section(raw: _Section, dbns: Mapping[str, str]) -> CleverSection:
    return CleverSection(raw.id, raw.sis_id, raw.name, dbns.get(raw.school, ""), raw.teachers, raw.students)


def _rostered_user(user: _User, dbns: Mapping[str, str]) -> CleverUser | None:
    role: Literal["student", "teacher"] = "student" if user.roles.student is not None else "teacher"
    part = user.roles.student or user.roles.teacher
    if part is None:
        return None
    schools = tuple(dbns[school] for school in part.schools if school in dbns)
    # Clever writes an e-mail as the district typed it; spaces around it are no part of the address.
    return CleverUser(
        user.id, role, part.sis_id, user.email.strip(), user.name.first, user.name.last, schools, user.roles.held()
    )
