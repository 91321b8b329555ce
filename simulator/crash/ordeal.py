"""One night is put to the test: the sync is killed at every request, and run again (A15).

The world stands still at the moment before the night. For each kill Clever, Otus and the sync's own folder are copied;
the sync runs there and is killed, runs again, and once more. What Otus holds then must be what it holds after a run
that was never killed, ids included; Clever must hold what it held; and the third run must write nothing.

Many kills leave the very same behind: while a sync reads, nothing changes anywhere. What runs after a kill can know of
it by nothing but Otus, Clever and the folder, and it starts at the same moment. So where these are, byte for byte, what
another kill has left behind, what was found then holds, and is not found out again.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from simulator.crash.kills import Kill, all_kills
from simulator.crash.picture import Picture, differences, picture_of, untouchable
from simulator.crash.results import Miss, Ordeal
from simulator.crash.trial import Trial, run_on
from simulator.folders import temporary_folder
from simulator.views import OtusView

if TYPE_CHECKING:
    from simulator.world import Copy, World

RESTART_AFTER = timedelta(minutes=5)
"""After a crash somebody starts the sync again: so much later, in simulated time."""
GOOD_ENDS = ("succeeded", "held")

Aftermath = bytes
"""A digest of all that a kill has left behind."""
Tell = Callable[[int, int], None]
"""Told after every kill how many have been tried, of how many."""


class _Measure(NamedTuple):
    """What the run that is never killed came to."""

    trial: Trial
    otus: OtusView
    picture: Picture


class NightOrdeal:
    """Puts one run to the test, in a world that stands right before it.

    Args:
        world: whose sync runs in processes.
        night: its number.
        run: which of the story's runs it is, from 1.
        restart_after: how much later than the night the sync is started again, simulated.
        thorough: run the sync again after every kill, also where the same was left behind by another.
    """

    def __init__(
        self,
        world: "World",
        night: int,
        run: int,
        restart_after: timedelta = RESTART_AFTER,
        *,
        thorough: bool = False,
    ) -> None:
        self._world = world
        self._night = night
        self._run = run
        self._restart_after = restart_after
        self._thorough = thorough
        self._known: dict[Aftermath, list[str]] = {}
        """What is wrong after the sync has run again, by what it found."""
        self._starts = world.clock()
        self._clever = world.clever_view()
        self._before = world.otus_view()
        self._kept = untouchable(self._before)
        self._measure, self._flaw = self._measured()

    @property
    def requests(self) -> int:
        """Of the run that is never killed."""
        return self._measure.trial.requests

    @property
    def is_busy(self) -> bool:
        """Whether the run that is never killed is worth the while: it writes something, and ends well."""
        return self._measure.trial.writes > 0 and self._measure.trial.end in GOOD_ENDS

    def go(self, kills: Sequence[Kill] = (), tell: Tell = lambda *_: None) -> Ordeal:
        """Try kills, and say what they have shown.

        Args:
            kills: by default all there are.
            tell: told of the progress.
        """
        trial = self._measure.trial
        ordeal = Ordeal(self._night, self._run, trial.end, trial.requests, trial.writes, flaw=self._flaw)
        if self._flaw:
            return ordeal
        chosen = kills or all_kills(trial.requests)
        misses: list[Miss] = []
        killed = 0
        for number, kill in enumerate(chosen, start=1):
            found_alive, what = self._try(kill)
            killed += found_alive
            if what:
                misses.append(Miss(kill, self._line(kill), tuple(what)))
            tell(number, len(chosen))
        return msgspec.structs.replace(
            ordeal, points=len(chosen), killed=killed, aftermaths=len(self._known), misses=tuple(misses)
        )

    def _line(self, kill: Kill) -> str:
        lines = self._measure.trial.lines
        return lines[kill.request - 1] if kill.request <= len(lines) else "(no such request)"

    def _measured(self) -> tuple[_Measure, str]:
        """Run the sync without a kill, and once more; tell what speaks against taking it as a measure."""
        with self._apart() as (copy, folder):
            trial = run_on(self._world, copy, folder, self._starts)
            otus = copy.otus_view()
            measure = _Measure(trial, otus, picture_of(otus, self._before))
            if trial.end not in GOOD_ENDS:
                return measure, f"the run that is never killed ends {trial.end}: {trial.said}"
            flaws = self._restless(copy, folder, trial)
        return measure, f"the run that is never killed is not at rest: {'; '.join(flaws)}" if flaws else ""

    def _try(self, kill: Kill) -> tuple[bool, list[str]]:
        """Kill the sync once; tell whether it was alive, and what is wrong then and after it has run again."""
        with self._apart() as (copy, folder):
            killed = run_on(self._world, copy, folder, self._starts, kill, several=self._measure.trial.several)
            wrong = [f"{what} was touched" for what, _ in sorted(self._kept - untouchable(copy.otus_view()))]
            if copy.clever_view() != self._clever:
                wrong.append("Clever holds something else than before the night")
            aftermath = _digest(copy, folder)
            if self._thorough or aftermath not in self._known:
                self._known[aftermath] = self._run_again(copy, folder, killed)
            return killed.end == "killed", wrong + self._known[aftermath]

    def _run_again(self, copy: "Copy", folder: Path, killed: Trial) -> list[str]:
        """Run the sync again after a kill, and say what is wrong then."""
        again = run_on(self._world, copy, folder, max(self._starts + self._restart_after, killed.over))
        wrong = []
        if again.end != self._measure.trial.end:
            said = f" ({again.said})" if again.said else ""
            wrong.append(f"the run after it ended {again.end}{said}, and must end {self._measure.trial.end}")
        otus = copy.otus_view()
        if otus.without_moments() != self._measure.otus.without_moments():
            wrong += differences(picture_of(otus, self._before), self._measure.picture)
        return wrong + self._restless(copy, folder, again)

    def _restless(self, copy: "Copy", folder: Path, last: Trial) -> list[str]:
        """Run the sync once more: it must write nothing, as nothing has happened since (A15)."""
        held = copy.otus_view().without_moments()
        once_more = run_on(self._world, copy, folder, last.over + self._restart_after)
        wrong = []
        if once_more.end != last.end:
            wrong.append(f"one more run ended {once_more.end} ({once_more.said})")
        if once_more.writes or copy.otus_view().without_moments() != held:
            wrong.append(f"one more run wrote again: {once_more.writes} requests")
        return wrong

    @contextmanager
    def _apart(self) -> Iterator[tuple["Copy", Path]]:
        """Copy the world's systems and the sync's folder; throw the copies away in the end."""
        with self._world.copied() as copy, temporary_folder() as folder:
            shutil.copytree(self._world.state_folder, folder / "state")
            yield copy, folder / "state"


def _digest(copy: "Copy", folder: Path) -> Aftermath:
    """Digest all that the next run can know of the one before, but Clever, which a sync can only read."""
    digest = hashlib.blake2b(copy.otus_image(), digest_size=16)
    for path in sorted(folder.rglob("*")):
        digest.update(f"{path.relative_to(folder)}\0".encode())
        if path.is_file():
            digest.update(hashlib.blake2b(path.read_bytes()).digest())
    return digest.digest()
