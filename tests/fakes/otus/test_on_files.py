"""A file that a server has open does what a store in memory does: the same tests, over both."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from fakes.otus import Store
from tests.fakes.otus import builders
from tests.fakes.otus.test_account_writes import *  # noqa: F403
from tests.fakes.otus.test_class_writes import *  # noqa: F403
from tests.fakes.otus.test_digests import *  # noqa: F403
from tests.fakes.otus.test_idempotency import *  # type: ignore[assignment]  # noqa: F403 - each has its NEW


@pytest.fixture(autouse=True)
def _over_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    numbers = count()
    monkeypatch.setattr(builders, "new_store", lambda: Store(tmp_path / f"{next(numbers)}.db", served=True))
    yield
    assert next(numbers) > 0, "no store was made, so the test said nothing about files"
