"""A slow line to a system."""

import threading

import pytest
import urllib3

from loadtests.load.slow_line import slow_line
from tests.otus_sync.wires import Answer, scripted


def test_answers_come_through_whole_and_every_request_on_a_connection_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"x" * 300_000
    waited: list[float] = []
    import asyncio

    real = asyncio.sleep

    async def noted(seconds: float) -> None:
        waited.append(seconds)
        await real(0)

    monkeypatch.setattr("loadtests.load.slow_line.asyncio.sleep", noted)
    with scripted([Answer(200, body)]) as script, slow_line(script.url, 250) as url, urllib3.PoolManager() as pool:
        for number in range(3):
            assert pool.request("POST", f"{url}/page/{number}", body=body).data == body
    assert waited == [0.25] * 3
    assert [asked.path for asked in script.asked] == ["/page/0", "/page/1", "/page/2"]


def test_nothing_of_it_is_left_though_a_client_still_holds_its_connection() -> None:
    before = threading.active_count()
    with urllib3.PoolManager() as pool:
        with scripted([Answer()]) as script, slow_line(script.url, 0) as url:
            pool.request("GET", url)
        assert threading.active_count() <= before + 1
        assert not [thread for thread in threading.enumerate() if thread.name == "slow-line"]
