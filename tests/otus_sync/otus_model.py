"""A plain model of Otus in memory, as the sync may take it to be, and one night of the sync on it."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from otus_sync.apply import Applied, apply_plan
from otus_sync.clever import CleverReader, CleverSide
from otus_sync.clock import clock_from
from otus_sync.lanes import Lanes
from otus_sync.log import Log
from otus_sync.otus import OtusClient
from otus_sync.otus_records import (
    Account,
    AccountWrite,
    ByHand,
    ClassDigest,
    ClassRoster,
    ClassWrite,
    Counts,
    Digests,
    NewRun,
    Roster,
    RowResult,
    RunEdit,
    SyncRun,
)
from otus_sync.plan import Plan, Ruling, plan_classes_anew, plan_from
from otus_sync.plan.digests import digest_of
from otus_sync.plan.gathering import Gathered, gathered
from otus_sync.plan.model import ClassChange
from otus_sync.reading import read_both, read_classes
from otus_sync.settings import Settings
from tests.otus_sync.builders import DBN
from tests.otus_sync.builders import settings as some_settings


class Room(msgspec.Struct):
    """A class with all its members."""

    id: int
    name: str
    school: str
    clever_id: str | None = None
    archived: bool = False
    version: int = 1
    roster: Roster = Roster()
    by_hand: dict[int, str] = {}


NO_DIGEST = "0" * 16


def digest_of_account(account: Account) -> str:
    """Digest an account as Otus's API defines it."""
    texts = (account.email, account.first_name, account.last_name, account.sis_id or "")
    known = msgspec.msgpack.encode([account.clever_id or "", account.role, *texts, list(account.schools)])
    return hashlib.sha256(known).hexdigest()[:16] if account.active else NO_DIGEST


