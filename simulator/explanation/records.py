"""What an explanation consists of; the same structs are printed, sent as JSON and shown in the console.

Moments are text as :func:`fakes.shared.moments.wire_time` writes them, in UTC.
"""

from typing import Literal

import msgspec

System = Literal["ATS/STARS", "feed", "Clever", "Otus", "sync"]
Status = Literal["roster", "hand", "none"]
"""How somebody is in a class in Otus: rostered, by hand, or not at all."""
STATUS_IN_WORDS: dict[Status, str] = {"roster": "on the roster", "hand": "in it by hand", "none": "not in it"}

Concern = Literal["account", "e-mail", "name", "membership"]


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that anybody can look up: when, where, which record, and what it says."""

    system: System
    what: str
    record: str = ""
    """Its id there: ``change 17``, ``section 65f...``, ``account 12``, ``run 4``."""
    at: str | None = None


class Step(msgspec.Struct, frozen=True):
    """One of the FAQ's questions (F12), or the one that comes before them (H4)."""

    number: int
    """0 for H4's, 1 to 5 for the FAQ's."""
    question: str
    answer: Literal["yes", "no", "open"]
    """``open``: an earlier question had a no, so this one decides nothing yet."""
    evidence: tuple[Evidence, ...] = ()


class Turn(msgspec.Struct, frozen=True):
    """What will change in Otus if nobody does anything more."""

    becomes: str
    """``on the roster``, ``not in it``, an e-mail address, ``active``."""
    in_clever: str | None
    """When Clever holds, or has come to hold, what makes it so; ``None`` if it has done so all along."""
    in_otus: str
    """The night whose sync brings it."""
    why: str
    rules: tuple[str, ...]


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One concern: an account, an e-mail, a membership."""

    concern: Concern
    about: str
    """``Mei Chen in Algebra 1-01``."""
    now: str
    """What Otus holds at this moment: ``on the roster``, an e-mail address, ``active``."""
    verdict: str
    right: bool
    """Whether Otus is as it must be in the end."""
    reason: str
    """In a word or two: one of the FAQ's reasons, ``added by hand``, ``on its way``."""
    rules: tuple[str, ...]
    who: str
    """Who must do what."""
    by_itself: str
    """When it will be right by itself: ``in Clever Thu 17 Sep 10:00, in Otus Fri 18 Sep 01:00``; empty if never."""
    if_done_now: str = ""
    """When it would be right if :attr:`who` did it at once."""
    steps: tuple[Step, ...] = ()
    turns: tuple[Turn, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    conditions: tuple[str, ...] = ()
    """What the moments depend on: ``Clever is down: provided it is back by then``."""


class Ids(msgspec.Struct, frozen=True):
    """Under which ids somebody is known."""

    number: str | None
    """OSIS or staff number."""
    clever: str | None
    otus_account: int | None


class Explanation(msgspec.Struct, frozen=True):
    """Everything there is to say about a person, or about a person in a class, at a moment."""

    person: str
    class_name: str | None
    at: str
    ids: Ids
    topics: tuple[Topic, ...]

    @property
    def right(self) -> bool:
        """Whether all of it is as it must be in the end."""
        return all(topic.right for topic in self.topics)
