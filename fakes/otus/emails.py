"""Which e-mail changes of a batch stand, when e-mails must be unique after all of them (A11)."""

from collections.abc import Collection, Iterable
from typing import NamedTuple


class EmailChange(NamedTuple):
    """One row's wish: an account gives one e-mail back and takes another."""

    row: int
    old: str | None
    """What it has now, ``None`` for a new account."""
    new: str
    """What it wants; not the same as ``old``."""


def refused_changes(changes: Iterable[EmailChange], held: Collection[str]) -> set[int]:
    """Tell which changes cannot be made.

    An e-mail is free if nobody has it, or if who has it gives it back in the same batch: so two people swap,
    and three go round. Of several who want a free one the first row gets it. A refused row keeps its old
    e-mail, which then is free no longer; that may refuse another row, and so on until nothing changes.

    Args:
        changes: in the order of their rows, e-mails in a form in which equal ones are equal.
        held: those of the wanted e-mails that some account has now.

    Returns:
        The refused rows.
    """
    changes = list(changes)
    given_back = {change.old for change in changes}
    winners: dict[str, EmailChange] = {}
    refused: list[EmailChange] = []
    for change in changes:
        blocked = change.new in held and change.new not in given_back
        if blocked or change.new in winners:
            refused.append(change)
        else:
            winners[change.new] = change
    for change in refused:  # grows as it is walked: a refusal may cause another
        robbed = winners.pop(change.old, None) if change.old is not None else None
        if robbed is not None:
            refused.append(robbed)
    return {change.row for change in refused}
