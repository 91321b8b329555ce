"""Which schools a run is about."""

from collections.abc import Iterable

import msgspec


class Scope(msgspec.Struct, frozen=True):
    """Some schools, or the whole district."""

    schools: frozenset[str]
    """DBNs; none for the whole district."""

    def covers(self, school: str) -> bool:
        """Tell whether a school is in it."""
        return not self.schools or school in self.schools

    def touches(self, schools: Iterable[str]) -> bool:
        """Tell whether any of somebody's schools is in it."""
        return not self.schools or any(school in self.schools for school in schools)
