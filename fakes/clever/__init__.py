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
from fakes.clever.hold import Hold, HoldSettings
from fakes.clever.judging import Member, RosterPart
from fakes.clever.quirks import QUIRKS, USUAL_QUIRKS, Quirk
from fakes.clever.rules import Clever
from fakes.clever.state import CleverSettings
from fakes.clever.store import Store
from fakes.clever.summer import SchoolDays, Summer
from fakes.clever.wire import create_app

__all__ = [
    "QUIRKS",
    "USUAL_QUIRKS",
    "Application",
    "Clever",
    "CleverSettings",
    "CourseRow",
    "Districts",
    "Hold",
    "HoldSettings",
    "Member",
    "Quirk",
    "Removal",
    "ResourceRow",
    "RosterPart",
    "Row",
    "RowKind",
    "SchoolDays",
    "SchoolRow",
    "SectionRow",
    "Sharing",
    "Store",
    "Summer",
    "TermRow",
    "UserRole",
    "UserRow",
    "create_app",
]
