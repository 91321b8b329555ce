"""Answers when a night will finish: measures samples, fits, simulates, and says how sure that is."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import msgspec

from loadtests.forecast.model import Course, Growth, Step, course_of, fit, growth
from loadtests.forecast.sample import NightKind, Sample, measure
from loadtests.forecast.simulate import Conditions, Simulated, simulate
from loadtests.forecast.trace import Trace
from loadtests.generate.size import Size, Wish, size_of
from loadtests.load.measure import command_of, machine
from loadtests.load.result import NIGHT_BEGINS

SAMPLE_SCHOOLS = 96
"""Enough for several full batches and pages: their size shows, and what only warms up weighs little."""
SAMPLE_PART = 8
"""The largest sample has at least this part of the schools: so much further no line is drawn than it was measured."""
SAMPLE_PARTS = (1, 2, 4)
"""The samples have the most schools divided by these; three sizes tell what is fixed from what grows."""
OFTEN_SCHOOLS_MAX = 4 * SAMPLE_SCHOOLS
"""So many schools a night is measured whole after each round of samples, a larger one once."""
REPEATS = 3
ERROR_PERCENT_GOAL = 10.0
SLICES = 60

Tell = Callable[[str, int, int], None]
"""Told what is being done, and how much of how much is done."""


class Asking(NamedTuple):
    """What is asked for."""

    wish: Wish
    night: NightKind = "first"
    conditions: Conditions = Conditions()
    sut: str = "command: otus-sync run"
    seed: int = 0
    repeats: int = REPEATS
    """How often each size of sample is measured, each time another district."""
    validate: bool = False
    """Whether the whole night is measured too."""


class Validation(msgspec.Struct, frozen=True):
    """The forecast against a night that was really measured, whole."""

    measured_seconds: float
    forecast_seconds: float
    """For the cores that others left to that night."""
    requests: int
    """That were measured."""
    requests_forecast: int
    whole: Trace
    """The night that was measured."""
    errors_percent: tuple[float, ...] = ()
    """Of all times that it was measured, the least first; this is the median."""

    @property
    def others(self) -> float:
        """How many others wanted a core meanwhile, on average."""
        felt = [count for counts in self.whole.others.values() for count in counts]
        return fmean(felt) if felt else 0.0

    @property
    def error_percent(self) -> float:
        """By how much the forecast is above the measured time, in percent of it; below 0 if it is under it."""
        return 100 * (self.forecast_seconds - self.measured_seconds) / self.measured_seconds

    @property
    def held(self) -> bool:
        """Whether the error is within the goal."""
        return abs(self.error_percent) <= ERROR_PERCENT_GOAL


class Planned(msgspec.Struct, frozen=True):
    """One group of requests of the forecast night."""

    step: Step
    began: float
    """Seconds since the night began."""
    answered: float
    ended: float


class Slice(msgspec.Struct, frozen=True):
    """How many requests end in one slice of time."""

    second: float
    system: str
    requests: int


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """When a night will finish, and why."""

    night: NightKind
    sut: str
    machine: str
    size: Size
    conditions: Conditions
    seconds: float
    low_seconds: float
    high_seconds: float
    """The band: the least and the most that any choice of the measured samples would have said, or all of them if
    every student adds the same, or if they grow on as they did from size to size."""
    growth: Growth | None
    start_seconds: float
    plan: tuple[Planned, ...]
    traffic: tuple[Slice, ...]
    slice_seconds: float
    limited_seconds: float
    """How long the sync waits because Clever's rate limit is used up."""
    samples: tuple[Trace, ...]
    validation: Validation | None = None

    @property
    def requests(self) -> int:
        """How many requests the night takes, those that are refused for the rate limit left out."""
        return sum(there.step.requests for there in self.plan)

    @property
    def finishes(self) -> str:
        """When it finishes, with its band: ``01:23 (01:20-01:27)``."""
        with_seconds = self.high_seconds < 3600
        low, high = (clock(seconds, with_seconds) for seconds in (self.low_seconds, self.high_seconds))
        return f"{clock(self.seconds, with_seconds)} ({low}-{high})"

    def is_before(self, deadline: str) -> bool:
        """Tell whether all of the band lies before a time of the same night.

        Args:
            deadline: ``06:00``.
        """
        return self.high_seconds <= (_at(deadline) - _at(NIGHT_BEGINS)).total_seconds()


