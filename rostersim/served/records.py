"""The records of the control API: what is sent, what is answered. Moments are UTC; ``..._in_new_york`` says them."""

from typing import Annotated, Any, Literal

import msgspec

from simulator.journal import Entry, Kind, Lane
from simulator.results import Finding

WorldId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?!\n)$", examples=["main"])]
SnapshotName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?!\n)$", examples=["before"])]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=100_000)]
ClockState = Literal["ready", "running", "advancing", "failed"]
"""``ready``: all that falls due has happened · ``running``: goes on by itself · ``advancing``: is not there yet ·
``failed``: cannot go on; a snapshot or a rewind brings it back."""
SPEED_MAX = 1_000_000.0
PAGE_LIMIT = 200
PAGE_LIMIT_MAX = 5000

Limit = Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT_MAX)]
Since = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


SERVER_FILE = "server.json"


class ServerFile(msgspec.Struct, frozen=True):
    """What a client needs to know; the content of ``server.json`` in the state directory."""

    url: str
    token: str
    pid: int


class ClockStatus(msgspec.Struct, frozen=True):
    """Where the clock of a world stands."""

    status: ClockState
    now: str
    now_in_new_york: str
    target: str | None = None
    """Where it is going to while it advances."""
    speed: float | None = None
    """While it runs: simulated seconds in a real one."""
    why: str = ""
    """Why it failed, or what it is doing."""
    nights: int = 0
    """How many nights have been so far."""
    next_night: str | None = None
    next_night_in_new_york: str | None = None
    next_due: str | None = None
    """When something falls due next, a night or a delivery or a step of the story."""
    last_run: str = ""
    """How the last run of the sync ended."""
    notes: tuple[str, ...] = ()
    """What somebody should know: a torn command that was dropped."""


class WorldStatus(msgspec.Struct, frozen=True):
    """A world that is served."""

    id: WorldId
    story: str
    """What it began with."""
    clock: ClockStatus
    urls: dict[str, str]
    """Of ats, clever and otus."""


class WorldList(msgspec.Struct, frozen=True):
    """All worlds that are served."""

    items: list[WorldStatus]


