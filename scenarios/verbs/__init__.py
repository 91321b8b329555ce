"""What people do in a story: one struct a verb, by system. The structs are the language's reference and schema."""

import importlib

from scenarios.verbs.step import VERBS, Step

for _system in ("ats", "clever", "feed", "otus", "sync", "fault"):
    importlib.import_module(f"scenarios.verbs.{_system}")

__all__ = ["VERBS", "Step"]
