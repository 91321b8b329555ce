"""Reading Clever: all that is shared with the application, page by page (H11). Nothing here decides anything.

Only the fields the sync uses are declared; the rest of a record is passed over while it is decoded, so a new
or strange field (Clever's enums drift) cannot stop a run.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import msgspec

from otus_sync.errors import UnexpectedAnswerError
from otus_sync.http import Http
from otus_sync.log import Log
from otus_sync.settings import Settings

API = "/v3.1"

Record = TypeVar("Record")


class District(msgspec.Struct, frozen=True):
    """The district itself."""

    id: str
    name: str = ""
    state: str = ""
    """``running``, or ``paused`` in summer: then the records are those of the day it was paused."""
    last_sync: str | None = None
    """When Clever last took in a delivery."""


class School(msgspec.Struct, frozen=True, gc=False):
    """A school."""

    id: str
    sis_id: str = ""
    """The DBN."""


class Name(msgspec.Struct, frozen=True, gc=False):
    """What somebody is called."""

    first: str | None = None
    last: str | None = None


class Part(msgspec.Struct, frozen=True, gc=False):
    """What somebody is as a student, or as a teacher."""

    sis_id: str | None = None
    """OSIS or staff number."""
    school: str | None = None
    schools: tuple[str, ...] = ()


class Roles(msgspec.Struct, frozen=True, gc=False):
    """The roles the sync cares for (F6: staff, district admins and contacts are none of its business)."""

    student: Part | None = None
    teacher: Part | None = None


class User(msgspec.Struct, frozen=True, gc=False):
    """A person."""

    id: str
    email: str | None = None
    name: Name = Name()
    roles: Roles = Roles()


class Section(msgspec.Struct, frozen=True, gc=False):
    """A section with the ids of its people, some of which may not be shared (A16)."""

    id: str
    school: str | None = None
    name: str | None = None
    sis_id: str | None = None
    teacher: str | None = None
    teachers: tuple[str, ...] = ()
    """The main teacher first."""
    students: tuple[str, ...] = ()


class CleverSide(msgspec.Struct, frozen=True):
    """All of Clever that one run works with."""

    district: District
    schools: tuple[School, ...]
    users: tuple[User, ...]
    """Everybody with a student or teacher role, by id."""
    sections: tuple[Section, ...]


class _Link(msgspec.Struct, frozen=True):
    rel: str
    uri: str


class _Item(msgspec.Struct, Generic[Record], frozen=True, gc=False):
    data: Record


class _Page(msgspec.Struct, Generic[Record], frozen=True):
    data: list[_Item[Record]]
    links: list[_Link] = []


class CleverReader:
    """Reads Clever whole.

    Args:
        http: to Clever.
        settings: how large a page is, and how often to read anew.
        log: told of counts.
        alive: called after every page.
    """

    def __init__(self, http: Http, settings: Settings, log: Log, alive: Callable[[], None]) -> None:
        self._http = http
        self._settings = settings
        self._log = log
        self._alive = alive

    def read(self) -> CleverSide:
        """Read everything; again, if Clever took in a delivery meanwhile.

        Pages from before and after a delivery do not fit together: a student who moved may stand in neither
        of two sections. After ``reads_max`` times the last reading counts; the next night mends it.

        Raises:
            RequestError: as :meth:`Http.request` does.
        """
        before = self._district()
        for _ in range(self._settings.reads_max):
            side = self._read_once(before)
            after = self._district()
            if after.last_sync == before.last_sync:
                break
            self._log.warning("clever.changed_while_read", before=before.last_sync, after=after.last_sync)
            before = after
        return side

    def _read_once(self, district: District) -> CleverSide:
        # Sections come before people: whoever is new in a section meanwhile is then found among the people.
        schools = tuple(self._records("/schools", School))
        sections = tuple(_compact(section) for section in self._records("/sections", Section))
        users = {user.id: user for role in ("student", "teacher") for user in self._users(role)}
        self._log.info("clever.read", schools=len(schools), sections=len(sections), users=len(users))
        return CleverSide(district, schools, tuple(users[key] for key in sorted(users)), sections)

    def _district(self) -> District:
        page = self._http.request("GET", f"{API}/districts", _Page[District])
        if len(page.data) != 1:
            found = f"the token is for {len(page.data)} districts; the sync needs the token of one"
            raise UnexpectedAnswerError("Clever", f"GET {API}/districts", found)
        return page.data[0].data

    def _users(self, role: str) -> Iterator[User]:
        return self._records("/users", User, f"role={role}&")

    def _records(self, path: str, kind: type[Record], query: str = "") -> Iterator[Record]:
        uri: str | None = f"{API}{path}?{query}limit={self._settings.page_limit}"
        while uri is not None:
            # A generic struct is made for the kind at run time, which a type checker cannot follow.
            page: _Page[Record] = self._http.request("GET", uri, _Page[kind])  # type: ignore[valid-type]
            self._alive()
            yield from (item.data for item in page.data)
            uri = self._next(uri, page.links)

    def _next(self, uri: str, links: list[_Link]) -> str | None:
        following = next((link.uri for link in links if link.rel == "next"), None)
        if following is not None and (following == uri or not following.startswith("/")):
            raise UnexpectedAnswerError("Clever", f"GET {uri}", f"its next page leads to {following!r}")
        return following


def _compact(section: Section) -> Section:
    """Share equal ids between sections: a district has 7 million of them for a million people."""
    return msgspec.structs.replace(
        section,
        teachers=tuple(map(sys.intern, section.teachers)),
        students=tuple(map(sys.intern, section.students)),
    )
