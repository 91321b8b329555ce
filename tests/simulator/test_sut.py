"""The sync under test: how it is named, how it ends, and that nothing of it is left."""

import json
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator.gateway import Ended, Inbox
from simulator.night import in_other_words
from simulator.sut import VARIABLES, CallableSut, CommandSut, UnusableSutError, read_spec
from tests.processes import is_alive
from tests.simulator.builders import Client, asking, nights, the_end, world_of


def python(program: str) -> CommandSut:
    """A sync that is a program in Python."""
    return CommandSut([sys.executable, "-c", program])


def gone(pid: int) -> bool:
    """Whether a process has ended, or does so soon."""
    over = time.monotonic() + 5
    while time.monotonic() < over:
        if not is_alive(pid):
            return True
        time.sleep(0.01)
    return False


# ---------------------------------------------------------------- how it is named


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("", "expected `callable: package.module:function` or `command: program and arguments`"),
        ("otus_sync.app:nightly", "expected `callable: package.module:function` or `command:"),
        ("module: os", "expected `callable:"),
        ("callable", "expected `callable:"),
        ("callable:", "expected package.module:function, with a colon"),
        ("callable: os", "expected package.module:function, with a colon"),
        ("callable: :nightly", "expected package.module:function, both of them"),
        ("callable: os:", "expected package.module:function, both of them"),
        ("callable: no.such.module:f", "No module named 'no'"),
        ("callable: .relative:f", "importing .relative fails: TypeError"),
        ("callable: os:no_such_function", "module os has no 'no_such_function'"),
        ("callable: os:path.join", "module os has no 'path.join'"),
        ("callable: os:sep", "'sep' is a str, not a function"),
        ("command:", "expected a program and its arguments"),
        ("command: no-such-program --now", "there is no program 'no-such-program' on the PATH"),
        ("command: ./no/such/program", "there is no program './no/such/program'"),
        ("command: /etc/passwd", "there is no program '/etc/passwd'"),
        ("command: sh -c 'open", "No closing quotation"),
    ],
)
def test_a_spec_that_cannot_be_a_sync_is_told_with_what_to_write(spec: str, told: str) -> None:
    with pytest.raises(UnusableSutError) as caught:
        read_spec(spec)
    assert told in str(caught.value)
    assert str(caught.value).startswith("--sut")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("def f(:\n", "SyntaxError"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(7)\n", "SystemExit: 7"),
        ("import no_such_thing\n", "No module named 'no_such_thing'"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told_in_one_line(
    content: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "their_sync.py").write_text(content)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UnusableSutError, match="their_sync") as caught:
        read_spec("callable: their_sync:f")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    sys.modules.pop("their_sync", None)


def test_a_callable_is_found_in_the_working_folder_which_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_own_sync.py").write_text("def f(environ):\n    return 0\n")
    (tmp_path / "json.py").write_text("raise RuntimeError('the folder of the user shadows the library')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert isinstance(read_spec("callable: my_own_sync:f"), CallableSut)
    assert sys.path[-1] == str(tmp_path)
    sys.modules.pop("my_own_sync", None)


def test_programs_of_this_python_are_found_first() -> None:
    sut = read_spec("command: python -c pass")
    assert isinstance(sut, CommandSut)
    assert Path(sut._words[0]).parent == Path(sys.executable).parent


def test_a_program_that_is_none_is_told_when_it_is_started(tmp_path: Path) -> None:
    program = tmp_path / "sync"
    program.write_bytes(b"\x00\x01 no program\n")
    program.chmod(0o755)
    with pytest.raises(UnusableSutError, match="cannot be started: Exec format error"):
        read_spec(f"command: {program}").start({}, Inbox())


# ---------------------------------------------------------------- how it ends


def ended_of(sut: CallableSut | CommandSut, environ: Mapping[str, str] | None = None) -> Ended:
    inbox = Inbox()
    sut.start(environ or {}, inbox)
    message = inbox.get(20)
    assert isinstance(message, Ended)
    return message


def raising(error: BaseException) -> CallableSut:
    def sync(_environ: Mapping[str, str]) -> int:
        raise error

    return CallableSut(sync)


def returning(value: object) -> CallableSut:
    return CallableSut(lambda _environ: value)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("value", "ended"),
    [(None, Ended(0, "")), (0, Ended(0, "")), (3, Ended(3, "")), ("all broken", Ended(1, "all broken"))],
)
def test_what_a_function_returns_is_an_exit_code(value: object, ended: Ended) -> None:
    assert ended_of(returning(value)) == ended
    assert ended_of(raising(SystemExit(value))) == ended


def test_a_function_that_raises_fails_with_its_traceback() -> None:
    ended = ended_of(raising(ValueError("no such school")))
    assert ended.exit_code == 1
    assert "Traceback" in ended.output
    assert ended.output.endswith("ValueError: no such school\n")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), GeneratorExit(), MemoryError()])
