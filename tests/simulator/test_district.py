"""What a story does not say is made up: the same for the same seed, and nobody is given what is somebody else's."""

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.clock import NEW_YORK
from simulator.district import Inventor, Person, Section, course_code, term_of

DAY = date(2026, 9, 14)
names = st.lists(
    st.text("abcdefgh éñü李王'-", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=30, unique=True
)


def student(name: str, **more: str) -> Person:
    return Person(name=name, role="student", schools=("02M475",), **more)


def teacher(name: str, **more: str) -> Person:
    return Person(name=name, role="teacher", schools=("02M475",), **more)


@given(st.integers(0, 1000), names)
def test_the_same_seed_makes_the_same_people(seed: int, called: list[str]) -> None:
    people = [student(name) for name in called]
    assert Inventor(seed, DAY).complete_all(people) == Inventor(seed, DAY).complete_all(people)


@given(st.integers(0, 1000), names)
def test_nobody_shares_a_number_or_an_address(seed: int, called: list[str]) -> None:
    people = Inventor(seed, DAY).complete_all([*map(student, called), *map(teacher, called)])
    assert len({person.id for person in people}) == len(people)
    assert len({person.email for person in people}) == len(people)
    for person in people:
        assert len(person.id) == (9 if person.role == "student" else 7)
        local, _, domain = (person.email or "").partition("@")
        assert local == local.strip(".")
        assert local.isascii()
        assert domain in ("students.example", "schools.example")


def test_another_seed_makes_other_numbers() -> None:
    assert Inventor(1, DAY).complete(student("Mei Chen")).id != Inventor(2, DAY).complete(student("Mei Chen")).id


def test_who_else_there_is_changes_nobody() -> None:
    alone = Inventor(7, DAY).complete(student("Mei Chen"))
    assert alone in Inventor(7, DAY).complete_all([student("Ben Okri"), student("Mei Chen")])


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Mei Chen", "mei.chen@students.example"),
        ("José Núñez", "jose.nunez@students.example"),
        ("Mary Ann O'Neil-Smith", "maryann.oneilsmith@students.example"),
        ("Pelé", "pele.pele@students.example"),
        ("李 王", "person@students.example"),
        ("李 Wang", "wang@students.example"),
    ],
)
def test_an_address_is_made_of_the_name(name: str, email: str) -> None:
    assert Inventor(0, DAY).complete(student(name)).email == email


def test_two_people_of_one_name_have_two_addresses() -> None:
    first, second = Inventor(0, DAY).complete_all([student("Mei Chen"), student("Mei (10th)", called="Mei Chen")])
    assert (first.email, second.email) == ("mei.chen@students.example", "mei.chen1@students.example")


def test_an_address_that_is_given_later_in_the_story_is_nobody_elses() -> None:
    given_later = student("Other Mei", email="MEI.CHEN@students.example")
    made_up, other = Inventor(0, DAY).complete_all([student("Mei Chen"), given_later])
    assert made_up.email == "mei.chen1@students.example"
    assert other.email == "MEI.CHEN@students.example"


def test_a_number_that_is_given_later_in_the_story_is_nobody_elses() -> None:
    wanted = Inventor(0, DAY).complete(student("Mei Chen")).id
    made_up, other = Inventor(0, DAY).complete_all([student("Mei Chen"), student("Ben Okri", id=wanted)])
    assert other.id == wanted != made_up.id


def test_somebody_without_an_address_stays_without() -> None:
    assert Inventor(0, DAY).complete(student("Mei Chen", email="")).email == ""


def test_what_is_given_stays() -> None:
    given_all = student(
        "Mei Chen", id="123456789", email="m@x.example", grade="10", birth_date="2011-01-02", gender="F"
    )
    assert Inventor(0, DAY).complete(given_all) == given_all


def test_students_are_as_old_as_their_grade() -> None:
    for grade, year in (("9", 2012), ("12", 2009)):
        assert Inventor(0, DAY).complete(student("Mei Chen", grade=grade)).birth_date.startswith(str(year))


def test_a_grade_in_words_is_no_age() -> None:
    assert Inventor(0, DAY).complete(student("Mei Chen", grade="Ungraded")).birth_date == ""


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100), st.integers(0, 200))
def test_a_crowd_has_as_many_names_as_asked_all_different_and_always_the_same(seed: int, count: int) -> None:
    crowd = Inventor(seed, DAY).crowd(count, "Algebra 1-01")
    assert len(set(crowd)) == len(crowd) == count
    assert crowd == Inventor(seed, DAY).crowd(count, "Algebra 1-01")
    assert crowd[:10] == Inventor(seed, DAY).crowd(min(count, 10), "Algebra 1-01")


def test_another_class_has_another_crowd() -> None:
    assert Inventor(0, DAY).crowd(30, "Algebra 1-01") != Inventor(0, DAY).crowd(30, "Algebra 1-02")


class Taken(set[str]):
    """Names that are taken, and how often somebody has looked whether one is."""

    looked_up = 0

    def __contains__(self, name: object) -> bool:
        self.looked_up += 1
        return super().__contains__(name)


def test_a_crowd_passes_over_names_that_are_taken() -> None:
    alone = Inventor(0, DAY).crowd(32, "Algebra 1-01")
    assert Inventor(0, DAY).crowd(30, "Algebra 1-01", alone[:1], {alone[5]: 1}) == [*alone[1:5], *alone[6:]]


def test_a_crowd_costs_no_more_in_a_large_district_than_in_a_small_one() -> None:
    taken = Taken(f"Somebody {number}" for number in range(5000))
    Inventor(0, DAY).crowd(30, "Algebra 1-01", taken)
    assert taken.looked_up < 40


@pytest.mark.parametrize(
    ("day", "code", "name"),
    [
        ("2026-08-01", "2026-1", "Fall 2026"),
        ("2026-09-14", "2026-1", "Fall 2026"),
        ("2027-01-31", "2026-1", "Fall 2026"),
        ("2027-02-01", "2026-2", "Spring 2027"),
        ("2027-06-30", "2026-2", "Spring 2027"),
        ("2027-07-01", "2026-7", "Summer 2027"),
        ("2027-07-31", "2026-7", "Summer 2027"),
    ],
)
def test_a_day_lies_in_its_term(day: str, code: str, name: str) -> None:
    term = term_of(datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=NEW_YORK))
    assert (term.code, term.name) == (code, name)
    assert term.start < term.end


def test_a_section_is_a_course_and_a_number() -> None:
    def split(name: str) -> tuple[str, str]:
        return Section(name=name, school="02M475").course_and_number

    assert split("Algebra 1-01") == ("Algebra 1", "01")
    assert split("Co-op-Lab-03") == ("Co-op-Lab", "03")
    assert split("Homeroom") == ("Homeroom", "01")
    assert split("-01") == ("-01", "01")
    assert split("Algebra-") == ("Algebra-", "01")


@given(st.lists(st.text("AB C1é", min_size=1, max_size=30), min_size=2, max_size=20, unique=True))
def test_a_course_code_is_short_and_plain(courses: list[str]) -> None:
    for course in courses:
        code = course_code(course)
        assert code.isascii()
        assert code.isalnum()
        assert len(code) <= 12


def test_courses_that_begin_alike_have_codes_of_their_own() -> None:
    assert course_code("Algebra 1") == "ALGEBRA1"
    codes = {course_code(f"Introduction to {topic}") for topic in ("Biology", "Chemistry", "Physics")}
    assert len(codes) == 3
