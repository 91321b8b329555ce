"""Fake Clever: holds what the district's feed has delivered (F4) and answers as Clever's wire does (A5)."""

from fakes.clever.applications import Application, Sharing
from fakes.clever.districts import Districts
from fakes.clever.feed import (
    CourseRow,
    Removal,
    ResourceRow,
    Row,
    RowKind,
    SchoolRow,
    SectionRow,
    TermRow,
    UserRole,
    UserRow,
)
from fakes.clever.judging import Member, RosterPart
from fakes.clever.rules import Clever
from fakes.clever.state import CleverSettings
from fakes.clever.store import Store
from fakes.clever.wire import create_app

__all__ = [
    "Application",
    "Clever",
    "CleverSettings",
    "CourseRow",
    "Districts",
    "Member",
    "Removal",
    "ResourceRow",
    "RosterPart",
    "Row",
    "RowKind",
    "SchoolRow",
    "SectionRow",
    "Sharing",
    "Store",
    "TermRow",
    "UserRole",
    "UserRow",
    "create_app",
]
