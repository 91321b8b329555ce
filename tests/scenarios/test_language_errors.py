from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios.located import STORY_BYTES_MAX, Place, Problem, StoryError
from scenarios.story import read_story
from tests.scenarios.builders import DISTRICT, story_file, story_text


def problems_of(folder: Path, text: str | bytes) -> list[Problem]:
    path = story_file(folder, "")
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(StoryError) as caught:
        read_story(path, 0)
    assert all(line.startswith(f"{path}:") for line in caught.value.lines())
    return caught.value.problems


def place_of(text: str, word: str, after: str = "") -> Place:
    """Where a word stands in a text, from 1."""
    before = text[: text.index(word, text.index(after))]
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
    ("ats: enroll, student: Mei Chen, section: Algebra 1", "Algebra 1}", "did you mean 'Algebra 1-01'?"),
    ("ats: new section, section: Algebra 1-01, school: 02M475", "Algebra 1-01, school", "choose another name"),
    ("otus: turn manual rostering, to: perhaps", "perhaps", ""),
    ("expect: {Mei Chen: {in: Algebra 2-01}}", "Algebra 2-01", "did you mean 'Algebra 1-01'?"),
    ("expect: {Mei Chan: {account: active}}", "Mei Chan", "did you mean 'Mei Chen'?"),
    ("expect: {Mei Chen: {acount: active}}", "acount", "did you mean 'account'?"),
    ("expect: {Mei Chen: {account: activ}}", "activ}", "did you mean 'active'?"),
    ("expect: {Algebra 1-01: {in: Algebra 1-01}}", "in:", "expected one of"),
    ("expect: {Mei Chen: {diagnosis: {Algebra 1-01: lost}}}", "lost", "expected one of"),
    ("expect: {Mei Chen: {}}", "Mei Chen", "expected one of"),
    ("expect: {Mei Chen: {by: hand}}", "Mei Chen", "name them with `in`"),
    ("expect: {Mei Chen: {as: student, account: active}}", "Mei Chen", "name them with `in`"),
    ("expect: {sync: {ended: well}}", "well", "expected one of"),
    ("expect: {}", "{}", "name a person, a class, sync or clever"),
    ("expect: {sync: {ended: held}}, student: Mei Chen", "student:", "indent it under expect"),
]


@pytest.mark.parametrize(("step", "word", "hint"), STEPS)
def test_a_wrong_word_is_told_with_its_place_and_the_nearest_right_one(
    tmp_path: Path, step: str, word: str, hint: str
) -> None:
    text = story_text(f"  - Mon 14 Sep 10:00: {{{step}}}\n")
    (problem,) = problems_of(tmp_path, text)
    assert problem.place == place_of(text, word, after="10:00: ")
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
    ("after nights 3-1", "nights are counted from 1, upwards"),
    ("after night 401", "to 400"),
    ("after night", "is no time"),
    ("Mon 14 Sep 25:00", "cannot be: hour must be in 0..23"),
    ("Mon 14 Sep 10:60", "cannot be: minute must be in 0..59"),
    ("29 Feb 2027 10:00", "cannot be: day is out of range"),
    ("2026-13-01 10:00", "cannot be: month must be in 1..12"),
    ("0000-01-01 10:00", "cannot be: year 0 is out of range"),
    ("0001-01-01 00:00", "expected a year from 2000 to 2099"),
    ("9999-12-31 23:59", "expected a year from 2000 to 2099"),
    ("2099-01-01 10:00", "lies more than 400 days after the start"),
    ("+9999999d", "is longer than a story may be, 400 days"),
    ("+401d", "is longer than a story may be, 400 days"),
    ("+99999999999999999999999999h", "is no duration"),
    ("+-5h", "is no duration"),
    ("-5h", "is no time"),
    ("10:00", "is no time"),
    ("2026-09-14", "is no time"),
]


@pytest.mark.parametrize(("when", "message"), TIMES)
def test_a_time_that_cannot_be_is_told(tmp_path: Path, when: str, message: str) -> None:
    text = story_text(f"  - {when}: {{otus: add student, student: Mei Chen, class: Algebra 1-01}}\n")
    (problem,) = problems_of(tmp_path, text)
    assert message in problem.message
    assert when.removeprefix("+") in problem.message
    assert problem.place.line == place_of(text, f"{when}: {{").line


ORDERS = [
    ("after night 2", "before night 2"),
    ("after night 2", "Wed 16 Sep 01:00"),
    ("after nights 1-5", "before night 5"),
    ("after nights 1-5", "Wed 16 Sep 10:00"),
    ("after nights 1-5", "after night 4"),
    ("before night 2", "Tue 15 Sep 23:00"),
    ("Tue 15 Sep 10:00", "after nights 1-3"),
    ("+48h", "Tue 15 Sep 10:00"),
]


