"""One fake alone, with the district of a story or of a CSV folder in it, ready to be served."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from fakes.clever import Clever, CleverSettings, create_app
from fakes.clever.sftp import CsvFolder, FileRefused
from fakes.shared.refusals import Refusal
from rostersim.stories import one_story
from rostersim.unusable import Unusable
from scenarios.story import Story
from simulator.clock import Clock
from simulator.past import PastError, write_past
from simulator.sut import CallableSut
from simulator.world import SystemName, World

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

USUAL_NOW = datetime(2026, 9, 14, 12, tzinfo=UTC)
"""The moment of a CSV folder for which none is named: Monday morning, 8:00 in New York, as most stories begin."""


class Offer(NamedTuple):
    """What is served."""

    application: "WSGIApplication"
    clock: Clock
    now: datetime
    """The moment at which the clock stands, or from which on it goes."""
    tokens: dict[str, str]
    """By the environment variable that carries each."""
    remarks: tuple[str, ...] = ()
    """What there is to say of the district, a line each."""


class Wish(NamedTuple):
    """What the user wants to have served."""

    system: SystemName
    world: str
    """A story, or a folder of CSV files."""
    seed: int
    now: datetime | None
    rate_limit_per_minute: int | None
    """Of Clever; ``None`` for the story's own."""


@contextmanager
def offered(wish: Wish) -> Iterator[Offer]:
    """Fill a fake.

    Raises:
        Unusable: the world cannot be read, or cannot be.
    """
    folder = Path(wish.world)
    if folder.is_dir() and any(folder.glob("*.csv")):
        with _of_folder(wish, folder) as offer:
            yield offer
    else:
        story = one_story(wish.world, wish.seed, "; or name a folder of CSV files", only_beginning=True)
        with _of_story(wish, story) as offer:
            yield offer


@contextmanager
def _of_story(wish: Wish, story: Story) -> Iterator[Offer]:
    limit = wish.rate_limit_per_minute or story.setup.rate_limit_per_minute
    setup = msgspec.structs.replace(story.setup, rate_limit_per_minute=limit)
    with closing(World(setup, CallableSut(lambda _environ: 0))) as world:  # nobody syncs
        try:
            write_past(world, story.district)
        except (Refusal, PastError) as error:
            raise Unusable(f"{wish.world}: the beginning cannot be: {error}") from None
        now = wish.now or story.setup.start
        world.clock.pretend(now)
        yield Offer(world.applications[wish.system], world.clock, now, world.tokens(wish.system))


@contextmanager
def _of_folder(wish: Wish, folder: Path) -> Iterator[Offer]:
    if wish.system != "clever":
        raise Unusable(f"{folder} is a folder of CSV files, a district of Clever; {wish.system} is filled by a story")
    now = wish.now or USUAL_NOW
    clock = Clock(now)
    settings = CleverSettings()
    if wish.rate_limit_per_minute is not None:
        settings = msgspec.structs.replace(settings, rate_limit_per_minute=wish.rate_limit_per_minute)
    with closing(Clever(clock, wish.seed, settings)) as clever:
        upload = CsvFolder(clever, settle_minutes=0)
        try:
            upload.upload_folder(folder)
        except (OSError, FileRefused) as error:
            raise Unusable(f"{folder}: {error}") from None
        report = upload.process(now)
        if report.outcome != "applied":
            raise Unusable(f"{folder}: {report.reason}")
        token = {"CLEVER_TOKEN": clever.issue_token()}
        yield Offer(create_app(clever), clock, now, token, tuple(report.text().splitlines()[1:]))
