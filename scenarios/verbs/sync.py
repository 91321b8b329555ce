"""What is done to the nightly sync itself."""

from scenarios.stage import Act, Stage
from scenarios.verbs.step import Step, verb


@verb("sync", "run now")
class RunNow(Step, frozen=True, kw_only=True):
    """Somebody starts the sync between the nights."""

    def perform(self, stage: Stage) -> Act:  # noqa: ARG002 - the run itself is a course of events, see play
        """Tell it; the run follows."""
        return Act("operator", "starts the sync by hand", (), None)


@verb("sync", "run beside")
class RunBeside(Step, frozen=True, kw_only=True):
    """Somebody starts a second sync while one is running; it must refuse (exit code 4) or wait (A15)."""

    def perform(self, stage: Stage) -> Act:  # noqa: ARG002 - the run itself is a course of events, see play
        """Tell it; the run follows."""
        return Act("operator", "starts a second sync beside the one that runs", (), None)
