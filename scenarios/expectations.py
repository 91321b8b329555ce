"""What a story demands, and whether it is so. The judge reads ATS, Clever and Otus; it never asks the sync."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from fakes.ats.records import Section as AtsSection
from fakes.otus.records import Account, RunProblem, WorkPage
from scenarios.binding import AnyoneName, ClassName, SectionName
from scenarios.stage import Stage, decoded
from simulator.clock import new_york
from simulator.diagnosis import Reason, diagnose
from simulator.views import OtusView

PART_WORDS = {"teacher": "teacher", "co_teacher": "co-teacher", "student": "student"}
PROVENANCE_WORDS = {"clever": "roster", "manual": "hand"}


class Mismatch(NamedTuple):
    """One thing that is not as expected."""

    message: str
    expected: str
    found: str


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """What is expected of one person, class, or of the last run of the sync."""

    def mismatches(self, stage: Stage, name: str) -> Iterator[Mismatch]:  # noqa: ARG002 - each kind uses them
        """Compare with the world.

        Args:
            stage: where to look.
            name: whom or what it is about.
        """
        raise AssertionError(f"{type(self).__name__} does not say how")  # each kind says it


class PersonExpectation(Expectation, frozen=True, kw_only=True):
    """What is expected of a person."""

    in_: tuple[ClassName, ...] = msgspec.field(name="in", default=())
    """Classes they are a member of, in Otus."""
    not_in: tuple[ClassName, ...] = msgspec.field(name="not in", default=())
    by: Literal["hand", "roster"] | None = None
    """How they got into those classes."""
    as_: Literal["student", "co-teacher", "teacher"] | None = msgspec.field(name="as", default=None)
    """Which part they have there."""
    account: Literal["active", "inactive", "none"] | None = None
    """Their account in Otus."""
    made_by: Literal["hand", "roster"] | None = msgspec.field(name="account by", default=None)
    """Where the account comes from."""
    role: Literal["admin", "teacher", "student"] | None = None
    email: str | None = None
    """In Otus, to the letter."""
    called: str | None = None
    """First and last name in Otus."""
    same_account: bool | None = msgspec.field(name="same account", default=None)
    """Whether it is the account they had when the story first met it, with its history."""
    in_clever: tuple[SectionName, ...] = msgspec.field(name="in Clever", default=())
    not_in_clever: tuple[SectionName, ...] = msgspec.field(name="not in Clever", default=())
    known_to_clever: bool | None = msgspec.field(name="known to Clever", default=None)
    email_in_clever: str | None = msgspec.field(name="email in Clever", default=None)
    """``none`` if Clever has the person without one (H4)."""
    roles_in_clever: tuple[Literal["student", "teacher", "staff", "district admin", "contact"], ...] | None = (
        msgspec.field(name="roles in Clever", default=None)
    )
    """All that the person's user holds there, so of one e-mail teacher and staff."""
    in_ats: tuple[SectionName, ...] = msgspec.field(name="in ATS", default=())
    not_in_ats: tuple[SectionName, ...] = msgspec.field(name="not in ATS", default=())
    diagnosis: dict[SectionName, Reason] = {}
    """Why they are missing from a class (F12)."""
    work: dict[ClassName, Literal["visible", "hidden", "none"]] = {}
    """What they handed in to a class (H7)."""

    def mismatches(self, stage: Stage, name: str) -> Iterator[Mismatch]:
        """Compare with the three systems."""
        otus = stage.world.otus_view()
        account = stage.account(name, otus)
        yield from self._memberships(stage, name, otus, account)
        yield from self._account(stage, name, account)
        yield from self._clever(stage, name)
        yield from self._ats(stage, name)
        for class_name, reason in self.diagnosis.items():
            stage.person_id(name), stage.section_id(class_name)  # both must be there to be looked at
            diagnosis = diagnose(stage.world, name, class_name)
            if diagnosis.reason != reason:
                found = f"{diagnosis.reason} ({diagnosis.evidence})"
                yield Mismatch(f"why {name} is missing from {class_name}", reason, found)
        for class_name, state in self.work.items():
            yield from _work_mismatches(stage, name, class_name, state, account)

    def _memberships(self, stage: Stage, name: str, otus: OtusView, account: Account | None) -> Iterator[Mismatch]:
        for class_name in self.in_:
            membership = _membership(stage, otus, account, class_name)
            if membership is None:
                yield Mismatch(f"{name} is not in {class_name}", f"in {class_name}", f"not in {class_name}")
                continue
            part, provenance = PART_WORDS[membership[0]], PROVENANCE_WORDS[membership[1]]
            if self.by is not None and provenance != self.by:
                message = f"{name} is in {class_name} by {provenance}"
                yield Mismatch(message, f"by {self.by}", f"by {provenance}")
            if self.as_ is not None and part != self.as_:
                yield Mismatch(f"{name} is in {class_name} as a {part}", f"as a {self.as_}", f"as a {part}")
        for class_name in self.not_in:
            membership = _membership(stage, otus, account, class_name)
            if membership is not None:
                found = f"in {class_name} as a {PART_WORDS[membership[0]]}, by {PROVENANCE_WORDS[membership[1]]}"
                yield Mismatch(f"{name} is in {class_name}", f"not in {class_name}", found)

    def _account(self, stage: Stage, name: str, account: Account | None) -> Iterator[Mismatch]:
        state = "none" if account is None else "active" if account.active else "inactive"
        if self.account is not None and state != self.account:
            yield Mismatch(f"the account of {name} is not as expected", self.account, state)
        if account is None:
            wanted = (self.role, self.email, self.called, self.made_by, self.same_account)
            if any(part is not None for part in wanted):
                yield Mismatch(f"{name} has no account in Otus", "an account", "none")
            return
        provenance = PROVENANCE_WORDS[account.provenance]
        full_name = f"{account.first_name} {account.last_name}"
        for what, expected, found in (
            ("role", self.role, account.role),
            ("e-mail", self.email, account.email),
            ("name", self.called, full_name),
            ("account's origin", self.made_by, provenance),
        ):
            if expected is not None and expected != found:
                yield Mismatch(f"the {what} of {name} in Otus is not as expected", expected, found)
        if self.same_account is not None:
            same = stage.directory.accounts.get(name) == account.id
            if same != self.same_account:
                words = {True: "the account of before", False: "another account"}
                yield Mismatch(f"{name} has {words[same]}", words[self.same_account], words[same])

    def _clever(self, stage: Stage, name: str) -> Iterator[Mismatch]:
        wanted = (self.email_in_clever, self.known_to_clever, self.roles_in_clever)
        if not (self.in_clever or self.not_in_clever or any(part is not None for part in wanted)):
            return
        clever = stage.clever_view()
        person = stage.directory.people.get(name)
        user = clever.user_of(person.id) if person is not None else None
        if self.known_to_clever is not None and (user is not None) != self.known_to_clever:
            words = {True: "known", False: "unknown"}
            yield Mismatch(f"Clever and {name}", words[self.known_to_clever], words[user is not None])
        if self.email_in_clever is not None and (user is None or (user.email or "none") != self.email_in_clever):
            found = "no such user" if user is None else user.email or "none"
            yield Mismatch(f"the e-mail of {name} in Clever is not as expected", self.email_in_clever, found)
        roles = () if user is None else tuple(role.replace("_", " ") for role in user.roles)
        if self.roles_in_clever is not None and sorted(roles) != sorted(self.roles_in_clever):
            found = ", ".join(roles) or "no such user"
            yield Mismatch(f"the roles of {name} in Clever", ", ".join(self.roles_in_clever), found)
        for section_name, listed_there in _wanted(self.in_clever, self.not_in_clever):
            section = clever.section_of(stage.section_id(section_name))
            listed = user is not None and section is not None and user.id in (*section.teachers, *section.students)
            if listed != listed_there:
                yield _listing(name, section_name, "Clever", listed_there)

    def _ats(self, stage: Stage, name: str) -> Iterator[Mismatch]:
        for section_name, wanted in _wanted(self.in_ats, self.not_in_ats):
            path = f"/sections/{stage.section_id(section_name)}"
            section = decoded(stage.world.ats_api("GET", path), AtsSection)
            listed = stage.person_id(name) in (section.teacher, *section.co_teachers, *section.students)
            if listed != wanted:
                yield _listing(name, section_name, "ATS/STARS", wanted)


