"""What teachers, admins, students and Support do in Otus."""

from datetime import date
from typing import Literal

import msgspec

from fakes.otus.records import (
    Account,
    AccountEdit,
    Class,
    ClassEdit,
    IdAdjustment,
    Joining,
    NewAccount,
    NewClass,
    NewMember,
    NewWork,
    SettingsEdit,
)
from scenarios.binding import BY_HAND, AnyoneName, ClassName, NameKind, NewName, PersonName, SchoolName, StudentName
from scenarios.stage import SUPPORT, Act, NotOnStageError, Stage, decoded
from scenarios.verbs.step import Step, verb


class OtusStep(Step, frozen=True, kw_only=True):
    """Something that somebody does in Otus."""

    by: AnyoneName | None = None
    """Who; by default the main teacher of the class, the person themself, or Support."""

    def ask(
        self,
        stage: Stage,
        who: str,
        method: str,
        path: str,
        body: msgspec.Struct | None,
        what: str,
        *about: str,
    ) -> Act:
        """Ask Otus and tell what was asked."""
        return Act(who, what, about, stage.ask_otus(who, method, path, body))


class _Adding(OtusStep, frozen=True, kw_only=True):
    """Somebody is added to a class by hand; whoever nobody knows yet comes with an e-mail, and gets an account (H5)."""

    class_: ClassName = msgspec.field(name="class")
    email: str | None = None
    """Of somebody new to the story, who gets an account under it (H5)."""

    def introducing(self, name: str) -> dict[str, str]:
        """Bring somebody into the story, if they come with an e-mail."""
        return {} if self.email is None else {name: BY_HAND}

    def mentioning(self, name: str) -> dict[str, NameKind]:
        """Need somebody in the story, unless they come with an e-mail."""
        return {name: "anyone"} if self.email is None else {}

    def add(self, stage: Stage, name: str, part: Literal["student", "co_teacher"]) -> Act:
        """Ask Otus to add somebody, by their account or else by their e-mail."""
        who = self.by or stage.main_teacher(self.class_)
        account = stage.account(name)
        email = self.email or stage.email_of(name)
        first, _, last = name.rpartition(" ")
        body = (
            NewMember(part=part, account=account.id)
            if account is not None
            else NewMember(part=part, email=email, first_name=first or last, last_name=last)
        )
        path = f"/classes/{stage.class_id(self.class_)}/members"
        what = f"adds {name} to {self.class_} as a {part.replace('_', '-')}"
        act = self.ask(stage, who, "POST", path, body, what, name, self.class_)
        if account is None and act.answer is not None and act.answer.code < 300:
            stage.directory.outsiders.setdefault(name, email)
        return act


@verb("otus", "add student")
class AddStudent(_Adding, frozen=True, kw_only=True):
    """Add a student to a class by hand (F8, F10); with `email`, somebody nobody knows yet (H5)."""

    student: str

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        return self.add(stage, self.student, "student")

    def introduces(self) -> dict[str, str]:
        """Bring the student into the story, if they are new to it."""
        return self.introducing(self.student)

    def mentions(self) -> dict[str, NameKind]:
        """Need the student in the story, if they are not new to it."""
        return self.mentioning(self.student)


@verb("otus", "add co-teacher")
class AddCoTeacherByHand(_Adding, frozen=True, kw_only=True):
    """Add a co-teacher to a class by hand (F9); with `email`, somebody nobody knows yet (H5)."""

    teacher: str

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        return self.add(stage, self.teacher, "co_teacher")

    def introduces(self) -> dict[str, str]:
        """Bring the teacher into the story, if they are new to it."""
        return self.introducing(self.teacher)

    def mentions(self) -> dict[str, NameKind]:
        """Need the teacher in the story, if they are not new to it."""
        return self.mentioning(self.teacher)


@verb("otus", "remove")
class Remove(OtusStep, frozen=True, kw_only=True):
    """Take somebody out of a class by hand, rostered or not (H1)."""

    person: AnyoneName
    class_: ClassName = msgspec.field(name="class")

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        who = self.by or stage.main_teacher(self.class_)
        path = f"/classes/{stage.class_id(self.class_)}/members/{stage.account_id(self.person)}"
        what = f"takes {self.person} out of {self.class_}"
        return self.ask(stage, who, "DELETE", path, None, what, self.person, self.class_)


@verb("otus", "join by code")
class JoinByCode(OtusStep, frozen=True, kw_only=True):
    """A student joins a class with its code (H6)."""

    student: AnyoneName
    class_: ClassName = msgspec.field(name="class")

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        klass = stage.otus_class(self.class_)
        if klass is None:
            raise NotOnStageError(f"Otus has no class {self.class_} now")
        what = f"joins {self.class_} with the class code"
        return self.ask(stage, self.student, "POST", "/join", Joining(klass.code), what, self.student, self.class_)


