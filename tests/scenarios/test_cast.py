"""Who there is in a story: read from the file, and known to its steps by kind."""

from pathlib import Path

import pytest

from scenarios.located import StoryError
from scenarios.story import Story, read_story
from simulator.district import Admin, CleverOnly
from tests.scenarios.builders import WIPED, story_file, story_text


def read(folder: Path, story: str = WIPED, *, seed: int = 0, **parts: str) -> Story:
    return read_story(story_file(folder, story_text(story, **parts)), seed)


def test_people_are_of_the_school_in_which_they_stand(tmp_path: Path) -> None:
    district = (
        "  02M475: {students: [Mei Chen], sections: {A-01: {teacher: Rosa Diaz}}}\n"
        "  03M859: {students: [Mei Chen], teachers: Ana Ruiz, sections: {B-01: {teacher: Rosa Diaz}}}\n"
    )
    story = read(tmp_path, "  - +1h: {expect: {A-01: {state: active}}}\n", district=district)
    assert {person.name: (person.role, person.schools) for person in story.district.people} == {
        "Mei Chen": ("student", ("02M475", "03M859")),
        "Rosa Diaz": ("teacher", ("02M475", "03M859")),
        "Ana Ruiz": ("teacher", ("03M859",)),
    }


def test_what_is_said_of_people_counts(tmp_path: Path) -> None:
    head = (
        "people:\n  Mei Chen: {osis: 012345678, called: Mei Q Chen, email: none, grade: 9}\n"
        "  Rosa Diaz: {number: 7654321, email: rosa@x.example}\n"
    )
    mei, _, rosa = sorted(read(tmp_path, head=head).district.people, key=lambda p: ["M", "B", "R"].index(p.name[0]))
    assert (mei.id, mei.first_and_last, mei.email, mei.grade) == ("012345678", ("Mei Q", "Chen"), "", "9")
    assert (rosa.id, rosa.email) == ("7654321", "rosa@x.example")


def test_others_are_in_otus_or_in_clever_and_a_teacher_may_be_something_more(tmp_path: Path) -> None:
    head = (
        "others:\n  Ana Park: {is: admin in Otus}\n  Sam Lee: {is: staff in Clever, email: sam@x.example}\n"
        "  Rosa Diaz: {is: district admin in Clever}\n"
    )
    district = read(tmp_path, head=head).district
    (rosa,) = (person for person in district.people if person.name == "Rosa Diaz")
    assert district.admins == (Admin(name="Ana Park", email="ana.park@office.example", schools=("02M475",)),)
    assert district.clever_only == (
        CleverOnly(name="Sam Lee", role="staff", email="sam@x.example", schools=("02M475",)),
        CleverOnly(name="Rosa Diaz", role="district_admin", email=rosa.email or "", schools=("02M475",)),
    )


def test_a_crowd_is_as_large_as_it_says_and_nobody_is_in_it_whom_the_story_names(tmp_path: Path) -> None:
    district = "  02M475: {sections: {A-01: {students: [40 others]}, A-02: {students: [40 others, Mei Chen]}}}\n"
    look = "  - +1h: {expect: {A-01: {student count: 40}}}\n"
    first = read(tmp_path, look, district=district).district
    assert [len(section.students) for section in first.sections] == [40, 41]
    assert len({person.name for person in first.people}) == 81
    taken = first.sections[0].students[5]
    named_later = district.replace("Mei Chen", taken) + f"  03M859: {{teachers: [{taken} II]}}\n"
    second = read(tmp_path, look, district=named_later).district
    assert taken in second.sections[1].students
    assert taken not in second.sections[0].students


def test_a_crowd_does_not_clash_with_a_teacher_who_stands_below_it(tmp_path: Path) -> None:
    look = "  - +1h: {expect: {A-01: {state: active}}}\n"
    crowd = read(tmp_path, look, district="  02M475: {sections: {A-01: {students: [30 others]}}}\n")
    name = crowd.district.sections[0].students[0]
    district = f"  02M475: {{sections: {{A-01: {{students: [30 others]}}, A-02: {{teacher: {name}}}}}}}\n"
    people = {person.name: person.role for person in read(tmp_path, look, district=district).district.people}
    assert (len(people), people[name]) == (31, "teacher")