def _wanted(listed: tuple[str, ...], not_listed: tuple[str, ...]) -> list[tuple[str, bool]]:
    return [(name, True) for name in listed] + [(name, False) for name in not_listed]


def _listing(name: str, section: str, system: str, wanted: bool) -> Mismatch:
    words = {True: f"listed in {section}", False: f"not listed in {section}"}
    return Mismatch(f"{system} and {name}", words[wanted], words[not wanted])


def _membership(
    stage: Stage, otus: OtusView, account: Account | None, class_name: str
) -> tuple[Literal["teacher", "co_teacher", "student"], Literal["clever", "manual"]] | None:
    klass = stage.otus_class(class_name, otus)
    if klass is None or account is None:
        return None
    return otus.members(klass.id).get(account.id)


def _work_mismatches(
    stage: Stage, name: str, class_name: str, state: str, account: Account | None
) -> Iterator[Mismatch]:
    klass = stage.otus_class(class_name)
    handed_in = []
    if klass is not None and account is not None:
        page = decoded(stage.world.otus_api("GET", f"/classes/{klass.id}/work"), WorkPage)
        handed_in = [work for work in page.items if work.student == account.id]
    found = "none" if not handed_in else "hidden" if all(work.hidden for work in handed_in) else "visible"
    if found != state:
        yield Mismatch(f"the work of {name} in {class_name}", state, found)


