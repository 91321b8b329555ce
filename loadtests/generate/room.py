"""Whether a district fits: what memory and disk it takes, and what there is of them."""

import shutil
from pathlib import Path

import psutil

from loadtests.generate.manifest import OtusState
from loadtests.generate.size import Size

CLEVER_BYTES_PER_USER = 5_200
CLEVER_BYTES_PER_SECTION = 1_900
CLEVER_BYTES_PER_ENROLLMENT = 170
OTUS_BYTES_PER_USER = 800
OTUS_BYTES_PER_SECTION = 900
OTUS_BYTES_PER_ENROLLMENT = 10
"""Measured on generated files of all presets, and rounded up."""
MEMORY_BYTES = 300_000_000
"""The process with its libraries, and chunks that wait."""
MEMORY_BYTES_PER_USER = 100
MEMORY_BYTES_PER_ENROLLMENT = 25
"""While a district is drawn."""
SPARE = 1.1


class NoRoom(Exception):  # noqa: N818 - as the refusals are named
    """Memory or disk will not do; the message names both numbers."""


def disk_bytes(size: Size, otus: OtusState) -> int:
    """Estimate how large the files become."""
    clever = size.users * CLEVER_BYTES_PER_USER + size.sections * CLEVER_BYTES_PER_SECTION
    clever += size.enrollments * CLEVER_BYTES_PER_ENROLLMENT
    if otus != "after":
        return clever
    there = size.users * OTUS_BYTES_PER_USER + size.sections * OTUS_BYTES_PER_SECTION
    return clever + there + size.enrollments * OTUS_BYTES_PER_ENROLLMENT


def memory_bytes(size: Size) -> int:
    """Estimate how much memory the making takes at most."""
    return MEMORY_BYTES + size.users * MEMORY_BYTES_PER_USER + size.enrollments * MEMORY_BYTES_PER_ENROLLMENT


def check_room(folder: Path, size: Size, otus: OtusState) -> None:
    """See before anything is done that a district fits.

    Args:
        folder: where it is to be made; the folder or one above it exists.
        size: of the district.
        otus: what of Otus is made.

    Raises:
        NoRoom: it does not.
    """
    existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    for what, needed, there in (
        ("disk", disk_bytes(size, otus), shutil.disk_usage(existing).free),
        ("memory", memory_bytes(size), psutil.virtual_memory().available),
    ):
        if needed * SPARE > there:
            raise NoRoom(
                f"a district of {size.students:,} students takes some {_gigabytes(needed * SPARE)} of {what},"
                f" and {_gigabytes(there)} are free; free some, or name fewer with --students"
            )


def _gigabytes(count: float) -> str:
    return f"{count / 1e9:.1f} GB"
