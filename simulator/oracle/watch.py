"""Tells an oracle what happens in a world, and holds what it says against Otus.

This is the one place of the oracle that knows a world. What it takes from there are facts: what ATS let go and
when the feed delivers it, what people did in Otus and Otus accepted, when a night ran and how it ended. It looks at
Otus itself only to know whom and which class an edit was about, and to compare.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import msgspec

from fakes.ats.records import Person, Section, Term
from fakes.otus.records import Account as OtusAccount
from fakes.otus.records import Class as OtusClass
from fakes.otus.records import Work as OtusWork
from fakes.otus.records import WorkPage
from fakes.shared.moments import read_wire_time
from simulator.oracle.belief import Account, Belief, Class
from simulator.oracle.compare import Difference, Names, Sight, differences
from simulator.oracle.edits import ByHandEdit, Screen, facts_of
from simulator.oracle.facts import (
    AtClever,
    AtsChange,
    HoldSettings,
    Key,
    NightRan,
    Outcome,
    Settings,
    StaffListed,
    TeacherIsUser,
)
from simulator.oracle.oracle import Oracle
from simulator.views import OtusView

if TYPE_CHECKING:
    from simulator.directory import Directory
    from simulator.district import Setup
    from simulator.night import RunEnd
    from simulator.world import World

T = TypeVar("T", bound=msgspec.Struct)

OUTCOMES: dict[str, Outcome] = {"succeeded": "succeeded", "held": "held"}
"""Every other end is a failure to the oracle: how far the run came nobody knows."""


class Watch:
    """Follows a world on behalf of an oracle; it must be there before the world's past is written.

    Args:
        world: that is followed.

    Attributes:
        oracle: that is told.
    """

    def __init__(self, world: "World") -> None:
        setup = world.setup
        self.oracle = Oracle(
            Settings(
                by_hand_co_teachers=setup.by_hand_co_teachers,
                overwrite_class_names=setup.overwrite_class_names,
                guard_percent=setup.guard_percent,
                guard_minimum=setup.guard_minimum,
                hold=_hold_of(setup),
                identity_days=setup.clever_identity_days,
            )
        )
        self._world = world
        self._names = _StoryNames(world.directory)
        self._deliveries = 0
        self._has_staff = True
        """Whether which user a teacher is may hang on the staff; at first everybody is looked at."""
        self._users: dict[str, tuple[str, frozenset[str]]] = {}
        self._staff: dict[str, tuple[str, ...]] = {}
        """Where those are whom the district has listed as staff."""
        self._outcome: Outcome | None = None
        self._screen = Screen(
            fetch_account=lambda account_id: self._read(f"/accounts/{account_id}", OtusAccount),
            fetch_class=lambda class_id: self._read(f"/classes/{class_id}", OtusClass),
            section_of=world.directory.section_stints.get,
            person_of=self._person_of,
        )
        world.witnesses.append(self._witness)

    def past_is_written(self) -> None:
        """Take note that all has been delivered and synced, long before the story begins."""
        self._look_at_feed()
        moment = self._world.clock.start
        if self._world.feed.deliveries:
            moment = max(delivery.due for delivery in self._world.feed.deliveries)
        self.oracle.happened(NightRan(at=moment, started=moment, outcome="succeeded"))
        self._look_at_teachers(self._world.clock())
        self._has_staff = bool(self._world.directory.outsiders)
        self._screen.show(self._world.otus_view())

    def up_to_date(self) -> Oracle:
        """Give the oracle, told all that has happened so far."""
        self._look_at_feed()
        return self.oracle

    def night_is_over(self, end: "RunEnd", otus: OtusView) -> None:
        """Take note that a run of the sync has ended.

        Args:
            end: of the run.
            otus: as it is now.
        """
        self._look_at_feed()
        self._look_at_teachers(end.started)
        self._outcome = OUTCOMES.get(end.outcome, "failed")
        run = 0 if end.report is None else end.report.id
        self.oracle.happened(
            NightRan(at=end.ended, started=end.started, outcome=self._outcome, night=end.night, run=run)
        )
        self._screen.show(otus)

    def differences(self, otus: OtusView) -> list[Difference]:
        """Compare Otus with what it must hold now.

        Args:
            otus: as it is now.

        Returns:
            What is not as it must be; nothing after a night that failed, of which nobody can say how far it came.
        """
        if not self.oracle.settled:
            return []
        self._look_at_feed()
        self._screen.show(otus)
        beliefs, classes = self.oracle.possible(), self._screen.named(otus)
        sight = Sight(otus, classes, self._works(beliefs[0], classes), self._outcome)
        return differences(beliefs, sight, self._names)

    # ------------------------------------------------------------ what is told

    def _witness(self, deed: ByHandEdit | AtClever) -> None:
        self._look_at_feed()
        if isinstance(deed, StaffListed):
            self._has_staff, self._staff[deed.staff_id] = True, deed.schools
        self._look_at_teachers(self._world.clock())
        for fact in facts_of(deed, self._screen) if isinstance(deed, ByHandEdit) else (deed,):
            self.oracle.happened(fact)

    def _look_at_feed(self) -> None:
        """Take note of what ATS has let go since the last look (F3), and when the feed delivers it (A2)."""
        deliveries = self._world.feed.deliveries
        for change, due in deliveries[self._deliveries :]:
            if isinstance(change.record, Person | Section | Term):
                self.oracle.happened(AtsChange(at=read_wire_time(change.at), record=change.record, shared_at=due))
        self._deliveries = len(deliveries)

    def _look_at_teachers(self, moment: datetime) -> None:
        """Take note which user of Clever each teacher is, where that may hang on the staff."""
        for person in self._world.directory.people.values() if self._has_staff else ():
            if person.role != "teacher":
                continue
            user = self._world.clever.clever_id("user", person.id, "teacher")
            if user is None:
                self._users.pop(person.id, None)  # whoever comes back is told of anew, also as the user they were
            elif self._users.get(person.id) != (known := (user, self._staff_at(user))):
                self._users[person.id] = known
                key = Key("teacher", person.id)
                self.oracle.happened(TeacherIsUser(at=moment, key=key, user=user, staff_at=known[1]))

    def _staff_at(self, user: str) -> frozenset[str]:
        """Give the schools where a user of Clever is staff."""
        clever_id = self._world.clever.clever_id
        listed = (schools for number, schools in self._staff.items() if clever_id("user", number, "staff") == user)
        return frozenset().union(*listed)

    def _person_of(self, clever_id: str) -> Key | None:
        """Tell whose Clever user an id is now: Support looks that up before adjusting an ID."""
        for person in self._world.directory.people.values():
            if self._world.clever.clever_id("user", person.id, person.role) == clever_id:
                return Key(person.role, person.id)
        return None

    # ------------------------------------------------------------ what is compared

    def _works(self, belief: Belief, classes: Mapping[str, OtusClass]) -> dict[str, list[OtusWork]]:
        names = dict.fromkeys(work.class_ for work in belief.works if work.class_ in classes)
        return {name: self._read(f"/classes/{classes[name].id}/work", WorkPage).items for name in names}

    def _read(self, path: str, kind: type[T]) -> T:
        return msgspec.json.decode(self._world.integration_api("GET", path).body, type=kind)


def _hold_of(setup: "Setup") -> HoldSettings | None:
    hold = setup.clever_hold
    return None if hold is None else HoldSettings(hold.removed_percent, hold.removed_min, hold.term_change)


class _StoryNames(Names):
    """Calls people and classes as the story does."""

    def __init__(self, directory: "Directory") -> None:
        self._directory = directory

    def of_account(self, account: Account | OtusAccount) -> str:
        number = account.sis_id
        name = self._directory.name_of(number) if number is not None else None
        return super().of_account(account) if name in (None, number) else str(name)

    def of_class(self, klass: Class) -> str:
        if klass.section is None:
            return super().of_class(klass)
        name = self._directory.name_of(klass.section.key.id)
        return klass.title if name == klass.section.key.id else name