class OtusModel(OtusClient):
    """Keeps accounts and classes; each write is judged as Otus judges it."""

    def __init__(self, *accounts: Account) -> None:
        self.people = {account.id: account for account in accounts}
        self.rooms: dict[int, Room] = {}
        self.account_requests: list[list[AccountWrite]] = []
        self.class_requests: list[list[ClassWrite]] = []
        self.alive = lambda: None
        self.sync_runs: list[SyncRun] = []

    # ------------------------------------------------------------ arranging and looking

    def by_hand_class(self, name: str = "Sandbox", members: Mapping[int, str] | None = None) -> Room:
        return self._add(Room(self._next_id(), name, DBN, by_hand=dict(members or {})))

    def room(self, clever_id: str) -> Room:
        return next(room for room in self.rooms.values() if room.clever_id == clever_id)

    def person(self, clever_id: str) -> Account:
        return next(account for account in self.people.values() if account.clever_id == clever_id)

    def students_in(self, clever_id: str) -> set[str | None]:
        """Give the Clever ids of the rostered students."""
        return {self.people[number].clever_id for number in self.room(clever_id).roster.students}

    def add_by_hand(self, clever_id: str, number: int, part: Literal["student", "co_teacher"]) -> None:
        room = self.room(clever_id)
        room.by_hand = {**room.by_hand, number: part}

    def edit(self, number: int, **changes: Any) -> None:
        self.people[number] = msgspec.structs.replace(self.people[number], **changes)

    def state(self) -> bytes:
        """Give everything, without versions."""
        rooms = [msgspec.structs.replace(room, version=0) for room in self.rooms.values()]
        return msgspec.json.encode([list(self.people.values()), rooms])

    # ------------------------------------------------------------ reading, as the client does

    def accounts(self, clever_id: str | None = None, ids: Sequence[int] = ()) -> Iterator[Account]:
        found = [person for person in self.people.values() if clever_id in (None, person.clever_id)]
        return iter(sorted((one for one in found if not ids or one.id in ids), key=lambda person: person.id))

    def account_digests(self) -> Iterator[Digests]:
        for account in self.accounts():
            yield Digests([account.id], digest_of_account(account))

    def section_digests(self, school: str | None = None) -> Iterator[Digests]:
        for about in self.class_digests():
            if school in (None, about.school):
                known = msgspec.msgpack.encode([about.clever_id, about.school, about.name, about.digest])
                told = hashlib.sha256(known).hexdigest()[:16]
                yield Digests([about.id], NO_DIGEST if about.archived or about.by_hand else told)

    def class_digests(self, clever_id: str | None = None, ids: Sequence[int] = ()) -> Iterator[ClassDigest]:
        for room in list(self.rooms.values()):
            if room.clever_id and clever_id in (None, room.clever_id) and (not ids or room.id in ids):
                yield ClassDigest(
                    id=room.id,
                    clever_id=room.clever_id,
                    school=room.school,
                    name=room.name,
                    archived=room.archived,
                    version=room.version,
                    digest=self._digest(room.roster),
                    by_hand=len(room.by_hand),
                )

    def rosters(self, clever_id: str | None = None, ids: Sequence[int] = ()) -> Iterator[ClassRoster]:
        for about in self.class_digests(clever_id, ids):
            room = self.rooms[about.id]
            by_hand = tuple(
                msgspec.convert({"account": number, "part": part}, ByHand) for number, part in room.by_hand.items()
            )
            yield ClassRoster(room.id, room.version, room.roster, by_hand)

    def _digest(self, roster: Roster) -> str:
        def keys(numbers: Sequence[int]) -> tuple[str, ...]:
            return tuple(key for number in numbers if (key := self.people[number].clever_id))

        main = keys([roster.teacher] if roster.teacher else [])
        return digest_of(main[0] if main else None, keys(roster.co_teachers), keys(roster.students))

    # ------------------------------------------------------------ writing

    def write_accounts(self, rows: Sequence[AccountWrite]) -> list[RowResult]:
        self.account_requests.append(list(rows))
        results = [self._write_account(row) for row in rows]
        emails = [person.email.casefold() for person in self.people.values()]
        assert len(emails) == len(set(emails)), "e-mails are unique after a request"
        return results

    def _write_account(self, row: AccountWrite) -> RowResult:
        given = {key: value for key, value in msgspec.structs.asdict(row).items() if value is not UNSET}
        if row.id is None:
            if any(person.clever_id == row.clever_id for person in self.people.values()):
                return RowResult("refused", None, "clever_id_taken", "linked")
            blank = {"provenance": "clever", "active": True, "sis_id": None}
            new = msgspec.convert({**blank, **given, "id": self._next_id()}, Account)
            self.people[new.id] = new
            return RowResult("created", new.id)
        before = self.people[row.id]
        assert before.role != "admin", "the sync writes no admin account (F6)"
        self.people[row.id] = msgspec.structs.replace(before, provenance="clever", **given)
        return RowResult("unchanged" if self.people[row.id] == before else "updated", row.id)

    def write_classes(self, rows: Sequence[ClassWrite]) -> list[RowResult]:
        self.class_requests.append(list(rows))
        return [self._write_class(row) for row in rows]

    def _write_class(self, row: ClassWrite) -> RowResult:
        if row.id is None:
            if any(room.clever_id == row.clever_id for room in self.rooms.values()):
                return RowResult("refused", None, "clever_id_taken", "linked")
            assert row.name is not UNSET
            assert row.school is not UNSET
            room = self._add(Room(self._next_id(), row.name, row.school, row.clever_id))
        elif row.id not in self.rooms:
            return RowResult("refused", row.id, "not_found", "deleted")
        else:
            room = self.rooms[row.id]
            assert room.clever_id == row.clever_id, "the sync writes no class made by hand (F10)"
        if row.if_version not in (None, room.version):
            return RowResult("refused", row.id, "version", "changed")
        for field in ("name", "school", "archived", "roster"):
            if getattr(row, field) is not UNSET:
                setattr(room, field, getattr(row, field))
        roster = room.roster
        rostered = [*([roster.teacher] if roster.teacher else []), *roster.co_teachers, *roster.students]
        assert len(rostered) == len(set(rostered)), "nobody has two parts"
        out = {*row.remove_by_hand, *rostered}
        room.by_hand = {number: part for number, part in room.by_hand.items() if number not in out}
        room.version += 1
        return RowResult("created" if row.id is None else "updated", room.id)

    # ------------------------------------------------------------ runs

    def runs(self) -> list[SyncRun]:
        return self.sync_runs[::-1]

    def start_run(self, new: NewRun, known: Collection[int]) -> SyncRun | None:
        for place, run in enumerate(self.sync_runs):
            if run.status == "running":
                if run.id != new.takes_over:
                    return None
                self.sync_runs[place] = msgspec.structs.replace(run, status="failed", reason="abandoned")
        started = SyncRun(len(self.sync_runs) + 1, "running", "", None, new.scope, "", Counts(), Counts(), (), "", None)
        self.sync_runs.append(started)
        return started

    def report(self, run: int, edit: RunEdit) -> None:
        given = {key: value for key, value in msgspec.structs.asdict(edit).items() if value is not UNSET}
        self.sync_runs[run - 1] = msgspec.structs.replace(self.sync_runs[run - 1], **given)

    def decide(self, run: int, decision: str) -> SyncRun:
        made: Any = {"approve": "approved", "discard": "discarded"}[decision]
        self.sync_runs[run - 1] = msgspec.structs.replace(self.sync_runs[run - 1], approval=made)
        return self.sync_runs[run - 1]

    def _add(self, room: Room) -> Room:
        self.rooms[room.id] = room
        return room

    def _next_id(self) -> int:
        return 1 + max([*self.people, *self.rooms], default=100)


class _Read(CleverReader):
    def __init__(self, side: CleverSide | Gathered) -> None:
        self._side = side

    def read(self) -> Gathered:
        return self._side if isinstance(self._side, Gathered) else gathered(self._side)


class Night(msgspec.Struct):
    """What a night planned, and what became of it."""

    plan: Plan
    applied: Applied


def night(
    clever: CleverSide | Gathered, otus: OtusModel, settings: Settings | None = None, ruling: Ruling | None = None
) -> Night:
    """Read, plan and write, as a run does."""
    used = settings or some_settings()
    reading = read_both(_Read(clever), otus, used, ruling, Log(clock_from(None)))
    plan = plan_from(reading.desired, reading.otus, used)

    def replan(clever_ids: Sequence[str], made: Mapping[str, int]) -> Mapping[str, ClassChange]:
        again = read_classes(otus, clever_ids)
        wanted = reading.desired.with_accounts(made)
        return plan_classes_anew(wanted, clever_ids, again, used, withholding=plan.verdict.withholds)

    return Night(plan, apply_plan(plan, otus, used.batch_rows, replan, lanes=Lanes(used.in_flight)))
