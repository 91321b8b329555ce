"""Who is in a rostered class after a night (F4, F8, F9, A8, A16, H1, H3)."""

from collections.abc import Mapping
from typing import NamedTuple

from fakes.ats.records import Section
from simulator.oracle.belief import Belief, Class, Evidence, Item, Membership, Reason
from simulator.oracle.facts import Key, Part, Settings
from simulator.oracle.reasoning.clever import CleverSide
from simulator.oracle.reasoning.people import Rostered

BY_CLEVER: dict[Part, Membership] = {
    "teacher": Membership("teacher", "clever"),
    "co_teacher": Membership("co_teacher", "clever"),
    "student": Membership("student", "clever"),
}


class Roster(NamedTuple):
    """The members of a class after a night."""

    members: Mapping[str, Membership]
    removed: dict[str, Reason]
    """Rostered members whom Clever lists no more: they are gone from ``members``, unless withheld (A14)."""
    reasons: dict[Item, Reason]


class Rosters:
    """Settles the members of one class after the other.

    Args:
        before: what Otus must hold before the night.
        clever: what Clever holds.
        people: who can be in a class, and on which account.
        settings: H3.
        withhold: whether rostered members stay whom Clever does not list any more (A14).
    """

    def __init__(
        self, before: Belief, clever: CleverSide, people: Rostered, settings: Settings, *, withhold: bool
    ) -> None:
        self._reasons = before.reasons
        self._clever = clever
        self._people = people
        self._students = {key.id: account for key, account in people.of.items() if key.kind == "student"}
        self._settings = settings
        self._withhold = withhold

    def settle(self, name: str, klass: Class | None, section: Section) -> Roster:
        """Say who is in a class after the night.

        Args:
            name: of the class.
            klass: as it was; ``None`` if it is made tonight.
            section: as Clever has it.
        """
        before: Mapping[str, Membership] = {} if klass is None else klass.members
        listed = self._listed(section)
        members = {account: BY_CLEVER[part] for account, part in listed.items()}
        if members == before:
            return Roster(before, {}, {})
        reasons: dict[Item, Reason] = {}
        removed: dict[str, Reason] = {}
        for account, membership in members.items():
            was = before.get(account)
            if membership != was:
                item = Item("member", name, account)
                reasons[item] = self._why_rostered(section, account, was, self._reasons.get(item))
        has_co_teacher = "co_teacher" in listed.values()
        for account, membership in before.items():
            if account in listed:
                continue
            item = Item("member", name, account)
            known = self._reasons.get(item)
            if membership.provenance == "clever":
                removed[account] = self._why_gone(section, account, known)
                if self._withhold:
                    # A main teacher who has been replaced stays in the class as something else.
                    members[account] = membership if membership.part == "student" else Membership(None, "clever")
            elif self._stays(membership, has_co_teacher=has_co_teacher):
                members[account] = membership
                reasons[item] = Reason(("F9",), _by_hand(known), "which the sync leaves as it is")
            else:
                reasons[item] = self._why_wiped(membership, section, account, known)
        return Roster(before if members == before else members, removed, reasons)

    def _listed(self, section: Section) -> dict[str, Part]:
        """Say whom Clever wants in a class.

        Ids that are not shared, or of people who are kept out, stop nothing (A16). Clever's first teacher is the
        main one; where that one cannot be rostered nobody else is made it.
        """
        students, rostered = self._students, self._people.of
        parts: dict[str, Part] = {students[osis]: "student" for osis in section.students if osis in students}
        for place, key in enumerate(self._clever.teachers(section)):
            if key in rostered:
                parts.setdefault(rostered[key], "teacher" if place == 0 else "co_teacher")
        return parts

    def _stays(self, membership: Membership, *, has_co_teacher: bool) -> bool:
        if membership.part == "student":
            return False  # F8
        if membership.part == "co_teacher" and self._settings.by_hand_co_teachers == "only_without_rostered":
            return not has_co_teacher  # H3
        return True  # F9

    # ------------------------------------------------------------ why

    def _why_rostered(self, section: Section, account: str, was: Membership | None, known: Reason | None) -> Reason:
        listing = self._listing(section, account) or self._clever.since(Key("section", section.id))
        if was is not None and was.provenance == "manual":
            rule = "F8" if was.part == "student" else "A8"
            return Reason((rule,), (*_by_hand(known), *listing), "so the membership is a rostered one")
        if known is not None and known.rules == ("H1",):
            return Reason(("H1",), (*known.evidence, *listing), "and Clever lists them")
        return Reason(("F4",), listing, "Clever lists them")

    def _why_gone(self, section: Section, account: str, known: Reason | None) -> Reason:
        link = self._people.accounts[account].link
        if account in self._people.leaving:
            gone = self._people.leaving[account]
            return Reason(("A13", "F4"), gone.evidence, gone.so)
        if link is None or isinstance(link, str):
            return Reason(("A10",), () if known is None else known.evidence, "the account is not linked to them")
        return Reason(("F4",), self._listing(section, account), "Clever does not list them")

    def _why_wiped(self, membership: Membership, section: Section, account: str, known: Reason | None) -> Reason:
        if membership.part != "student":
            return Reason(("H3",), _by_hand(known), "and the class has a co-teacher from Clever")
        coming = [each for each in self._listing(section, account) if each.what == "in Clever from"]
        return Reason(("F8",), (*_by_hand(known), *coming), "Clever does not list them")

    def _listing(self, section: Section, account: str) -> tuple[Evidence, ...]:
        number = self._people.accounts[account].sis_id
        return () if number is None else self._clever.listing(section.id, number)


def _by_hand(known: Reason | None) -> tuple[Evidence, ...]:
    """Give when it was done by hand, as far as that is known."""
    return () if known is None else known.evidence[:1]