def test_even_the_strangest_end_of_a_function_is_an_end(error: BaseException) -> None:
    assert ended_of(raising(error)).exit_code == 1


def test_a_command_ends_with_its_exit_code_and_what_it_wrote() -> None:
    program = "import sys; print('out'); print('err', file=sys.stderr, flush=True); sys.exit(7)"
    ended = ended_of(python(program))
    assert ended.exit_code == 7
    assert sorted(ended.output.split()) == ["err", "out"]


def test_of_a_command_that_writes_much_the_end_is_kept() -> None:
    ended = ended_of(python("print('x' * 100_000); print('the last word')"))
    assert ended.output.endswith("x\nthe last word\n")
    assert len(ended.output) == 4000


def test_what_is_no_text_is_shown_all_the_same() -> None:
    assert ended_of(python("import os; os.write(1, b'\\xff\\xfe!')")).output == "\N{REPLACEMENT CHARACTER}" * 2 + "!"


def test_a_command_killed_by_a_signal_ends() -> None:
    assert ended_of(python("import os; os.kill(os.getpid(), 11)")).exit_code == -11


def test_a_command_cannot_ask_the_terminal() -> None:
    assert ended_of(python("import sys; print(repr(sys.stdin.read()))")).output == "''\n"


def test_a_command_is_told_its_world_by_the_documented_variables_and_no_colour() -> None:
    program = "import os, json; print(json.dumps({key: os.environ.get(key) for key in %r}))" % [*VARIABLES, "NO_COLOR"]
    with world_of() as world:
        environ = world.sync_environment(world.state_folder)
        told = json.loads(ended_of(python(program), environ).output)
    assert set(environ) == set(VARIABLES)
    assert told == environ | {"NO_COLOR": "1"}
    assert told["SYNC_NOW"] == "2026-09-14T12:00:00.000Z"


# ---------------------------------------------------------------- what must not be left


def test_a_command_that_hangs_is_killed_with_its_children_within_the_limit(tmp_path: Path) -> None:
    child = f"import os, time; open({str(tmp_path / 'child')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    program = (
        "import os, subprocess, sys, time\n"
        f"open({str(tmp_path / 'parent')!r}, 'w').write(str(os.getpid()))\n"
        f"subprocess.run([sys.executable, '-c', {child!r}])\n"
    )
    began = time.perf_counter()
    with world_of(python(program), sync_real_seconds_max=1.0) as world:
        nights(world)
        end = the_end(world)
    assert (end.outcome, end.reason) == ("hung", "the sync said nothing for 1 s of real time")
    assert time.perf_counter() - began < 8
    assert gone(int((tmp_path / "parent").read_text()))
    assert gone(int((tmp_path / "child").read_text()))


def test_a_command_that_leaves_a_child_behind_has_not_ended_until_the_child_has(tmp_path: Path) -> None:
    program = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\n"
    )
    with world_of(python(program), sync_real_seconds_max=1.5) as world:
        nights(world)
        assert the_end(world).outcome == "hung"
    assert gone(int((tmp_path / "child").read_text()))


def test_a_world_that_closes_while_its_sync_runs_ends_it(tmp_path: Path) -> None:
    program = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    with world_of(python(program)) as world:
        world.line.running = world.sut.start({}, world.inbox)
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.01)
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_function_that_asks_for_ever_is_stopped_and_its_thread_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.night.MESSAGES_MAX", 50)

    def ask(client: Client) -> None:
        while True:
            try:
                client.clever("/v3.1/users")
            except Exception:  # noqa: BLE001 - a sync that never gives up
                continue

    with world_of(asking(ask)) as world:
        nights(world)
        end = the_end(world)
    assert (end.outcome, end.reason) == ("hung", "the sync asked and slept more than 50 times")
    assert end.requests == 50
    assert no_sync_is_left()


def test_a_function_that_computes_for_ever_is_stopped_and_its_thread_ends() -> None:
    def compute(_environ: Mapping[str, str]) -> int:
        while True:
            sum(range(100))

    with world_of(compute, sync_real_seconds_max=0.3) as world:
        nights(world)
        assert the_end(world).outcome == "hung"
    assert no_sync_is_left()


