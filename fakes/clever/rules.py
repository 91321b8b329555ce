"""What Clever does: takes deliveries in (F4), pauses, shares (H11), admits and answers (A5)."""

from collections.abc import Iterable, Iterator, Set
from datetime import date
from typing import Literal

import msgspec

from fakes.clever.access import Allowance
from fakes.clever.admission import Admission
from fakes.clever.applications import Application
from fakes.clever.delivery import Delivery
from fakes.clever.feed import Row, RowKind, UserRole, decode_row, encode_row
from fakes.clever.hold import Hold, NothingHeld, look
from fakes.clever.identity import Identification
from fakes.clever.ids import ObjectIds
from fakes.clever.judging import Member, find_clever_id, find_sis_id, list_members
from fakes.clever.quirks import Oddities
from fakes.clever.rendering import Renderer
from fakes.clever.state import DEFAULTS, CleverSettings, State, district_record, first_state
from fakes.clever.store import Delivered, Store
from fakes.shared.moments import Clock, wire_time
from fakes.shared.touched import Touched

Outcome = Literal["applied", "held", "waiting"]
"""What becomes of a delivery: it is taken in, waits for a person, or waits for the end of a pause or a hold."""


class Clever:
    """A district's Clever.

    Args:
        clock: the simulated time.
        seed: of ids, tokens and invented values.
        settings: its numbers and habits.
        store: where it keeps its records; one that was used before is taken as it is, with its own seed.
        application: the first one, and the one meant where none is named; without it one whose client id follows
            from the seed.
    """

    def __init__(
        self,
        clock: Clock,
        seed: int = 0,
        settings: CleverSettings = DEFAULTS,
        store: Store | None = None,
        application: Application | None = None,
    ) -> None:
        self.clock = clock
        self._store = store or Store()
        before = self._store.state()
        if before is None:
            self._state = first_state(clock(), seed, settings, application)
        else:
            self._state = msgspec.structs.replace(msgspec.json.decode(before, type=State), settings=settings)
        self._ids = ObjectIds(self._state.seed, self._state.ids_minted)
        self.admission = Admission(clock, self._store, self._state, self._remember)
        if not self._store.only_reads:
            with self._store.transaction():
                self._remember()

    # The district's side

    @property
    def district_id(self) -> str:
        """The district's id."""
        return self._state.district

    @property
    def paused(self) -> bool:
        """Whether the data is frozen."""
        return self._state.paused

    @property
    def held(self) -> Hold | None:
        """The sync that waits for a person, if one does."""
        return self._state.hold

    @property
    def settings(self) -> CleverSettings:
        """Its numbers and habits."""
        return self._state.settings

    def deliver(self, rows: Iterable[Row]) -> Outcome:
        """Take rows from the district's feed in, all at this moment (F4); while paused or on hold they wait.

        Args:
            rows: in any order; of several rows of one key the last counts.

        Returns:
            What became of them.
        """
        with self._store.transaction():
            if not self.paused and self.held is None:
                return self._sync(list(rows))
            self._put_off(rows)
            return "waiting"

    def release(self) -> None:
        """Approve the sync that is on hold: it is applied now, also while paused; then what waited behind it.

        Raises:
            NothingHeld: none is.
        """
        with self._store.transaction():
            held, later = self._end_hold()
            self._take_in(held)
            self._go_on(later)

    def discard(self) -> None:
        """Throw the sync that is on hold away; then take in what waited behind it.

        Raises:
            NothingHeld: none is.
        """
        with self._store.transaction():
            _, later = self._end_hold()
            self._go_on(later)

    def fail_sync(self, reason: str) -> None:
        """Say that a sync could not be done at all; the data stays as it was, until one can."""
        self._state = msgspec.structs.replace(self._state, sync_error=reason)
        with self._store.transaction():
            self._remember()

    def delivered(self, space: str) -> Iterator[Delivered]:
        """Read what the district delivers now, by ``sis_id``; nothing may be delivered meanwhile.

        Args:
            space: a kind, or a user's role.
        """
        return self._store.delivered_rows(space)

    def pause(self, until: date | None = None) -> None:
        """Freeze the data: it can still be read, and deliveries wait.

        Args:
            until: the day on which the district says it will go on; it does not end the pause by itself.
        """
        end = until.isoformat() if until is not None else None
        self._state = msgspec.structs.replace(self._state, pause_start=self.clock().date().isoformat(), pause_end=end)
        with self._store.transaction():
            self._remember()

    def resume(self) -> None:
        """End the pause and take in what has waited, as one delivery of this moment; a hold goes on."""
        self._state = msgspec.structs.replace(self._state, pause_start=None, pause_end=None)
        with self._store.transaction():
            if self.held is None:
                self._go_on(self._waiting())
            else:
                self._remember()

    def share_all_but(self, schools: Set[str]) -> None:
        """Share everything with the application, except what belongs to these schools alone (H11).

        Also possible while paused. What is not shared is a 404 and stands in no list, though other records
        go on naming its id (A16). A user is shared if one of their schools is; district admins always are.

        Args:
            schools: DBNs; an empty set shares all.
        """
        sharing = self.admission.connections[0].sharing
        self.admission.share(msgspec.structs.replace(sharing, all_schools_but=tuple(sorted(schools))))

    def enable_events(self) -> None:
        """Write events for the application from now on."""
        self.admission.enable_events()

    def issue_token(self) -> str:
        """Make a district token for the application."""
        return self.admission.issue_token()

    def revoke(self, token: str) -> None:
        """Make a token worthless."""
        self.admission.revoke(token)

    def admit(self, token: str) -> Allowance:
        """Count a request of a token.

        Raises:
            Unauthorized: the token is none of ours.
            RateLimited: its requests of this minute are used up.
        """
        return self.admission.admit(token).allowance

    # Whoever judges

    def clever_id(self, kind: RowKind, sis_id: str, role: UserRole | None = None) -> str | None:
        """Give the id of a record that Clever holds now, shared or not; ``None`` if it holds none.

        Args:
            kind: of the record.
            sis_id: the district's own id of it.
            role: of a user; without it the first that is held under this ``sis_id``.
        """
        return find_clever_id(self._store, kind, sis_id, role)

    def sis_of(self, clever_id: str) -> str | None:
        """Give the district's own id of a record, also of one that is gone.

        Of a user with several roles it is that of the first one: student, teacher, staff, district admin.
        """
        return find_sis_id(self._store, clever_id)

    def shares(self, clever_id: str) -> bool:
        """Tell whether the application can read a record."""
        return self._store.shares(clever_id, self.admission.connections[0].bit)

    def section_members(self, sis_id: str) -> tuple[Member, ...]:
        """List the shared people of a section as it is now, teachers first.

        The main teacher is the first one Clever holds, shared or not, as in the section's own record. A
        section that is not held, or not shared, has no members.
        """
        return list_members(self._store, sis_id, self.admission.connections[0].bit)

    # Copies

    def touched(self) -> Touched:
        """Take down from now on which records are written, or shared otherwise; asked once."""
        return self._store.touched()

    def snapshot(self) -> bytes:
        """Copy everything: records, waiting rows, tokens and what they have used."""
        with self._store.transaction():
            self._remember()
        return self._store.snapshot()

    @classmethod
    def restored(cls, image: bytes, clock: Clock, settings: CleverSettings | None = None) -> "Clever":
        """Open a copy of what :meth:`snapshot` gave; the original is not touched by it.

        Args:
            image: the snapshot.
            clock: of the copy.
            settings: if other than the original's.
        """
        store = Store.restored(image)
        state = msgspec.json.decode(store.state() or b"", type=State)
        return cls(clock, state.seed, settings or state.settings, store)

    def close(self) -> None:
        """Keep what is not kept yet and let go of the store."""
        if not self._store.only_reads:
            with self._store.transaction():
                self._remember()
        self._store.close()

    def press(self) -> None:
        """Press the lists that a sync reads, so that their pages are slices; a change lets them count no longer."""
        with self._store.transaction():
            self._store.sheets.press_all()

    # Inside

    def _sync(self, rows: list[Row]) -> Outcome:
        """Take rows in, unless they are too much to be taken in unseen."""
        settings = self._state.settings.hold
        losses, terms = look(self._store, rows, settings) if settings is not None else ((), ())
        if not losses and not terms:
            self._take_in(rows)
            return "applied"
        hold = Hold(since=wire_time(self.clock()), rows=len(rows), losses=losses, terms=terms)
        self._state = msgspec.structs.replace(self._state, hold=hold)
        self._put_off(rows)
        self._remember()
        return "held"

    def _put_off(self, rows: Iterable[Row]) -> None:
        self._store.queue(encode_row(row) for row in rows)

    def _waiting(self) -> list[Row]:
        return [decode_row(row) for row in self._store.take_queue()]

    def _go_on(self, rows: list[Row]) -> None:
        """Do what is done with rows that have waited."""
        if rows and self.paused:
            self._put_off(rows)
        elif rows:
            self._sync(rows)
        self._remember()

    def _end_hold(self) -> tuple[list[Row], list[Row]]:
        hold = self.held
        if hold is None:
            raise NothingHeld("no sync is on hold, so there is none to release or to discard")
        self._state = msgspec.structs.replace(self._state, hold=None)
        rows = self._waiting()
        return rows[: hold.rows], rows[hold.rows :]

    def _take_in(self, rows: Iterable[Row]) -> None:
        now = self.clock()
        settings = self._state.settings
        oddities = Oddities(settings.quirks, settings.quirk_percent)
        self._state = msgspec.structs.replace(self._state, last_sync=wire_time(now), sync_error="")
        self._write_district()  # events tell of the district before all else
        delivery = Delivery(
            self._store,
            Identification(self._store, self._ids, now, settings.identity_days, terms_reissued=oddities.terms_reissued),
            Renderer(self._store, self._state.seed, settings.section_names, oddities),
            self.admission.witness(),
            self.admission.connections,
            self._state.district,
            now,
            names_follow=settings.section_names == "generated",
        )
        delivery.apply(rows)
        self._remember()

    def _remember(self) -> None:
        self._write_district()
        state = msgspec.structs.replace(self._state, ids_minted=self._ids.minted)
        self._state = self.admission.kept_in(state)
        # Sets of words have no order of their own from one process to the next.
        self._store.save_state(msgspec.json.encode(self._state, order="deterministic"))

    def _write_district(self) -> None:
        everyone = sum(connection.bit for connection in self.admission.connections if connection.connected)
        with self.admission.witness().watching([self.district_id]):
            self._store.write_records([district_record(self._state)], everyone)
