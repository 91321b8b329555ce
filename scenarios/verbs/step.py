"""What all steps have in common, and the register of verbs."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec

from scenarios.binding import NameKind
from scenarios.stage import Act, Stage

VERBS: dict[str, dict[str, type["Step"]]] = {}
"""The verbs of each system: ``VERBS["otus"]["add student"]``."""


class Contradiction(NamedTuple):
    """What is wrong with a step whose words are each right."""

    message: str
    hint: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody does in a story, or that goes wrong."""

    refused: str | None = None
    """A part of the message with which the system must refuse it."""
    if_possible: bool = msgspec.field(name="if possible", default=False)
    """Whether the story goes on where it is refused, or whoever and whatever it needs is not there."""

    def perform(self, stage: Stage) -> Act | None:  # noqa: ARG002 - each verb uses it
        """Do it, and tell what was done; nothing if it is only planned.

        Raises:
            scenarios.stage.NotOnStageError: somebody or something it needs is not there.
        """
        raise AssertionError(f"{type(self).__name__} does not say how")  # each kind says it

    def contradiction(self) -> Contradiction | None:
        """Say what is wrong with the words taken together, if something is."""
        return None

    def introduces(self) -> dict[str, str]:
        """Name whom and what this step brings into the story: name to kind, as in ``binding.NameKind``."""
        return {}

    def mentions(self) -> dict[str, NameKind]:
        """Name whom this step needs to be in the story, where its fields alone do not tell."""
        return {}


AnyStep = TypeVar("AnyStep", bound=type[Step])


def verb(system: str, words: str) -> Callable[[AnyStep], AnyStep]:
    """Register a step under its system and its words; use it as a class decorator."""

    def register(step: AnyStep) -> AnyStep:
        VERBS.setdefault(system, {})[words] = step
        return step

    return register