@pytest.mark.parametrize(("first", "second"), ORDERS)
def test_a_step_that_lies_before_the_one_before_is_told(tmp_path: Path, first: str, second: str) -> None:
    text = story_text("".join(f"  - {when}: {{expect: {{sync: {{ended: held}}}}}}\n" for when in (first, second)))
    (problem,) = problems_of(tmp_path, text)
    assert problem.message == f"{second!r} lies before the step before it"
    assert problem.place == place_of(text, f"{second}:")


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
    ("  02M475: {students: [Mei Chen], teachers: [Mei Chen]}\n", "Mei Chen is a teacher in line 5, and a student here"),
    ("  02M475: {sections: {A-01: {teachr: R D}}}\n", "unknown word 'teachr'"),
    ("  02M475: {sections: {A-01: {teacher: R D, co-teachers: [R D]}}}\n", "R D stands in it twice"),
    ("  02M475: {sections: {A-01: {}}}\n  03M859: {sections: {A-01: {}}}\n", "'A-01' stands twice"),
    ("  02M475: {}\n  02M475: {}\n", "'02M475' stands twice"),
    ("  02M475: {students: [6001 others]}\n", "expected 1 to 6000 others"),
    ("  02M475: {shared: perhaps}\n", "expected yes or no"),
    ("  02M475: {students: [[Mei Chen]]}\n", "expected a word or a text, found a list"),
    ("  02M475: {students: ['']}\n", "found nothing"),
    ("  02M475: {students: {Mei: Chen}}\n", "expected a list, found a mapping"),
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
    ("people: {Mei Chen: {osis: 12345678a}}\n", "expected 9 digits, found '12345678a'"),
    ("people: {Rosa Diaz: {number: 123}}\n", "expected 7 digits"),
    ("people: {Mei Chen: {osis: \u0661\u0662\u0663\u0661\u0662\u0663\u0661\u0662\u0663}}\n", "expected 9 digits"),
    ("people: {Mei Chen: {grad: 9}}\n", "unknown word 'grad'"),
    ("people: [Mei Chen]\n", "expected `word: value` pairs, found a list"),
    ("others: {Pat Lee: {}}\n", "'is' is missing"),
    ("others: {Algebra 1-01: {is: admin in Otus}}\n", "'Algebra 1-01' stands twice"),
    ("settings: {feed: {lag: 999999999999999999d}}\n", "is no duration"),
    ("settings: {feed: {lag: 9999999d}}\n", "is longer than a story may be"),
    ("settings: {feed: {between: 48h}}\n", "expected two durations"),
    ("settings: {feed: {lag: 72h, between: [48h, 72h]}}\n", "exclude each other"),
    ("settings: {sync: {guard: {percent: 101}}}\n", "expected 0 to 100, found 101"),
    ("settings: {sync: {guard: {minimum: 0}}}\n", "expected 1 or more, found 0"),
    ("settings: {sync: {guard: {minimum: \u00b2}}}\n", "expected a whole number"),
    ("settings: {sync: {guard: {minimum: 1234567890123}}}\n", "expected a whole number"),
    ("settings: {sync: {guard: {minimum: -1}}}\n", "expected a whole number"),
    ("settings: {sync: {guard: {minimum: 1.5}}}\n", "expected a whole number"),
    ("settings: {sync: {hours at most: 0}}\n", "expected 1 to 48, found 0"),
    ("settings: {clever: {rate limit per minute: 0}}\n", "expected 1 or more, found 0"),
    ("settings: {sync: {by-hand co-teachers: drop}}\n", "is not one of its words"),
    ("settings: {synk: {}}\n", "unknown word 'synk'"),
    ("about: [a, list]\n", "about: expected a word or a text, found a list"),
]


@pytest.mark.parametrize(("head", "message"), HEADS)
def test_what_stands_above_the_story_is_checked(tmp_path: Path, head: str, message: str) -> None:
    (problem,) = problems_of(tmp_path, story_text(head=head))
    assert message in problem.message
    assert problem.place.line == 4