def test_the_late_end_of_a_stopped_run_is_not_taken_for_the_end_of_the_next() -> None:
    calls: list[int] = []
    go_on = threading.Event()

    def sync(_environ: Mapping[str, str]) -> int:
        calls.append(1)
        if len(calls) == 1:
            go_on.wait(20)  # waits for real: nothing of the harness can end it
            return 7
        go_on.set()
        time.sleep(60)
        return 0

    with world_of(sync, sync_real_seconds_max=0.3) as world:
        nights(world, 2)
        first, second = world.runner.ends
    assert first.outcome == "hung"
    assert (second.outcome, second.ended - second.started) == ("succeeded", timedelta(seconds=60))
    assert no_sync_is_left()


def test_a_sync_that_sleeps_beyond_the_limit_of_simulated_time_is_stopped_at_the_limit() -> None:
    def sync(_environ: Mapping[str, str]) -> int:
        time.sleep(10 * 3600)
        return 0

    with world_of(sync, sync_simulated_hours_max=2.0) as world:
        nights(world)
        end = the_end(world)
        assert world.clock() == end.started + timedelta(hours=2)
    assert (end.outcome, end.reason) == ("hung", "the sync still ran after 2 simulated hours")
    assert no_sync_is_left()


def test_a_sleep_of_three_thousand_years_is_stopped_like_any_other() -> None:
    def sync(_environ: Mapping[str, str]) -> int:
        time.sleep(1e11)
        return 0

    with world_of(sync) as world:
        nights(world)
        assert the_end(world).outcome == "hung"


def test_many_small_sleeps_reach_the_limit_too() -> None:
    def sync(_environ: Mapping[str, str]) -> int:
        while True:
            time.sleep(600)

    with world_of(sync, sync_simulated_hours_max=3.0) as world:
        nights(world)
        end = the_end(world)
    assert end.outcome == "hung"
    assert end.ended - end.started == timedelta(hours=3)


def test_a_run_at_the_very_limit_is_still_good() -> None:
    def sync(_environ: Mapping[str, str]) -> int:
        time.sleep(2 * 3600)
        return 0

    with world_of(sync, sync_simulated_hours_max=2.0) as world:
        nights(world)
        assert the_end(world).outcome == "succeeded"


_BEFORE: set[threading.Thread] = set()


@pytest.fixture(autouse=True)
def _note_threads() -> None:
    """A sync of another test may hang in this process for good."""
    _BEFORE.clear()
    _BEFORE.update(threading.enumerate())


def no_sync_is_left() -> bool:
    over = time.monotonic() + 5
    while time.monotonic() < over:
        if not any(t.name == "sync-under-test" and t not in _BEFORE for t in threading.enumerate()):
            return True
        time.sleep(0.01)
    return False


def test_a_text_of_the_sync_names_no_token_port_or_folder() -> None:
    environ = {
        "CLEVER_TOKEN": "c0ffee",
        "OTUS_TOKEN": "integration-0",
        "SYNC_STATE_DIR": "/dev/shm/rostersim-x/state",
        "CLEVER_URL": "http://127.0.0.1:40001",
        "OTUS_URL": "http://127.0.0.1:40002",
    }
    text = "GET http://127.0.0.1:40001/v3.1 with c0ffee: port=40002, see /dev/shm/rostersim-x/state/ledger.db (140001)"
    assert in_other_words(text, environ) == (
        "GET $CLEVER_URL/v3.1 with $CLEVER_TOKEN: port=$OTUS_URL's port, see $SYNC_STATE_DIR/ledger.db (140001)"
    )


# ---------------------------------------------------------------- which time a command sees


def test_a_command_without_libfaketime_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **_: None if name == "faketime" else f"/usr/bin/{name}")
    with pytest.raises(UnusableSutError, match="install libfaketime, or leave --clock out"):
        read_spec("command: node sync.mjs", "faketime")


def test_libfaketime_is_for_commands() -> None:
    with pytest.raises(UnusableSutError, match="is for commands"):
        read_spec("callable: otus_sync.app:nightly", "faketime")


def test_a_command_with_libfaketime_begins_at_the_simulated_moment(tmp_path: Path) -> None:
    faketime = tmp_path / "faketime"
    faketime.write_text('#!/bin/sh\necho "$1 $2"\nshift 2\nexec "$@"\n')
    faketime.chmod(0o755)
    sut = CommandSut([sys.executable, "-c", "print('ran')"], str(faketime))
    moment = datetime(2026, 9, 15, 5, 0, tzinfo=UTC)
    ended = ended_of(sut, {"SYNC_NOW": "2026-09-15T05:00:00.000Z"})
    assert ended == Ended(0, f"-f @{moment.astimezone():%Y-%m-%d %H:%M:%S}\nran\n")
