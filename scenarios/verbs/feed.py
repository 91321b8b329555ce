"""What goes wrong, and right again, on the way from ATS/STARS to Clever."""

from scenarios.binding import SchoolName
from scenarios.stage import Act, Stage
from scenarios.verbs.step import Step, verb
from simulator.world import FEED


@verb("feed", "loses school")
class LosesSchool(Step, frozen=True, kw_only=True):
    """The feed delivers a school as if it were empty: no people of it, no sections."""

    school: SchoolName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.lose_school(self.school)
        return Act(FEED, f"delivers {self.school} empty", (self.school,), None, breaks=True)


@verb("feed", "finds school")
class FindsSchool(Step, frozen=True, kw_only=True):
    """The feed delivers a lost school whole again."""

    school: SchoolName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        stage.world.find_school(self.school)
        return Act(FEED, f"delivers {self.school} whole again", (self.school,), None, breaks=True)
