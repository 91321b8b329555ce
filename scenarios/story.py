"""A story, read from its file: who there is, how the world is set, what happens and what is expected."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec
import yaml

from fakes.clever import USUAL_QUIRKS, HoldSettings
from fakes.clever.hold import REMOVED_MIN, REMOVED_PERCENT
from fakes.clever.quirks import QUIRK_PERCENT
from fakes.clever.state import IDENTITY_DAYS
from scenarios.binding import Binder, NameKind
from scenarios.cast import Cast, read_cast
from scenarios.expectations import ClassExpectation, CleverExpectation, Expectation, PersonExpectation, SyncExpectation
from scenarios.located import (
    Place,
    Problem,
    StoryError,
    Wrong,
    compose,
    items,
    nearest,
    pairs,
    place_of,
    read_yaml,
    text,
    under,
)
from scenarios.moments import (
    LONGEST,
    AfterNights,
    At,
    BeforeNight,
    During,
    Later,
    When,
    read_moment,
    read_when,
)
from scenarios.verbs import VERBS, Step
from simulator.clock import MICROSECOND
from simulator.district import (
    GUARD_MINIMUM,
    GUARD_PERCENT,
    ByHandCoTeachers,
    District,
    Setup,
)
from simulator.faults import FaultRates
from simulator.feed import Lag
from simulator.nights import NIGHTLY_AT, nth_night
from simulator.progress import ALL, Span
from simulator.rulebook import RULES

SUFFIX = ".scenario.yaml"
SYNC_SUBJECT = "sync"
SUBJECTS: dict[str, type[Expectation]] = {SYNC_SUBJECT: SyncExpectation, "clever": CleverExpectation}
"""What may be expected of something that has no name of its own."""
EXPECT = "expect"
OF_A_STORY = ("title", "rules", "start", "district", "story")
OF_A_BEGINNING = ("title", "start", "district")
"""What a file must say."""


class Expected(NamedTuple):
    """An expectation about one name."""

    place: Place
    subject: str
    expectation: Expectation


class Scene(NamedTuple):
    """One step of a story, or expectations, and when."""

    place: Place
    turn: int
    """Of the time it stands under: what stands under one time happens at it, one after the other."""
    when: When
    when_words: str
    step: Step | None
    system: str
    """Of the step; :data:`EXPECT` for expectations."""
    expected: tuple[Expected, ...]


class Story(NamedTuple):
    """A story ready to be played."""

    path: Path
    title: str
    about: str
    rules: tuple[str, ...]
    setup: Setup
    district: District
    scenes: tuple[Scene, ...]
    places: dict[str, Place]
    """Where the district names its people and sections, for errors about the beginning."""
    cast: Cast
    """All names that steps may use, also of those whom a step brings in."""


class _Guard(msgspec.Struct, frozen=True, kw_only=True):
    """The removal guard (A14)."""

    percent: Annotated[int, msgspec.Meta(le=100)] = GUARD_PERCENT
    minimum: Annotated[int, msgspec.Meta(ge=1)] = GUARD_MINIMUM


class _FeedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How long a change is under way: `lag: 72h`, or `between: [48h, 72h]` (A2)."""

    lag: timedelta | None = None
    between: tuple[timedelta, ...] = ()


QuirkWords = Literal[
    "enum drift",
    "emails without at",
    "emails not normalised",
    "term ids reissued",
    "ten co teachers",
    "created moves",
    "unbounded strings",
]
"""The quirks that rows from the feed can meet, in the words of their names; the CSV ones are not among them."""


