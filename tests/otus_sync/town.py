"""A town with both systems as models, in which the sync runs whole: by the function, or by the command."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from otus_sync.cli import commands
from otus_sync.clock import written
from otus_sync.log import Log
from otus_sync.settings import Settings
from tests.otus_sync.clever_model import CleverModel, ModelHttp
from tests.otus_sync.otus_model import OtusModel


class Town:
    """Clever and Otus of one district, and the folder of its sync."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, clever: CleverModel | None = None) -> None:
        self.clever = clever or CleverModel()
        self.otus = OtusModel()
        self.clever_http = ModelHttp(self.clever)
        self.readers = None
        self.folder = folder
        self.writes_before = 0

        @contextmanager
        def connected(settings: Settings, log: Log) -> Iterator[Town]:
            yield self

        for module in ("run", "cli"):
            monkeypatch.setattr(f"otus_sync.{module}.connected", connected)

    def environ(self, **more: str) -> Mapping[str, str]:
        """The settings of a run now."""
        return {
            "CLEVER_URL": "http://127.0.0.1:1",
            "CLEVER_TOKEN": "clever-s3cret",
            "OTUS_URL": "http://127.0.0.1:1",
            "OTUS_TOKEN": "otus-s3cret",
            "SYNC_STATE_DIR": str(self.folder),
            "SYNC_NOW": written(self.clever.now),
            "NO_COLOR": "1",
            "COLUMNS": "160",
            **more,
        }

    def command(self, *arguments: str, **more: str) -> Result:
        return CliRunner().invoke(commands, arguments, env=dict(self.environ(**more)), catch_exceptions=False)

    def run(self, **more: str) -> Result:
        """Run the sync by the command; the next run is a day later."""
        result = self.command("run", **more)
        self.clever.pass_days(1)
        return result

    def writes(self) -> int:
        """How many requests have written something since this was last asked."""
        now = len(self.otus.account_requests) + len(self.otus.class_requests)
        written_since, self.writes_before = now - self.writes_before, now
        return written_since
