"""Makes the folder of a district, whole or not at all."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from fakes.shared.moments import wire_time
from loadtests.generate.calendar import DELIVERED_AT
from loadtests.generate.chunks import Plan, workshop
from loadtests.generate.clever_file import fill_clever
from loadtests.generate.draw import NOBODY, District
from loadtests.generate.manifest import (
    CLEVER_FILE,
    MANIFEST,
    OTUS_FILE,
    PLANTED,
    Counts,
    Manifest,
    OtusState,
    versions,
    write_manifest,
)
from loadtests.generate.otus_file import fill_otus
from loadtests.generate.room import check_room
from loadtests.generate.size import Wish, size_of
from loadtests.generate.tell import Tell, tell_nobody


class UnusableFolder(Exception):  # noqa: N818 - as the refusals are named
    """A folder cannot be made into a district; the message says why."""


def generate(
    folder: Path,
    wish: Wish,
    seed: int = 0,
    otus: OtusState = "first",
    tell: Tell = tell_nobody,
    *,
    replace: bool = False,
) -> Manifest:
    """Make a district.

    Args:
        folder: to be made; what is there already is only replaced if it is a district, and that is asked for.
        wish: how large it is to be.
        seed: the same gives the same bytes.
        otus: what to make of Otus.
        tell: hears how far it is.
        replace: whether a district that is there is replaced.

    Returns:
        What was made.

    Raises:
        UnusableSize: no district can be of this size.
        UnusableFolder: something else is there already, or the folder cannot be written.
        NoRoom: memory or disk will not do.
    """
    size = size_of(wish)
    _check_folder(folder, replace=replace)
    check_room(folder, size, otus)
    plan = Plan(size, seed, DELIVERED_AT)
    with _whole_or_not_at_all(folder) as part:
        fill_clever(part / CLEVER_FILE, plan, tell)
        planted: dict[str, int] = {}
        if otus != "none":
            made = fill_otus(part / OTUS_FILE, plan, otus, tell)
            planted = made.counts()
            (part / PLANTED).write_bytes(msgspec.json.encode(made))
        manifest = Manifest(
            preset=wish.preset,
            seed=seed,
            delivered_at=wire_time(DELIVERED_AT),
            otus=otus,
            counts=_counts(workshop(plan).district),
            planted=planted,
            large_school=size.large_school,
            versions=versions(),
        )
        write_manifest(part, manifest)
    return manifest


def _check_folder(folder: Path, *, replace: bool) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / MANIFEST).is_file():
        raise UnusableFolder(f"{folder} is there already and is no district; name another folder")
    if not replace:
        raise UnusableFolder(f"{folder} holds a district already; replace it with --force, or name another folder")


@contextmanager
def _whole_or_not_at_all(folder: Path) -> Iterator[Path]:
    """Make a folder beside the one that is wanted; it takes that one's place at the end, or leaves nothing."""
    part = folder.absolute().with_name(f".{folder.absolute().name}.{os.getpid()}.part")
    old = part.with_suffix(".old")
    try:
        part.mkdir(parents=True)
        yield part
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
    except (OSError, sqlite3.OperationalError) as error:  # SQLite says so when the disk is full
        raise UnusableFolder(f"{folder} cannot be written: {error}") from None
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)  # stopped between the two
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _counts(district: District) -> Counts:
    return Counts(
        schools=len(district.schools.dbns),
        students=len(district.students.number),
        teachers=len(district.teachers.number),
        staff=len(district.staff.number),
        district_admins=len(district.district_admins.number),
        sections=len(district.sections.school),
        enrollments=len(district.rosters.students),
        co_teachers=int((district.sections.teachers[:, 1:] != NOBODY).sum()),
    )
