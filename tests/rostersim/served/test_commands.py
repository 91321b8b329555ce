"""The log of a served world: torn, damaged, and what counts of it."""

from pathlib import Path

import pytest

from rostersim.served.commands import (
    FORMAT,
    Advance,
    AnyCommand,
    Begin,
    CommandLog,
    LogDamagedError,
    Paused,
    Perform,
    Restore,
    Rewind,
    Save,
    history_of,
    read_log,
    write_beginning,
)

BEGIN = Begin(FORMAT, "a story", "title: x\n", False, 0, "external")
FIRST = Advance(at="2026-09-14T12:00:00.000Z", to="2026-09-15T12:00:00.000Z")
SECOND = Perform(at="2026-09-15T12:00:00.000Z", steps="{sync: run now}")
THIRD = Advance(at="2026-09-15T12:00:01.000Z", to="2026-09-17T12:00:00.000Z")


def written(tmp_path: Path) -> Path:
    path = write_beginning(tmp_path / "main", BEGIN)
    log = CommandLog(path)
    log.append(FIRST)
    log.append(SECOND)
    log.close()
    return path


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    assert read_log(written(tmp_path)) == (BEGIN, [FIRST, SECOND], "")


def test_wherever_the_last_line_is_torn_the_rest_is_kept_and_it_is_said(tmp_path: Path) -> None:
    path = written(tmp_path)
    content = path.read_bytes()
    last = content.rindex(b"\n", 0, -1) + 1
    for end in range(last + 1, len(content)):
        path.write_bytes(content[:end])
        read = read_log(path)
        assert (read.commands, "never done" in read.note) == ([FIRST], True)
        assert path.read_bytes() == content[:end]  # reading changes nothing
        log = CommandLog(path)
        log.append(SECOND)
        log.close()
        assert (read_log(path), path.read_bytes()) == ((BEGIN, [FIRST, SECOND], ""), content)


def test_a_damaged_line_in_the_middle_is_named_and_nothing_is_changed(tmp_path: Path) -> None:
    path = written(tmp_path)
    content = path.read_bytes()
    damaged = content.replace(b'"advance"', b'"advanze"')
    path.write_bytes(damaged)
    with pytest.raises(LogDamagedError, match=r"commands\.log:2: this line is damaged"):
        read_log(path)
    assert path.read_bytes() == damaged


def test_a_log_of_another_format_is_refused(tmp_path: Path) -> None:
    path = write_beginning(tmp_path / "main", Begin("rostersim world 9", "", "", False, 0, ""))
    with pytest.raises(LogDamagedError, match="'rostersim world 9'; this rostersim reads"):
        read_log(path)


def test_a_restored_snapshot_undoes_what_came_after_it() -> None:
    log: list[AnyCommand] = [FIRST, Save(at=FIRST.to, name="a"), SECOND, Restore(at=FIRST.to, name="a"), THIRD]
    assert history_of(log).commands == (FIRST, THIRD)
    assert history_of([*log, Restore(at=THIRD.to, name="a")]).commands == (FIRST,)


def test_a_rewind_keeps_what_was_done_until_the_moment() -> None:
    to = "2026-09-16T12:00:00.000Z"
    assert history_of([FIRST, SECOND, THIRD, Rewind(at=THIRD.to, to=to)]).commands == (
        FIRST,
        SECOND,
        Advance(at=to, to=to),
    )


def test_a_paused_advance_ends_where_it_was_stopped() -> None:
    stopped = Paused(at="2026-09-16T12:00:00.000Z")
    assert history_of([FIRST, SECOND, THIRD, stopped]).commands[-1] == Advance(at=THIRD.at, to=stopped.at)
