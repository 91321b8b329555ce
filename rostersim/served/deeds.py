"""What was done in a served world, and the story file that does it again.

Times are written so that they stay true with another sync: what was done right after a night stands under
``after night 4``, however long that night took; everything else under its moment.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from scenarios.located import Place, compose, items, kind_of, pairs, place_of
from simulator.clock import NEW_YORK, new_york

A_SECOND = timedelta(seconds=1)
TITLE = "What was recorded"
WIDE = 10_000
"""Characters of a line: each step stays on one."""
FALLBACK_RULES = "[F12]"
"""Of a recording whose world names no rules: a ticket is nearly always about something that is missing."""
_PLAIN = re.compile(r"(?:[0-9]{2}[A-Z][0-9]{3} )?[A-Za-z][A-Za-z0-9@._]+(?:[ -][A-Za-z0-9@._]+)*")
"""What is a text in YAML however one looks at it, but for these words."""
_NO_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null"})
OF_THE_WORLD = ("start", "settings", "district", "people", "others")
"""What a recording takes over from its world, word for word."""


class Deed(NamedTuple):
    """One thing done, or a remark."""

    when: str
    """As a story has it."""
    spec: Any
    """The step, or the expectation, as plain YAML; ``None`` for a remark."""
    remark: str


class Recording(NamedTuple):
    """What is being recorded."""

    title: str = TITLE
    going_on: bool = False


def whole_second(moment: datetime) -> datetime:
    """Give the first whole second that is not before a moment."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + A_SECOND


def time_words(moment: datetime) -> str:
    """Write a moment as a story has it, with its year: no other can be meant."""
    local = moment.astimezone(NEW_YORK)
    if local.second:
        return f"{local:%Y-%m-%d %H:%M:%S}"
    if local.replace(fold=1).utcoffset() != local.replace(fold=0).utcoffset():
        return f"{local:%Y-%m-%d %H:%M}"  # the hour that comes twice
    return new_york(moment)


def plain_steps(text: str, *, timed: bool = True) -> dict[Place, Any]:
    """Give the steps of a text as plain YAML, by the place of the word that says whose step it is.

    Args:
        text: of a story, or of steps alone; it has been read already.
        timed: whether it is a story, whose steps stand under times.
    """
    root = compose(text.encode(), Path("step"))
    if not timed:
        return {
            place_of(node): _plain(node) for node in (root.value if isinstance(root, yaml.SequenceNode) else [root])
        }
    story = next((value for key, _, value in pairs(root, "a story") if key == "story"), None)
    found: dict[Place, Any] = {}
    for item in [] if story is None else items(story, "story"):
        for _, _, value in pairs(item, "a step"):
            for node in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                for key_node, _ in node.value:
                    found[place_of(key_node)] = _plain(node)
    return found


def _plain(node: yaml.Node) -> Any:  # noqa: ANN401 - YAML in plain form
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value) for value in node.value]
    assert isinstance(node, yaml.ScalarNode), kind_of(node)  # noqa: S101 - there are these three
    return str(node.value)


def scenario_of(world: str, recording: Recording, deeds: Sequence[Deed], seed: int) -> str:
    """Write the story that does all of it again.

    Args:
        world: the text of the story that the world began with.
        recording: its title.
        deeds: all that was done since the world's beginning, in order.
        seed: of the world.
    """
    head = [f"title: {flow(recording.title)}", f"about: {flow(_about(seed))}", f"rules: {_rules(world)}"]
    return "\n".join([*head, _beginning(world), "story:", *_story_lines(deeds)]) + "\n"


def _about(seed: int) -> str:
    again = f"play it with --seed {seed}" if seed else "recorded in a served world"
    return f"What was done in a served world, and what should have come of it; {again}."


def _rules(world: str) -> str:
    root = compose(world.encode(), Path("world"))
    node = next((value for key, _, value in pairs(root, "a story") if key == "rules"), None)
    return FALLBACK_RULES if node is None else flow(_plain(node))


def _beginning(world: str) -> str:
    """Give the parts of a story's text that say how it begins, as they are written there."""
    root = compose(world.encode(), Path("world"))
    parts = pairs(root, "a story")
    if isinstance(root, yaml.MappingNode) and root.flow_style:
        return "\n".join(f"{key}: {flow(_plain(value))}" for key, _, value in parts if key in OF_THE_WORLD)
    lines = world.splitlines()
    starts = [key_node.start_mark.line for _, key_node, _ in parts] + [len(lines)]
    kept = [
        lines[first:last]
        for (key, _, _), first, last in zip(parts, starts, starts[1:], strict=False)
        if key in OF_THE_WORLD
    ]
    return "\n".join(line for part in kept for line in part if line.strip())


def _story_lines(deeds: Sequence[Deed]) -> Iterator[str]:
    for when, together in itertools.groupby(deeds, key=lambda deed: deed.when):
        group = list(together)
        remarks = [f"  # {line}" for deed in group for line in deed.remark.splitlines()]
        steps = [deed.spec for deed in group if deed.spec is not None]
        yield from remarks
        if len(steps) == 1:
            yield f"  - {when}: {flow(steps[0])}"
        elif steps:
            yield f"  - {when}:"
            yield from (f"      - {flow(step)}" for step in steps)


def flow(value: Any) -> str:  # noqa: ANN401 - YAML in plain form
    """Write a value on one line."""
    plainly = _plainly(value)
    if plainly is not None:
        return plainly
    text = yaml.safe_dump(value, default_flow_style=True, width=WIDE, allow_unicode=True, sort_keys=False)
    return re.sub(r"\n\.\.\.$", "", text.strip())


def _plainly(value: Any) -> str | None:  # noqa: ANN401 - YAML in plain form
    """Write what needs no thought: PyYAML takes a tenth of a millisecond for a name; ``None`` where it must decide."""
    match value:
        case str():
            return value if _PLAIN.fullmatch(value) and value.lower() not in _NO_WORDS else None
        case list():
            parts = [_plainly(each) for each in value]
            return None if None in parts else f"[{', '.join(part for part in parts if part is not None)}]"
        case dict():
            pairs_ = [(_plainly(key), _plainly(each)) for key, each in value.items()]
            return None if any(None in pair for pair in pairs_) else f"{{{', '.join(f'{k}: {v}' for k, v in pairs_)}}}"
    return None
