"""Clever's side against Otus's by digests: a million of them in half a second."""

from array import array
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from otus_sync.otus_records import Digests
from otus_sync.packed import Ints, viewed
from otus_sync.plan.digests import HEAD_BYTES

Heads = npt.NDArray[np.int64]
"""Digests, the bytes of each as one number."""
Flags = npt.NDArray[np.bool_]


def of_otus(found: Iterable[Digests]) -> tuple[Ints, Heads]:
    """Give the ids that Otus has, and the digest of each; 0, which is nobody's, where it tells none."""
    ids, heads = array("q"), bytearray()
    for some in found:
        ids.extend(some.ids)
        try:
            told = bytes.fromhex(some.digests)
        except ValueError:
            told = b""
        # What is no digest is not told from others: all of these differ then, and are read.
        size = HEAD_BYTES * len(some.ids)
        heads += told if len(told) == size else bytes(size)
    return viewed(ids, np.int64), viewed(heads, np.int64)


def find(ours: Heads, theirs: Heads) -> tuple[Ints, Flags]:
    """Find digests among others.

    Returns:
        The places in ``ours`` of those of ``theirs`` that are there, in the order of ``theirs``; and which these are.
    """
    fit = np.zeros(len(theirs), np.bool_)
    if not (len(ours) and len(theirs)):
        return np.empty(0, np.int64), fit
    # Sorted needles are looked up along a sorted list: crisscross it takes three times as long.
    order, needles = np.argsort(ours), np.argsort(theirs)
    in_order, sought = ours[order], theirs[needles]
    index = np.minimum(in_order.searchsorted(sought), len(ours) - 1)
    found = np.empty(len(theirs), np.int64)
    found[needles] = order[index]
    fit[needles] = in_order[index] == sought
    return found[fit], fit
