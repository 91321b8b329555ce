"""What happens at Clever itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import msgspec

from fakes.clever import Removal, SchoolDays, UserRow
from fakes.clever.hold import NothingHeld
from scenarios.binding import SchoolName, TeacherName
from scenarios.stage import Act, NotOnStageError, Stage
from scenarios.verbs.step import Step, verb
from simulator.district import Person

CLEVER = "Clever"
DISTRICT = "district"


@verb("clever", "goes down")
class CleverGoesDown(Step, frozen=True, kw_only=True):
    """From now on Clever answers 503 to everybody."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.down.add("clever")
        return Act(CLEVER, "goes down", (), None, breaks=True)


@verb("clever", "comes back")
class CleverComesBack(Step, frozen=True, kw_only=True):
    """Clever answers again."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.down.discard("clever")
        return Act(CLEVER, "comes back", (), None, breaks=True)


@verb("clever", "pause")
class Pause(Step, frozen=True, kw_only=True):
    """Clever pauses the district (summer): what the feed delivers waits, reading goes on."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.pause_clever()
        return Act(CLEVER, "pauses the district", (), None)


@verb("clever", "resume")
class Resume(Step, frozen=True, kw_only=True):
    """Clever ends the pause and takes in what waited."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.resume_clever()
        return Act(CLEVER, "resumes the district", (), None)


@verb("clever", "pause for the summer")
class PauseForTheSummer(Step, frozen=True, kw_only=True):
    """Clever pauses by the district's calendar: two days before the last day until two weeks before the first."""

    year: int
    last_day: date | None = msgspec.field(name="last day", default=None)
    """Of school; without it the pause begins on 7 June."""
    first_day: date | None = msgspec.field(name="first day", default=None)
    """Of the next school year; without it somebody has to `resume`."""

    def perform(self, stage: Stage) -> Act:
        """Tell Clever the calendar; it turns by itself."""
        stage.world.keep_summer(SchoolDays(self.year, self.last_day, self.first_day))
        return Act(DISTRICT, f"tells Clever its calendar of the summer {self.year}", (), None)


@verb("clever", "release hold")
class ReleaseHold(Step, frozen=True, kw_only=True):
    """The district approves the sync that Clever holds: it is taken in now, and what waited behind it."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        with _held():
            stage.world.release_hold()
        return Act(DISTRICT, "approves the sync that Clever holds", (), None)


@verb("clever", "discard hold")
class DiscardHold(Step, frozen=True, kw_only=True):
    """The district throws the sync that Clever holds away; what waited behind it is taken in."""

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        with _held():
            stage.world.discard_hold()
        return Act(DISTRICT, "throws away the sync that Clever holds", (), None)


@contextmanager
def _held() -> Iterator[None]:
    """Tell a hold that is not there as a finding about the story."""
    try:
        yield
    except NothingHeld as error:
        raise NotOnStageError(f"Clever: {error}") from None


@verb("clever", "new staff")
class NewStaff(Step, frozen=True, kw_only=True):
    """The district lists a person as staff too; of one e-mail with the teacher, both are one user of Clever."""

    person: TeacherName
    email: str | None = None
    """Without it the teacher's own."""

    def perform(self, stage: Stage) -> Act:
        """Deliver the row, past ATS/STARS."""
        person = stage.person(self.person)
        first, last = person.first_and_last
        email = person.email or "" if self.email is None else self.email
        row = UserRow("staff", _staff_id(person), first, last, email, person.schools)
        stage.world.list_staff(row)
        return Act(DISTRICT, f"lists {self.person} as staff, with {email or 'no e-mail'}", (self.person,), None)


@verb("clever", "no longer staff")
class NoLongerStaff(Step, frozen=True, kw_only=True):
    """The district lists a person as staff no longer."""

    person: TeacherName

    def perform(self, stage: Stage) -> Act:
        """Deliver the removal, past ATS/STARS."""
        staff_id = _staff_id(stage.person(self.person))
        if stage.world.clever.clever_id("user", staff_id, "staff") is None:
            raise NotOnStageError(f"Clever has no {self.person} among the staff now")
        stage.world.clever.deliver([Removal("user", staff_id, "staff")])
        return Act(DISTRICT, f"lists {self.person} as staff no longer", (self.person,), None)


def _staff_id(person: Person) -> str:
    """Give the number under which the district has a teacher among its staff: its own for each list."""
    return f"staff-{person.id}"


@verb("clever", "stop sharing")
class StopSharing(Step, frozen=True, kw_only=True):
    """The district stops sharing a school with Otus (H11)."""

    school: SchoolName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.stop_sharing(self.school)
        return Act(DISTRICT, f"stops sharing {self.school} with Otus", (self.school,), None)


@verb("clever", "share")
class Share(Step, frozen=True, kw_only=True):
    """The district shares a school with Otus (H11)."""

    school: SchoolName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.share(self.school)
        return Act(DISTRICT, f"shares {self.school} with Otus", (self.school,), None)