class ClassExpectation(Expectation, frozen=True, kw_only=True):
    """What is expected of a class in Otus."""

    state: Literal["active", "archived", "none"] | None = None
    teacher: AnyoneName | None = None
    co_teachers: tuple[AnyoneName, ...] | None = msgspec.field(name="co-teachers", default=None)
    """All of them, by hand and rostered."""
    students: tuple[AnyoneName, ...] | None = None
    """All of them, by hand and rostered."""
    student_count: int | None = msgspec.field(name="student count", default=None)
    called: str | None = None
    """Its name in Otus."""

    def mismatches(self, stage: Stage, name: str) -> Iterator[Mismatch]:
        """Compare with Otus."""
        otus = stage.world.otus_view()
        klass = stage.otus_class(name, otus)
        state = "none" if klass is None else "archived" if klass.archived else "active"
        if self.state is not None and state != self.state:
            yield Mismatch(f"the class {name} is not as expected", self.state, state)
        if klass is None:
            if self.state != "none":
                yield Mismatch(f"Otus has no class {name}", "a class", "none")
            return
        if self.called is not None and klass.name != self.called:
            yield Mismatch(f"the name of {name} in Otus", self.called, klass.name)
        held: dict[str, list[str]] = {"teacher": [], "co_teacher": [], "student": []}
        for key, (part, _) in otus.members(klass.id).items():
            held[part].append(stage.name_of_account(otus.accounts[key]))
        for part, expected in (
            ("teacher", None if self.teacher is None else (self.teacher,)),
            ("co_teacher", self.co_teachers),
            ("student", self.students),
        ):
            if expected is not None and sorted(expected) != sorted(held[part]):
                words = f"the {PART_WORDS[part]}s of {name}"
                yield Mismatch(
                    words, ", ".join(sorted(expected)) or "nobody", ", ".join(sorted(held[part])) or "nobody"
                )
        if self.student_count is not None and len(held["student"]) != self.student_count:
            yield Mismatch(f"the number of students in {name}", str(self.student_count), str(len(held["student"])))


