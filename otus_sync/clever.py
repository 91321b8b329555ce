"""Reading Clever: all that is shared with the application (H11), whole or by events."""

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

import msgspec

from otus_sync.clever_records import CleverSide, District, Name, Part, Roles, School, Section, User
from otus_sync.clock import Clock, written
from otus_sync.errors import RefusedError, UnexpectedAnswerError
from otus_sync.events import KINDS, Event, Followed, Kind
from otus_sync.following import Now, could_be_silent, is_followed, reason_to_pull
from otus_sync.http import Http
from otus_sync.lanes import Lanes
from otus_sync.log import Log
from otus_sync.mirror import Mirror, Standing
from otus_sync.packed import in_batches
from otus_sync.plan.batches import Batch, Batching
from otus_sync.plan.gathering import Gathered, Gathering
from otus_sync.readers import Cursor, Listing, Page, Readers
from otus_sync.settings import Settings

__all__ = [
    "CleverReader",
    "CleverSide",
    "District",
    "Memory",
    "Name",
    "Part",
    "Roles",
    "School",
    "Section",
    "User",
]

API = "/v3.1"
EVENTS = f"{API}/events?record_type={','.join(KINDS)}"
SCHOOLS = f"{API}/schools?"
SECTIONS = f"{API}/sections?"
USERS = (f"{API}/users?role=student&", f"{API}/users?role=teacher&")
NOT_OFFERED = (404, 501)
"""What an application is answered that has nothing to do with events."""

BROKEN_MIRROR = "the ledger's mirror of Clever cannot be read"

Item = TypeVar("Item")


class Memory(NamedTuple):
    """What a reader knows of earlier nights, and may keep for later ones."""

    mirror: Mirror
    clock: Clock
    run: int = 0
    """The ledger's number of the run that reads."""
    doubt: str = ""
    """Why the mirror may not fit what is in Otus, if anything speaks for that."""
    keeps: bool = True
    """Whether what is read is kept; a mere look keeps nothing."""


class _Link(msgspec.Struct, frozen=True):
    rel: str
    uri: str


class _Envelope(msgspec.Struct, Generic[Item], frozen=True, gc=False):
    data: Item


class _Page(msgspec.Struct, Generic[Item], frozen=True):
    data: list[_Envelope[Item]]
    links: list[_Link] = []


class _OtherSchoolsError(Exception):
    """Events tell of schools that what is kept knows nothing of."""