def test_another_seed_makes_another_crowd(tmp_path: Path) -> None:
    district = "  02M475: {sections: {A-01: {students: [5 others]}}}\n"
    look = "  - +1h: {expect: {A-01: {state: active}}}\n"
    crowds = [read(tmp_path, look, district=district, seed=seed).district.people for seed in (1, 1, 2)]
    assert crowds[0] == crowds[1] != crowds[2]


def test_settings_have_the_defaults_of_the_rules(tmp_path: Path) -> None:
    setup = read(tmp_path).setup
    assert (setup.lag.shortest.total_seconds(), setup.lag.longest.total_seconds()) == (72 * 3600, 72 * 3600)
    assert (setup.nightly_at.isoformat(), setup.guard_percent, setup.guard_minimum) == ("01:00:00", 20, 25)
    assert (setup.manual_rostering, setup.by_hand_co_teachers, setup.overwrite_class_names) == (True, "keep", True)
    assert (setup.rate_limit_per_minute, setup.sync_simulated_hours_max) == (1200, 6)


def test_settings_are_taken(tmp_path: Path) -> None:
    head = (
        "settings:\n  feed: {between: [48h, 3d]}\n  clever: {rate limit per minute: 5}\n"
        "  otus: {manual rostering: off}\n  sync: {nightly at: 02:30, by-hand co-teachers: only without rostered,"
        " class names: keep, hours at most: 2, guard: {percent: 0, minimum: 1}}\n"
    )
    setup = read(tmp_path, head=head).setup
    assert (setup.lag.shortest.total_seconds(), setup.lag.longest.total_seconds()) == (48 * 3600, 72 * 3600)
    assert (setup.nightly_at.isoformat(), setup.guard_percent, setup.guard_minimum) == ("02:30:00", 0, 1)
    assert (setup.manual_rostering, setup.by_hand_co_teachers, setup.overwrite_class_names) == (
        False,
        "only_without_rostered",
        False,
    )
    assert (setup.rate_limit_per_minute, setup.sync_simulated_hours_max) == (5, 2)


# ---------------------------------------------------------------- names as the story goes on


def test_who_comes_into_the_story_may_be_named_from_then_on_and_not_before(tmp_path: Path) -> None:
    comes = "  - +1h: {ats: new student, student: Noor Haddad, school: 02M475}\n"
    goes_on = "  - +1h: {ats: enroll, student: Noor Haddad, section: Algebra 1-01}\n"
    assert len(read(tmp_path, comes + goes_on).scenes) == 2
    with pytest.raises(StoryError, match="'Noor Haddad' is not a student of the district"):
        read(tmp_path, goes_on + comes)


def test_somebody_added_by_hand_may_come_to_ats_later(tmp_path: Path) -> None:
    """H5: the account made by hand is linked when Clever brings the person."""
    by_hand = "  - +1h: {otus: add student, student: Noor Haddad, class: Algebra 1-01, email: noor@x.example}\n"
    to_ats = "  - +1h: {ats: new student, student: Noor Haddad, school: 02M475}\n"
    enrolled = "  - +1h: {ats: enroll, student: Noor Haddad, section: Algebra 1-01}\n"
    assert len(read(tmp_path, by_hand + to_ats + enrolled).scenes) == 3
    with pytest.raises(StoryError, match="'Noor Haddad' is not a student"):
        read(tmp_path, by_hand + enrolled)
    with pytest.raises(StoryError, match="'Noor Haddad' is in this story already"):
        read(tmp_path, by_hand + to_ats + to_ats)


def test_an_admin_is_no_new_student(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match="'Ana Park' is in this story already"):
        read(
            tmp_path,
            "  - +1h: {ats: new student, student: Ana Park, school: 02M475}\n",
            head="others: {Ana Park: {is: admin in Otus}}\n",
        )


def test_the_words_of_a_step_may_stand_in_any_order(tmp_path: Path) -> None:
    usual = "  - +1h: {otus: add student, student: Mei Chen, class: Algebra 1-01}\n"
    other = "  - +1h: {class: Algebra 1-01, student: Mei Chen, otus: add student}\n"
    assert read(tmp_path, usual).scenes[0].step == read(tmp_path, other).scenes[0].step


def test_steps_under_one_time_are_one_turn(tmp_path: Path) -> None:
    look = "{expect: {Mei Chen: {account: active}}}"
    scenes = read(tmp_path, f"  - +1h: [{look}, {look}]\n  - +1h: {look}\n  - {{+1h: {look}, +2h: {look}}}\n").scenes
    assert [scene.turn for scene in scenes] == [1, 1, 2, 3, 4]
