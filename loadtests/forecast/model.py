"""The model of a run: every quantity of every group of requests is a line over the size of the district.

A line has two parts, what a run costs however small the district is, and what each student adds; samples of several
sizes tell them apart. Times are lines over n log n: Otus finds each record in indexes, the sync sorts them, and from a
sample to New York an account of a bulk write was measured to take longer just so. How many requests there are follows
from the records and the size of a page or batch.
"""

import math
import statistics
from collections.abc import Sequence
from typing import Literal

import msgspec

from loadtests.forecast.trace import Group, System, Trace, merged

SIZES_OF_A_CURVE = 3


Shape = Literal["straight", "bent"]
"""How a quantity grows: each student adds the same, or as much more as there are others to look up or sort it among."""


class Line(msgspec.Struct, frozen=True):
    """``fixed + per_student * students``, neither of them below 0; a bent one takes n log n for n students."""

    fixed: float
    per_student: float
    shape: Shape = "straight"

    def at(self, students: int) -> float:
        """Give the value for a district of so many students."""
        return self.fixed + self.per_student * _weight(students, self.shape)


def _weight(students: int, shape: Shape) -> float:
    return students * math.log2(max(2, students)) if shape == "bent" else float(students)


class GroupModel(msgspec.Struct, frozen=True):
    """A group of requests, for a district of any size."""

    kind: str
    system: System
    is_read: bool
    limit: int | None
    """Records of a full page or batch; ``None`` where no sample has shown one: then requests are a line too."""
    requests: Line
    records: Line
    bytes: Line
    server_seconds: Line
    server_core_seconds: Line
    client_seconds: Line
    client_core_seconds: Line


class Model(msgspec.Struct, frozen=True):
    """A run, for a district of any size."""

    start_seconds: Line
    groups: tuple[GroupModel, ...]


class Step(msgspec.Struct, frozen=True):
    """A group of requests of one particular night."""

    kind: str
    system: System
    is_read: bool
    requests: int
    records: int
    bytes: int
    server_seconds: float
    """Of all of its requests together, as are those below."""
    client_seconds: float
    server_core_seconds: float
    """Of these seconds, on a core."""
    client_core_seconds: float

    @property
    def is_chained(self) -> bool:
        """Whether a request can only be sent once the one before was answered, as a page names the next one."""
        return self.is_read


class Course(msgspec.Struct, frozen=True):
    """What one particular night consists of."""

    start_seconds: float
    steps: tuple[Step, ...]

    @property
    def seconds(self) -> float:
        """All work, one thing after the other."""
        return self.start_seconds + sum(step.server_seconds + step.client_seconds for step in self.steps)


def fit_line(students: Sequence[int], values: Sequence[float], shape: Shape = "straight") -> Line:
    """Fit a line by least squares; where it would begin or fall below 0, the best one that does not.

    Args:
        students: the sizes.
        values: at each of them.
        shape: of the line.

    Raises:
        ValueError: there is no value, or not one for each size.
    """
    if not values or len(students) != len(values):
        raise ValueError(f"{len(students)} sizes and {len(values)} values: expected as many, and one at least")
    weights = [_weight(size, shape) for size in students]
    if len(set(students)) > 1:
        slope, fixed = statistics.linear_regression(weights, values)
        if slope < 0:
            return Line(statistics.fmean(values), 0.0, shape)
        if fixed >= 0:
            return Line(fixed, slope, shape)
    # One size says nothing of what is fixed, so all is taken to grow.
    slope = sum(x * y for x, y in zip(weights, values, strict=True)) / sum(x * x for x in weights)
    return Line(0.0, slope, shape)


def fit(traces: Sequence[Trace], shape: Shape = "bent") -> Model:
    """Fit a model to measured runs.

    Args:
        traces: of samples; of one size there may be several. Each quantity counts by its median there: a sample that a
            busy disk or neighbour has kept back, which waits for cores do not show, then does not count.

        shape: of the lines of all times; records, bytes and requests grow straight.

    Raises:
        ValueError: there is none.
    """
    if not traces:
        raise ValueError("a model needs one measured run at least")
    alike = _alike(traces)
    largest = max(trace.students for trace in alike)
    keys = list(dict.fromkeys(group.key for trace in _largest_first(alike) for group in trace.groups))
    start = _line([(trace.students, trace.start_seconds) for trace in alike], shape)
    return Model(start, tuple(_group_model(key, alike, largest, shape) for key in keys))


