"""A capture reads this project's own Clever, served alone over HTTP, as it reads the real one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rostersim.capture.pseudonyms import Pseudonyms
from scenarios.story import read_beginning
from simulator.district import District
from tests.rostersim.capture.planted import PLANT
from tests.rostersim.capture.test_capture import KEY, capture
from tests.rostersim.test_serve import Running, serving
from tests.scenarios.builders import story_file

DBNS = ("02M475", "31R080")
STORY = f"""\
title: {PLANT} district
rules: [F4]
start: 2026-09-14 08:00
district:
  {DBNS[0]}:
    name: {PLANT} High School
    sections:
      {PLANT}Algebra-01:
        teacher: {PLANT}rosa {PLANT}diaz
        co-teachers: [{PLANT}nina {PLANT}ross]
        students: [{PLANT}ben {PLANT}okri, 4 others]
      {PLANT}Biology-02:
        teacher: {PLANT}omar {PLANT}haddad
        students: [{PLANT}ben {PLANT}okri, {PLANT}mei {PLANT}chen]
  {DBNS[1]}:
    sections:
      {PLANT}Earth-01: {{teacher: {PLANT}rosa {PLANT}diaz, students: [{PLANT}ngozi {PLANT}eze, 2 others]}}
      {PLANT}Empty-02: {{teacher: {PLANT}pat {PLANT}walsh}}
people:
  {PLANT}ben {PLANT}okri: {{email: {PLANT}.ben@real-schools.org}}
story: []
"""
Roster = tuple[str, tuple[str, ...], tuple[str, ...]]
"""School, teachers with the main one first, students in order; all by number."""


@pytest.fixture(scope="module")
def clever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Our Clever, with the planted district, in a process of its own."""
    with serving("clever", story_file(tmp_path_factory.mktemp("planted"), STORY)) as running:
        yield running


def records_of(clever: Running, collection: str) -> list[dict[str, Any]]:
    page = clever.get("clever", f"/v3.1/{collection}?limit=10000")[1]
    return [item["data"] for item in page["data"]]


def masked_rosters(clever: Running) -> list[Roster]:
    """Give every section as its capture should have it, from what Clever itself answers."""
    mask = Pseudonyms(KEY.encode())
    dbns = {school["id"]: mask.dbn(school["sis_id"]) for school in records_of(clever, "schools")}
    numbers: dict[str, str] = {}
    for user in records_of(clever, "users"):
        for role, digits in (("student", 9), ("teacher", 7)):
            if role in user["roles"]:
                numbers[user["id"]] = mask.number(str(digits), user["roles"][role]["sis_id"], digits)
    return sorted(
        (
            dbns[section["school"]],
            tuple(numbers[teacher] for teacher in section["teachers"]),
            tuple(sorted(numbers[student] for student in section["students"])),
        )
        for section in records_of(clever, "sections")
    )


def captured_rosters(district: District) -> list[Roster]:
    numbers = {person.name: person.id for person in district.people}
    return sorted(
        (
            section.school,
            tuple(numbers[name] for name in (section.teacher or "", *section.co_teachers)),
            tuple(sorted(numbers[name] for name in section.students)),
        )
        for section in district.sections
    )


def originals_of(clever: Running) -> set[str]:
    """Give every name, address, number, id and date that Clever has."""
    words = {PLANT, *DBNS}
    for user in records_of(clever, "users"):
        part = next(iter(user["roles"].values()))
        name = f"{user['name']['first']} {user['name']['last']}"  # one name of a crowd is a syllable of anything
        words |= {user["id"], user["email"], name, part["sis_id"], part.get("dob", "")}
    for record in (*records_of(clever, "schools"), *records_of(clever, "sections"), *records_of(clever, "terms")):
        words |= {record["id"], record.get("sis_id", ""), record["name"]}
    return {word for word in words if word}


def found_in(folder: Path, said: str, words: set[str]) -> list[tuple[str, str]]:
    """Find words in what was written, in the names of the files, and in what was said."""
    texts = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert texts
    texts["what was said"] = said.encode()
    return [
        (name, word)
        for name, text in texts.items()
        for word in words
        if word.lower().encode() in text.lower() or word in name
    ]


def capture_of(clever: Running, folder: Path, *words: str) -> District:
    token = clever.environ["CLEVER_TOKEN"]
    result = capture("--clever-url", clever.environ["CLEVER_URL"], *words, folder, CLEVER_TOKEN=token)
    assert result.exit_code == 0, result.output
    assert found_in(folder, result.output, originals_of(clever) | {token, KEY}) == []
    return read_beginning(folder / "world.scenario.yaml", 0).district


def test_the_world_has_the_structure_of_the_district_and_nothing_of_its_people(clever: Running, tmp_path: Path) -> None:
    district = capture_of(clever, tmp_path)
    rosters = captured_rosters(district)
    assert rosters == masked_rosters(clever)
    assert sorted(len(students) for _, _, students in rosters) == [0, 2, 3, 5]
    in_clever = [user for user in records_of(clever, "users") if {"student", "teacher"} & user["roles"].keys()]
    assert len(district.people) == len(in_clever)
    assert [len(person.schools) for person in district.people if len(person.schools) > 1] == [2], "Rosa Diaz"


def test_one_school_alone_has_its_own_sections_and_people(clever: Running, tmp_path: Path) -> None:
    district = capture_of(clever, tmp_path, "--school", DBNS[1])
    dbn = Pseudonyms(KEY.encode()).dbn(DBNS[1])
    assert [school.dbn for school in district.schools] == [dbn]
    assert captured_rosters(district) == [roster for roster in masked_rosters(clever) if roster[0] == dbn]
    assert sorted(person.role for person in district.people) == ["student"] * 3 + ["teacher"] * 2


def test_the_originals_are_found_in_what_was_not_masked(clever: Running, tmp_path: Path) -> None:
    words = originals_of(clever)
    raw = [records_of(clever, collection) for collection in ("schools", "users", "sections", "terms")]
    names = [f"{user['name']['first']} {user['name']['last']}" for user in raw[1]]
    (tmp_path / "raw.json").write_text(json.dumps([raw, names]), encoding="utf-8")
    assert {word for _, word in found_in(tmp_path, "", words)} == words
