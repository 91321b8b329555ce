"""Fake ATS/STARS: where New York's DIIT office keeps people, sections, enrolments, schedules (F1 to F3)."""

from fakes.ats.rights import Actor
from fakes.ats.rules import Ats
from fakes.ats.store import Store
from fakes.ats.wire import api, create_app

__all__ = ["Actor", "Ats", "Store", "api", "create_app"]
