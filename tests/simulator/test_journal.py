"""The journal: everything that happened, in order, numbered, and never silently less than everything."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from simulator.directory import Directory
from simulator.district import Person
from simulator.journal import Entry, Journal
from simulator.rulebook import RULES, in_words
from tests.simulator.builders import ALGEBRA, BEN, DBN, MEI, world_of

NOON = datetime(2026, 9, 14, 16, 0, tzinfo=UTC)


def test_entries_are_numbered_and_carry_the_moment_and_what_was_said() -> None:
    journal = Journal(lambda: NOON)
    journal.record("ats", "edit", "DIIT office", "adds Mei Chen", about=(MEI,), due=NOON + timedelta(hours=72), line=7)
    journal.record("sync", "night", "sync", "ends: failed", night=1, good=False, facts={"reason": "no"})
    assert journal.entries == [
        Entry(
            number=1,
            at="2026-09-14T16:00:00.000Z",
            lane="ats",
            kind="edit",
            who="DIIT office",
            what="adds Mei Chen",
            about=(MEI,),
            due="2026-09-17T16:00:00.000Z",
            line=7,
        ),
        Entry(
            number=2,
            at="2026-09-14T16:00:00.000Z",
            lane="sync",
            kind="night",
            who="sync",
            what="ends: failed",
            night=1,
            good=False,
            facts={"reason": "no"},
        ),
    ]


def test_a_journal_is_one_line_an_entry_without_what_is_not_said() -> None:
    journal = Journal(lambda: NOON)
    journal.record("otus", "note", "Rosa Diaz", "waits")
    assert journal.encode() == (
        b'{"number":1,"at":"2026-09-14T16:00:00.000Z","lane":"otus","kind":"note","who":"Rosa Diaz","what":"waits"}\n'
    )
    assert msgspec.json.decode(journal.encode(), type=Entry) == journal.entries[0]


def test_what_a_journal_cannot_hold_is_counted_and_heard_all_the_same() -> None:
    journal, heard = Journal(lambda: NOON, entries_max=2), list[int]()
    journal.listeners.append(lambda entry: heard.append(entry.number))
    for _ in range(5):
        journal.record("otus", "note", "Rosa Diaz", "waits")
    assert ([entry.number for entry in journal.entries], journal.dropped, heard) == ([1, 2], 3, [1, 2, 3, 4, 5])
    assert journal.encode().splitlines()[-1] == b'{"dropped":3}'


def test_a_change_of_ats_is_said_with_names_for_ids() -> None:
    with world_of() as world:
        told = [world.directory.in_words(delivery.change) for delivery in world.feed.deliveries]
    assert (f"{BEN}: add student", (BEN,)) in told
    assert (f"{ALGEBRA}: add section", (ALGEBRA, DBN)) in told


def test_an_unknown_id_is_said_as_it_is() -> None:
    directory = Directory()
    directory.add_person(Person(name=MEI, role="student", schools=(DBN,), id="123456789"))
    directory.add_section(ALGEBRA, "s1")
    assert [directory.name_of(key) for key in ("123456789", "s1", "s2")] == [MEI, ALGEBRA, "s2"]


def test_every_rule_is_known_by_its_number_and_no_other() -> None:
    assert list(RULES) == [
        *(f"F{number}" for number in range(1, 13)),
        *(f"H{number}" for number in range(1, 12)),
        *(f"A{number}" for number in range(1, 18)),
    ]
    assert in_words("F9") == "A co-teacher added by hand to a rostered class stays."
    with pytest.raises(KeyError):
        in_words("F13")
