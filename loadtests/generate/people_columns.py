"""Values of students and teachers, as columns for the templates. What is not in the drawing is drawn here by chunks."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from fakes.clever.ids import legacy_id
from fakes.clever.invention import BOROUGHS as PARTS_OF_NEW_YORK
from fakes.clever.invention import DISABILITIES, LANGUAGES, RACES, STREETS
from loadtests.generate.calendar import SCHOOL_YEAR_ENDS
from loadtests.generate.catalogue import BOROUGHS, GRADES, ROW_GRADES
from loadtests.generate.draw import District, People
from loadtests.generate.names import FIRST_NAMES, LAST_NAMES, Ints
from loadtests.generate.places import Places

STUDENTS_DOMAIN = "students.example"
SCHOOLS_DOMAIN = "schools.example"
TITLES = ("Teacher", "Teacher", "Teacher", "Teacher of Special Education", "Mathematics Coach", "Literacy Coach")
KINDERGARTEN_AGE = 5
DAYS_OF_A_YEAR = 365
RACE_SHARES = (0.14, 0.16, 0.23, 0.01, 0.01, 0.03, 0.42)
LANGUAGE_SHARES = (0.58, 0.22, 0.09, 0.06, 0.05)
"""Of New York's students; the words are the fake's own."""
YES_SHARES = {"ell_status": 0.14, "gifted_status": 0.06, "hispanic_ethnicity": 0.41, "section_504_status": 0.03}
IEP_SHARE = 0.2

Values = list[bytes]


@lru_cache
def _encoded(words: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(word.encode() for word in words)


def _picked(words: Sequence[str], places: Ints) -> Values:
    return list(map(_encoded(tuple(words)).__getitem__, places.tolist()))


def _written(form: bytes, numbers: Ints) -> Values:
    return [form % number for number in numbers.tolist()]


def person_columns(people: People, begin: int, end: int, domain: str) -> dict[str, Values]:
    """Write names, e-mails and numbers of some people."""
    first, last = (
        _picked(pool.names, places[begin:end])
        for pool, places in ((FIRST_NAMES, people.names.first), (LAST_NAMES, people.names.last))
    )
    namesakes = people.names.namesakes[begin:end].tolist()
    # The second Ada Lovelace is ada.lovelace2; names have no digits, so nobody else is.
    emails = [
        b"%b.%b%b@%b" % (one.lower(), other.lower(), b"%d" % (before + 1) if before else b"", domain.encode())
        for one, other, before in zip(first, last, namesakes, strict=True)
    ]
    numbers = _written(b"%d", people.number[begin:end])
    return {"first_name": first, "last_name": last, "email": emails, "sis_id": numbers}


def school_columns(district: District, places: Places, schools: Ints) -> dict[str, Values]:
    """Write DBNs and ids of schools."""
    return {"dbn": _picked(district.schools.dbns, schools), "school": _ids(places, places.school + schools)}


def student_columns(district: District, places: Places, seed: int, begin: int, end: int) -> dict[str, Values]:
    """Write all values of some students."""
    students = district.students
    dice = np.random.default_rng([seed, 1, begin])
    count = end - begin
    grades, schools = district.grades[begin:end], students.school[begin:end]
    person = person_columns(students, begin, end, STUDENTS_DOMAIN)
    return {
        **person,
        **school_columns(district, places, schools),
        **_grade_columns(dice, grades),
        **_address_columns(dice, district.schools.borough[schools]),
        **_support_columns(dice, count),
        **{name: _picked("NY", (dice.random(count) < share).astype(np.int64)) for name, share in YES_SHARES.items()},
        "id": places.ids(places.student + begin, places.student + end),
        "gender": _picked("FM", dice.integers(0, 2, count)),
        "middle_name": _picked("ABCDEFGHIJKLMNOPQRSTUVWXYZ", dice.integers(0, 26, count)),
        "race": _picked(RACES, dice.choice(len(RACES), count, p=RACE_SHARES)),
        "state_id": _written(b"%d", dice.integers(100_000_000, 1_000_000_000, count)),
        "username": [
            b"%b%b%02d" % (one.lower(), other[:1].lower(), number)
            for one, other, number in zip(
                person["first_name"], person["last_name"], dice.integers(0, 100, count).tolist(), strict=True
            )
        ],
    }


def teacher_columns(district: District, places: Places, seed: int, begin: int, end: int) -> dict[str, Values]:
    """Write all values of some teachers."""
    teachers = district.teachers
    dice = np.random.default_rng([seed, 2, begin])
    count = end - begin
    person = person_columns(teachers, begin, end, SCHOOLS_DOMAIN)
    ids = places.ids(places.teacher + begin, places.teacher + end)
    names = zip(person["first_name"], person["last_name"], strict=True)
    return {
        **person,
        **school_columns(district, places, teachers.school[begin:end]),
        "id": ids,
        "legacy_id": [legacy_id(clever_id.decode(), "teacher").encode() for clever_id in ids],
        "username": [b"%b.%b" % (one.lower(), other.lower()) for one, other in names],
        "title": _picked(TITLES, dice.integers(0, len(TITLES), count)),
        "middle_name": _picked("ABCDEFGHIJKLMNOPQRSTUVWXYZ", dice.integers(0, 26, count)),
        "state_id": _written(b"%d", dice.integers(100_000_000, 1_000_000_000, count)),
        "teacher_number": _written(b"%d", dice.integers(100_000, 1_000_000, count)),
    }


def _ids(places: Places, numbers: Ints) -> Values:
    return _written(places.id_head.replace(b"%", b"%%") + b"%06x", numbers)


def _grade_columns(dice: np.random.Generator, grades: Ints) -> dict[str, Values]:
    years = SCHOOL_YEAR_ENDS - 1 - KINDERGARTEN_AGE - grades
    days = dice.integers(0, DAYS_OF_A_YEAR, len(grades))
    births = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]") + days
    months = births.astype("datetime64[M]")
    month_words = (months.astype(np.int64) % 12 + 1).tolist()
    day_words = ((births - months).astype(np.int64) + 1).tolist()
    spans = list(zip(years.tolist(), month_words, day_words, strict=True))
    graduations = tuple("" if grade == 0 else str(SCHOOL_YEAR_ENDS + 12 - grade) for grade in range(len(GRADES)))
    return {
        "grade": _picked(GRADES, grades),
        "row_grade": _picked(ROW_GRADES, grades),
        "graduation_year": _picked(graduations, grades),
        "born": [b"%d-%02d-%02d" % span for span in spans],
        "birthday": [b"%d/%d/%d" % (month, day, year) for year, month, day in spans],
    }


def _address_columns(dice: np.random.Generator, boroughs: Ints) -> dict[str, Values]:
    count = len(boroughs)
    parts = [PARTS_OF_NEW_YORK[borough.letter] for borough in BOROUGHS]
    streets = dice.integers(0, len(STREETS), count)
    houses = dice.integers(1, 901, count).tolist()
    zips = np.array([part.first_zip for part in parts])[boroughs] + dice.integers(0, 30, count)
    return {
        "address": [b"%d %b" % pair for pair in zip(houses, _picked(STREETS, streets), strict=True)],
        "city": _picked([part.city for part in parts], boroughs),
        "zip": _written(b"%d", zips),
        "latitude": _near(dice, np.array([part.latitude for part in parts])[boroughs]),
        "longitude": _near(dice, np.array([part.longitude for part in parts])[boroughs]),
    }


def _near(dice: np.random.Generator, degrees: npt.NDArray[np.float64]) -> Values:
    """Write latitudes or longitudes some 3 km around others, with four digits after the point."""
    steps = np.rint(degrees * 10_000).astype(np.int64) + dice.integers(-300, 301, len(degrees))
    pairs = zip((np.abs(steps) // 10_000).tolist(), (np.abs(steps) % 10_000).tolist(), strict=True)
    sign = b"-" if len(degrees) and degrees[0] < 0 else b""
    return [b"%b%d.%04d" % (sign, whole, rest) for whole, rest in pairs]


def _support_columns(dice: np.random.Generator, count: int) -> dict[str, Values]:
    """Write who gets which help; what hangs on one draw says the same in all its columns."""
    language = dice.choice(len(LANGUAGES), count, p=LANGUAGE_SHARES)
    has_iep = dice.random(count) < IEP_SHARE
    disability = np.where(has_iep, dice.integers(1, len(DISABILITIES) + 1, count), 0)
    return {
        "home_language": _picked([name for name, _ in LANGUAGES], language),
        "home_language_code": _picked([code for _, code in LANGUAGES], language),
        "frl_status": _picked(("Free", "Reduced", "Paid"), dice.choice(3, count, p=(0.65, 0.08, 0.27))),
        "iep_status": _picked("NY", has_iep.astype(np.int64)),
        "disability_status": _picked(("", "Active"), has_iep.astype(np.int64)),
        "disability_type": _picked(["", *(name for name, _ in DISABILITIES)], disability),
        "disability_code": _picked(["", *(code for _, code in DISABILITIES)], disability),
    }
