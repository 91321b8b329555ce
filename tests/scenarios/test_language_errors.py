from pathlib import Path

import pytest

from scenarios.located import Place, Problem, StoryError
from scenarios.story import read_story
from tests.scenarios.builders import DISTRICT, story_file, story_text


def problems_of(folder: Path, text: str | bytes) -> list[Problem]:
    path = story_file(folder, "")
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(StoryError) as caught:
        read_story(path, 0)
    assert all(line.startswith(f"{path}:") for line in caught.value.lines())
    return caught.value.problems


def place_of(text: str, word: str) -> Place:
    """Where a word stands in a text, from 1."""
    before = text[: text.index(word)]
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


STEPS = [
    ("otus: add studnet", "add studnet", "did you mean 'add student'?"),
    ("otsu: add student", "otsu", "did you mean 'otus'?"),
    ("otus: add student, student: Mei Chan, class: Algebra 1-01", "Mei Chan", "did you mean 'Mei Chen'?"),
    ("otus: add student, student: Mei Chen, clas: Algebra 1-01", "clas:", "did you mean 'class'?"),
    ("otus: remove, person: Mei Chen, class: Algebra 1-1", "Algebra 1-1}", "did you mean 'Algebra 1-01'?"),
    ("ats: enroll, student: Rosa Diaz, section: Algebra 1-01", "Rosa Diaz, section", "Ben Okri"),
    ("ats: finalize schedule, school: 02M457", "02M457", "did you mean '02M475'?"),
    ("ats: new student, student: Ben Okri, school: 02M475", "Ben Okri, school", "choose another name"),
]


@pytest.mark.parametrize(("step", "word", "hint"), STEPS)
def test_a_wrong_word_is_told_with_its_place_and_the_nearest_right_one(
    tmp_path: Path, step: str, word: str, hint: str
) -> None:
    text = story_text(f"  - Mon 14 Sep 10:00: {{{step}}}\n")
    problem, *_ = problems_of(tmp_path, text)
    assert problem.place == place_of(text, word)
    assert hint in problem.hint


TIMES = [
    ("Tue 14 Sep 10:00", "14 Sep 2026 is a Mon, not a Tue"),
    ("31 Sep 10:00", "cannot be"),
    ("2027-03-14 02:30", "New York's clock goes forward over it"),
    ("Mon 14 Sep 07:59", "lies before the step before it"),
    ("Mon 14 Spe 10:00", "'Spe' is no month"),
    ("tomorrow", "is no time"),
    ("+72x", "is no duration"),
    ("after night 0", "nights are counted from 1"),
    ("before nights 1-3", "name one night"),
    ("after nights 1-3", "only expectations may be repeated"),
]


@pytest.mark.parametrize(("when", "message"), TIMES)
def test_a_time_that_cannot_be_is_told(tmp_path: Path, when: str, message: str) -> None:
    text = story_text(f"  - {when}: {{otus: add student, student: Mei Chen, class: Algebra 1-01}}\n")
    problem, *_ = problems_of(tmp_path, text)
    assert message in problem.message
    assert problem.place.line == place_of(text, when).line


DISTRICTS = [
    ("  02M475: {students: [Mei Chen], sections: {A-01: {teacher: Mei Chen}}}\n", "Mei Chen is a student"),
    ("  02M475: {sections: {A-01: {teacher: R D, co-teachers: [A B, C D, E F]}}}\n", "at most 2 co-teachers"),
    ("  02M475: {sections: {A-01: {students: [B O, B O]}}}\n", "stands in it twice"),
    ("  02M475: {sections: {A-01: {}, A-01: {}}}\n", "stands twice"),
    ("  2M475: {students: [Mei Chen]}\n", "is no DBN"),
    ("  02M475: {studnets: [Mei Chen]}\n", "unknown word 'studnets'"),
    ("  02M475: {schedule: finalised}\n", "expected finalized or draft"),
    ("  02M475: {students: [0 others]}\n", "expected 1 to"),
    ("  02M475: [Mei Chen]\n", "found a list"),
]


