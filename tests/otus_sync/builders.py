"""Small makers of Clever's records and Otus's, with everything a test does not care for filled in."""

from pathlib import Path
from typing import Any, Literal

from otus_sync.clever import CleverSide, District, Name, Part, Roles, School, Section, User
from otus_sync.otus_records import Account, Counts, SyncRun
from otus_sync.settings import Secret, Settings

DBN = "02M475"
OTHER_DBN = "03M859"
SCHOOLS = (School("school-a", DBN), School("school-b", OTHER_DBN))


def settings(**given: Any) -> Settings:
    blank: dict[str, Any] = {
        "clever_url": "http://127.0.0.1:1",
        "clever_token": Secret("clever-token"),
        "otus_url": "http://127.0.0.1:1",
        "otus_token": Secret("otus-token"),
        "state_dir": Path("/nonexistent"),
    }
    return Settings(**{**blank, **given})


def student(
    key: str,
    email: str | None = "",
    sis_id: str = "",
    first: str = "",
    last: str = "Lee",
    schools: tuple[str, ...] = ("school-a",),
) -> User:
    """A Clever user with a student role. By default the e-mail and the OSIS are made from the key."""
    part = Part(sis_id=sis_id or f"osis-{key}", school=schools[0] if schools else None, schools=schools)
    return User(key, _email(key, email), Name(first or key.title(), last), Roles(student=part))


def teacher(
    key: str,
    email: str | None = "",
    sis_id: str = "",
    first: str = "",
    last: str = "Kim",
    schools: tuple[str, ...] = ("school-a",),
) -> User:
    """A Clever user with a teacher role."""
    part = Part(sis_id=sis_id or f"staff-{key}", school=schools[0] if schools else None, schools=schools)
    return User(key, _email(key, email), Name(first or key.title(), last), Roles(teacher=part))


def _email(key: str, email: str | None) -> str | None:
    return f"{key}@schools.example" if email == "" else email


def section(
    key: str,
    teachers: tuple[str, ...] = (),
    students: tuple[str, ...] = (),
    name: str = "",
    school: str = "school-a",
) -> Section:
    return Section(
        id=key,
        school=school,
        name=name or f"Class {key}",
        teacher=teachers[0] if teachers else None,
        teachers=teachers,
        students=students,
    )


def clever(*records: User | Section, schools: tuple[School, ...] = SCHOOLS) -> CleverSide:
    users = sorted((record for record in records if isinstance(record, User)), key=lambda user: user.id)
    sections = tuple(record for record in records if isinstance(record, Section))
    return CleverSide(District("district"), schools, tuple(users), sections)


def account(
    number: int,
    role: Literal["admin", "teacher", "student"] = "student",
    email: str = "",
    clever_id: str | None = None,
    sis_id: str | None = None,
    *,
    active: bool = True,
    schools: tuple[str, ...] = (DBN,),
    provenance: Literal["clever", "manual"] | None = None,
) -> Account:
    return Account(
        id=number,
        role=role,
        email=email or f"account{number}@schools.example",
        first_name=f"First{number}",
        last_name=f"Last{number}",
        sis_id=sis_id,
        clever_id=clever_id,
        provenance=provenance or ("clever" if clever_id else "manual"),
        active=active,
        schools=schools,
    )


def held_run(
    number: int = 1,
    removals: str = "",
    approval: Literal["approved", "discarded"] | None = None,
    scope: tuple[str, ...] = (),
    status: Literal["running", "succeeded", "held", "failed"] = "held",
) -> SyncRun:
    return SyncRun(number, status, "", "", scope, "", Counts(), Counts(), (), removals, approval)