class _CleverSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How Clever works; a word on holds turns them on."""

    rate_limit: Annotated[int, msgspec.Meta(ge=1)] = msgspec.field(name="rate limit per minute", default=1200)
    page_records: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = msgspec.field(name="records a page", default=10_000)
    """At most, whatever limit is asked for: a small district is then read in many pages, as a large one is."""
    events: bool = False
    """Whether Clever tells Otus of changes as events, besides its records; they are kept for 30 days."""
    hold_percent: Annotated[int, msgspec.Meta(le=100)] | None = msgspec.field(name="hold at percent", default=None)
    hold_minimum: Annotated[int, msgspec.Meta(ge=1)] | None = msgspec.field(name="hold at least", default=None)
    hold_on_terms: bool = msgspec.field(name="hold on term change", default=False)
    quirks: tuple[QuirkWords, ...] = ()
    """On, besides the usual ones."""
    quirks_off: tuple[QuirkWords, ...] = msgspec.field(name="quirks off", default=())
    quirk_percent: Annotated[int, msgspec.Meta(le=100)] = msgspec.field(name="quirk percent", default=QUIRK_PERCENT)
    identity_days: Annotated[int, msgspec.Meta(ge=1)] = msgspec.field(name="new id after days", default=IDENTITY_DAYS)
    """Of absence: whoever comes back later is somebody else to Clever (A10)."""

    @property
    def hold(self) -> HoldSettings | None:
        """When a sync is put on hold."""
        if self.hold_percent is None and self.hold_minimum is None and not self.hold_on_terms:
            return None
        return HoldSettings(
            removed_percent=REMOVED_PERCENT if self.hold_percent is None else self.hold_percent,
            removed_min=REMOVED_MIN if self.hold_minimum is None else self.hold_minimum,
            term_change=self.hold_on_terms,
        )

    @property
    def all_quirks(self) -> frozenset[str]:
        """Every quirk that is on, by its name."""
        return (USUAL_QUIRKS | _names_of(self.quirks)) - _names_of(self.quirks_off)


def _names_of(quirks: tuple[QuirkWords, ...]) -> frozenset[str]:
    return frozenset(words.replace(" ", "_") for words in quirks)


class _OtusSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How Otus works (F11)."""

    manual_rostering: bool = msgspec.field(name="manual rostering", default=True)