@verb("otus", "make class")
class MakeClass(OtusStep, frozen=True, kw_only=True):
    """Make a class by hand, a sandbox (F10); the district needs manual rostering (F11)."""

    class_: NewName = msgspec.field(name="class")
    teacher: PersonName
    students: tuple[StudentName, ...] = ()

    def perform(self, stage: Stage) -> Act:
        """Do it, and add the students."""
        who = self.by or self.teacher
        school = stage.person(self.teacher).schools[0]
        act = self.ask(
            stage,
            who,
            "POST",
            "/classes",
            NewClass(self.class_, school, stage.account_id(self.teacher)),
            f"makes the class {self.class_} by hand",
            self.class_,
            self.teacher,
        )
        if act.answer is None or act.answer.code >= 300:
            return act
        stage.directory.classes[self.class_] = decoded(act.answer, Class).id
        for student in self.students:
            added = AddStudent(by=self.by, student=student, class_=self.class_).perform(stage)
            if added.answer is not None and added.answer.code >= 300:
                return added
        if self.students:
            names = ", ".join(self.students)
            return act._replace(what=f"{act.what}, with {names}", about=(*act.about, *self.students))
        return act

    def introduces(self) -> dict[str, str]:
        """Bring the class into the story."""
        return {self.class_: "class"}


@verb("otus", "archive class")
class ArchiveClass(OtusStep, frozen=True, kw_only=True):
    """Archive a class by hand (H2)."""

    class_: ClassName = msgspec.field(name="class")

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        who = self.by or stage.main_teacher(self.class_)
        path = f"/classes/{stage.class_id(self.class_)}"
        return self.ask(stage, who, "PATCH", path, ClassEdit(archived=True), f"archives {self.class_}", self.class_)


@verb("otus", "unarchive class")
class UnarchiveClass(OtusStep, frozen=True, kw_only=True):
    """Take a class out of the archive by hand."""

    class_: ClassName = msgspec.field(name="class")

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        who = self.by or stage.main_teacher(self.class_)
        path = f"/classes/{stage.class_id(self.class_)}"
        return self.ask(stage, who, "PATCH", path, ClassEdit(archived=False), f"unarchives {self.class_}", self.class_)


@verb("otus", "delete class")
class DeleteClass(OtusStep, frozen=True, kw_only=True):
    """Delete a class by hand (A17)."""

    class_: ClassName = msgspec.field(name="class")

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        who = self.by or stage.main_teacher(self.class_)
        path = f"/classes/{stage.class_id(self.class_)}"
        return self.ask(stage, who, "DELETE", path, None, f"deletes {self.class_}", self.class_)


@verb("otus", "rename class")
class RenameClass(OtusStep, frozen=True, kw_only=True):
    """Give a class another name in Otus (H10); the story goes on calling it by the old one."""

    class_: ClassName = msgspec.field(name="class")
    to: str

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        who = self.by or stage.main_teacher(self.class_)
        path = f"/classes/{stage.class_id(self.class_)}"
        what = f"renames {self.class_} to {self.to}"
        return self.ask(stage, who, "PATCH", path, ClassEdit(name=self.to), what, self.class_)


@verb("otus", "change email")
class ChangeEmailByHand(OtusStep, frozen=True, kw_only=True):
    """Edit somebody's e-mail in Otus (A7)."""

    person: AnyoneName
    email: str

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        who = self.by or SUPPORT
        path = f"/accounts/{stage.account_id(self.person)}"
        what = f"changes the e-mail of {self.person} to {self.email}"
        return self.ask(stage, who, "PATCH", path, AccountEdit(email=self.email), what, self.person)


@verb("otus", "rename")
class RenameByHand(OtusStep, frozen=True, kw_only=True):
    """Edit somebody's name in Otus (A7)."""

    person: AnyoneName
    to: str

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        first, _, last = self.to.rpartition(" ")
        body = AccountEdit(first_name=first or last, last_name=last)
        path = f"/accounts/{stage.account_id(self.person)}"
        return self.ask(
            stage, self.by or SUPPORT, "PATCH", path, body, f"renames {self.person} to {self.to}", self.person
        )


@verb("otus", "make account")
class MakeAccount(OtusStep, frozen=True, kw_only=True):
    """Make an account by hand: an admin (F6), or anybody (H5)."""

    person: NewName
    role: str
    email: str
    school: SchoolName | None = None

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        first, _, last = self.person.rpartition(" ")
        schools = () if self.school is None else (self.school,)
        body = NewAccount(self.role, self.email, first or last, last, schools)  # type: ignore[arg-type]  # Otus judges it
        what = f"makes the {self.role} account of {self.person} by hand"
        act = self.ask(stage, self.by or SUPPORT, "POST", "/accounts", body, what, self.person)
        if act.answer is not None and act.answer.code < 300:
            stage.directory.accounts[self.person] = decoded(act.answer, Account).id
            stage.directory.outsiders[self.person] = self.email
        return act

    def introduces(self) -> dict[str, str]:
        """Bring the person into the story."""
        return {self.person: BY_HAND}


