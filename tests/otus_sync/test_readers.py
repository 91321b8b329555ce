"""Readers: pages of several lists are read at once, and come in order; nobody is left behind."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from multiprocessing import active_children

import pytest

from otus_sync.clever_records import Section
from otus_sync.errors import ReaderDiedError, RefusedError
from otus_sync.plan.batches import Batching, SectionBatch
from otus_sync.readers import Cursor, Listing, Page, Readers

# The workers of this suite have threads of their own, of which a reader needs nothing.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def batches(name: str, page: int) -> Iterator[SectionBatch]:
    """Of each page two batches with a section."""
    for part in "ab":
        yield Batching({}).sections([Section(f"{name}-{page}{part}")])


def page_of(name: str, last: int, cursor: Cursor) -> Page[SectionBatch]:
    page = int(cursor)
    return Page(None if page == last else str(page + 1), batches(name, page))


def listing(name: str, last: int) -> Listing[SectionBatch]:
    return Listing("0", partial(page_of, name, last))


def ids(found: Iterator[SectionBatch]) -> list[str]:
    return [key for batch in found for key in batch.ids]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_pages_of_all_lists_come_and_those_of_one_list_in_order(count: int) -> None:
    lasts = {"long": 20, "short": 0, "middle": 4}
    found = ids(Readers(count, lambda: None).read([listing(name, last) for name, last in lasts.items()]))
    for name, last in lasts.items():
        wanted = [f"{name}-{page}{part}" for page in range(last + 1) for part in "ab"]
        assert [key for key in found if key.startswith(f"{name}-")] == wanted
    assert len(found) == 2 * (21 + 1 + 5)
    assert not active_children()


def test_what_a_reader_cannot_read_is_raised_as_it_was_and_no_reader_is_left() -> None:
    def refuse(cursor: Cursor) -> Page[SectionBatch]:
        raise RefusedError("Clever", f"GET {cursor}", 403, "not shared")

    with pytest.raises(RefusedError, match=r"Clever, GET /x: refused with 403: not shared") as refused:
        ids(Readers(2, lambda: None).read([listing("long", 50), Listing("/x", refuse)]))
    assert refused.value.status == 403
    assert not active_children()


def test_a_reader_that_was_killed_ends_the_run_with_a_clear_word() -> None:
    def die(cursor: Cursor) -> Page[SectionBatch]:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError(cursor)

    with pytest.raises(ReaderDiedError, match="is gone; nothing was written"):
        ids(Readers(2, lambda: None).read([listing("long", 50), Listing("0", die)]))
    assert not active_children()


def test_whoever_stops_listening_leaves_no_reader() -> None:
    found = Readers(3, lambda: None).read([listing("long", 500)])
    assert next(found).ids == ["long-0a"]
    assert active_children()
    found.close()  # type: ignore[attr-defined]  # it is a generator
    assert not active_children()


def test_every_reader_begins_before_it_reads() -> None:
    begun: list[int] = []

    def page(cursor: Cursor) -> Page[SectionBatch]:
        return Page(None, iter([Batching({}).sections([Section(f"{cursor} after {len(begun)}")])]))

    assert ids(Readers(2, partial(begun.append, 1)).read([Listing("read", page)])) == ["read after 1"]
    assert begun == []
