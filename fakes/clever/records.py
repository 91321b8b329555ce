"""The records on Clever's wire, v3.0 and v3.1.

A string that is missing is ``""``; an object that is missing (``ext`` where the district has no fields of its own) is
``UNSET`` and does not appear. v3.1 adds fields to v3.0.
"""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

Version = Literal["v3.0", "v3.1"]
VERSIONS: tuple[Version, ...] = ("v3.0", "v3.1")

Kind = Literal["district", "school", "term", "course", "user", "section", "resource"]
PLURALS: dict[Kind, str] = {
    "district": "districts",
    "school": "schools",
    "term": "terms",
    "course": "courses",
    "user": "users",
    "section": "sections",
    "resource": "resources",
}

ROLES = ("student", "teacher", "staff", "district_admin", "contact")
"""In this order: the first that a user holds gives name and e-mail."""

DistrictState = Literal["running", "pending", "error", "paused", "success", ""]

TEACHERS_MAX = 10
"""Of a section. Source: Clever's SFTP format, columns Teacher_id and Teacher_2_id to Teacher_10_id."""


class Name(msgspec.Struct, frozen=True, gc=False):
    """A person's name."""

    last: str
    first: str | UnsetType = UNSET
    middle: str | UnsetType = UNSET


class DistrictContact(msgspec.Struct, frozen=True, gc=False):
    """Who owns the district's Clever account."""

    id: str
    district: str
    email: str
    title: str
    name: Name


class District(msgspec.Struct, frozen=True, gc=False):
    """The district; ``state`` is ``paused`` while Clever's data is frozen."""

    id: str
    name: str
    state: DistrictState
    sis_type: str
    login_methods: tuple[str, ...]
    portal_url: str
    launch_date: str
    error: str
    district_contact: DistrictContact
    last_sync: str | UnsetType | None = UNSET
    pause_start: str | UnsetType | None = UNSET
    pause_end: str | UnsetType | None = UNSET
    mdr_number: str | UnsetType | None = UNSET
    nces_id: str | UnsetType = UNSET


class DistrictV31(District, frozen=True, gc=False):
    """The district in v3.1."""

    lms_type: str = ""
    lms_state: str = ""
    last_attendance_sync: str | UnsetType | None = UNSET


class Principal(msgspec.Struct, frozen=True, gc=False):
    """Who leads a school."""

    name: str
    email: str


class Location(msgspec.Struct, frozen=True, gc=False):
    """Where a school is, or a student lives."""

    address: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    lat: str | UnsetType = UNSET
    lon: str | UnsetType = UNSET


class School(msgspec.Struct, frozen=True, gc=False):
    """A school; ``sis_id`` is its DBN (A3)."""

    id: str
    district: str
    name: str
    school_number: str
    sis_id: str
    state_id: str
    nces_id: str
    mdr_number: str
    low_grade: str
    high_grade: str
    phone: str
    principal: Principal
    location: Location
    created: str
    last_modified: str
    ext: dict[str, str] | UnsetType = UNSET


class Credentials(msgspec.Struct, frozen=True, gc=False):
    """With which name a person signs in."""

    district_username: str


class Enrollment(msgspec.Struct, frozen=True, gc=False):
    """A student's time at a school."""

    school: str
    start_date: str
    end_date: str


class StudentRole(msgspec.Struct, frozen=True, gc=False):
    """What a user is as a student; ``sis_id`` is the OSIS (A3)."""

    sis_id: str
    student_number: str
    state_id: str
    school: str
    schools: tuple[str, ...]
    enrollments: tuple[Enrollment, ...]
    dob: str
    gender: str
    grade: str
    graduation_year: str
    race: str
    hispanic_ethnicity: str
    location: Location
    credentials: Credentials
    email: str
    legacy_id: str | UnsetType = UNSET
    ell_status: str | UnsetType = UNSET
    ext: dict[str, str] | UnsetType = UNSET
    created: str | UnsetType = UNSET
    last_modified: str | UnsetType = UNSET


class PreferredName(msgspec.Struct, frozen=True, gc=False):
    """How a student wants to be called."""

    first: str = ""
    middle: str = ""
    last: str = ""


class Disability(msgspec.Struct, frozen=True, gc=False):
    """A disability as the SIS codes it."""

    disability_type: str = ""
    disability_code: str = ""
    disability_status: str = ""


class StudentRoleV31(StudentRole, frozen=True, gc=False):
    """What a user is as a student in v3.1."""

    preferred_name: PreferredName = PreferredName()
    home_language: str = ""
    home_language_code: str = ""
    frl_status: str = ""
    gifted_status: str = ""
    iep_status: str = ""
    section_504_status: str = ""
    disability: Disability | UnsetType = UNSET


