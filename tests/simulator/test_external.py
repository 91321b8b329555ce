"""A sync that somebody else starts: what they are told, and when it is over."""

import threading
from typing import Any

import pytest

from simulator.external import ExternalSut
from simulator.sut import read_spec
from tests.simulator.builders import Client, nights, the_end, world_of


class Person:
    """Somebody at another terminal, who starts the sync when the environment is shown."""

    def __init__(self, status: str) -> None:
        self.shown = ""
        self._status = status

    def write(self, text: str) -> int:
        self.shown += text
        return len(text)

    def flush(self) -> None:
        lines = [line.strip().partition("=") for line in self.shown.splitlines() if line.startswith("  ")]
        environ = {name: value for name, _, value in lines}
        threading.Thread(target=self._run, args=(environ,)).start()

    def _run(self, environ: dict[str, str]) -> None:
        with Client(environ) as client:
            run = client.otus("POST", "/sync-runs", {}).json()["id"]
            client.otus("PATCH", f"/sync-runs/{run}", {"reason": "at work"})
            client.otus("PATCH", f"/sync-runs/{run}", {"status": self._status, "reason": "because"})


@pytest.mark.parametrize("status", ["succeeded", "failed", "held"])
def test_the_environment_is_shown_and_the_run_is_over_when_it_reports_its_end(
    status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(status)
    monkeypatch.setattr("sys.stderr", person)
    with world_of(read_spec("external")) as world:
        nights(world)
        end = the_end(world)
    assert (end.outcome, end.reason, end.requests) == (status, "because", 3)
    assert "SYNC_NOW=2026-09-15T05:00:00.000Z" in person.shown
    assert "Enter" not in person.shown


def test_a_person_at_a_terminal_ends_it_with_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return "\n"

    monkeypatch.setattr("sys.stdin", Terminal())
    with world_of(ExternalSut()) as world:
        nights(world)
        assert (the_end(world).outcome, the_end(world).requests) == ("succeeded", 0)


def test_nobody_who_starts_it_is_a_run_that_hangs_and_the_wait_for_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Any] = []
    sut = ExternalSut()

    def start(*arguments: Any, **words: Any) -> Any:
        runs.append(ExternalSut.start(sut, *arguments, **words))
        return runs[-1]

    monkeypatch.setattr(sut, "start", start)
    with world_of(sut, sync_real_seconds_max=0.3) as world:
        nights(world)
        assert the_end(world).outcome == "hung"
    assert runs[0].is_over()