def test_a_setting_is_told_where_it_stands(tmp_path: Path) -> None:
    for word in ("25:00", "[72h, 48h]", "101"):
        head = (
            "settings:\n  feed:\n    between: [48h, 72h]\n"
            "  sync:\n    nightly at: 02:00\n    guard:\n      percent: 20\n"
        )
        right = {"25:00": "02:00", "[72h, 48h]": "[48h, 72h]", "101": "20\n"}[word]
        text = story_text(head=head.replace(right, word + right[len(right.rstrip()) :]))
        (problem,) = problems_of(tmp_path, text)
        assert problem.place == place_of(text, word)


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
    (story_text(rules="[]"), "rules: expected at least one"),
    (story_text(rules="{F8: F9}"), "rules: expected a list, found a mapping"),
    ("# nothing but a remark\n", "is empty"),
    ("---\n---\n", "is no YAML"),
    ("just a text\n", "expected `word: value` pairs, found 'just a text'"),
    ("title: a\x00b\n", "is no YAML: special characters are not allowed, found character 0x0"),
    ("[" * 500, "is no story: it nests far too deeply"),
    ("title: a: b\n", "is no YAML"),
    ("title: *nobody\n", "is no YAML"),
    ("? [a, b]\n: c\n", "a key: expected a word or a text, found a list"),
    ("x: &a [*a]\n", "unknown word 'x'"),
    ("title: '" + "x" * STORY_BYTES_MAX + "'\n", f"a story has at most {STORY_BYTES_MAX}"),
]


@pytest.mark.parametrize(("content", "message"), FILES, ids=[message[:30] for _, message in FILES])
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


def test_the_place_of_a_character_that_no_yaml_may_hold_is_told(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, "title: fine\nabout: a\x01b\n")
    assert problem.place == (2, 9)


def test_a_tab_is_told_at_its_place_with_what_to_do(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, "title: a\nsettings:\n\tfeed: {}\n")
    assert (problem.place, "found character" in problem.message) == ((3, 1), True)


def test_a_file_that_is_not_there_or_is_a_folder_is_told(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(StoryError, match=f"cannot be read: {message}"):
            read_story(path, 0)


def test_a_bell_in_a_title_or_any_other_text_does_not_end_the_reader(tmp_path: Path) -> None:
    for text in (story_text(), story_text(head="about: ünïcödé \N{SNOWMAN}\n"), "\ufeff" + story_text()):
        assert read_story(story_file(tmp_path, text), 0).title == "A small story"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_slip_of_the_pen_ends_in_anything_but_a_place_and_a_message(tmp_path: Path, data: st.DataObject) -> None:
    text = story_text(head=FULL_HEAD, district=FULL_DISTRICT, story=FULL_STORY)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    slip = data.draw(st.text("abcdeXYZ019-+:,.{}[]&*!|>%@'\"#\n\t \u00b2é", max_size=6))
    path = story_file(tmp_path, text[:start] + slip + text[end:])
    lines = path.read_text().count("\n") + 2
    for place, message, _ in slips_in(path):
        assert message
        assert 1 <= place.line <= lines
        assert place.column >= 1


def slips_in(path: Path) -> list[Problem]:
    try:
        read_story(path, 0)
    except StoryError as error:
        return error.problems or [Problem(Place(0, 0), "")]
    return []


FULL_HEAD = """\
about: What it is about
settings:
  feed: {between: [48h, 72h]}
  clever: {rate limit per minute: 100}
  otus: {manual rostering: yes}
  sync: {nightly at: 02:00, guard: {percent: 20, minimum: 25}, by-hand co-teachers: keep}
people: {Mei Chen: {email: none, osis: 123456789, grade: 10}}
others: {Ana Park: {is: admin in Otus, email: ana@office.example}}
"""
FULL_DISTRICT = """\
  02M475:
    name: Stuyvesant
    schedule: finalized
    students: [Mei Chen]
    sections:
      Algebra 1-01: {teacher: Rosa Diaz, co-teachers: [Abe Yu], students: [Ben Okri]}
"""
FULL_STORY = """\
  - Mon 14 Sep 10:00: {ats: enroll, student: Mei Chen, section: Algebra 1-01}
  - +72h:
      - {otus: make class, class: Sandbox, teacher: Rosa Diaz, students: [Ben Okri], refused: no}
      - expect: {Mei Chen: {in Clever: Algebra 1-01, diagnosis: {Algebra 1-01: no successful sync since}}}
  - before night 5: {ats: set teachers, section: Algebra 1-01, teacher: Abe Yu, co-teachers: []}
  - after nights 5-9:
      expect: {Algebra 1-01: {students: [Ben Okri], state: active}, sync: {ended: succeeded, writes: no}}
"""


def test_the_story_that_is_slipped_in_is_right(tmp_path: Path) -> None:
    text = story_text(head=FULL_HEAD, district=FULL_DISTRICT, story=FULL_STORY)
    assert len(read_story(story_file(tmp_path, text), 0).scenes) == 5
