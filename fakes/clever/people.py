"""Writes users: one person in one role, or in several."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import UNSET

from fakes.clever.feed import UserRole, UserRow
from fakes.clever.ids import legacy_id
from fakes.clever.invention import RACES, Invention
from fakes.clever.records import (
    ROLES,
    ContactRole,
    Credentials,
    DistrictAdminRole,
    Location,
    Name,
    PreferredName,
    Roles,
    RolesV31,
    StaffRole,
    StudentRelationship,
    StudentRole,
    StudentRoleV31,
    TeacherRole,
    User,
    UserV31,
)
from fakes.clever.references import held_first, held_ids
from fakes.clever.spelling import birthday_word, grade_word
from fakes.clever.store import Mention
from fakes.clever.versions import Rendered, Stamps, extended


class RoleHeld(NamedTuple):
    """A user in one role, as delivered."""

    row: UserRow
    mentions: list[Mention]
    invention: Invention


def render_user(roles: Iterable[RoleHeld], stamps: Stamps) -> Rendered:
    """Write the record of a user; the first role gives the name, and the e-mail if it has one.

    Args:
        roles: at most one of every kind.
        stamps: of the record.
    """
    ordered = sorted(roles, key=lambda role: ROLES.index(role.row.role))
    email = next((role.row.email for role in ordered if role.row.email), "")
    clever_id, district, created, last_modified = stamps
    v30, v31 = _roles({role.row.role: role for role in ordered}, clever_id)
    name = _name(ordered[0])
    return Rendered(
        User(clever_id, district, email, name, v30, created, last_modified),
        UserV31(clever_id, district, email, name, v31, created, last_modified),
    )


def _roles(held: Mapping[UserRole, RoleHeld], clever_id: str) -> tuple[Roles, RolesV31]:
    student, teacher, staff = held.get("student"), held.get("teacher"), held.get("staff")
    admin, contact = held.get("district_admin"), held.get("contact")
    in_v30 = _student(student) if student else UNSET
    in_v31 = _student_v31(student, in_v30) if student and in_v30 else UNSET
    v30 = Roles(
        student=in_v30,
        teacher=_teacher(teacher, clever_id) if teacher else UNSET,
        staff=_staff(staff, clever_id) if staff else UNSET,
        district_admin=_district_admin(admin, clever_id) if admin else UNSET,
        contact=_contact(contact) if contact else UNSET,
    )
    return v30, extended(v30, RolesV31, student=in_v31)


def _student(role: RoleHeld) -> StudentRole:
    row, mentions, invention = role
    first, last = _letters(row.first_name), _letters(row.last_name)
    return StudentRole(
        sis_id=row.sis_id,
        student_number=row.sis_id,
        state_id=invention.digits("state", 9),
        school=held_first(mentions, "school"),
        schools=tuple(sorted(held_ids(mentions, "school"))),
        enrollments=(),
        dob=birthday_word(row.birth_date or invention.birth_day().isoformat()),
        gender=row.gender or invention.one_of("gender", "FM"),
        grade=grade_word(row.grade),
        graduation_year="",
        race=invention.one_of("race", RACES),
        hispanic_ethnicity=invention.yes_or_no("hispanic", 40),
        location=Location(zip=invention.zip_code()),
        credentials=Credentials(f"{first}{last[:1]}{invention.roll('username', 100):02d}"),
        email=row.email,
    )


def _student_v31(role: RoleHeld, student: StudentRole) -> StudentRoleV31:
    row, _, invention = role
    language, code = invention.language()
    return extended(
        student,
        StudentRoleV31,
        ell_status=invention.yes_or_no("ell", 14),
        home_language=language,
        home_language_code=code,
        frl_status=invention.one_of("lunch", ("Free", "Reduced", "Paid")),
        gifted_status=invention.yes_or_no("gifted", 6),
        iep_status=invention.yes_or_no("iep", 20),
        section_504_status=invention.yes_or_no("504", 3),
        preferred_name=PreferredName(first=row.first_name, last=row.last_name),
    )


def _teacher(role: RoleHeld, clever_id: str) -> TeacherRole:
    row, mentions, invention = role
    return TeacherRole(
        legacy_id=legacy_id(clever_id, "teacher"),
        sis_id=row.sis_id,
        teacher_number=invention.digits("number", 6),
        state_id=invention.digits("state", 9),
        title=row.title,
        school=held_first(mentions, "school"),
        schools=tuple(sorted(held_ids(mentions, "school"))),
        credentials=_adult_credentials(row),
    )


def _staff(role: RoleHeld, clever_id: str) -> StaffRole:
    row, mentions, invention = role
    return StaffRole(
        legacy_id=legacy_id(clever_id, "staff"),
        staff_id=row.sis_id,
        title=row.title,
        department=invention.one_of("department", ("Administration", "Guidance", "Office")),
        roles=("School Admin",),
        schools=tuple(sorted(held_ids(mentions, "school"))),
        credentials=_adult_credentials(row),
    )


def _district_admin(role: RoleHeld, clever_id: str) -> DistrictAdminRole:
    return DistrictAdminRole(legacy_id(clever_id, "district_admin"), role.row.title)


def _contact(role: RoleHeld) -> ContactRole:
    row, mentions, invention = role
    relationship = invention.one_of("relationship", ("Parent", "Parent", "Parent", "Grandparent", "Aunt/Uncle"))
    return ContactRole(
        sis_id=row.sis_id,
        phone=invention.phone(),
        phone_type="Cell",
        student_relationships=tuple(
            StudentRelationship(student, relationship, "Parent/Guardian") for student in held_ids(mentions, "student")
        ),
    )


def _name(role: RoleHeld) -> Name:
    row, _, invention = role
    # Recordings give a middle name to students and teachers only.
    middle = invention.middle_name() if row.role in {"student", "teacher"} else UNSET
    return Name(last=row.last_name, first=row.first_name, middle=middle)


def _adult_credentials(row: UserRow) -> Credentials:
    return Credentials(f"{_letters(row.first_name)}.{_letters(row.last_name)}")


def _letters(name: str) -> str:
    return re.sub(r"\W", "", name).lower()
