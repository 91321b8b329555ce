"""A disk is full for a sync in a thread of this process, whoever it belongs to."""

import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from simulator.folders import read_only
from simulator.gateway import Ended, Inbox
from simulator.root import is_almighty
from simulator.sut import CallableSut


def writes_where_it_lives(environ: Mapping[str, str]) -> int:
    """Write with threads of its own too; 0 only if all of them could."""
    could = []

    def write(name: str) -> None:
        try:
            Path(environ["SYNC_STATE_DIR"], name).write_text("x", encoding="utf-8")
        except PermissionError:
            return
        could.append(name)

    thread = threading.Thread(target=write, args=("other",))
    thread.start()
    thread.join()
    for name in ("new", "old"):
        write(name)
    assert Path(environ["SYNC_STATE_DIR"], "old").read_text(encoding="utf-8")
    return 0 if len(could) == 3 else 10 + len(could)


@pytest.mark.parametrize(("disk_full", "exit_code"), [(True, 10), (False, 0)])
def test_a_callable_writes_nothing_on_a_full_disk_and_reads_on(tmp_path: Path, disk_full: bool, exit_code: int) -> None:
    (tmp_path / "old").write_text("before", encoding="utf-8")
    inbox = Inbox()

    def run() -> Ended:
        CallableSut(writes_where_it_lives).start({"SYNC_STATE_DIR": str(tmp_path)}, inbox, disk_full=disk_full)
        ended = inbox.get(10)
        assert isinstance(ended, Ended)
        return ended

    if not disk_full:
        assert run().exit_code == exit_code
        return
    with read_only(tmp_path):
        assert run().exit_code == exit_code
    if is_almighty():
        (tmp_path / "new").write_text("this thread may still", encoding="utf-8")