class SyncExpectation(Expectation, frozen=True, kw_only=True):
    """What is expected of the last run of the sync."""

    ended: Literal["succeeded", "held", "failed", "refused", "crashed"] | None = None
    """``failed`` is also what crashed, hung, or refused to run beside another."""
    at: str | None = None
    """When it began: ``Sun 1 Nov 01:00``."""
    reports: tuple[AnyoneName, ...] | None = None
    """Whom it reports as a problem: all of them, no one else."""
    reason: str | None = None
    """A part of the reason that it gives."""
    writes: bool | None = None
    """Whether it wrote anything about accounts or classes."""

    def mismatches(self, stage: Stage, name: str) -> Iterator[Mismatch]:
        """Compare with the run's record in Otus and with what it sent."""
        ends = stage.world.runner.ends
        if not ends:
            yield Mismatch(f"the {name} has not run yet", "a run", "none")
            return
        end = ends[-1]
        outcome = end.outcome
        if outcome == "hung" or (outcome in ("crashed", "refused") and self.ended == "failed"):
            outcome = "failed"
        if self.ended is not None and outcome != self.ended:
            found = f"{end.outcome}: {end.reason.strip().splitlines()[-1]}" if end.reason.strip() else end.outcome
            yield Mismatch("the last sync ended otherwise", self.ended, found)
        if self.at is not None and new_york(end.started) != self.at:
            yield Mismatch("the last sync ran at another time", self.at, new_york(end.started))
        if self.reason is not None and self.reason.casefold() not in end.reason.casefold():
            yield Mismatch("the last sync gives another reason", self.reason, end.reason or "none")
        if self.writes is not None and (end.writes > 0) != self.writes:
            words = {True: "some writes", False: "no write"}
            yield Mismatch("what the last sync wrote", words[self.writes], f"{end.writes} writes")
        if self.reports is not None:
            yield from self._reports(stage, end.report.problems if end.report is not None else ())

    def _reports(self, stage: Stage, problems: tuple[RunProblem, ...]) -> Iterator[Mismatch]:
        by_clever_id = {}
        for name in stage.directory.people:
            person = stage.directory.people[name]
            by_clever_id[stage.world.clever.clever_id("user", person.id, person.role)] = name
        found = sorted({by_clever_id.get(problem.clever_id, problem.name) for problem in problems})
        if found != sorted(self.reports or ()):
            expected = ", ".join(sorted(self.reports or ())) or "nobody"
            yield Mismatch("whom the last sync reports", expected, ", ".join(found) or "nobody")


class CleverExpectation(Expectation, frozen=True, kw_only=True):
    """What is expected of Clever itself."""

    state: Literal["running", "pending", "paused", "error"] | None = None
    """Of the district: ``pending`` is a sync on hold, ``error`` an upload that Clever could not take in."""
    reason: str | None = None
    """A part of what the district's record says of a hold or an error."""
    new_term_ids: tuple[str, ...] | None = msgspec.field(name="new term ids", default=None)
    """The terms that have another id than when the story began, by the names they have now: all of them."""

    def mismatches(self, stage: Stage, name: str) -> Iterator[Mismatch]:
        """Compare with what Clever tells of its district and its terms."""
        district = stage.world.clever_district()
        if self.state is not None and district.state != self.state:
            yield Mismatch(f"the state of the district in {name}", self.state, district.state)
        if self.reason is not None and self.reason.casefold() not in district.error.casefold():
            yield Mismatch(f"what {name} says of the district", self.reason, district.error or "nothing")
        if self.new_term_ids is not None:
            before = set(stage.directory.clever_terms.values())
            found = sorted(term.name for term in stage.world.clever_terms() if term.id not in before)
            if found != sorted(self.new_term_ids):
                expected = ", ".join(sorted(self.new_term_ids)) or "none"
                yield Mismatch(f"the terms with a new id in {name}", expected, ", ".join(found) or "none")
