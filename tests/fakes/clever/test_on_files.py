"""A large file does what a store in memory does: the same tests, over both."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from fakes.clever import Store
from fakes.clever.filling import create_large
from tests.fakes.clever import builders
from tests.fakes.clever.test_delivery import *  # noqa: F403
from tests.fakes.clever.test_paging import *  # noqa: F403
from tests.fakes.clever.test_sharing import *  # noqa: F403

# Properties that make a store for each of a hundred examples are shown in memory alone: a disk takes its time.
del test_any_cursor_is_a_place_in_the_list, test_pages_both_ways_are_the_cuts_of_one_list  # noqa: F821
del test_whatever_the_order_of_rows_the_records_say_the_same  # noqa: F821


@pytest.fixture(autouse=True)
def _over_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    numbers = count()

    def new_store() -> Store:
        path = tmp_path / f"{next(numbers)}.db"
        create_large(path)
        return Store(path)

    monkeypatch.setattr(builders, "new_store", new_store)
    yield
    assert next(numbers) > 0, "no store was made, so the test said nothing about files"
