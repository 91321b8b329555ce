"""Folders that live as long as a world."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory; each folder in it is private


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a private folder that is gone afterwards.

    It lies in memory where the system has a place for that: a sync's ledger that makes sure of every write would
    wait for the disk many times a night, and a world does not outlive its process anyway.
    """
    where = IN_MEMORY if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="rostersim-", dir=where) as folder:
        yield Path(folder)
