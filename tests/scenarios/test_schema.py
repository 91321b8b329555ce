"""The JSON Schema says what the reader says: it accepts every story, and a slip of the pen in none."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from scenarios.located import StoryError
from scenarios.schema import story_schema
from scenarios.shelf import LIBRARY
from scenarios.story import read_story
from scenarios.verbs import VERBS
from tests.scenarios.builders import story_file, story_text
from tests.scenarios.test_language_errors import FULL_DISTRICT, FULL_HEAD, FULL_STORY

STORIES = sorted(path.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("*.scenario.yaml"))


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = story_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def as_an_editor_reads_it(text: str) -> Any:
    """With YAML's guesses at numbers, booleans and dates; JSON, and so a schema, knows no dates."""
    return json.loads(json.dumps(yaml.safe_load(text), default=lambda moment: moment.strftime("%Y-%m-%d %H:%M")))


def errors(story: Any) -> list[str]:
    return [error.message for error in validator().iter_errors(story)]


@pytest.mark.parametrize("story", STORIES)
def test_every_built_in_story_is_accepted(story: str) -> None:
    text = (LIBRARY / story).read_text()
    assert errors(as_an_editor_reads_it(text)) == []
    assert errors(yaml.load(text, yaml.BaseLoader)) == [], "every word as text, as the reader reads it"


def test_a_story_that_says_all_there_is_to_say_is_accepted() -> None:
    assert errors(as_an_editor_reads_it(full())) == []
    assert errors(yaml.load(full(), yaml.BaseLoader)) == []


def full() -> str:
    return story_text(head=FULL_HEAD, district=FULL_DISTRICT, story=FULL_STORY)


SLIPS: dict[str, Callable[[str], str]] = {
    "a word at the top": lambda text: text.replace("about:", "abuot:"),
    "a rule": lambda text: text.replace("[F8]", "[F99]"),
    "no rule": lambda text: text.replace("[F8]", "[]"),
    "a DBN": lambda text: text.replace("  02M475:\n", "  2M475:\n"),
    "a word of a school": lambda text: text.replace("schedule:", "shedule:"),
    "a schedule": lambda text: text.replace("finalized", "finalised"),
    "a word of a section": lambda text: text.replace("{teacher: Rosa Diaz, co", "{teachr: Rosa Diaz, co"),
    "a setting": lambda text: text.replace("between:", "betwen:"),
    "a system": lambda text: text.replace("{ats: enroll", "{att: enroll"),
    "a verb": lambda text: text.replace("ats: enroll", "ats: enrol"),
    "a word of a step": lambda text: text.replace("student: Mei Chen, section", "studnet: Mei Chen, section"),
    "a word missing": lambda text: text.replace("enroll, student: Mei Chen, section", "enroll, section"),
    "a word too many": lambda text: text.replace("ats: enroll, ", "ats: enroll, color: red, "),
    "an expectation": lambda text: text.replace("{in Clever: ", "{in clever: "),
    "a reason": lambda text: text.replace("no successful sync since", "no sync since"),
    "a state": lambda text: text.replace("state: active", "state: alive"),
    "how a sync ended": lambda text: text.replace("ended: succeeded", "ended: well"),
    "a word beside expect": lambda text: text.replace("- expect: {Mei", "- by: Mei Chen\n        expect: {Mei"),
    "a percentage": lambda text: text.replace("percent: 20", "percent: 200"),
    "a minimum": lambda text: text.replace("minimum: 25", "minimum: 0"),
    "a rate": lambda text: text.replace("per minute: 100", "per minute: 0"),
    "a duration": lambda text: text.replace("[48h, 72h]", "[48 hours, 72h]"),
    "a time of day": lambda text: text.replace("02:00", "two"),
    "a yes": lambda text: text.replace("rostering: yes", "rostering: perhaps"),
    "a kind of other": lambda text: text.replace("is: admin in Otus", "is: admin"),
    "a title": lambda text: text.replace("title: A small story\n", ""),
    "a story": lambda text: text[: text.index("story:\n")] + "story: []\n",
}


@pytest.mark.parametrize("what", SLIPS)
def test_a_slip_that_the_reader_refuses_is_refused_by_the_schema_too(what: str, tmp_path: Path) -> None:
    text = SLIPS[what](full())
    assert text != full()
    with pytest.raises(StoryError):
        read_story(story_file(tmp_path, text), 0)
    assert errors(as_an_editor_reads_it(text)) != []


def test_every_verb_is_in_the_schema_with_what_it_needs() -> None:
    text = json.dumps(story_schema())
    for system, verbs in VERBS.items():
        for words in verbs:
            assert f'"{system}": {{"const": "{words}"}}' in text


def test_the_schema_says_what_each_word_is_for() -> None:
    described = json.dumps(story_schema()).count('"description"')
    assert described > sum(map(len, VERBS.values()))
