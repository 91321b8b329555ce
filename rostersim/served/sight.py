"""What the three systems hold, side by side, and what is on its way from one to the next.

Everything is read over the systems' own APIs, and only compared here; why something differs, the diagnosis says.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from fakes.ats.records import Change, Person
from fakes.otus.records import Account
from fakes.shared.moments import wire_time
from fakes.shared.refusals import NotFound
from rostersim.served.everybody import everybody_of
from rostersim.served.kept import Kept
from rostersim.served.records import ClassSight, OnTheWay, PersonSight, Row, SchoolLine, SchoolSight
from rostersim.served.rolls import NOTHING, TRIPLE, differ
from scenarios.expectations import PROVENANCE_WORDS
from scenarios.located import nearest
from simulator.clock import MICROSECOND, new_york
from simulator.diagnosis import WHO_MUST_ACT
from simulator.nights import nights_after
from simulator.views import CleverUser


class Sight:
    """The three systems at one moment.

    Args:
        kept: what there is, as of this moment.
        next_night: when the sync runs next.
    """

    def __init__(self, kept: Kept, next_night: datetime) -> None:
        self.stage = kept.stage
        self.views = kept.views
        self.next_night = next_night
        self._kept = kept
        self._naming = kept.naming
        self._rolls = kept.rolls
        self._schools_seen: dict[str, SchoolSight] = {}

    # ------------------------------------------------------------ names

    @cached_property
    def everybody(self) -> list[str]:
        """Names of everybody in any system."""
        return self._naming.everybody()

    @property
    def people(self) -> Mapping[str, str]:
        """OSIS or staff number of everybody in ATS or Clever, by name."""
        return self._naming.numbers

    @property
    def classes(self) -> list[str]:
        """Names of all classes in any system, in their order."""
        return self._rolls.names()

    def _classes_naming(self, person: str) -> list[str]:
        return sorted(name for name, roll in self._rolls.rolls.items() if roll.has(person))

    def ids_of_classes_naming(self, person: str) -> list[str]:
        """Give the ids of the classes in which somebody is, in any system: ATS's, or ``class`` and Otus's."""
        found = [self._rolls.ids[name] for name in self._classes_naming(person)]
        return [section_id or f"class {class_id}" for section_id, _, class_id in found]

    def section_id(self, class_name: str) -> str:
        """Give the id of a class in ATS or Clever, empty if they have none of this name."""
        return self._rolls.ids.get(class_name, ("", "", ""))[0]

    # ------------------------------------------------------------ one person, one class, one school

    def person(self, name: str) -> PersonSight:
        """Show a person.

        Raises:
            NotFound: nobody is called so; the nearest name is offered.
        """
        ats, clever, otus = self.views
        number, account_id = self.people.get(name, ""), self._naming.account_id(name)
        if not number and account_id is None:
            raise NotFound(f"there is nobody called {name!r} ({nearest(name, self.everybody)})")
        account = None if account_id is None else otus.accounts[account_id]
        person, user = ats.people.get(number), clever.user_of(number) if number else None
        rolls = self._rolls.rolls
        classes = [
            _row(class_name, rolls[class_name].of(name), link=class_name, differs=self._differs(class_name, name))
            for class_name in self._classes_naming(name)
        ]
        role = person.role if person is not None else account.role if account is not None else ""
        rows = _person_rows(person, user, account)
        return PersonSight(name, role, number, rows, classes, self.on_the_way(name))

    def _differs(self, class_name: str, person: str) -> bool:
        """Tell whether the systems differ about somebody in a class; in one of the past nobody minds."""
        roll = self._rolls.rolls[class_name]
        return not roll.is_over and differ(roll.of(person))

    def klass(self, name: str) -> ClassSight:
        """Show a class.

        Raises:
            NotFound: no class is called so; the nearest name is offered.
        """
        if name not in self._rolls.ids:
            raise NotFound(f"there is no class {name!r} ({nearest(name, self.classes)})")
        section, listed, held, _ = in_systems = self._rolls.held(name)
        state = (
            NOTHING if section is None else "canceled" if section.canceled else "active",
            NOTHING if listed is None else "active",
            NOTHING if held is None else "archived" if held.archived else "active",
        )
        names = (
            NOTHING if section is None else section.name,
            NOTHING if listed is None else listed.name,
            NOTHING if held is None else held.name,
        )
        in_place = sorted(self._rolls.rolls[name].everybody().items(), key=_place)
        members = [_row(person, parts, link=person, differs=self._differs(name, person)) for person, parts in in_place]
        rows = [_row("state", state), _row("name", names)]
        return ClassSight(name, in_systems.dbn, rows, members, self.on_the_way(name))

    def school(self, dbn: str) -> SchoolSight:
        """Show a school.

        Raises:
            NotFound: there is no such school; the nearest is offered.
        """
        if dbn not in self.views.ats.schools:
            raise NotFound(f"there is no school {dbn!r} ({nearest(dbn, self.views.ats.schools)})")
        if dbn not in self._schools_seen:
            self._schools_seen[dbn] = self._school(dbn)
        return self._schools_seen[dbn]

    def _school(self, dbn: str) -> SchoolSight:
        kept, called, schools = self._kept, self._naming.called, self._kept.schools
        classes = [self._class_row(name) for name in self._classes_of(dbn)]
        people = schools.in_ats.get(dbn, set())
        about = {dbn, *(called.in_ats[number] for number in people)}
        on_the_way = [each for each in self.all_on_the_way if not about.isdisjoint(each.about)]
        rows = [_row("people", map(str, schools.counts(dbn, self.views)))]
        name = self.views.ats.schools[dbn].name
        members = everybody_of(dbn, schools, self.views, called, kept.rolls)
        return SchoolSight(dbn, name, self._schedule(dbn), len(people), rows, classes, members, on_the_way)

    @cached_property
    def schools(self) -> list[SchoolLine]:
        """All schools in short."""
        rolls, in_ats = self._rolls, self._kept.schools.in_ats
        return [
            SchoolLine(
                dbn,
                school.name,
                self._schedule(dbn),
                len(in_ats.get(dbn, ())),
                len(rolls.by_school.get(dbn, ())),
                rolls.differing[dbn],
            )
            for dbn, school in self.views.ats.schools.items()
        ]

    def _classes_of(self, dbn: str) -> list[str]:
        return sorted(self._rolls.by_school.get(dbn, ()))

    def _class_row(self, name: str) -> Row:
        roll = self._rolls.rolls[name]
        counts = (len(roll.in_ats), len(roll.in_clever), len(roll.in_otus))
        words = tuple(
            f"{count} people" if ids else NOTHING for count, ids in zip(counts, self._rolls.ids[name], strict=True)
        )
        return _row(name, words, link=name, differs=bool(roll.differing))

    @cached_property
    def _schedules(self) -> dict[str, str]:
        """The state of every school's schedule, of several that of the last term."""
        return {schedule.dbn: schedule.state for schedule in self.views.ats.schedules.values()}

    def _schedule(self, dbn: str) -> str:
        return self._schedules.get(dbn, "draft")

    # ------------------------------------------------------------ what is on its way

    def on_the_way(self, name: str) -> list[OnTheWay]:
        """Give what is on its way about a person, class or school."""
        return [each for each in self.all_on_the_way if name in each.about]

    @cached_property
    def all_on_the_way(self) -> list[OnTheWay]:
        """What ATS has and Clever has not, with its moments, and what it keeps to itself yet (F3)."""
        world = self.stage.world
        arriving = [self._arriving(delivery.change, delivery.due) for delivery in world.feed.pending()]
        return arriving + [self._held_back(change) for change in world.feed.unreleased()]

    def _arriving(self, change: Change, due: datetime) -> OnTheWay:
        world = self.stage.world
        what, about = self.stage.directory.in_words(change)
        nights = nights_after(due - MICROSECOND, world.setup.nightly_at)  # A4: a delivery at the very night comes first
        night = max(next(nights), self.next_night)
        waits = world.why_waiting() if world.clever.paused or world.clever.held is not None else ""
        return OnTheWay(
            what=what,
            about=about,
            changed=change.at,
            in_clever=wire_time(due),
            in_clever_in_new_york=new_york(due),
            in_otus=wire_time(night),
            in_otus_in_new_york=new_york(night),
            waits_for=waits,
        )

    def _held_back(self, change: Change) -> OnTheWay:
        what, about = self.stage.directory.in_words(change)
        who = WHO_MUST_ACT["schedule not finalized"]
        return OnTheWay(what, about, change.at, None, "", None, "", waits_for=who)