def clock(seconds: float, with_seconds: bool) -> str:
    """Write the time so long after the night's begin.

    Args:
        seconds: since then.
        with_seconds: whether the answer has seconds.
    """
    then = _at(NIGHT_BEGINS) + timedelta(seconds=round(seconds))
    days = then.toordinal() - _at(NIGHT_BEGINS).toordinal()
    text = f"{then:%H:%M:%S}" if with_seconds else f"{then:%H:%M}"
    return text if days == 0 else f"{text} +{days} d"


def _at(moment: str) -> datetime:
    return datetime.combine(datetime.min, time.fromisoformat(moment))  # noqa: DTZ901 - no day, no zone


def forecast(asking: Asking, tell: Tell) -> Forecast:
    """Measure samples and say when the night will finish.

    Args:
        asking: of what.
        tell: told how far it is.

    Raises:
        UnusableSize: no district can be of this size.
        UnusableSutError: the sync cannot be started.
        SyncFailed: it failed on a sample, or was wrong.
        NothingAsked: it has not talked to the fakes.
        WorkerDied: a process of the fakes has died.
        NoRoom: memory or disk will not do.
    """
    size = size_of(asking.wish)
    command = command_of(asking.sut)
    # Size after size, and then all of them again: what else the machine does meanwhile then befalls all sizes alike.
    todo = list(_to_measure(asking, size, command))
    traces: list[Trace] = []
    wholes: list[Trace] = []
    for number, sample in enumerate(todo):
        tell(f"measuring {sample.wish.schools:,} schools", number, len(todo))
        (wholes if sample.is_whole else traces).append(_measured(sample))
    found = reckon(asking, size, traces)
    if wholes:
        found = msgspec.structs.replace(found, validation=validation_of(found, wholes))
    tell("done", len(todo), len(todo))
    return found