class TeacherRole(msgspec.Struct, frozen=True, gc=False):
    """What a user is as a teacher."""

    legacy_id: str
    sis_id: str
    teacher_number: str
    state_id: str
    title: str
    school: str
    schools: tuple[str, ...]
    credentials: Credentials
    ext: dict[str, str] | UnsetType = UNSET
    created: str | UnsetType = UNSET
    last_modified: str | UnsetType = UNSET
    district: str | UnsetType = UNSET
    name: Name | UnsetType = UNSET


class StaffRole(msgspec.Struct, frozen=True, gc=False):
    """What a user is as a member of the staff."""

    legacy_id: str
    staff_id: str
    title: str
    department: str
    roles: tuple[str, ...]
    schools: tuple[str, ...]
    credentials: Credentials
    ext: dict[str, str] | UnsetType = UNSET


class DistrictAdminRole(msgspec.Struct, frozen=True, gc=False):
    """What a user is as an administrator of the district."""

    legacy_id: str
    title: str


class StudentRelationship(msgspec.Struct, frozen=True, gc=False):
    """Whose contact somebody is."""

    student: str
    relationship: str
    type: str


class ContactRole(msgspec.Struct, frozen=True, gc=False):
    """What a user is as a contact of students."""

    sis_id: str
    phone: str
    phone_type: str
    student_relationships: tuple[StudentRelationship, ...]
    legacy_id: str | UnsetType = UNSET


class Roles(msgspec.Struct, frozen=True, gc=False):
    """One object for every role a user holds."""

    student: StudentRole | UnsetType = UNSET
    teacher: TeacherRole | UnsetType = UNSET
    staff: StaffRole | UnsetType = UNSET
    district_admin: DistrictAdminRole | UnsetType = UNSET
    contact: ContactRole | UnsetType = UNSET


class RolesV31(msgspec.Struct, frozen=True, gc=False):
    """One object for every role a user holds, in v3.1."""

    student: StudentRoleV31 | UnsetType = UNSET
    teacher: TeacherRole | UnsetType = UNSET
    staff: StaffRole | UnsetType = UNSET
    district_admin: DistrictAdminRole | UnsetType = UNSET
    contact: ContactRole | UnsetType = UNSET


class User(msgspec.Struct, frozen=True, gc=False):
    """A person, in one role or several."""

    id: str
    district: str
    email: str
    name: Name
    roles: Roles
    created: str
    last_modified: str


class UserV31(msgspec.Struct, frozen=True, gc=False):
    """A person in v3.1."""

    id: str
    district: str
    email: str
    name: Name
    roles: RolesV31
    created: str
    last_modified: str
    lms_status: str = ""


class Section(msgspec.Struct, frozen=True, gc=False):
    """A class; ``teacher`` is the first of ``teachers``, or ``""`` where there is none."""

    id: str
    district: str
    school: str
    name: str
    sis_id: str
    section_number: str
    period: str
    subject: str
    grade: str
    course: str
    term_id: str
    teacher: str
    teachers: tuple[str, ...]
    students: tuple[str, ...]
    created: str
    last_modified: str
    ext: dict[str, str] | UnsetType = UNSET


class SectionV31(Section, frozen=True, gc=False):
    """A class in v3.1."""

    lms_status: str = ""


class Course(msgspec.Struct, frozen=True, gc=False):
    """A course of the catalogue."""

    id: str
    district: str
    name: str
    number: str


class Term(msgspec.Struct, frozen=True, gc=False):
    """A term; days are ``YYYY-MM-DD``."""

    id: str
    district: str
    name: str
    start_date: str
    end_date: str


class Resource(msgspec.Struct, frozen=True, gc=False):
    """Learning material that sections, courses or people are assigned."""

    id: str
    district: str
    resource_id: str
    title: str
    roles: tuple[Literal["teacher", "student"], ...]
    created: str
    updated: str


Record = District | School | User | UserV31 | Section | Course | Term | Resource

STRUCTS: dict[Version, dict[Kind, type[msgspec.Struct]]] = {
    "v3.0": {
        "district": District,
        "school": School,
        "term": Term,
        "course": Course,
        "user": User,
        "section": Section,
        "resource": Resource,
    },
    "v3.1": {
        "district": DistrictV31,
        "school": School,
        "term": Term,
        "course": Course,
        "user": UserV31,
        "section": SectionV31,
        "resource": Resource,
    },
}
"""The struct of every kind of record in every version."""