class _SyncSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the nightly sync works (A6, H3, H10, A14)."""

    nightly_at: time = msgspec.field(name="nightly at", default=NIGHTLY_AT)
    co_teachers: Literal["keep", "only without rostered"] = msgspec.field(name="by-hand co-teachers", default="keep")
    class_names: Literal["overwrite", "keep"] = msgspec.field(name="class names", default="overwrite")
    guard: _Guard = _Guard()
    hours_max: Annotated[int, msgspec.Meta(ge=1, le=48)] = msgspec.field(name="hours at most", default=6)


_Percent = Annotated[int, msgspec.Meta(le=100)]


class _FaultSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong by chance, with so many in a hundred requests of the sync; all together at most 100."""

    limits: _Percent = 0
    """429, of Clever alone."""
    errors: _Percent = 0
    """500, 502, 503."""
    cuts: _Percent = 0
    """The connection closes: before the request is heard, or before, in or after the answer."""
    spoilt: _Percent = 0
    """Half the JSON, broken JSON, a web page."""
    slow: _Percent = 0
    """The answer takes 20 seconds longer."""
    kills: _Percent = 0
    """The sync is killed."""
    nights: Span = ALL
    """In which nights; if not in all, then in no run between them."""

    @property
    def rates(self) -> FaultRates | None:
        """How likely each is; ``None`` if nothing goes wrong by chance.

        Raises:
            ValueError: they are more than 100 together.
        """
        words = ("limits", "errors", "cuts", "spoilt", "slow", "kills")
        together = sum(getattr(self, word) for word in words)
        if together > 100:
            raise ValueError(f"{together} faults in 100 requests are too many: all together at most 100")
        shares = {word: getattr(self, word) / 100 for word in words}
        return FaultRates(**shares) if any(shares.values()) else None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How the world of a story works; every number has the default of the rules."""

    feed: _FeedSettings = _FeedSettings()
    clever: _CleverSettings = _CleverSettings()
    otus: _OtusSettings = _OtusSettings()
    sync: _SyncSettings = _SyncSettings()
    faults: _FaultSettings = _FaultSettings()
    seed: int = 0
    """Added to the seed of the command line: a story that was drawn from one keeps it."""


def read_story(path: Path, seed: int) -> Story:
    """Read a story file.

    Args:
        path: the file.
        seed: for all that the story does not say.

    Raises:
        StoryError: with every problem that the file has.
    """
    return _Reader(path, seed).read()


def read_beginning(path: Path, seed: int) -> Story:
    """Read how a story begins, and none of its steps; the file needs neither steps nor rules.

    Args:
        path: the file.
        seed: for all that the story does not say.

    Raises:
        StoryError: with every problem that the beginning has.
    """
    return _Reader(path, seed, needed=OF_A_BEGINNING).read()


def read_steps(words: str, cast: Cast) -> tuple[Scene, ...]:
    """Read steps that are done at once, in the order of the text.

    Args:
        words: YAML: one step as in a story, or a list of steps.
        cast: who and what there is; what the steps bring in is added.

    Raises:
        StoryError: with every problem of the words, its places counted in them.
    """
    path = Path("step")
    root = compose(words.encode(), path)
    reader = _Reader(path, 0, cast=cast)
    scenes = reader.read_steps(root.value if isinstance(root, yaml.SequenceNode) else [root])
    if reader.problems:
        raise StoryError(path, reader.problems)
    return scenes


class _Reader:
    """Reads one file and collects all that is wrong with it."""

    def __init__(
        self, path: Path, seed: int, *, needed: tuple[str, ...] = OF_A_STORY, cast: Cast | None = None
    ) -> None:
        self.path = path
        self.seed = seed
        self.needed = needed
        self.problems: list[Problem] = []
        self.cast = cast or Cast()
        self.binder = Binder(self._check_name)

    def read_steps(self, nodes: list[yaml.Node]) -> tuple[Scene, ...]:
        """Read steps without times: they are done at once."""
        read = (self._scene(node, 1, Later(timedelta()), "now") for node in nodes)
        return tuple(scene for scene in read if scene is not None)

    def read(self) -> Story:
        """Read all that is needed of it."""
        parts = self._parts(read_yaml(self.path))
        if "story" not in self.needed:
            parts.pop("story", None)
        title = self._text(parts, "title")
        about = self._text(parts, "about")
        rules = self._rules(parts.get("rules"))
        start = self._start(parts.get("start"))
        settings = self._settings(parts.get("settings"))
        setup = self._setup(start, settings, parts.get("settings"))
        try:
            self.cast, wrong = read_cast(parts.get("district"), parts.get("people"), parts.get("others"), setup)
            self.problems += wrong
        except Wrong as error:
            self.problems.append(error.problem)
        scenes = self._scenes(parts.get("story"), setup) if not self.problems else ()
        if self.problems:
            raise StoryError(self.path, self.problems)
        cast = self.cast
        return Story(self.path, title, about, rules, setup, cast.district, scenes, cast.places, cast)

    def _parts(self, root: yaml.Node) -> dict[str, yaml.Node]:
        known = ("title", "about", "rules", "start", "settings", "district", "people", "others", "story")
        try:
            found = pairs(root, "a story")
        except Wrong as error:
            raise StoryError(self.path, [error.problem]) from None
        parts = {}
        for key, key_node, value_node in found:
            if key not in known:
                message = f"a story: unknown word {key!r}"
                self.problems.append(Problem(place_of(key_node), message, nearest(key, known)))
            parts[key] = value_node
        for word in self.needed:
            if word not in parts:
                self.problems.append(Problem(Place(1, 1), f"a story: {word!r} is missing"))
        return parts

    def _text(self, parts: dict[str, yaml.Node], word: str) -> str:
        return self._scalar(parts[word], word) if word in parts else ""

    def _rules(self, node: yaml.Node | None) -> tuple[str, ...]:
        rules = []
        for item in [] if node is None else self._items(node, "rules"):
            rule = self._scalar(item, "rules")
            if rule not in RULES:
                message = f"rules: there is no rule {rule!r}"
                self.problems.append(Problem(place_of(item), message, nearest(rule, RULES)))
            rules.append(rule)
        if node is not None and not rules:
            self.problems.append(Problem(place_of(node), "rules: expected at least one", nearest("", RULES)))
        return tuple(rules)

    def _start(self, node: yaml.Node | None) -> datetime:
        fallback = datetime.fromisoformat("2026-09-14T12:00:00+00:00")
        if node is None:
            return fallback
        try:
            return read_moment(node, text(node, "start"), fallback)
        except Wrong as error:
            self.problems.append(error.problem)
            return fallback

    def _settings(self, node: yaml.Node | None) -> Settings:
        if node is None:
            return Settings()
        try:
            return self.binder.bind(node, Settings, "settings")
        except Wrong as error:
            self.problems.append(error.problem)
            return Settings()

    def _setup(self, start: datetime, settings: Settings, node: yaml.Node | None) -> Setup:
        sync = settings.sync
        try:
            lag = _lag(settings.feed, node)
        except Wrong as error:
            self.problems.append(error.problem)
            lag = Lag()
        rates = self._rates(settings.faults, node)
        by_hand: ByHandCoTeachers = "keep" if sync.co_teachers == "keep" else "only_without_rostered"
        return Setup(
            start=start,
            seed=self.seed + settings.seed,
            lag=lag,
            nightly_at=sync.nightly_at,
            manual_rostering=settings.otus.manual_rostering,
            by_hand_co_teachers=by_hand,
            overwrite_class_names=sync.class_names == "overwrite",
            guard_percent=sync.guard.percent,
            guard_minimum=sync.guard.minimum,
            rate_limit_per_minute=settings.clever.rate_limit,
            clever_events=settings.clever.events,
            clever_hold=settings.clever.hold,
            clever_quirks=settings.clever.all_quirks,
            clever_quirk_percent=settings.clever.quirk_percent,
            clever_page_records=settings.clever.page_records,
            clever_identity_days=settings.clever.identity_days,
            fault_rates=rates,
            fault_nights=settings.faults.nights,
            sync_simulated_hours_max=sync.hours_max,
        )

    def _rates(self, faults: _FaultSettings, node: yaml.Node | None) -> FaultRates | None:
        try:
            return faults.rates
        except ValueError as error:
            place = Place(1, 1) if node is None else place_of(under(node, "faults"))
            self.problems.append(Problem(place, f"settings, faults: {error}"))
            return None

    # ------------------------------------------------------------ the story itself

    def _scenes(self, node: yaml.Node | None, setup: Setup) -> tuple[Scene, ...]:
        scenes: list[Scene] = []
        now, turn = setup.start, 0
        for item in [] if node is None else self._items(node, "story"):
            try:
                for key, key_node, value_node in pairs(item, "a step"):
                    when = read_when(key_node, key, now)
                    now = self._not_earlier(key_node, key, when, now, setup)
                    turn += 1
                    steps = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                    read = (self._scene(step, turn, when, key) for step in steps)
                    scenes += [scene for scene in read if scene is not None]
            except Wrong as error:
                self.problems.append(error.problem)
        if not scenes and not self.problems and node is not None:
            self.problems.append(Problem(place_of(node), "story: nothing happens", "add a step and an expectation"))
        return tuple(scenes)

    def _not_earlier(self, node: yaml.Node, words: str, when: When, now: datetime, setup: Setup) -> datetime:
        """Give the moment before which the next step cannot be."""
        first, last = _span(when, now, setup)
        if isinstance(when, AfterNights | During) and now - first <= timedelta(hours=setup.sync_simulated_hours_max):
            first, last = max(first, now), max(last, now)  # the step before may lie inside that night's run
        if first < now:
            raise Wrong(node, f"{words!r} lies before the step before it", "a story goes forward in time")
        if last - setup.start > LONGEST:
            raise Wrong(node, f"{words!r} lies more than {LONGEST.days} days after the start")
        return last

    def _scene(self, node: yaml.Node, turn: int, when: When, words: str) -> Scene | None:
        try:
            found = pairs(node, "a step")
            if not found:
                raise Wrong(node, "a step: expected one of ats, clever, feed, otus, sync, fault, expect, found nothing")
            systems = (*VERBS, EXPECT)
            system, system_node, value_node = next((pair for pair in found if pair[0] in systems), found[0])
            if system == EXPECT:
                stray = next(((word, key_node) for word, key_node, _ in found if word != EXPECT), None)
                if stray is not None:
                    raise Wrong(stray[1], f"expect: {stray[0]!r} does not belong here", "indent it under expect")
                return Scene(place_of(system_node), turn, when, words, None, EXPECT, self._expected(value_node))
            if isinstance(when, AfterNights) and when.last != when.first:
                raise Wrong(node, f"{words!r}: only expectations may be repeated after several nights")
            step = self._step(node, system, system_node, value_node)
            return Scene(place_of(system_node), turn, when, words, step, system, ())
        except Wrong as error:
            self.problems.append(error.problem)
            return None

    def _step(self, node: yaml.Node, system: str, system_node: yaml.Node, value_node: yaml.Node) -> Step:
        if system not in VERBS:
            raise Wrong(system_node, f"a step: unknown word {system!r}", nearest(system, [*VERBS, EXPECT]))
        words = text(value_node, system)
        if words not in VERBS[system]:
            raise Wrong(value_node, f"{system}: unknown verb {words!r}", nearest(words, VERBS[system]))
        step = self.binder.bind(node, VERBS[system][words], f"{system}: {words}", skip=frozenset({system}))
        contradiction = step.contradiction()
        if contradiction is not None:
            raise Wrong(value_node, *contradiction)
        if step.if_possible and step.refused is not None:
            raise Wrong(value_node, "a step: `refused` and `if possible` exclude each other", "say one of them")
        for name, kind_needed in step.mentions().items():
            where = next((value for _, _, value in pairs(node, system) if value.value == name), node)
            self.cast.check(where, name, kind_needed)
        for name, kind in step.introduces().items():
            self.cast.introduce(name, kind)
        return step

    def _expected(self, node: yaml.Node) -> tuple[Expected, ...]:
        expected = []
        for name, name_node, value_node in pairs(node, "expect"):
            kind = self.cast.kind_of(name)
            struct: type[Expectation]
            if name in SUBJECTS:
                struct = SUBJECTS[name]
            elif kind in ("section", "class"):
                struct = ClassExpectation
            elif kind is not None:
                struct = PersonExpectation
            else:
                hint = nearest(name, [*self.cast.names(), *SUBJECTS])
                raise Wrong(name_node, f"expect: there is no person or class {name!r} in this story", hint)
            expectation = self.binder.bind(value_node, struct, f"expect, {name}")
            _check_demand(name_node, name, expectation)
            expected.append(Expected(place_of(name_node), name, expectation))
        if not expected:
            raise Wrong(node, "expect: nothing is expected", "name a person, a class, sync or clever")
        return tuple(expected)

    def _check_name(self, node: yaml.Node, name: str, kind: NameKind) -> None:
        self.cast.check(node, name, kind)

    def _items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        try:
            return items(node, what)
        except Wrong as error:
            self.problems.append(error.problem)
            return []

    def _scalar(self, node: yaml.Node, what: str) -> str:
        try:
            return text(node, what)
        except Wrong as error:
            self.problems.append(error.problem)
            return ""


def _check_demand(node: yaml.Node, name: str, expectation: Expectation) -> None:
    """Refuse what would hold whatever happens.

    Raises:
        Wrong: it demands nothing.
    """
    if expectation == type(expectation)():
        words = [field.encode_name for field in msgspec.structs.fields(expectation)]
        raise Wrong(node, f"expect, {name}: nothing is expected", nearest("", words))
    if isinstance(expectation, PersonExpectation) and not expectation.in_:
        word = "by" if expectation.by else "as" if expectation.as_ else None
        if word is not None:
            raise Wrong(node, f"expect, {name}: `{word}` is about classes, and none is named", "name them with `in`")


def _lag(feed: _FeedSettings, settings: yaml.Node | None) -> Lag:
    if settings is None or (feed.lag is None and not feed.between):
        return Lag()
    if feed.lag is not None and feed.between:
        raise Wrong(under(settings, "feed", "between"), "settings, feed: `lag` and `between` exclude each other")
    if feed.lag is not None:
        return Lag(feed.lag, feed.lag)
    if len(feed.between) != 2 or feed.between[0] > feed.between[1]:
        place = under(settings, "feed", "between")
        raise Wrong(place, "settings, feed, between: expected two durations, the shorter first, [48h, 72h]")
    return Lag(*feed.between)


def _span(when: When, now: datetime, setup: Setup) -> tuple[datetime, datetime]:
    """Give the earliest moments at which a step happens for the first and for the last time."""
    match when:
        case At(moment):
            return moment, moment
        case Later(wait):
            return now + wait, now + wait
        case BeforeNight(night):
            return (nth_night(setup.start, night, setup.nightly_at),) * 2
        case During(night):
            return (nth_night(setup.start, night, setup.nightly_at) + MICROSECOND,) * 2
        case AfterNights(first, last):
            # A night takes its time: `before night 2` lies before `after night 2`.
            return (
                nth_night(setup.start, first, setup.nightly_at) + MICROSECOND,
                nth_night(setup.start, last, setup.nightly_at) + MICROSECOND,
            )
