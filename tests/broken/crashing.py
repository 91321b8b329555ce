"""Syncs that do not survive every kill, each in its own way; they run in forked processes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from otus_sync import app
from tests.simulator.builders import DBN, Client


def leaves_its_dead_runs_alone(environ: Mapping[str, str]) -> int:
    """The real sync, but for one thing: a run of its own that died goes on keeping the others out."""
    with patch("otus_sync.lease.left_behind_of", lambda *_: None):
        return app.nightly(environ)


def notes_before_it_writes(environ: Mapping[str, str]) -> int:
    """A sync that puts down whom it has written, and then writes them: killed in between, it never will."""
    with Client(environ) as client:
        for user in _students(client):
            if _is_new(environ, user["id"]):
                _write_account(client, user)
    return 0


def adds_once_more(environ: Mapping[str, str]) -> int:
    """A sync that adds to what is there, once a day: killed before it has put that down, it adds again."""
    now = environ["SYNC_NOW"][:10]
    note = Path(environ["SYNC_STATE_DIR"]) / now
    with Client(environ) as client:
        for klass in json.loads(client.otus("GET", "/classes").data)["items"]:
            if not note.exists():
                row = {"clever_id": klass["clever_id"], "id": klass["id"], "name": f"{klass['name']} ({now})"}
                client.otus("POST", "/classes/bulk", {"rows": [row]})
                client.clever("/v3.1/districts")
    note.touch()
    return 0


def _students(client: Client) -> list[dict[str, Any]]:
    users: list[dict[str, Any]] = [one["data"] for one in json.loads(client.clever("/v3.1/users").data)["data"]]
    return [user for user in users if "student" in user["roles"] and user.get("email")]


def _is_new(environ: Mapping[str, str], clever_id: str) -> bool:
    note = Path(environ["SYNC_STATE_DIR"]) / clever_id
    is_new = not note.exists()
    note.touch()
    return is_new


def _write_account(client: Client, user: Mapping[str, Any]) -> None:
    row = {
        "clever_id": user["id"],
        "role": "student",
        "email": user["email"],
        "first_name": user["name"]["first"],
        "last_name": user["name"]["last"],
        "sis_id": user["roles"]["student"]["sis_id"],
        "schools": [DBN],
    }
    client.otus("POST", "/accounts/bulk", {"rows": [row]})
