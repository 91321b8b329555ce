"""Several districts behind one address, as Clever has them: a token tells which one is meant."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from fakes.clever.access import Allowance, Grant, nobodys_allowance
from fakes.clever.admission import Visit
from fakes.clever.applications import Application
from fakes.clever.errors import UnknownClient
from fakes.clever.rules import Clever
from fakes.clever.state import APPLICATION_NAME, DEFAULTS, CleverSettings
from fakes.shared.moments import Clock
from fakes.shared.refusals import Unauthorized


class Visitor(NamedTuple):
    """Who asks with a token, and in which district."""

    clever: Clever
    visit: Visit


class Client(NamedTuple):
    """An application that asks with its client id, and the districts that it is connected with."""

    client_id: str
    districts: tuple[Clever, ...]
    allowance: Allowance

    def grants(self, district_id: str) -> list[Grant]:
        """List the application's district tokens, of one district or, where none is named, of all."""
        asked = [one for one in self.districts if district_id in {"", one.district_id}]
        return [grant for one in asked for grant in one.admission.grants_of(self.client_id)]

    def exchange(self, code: str, redirect_uri: str) -> Grant:
        """Give a user's token for a sign-in's code.

        Raises:
            BadRequest: the code is unknown, too old, of another application or another address.
        """
        # A code that nobody knows is refused by the first in the same words.
        district = next((one for one in self.districts if one.admission.knows_code(code)), self.districts[0])
        return district.admission.exchange(self.client_id, code, redirect_uri)


class Districts:
    """The districts that one fake serves.

    Args:
        clock: the simulated time.
        seed: of the run; every district's own follows from it and from the district's name.
    """

    def __init__(self, clock: Clock, seed: int = 0) -> None:
        self.clock = clock
        self.application = Application.named(APPLICATION_NAME, seed)
        """The application that every district which is opened here has by itself."""
        self._seed = seed
        self._by_id: dict[str, Clever] = {}

    def __iter__(self) -> Iterator[Clever]:
        """Go through the districts in the order in which they came."""
        return iter(self._by_id.values())

    def open(self, name: str, settings: CleverSettings = DEFAULTS) -> Clever:
        """Make a district.

        Args:
            name: of the district.
            settings: its numbers and habits, but for the name.
        """
        drawn = hashlib.blake2b(f"district {self._seed} {name}".encode(), digest_size=4).digest()
        named = msgspec.structs.replace(settings, district_name=name)
        seed = int.from_bytes(drawn, "big")
        return self.include(Clever(self.clock, seed, named, application=self.application))

    def include(self, clever: Clever) -> Clever:
        """Serve a district that was made elsewhere.

        Raises:
            ValueError: one of its id is served already, as two of one seed and moment are.
        """
        if clever.district_id in self._by_id:
            raise ValueError(f"district {clever.district_id} is here already; give every district a seed of its own")
        self._by_id[clever.district_id] = clever
        return clever

    def admit(self, token: str) -> Visitor:
        """Count a request of a token.

        Raises:
            Unauthorized: no district knows the token, or its time is over.
            RateLimited: its requests of this minute are used up.
        """
        clever = next((one for one in self if one.admission.knows(token)), None)
        if clever is None:
            raise Unauthorized("the bearer token is missing, unknown or revoked; send one that the district issued")
        return Visitor(clever, clever.admission.admit(token))

    def admit_client(self, client_id: str, client_secret: str) -> Client:
        """Count a request that an application makes with its client id.

        Raises:
            UnknownClient: no district is connected with such an application.
            RateLimited: its requests of this minute are used up.
        """
        connected = tuple(one for one in self if one.admission.connection_of(client_id, client_secret) is not None)
        if not connected:
            raise UnknownClient("client id and secret are missing or unknown; send those of a connected application")
        return Client(client_id, connected, connected[0].admission.count_client(client_id))

    def nobodys_allowance(self) -> Allowance:
        """Write what the headers say to a request without a good token."""
        limit = min((one.settings.rate_limit_per_minute for one in self), default=0)
        return nobodys_allowance(limit, self.clock())

    def close(self) -> None:
        """Let go of every district's store."""
        for clever in self:
            clever.close()
