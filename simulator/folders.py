"""Folders that live as long as a world."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory; each folder in it is private


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nothing be written in a folder, nor to what lies in it, until the block ends.

    Root is kept from nothing by that, unless it heeds permissions, see :mod:`simulator.root`.

    Args:
        folder: with its files.
    """
    paths = [folder, *sorted(folder.rglob("*"))]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths}
    for path in reversed(paths):
        path.chmod(modes[path] & ~0o222)
    try:
        yield
    finally:
        for path in paths:
            path.chmod(modes[path])


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a private folder that is gone afterwards.

    It lies in memory where the system has a place for that: a sync's ledger that makes sure of every write would
    wait for the disk many times a night, and a world does not outlive its process anyway.
    """
    where = IN_MEMORY if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix=_prefix(os.getpid()), dir=where) as folder:
        yield Path(folder)


def remove_folders_of(pid: int) -> None:
    """Remove the folders that a process left when it was ended by force; none if it ended in good order."""
    for where in (IN_MEMORY, Path(tempfile.gettempdir())):
        for folder in sorted(where.glob(f"{_prefix(pid)}*")):
            shutil.rmtree(folder, ignore_errors=True)


def _prefix(pid: int) -> str:
    return f"rostersim-{pid}-"
