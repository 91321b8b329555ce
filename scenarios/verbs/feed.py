"""What goes wrong, and right again, on the way from ATS/STARS to Clever."""

from fakes.clever.rules import Outcome
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
        outcome = stage.world.lose_school(self.school)
        return Act(FEED, _told(stage, f"delivers {self.school} empty", outcome), (self.school,), None, breaks=True)


@verb("feed", "finds school")
class FindsSchool(Step, frozen=True, kw_only=True):
    """The feed delivers a lost school whole again."""

    school: SchoolName

    def perform(self, stage: Stage) -> Act:
        """Do it."""
        outcome = stage.world.find_school(self.school)
        what = _told(stage, f"delivers {self.school} whole again", outcome)
        return Act(FEED, what, (self.school,), None, breaks=True)


def _told(stage: Stage, what: str, outcome: Outcome) -> str:
    return what if outcome == "applied" else f"{what}; it waits: {stage.world.why_waiting()}"