class NewWorld(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A world to be served besides the others: the text of a story, or a built-in one."""

    id: WorldId
    story: Words | None = None
    """YAML."""
    named: Words | None = None
    """``library/...``; without either, the sandbox."""
    play: bool = False
    """Whether the story's own steps are played."""
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0


class WorldMade(msgspec.Struct, frozen=True):
    """A world that has been made."""

    world: WorldStatus
    token: str
    """Lets its owner do everything with this world, and nothing with the others."""


class Keys(msgspec.Struct, frozen=True):
    """Where the three systems answer, and what they want to see; by the names of environment variables."""

    environment: dict[str, str]


class Destination(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the clock shall go."""

    to: Words
    """``72h``, ``3d``, ``next night``, ``next event``, ``night 4``, ``Fri 18 Sep 01:00`` or ``2026-09-18 01:00``."""


class Speed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast the clock shall run."""

    speed: Annotated[float, msgspec.Meta(gt=0, le=SPEED_MAX)] = 1.0
    """Simulated seconds in a real one."""


class Steps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Steps of the story language, to be done now."""

    steps: str | dict[str, Any] | list[Any]
    """One step or a list of them, as YAML text or as JSON: ``{"ats": "enroll", "student": ..., "section": ...}``."""


class StepDone(msgspec.Struct, frozen=True):
    """What became of a step."""

    who: str
    what: str
    accepted: bool
    """Of an expectation: whether it holds."""
    message: str = ""
    """Why a system refused it, or what is not as expected."""
    in_clever: str | None = None
    """When a change in ATS will be in Clever, if that is known."""


class StepsDone(msgspec.Struct, frozen=True):
    """What became of steps, up to the first that was not accepted."""

    items: list[StepDone]


class SnapshotWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A snapshot to be taken."""

    name: SnapshotName


class SnapshotLine(msgspec.Struct, frozen=True):
    """A snapshot that can be restored."""

    name: SnapshotName
    at: str
    at_in_new_york: str
    problem: str = ""
    """Why it cannot be restored after all."""


class SnapshotList(msgspec.Struct, frozen=True):
    """All snapshots of a world, the oldest first."""

    items: list[SnapshotLine]


class RecordWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recording to be started."""

    title: Words = "What was recorded"


class Remark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A remark for whoever reads the recording."""

    words: Words


class Demand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What should be, and perhaps is not: an expectation of the recording."""

    expect: str | dict[str, Any]
    """As under ``expect`` in a story: ``Mei Chen: {in: Algebra 1-01}``."""


class RecordStatus(msgspec.Struct, frozen=True):
    """A recording."""

    recording: bool
    title: str
    scenario: str
    """The story file, as far as it has come."""
    holds: bool | None = None
    """Of a demand: whether it holds now."""
    message: str = ""
    """What is not as demanded."""


class JournalQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which entries of the journal."""

    person: str = ""
    """Only what is about this person, class or school."""
    since: Since = 0
    """Only entries after this number."""
    limit: Limit = PAGE_LIMIT
    lane: Lane | None = None
    kind: Kind | None = None
    newest: bool = False
    """Whether the newest are given, still in the order of happening, if there are more than ``limit``."""


class JournalPage(msgspec.Struct, frozen=True):
    """Some entries; ``next`` is the ``since`` that goes on from here, ``None`` at the end."""

    items: list[Entry]
    next: int | None
    last: int
    """The number of the world's newest entry."""


class WireQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which requests."""

    since: Since = 0
    limit: Limit = PAGE_LIMIT
    system: Literal["ats", "clever", "otus"] | None = None
    who: Literal["sync", "outside"] | None = None
    newest: bool = False


class Exchange(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request with its answer."""

    number: int
    """1, 2, 3 ... in the order in which they were answered."""
    at: str
    """Simulated moment, UTC."""
    who: str
    """``sync``, or ``outside`` for any other program."""
    system: str
    method: str
    target: str
    """Path and query."""
    status: int
    reason: str
    request_headers: dict[str, str] = {}
    request_body: str = ""
    request_bytes: int = 0
    answer_headers: dict[str, str] = {}
    answer_body: str = ""
    answer_bytes: int = 0
    cut: str = ""
    """Where a fault cut the connection, if one did."""


class WirePage(msgspec.Struct, frozen=True):
    """Some requests without headers and bodies; ``next`` is the ``since`` that goes on from here."""

    items: list[Exchange]
    next: int | None
    last: int


class ExplainQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to explain."""

    person: Words
    """A name, an OSIS or staff number, or an e-mail."""
    class_: str = msgspec.field(name="class", default="")
    """A class that they should be in; without one, everything about the person."""


class OnTheWay(msgspec.Struct, frozen=True):
    """A change in ATS that has not arrived yet."""

    what: str
    about: tuple[str, ...]
    changed: str
    in_clever: str | None
    in_clever_in_new_york: str
    in_otus: str | None
    """The first night that finds it in Clever."""
    in_otus_in_new_york: str
    waits_for: str = ""
    """What it waits for when no moment is known."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One thing, as each of the three systems has it; ``""`` where it has nothing."""

    what: str
    ats: str
    clever: str
    otus: str
    differs: bool
    link: str = ""
    """A name under which there is more: of a person or a class."""


class PersonSight(msgspec.Struct, frozen=True):
    """A person in the three systems."""

    name: str
    role: str
    id: str
    """OSIS or staff number."""
    rows: list[Row]
    classes: list[Row]
    on_the_way: list[OnTheWay]


class ClassSight(msgspec.Struct, frozen=True):
    """A class in the three systems."""

    name: str
    school: str
    rows: list[Row]
    members: list[Row]
    on_the_way: list[OnTheWay]


class SchoolSight(msgspec.Struct, frozen=True):
    """A school in the three systems: its classes with how many are in each, and its people with how many they have."""

    dbn: str
    name: str
    schedule: str
    people: int
    rows: list[Row]
    classes: list[Row]
    members: list[Row]
    """Everybody whom any of the systems has at the school, the staff first."""
    on_the_way: list[OnTheWay]


class SchoolLine(msgspec.Struct, frozen=True):
    """A school in short."""

    dbn: str
    name: str
    schedule: str
    people: int
    classes: int
    differing: int
    """In how many classes the three systems differ."""


class State(msgspec.Struct, frozen=True):
    """A world at a glance."""

    world: WorldStatus
    schools: list[SchoolLine]
    classes: list[str]
    """Of all schools, and those made by hand."""
    people: int
    """How many people there are; :class:`Names` has them."""
    on_the_way: list[OnTheWay]
    faults: list[str]
    down: list[str]
    findings: list[Finding]
    """What the judges have found after the nights so far."""
    recording: bool


class NamesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which names."""

    like: str = ""
    limit: Limit = PAGE_LIMIT


class Names(msgspec.Struct, frozen=True):
    """Names of people, classes and schools that hold a word."""

    people: list[str]
    classes: list[str]
    schools: list[str]


class PlanLine(msgspec.Struct, frozen=True):
    """One thing that the next night would change in Otus."""

    kind: Literal["account", "class", "member"]
    change: Literal["made", "changed", "removed"]
    about: tuple[str, ...]
    what: str
    before: str
    after: str


class PlanSight(msgspec.Struct, frozen=True):
    """What the sync would do in the next night, if nothing else happens and nothing goes wrong."""

    night: str
    night_in_new_york: str
    outcome: str
    reason: str
    writes: int
    items: list[PlanLine]


class FaultLine(msgspec.Struct, frozen=True):
    """A fault that is planned."""

    words: str
    struck: bool


class FaultList(msgspec.Struct, frozen=True):
    """What will go wrong, and what does."""

    items: list[FaultLine]
    down: list[str]
    """Systems that answer 503."""
    locked_out: list[str]
    """Systems whose token the sync has lost."""


class VerbField(msgspec.Struct, frozen=True):
    """A word of a step."""

    word: str
    required: bool
    kind: str
    """``person``, ``student``, ``class`` ... for a name, else ``text``, ``number``, ``choice``, ``time`` ..."""
    choices: tuple[str, ...] = ()


class VerbLine(msgspec.Struct, frozen=True):
    """A verb of the story language."""

    system: str
    verb: str
    about: str
    fields: list[VerbField]


class VerbList(msgspec.Struct, frozen=True):
    """All verbs."""

    items: list[VerbLine]
