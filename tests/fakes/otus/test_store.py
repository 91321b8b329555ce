"""An Otus is copied whole, kept in a file, and undone whole (A15)."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from fakes.otus import Otus, Store
from fakes.otus.records import AccountPage, AccountQuery, NewAccount, Settings
from fakes.otus.rights import Actor
from tests.fakes.otus.builders import District, people, rostered, rostered_class

SUPPORT = Actor("support")
GRACE = NewAccount(role="admin", email="grace@x.org", first_name="Grace", last_name="Hopper")
ALAN = NewAccount(role="admin", email="alan@x.org", first_name="Alan", last_name="Turing")


def noon() -> datetime:
    return datetime(2026, 9, 14, 16, tzinfo=UTC)


def emails(otus: Otus) -> list[str]:
    sent = msgspec.json.encode(otus.accounts.page(AccountQuery()))
    return [account.email for account in msgspec.json.decode(sent, type=AccountPage).items]


def test_a_restored_otus_goes_its_own_way() -> None:
    otus = Otus(noon, settings=Settings(manual_rostering=True))
    otus.accounts.make(SUPPORT, GRACE)
    copy = Otus.restored(otus.snapshot(), noon)
    assert copy.accounts.make(SUPPORT, ALAN).id == 2
    assert emails(copy) == ["grace@x.org", "alan@x.org"]
    assert emails(otus) == ["grace@x.org"]
    assert copy.settings() == Settings(manual_rostering=True)
    otus.close()
    copy.close()


def test_an_otus_kept_in_a_file_is_found_again_and_can_be_copied(tmp_path: Path) -> None:
    otus = Otus(noon, Store(tmp_path / "otus.db"), Settings(manual_rostering=True))
    otus.accounts.make(SUPPORT, GRACE)
    otus.close()
    again = Otus(noon, Store(tmp_path / "otus.db"))
    assert emails(again) == ["grace@x.org"]
    assert again.settings() == Settings(manual_rostering=True)
    copy = Otus.restored(again.snapshot(), noon)
    assert emails(copy) == ["grace@x.org"]
    again.close()
    copy.close()


def test_manual_rostering_is_off_in_a_new_district() -> None:
    otus = Otus(noon)
    assert otus.settings() == Settings(manual_rostering=False)
    otus.close()


def test_a_write_that_fails_in_the_middle_leaves_nothing_behind(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    tom, ana = people(district, "teacher", "student")
    algebra = rostered_class(district, tom, students=(ana,))
    before = district.otus.snapshot()

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "save_classes", fail)
        with pytest.raises(OSError, match="full"):
            rostered_class(district, tom, section="s2")
        with pytest.raises(OSError, match="full"):
            district.person(tom, "DELETE", f"/classes/{algebra}/members/{ana}")
    assert district.otus.snapshot() == before
    assert rostered(district, "student") == 3