@verb("otus", "hand in work")
class HandInWork(OtusStep, frozen=True, kw_only=True):
    """A student hands something in (H7)."""

    student: AnyoneName
    class_: ClassName = msgspec.field(name="class")
    work: str

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/classes/{stage.class_id(self.class_)}/work"
        what = f"hands in {self.work!r} in {self.class_}"
        return self.ask(stage, self.student, "POST", path, NewWork(self.work), what, self.student, self.class_)


@verb("otus", "adjust ID")
class AdjustId(OtusStep, frozen=True, kw_only=True):
    """Support links a person's account to the Clever user that the person has now (F12, A10)."""

    person: PersonName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        person = stage.person(self.person)
        clever_id = stage.world.clever.clever_id("user", person.id, person.role)
        if clever_id is None:
            raise NotOnStageError(f"Clever has nobody who is {self.person} now, to whom an account could be linked")
        view = stage.world.otus_view()
        account = next(
            (a for a in view.accounts.values() if (a.sis_id, a.role) == (person.id, person.role)), None
        ) or stage.account(self.person, view)
        if account is None:
            raise NotOnStageError(f"{self.person} has no account in Otus now")
        path = f"/accounts/{account.id}/adjust-id"
        what = f"adjusts the ID of {self.person}"
        return self.ask(stage, self.by or SUPPORT, "POST", path, IdAdjustment(clever_id), what, self.person)


@verb("otus", "confuse ID")
class ConfuseId(OtusStep, frozen=True, kw_only=True):
    """Support links a person's account to a Clever user that is not theirs: how many an ID conflict begins (F12)."""

    person: PersonName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/accounts/{stage.account_id(self.person)}/adjust-id"
        body = IdAdjustment("0" * 23 + "1")
        what = f"links the account of {self.person} to a wrong Clever user"
        return self.ask(stage, self.by or SUPPORT, "POST", path, body, what, self.person)


@verb("otus", "turn manual rostering")
class TurnManualRostering(OtusStep, frozen=True, kw_only=True):
    """Turn the district's manual-rostering feature on or off (F11, A9)."""

    to: bool

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        what = f"turns manual rostering {'on' if self.to else 'off'}"
        body = SettingsEdit(manual_rostering=self.to)
        return self.ask(stage, self.by or SUPPORT, "PATCH", "/settings", body, what)


@verb("otus", "pause sync")
class PauseSync(OtusStep, frozen=True, kw_only=True):
    """Otus takes nothing from its sync until it is resumed (H9): nights end `failed`, and say why."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        body = SettingsEdit(sync_paused=True)
        return self.ask(stage, self.by or SUPPORT, "PATCH", "/settings", body, "pauses the sync")


@verb("otus", "resume sync")
class ResumeSync(OtusStep, frozen=True, kw_only=True):
    """Otus takes accounts and classes from its sync again (H9)."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        what = "ends the pause of the sync"
        return self.ask(stage, self.by or SUPPORT, "PATCH", "/settings", SettingsEdit(sync_paused=False), what)


@verb("otus", "keep rollover")
class KeepRollover(Step, frozen=True, kw_only=True):
    """Otus pauses its sync from a week before the last day of school until the transition on 1 July (H9)."""

    last_day: date = msgspec.field(name="last day")
    """Of school."""

    def perform(self, stage: Stage) -> Act:
        """Tell Otus the day; it turns by itself."""
        stage.world.keep_rollover(self.last_day)
        return Act("district", f"tells Otus its last day of school, {self.last_day}", (), None)


@verb("otus", "approve removals")
class ApproveRemovals(OtusStep, frozen=True, kw_only=True):
    """Support approves the removals that the last held run withheld (A14); a sync run follows at once."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/sync-runs/{_held_run(stage)}/approve"
        return self.ask(stage, SUPPORT, "POST", path, None, "approves the withheld removals")


@verb("otus", "discard removals")
class DiscardRemovals(OtusStep, frozen=True, kw_only=True):
    """Support discards the removals that the last held run withheld (A14)."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        path = f"/sync-runs/{_held_run(stage)}/discard"
        return self.ask(stage, SUPPORT, "POST", path, None, "discards the withheld removals")


def _held_run(stage: Stage) -> int:
    held = [run.id for run in stage.world.runs().items if run.status == "held"]
    if not held:
        raise NotOnStageError("no sync run is held now")
    return max(held)


@verb("otus", "goes down")
class OtusGoesDown(Step, frozen=True, kw_only=True):
    """From now on Otus answers 503 to everybody."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.down.add("otus")
        return Act("Otus", "goes down", (), None, breaks=True)


@verb("otus", "comes back")
class OtusComesBack(Step, frozen=True, kw_only=True):
    """Otus answers again."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.down.discard("otus")
        return Act("Otus", "comes back", (), None, breaks=True)
