"""Who gets which e-mail: an e-mail is one account's at a time (A11)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Wish(NamedTuple):
    """Clever has another e-mail for somebody than they have in Otus."""

    who: str
    """The account that wants it, or a name for one that is still to be made."""
    email: str
    """As Otus compares it."""
    made: bool = True
    """Whether the account exists: then it gives its present e-mail up."""


class Settlement(NamedTuple):
    """What became of the wishes."""

    denied: dict[str, str]
    """By who wished: who has the e-mail instead."""
    contenders: int
    """How many, at most, want one and the same free e-mail: who of them gets it no rule says."""


def compared(email: str) -> str:
    """Give an e-mail in the form in which Otus compares it (A11)."""
    return email.casefold()


def settle(wishes: Sequence[Wish], holders: Mapping[str, str], turn: int) -> Settlement:
    """Settle all wishes at once, so that two people can swap.

    A wish is granted if nobody has the e-mail, or if who has it is granted another one.

    Args:
        wishes: at most one of anybody.
        holders: who has which e-mail before.
        turn: which of several contenders gets a free e-mail, from 0.
    """
    standing = list(wishes)
    denied: dict[str, str] = {}
    contenders = 1
    while True:
        moving = {wish.who for wish in standing if wish.made}
        groups: dict[str, list[Wish]] = {}
        for wish in standing:
            groups.setdefault(wish.email, []).append(wish)
        refused: dict[str, str] = {}
        for email, group in groups.items():
            holder = holders.get(email)
            if holder is not None and holder not in moving:
                refused |= {wish.who: holder for wish in group}
            elif len(group) > 1:
                contenders = max(contenders, len(group))
                winner = group[turn % len(group)]
                refused |= {wish.who: winner.who for wish in group if wish is not winner}
        if not refused:
            return Settlement(denied, contenders)
        denied |= refused
        # Who is denied keeps what they have, which may deny somebody else.
        standing = [wish for wish in standing if wish.who not in refused]
