"""Where in a night a sync is killed, and what the system had done by then."""

from typing import Literal, NamedTuple, get_args

KillKind = Literal["unserved", "half", "sent"]
"""``unserved``: the request had arrived, and the system never acted on it · ``half``: it acted, and half of its answer
was on the wire · ``sent``: the whole answer was, and the sync did all that it does until it next asks, sleeps or ends.
Between the last two lies everything that a sync does with an answer, its ledger's writes among it."""

KILL_KINDS: tuple[KillKind, ...] = get_args(KillKind)

IN_WORDS: dict[KillKind, str] = {
    "unserved": "the request arrived and was never served",
    "half": "served, and half of the answer sent",
    "sent": "served, and the answer sent whole",
}


class Kill(NamedTuple):
    """A SIGKILL at one request of a run."""

    request: int
    """Counted from 1, over both systems."""
    kind: KillKind


def all_kills(requests: int) -> list[Kill]:
    """Give every kill there is in a run.

    Args:
        requests: of the run.
    """
    return [Kill(request, kind) for request in range(1, requests + 1) for kind in KILL_KINDS]
