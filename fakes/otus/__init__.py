"""Fake Otus: accounts, classes and memberships with their provenance, as the sync finds and writes them."""

from fakes.otus.rules import Otus
from fakes.otus.store import Store
from fakes.otus.wire import OtusTokens, api, create_app

__all__ = ["Otus", "OtusTokens", "Store", "api", "create_app"]
