"""Pages that were read are kept until something is written, and no longer."""

from fakes.clever.shelf import Shelf, StoredPage
from tests.fakes.clever.builders import MIDWOOD, district, one_class, school, student


def page(size: int) -> StoredPage:
    return StoredPage.of([("an id", b"x" * size)])


def test_a_page_is_found_again_until_the_shelf_is_cleared() -> None:
    shelf = Shelf()
    shelf.put(("users", 1), page(3))
    assert shelf.find(("users", 1)) == page(3)
    assert shelf.find(("users", 2)) is None
    shelf.clear()
    assert shelf.find(("users", 1)) is None


def test_the_page_read_longest_ago_makes_room() -> None:
    shelf = Shelf(bytes_max=10)
    shelf.put(("a",), page(4))
    shelf.put(("b",), page(4))
    shelf.find(("a",))
    shelf.put(("c",), page(4))
    assert [key for key in ("a", "b", "c") if shelf.find((key,)) is not None] == ["a", "c"]


def test_a_page_larger_than_the_shelf_is_not_kept_and_drives_nothing_out() -> None:
    shelf = Shelf(bytes_max=10)
    shelf.put(("a",), page(10))
    shelf.put(("b",), page(11))
    assert shelf.find(("a",)) is not None
    assert shelf.find(("b",)) is None


def test_a_page_read_before_a_change_is_not_told_after_it() -> None:
    with district(*one_class(), school(MIDWOOD, "Midwood")) as clever:
        assert len(clever.ids("/v3.0/users")) == len(clever.ids("/v3.0/users")) == 2
        clever.deliver(student("200000002"))
        assert len(clever.ids("/v3.0/users")) == 3
        assert len(clever.ids("/v3.0/schools")) == 2
        clever.clever.share_all_but({MIDWOOD})
        assert len(clever.ids("/v3.0/schools")) == 1
