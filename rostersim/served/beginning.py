"""How a served world begins: as a story says, or with a generated district, whose files are taken over once.

Three images lie in the world's folder then, as durable as its log, which has their checksums; so the district itself
may be changed or removed. Each of the world's lives begins with a copy of them in memory.
"""

import os
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from fakes.ats.filling import fill
from fakes.clever import Clever, TermRow
from fakes.clever import Store as CleverStore
from fakes.shared.database import copy_file
from fakes.shared.moments import read_wire_time, wire_time
from rostersim.served.commands import PRIVATE_FOLDER, LogDamagedError, sync_folder
from rostersim.unusable import Unusable
from scenarios.cast import Cast
from scenarios.story import Story
from simulator.clock import NEW_YORK
from simulator.directory import Directory
from simulator.district import District, terms_from
from simulator.inherited import Images, inherit_past, records_in_ats
from simulator.past import DIIT
from simulator.world import World

FOLDER = "begun"
ATS_FILE, CLEVER_FILE, OTUS_FILE = "ats.db", "clever.db", "otus.db"
FILES = (ATS_FILE, CLEVER_FILE, OTUS_FILE)
STARTS_AT = time(8, tzinfo=NEW_YORK)
READ_BYTES = 1 << 20

Tell = Callable[[str], None]
"""Hears what is being done."""


class TakenOver(NamedTuple):
    """A district in a world's folder."""

    story: str
    """The text of the story that it is: a beginning without anybody, as everybody is in the files."""
    files: dict[str, str]
    """Checksums of the images, by name."""


def take_over(district: Path, folder: Path, tell: Tell) -> TakenOver:
    """Copy a generated district's Clever and Otus into a folder, and fill an ATS/STARS alike.

    The world begins on the first morning after its last delivery.

    Args:
        district: the folder of `rostersim generate`.
        folder: to be made.
        tell: hears how far it is.

    Raises:
        Unusable: the district is none, has no Otus, or cannot be read.
    """
    _check(district)
    folder.mkdir(mode=PRIVATE_FOLDER)
    try:
        for name in (CLEVER_FILE, OTUS_FILE):
            tell(f"copying {name}")
            copy_file(district / name, folder / name)
        tell("filling ATS/STARS")
        start = _fill_ats(folder)
        tell("writing it to the disk")
        for name in FILES:
            _make_durable(folder / name)
        sync_folder(folder)
    except OSError as error:
        raise Unusable(f"--district {district}: {error.strerror or error}") from None
    story = f"title: {msgspec.json.encode(f'The district {district.name}').decode()}\n"
    story += f"start: {start:%Y-%m-%d %H:%M}\ndistrict: {{}}\n"
    return TakenOver(story, {name: _checksum(folder / name) for name in FILES})


def _check(district: Path) -> None:
    try:
        from loadtests.generate import BrokenDistrict, read_manifest  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as error:
        raise Unusable(f"--district needs {error.name}; install it with: pip install 'rostersim[load]'") from None
    try:
        manifest = read_manifest(district)
    except BrokenDistrict as error:
        raise Unusable(f"--district {error}") from None
    if manifest.otus == "none":
        advice = "make it anew with: rostersim generate --otus after"
        raise Unusable(f"--district {district} has no Otus; {advice} {district}")


def _fill_ats(folder: Path) -> datetime:
    """Make ATS/STARS such that its feed must have delivered what Clever holds (F4); say when the world begins."""
    store = CleverStore(folder / CLEVER_FILE)
    before = store.state()
    delivered = read_wire_time(msgspec.json.decode(before or b"{}", type=_Delivered).last_sync)
    start = datetime.combine(delivered.astimezone(NEW_YORK).date() + timedelta(days=1), STARTS_AT)
    with closing(Clever(lambda: delivered, store=store)) as clever:
        terms = [each for each in terms_from(start) if clever.clever_id("term", each.code) is None]
        clever.deliver(TermRow(t.code, t.name, t.start.isoformat(), t.end.isoformat()) for t in terms)
        fill(folder / ATS_FILE, records_in_ats(clever), at=wire_time(delivered.astimezone(UTC)), by=DIIT)
    return start


class _Delivered(msgspec.Struct, frozen=True):
    """What is wanted of the state of a Clever that was delivered to."""

    last_sync: str


def _make_durable(path: Path) -> None:
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _checksum(path: Path) -> str:
    crc = 0
    with path.open("rb") as file:
        while part := file.read(READ_BYTES):
            crc = zlib.crc32(part, crc)
    return f"{crc:08x}"


def check_files(folder: Path, files: Mapping[str, str]) -> None:
    """See that a world's images are what it began with.

    Args:
        folder: of the world.
        files: checksums by name; none of a world that begins as a story says.

    Raises:
        LogDamagedError: one is not; nothing has been changed.
    """
    for name, checksum in files.items():
        path = folder / FOLDER / name
        try:
            found = _checksum(path)
        except OSError as error:
            raise LogDamagedError(f"{path} cannot be read: {error.strerror}; the world began with it") from None
        if found != checksum:
            raise LogDamagedError(
                f"{path} is damaged (its checksum is another); nothing was changed. Put the file back from a copy, or "
                "begin anew with --fresh"
            )


def read_images(folder: Path) -> Images:
    """Read what a world's systems held when it began.

    Args:
        folder: of the world.
    """
    ats, clever, otus = ((folder / FOLDER / name).read_bytes() for name in FILES)
    return Images(ats, clever, otus)


def inherited(world: World, story: Story) -> Story:
    """Take over the past of a world made of images, and give its story with everybody in it.

    Args:
        world: new.
        story: as :func:`take_over` has written it.
    """
    district = inherit_past(world)
    return story._replace(district=district, cast=_cast_of(district, world.directory))


def _cast_of(district: District, directory: Directory) -> Cast:
    cast = Cast()
    cast.district = district
    for school in district.schools:
        cast.introduce(school.dbn, "school")
    for person in district.people:
        cast.introduce(person.name, person.role)
    for section in district.sections:
        cast.introduce(section.name, "section")
    for name in directory.outsiders:
        cast.introduce(name, "anyone")
    for name in directory.classes:
        cast.introduce(name, "class")
    return cast
