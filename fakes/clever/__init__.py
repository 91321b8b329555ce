"""Fake Clever: holds what the district's feed has delivered (F4) and answers as Clever's wire does (A5)."""

from fakes.clever.feed import (
    CourseRow,
    Removal,
    Row,
    RowKind,
    SchoolRow,
    SectionRow,
    TermRow,
    UserRole,
    UserRow,
)
from fakes.clever.rules import Clever, Member, RosterPart
from fakes.clever.state import CleverSettings
from fakes.clever.store import Store
from fakes.clever.wire import create_app

__all__ = [
    "Clever",
    "CleverSettings",
    "CourseRow",
    "Member",
    "Removal",
    "RosterPart",
    "Row",
    "RowKind",
    "SchoolRow",
    "SectionRow",
    "Store",
    "TermRow",
    "UserRole",
    "UserRow",
    "create_app",
]
