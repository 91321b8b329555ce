"""Forms for what people do by hand: one for each verb of the story language, made from the verb itself."""

from collections.abc import Mapping
from typing import NamedTuple

from fakes.shared.refusals import NotFound
from rostersim.served import looking
from rostersim.served.records import VerbField, VerbLine
from scenarios.located import nearest

SEVERAL = ", several"
YES_OR_NO = "yes or no"


class Form(NamedTuple):
    """What is asked for."""

    verb: VerbLine | None

    @classmethod
    def none(cls) -> "Form":
        """Give the form before a verb is chosen."""
        return cls(None)

    @property
    def key(self) -> str:
        """Name the verb as the choice of verbs does."""
        return f"{self.verb.system}: {self.verb.verb}" if self.verb else ""


def verbs_by_system() -> dict[str, list[VerbLine]]:
    """Give all verbs under who or what they are about."""
    found: dict[str, list[VerbLine]] = {}
    for line in looking.verbs().items:
        found.setdefault(line.system, []).append(line)
    return found


def form_of(key: str) -> Form:
    """Find a verb by its key.

    Args:
        key: such as ``ats: enroll``.

    Raises:
        NotFound: there is no such verb; the nearest is offered.
    """
    known = {f"{line.system}: {line.verb}": line for line in looking.verbs().items}
    if key not in known:
        raise NotFound(f"there is no step {key!r} ({nearest(key, known)})")
    return Form(known[key])


def step_of(form: Form, given: Mapping[str, str]) -> dict[str, object]:
    """Put the fields of a form together as a step; what was left empty is left out.

    Args:
        form: that was filled in.
        given: its fields.
    """
    verb = form.verb
    if verb is None:
        raise NotFound("no step was chosen")
    step: dict[str, object] = {verb.system: verb.verb}
    for field in verb.fields:
        text = given.get(field.word, "").strip()
        if text:
            step[field.word] = _value(field, text)
    return step


def _value(field: VerbField, text: str) -> object:
    if field.kind.endswith(SEVERAL):
        return [part.strip() for part in text.split(",") if part.strip()]
    if field.kind == YES_OR_NO:
        return text == "yes"
    if field.kind == "number" and text.lstrip("-").isdigit():
        return int(text)
    return text