def _to_measure(asking: Asking, size: Size, command: Sequence[str]) -> Iterator[Sample]:
    """Choose what to measure: whole nights amid the samples, as a machine's speed changes from minute to minute."""
    often = size.schools <= OFTEN_SCHOOLS_MAX
    for repeat in range(asking.repeats):
        seed = asking.seed + repeat
        yield from _samples(asking, size, seed, command)
        if asking.validate and (often or repeat == (asking.repeats - 1) // 2):
            yield _whole_night(asking, size, seed, command)


def _samples(asking: Asking, size: Size, seed: int, command: Sequence[str]) -> list[Sample]:
    return [Sample(wish, asking.night, seed, command) for wish in sample_wishes(asking.wish, size)]


def sample_wishes(wish: Wish, size: Size) -> list[Wish]:
    """Choose the samples: districts of the same proportions with fewer schools, the smallest first.

    Args:
        wish: for the whole district.
        size: of it.
    """
    most = min(max(SAMPLE_SCHOOLS, size.schools // SAMPLE_PART), size.schools)
    counts = sorted({max(1, most // part) for part in SAMPLE_PARTS})
    return [Wish(wish.preset, schools, max(20 * schools, _part(size, schools))) for schools in counts]


def _part(size: Size, schools: int) -> int:
    return round(size.students * schools / size.schools)


def _whole_night(asking: Asking, size: Size, seed: int, command: Sequence[str]) -> Sample:
    under = asking.conditions
    return Sample(
        wish=Wish(asking.wish.preset, size.schools, size.students),
        night=asking.night,
        seed=seed,
        command=command,
        in_flight=under.in_flight,
        latency_ms=under.latency_ms,
        rate_limit_per_minute=under.rate_limit_per_minute,
        clever_workers=under.clever_workers,
        is_whole=True,
    )


def _measured(sample: Sample) -> Trace:
    with tempfile.TemporaryDirectory(prefix="rostersim-forecast-", ignore_cleanup_errors=True) as workspace:
        return measure(sample, Path(workspace))


def validation_of(found: Forecast, wholes: Sequence[Trace]) -> Validation:
    """Set a forecast against the night itself; measured several times, against the one with the median error.

    A forecast is for a machine that does nothing else. So that it can be set against a night during which others
    wanted the cores too, it is played once more with as many of them.

    Args:
        found: the forecast.
        wholes: the night, each time that it was measured.
    """
    course = course_of(fit(found.samples), found.size.students)
    all_of_them = sorted(
        (_against(found, course, whole) for whole in wholes), key=lambda validation: validation.error_percent
    )
    median = all_of_them[(len(all_of_them) - 1) // 2]
    errors = tuple(validation.error_percent for validation in all_of_them)
    return msgspec.structs.replace(median, errors_percent=errors)


def _against(found: Forecast, course: Course, whole: Trace) -> Validation:
    under = msgspec.structs.replace(found.conditions, others=whole.others)
    requests = sum(group.requests for group in whole.groups)
    return Validation(whole.seconds, simulate(course, under).seconds, requests, found.requests, whole)


def reckon(asking: Asking, size: Size, traces: Sequence[Trace]) -> Forecast:
    """Forecast from measured samples; the same samples, the same forecast.

    Args:
        asking: what is asked for.
        size: of the district.
        traces: the samples.
    """
    course = course_of(fit(traces), size.students)
    night = simulate(course, asking.conditions)
    others = [simulate(course_of(fit(chosen), size.students), asking.conditions).seconds for chosen in choices(traces)]
    others.append(simulate(course_of(fit(traces, "straight"), size.students), asking.conditions).seconds)
    grows = growth(traces)
    if grows is not None:
        others.append(night.seconds + grows.at(size.students) - course.seconds)
    slice_seconds = max(0.1, night.seconds / SLICES)
    return Forecast(
        night=asking.night,
        sut=asking.sut,
        machine=machine(),
        size=size,
        conditions=asking.conditions,
        seconds=night.seconds,
        low_seconds=min(night.seconds, *others),
        high_seconds=max(night.seconds, *others),
        growth=grows,
        start_seconds=course.start_seconds,
        plan=tuple(_planned(course, night)),
        traffic=_traffic(night, slice_seconds),
        slice_seconds=slice_seconds,
        limited_seconds=night.limited_seconds,
        samples=tuple(traces),
    )


def choices(traces: Sequence[Trace]) -> Iterator[Sequence[Trace]]:
    """Give every choice of one sample a size, with and without the smallest size.

    How far apart they lie shows the noise; what becomes of it without the smallest shows whether the line is one.

    Args:
        traces: the samples.
    """
    by_size: dict[int, list[Trace]] = {}
    for trace in sorted(traces, key=lambda trace: trace.students):
        by_size.setdefault(trace.students, []).append(trace)
    sizes = list(by_size.values())
    yield from product(*sizes)
    if len(sizes) > len(SAMPLE_PARTS) - 1:
        yield from product(*sizes[1:])


def _planned(course: Course, night: Simulated) -> Iterator[Planned]:
    for step, span in zip(course.steps, night.spans, strict=True):
        yield Planned(step, span.began, span.answered, span.ended)


def _traffic(night: Simulated, slice_seconds: float) -> tuple[Slice, ...]:
    sums: dict[tuple[int, str], int] = {}
    for asked in night.asked:
        key = (int(asked.ended / slice_seconds), "refused" if asked.refused else asked.system)
        sums[key] = sums.get(key, 0) + 1
    return tuple(Slice(number * slice_seconds, system, count) for (number, system), count in sorted(sums.items()))
