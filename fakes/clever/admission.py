"""Lets applications in: who is connected, with which tokens, and what each may read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

import msgspec

from fakes.clever.access import Access, Allowance, Grant
from fakes.clever.applications import Application, Connection, Sharing
from fakes.clever.connections import Connections
from fakes.clever.event_log import oldest_kept
from fakes.clever.ids import ObjectIds
from fakes.clever.reading import Reader
from fakes.clever.state import State
from fakes.clever.store import Store
from fakes.clever.witness import Witness
from fakes.shared.moments import Clock

AT_ONCE = timedelta(0)


class Visit(NamedTuple):
    """A request that was let in."""

    grant: Grant
    allowance: Allowance


class Admission:
    """The applications of a district.

    Args:
        clock: the simulated time.
        store: of the district.
        state: as it was kept.
        keep: keeps everything; it is called inside a transaction, after every change.
    """

    def __init__(self, clock: Clock, store: Store, state: State, keep: Callable[[], None]) -> None:
        self._clock = clock
        self._store = store
        self._district = state.district
        self._keep = keep
        self._event_ids = ObjectIds(state.seed, state.events_minted, machine="clever events")
        self._connections = Connections(store, state.connections)
        self._access = Access(state.seed, state.settings.rate_limit_per_minute, state.access)

    def kept_in(self, state: State) -> State:
        """Write into a state what is to be kept."""
        return msgspec.structs.replace(
            state,
            connections=self._connections.all,
            access=self._access.state,
            events_minted=self._event_ids.minted,
        )

    # The district's side

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Every application that is or was connected; the first is the one meant where none is named."""
        return self._connections.all

    def connect(self, application: Application, sharing: Sharing | None = None, *, events: bool = False) -> None:
        """Connect an application with the district.

        Args:
            application: a new one, or one that was connected before.
            sharing: what it may read; without it everything.
            events: whether it is told of events; then all that it may read is the first of them.

        Raises:
            ValueError: a hidden field's path begins with no list, or there are too many applications.
        """
        with self._changing():
            connection = self._connections.connect(application, sharing or Sharing(), events=events)
            self._connections.apply(connection, self.witness())

    def disconnect(self, application: Application) -> None:
        """Let an application read nothing any more; its tokens are worthless.

        Raises:
            UnknownApplication: it was never connected.
        """
        with self._changing():
            connection = self._connections.of(application.client_id)
            self._access.revoke_all(application.client_id)
            self._connections.disconnect(connection)
            self._connections.apply(self._connections.of(application.client_id), self.witness())

    def share(self, sharing: Sharing, application: Application | None = None) -> None:
        """Share other records with an application than before (H11); also possible while paused.

        What is not shared is a 404 and stands in no list, though other records go on naming its id (A16).

        Args:
            sharing: what it may read from now on.
            application: the district's first one, if none is named.
        """
        with self._changing():
            connection = self._connections.meant(application)
            self._connections.reshare(connection, sharing)
            self._connections.apply(self._connections.of(connection.application.client_id), self.witness())

    def enable_events(self, application: Application | None = None) -> None:
        """Write events for an application from now on; what was before is not told."""
        self._tell_events(application, enabled=True)

    def disable_events(self, application: Application | None = None) -> None:
        """Write no more events for an application; those that were written stay readable."""
        self._tell_events(application, enabled=False)

    def issue_token(self, application: Application | None = None) -> str:
        """Make one more district token."""
        with self._changing():
            client_id = self._connections.meant(application).application.client_id
            return self._access.issue(client_id, "district", self._district, self._clock()).token

    def rotate_token(self, application: Application | None = None, old_good_for: timedelta = AT_ONCE) -> str:
        """Make a district token in the place of those that an application has.

        Args:
            application: the district's first one, if none is named.
            old_good_for: after this the old ones are worthless; they are listed no longer at once.
        """
        with self._changing():
            client_id = self._connections.meant(application).application.client_id
            now = self._clock()
            self._access.replace(client_id, now + old_good_for)
            return self._access.issue(client_id, "district", self._district, now).token

    def revoke(self, token: str) -> None:
        """Make a token worthless; one that is unknown already is."""
        with self._changing():
            self._access.revoke(token)

    def mint_code(self, user: str, redirect_uri: str, application: Application | None = None) -> str:
        """Let a user sign in to an application: make the code that their browser brings it.

        Args:
            user: Clever's id of theirs.
            redirect_uri: where their browser is sent; the exchange must name the same.
            application: the district's first one, if none is named.

        Raises:
            LookupError: the application may not read such a user.
        """
        with self._changing():
            connection = self._connections.meant(application)
            if self._store.fragment("v3.0", "user", user, connection.bit) is None:
                raise LookupError(f"no user {user} is shared with {connection.application.name}")
            return self._access.mint_code(connection.application.client_id, user, redirect_uri, self._clock())

    # The application's side

    def connection_of(self, client_id: str, client_secret: str) -> Connection | None:
        """Find the application that proves itself by client id and secret, if it is connected."""
        for connection in self._connections.all:
            known = connection.application
            if connection.connected and (known.client_id, known.client_secret) == (client_id, client_secret):
                return connection
        return None

    def knows(self, token: str) -> bool:
        """Tell whether a token is one of the district's, and good now."""
        return self._access.grant(token, self._clock()) is not None

    def knows_code(self, code: str) -> bool:
        """Tell whether a sign-in's code was made here and not exchanged yet."""
        return self._access.knows_code(code)

    def admit(self, token: str) -> Visit:
        """Count a request of a token.

        Raises:
            Unauthorized: the token is none of the district's, or its time is over.
            RateLimited: its requests of this minute are used up.
        """
        now = self._clock()
        allowance = self._access.admit(token, now)
        grant = self._access.grant(token, now)
        if grant is None:
            raise AssertionError("a token was admitted that is not good")
        return Visit(grant, allowance)

    def count_client(self, client_id: str) -> Allowance:
        """Count a request that an application makes with its client id.

        Raises:
            RateLimited: its requests of this minute are used up.
        """
        return self._access.count(client_id, self._clock())

    def grants_of(self, client_id: str) -> list[Grant]:
        """List an application's district tokens that are good and not replaced, the oldest first."""
        return self._access.grants_of(client_id, self._clock())

    def exchange(self, client_id: str, code: str, redirect_uri: str) -> Grant:
        """Give a user's token for a sign-in's code.

        Raises:
            BadRequest: the code is unknown, too old, of another application or another address.
        """
        with self._changing():
            return self._access.exchange(client_id, code, redirect_uri, self._clock())

    def reader(self, client_id: str) -> Reader:
        """Read the district as an application sees it."""
        return Reader(self._store, self._connections.of(client_id), self._district, oldest_kept(self._clock()))

    # Inside the fake

    def witness(self) -> Witness:
        """Make who writes down what applications see of this moment."""
        return Witness(self._store, self._event_ids, self._clock(), self._connections.all)

    def _tell_events(self, application: Application | None, *, enabled: bool) -> None:
        with self._changing():
            self._connections.tell_events(self._connections.meant(application), enabled=enabled)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._store.transaction():
            yield
            self._keep()
