"""The specimens: a student, a teacher and a section as a real Clever of the same seed and moment writes them."""

from contextlib import closing
from datetime import datetime
from typing import NamedTuple

import msgspec

from fakes.clever import Clever, CourseRow, Row, SchoolRow, SectionRow, Store, TermRow, UserRow
from fakes.clever.feed import Given
from fakes.clever.ids import legacy_id
from loadtests.generate.template import Template, field

STUDENT_GIVEN = (
    "address",
    "city",
    "disability_code",
    "disability_type",
    "ell_status",
    "frl_status",
    "gifted_status",
    "hispanic_ethnicity",
    "home_language",
    "home_language_code",
    "iep_status",
    "latitude",
    "longitude",
    "middle_name",
    "race",
    "section_504_status",
    "state_id",
    "username",
    "zip",
)
"""What the district says of a student beyond the row's own fields; nothing of a student is left to invention."""
TEACHER_GIVEN = ("middle_name", "state_id", "teacher_number")


class Templates(NamedTuple):
    """The three forms of one kind of row: as delivered, and its record in both versions."""

    delivered: Template
    v30: Template
    v31: Template


class Specimens(NamedTuple):
    """The templates of everything that there is much of."""

    student: Templates
    teacher: Templates
    section: Templates


def specimens(seed: int, moment: datetime) -> Specimens:
    """Make the templates.

    Args:
        seed: of the Clever that is filled.
        moment: at which all is delivered.
    """
    with closing(Store()) as store:
        clever = Clever(lambda: moment, seed, store=store)
        clever.deliver((_SCHOOL, _TERM, _COURSE, _STUDENT, _TEACHER, _SECTION))
        ids = {f"~{name}~": store.entry_id(space, f"~{name}~") or "" for space, name in _NAMES.items()}
        school = {ids["~dbn~"].encode(): field("school")}
        student, teacher = ids["~student~"], ids["~teacher~"]
        return Specimens(
            student=_templates(store, _STUDENT, student, _student_row_marks(), {**_student_marks(student), **school}),
            teacher=_templates(store, _TEACHER, teacher, _teacher_row_marks(), {**_teacher_marks(teacher), **school}),
            section=_templates(store, _SECTION, ids["~section~"], _section_row_marks(), _section_marks(ids)),
        )


def _templates(
    store: Store, row: Row, clever_id: str, row_marks: dict[bytes, bytes], marks: dict[bytes, bytes]
) -> Templates:
    record = store.record(clever_id)
    if record is None:
        raise AssertionError(f"no record {clever_id} was written of the specimen {row}")
    only_in_v31 = {found: mark for found, mark in marks.items() if found not in record.v30}
    in_v30 = {found: mark for found, mark in marks.items() if found not in only_in_v31}
    return Templates(
        Template(msgspec.json.encode(row), row_marks), Template(record.v30, in_v30), Template(record.v31, marks)
    )


def _given(names: tuple[str, ...]) -> Given:
    return tuple((name, f"~{name}~") for name in names)


_NAMES = {
    "school": "dbn",
    "term": "term",
    "course": "course",
    "student": "student",
    "teacher": "teacher",
    "section": "section",
}
"""What stands for the ``sis_id`` of the specimen in every space."""
_SCHOOL = SchoolRow("~dbn~", "A School")
_TERM = TermRow("~term~", "A Term", "2025-09-04", "2026-01-30")
_COURSE = CourseRow("~course~", "A Course", "no subject that Clever knows")
_STUDENT = UserRow(
    role="student",
    sis_id="~student~",
    first_name="~first_name~",
    last_name="~last_name~",
    email="~email~",
    schools=("~dbn~",),
    grade="~grade~",
    birth_date="~born~",
    gender="~gender~",
    given=_given(STUDENT_GIVEN),
)
_TEACHER = UserRow(
    role="teacher",
    sis_id="~teacher~",
    first_name="~first_name~",
    last_name="~last_name~",
    email="~email~",
    schools=("~dbn~",),
    title="~title~",
    given=_given(TEACHER_GIVEN),
)
_SECTION = SectionRow(
    sis_id="~section~",
    school="~dbn~",
    term="~term~",
    course="~course~",
    section_number="~section_number~",
    name="~name~",
    teachers=("~teacher~",),
    students=("~student~",),
    period="~period~",
    given=(("grade", "~grade~"),),
)


def _plain(*names: str) -> dict[bytes, bytes]:
    return {f"~{name}~".encode(): field(name) for name in names}


_PERSON = ("first_name", "last_name", "email")


def _student_row_marks() -> dict[bytes, bytes]:
    own = {b"~student~": field("sis_id"), b"~grade~": field("row_grade"), b"~born~": field("born")}
    return own | _plain(*_PERSON, "gender", "dbn", *STUDENT_GIVEN)


def _student_marks(clever_id: str) -> dict[bytes, bytes]:
    computed = {
        b'"graduation_year":""': b'"graduation_year":"%b"' % field("graduation_year"),
        b'"disability_status":""': b'"disability_status":"%b"' % field("disability_status"),
        b"~born~": field("birthday"),
        b"~student~": field("sis_id"),
        clever_id.encode(): field("id"),
    }
    return computed | _plain(*_PERSON, "gender", "grade", *STUDENT_GIVEN)


def _teacher_row_marks() -> dict[bytes, bytes]:
    return {b"~teacher~": field("sis_id")} | _plain(*_PERSON, "title", "dbn", *TEACHER_GIVEN)


def _teacher_marks(clever_id: str) -> dict[bytes, bytes]:
    computed = {
        b'"district_username":"first_name.last_name"': b'"district_username":"%b"' % field("username"),
        legacy_id(clever_id, "teacher").encode(): field("legacy_id"),
        b"~teacher~": field("sis_id"),
        clever_id.encode(): field("id"),
    }
    return computed | _plain(*_PERSON, "title", *TEACHER_GIVEN)


def _section_row_marks() -> dict[bytes, bytes]:
    lists = {b'"~teacher~"': field("teacher_numbers"), b'"~student~"': field("student_numbers")}
    own = {b"~section~": field("sis_id"), b"~grade~": field("row_grade")}
    return lists | own | _plain("dbn", "term", "course", "section_number", "name", "period")


def _section_marks(ids: dict[str, str]) -> dict[bytes, bytes]:
    def id_of(sis_id: str) -> bytes:
        return ids[sis_id].encode()

    lists = {
        b'["%b"]' % id_of("~teacher~"): b"[%b]" % field("teachers"),
        b'["%b"]' % id_of("~student~"): b"[%b]" % field("students"),
        b'"subject":"other"': b'"subject":"%b"' % field("subject"),
    }
    own = {id_of("~section~"): field("id"), b"~section~": field("sis_id"), id_of("~teacher~"): field("teacher")}
    references = {id_of(f"~{name}~"): field(f"{name}_id") for name in ("term", "course")}
    school = {id_of("~dbn~"): field("school")}
    return lists | own | references | school | _plain("section_number", "name", "period", "grade")