class CleverReader:
    """Reads Clever.

    Args:
        http: to Clever.
        settings: how large a page is, how often to read anew, and which way.
        log: told of counts, and of the way.
        alive: called after every page.
        memory: of earlier nights; without it Clever is read whole and no event is asked for.
        readers: read what is long; by default there are none, and it is read here.
    """

    def __init__(
        self,
        http: Http,
        settings: Settings,
        log: Log,
        alive: Callable[[], None],
        memory: Memory | None = None,
        readers: Readers | None = None,
    ) -> None:
        self._http = http
        self._settings = settings
        self._log = log
        self._alive = alive
        self._memory = memory
        self._readers = readers
        self._distrust = ""
        self._lanes = Lanes(settings.in_flight_of_a_list)
        self.followed = False
        """Whether the last reading was the mirror and events."""
        self.why_pulled = "the setting follow is full"
        """Why it was a full pull, if it was one."""

    def read(self) -> Gathered:
        """Read everything; again, if Clever took in a delivery meanwhile, or other schools are shared.

        Pages from before and after a delivery do not fit together: a student who moved may stand in neither
        of two sections. After ``reads_max`` times the last reading counts; the next night mends it.

        Raises:
            RequestError: as :meth:`Http.request` does.
            LedgerError: the mirror cannot be read or written.
        """
        district = self._district()
        if self._memory is not None and is_followed(self._settings):
            return self._read_with(self._memory, district)
        if self._memory is not None and self._memory.keeps:
            self._memory.mirror.forget()
        return self._pulled(district)

    def pull_next(self, reason: str) -> None:
        """Have the next reading be a full pull."""
        self._distrust = reason

    # ------------------------------------------------------------ which way

    def _read_with(self, memory: Memory, district: District) -> Gathered:
        moment, standing = memory.clock(), memory.mirror.standing()
        began = written(moment)
        if standing is None and not memory.keeps:
            # Nothing to follow from, and nothing is kept: no event is of any use.
            return self._pulled(district)
        # The safe start: what changes after this event is noted is told by a later one, whether or not the pull
        # below has seen it.
        newest = self._newest_event()
        now = Now(moment, district.id, newest, memory.doubt)
        why = self._distrust or reason_to_pull(self._settings, standing, now)
        deleted: Mapping[tuple[Kind, str], str] = {}
        if standing is not None and not why:
            held = memory.mirror.followed()
            if held is not None:
                again = msgspec.structs.replace(standing, read_at=began, run=memory.run)
                found = self._follow_and_keep(memory, district, held, again, newest)
                if found is not None:
                    return found
                deleted, why = held.deleted, "Clever's events tell of other schools"
        return self._pull_and_keep(memory, district, standing, now, deleted, why or BROKEN_MIRROR)

    def _pull_and_keep(
        self,
        memory: Memory,
        district: District,
        standing: Standing | None,
        now: Now,
        deleted: Mapping[tuple[Kind, str], str],
        why: str,
    ) -> Gathered:
        """Read everything, and keep it if events are told from now on."""
        self._say_why(why)
        if not (memory.keeps and now.newest):
            if memory.keeps:
                memory.mirror.forget()
            return self._pulled(district)
        began = written(now.moment)
        gathering, district = self._until_still(self._pull, district)
        gone = None if standing is None else memory.mirror.gone_from(gathering.has)
        silent = standing is not None and gone is not None and self._are_silent(memory, standing, now, gathering)
        new = Standing(district.id, now.newest, began, began, memory.run, silent)
        memory.mirror.keep_all(gathering, new, {**(gone or {}), **deleted})
        return Gathered(district, gathering)

    def _are_silent(self, memory: Memory, standing: Standing, now: Now, pulled: Gathering) -> bool:
        """Tell whether events have failed to tell what a full pull found."""
        if not could_be_silent(standing, now):
            return False
        held = memory.mirror.followed()
        silent = standing.silent or (held is not None and not held.gathering().same_as(pulled))
        if silent:
            self._log.warning("clever.events_silent", since=standing.cursor)
        return silent

    def _follow_and_keep(
        self, memory: Memory, district: District, held: Followed, standing: Standing, newest: str
    ) -> Gathered | None:
        """Follow events, and keep what they have changed; ``None`` if they tell of other schools."""
        self.followed = True
        cursor = standing.cursor
        # What has been asked for already need not be asked again: a quiet night has no page to read.
        nothing_new = newest == cursor

        def follow() -> Gathering:
            nonlocal cursor, nothing_new
            cursor = cursor if nothing_new else self._follow(held, cursor)
            nothing_new = False
            if held.has_other_schools():
                raise _OtherSchoolsError
            return held.gathering()

        try:
            gathering, district = self._until_still(follow, district)
        except _OtherSchoolsError:
            return None
        if memory.keeps:
            memory.mirror.keep_touched(held, msgspec.structs.replace(standing, cursor=cursor))
        return Gathered(district, gathering)

    def _say_why(self, why: str) -> None:
        self.followed, self.why_pulled = False, why
        say = self._log.warning if self._settings.follow == "events" else self._log.info
        say("clever.full_pull", reason=why)

    def _pulled(self, district: District) -> Gathered:
        gathering, district = self._until_still(self._pull, district)
        return Gathered(district, gathering)

    def _until_still(self, read: Callable[[], Gathering], before: District) -> tuple[Gathering, District]:
        for _ in range(self._settings.reads_max):
            found = read()
            # Clever tells nobody that a school is shared now, or no more (H11); what does not fit gives it away. Lists
            # that were read at once may fit all the same: of a school that goes people are read, and then no section.
            suspect = found.looks_torn or self._readers is not None
            others = suspect and found.school_ids != {school.id for school in self._items(SCHOOLS, School)}
            after = self._district()
            if after.last_sync == before.last_sync and not others:
                break
            self._log.warning(
                "clever.changed_while_read", before=before.last_sync, after=after.last_sync, other_schools=others
            )
            before = after
        return found, before

    # ------------------------------------------------------------ whole

    # Sections come before people: whoever is new in a section meanwhile is then found among the people.

    def _pull(self) -> Gathering:
        """Read everything, and keep of it what a run needs, packed."""
        gathering = Gathering(self._items(SCHOOLS, School))
        for batch in self._batches(gathering.batching):
            gathering.add(batch)
        self._log.info("clever.read", sections=len(gathering.sections), users=len(gathering.census))
        return gathering

    # ------------------------------------------------------------ by events

    def _newest_event(self) -> str:
        """Give the id of the newest event; empty if events are not enabled, or cannot be asked for."""
        try:
            page = self._page(f"{EVENTS}&ending_before=last&limit=1", Event)
        except RefusedError as refusal:
            if refusal.status not in NOT_OFFERED:
                raise
            return ""
        return page.data[-1].data.id if page.data else ""

    def _follow(self, held: Followed, cursor: str) -> str:
        told = changed = 0
        first = cursor
        for event in self._items(f"{EVENTS}&starting_after={cursor}&", Event):
            told += 1
            # An answer that goes back over what was applied already is passed over.
            if event.id > cursor:
                cursor = event.id
                changed += self._apply(held, event)
        self._log.info("clever.followed", events=told, records=changed, since=first)
        return cursor

    def _apply(self, held: Followed, event: Event) -> bool:
        try:
            return held.apply(event)
        except msgspec.MsgspecError as error:
            found = f"event {event.id}, {event.type}, holds an unexpected record: {error}"
            raise UnexpectedAnswerError("Clever", f"GET {EVENTS}", found) from None

    # ------------------------------------------------------------ pages

    def _district(self) -> District:
        page = self._page(f"{API}/districts", District)
        if len(page.data) != 1:
            found = f"the token is for {len(page.data)} districts; the sync needs the token of one"
            raise UnexpectedAnswerError("Clever", f"GET {API}/districts", found)
        return page.data[0].data

    def _batches(self, batching: Batching) -> Iterator[Batch]:
        if self._readers is None:
            yield from map(batching.sections, in_batches(self._items(SECTIONS, Section)))
            for uri in USERS:
                yield from map(batching.people, in_batches(self._items(uri, User)))
            return
        listings: list[Listing[Batch]] = [self._listing(SECTIONS, Section, batching.sections)]
        listings += [self._listing(uri, User, batching.people) for uri in USERS]
        for batch in self._readers.read(listings):
            self._alive()
            yield batch

    def _listing(self, uri: str, kind: type[Item], make: Callable[[list[Item]], Batch]) -> Listing[Batch]:
        def page(cursor: Cursor) -> Page[Batch]:
            found = self._page(cursor, kind)
            return Page(_next(cursor, found.links), map(make, in_batches(item.data for item in found.data)))

        return Listing(self._first_page(uri), page)

    def _items(self, uri: str, kind: type[Item]) -> Iterator[Item]:
        for page in self._lanes.ahead(self._pages(uri, kind)):
            yield from [item.data for item in page]

    def _pages(self, uri: str, kind: type[Item]) -> Iterator[list[_Envelope[Item]]]:
        following: str | None = self._first_page(uri)
        while following is not None:
            page = self._page(following, kind)
            self._alive()
            yield page.data
            following = _next(following, page.links)

    def _first_page(self, uri: str) -> str:
        return f"{uri}limit={self._settings.page_limit}"

    def _page(self, uri: str, kind: type[Item]) -> _Page[Item]:
        # A generic struct is made for the kind at run time, which a type checker cannot follow.
        return self._http.request("GET", uri, _Page[kind])  # type: ignore[valid-type]


def _next(uri: str, links: list[_Link]) -> str | None:
    following = next((link.uri for link in links if link.rel == "next"), None)
    if following is not None and (following == uri or not following.startswith("/")):
        raise UnexpectedAnswerError("Clever", f"GET {uri}", f"its next page leads to {following!r}")
    return following