def _alike(traces: Sequence[Trace]) -> Sequence[Trace]:
    """Make sure that the same group means the same in all runs."""
    sequences = {tuple(group.key for group in trace.groups) for trace in traces}
    return traces if len(sequences) == 1 else [merged(trace) for trace in traces]


def _largest_first(traces: Sequence[Trace]) -> list[Trace]:
    return sorted(traces, key=lambda trace: -trace.students)


def _group_model(key: tuple[str, int], traces: Sequence[Trace], largest: int, times: Shape) -> GroupModel:
    found = [(trace.students, group) for trace in traces for group in trace.groups if group.key == key]
    missing = [trace.students for trace in traces if all(group.key != key for group in trace.groups)]

    def line(quantity: str, shape: Shape = "straight") -> Line:
        points = [(students, float(getattr(group, quantity))) for students, group in found]
        return _line([*points, *((students, 0.0) for students in missing)], shape)

    like = found[-1][1]
    return GroupModel(
        kind=like.kind,
        system=like.system,
        is_read=like.is_read,
        limit=_limit([group for students, group in found if students == largest] or [like]),
        requests=line("requests"),
        records=line("records"),
        bytes=line("bytes"),
        server_seconds=line("server_seconds", times),
        server_core_seconds=line("server_core_seconds", times),
        client_seconds=line("client_seconds", times),
        client_core_seconds=line("client_core_seconds", times),
    )


def _line(points: Sequence[tuple[int, float]], shape: Shape) -> Line:
    by_size = _medians(points)
    return fit_line(list(by_size), list(by_size.values()), shape)


def _medians(points: Sequence[tuple[int, float]]) -> dict[int, float]:
    by_size: dict[int, list[float]] = {}
    for students, value in points:
        by_size.setdefault(students, []).append(value)
    return {students: statistics.median(values) for students, values in by_size.items()}


def _limit(groups: Sequence[Group]) -> int | None:
    """Find how many records a full request holds: it says so itself, or there is one that was full.

    A group with one request more than its records need was filled up to the largest of them, as batches are.
    """
    for group in groups:
        if group.limit is not None and group.records:
            return group.limit
        if group.largest and group.requests > 1 and group.requests == math.ceil(group.records / group.largest):
            return group.largest
    return None


class Growth(msgspec.Struct, frozen=True):
    """What each further student adds to a run of the samples, in seconds, from one size to the next."""

    seconds_small: float
    """From the smallest of three sizes to the middle one."""
    seconds_large: float
    """From there to the largest."""
    largest: int
    """Students of the largest."""
    seconds: float
    """It takes."""

    def at(self, students: int) -> float:
        """Tell how long a run takes alone, if this goes on with every doubling.

        So it does where each record is looked up in an index that grows: n records take n log n.

        Args:
            students: of the district, no fewer than of the largest sample.
        """
        # f + a n + c n log2 n through three sizes, each twice the one before: the line through the last two, and more.
        more_a_doubling = max(0.0, self.seconds_large - self.seconds_small)
        further = students - self.largest
        bend = more_a_doubling * (students * math.log2(students / self.largest) - further)
        return self.seconds + further * self.seconds_large + bend


def growth(traces: Sequence[Trace]) -> Growth | None:
    """See whether samples grow faster than a line.

    Args:
        traces: the samples.

    Returns:
        Nothing, where they are not of three sizes.
    """
    by_size = _medians([(trace.students, trace.own_seconds) for trace in traces])
    if len(by_size) < SIZES_OF_A_CURVE:
        return None
    (small, first), (middle, second), (large, third) = sorted(by_size.items())[-SIZES_OF_A_CURVE:]
    return Growth((second - first) / (middle - small), (third - second) / (large - middle), large, third)


def course_of(model: Model, students: int) -> Course:
    """Reckon what a night of a district consists of.

    Args:
        model: of the run.
        students: of the district.
    """
    steps = (_step(group, students) for group in model.groups)
    return Course(model.start_seconds.at(students), tuple(step for step in steps if step.requests))


def _step(group: GroupModel, students: int) -> Step:
    records = round(group.records.at(students))
    full = None if group.limit is None else max(1, math.ceil(records / group.limit))
    requests = round(group.requests.at(students)) if full is None else full
    return Step(
        kind=group.kind,
        system=group.system,
        is_read=group.is_read,
        requests=requests,
        records=records,
        bytes=round(group.bytes.at(students)),
        server_seconds=group.server_seconds.at(students),
        client_seconds=group.client_seconds.at(students),
        server_core_seconds=group.server_core_seconds.at(students),
        client_core_seconds=group.client_core_seconds.at(students),
    )
