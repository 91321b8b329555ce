"""What the three systems hold, side by side, and what is on its way from one to the next.

Everything is read over the systems' own APIs, and only compared here; why something differs, the diagnosis says.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from fakes.ats.records import Change, Person
from fakes.otus.records import Account
from fakes.shared.moments import wire_time
from fakes.shared.refusals import NotFound
from rostersim.served.everybody import everybody_of
from rostersim.served.records import ClassSight, OnTheWay, PersonSight, Row, SchoolLine, SchoolSight
from rostersim.served.rolls import NOTHING, TRIPLE, Called, Held, Roll, Rolls, differ
from scenarios.expectations import PROVENANCE_WORDS
from scenarios.located import nearest
from scenarios.stage import Stage
from simulator.clock import MICROSECOND, new_york
from simulator.diagnosis import WHO_MUST_ACT
from simulator.nights import nights_after
from simulator.views import AtsView, CleverUser, CleverView, OtusView


class Sight:
    """The three systems at one moment.

    Args:
        stage: with the names of the story.
        ats: as it is.
        clever: as it is.
        otus: as it is.
        next_night: when the sync runs next.
        rolls: of the look before, of which what has not changed is kept.
    """

    def __init__(
        self, stage: Stage, ats: AtsView, clever: CleverView, otus: OtusView, next_night: datetime, rolls: Rolls
    ) -> None:
        self.stage = stage
        self.ats = ats
        self.clever = clever
        self.otus = otus
        self.next_night = next_night
        self._rolls_kept = rolls
        self._schools_seen: dict[str, SchoolSight] = {}

    # ------------------------------------------------------------ names

    @cached_property
    def people(self) -> dict[str, str]:
        """OSIS or staff number of everybody in ATS or Clever, by name."""
        return {name: number for number, name in self._called.in_ats.items()}

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """Accounts of Otus, by the name of their person."""
        return {self._called.in_otus[account.id]: account for account in self.otus.accounts.values()}

    @cached_property
    def classes(self) -> dict[str, TRIPLE]:
        """Ids of every class in the three systems, by its name."""
        keys = {section.id: "" for section in self.ats.sections.values()}
        keys |= {section.sis_id: section.id for section in self.clever.sections.values()}
        seen = self.stage.directory.clever_sections
        found = {}
        for key, clever_id in keys.items():
            name = self._class_name(key)
            linked = self.otus.class_of(clever_id or seen.get(name, ""))
            found[name] = (key, clever_id, "" if linked is None else str(linked.id))
        taken = {triple[2] for triple in found.values()}
        by_hand = {key: name for name, key in self.stage.directory.classes.items()}
        for klass in self.otus.classes.values():
            if str(klass.id) not in taken:
                name = by_hand.get(klass.id, klass.name)
                found[name if name not in found else f"{name} ({klass.id})"] = ("", "", str(klass.id))
        return found

    @cached_property
    def _called(self) -> Called:
        numbers = dict.fromkeys([*self.ats.people, *(user.sis_id for user in self.clever.users.values())])
        in_ats = {number: self._person_name(number) for number in numbers if number}
        in_clever = {
            user.id: in_ats.get(user.sis_id) or f"{user.first_name} {user.last_name}"
            for user in self.clever.users.values()
        }
        in_otus = {}
        for account in self.otus.accounts.values():
            user = self.clever.users.get(account.clever_id or "")
            number = user.sis_id if user is not None else account.sis_id
            name = (in_ats.get(number) or self._person_name(number)) if number else ""
            in_otus[account.id] = name or self.stage.name_of_account(account)
        return Called(in_ats, in_clever, in_otus)

    @cached_property
    def _rolls(self) -> dict[str, Roll]:
        """Who is in every class, by its name."""
        held = {name: self._held(ids) for name, ids in self.classes.items()}
        return self._rolls_kept(self._called, held)

    def _held(self, ids: TRIPLE) -> Held:
        section_id, clever_id, class_id = ids
        roster = self.otus.rosters[int(class_id)] if class_id else None
        return Held(self.ats.sections.get(section_id), self.clever.sections.get(clever_id), roster)

    def _person_name(self, number: str) -> str:
        name = self.stage.directory.name_of(number)
        if name != number:
            return name
        person = self.ats.people.get(number)
        return f"{person.first_name} {person.last_name} ({number})" if person is not None else number

    def _class_name(self, key: str) -> str:
        return self.stage.directory.name_of(key)

    # ------------------------------------------------------------ one person, one class, one school

    def person(self, name: str) -> PersonSight:
        """Show a person.

        Raises:
            NotFound: nobody is called so; the nearest name is offered.
        """
        if name not in self.people and name not in self.accounts:
            everybody = [*self.people, *self.accounts]
            raise NotFound(f"there is nobody called {name!r} ({nearest(name, everybody)})")
        number = self.people.get(name, "")
        account = self.accounts.get(name)
        person, user = self.ats.people.get(number), self.clever.user_of(number) if number else None
        classes = [
            _row(class_name, roll.of(name), link=class_name)
            for class_name, roll in self._rolls.items()
            if roll.has(name)
        ]
        role = person.role if person is not None else account.role if account is not None else ""
        rows = _person_rows(person, user, account)
        return PersonSight(name, role, number, rows, classes, self.on_the_way(name))

    def klass(self, name: str) -> ClassSight:
        """Show a class.

        Raises:
            NotFound: no class is called so; the nearest name is offered.
        """
        if name not in self.classes:
            raise NotFound(f"there is no class {name!r} ({nearest(name, self.classes)})")
        section_id, clever_id, class_id = self.classes[name]
        section, listed = self.ats.sections.get(section_id), self.clever.sections.get(clever_id)
        held = self.otus.classes[int(class_id)] if class_id else None
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
        school = section.dbn if section is not None else held.school if held is not None else ""
        in_place = sorted(self._rolls[name].everybody().items(), key=_place)
        members = [_row(person, parts, link=person) for person, parts in in_place]
        return ClassSight(
            name, school or "", [_row("state", state), _row("name", names)], members, self.on_the_way(name)
        )

    def school(self, dbn: str) -> SchoolSight:
        """Show a school.

        Raises:
            NotFound: there is no such school; the nearest is offered.
        """
        if dbn not in self.ats.schools:
            raise NotFound(f"there is no school {dbn!r} ({nearest(dbn, self.ats.schools)})")
        if dbn not in self._schools_seen:
            self._schools_seen[dbn] = self._school(dbn)
        return self._schools_seen[dbn]

    def _school(self, dbn: str) -> SchoolSight:
        classes = [self._class_row(name) for name in self._classes_of(dbn)]
        people = [person for person in self.ats.people.values() if dbn in person.schools]
        about = {dbn, *(self._called.in_ats[person.id] for person in people)}
        on_the_way = [each for each in self.all_on_the_way if not about.isdisjoint(each.about)]
        count = (
            str(sum(not person.discharged for person in people)),
            str(sum(dbn in user.schools for user in self.clever.users.values())),
            str(sum(dbn in account.schools and account.active for account in self.otus.accounts.values())),
        )
        rows = [_row("people", count)]
        name = self.ats.schools[dbn].name
        members = everybody_of(dbn, (self.ats, self.clever, self.otus), self._called, self._rolls)
        return SchoolSight(dbn, name, self._schedule(dbn), len(people), rows, classes, members, on_the_way)

    @cached_property
    def schools(self) -> list[SchoolLine]:
        """All schools in short."""
        people = Counter(dbn for person in self.ats.people.values() for dbn in person.schools)
        lines = []
        for dbn, school in self.ats.schools.items():
            names = self._classes_of(dbn)
            differing = sum(bool(self._rolls[name].differing) for name in names)
            lines.append(SchoolLine(dbn, school.name, self._schedule(dbn), people[dbn], len(names), differing))
        return lines

    @cached_property
    def _school_classes(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, (section_id, clever_id, class_id) in self.classes.items():
            section, listed = self.ats.sections.get(section_id), self.clever.sections.get(clever_id)
            held = self.otus.classes[int(class_id)] if class_id else None
            dbn = section.dbn if section else listed.school if listed else held.school if held else ""
            found.setdefault(dbn or "", []).append(name)
        return found

    def _classes_of(self, dbn: str) -> list[str]:
        return sorted(self._school_classes.get(dbn, []))

    def _class_row(self, name: str) -> Row:
        roll = self._rolls[name]
        counts = (len(roll.in_ats), len(roll.in_clever), len(roll.in_otus))
        words = tuple(
            f"{count} people" if ids else NOTHING for count, ids in zip(counts, self.classes[name], strict=True)
        )
        return _row(name, words, link=name, differs=bool(roll.differing))

    def _schedule(self, dbn: str) -> str:
        states = [schedule.state for schedule in self.ats.schedules.values() if schedule.dbn == dbn]
        return states[-1] if states else "draft"

    # ------------------------------------------------------------ what is on its way

    def on_the_way(self, name: str) -> list[OnTheWay]:
        """Give what is on its way about a person, class or school."""
        return [each for each in self.all_on_the_way if name in each.about]

    @cached_property
    def all_on_the_way(self) -> list[OnTheWay]:
        """What ATS has and Clever has not, with its moments, and what it keeps to itself yet (F3)."""
        world = self.stage.world
        arriving = [self._arriving(delivery.change, delivery.due) for delivery in world.feed.pending()]
        return arriving + [self._kept(change) for change in world.feed.unreleased()]

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

    def _kept(self, change: Change) -> OnTheWay:
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
