"""Clever against a plain model in memory: lists, pages and events, through any course of deliveries and sharing."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fakes.clever import UserRow
from tests.fakes.clever.builders import MIDWOOD, STUYVESANT, District, gone, school, student, teacher

PEOPLE = tuple(f"2000000{number:02}" for number in (*range(6), *range(10, 16)))
DAYS_KEPT = 30


class Wire(RuleBasedStateMachine):
    """What people do to a district, and what an application then reads of it."""

    @initialize()
    def begin(self) -> None:
        self.clever = District()
        self.clever.deliver(school(), school(MIDWOOD, "Midwood"))
        self.clever.clever.enable_events()
        self.clever.later(hours=1)
        self.rows: dict[str, UserRow] = {}
        """The people as delivered, by Clever's id."""
        self.unshared: frozenset[str] = frozenset()
        self.told: list[tuple[int, str, str]] = []
        """Events of users: the day, the type, and whose."""
        self.day = 0

    def teardown(self) -> None:
        if hasattr(self, "clever"):
            self.clever.clever.close()

    def visible(self) -> dict[str, UserRow]:
        return {one: row for one, row in self.rows.items() if set(row.schools) - self.unshared}

    def note(self, before: dict[str, UserRow]) -> None:
        """Write down what an application is to be told of the people, in the order of one batch."""
        after = self.visible()
        words = [
            ("users.created", sorted(after.keys() - before.keys())),
            ("users.updated", sorted(one for one in after.keys() & before.keys() if after[one] != before[one])),
            ("users.deleted", sorted(before.keys() - after.keys())),
        ]
        self.told += [(self.day, word, one) for word, ids in words for one in ids]

    # What people do

    @rule(
        numbers=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=5, unique=True),
        at=st.sampled_from([(STUYVESANT,), (MIDWOOD,), (MIDWOOD, STUYVESANT)]),
        last_name=st.sampled_from(["Okri", "Chen"]),
    )
    def deliver(self, numbers: list[str], at: tuple[str, ...], last_name: str) -> None:
        before = self.visible()
        makers = {"0": student, "1": teacher}
        rows = [makers[number[-2]](number, schools=at, last_name=last_name) for number in numbers]
        self.clever.deliver(*rows)
        self.rows |= {self.clever.id_of("user", row.sis_id): row for row in rows}
        self.note(before)

    @rule(numbers=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4, unique=True))
    def remove(self, numbers: list[str]) -> None:
        before = self.visible()
        leaving = [row for row in self.rows.values() if row.sis_id in numbers]
        self.clever.deliver(*map(gone, leaving))
        self.rows = {one: row for one, row in self.rows.items() if row not in leaving}
        self.note(before)

    @rule(schools=st.frozensets(st.sampled_from([STUYVESANT, MIDWOOD])))
    def share_all_but(self, schools: frozenset[str]) -> None:
        before = self.visible()
        self.clever.clever.share_all_but(schools)
        self.unshared = schools
        self.note(before)

    @rule(days=st.sampled_from([1, 7, 20]))
    def wait(self, days: int) -> None:
        self.clever.later(days=days)
        self.day += days

    # What an application reads

    @rule(limit=st.integers(1, 14), role=st.sampled_from(["", "student", "teacher"]))
    def read_forward(self, limit: int, role: str) -> None:
        expected = sorted(one for one, row in self.visible().items() if role in {"", row.role})
        uri = f"/v3.1/users?limit={limit}" + (f"&role={role}" if role else "")
        found: list[str] = []
        while uri:
            page = self.clever.get(uri)
            assert len(page["data"]) <= limit
            found += [item["data"]["id"] for item in page["data"]]
            uri = next((link["uri"] for link in page["links"] if link["rel"] == "next"), "")
        assert found == expected

    @rule(limit=st.integers(1, 14))
    def read_events_backward(self, limit: int) -> None:
        cursor = "last"
        found: list[Any] = []
        while page := self.events(f"limit={limit}&ending_before={cursor}"):
            found = page + found
            cursor = page[0]["id"]
        assert [(event["type"], event["data"]["object"]["id"]) for event in found] == self.kept()

    @rule(place=st.integers(0, 40))
    def follow_events(self, place: int) -> None:
        told = self.events("limit=10000")
        if told:
            cursor = told[place % len(told)]["id"]
            after = self.events(f"limit=10000&starting_after={cursor}")
            assert after == told[place % len(told) + 1 :]

    @invariant()
    def single_records_are_there_if_and_only_if_they_are_shared(self) -> None:
        if hasattr(self, "clever"):
            visible = self.visible()
            for one in self.rows:
                assert (self.clever.ask(f"/v3.0/users/{one}").status_code == 200) == (one in visible)
            assert self.clever.get("/v3.0/users?count=true") == {"count": len(visible)}

    def events(self, query: str) -> list[Any]:
        return [item["data"] for item in self.clever.get(f"/v3.0/events?record_type=users&{query}")["data"]]

    def kept(self) -> list[tuple[str, str]]:
        return [(word, one) for day, word, one in self.told if self.day - day <= DAYS_KEPT]


TestWire = Wire.TestCase
TestWire.settings = settings(max_examples=40, stateful_step_count=50, deadline=None)