@pytest.mark.parametrize(("district", "message"), DISTRICTS)
def test_a_beginning_that_cannot_be_is_told(tmp_path: Path, district: str, message: str) -> None:
    problem, *_ = problems_of(tmp_path, story_text(district=district))
    assert message in problem.message


def test_the_third_co_teacher_of_the_beginning_is_told_with_limit_and_remedy_at_their_name(tmp_path: Path) -> None:
    text = story_text(district="  02M475: {sections: {A-01: {teacher: R D, co-teachers: [A B, C D, E F]}}}\n")
    problem, *_ = problems_of(tmp_path, text)
    assert problem.place == place_of(text, "E F")
    assert "otus: add co-teacher" in problem.hint


HEADS = [
    ("people: {Mei Chan: {grade: 9}}\n", "'Mei Chan' is not in the district"),
    ("people: {Mei Chen: {osis: 12}}\n", "expected 9 digits"),
    ("people: {Mei Chen: {email: nowhere}}\n", "is no e-mail address"),
    ("people: {Mei Chen: {schools: [02M999]}}\n", "is no school of the district"),
    ("others: {Pat Lee: {is: admin in Clever}}\n", "is not one of its words"),
    ("settings: {feed: {lag: 3 days ago}}\n", "is no duration"),
    ("settings: {feed: {between: [72h, 48h]}}\n", "the shorter first"),
    ("settings: {sync: {nightly at: 25:00}}\n", "is no time of day"),
    ("settings: {otus: {manual rostering: maybe}}\n", "expected yes or no"),
    ("setings: {}\n", "unknown word 'setings'"),
]


@pytest.mark.parametrize(("head", "message"), HEADS)
def test_what_stands_above_the_story_is_checked(tmp_path: Path, head: str, message: str) -> None:
    assert message in " ".join(problem.message for problem in problems_of(tmp_path, story_text(head=head)))


FILES: list[tuple[str | bytes, str]] = [
    ("", "is empty"),
    ("title: [", "is no YAML"),
    ("title: a\n\trules: []", "is no YAML"),
    (b"title: \xff\xfe", "is not UTF-8"),
    ("- a list", "found a list"),
    ("title: a\ntitle: b\n", "stands twice"),
    ("title: a\n", "'story' is missing"),
    (story_text("").replace("story:\n", "story: []\n"), "nothing happens"),
    (story_text(rules="[F8, F99]"), "there is no rule 'F99'"),
]


@pytest.mark.parametrize(("content", "message"), FILES)
def test_a_file_that_is_no_story_is_told(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert message in " ".join(problem.message for problem in problems_of(tmp_path, content))


def test_all_problems_of_a_file_are_told_at_once_in_its_order(tmp_path: Path) -> None:
    steps = (
        "  - Mon 14 Sep 10:00: {otus: add studnet}\n  - Mon 14 Sep 11:00: {expect: {Mei Chan: {in: Algebra 1-01}}}\n"
    )
    found = problems_of(tmp_path, story_text(steps))
    assert len(found) == 2
    assert found == sorted(found)


def test_a_word_that_yaml_would_take_for_a_number_or_no_stays_a_name(tmp_path: Path) -> None:
    district = "  02E475: {students: [No, 'Null'], sections: {Math-01: {students: [No]}}}\n"
    steps = "  - Mon 14 Sep 10:00: {ats: enroll, student: Null, section: Math-01}\n"
    story = read_story(story_file(tmp_path, story_text(steps, district=district)), 0)
    assert [person.name for person in story.district.people] == ["No", "Null"]
    assert story.district.schools[0].dbn == "02E475"


def test_a_district_without_anything_wrong_is_read_whole(tmp_path: Path) -> None:
    story = read_story(story_file(tmp_path, story_text(district=DISTRICT)), 0)
    assert [section.name for section in story.district.sections] == ["Algebra 1-01"]
