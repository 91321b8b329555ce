"""Writes users: one person in one role, or in several."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import UNSET

from fakes.clever.feed import UserRole, UserRow
from fakes.clever.ids import legacy_id
from fakes.clever.invention import RACES, Invention
from fakes.clever.places import location
from fakes.clever.quirks import Oddities
from fakes.clever.records import (
    ROLES,
    ContactRole,
    Credentials,
    Disability,
    DistrictAdminRole,
    Enrollment,
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
from fakes.clever.spelling import birthday_word, grade_word, graduation_year
from fakes.clever.store import Mention
from fakes.clever.versions import Rendered, Stamps, extended


class RoleHeld(NamedTuple):
    """A user in one role, as delivered."""

    row: UserRow
    mentions: list[Mention]
    invention: Invention


def render_user(roles: Iterable[RoleHeld], stamps: Stamps, oddities: Oddities) -> Rendered:
    """Write the record of a user; the first role gives the name, and the e-mail if it has one.

    Args:
        roles: at most one of every kind.
        stamps: of the record.
        oddities: what befalls the values.
    """
    ordered = sorted(roles, key=lambda role: ROLES.index(role.row.role))
    email = next((oddities.email(role.row.email, role.invention) for role in ordered if role.row.email), "")
    clever_id, district, created, last_modified = stamps
    v30, v31 = _roles({role.row.role: role for role in ordered}, stamps, oddities)
    name = _name(ordered[0])
    return Rendered(
        User(clever_id, district, email, name, v30, created, last_modified),
        UserV31(clever_id, district, email, name, v31, created, last_modified),
    )


def _roles(held: Mapping[UserRole, RoleHeld], stamps: Stamps, oddities: Oddities) -> tuple[Roles, RolesV31]:
    student, teacher, staff = held.get("student"), held.get("teacher"), held.get("staff")
    admin, contact = held.get("district_admin"), held.get("contact")
    in_v30 = _student(student, stamps, oddities) if student else UNSET
    in_v31 = _student_v31(student, in_v30) if student and in_v30 else UNSET
    v30 = Roles(
        student=in_v30,
        teacher=_teacher(teacher, stamps, oddities) if teacher else UNSET,
        staff=_staff(staff, stamps, oddities) if staff else UNSET,
        district_admin=_district_admin(admin, stamps, oddities) if admin else UNSET,
        contact=_contact(contact, stamps, oddities) if contact else UNSET,
    )
    return v30, extended(v30, RolesV31, student=in_v31)


def _student(role: RoleHeld, stamps: Stamps, oddities: Oddities) -> StudentRole:
    row, mentions, invention = role
    given = invention.given
    grade = grade_word(row.grade)
    schools = tuple(sorted(held_ids(mentions, "school")))
    return StudentRole(
        legacy_id=stamps.id,  # facts on Clever's wire: a student's v2.1 id is the v3 one
        sis_id=row.sis_id,
        student_number=given("student_number", row.sis_id),
        state_id=given("state_id") or invention.digits("state", 9),
        school=held_first(mentions, "school"),
        schools=schools,
        # No feed tells when a student came to a school; Clever has had them since the record was made.
        enrollments=tuple(Enrollment(school, stamps.created[:10], "") for school in schools),
        dob=birthday_word(row.birth_date or invention.birth_day().isoformat()),
        gender=row.gender or invention.one_of("gender", "FM"),
        grade=grade,
        graduation_year=given("graduation_year") or graduation_year(grade, stamps.last_modified),
        race=given("race") or invention.one_of("race", RACES),
        hispanic_ethnicity=given("hispanic_ethnicity") or invention.yes_or_no("hispanic", 40),
        ell_status=given("ell_status") or invention.yes_or_no("ell", 14),
        location=location(row.schools[0] if row.schools else "", invention),
        credentials=_student_credentials(row, invention),
        email=oddities.email(row.email, invention),
        ext=invention.extensions(),
        created=stamps.created,
        last_modified=stamps.last_modified,
    )


def _student_v31(role: RoleHeld, student: StudentRole) -> StudentRoleV31:
    row, _, invention = role
    given = invention.given
    language, code = invention.language()
    has_iep = given("iep_status") or invention.yes_or_no("iep", 20)
    return extended(
        student,
        StudentRoleV31,
        home_language=given("home_language", language),
        home_language_code=given("home_language_code", "" if given("home_language") else code),
        frl_status=given("frl_status") or invention.one_of("lunch", ("Free", "Reduced", "Paid")),
        gifted_status=given("gifted_status") or invention.yes_or_no("gifted", 6),
        iep_status=has_iep,
        section_504_status=given("section_504_status") or invention.yes_or_no("504", 3),
        disability=_disability(invention, has_iep=has_iep == "Y"),
        preferred_name=PreferredName(
            first=given("preferred_first_name", row.first_name),
            middle=given("preferred_middle_name"),
            last=given("preferred_last_name", row.last_name),
        ),
    )


def _disability(invention: Invention, *, has_iep: bool) -> Disability:
    kind, code = invention.disability() if has_iep else ("", "")
    return Disability(
        disability_type=invention.given("disability_type", kind),
        disability_code=invention.given("disability_code", code),
        disability_status=invention.given("disability_status", "Active" if has_iep else ""),
    )


def _student_credentials(row: UserRow, invention: Invention) -> Credentials:
    invented = f"{_letters(row.first_name)}{_letters(row.last_name)[:1]}{invention.roll('username', 100):02d}"
    return Credentials(invention.given("username", invented))


def _teacher(role: RoleHeld, stamps: Stamps, oddities: Oddities) -> TeacherRole:
    row, mentions, invention = role
    return TeacherRole(
        legacy_id=legacy_id(stamps.id, "teacher"),
        sis_id=row.sis_id,
        teacher_number=invention.given("teacher_number") or invention.digits("number", 6),
        state_id=invention.given("state_id") or invention.digits("state", 9),
        title=oddities.text(row.title, invention),
        school=held_first(mentions, "school"),
        schools=tuple(sorted(held_ids(mentions, "school"))),
        credentials=_adult_credentials(row, invention),
        ext=invention.extensions(),
        created=stamps.created,
        last_modified=stamps.last_modified,
        district=stamps.district,
        name=_name(role),
    )


def _staff(role: RoleHeld, stamps: Stamps, oddities: Oddities) -> StaffRole:
    row, mentions, invention = role
    departments = ("Administration", "Guidance", "Office")
    return StaffRole(
        legacy_id=legacy_id(stamps.id, "staff"),
        staff_id=row.sis_id,
        title=oddities.text(row.title, invention),
        department=invention.given("department") or invention.one_of("department", departments),
        roles=(invention.given("role", "School Admin"),),
        schools=tuple(sorted(held_ids(mentions, "school"))),
        credentials=_adult_credentials(row, invention),
        ext=invention.extensions(),
    )


def _district_admin(role: RoleHeld, stamps: Stamps, oddities: Oddities) -> DistrictAdminRole:
    return DistrictAdminRole(
        legacy_id=legacy_id(stamps.id, "district_admin"),
        title=oddities.text(role.row.title, role.invention),
    )


def _contact(role: RoleHeld, stamps: Stamps, oddities: Oddities) -> ContactRole:
    row, mentions, invention = role
    words = ("Parent", "Parent", "Parent", "Grandparent", "Aunt/Uncle")
    relationship = invention.given("relationship") or invention.one_of("relationship", words)
    relationship = oddities.relationship(relationship, invention)
    kind = invention.given("type", "Parent/Guardian")
    return ContactRole(
        legacy_id=legacy_id(stamps.id, "contact"),
        sis_id=row.sis_id,
        phone=invention.given("phone") or invention.phone(),
        phone_type=invention.given("phone_type", "Cell"),
        student_relationships=tuple(
            StudentRelationship(student, relationship, kind) for student in held_ids(mentions, "student")
        ),
    )


def _name(role: RoleHeld) -> Name:
    row, _, invention = role
    # Recordings give a middle name to students and teachers only.
    middle = invention.given("middle_name") or invention.middle_name() if row.role in {"student", "teacher"} else UNSET
    return Name(last=row.last_name, first=row.first_name, middle=middle)


def _adult_credentials(row: UserRow, invention: Invention) -> Credentials:
    return Credentials(invention.given("username", f"{_letters(row.first_name)}.{_letters(row.last_name)}"))


def _letters(name: str) -> str:
    return re.sub(r"\W", "", name).lower()
