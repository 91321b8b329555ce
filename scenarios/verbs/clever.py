"""What happens at Clever itself."""

from scenarios.binding import SchoolName
from scenarios.stage import Act, Stage
from scenarios.verbs.step import Step, verb

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