def _person_rows(person: Person | None, user: CleverUser | None, account: Account | None) -> list[Row]:
    """Compare what is said of a person."""
    return [
        _row(
            "state",
            (
                NOTHING if person is None else "discharged" if person.discharged else "in the district",
                NOTHING if user is None else "known",
                NOTHING if account is None else _account_state(account),
            ),
            differs=_is_there(person, user, account),
        ),
        _row(
            "e-mail",
            (
                person.email if person else NOTHING,
                user.email if user else NOTHING,
                account.email if account else NOTHING,
            ),
        ),
        _row(
            "name",
            tuple(
                f"{each.first_name} {each.last_name}" if each is not None else NOTHING
                for each in (person, user, account)
            ),
        ),
        _row(
            "schools",
            tuple(", ".join(each.schools) if each is not None else NOTHING for each in (person, user, account)),
        ),
    ]


def _account_state(account: Account) -> str:
    state = "active" if account.active else "inactive"
    return f"{state}, by {PROVENANCE_WORDS[account.provenance]}"


def _is_there(person: Person | None, user: CleverUser | None, account: Account | None) -> bool:
    """Tell whether the systems differ about somebody's being there at all."""
    there = {person is not None and not person.discharged, user is not None, account is not None and account.active}
    return len(there) > 1


def _row(what: str, triple: Iterable[str], *, link: str = "", differs: bool | None = None) -> Row:
    ats, clever, otus = triple
    return Row(what, ats, clever, otus, differ((ats, clever, otus)) if differs is None else differs, link)


def _place(member: tuple[str, TRIPLE]) -> tuple[int, str]:
    """Sort teachers before students, and those before whom Otus alone has last."""
    name, parts = member
    part = next((part for part in parts if part), "")
    rank = 0 if part.startswith("teacher") else 1 if part.startswith("co-teacher") else 2
    return rank, name
