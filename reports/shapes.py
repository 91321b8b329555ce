"""What a drawing consists of: places and words, no colours and no tags."""

import msgspec

from reports.marks import Shape, Where
from reports.timeline import Outcome


class NightBand(msgspec.Struct, frozen=True):
    """One night: a band through all lines."""

    x: float
    width: float
    outcome: Outcome
    moon: bool
    tooltip: str


class Way(msgspec.Struct, frozen=True):
    """The way of changes from ATS to Clever, slanted by the time it takes."""

    x1: float
    y1: float
    x2: float
    y2: float
    label: str
    """How long it took; empty where there is no room."""
    arrived: bool
    tooltip: str

    @property
    def middle(self) -> tuple[float, float]:
        """Where the label stands."""
        return ((self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2)


class SyncArrow(msgspec.Struct, frozen=True):
    """What one night wrote from Clever to Otus."""

    x: float
    label: str
    tooltip: str


class Fold(msgspec.Struct, frozen=True):
    """Quiet days drawn as one."""

    x: float
    width: float
    label: str
    upright: bool
    """Whether the label has to stand upright to fit."""
    nights: int
    tooltip: str


class Tick(msgspec.Struct, frozen=True):
    """A day of the axis."""

    x: float
    """Where the day begins."""
    middle: float
    label: str


class PlacedMark(msgspec.Struct, frozen=True):
    """A mark with its place and its words."""

    x: float
    y: float
    shape: Shape
    where: Where
    count: int
    tooltip: str
    label: str
    label_x: float
    label_y: float
    leftward: bool


class Drawing(msgspec.Struct, frozen=True):
    """All that is drawn of one story."""

    width: float
    height: float
    ats_y: float
    clever_y: float
    otus_y: float
    floor: float
    """Where the lines end and the days are written."""
    nights: tuple[NightBand, ...]
    folds: tuple[Fold, ...]
    ways: tuple[Way, ...]
    arrows: tuple[SyncArrow, ...]
    marks: tuple[PlacedMark, ...]
    ticks: tuple[Tick, ...]
    crowded: bool
    """Whether the days are so narrow that lines must be thin."""
    left_out: tuple[str, ...]
    """What is not drawn, in words."""
    summary: str
    """The drawing in words."""
