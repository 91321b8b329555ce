"""What the console shows beside the three columns, one reader a tab. All of it runs on the simulation thread."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from fakes.shared.refusals import NotFound
from rostersim.console.steps import verbs_by_system
from rostersim.served import looking
from rostersim.served.commands import Mark, StartRecord, StopRecord
from rostersim.served.records import (
    ClassSight,
    Exchange,
    JournalQuery,
    Names,
    NamesQuery,
    PersonSight,
    PlanSight,
    RecordStatus,
    SchoolSight,
    State,
    WireQuery,
    WorldStatus,
)
from rostersim.served.served import ServedWorld
from simulator.explanation import CannotExplain, Explanation, explain
from simulator.journal import Entry

ENTRIES_SHOWN = 200
ENTRIES_LOOKED_AT = 5000
EXCHANGES_SHOWN = 100
NAMES_OFFERED = 50
TABS = {
    "timeline": "Timeline",
    "why": "Why?",
    "tonight": "Tonight",
    "do": "Do",
    "faults": "Faults",
    "wire": "Wire",
    "record": "Record",
}


class Asked(NamedTuple):
    """Whom or what a page is about."""

    person: str = ""
    class_name: str = ""
    school: str = ""
    requests: bool = False
    """Whether the timeline shows the sync's requests too."""
    plan: bool = False
    """Whether to wait until the sync has run on a copy of the world, which takes seconds in a large one."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """Read it from a page's address."""
        person, class_name, school = (query.get(word, "") for word in ("person", "class", "school"))
        return cls(person, class_name, school, "requests" in query, "plan" in query)

    @property
    def name(self) -> str:
        """The name that the journal knows it by."""
        return self.person or self.class_name or self.school


class Timeline(NamedTuple):
    """The newest entries of the journal, the newest first."""

    entries: list[Entry]
    more: bool
    about: str


class Why(NamedTuple):
    """An explanation, or why there is none."""

    explanation: Explanation | None
    problem: str = ""


def sight(served: ServedWorld, status: WorldStatus, asked: Asked) -> dict[str, object]:
    """Give what the three systems hold of what is asked for, and a world at a glance."""
    seen: PersonSight | ClassSight | SchoolSight | None = None
    of_world: State = looking.state(served, status)
    eyes = served.life.sight()
    if asked.person:
        seen = eyes.person(asked.person)
    elif asked.class_name:
        seen = eyes.klass(asked.class_name)
    elif asked.school or len(of_world.schools) == 1:
        seen = eyes.school(asked.school or of_world.schools[0].dbn)
    return {"state": of_world, "seen": seen, "kind": _kind(seen)}


def _kind(seen: object) -> str:
    match seen:
        case PersonSight():
            return "person"
        case ClassSight():
            return "class"
        case SchoolSight():
            return "school"
    return ""


def names(served: ServedWorld, like: str) -> Names:
    """Offer names that hold what somebody types."""
    return looking.names(served, NamesQuery(like=like, limit=NAMES_OFFERED))


def exchange(served: ServedWorld, number: str) -> Exchange:
    """Give one request as it went over the wire."""
    return looking.exchange(served, number)


def panel(tab: str) -> Callable[[ServedWorld, Asked], object]:
    """Give the reader of a tab.

    Raises:
        NotFound: there is no such tab.
    """
    readers: dict[str, Callable[[ServedWorld, Asked], object]] = {
        "timeline": _timeline,
        "why": _why,
        "tonight": _tonight,
        "do": lambda _served, _: {name: lines for name, lines in verbs_by_system().items() if name != "fault"},
        "faults": lambda served, _: (looking.faults(served), verbs_by_system()["fault"]),
        "wire": lambda served, _: looking.wire(served, WireQuery(limit=EXCHANGES_SHOWN, newest=True)),
        "record": lambda served, _: (served.recorded(), served.snapshots()),
    }
    if tab not in readers:
        raise NotFound(f"there is no tab {tab!r}; there are {', '.join(TABS)}")
    return readers[tab]


def _tonight(served: ServedWorld, asked: Asked) -> PlanSight | None:
    """Give what the next night would do; ``None`` while nobody has had it planned."""
    return looking.plan(served) if asked.plan or served.life.has_foresight else None


def _timeline(served: ServedWorld, asked: Asked) -> Timeline:
    query = JournalQuery(person=asked.name, limit=ENTRIES_LOOKED_AT, newest=True)
    entries = looking.journal(served, query).items
    if not asked.requests:
        entries = [entry for entry in entries if entry.kind != "request"]
    shown = entries[-ENTRIES_SHOWN:]
    return Timeline(shown[::-1], len(entries) > len(shown), asked.name)


def _why(served: ServedWorld, asked: Asked) -> Why:
    if not asked.person:
        return Why(None, "Choose a person: from a class, a school, or by typing a name.")
    eyes = served.life.sight()  # by ids, which are nobody else's
    person, class_name = eyes.people.get(asked.person, asked.person), eyes.section_id(asked.class_name)
    among = None if asked.class_name else eyes.ids_of_classes_naming(asked.person)
    try:
        return Why(explain(served.life.world, person, class_name or asked.class_name or None, among))
    except CannotExplain as error:
        return Why(None, str(error))


def recording_deed(deed: str, words: str) -> Callable[[ServedWorld], RecordStatus]:
    """Give what a button of the recording does.

    Raises:
        NotFound: there is no such button.
    """
    deeds: dict[str, Callable[[ServedWorld], RecordStatus]] = {
        "start": lambda served: served.record(StartRecord(at="", title=words or "What was recorded")),
        "mark": lambda served: served.record(Mark(at="", words=words)),
        "expect": lambda served: served.demand(words),
        "stop": lambda served: served.record(StopRecord(at="")),
    }
    if deed not in deeds:
        raise NotFound(f"a recording cannot {deed!r}; it can {', '.join(deeds)}")
    return deeds[deed]
