"""``district.json``: what a generated district is, for people and for whoever measures it. It holds no secret."""

import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

FORMAT = 3
MANIFEST, CLEVER_FILE, OTUS_FILE, PLANTED = "district.json", "clever.db", "otus.db", "planted.json"

OtusState = Literal["none", "first", "after"]
"""No file; as before the first night, which nobody has synced; or as after last night, which left nothing to do."""


class Counts(msgspec.Struct, frozen=True):
    """How much there is."""

    schools: int
    students: int
    teachers: int
    staff: int
    district_admins: int
    sections: int
    enrollments: int
    co_teachers: int


class Night(msgspec.Struct, frozen=True):
    """A change that was made after the district was generated."""

    night: str
    seed: int
    changed: dict[str, int]


class Manifest(msgspec.Struct, frozen=True):
    """The contents of the file."""

    preset: str
    seed: int
    delivered_at: str
    otus: OtusState
    counts: Counts
    planted: dict[str, int] = {}
    """How much of what was put into Otus by hand; :data:`PLANTED` tells what exactly."""
    large_school: int = 0
    """So many students one school was to have; 0 left it to chance."""
    nights: tuple[Night, ...] = ()
    versions: dict[str, str] = {}
    format: int = FORMAT


class BrokenDistrict(Exception):  # noqa: N818 - as the refusals are named
    """A folder is no generated district, or not a whole one; the message names what is missing."""


def versions() -> dict[str, str]:
    """List the versions on which the bytes of a district may hang."""
    return {
        "rostersim": version("rostersim"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "sqlite": sqlite3.sqlite_version,
        "faker": version("faker"),
    }


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the file, whole or not at all."""
    part = folder / f"{MANIFEST}.part"
    part.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    part.replace(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """Read what a folder holds, and see that its files are there.

    Raises:
        BrokenDistrict: it is no district, or not a whole one.
    """
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BrokenDistrict(
            f"{folder} holds no {MANIFEST}; make a district with: rostersim generate {folder}"
        ) from None
    except (OSError, msgspec.MsgspecError) as error:
        raise BrokenDistrict(f"{path} cannot be read: {error}; make the district anew") from None
    if manifest.format != FORMAT:
        raise BrokenDistrict(f"{path} has format {manifest.format}, this reads {FORMAT}; make the district anew")
    needed = [CLEVER_FILE] if manifest.otus == "none" else [CLEVER_FILE, OTUS_FILE]
    for name in needed:
        if not _is_database(folder / name):
            raise BrokenDistrict(f"{folder / name} is missing or no SQLite file; make the district anew")
    return manifest


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\x00"
    except OSError:
        return False
