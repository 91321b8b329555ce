"""A check, the register of all, and how they are run one after the other."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from fakes.clever.contract.client import Differs
from fakes.clever.contract.wire import Unseen, Wire

__all__ = ["CHECKS", "Check", "Differs", "Outcome", "Result", "Unseen", "check", "run_checks"]

Outcome = Literal["ok", "differs", "unseen"]
"""``unseen``: there is no record on which it could be seen."""


class Check(NamedTuple):
    """One thing that the reference says of the wire."""

    name: str
    """A sentence; it is so."""
    part: str
    """Of the reference, where it is said."""
    run: Callable[[Wire], None]
    """Raises :class:`Differs` or :class:`Unseen`."""


class Result(NamedTuple):
    """What became of a check."""

    check: Check
    version: str
    outcome: Outcome
    asked: str = ""
    came: str = ""
    """Of one that is unseen: why."""
    expected: str = ""
    notes: tuple[str, ...] = ()
    """What is other than the reference and was tolerated: real data drifts."""


CHECKS: list[Check] = []
"""All checks, in the order in which they are run."""


def check(name: str, part: str) -> Callable[[Callable[[Wire], None]], Callable[[Wire], None]]:
    """Register a check; use it as a decorator.

    Args:
        name: what is so, in a sentence.
        part: of the reference.
    """

    def register(run: Callable[[Wire], None]) -> Callable[[Wire], None]:
        CHECKS.append(Check(name, part, run))
        return run

    return register


def run_checks(wires: Iterable[Wire], checks: Iterable[Check]) -> Iterator[Result]:
    """Run checks on some wires, and tell of each as it is done.

    Args:
        wires: each version of the same server.
        checks: usually :data:`CHECKS`.

    Raises:
        fakes.clever.contract.client.Unanswered: the server does not answer.
    """
    chosen = list(checks)
    for wire in wires:
        for one in chosen:
            yield _run(one, wire)


def _run(one: Check, wire: Wire) -> Result:
    wire.forget_notes()
    try:
        one.run(wire)
    except Differs as found:
        return Result(one, wire.version, "differs", found.asked, found.came, found.expected, wire.notes)
    except Unseen as found:
        return Result(one, wire.version, "unseen", came=str(found), notes=wire.notes)
    return Result(one, wire.version, "ok", notes=wire.notes)
