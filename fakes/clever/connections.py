"""A district's applications: who is connected, and what is shared with whom (H11)."""

from collections.abc import Iterable

import msgspec

from fakes.clever.applications import (
    APPLICATIONS_MAX,
    Application,
    Connection,
    Sharing,
    check_hidden_fields,
    rule_of,
)
from fakes.clever.store import Store
from fakes.clever.witness import Witness


class UnknownApplication(LookupError):  # noqa: N818 - as the refusals are named
    """The district has no such application."""


class Connections:
    """The applications of a district.

    Args:
        store: keeps which records each may read.
        kept: the connections so far; the first is the one meant where none is named.
    """

    def __init__(self, store: Store, kept: Iterable[Connection]) -> None:
        self._store = store
        self._all = list(kept)

    @property
    def all(self) -> tuple[Connection, ...]:
        """Every application that is or was connected, in the order in which they came."""
        return tuple(self._all)

    def of(self, client_id: str) -> Connection:
        """Find an application by its client id.

        Raises:
            UnknownApplication: the district has none of that client id.
        """
        found = next((one for one in self._all if one.application.client_id == client_id), None)
        if found is None:
            raise UnknownApplication("the district has no application of this client id; connect it first")
        return found

    def meant(self, application: Application | None) -> Connection:
        """Find an application, or the district's first one where none is named."""
        return self._all[0] if application is None else self.of(application.client_id)

    def connect(self, application: Application, sharing: Sharing, *, events: bool) -> Connection:
        """Connect an application, or one that was connected before."""
        check_hidden_fields(sharing)
        known = next((one for one in self._all if one.application.client_id == application.client_id), None)
        if known is None:
            if len(self._all) == APPLICATIONS_MAX:
                raise ValueError(f"the district has {APPLICATIONS_MAX} applications, which is the most it can have")
            # Not connected yet, so that becoming so is a difference which events tell.
            known = Connection(application, number=len(self._all), connected=False)
            self._all.append(known)
        return self._replace(known, sharing=sharing, events=events, connected=True)

    def disconnect(self, connection: Connection) -> None:
        """Share nothing with an application any more."""
        self._replace(connection, connected=False)

    def reshare(self, connection: Connection, sharing: Sharing) -> None:
        """Share other records with an application than before."""
        check_hidden_fields(sharing)
        self._replace(connection, sharing=sharing)

    def tell_events(self, connection: Connection, *, enabled: bool) -> None:
        """Write events for an application from now on, or no longer."""
        self._replace(connection, events=enabled)

    def apply(self, connection: Connection, witness: Witness) -> None:
        """Decide for every record whether the application may read it, and tell of what changes by that."""
        with witness.watching(self._store.ids()):
            self._store.share(rule_of(connection))

    def _replace(self, connection: Connection, **changes: object) -> Connection:
        changed = msgspec.structs.replace(connection, **changes)
        self._all[changed.number] = changed
        return changed
