"""What the judges have read of a system is kept while the system is unchanged, and no longer."""

from collections.abc import Callable
from typing import Any

import pytest

from fakes.otus.records import AccountEdit, NewAccount
from simulator.seen import Seen
from simulator.views import read_clever, read_otus
from tests.simulator.builders import BEN, DBN, Client, asking, nights, world_of


class Shelf:
    """A store of one word."""

    def __init__(self) -> None:
        self.word = ["first"]
        self.rows_written = self.times_read = 0
        self.seen: Seen[list[str]] = Seen(self._read, lambda: self.rows_written)

    def _read(self) -> list[str]:
        self.times_read += 1
        return list(self.word)

    def write(self, word: str) -> None:
        self.word, self.rows_written = [word], self.rows_written + 1


def test_what_is_unchanged_is_read_once() -> None:
    shelf = Shelf()
    assert [shelf.seen(), shelf.seen(), shelf.times_read] == [["first"], ["first"], 1]


def test_what_was_written_to_is_read_again() -> None:
    shelf = Shelf()
    shelf.seen()
    shelf.write("second")
    assert [shelf.seen(), shelf.times_read] == [["second"], 2]


def test_an_equal_view_stays_the_same_object() -> None:
    shelf = Shelf()
    first = shelf.seen()
    shelf.write("first")
    assert shelf.seen() is first
    assert shelf.times_read == 2


def test_what_shows_in_no_view_makes_nobody_read_again_and_hides_nothing_from_before() -> None:
    shelf = Shelf()
    shelf.seen()
    with shelf.seen.unaffected():
        shelf.rows_written += 1
    assert [shelf.seen(), shelf.times_read] == [["first"], 1]
    shelf.write("second")
    with shelf.seen.unaffected():
        shelf.rows_written += 1
    assert [shelf.seen(), shelf.times_read] == [["second"], 2]


def edit_ben(world: Any) -> None:
    ben = next(key for key, each in world.otus_view().accounts.items() if f"{each.first_name} {each.last_name}" == BEN)
    assert world.otus_api("PATCH", f"/accounts/{ben}", AccountEdit(first_name="Benny")).code == 200


def make_admin(world: Any) -> None:
    new = NewAccount(role="admin", email="a@school.example", first_name="Ann", last_name="Poe", schools=(DBN,))
    assert world.otus_api("POST", "/accounts", new).code == 201


def by_the_sync(client: Client) -> None:
    ben = next(a for a in client.otus("GET", "/accounts?role=student").json()["items"] if a["last_name"] == "Okri")
    run = client.otus("POST", "/sync-runs", {"lease_seconds": 60}).json()["id"]
    row = {"id": ben["id"], "clever_id": ben["clever_id"], "first_name": "Benny"}
    client.otus("POST", "/accounts/bulk", {"rows": [row]})
    client.otus("PATCH", f"/sync-runs/{run}", {"status": "succeeded", "reason": "done"})


@pytest.mark.parametrize("change", [edit_ben, make_admin, nights])
def test_a_world_shows_every_change_of_otus(change: Callable[[Any], None]) -> None:
    with world_of(asking(by_the_sync)) as world:
        before = world.otus_view()
        change(world)
        assert world.otus_view() == read_otus(world._read_otus) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda world: world.stop_sharing(DBN),
        lambda world: world.lose_school(DBN),
    ],
)
def test_a_world_shows_every_change_of_clever(change: Callable[[Any], None]) -> None:
    with world_of() as world:
        before = world.clever_view()
        change(world)
        assert world.clever_view() == read_clever(world._read_clever) != before


def test_a_night_without_news_leaves_the_views_as_they_are() -> None:
    def looking(client: Client) -> None:
        run = client.otus("POST", "/sync-runs", {"lease_seconds": 60}).json()["id"]
        assert client.clever("/v3.1/users").status == 200
        client.otus("PATCH", f"/sync-runs/{run}", {"status": "succeeded", "reason": "nothing to do"})

    with world_of(asking(looking)) as world:
        before = (world.otus_view(), world.clever_view())
        world._seen_otus._read = world._seen_clever._read = None  # type: ignore[assignment]  # nobody reads again
        nights(world, 2)
        assert world.otus_view() is before[0]
        assert world.clever_view() is before[1]
        assert world.runner.ends[-1].report is not None
