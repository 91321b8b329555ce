"""What a measured night must hold: a TOML file, read and judged."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import msgspec

from loadtests.load.result import NIGHT_BEGINS, Measured
from scenarios.located import nearest

Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=100)]
SECONDS_OF_DAY = 86_400
MEGABYTE = 1024 * 1024


class BrokenThresholds(ValueError):  # noqa: N818 - as the refusals are named
    """The file cannot be used; the message says where, what was found, and what instead."""


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The limits; one that is left out is not judged. That Otus is as Clever is always judged."""

    finished_by: Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["06:00"])] | None = (
        None
    )
    """By when the last sync of a night that begins at 01:00 (A6) must have ended; the time of New York."""
    seconds_max: Positive | None = None
    """Of the whole night, in seconds: the same in small."""
    records_per_second_min: Positive | None = None
    """Records read from Clever, by the time from the first sync's start to the last one's end."""
    ratio_to_raw_pull_max: Positive | None = None
    """How many times longer the night takes than a bare pull of the same data."""
    failures_percent_max: Share = 0.0
    """Of all events of Locust."""
    p95_ms_max: Mapping[str, Positive] = {}
    """By kind of event as Locust names it, type and name: ``Clever GET /v3.1/sections``; ``*`` stands for anything."""
    memory_mb_max: Mapping[str, Positive] = {}
    """Peak by process: ``sync``, ``clever``, ``otus``, ``locust``, or ``all`` together; in MiB."""


class Check(msgspec.Struct, frozen=True):
    """One limit, and how the night did."""

    what: str
    limit: str
    found: str
    held: bool


PROCESSES = ("sync", "clever", "otus", "locust", "all")


def read_thresholds(path: Path) -> Thresholds:
    """Read a file of thresholds.

    Raises:
        BrokenThresholds: it cannot be read, is no TOML, or holds what is no threshold.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BrokenThresholds(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenThresholds(f"{path}: no TOML: {error}") from None
    known = Thresholds.__struct_fields__
    for name in document:
        if name not in known:
            raise BrokenThresholds(f"{path}: there is no threshold {name!r}; {nearest(name, known)}")
    try:
        thresholds = msgspec.convert(document, Thresholds)
    except msgspec.ValidationError as error:
        plainly = str(error).replace(" | null", "")  # TOML knows none
        raise BrokenThresholds(f"{path}: {plainly}") from None
    for name in thresholds.memory_mb_max:
        if name not in PROCESSES:
            raise BrokenThresholds(f"{path}: memory_mb_max: there is no process {name!r}; {nearest(name, PROCESSES)}")
    return thresholds


def thresholds_schema() -> dict[str, object]:
    """Give the JSON Schema of the file, for editors."""
    return msgspec.json.schema(Thresholds)


def judge(measured: Measured, thresholds: Thresholds) -> tuple[Check, ...]:
    """Hold a night against the limits.

    A threshold for what did not happen is missed: a limit that nothing can break would tell nothing.

    Args:
        measured: the night.
        thresholds: its limits.
    """
    return tuple(_checks(measured, thresholds))


def _checks(measured: Measured, limits: Thresholds) -> Iterator[Check]:
    yield _otus_is_right(measured)
    yield _syncs_ended_well(measured)
    yield from _times(measured, limits)
    yield from _rates(measured, limits)
    for pattern, limit in limits.p95_ms_max.items():
        yield from _percentiles(measured, pattern, limit)
    for process, limit in limits.memory_mb_max.items():
        peak = measured.memory.peak(process)
        found = "was not seen" if peak is None else f"{peak / MEGABYTE:,.0f} MiB"
        held = peak is not None and peak <= limit * MEGABYTE
        yield Check(f"memory of {process}", f"<= {limit:,.0f} MiB", found, held)


def _otus_is_right(measured: Measured) -> Check:
    verdict = measured.verdict
    if verdict is None:
        return Check("Otus is as Clever", "0 differences", "nobody has looked", held=False)
    planted = "" if verdict.planted_ok else ", and what was made by hand was touched"
    found = f"{verdict.differences:,} differences{planted}"
    return Check("Otus is as Clever", "0 differences", found, held=verdict.is_right)


def _syncs_ended_well(measured: Measured) -> Check:
    bad = sum(run.exit_code != 0 for run in measured.runs)
    found = f"{len(measured.runs) - bad:,} of {len(measured.runs):,}" if measured.runs else "there was none"
    return Check("syncs that succeeded", "all", found, held=bool(measured.runs) and not bad)


def _times(measured: Measured, limits: Thresholds) -> Iterator[Check]:
    seconds = measured.night_seconds
    if limits.finished_by is not None:
        allowed = (_of_day(limits.finished_by) - _of_day(NIGHT_BEGINS)) % SECONDS_OF_DAY
        held = bool(measured.runs) and seconds <= allowed
        yield Check("night finished", f"by {limits.finished_by}", f"at {measured.finished_at}", held)
    if limits.seconds_max is not None:
        held = bool(measured.runs) and seconds <= limits.seconds_max
        yield Check("length of the night", f"<= {limits.seconds_max:g} s", f"{seconds:.2f} s", held)


def _of_day(text: str) -> int:
    moment = time.fromisoformat(text)
    return moment.hour * 3600 + moment.minute * 60


def _rates(measured: Measured, limits: Thresholds) -> Iterator[Check]:
    if limits.records_per_second_min is not None:
        rate = measured.records_per_second
        limit = limits.records_per_second_min
        yield Check("records from Clever", f">= {limit:,.0f}/s", f"{rate:,.0f}/s", held=rate >= limit)
    if limits.ratio_to_raw_pull_max is not None:
        ratio = measured.ratio_to_raw_pull
        found = "not measured" if ratio is None else f"{ratio:.1f}x"
        held = ratio is not None and ratio <= limits.ratio_to_raw_pull_max
        yield Check("night / raw pull", f"<= {limits.ratio_to_raw_pull_max:g}x", found, held)
    share = measured.failures_percent
    held = share is not None and share <= limits.failures_percent_max
    found = "there was nothing" if share is None else f"{share:.2f} %"
    yield Check("failed events", f"<= {limits.failures_percent_max:g} %", found, held)


def _percentiles(measured: Measured, pattern: str, limit: float) -> Iterator[Check]:
    found = [kind for kind in measured.kinds if fnmatchcase(kind.label, pattern)]
    if not found:
        yield Check(f"p95 of {pattern}", f"<= {limit:,.0f} ms", "no such event", held=False)
    for kind in found:
        p95 = kind.percentiles["95"]
        yield Check(f"p95 of {kind.label}", f"<= {limit:,.0f} ms", f"{p95:,.0f} ms", held=p95 <= limit)
