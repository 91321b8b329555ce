"""``rostersim capture``: a district, read from Clever or from its CSV files, masked, and made into a world."""

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click
from rich.console import Console

from fakes.clever import Clever as FakeClever
from fakes.clever import create_app
from fakes.clever.sftp import CsvFolder, FileRefused
from rostersim.capture.building import TIMES_FILE, Built, build
from rostersim.capture.masking import Masker
from rostersim.capture.pages import COLLECTIONS, STATE_FILE, Collection, Pages, masked_page
from rostersim.capture.pseudonyms import KEY_CHARACTERS_MIN, Pseudonyms
from rostersim.capture.reading import CaptureError, Clever, Get, Wait, cursor_after, find_school, path_of
from rostersim.stopping import EXIT_INTERRUPTED
from rostersim.stories import WORLD_FILE
from rostersim.unusable import Unusable
from simulator.gateway import call, request_environ

KEY_ENV = "ROSTERSIM_CAPTURE_KEY"
KEY_BYTES = 32
pause: Wait = time.sleep
"""How a capture waits; a test counts instead."""


class Source(NamedTuple):
    """Where a district is read from."""

    get: Get
    scope: str
    """In words that tell two captures apart; never written down as they are."""


@click.command(name="capture")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--clever-url", metavar="URL", help="Read a Clever: https://api.clever.com, or one on this machine.")
@click.option("--token-env", metavar="NAME", default="CLEVER_TOKEN", show_default=True, help="Variable with the token.")
@click.option("--csv", "csv_folder", type=click.Path(path_type=Path), metavar="CSV", help="Read Clever's CSV files.")
@click.option("--school", metavar="DBN", help="Only this school.")
@click.option("--key-env", metavar="NAME", default=KEY_ENV, show_default=True, help="Variable with the key.")
@click.option(
    "--keep-key",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a key that is made at random here. With it one can find out who is who.",
)
def capture(
    folder: Path,
    clever_url: str | None,
    token_env: str,
    csv_folder: Path | None,
    school: str | None,
    key_env: str,
    keep_key: Path | None,
) -> None:
    """Make a world in DIR of a real district: read only, and masked before anything is written.

    Names, e-mails, numbers, ids and dates of birth are replaced by a keyed function, the same for the same; who is in
    what, and when Clever made and changed a record, stays; everything else is not read. The key comes from a variable,
    or is made at random and forgotten. What was interrupted goes on when it is started again with the same key.

    \b
    Examples:
      CLEVER_TOKEN=... rostersim capture --clever-url https://api.clever.com --school 02M475 captured
      rostersim capture --csv upload captured
      rostersim explain "..." --world captured
    """
    if (clever_url is None) == (csv_folder is None):
        raise Unusable("say what to read: --clever-url URL or --csv CSV")
    console = Console(stderr=True, highlight=False)
    try:
        pseudonyms = Pseudonyms(_key(key_env, keep_key))
        _make(folder)
        with ExitStack() as stack:
            source = _source(stack, clever_url, token_env, csv_folder)
            built = _captured(source, folder, pseudonyms, school, console.print)
    except CaptureError as error:
        raise Unusable(str(error)) from None
    except OSError as error:
        raise Unusable(f"{folder}: {error.strerror or 'cannot be written'}") from None
    except KeyboardInterrupt:
        click.echo("\nrostersim: stopped; start it again with the same key to go on", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None
    _tell(built, folder)


def _key(variable: str, keep: Path | None) -> bytes:
    """Take the key from the environment, or make one.

    Raises:
        CaptureError: it is too short, or there is nothing to keep.
    """
    given = os.environ.get(variable, "")
    if given:
        if len(given) < KEY_CHARACTERS_MIN:
            raise CaptureError(f"{variable}: a key has at least {KEY_CHARACTERS_MIN} characters, found {len(given)}")
        if keep is not None:
            raise CaptureError(f"--keep-key is for a key that is made at random; this one is in {variable} already")
        return given.encode()
    key = secrets.token_hex(KEY_BYTES)
    if keep is not None:
        with os.fdopen(os.open(keep, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{key}\n")
    return key.encode()


def _make(folder: Path) -> None:
    """Make the folder of the world.

    Raises:
        CaptureError: it holds something else than a capture in progress.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(path.name != STATE_FILE for path in folder.iterdir()):
        raise CaptureError(f"{folder} holds something already; name a new folder")


def _source(stack: ExitStack, url: str | None, token_env: str, csv_folder: Path | None) -> Source:
    if csv_folder is not None:
        return Source(stack.enter_context(_of_files(csv_folder)), f"csv {csv_folder.resolve()}")
    token = os.environ.get(token_env, "")
    if not token:
        raise CaptureError(f"{token_env}: there is no token in this variable; --token-env names another")
    clever = stack.enter_context(Clever(url or "", token, pause))
    return Source(clever.get, f"clever {url}")


@contextmanager
def _of_files(folder: Path) -> Iterator[Get]:
    """Read CSV files through a Clever in memory; what is wrong with them is told without what stands in them."""
    now = datetime.now(UTC)
    clever = FakeClever(lambda: now)
    try:
        upload = CsvFolder(clever, settle_minutes=0)
        try:
            upload.upload_folder(folder)
        except (OSError, FileRefused):
            raise CaptureError(f"{folder}: a CSV file cannot be read, or is too large") from None
        if upload.process(now).outcome != "applied":
            raise CaptureError(
                f"{folder}: this is no whole upload of Clever's CSV files (schools.csv, students.csv, ...)"
            )
        application, token = create_app(clever), clever.issue_token()
        headers = {"Authorization": f"Bearer {token}"}
        yield lambda path, _what: call(application, request_environ("GET", path, headers)).body
    finally:
        clever.close()


def _captured(
    source: Source, folder: Path, pseudonyms: Pseudonyms, dbn: str | None, tell: Callable[[str], None]
) -> Built:
    """Read and mask everything that is not there yet, and write the world."""
    masker = Masker(pseudonyms)
    pages = Pages(folder, pseudonyms, f"{source.scope} {dbn}")
    try:
        school = find_school(source.get, dbn) if dbn is not None else None
        for collection in COLLECTIONS:
            _read_collection(source.get, collection, school, masker, pages)
            tell(f"{len(getattr(pages.captured, collection)):,} {collection}")
        if school is not None:
            masked = masker.id(school)
            pages.captured.schools = [each for each in pages.captured.schools if each.id == masked]
        built = build(pages.captured, folder, datetime.now(UTC))
    finally:
        pages.close()
    pages.remove()
    return built


def _read_collection(get: Get, collection: Collection, school: str | None, masker: Masker, pages: Pages) -> None:
    cursor = pages.cursors.get(collection, "")
    number = 0
    while cursor is not None:
        number += 1
        page = get(path_of(collection, cursor, school), f"page {number} of {collection}")
        records = masked_page(masker, collection, page)
        cursor = cursor_after(page)
        pages.add(collection, records, cursor)


def _tell(built: Built, folder: Path) -> None:
    cast = built.cast
    students = sum("student" in user.roles for user in cast.people.values())
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    console.print(
        f"{len(cast.schools)} schools, {len(cast.people) - students} teachers, {students} students, "
        f"{len(cast.sections)} sections; nothing in it is real"
    )
    for remark in built.remarks:
        console.print(f"  {remark}")
    for name in (WORLD_FILE, "clever", TIMES_FILE):
        if (folder / name).exists():
            console.print(f"  {folder / name}", soft_wrap=True)
