"""Which classes there are after a night, and how they are called (A12, A17, F10, H2, H10, H11)."""

from collections.abc import Mapping

from msgspec.structs import replace

from fakes.ats.records import Section
from simulator.oracle.belief import Belief, Class, Identity, Item, Membership, Reason
from simulator.oracle.facts import Key, Settings, rostered_class
from simulator.oracle.reasoning.clever import CleverSide


def class_name(identity: Identity) -> str:
    """Name the class of a Clever section."""
    return rostered_class(identity.key.id, identity.stint)


def class_of(
    identity: Identity,
    section: Section,
    before: Class | None,
    members: Mapping[str, Membership],
    settings: Settings,
) -> Class:
    """Say what a section's class is after the night.

    Args:
        identity: of the section in Clever.
        section: as Clever has it.
        before: the class as it was; ``None`` if it is made tonight.
        members: as they are after the night.
        settings: H10.
    """
    if before is None:
        return Class(title=section.name, name=section.name, members=members, section=identity)
    name = before.name
    if settings.overwrite_class_names:
        name = section.name  # H10
    elif before.title != section.name and before.name == before.title:
        name = None  # nobody has renamed it by hand, and whether Clever's new name arrives no rule says
    if (before.title, before.name, before.archived) == (section.name, name, False) and before.members is members:
        return before
    return replace(before, title=section.name, name=name, members=members, archived=False)


def why_class(name: str, before: Class | None, section: Section, clever: CleverSide, belief: Belief) -> Reason | None:
    """Say why a class is there and not in the archive, if that is news.

    Args:
        name: of the class.
        before: as it was.
        section: as Clever has it.
        clever: for the evidence.
        belief: what was known before the night.
    """
    since = clever.since(Key("section", section.id))[1:]
    if before is None:
        known = belief.reasons.get(Item("class", name))
        if known is not None and "A17" in known.rules:
            return Reason(("A17",), (*known.evidence, *since), "and Clever still has it")
        return Reason(("F4", "H11"), since)
    if not before.archived:
        return None
    known = belief.reasons.get(Item("state", name))
    by_hand = known is not None and known.rules == ("H2",)
    evidence = known.evidence if known is not None and by_hand else ()
    return Reason(("H2",) if by_hand else ("A12",), (*evidence, *since), "and Clever has it")


def archived_tonight(belief: Belief, living: frozenset[str], clever: CleverSide) -> dict[str, Reason]:
    """Name the classes whose section is gone from Clever, with the reason (A12); by-hand ones never are (F10).

    Args:
        belief: what was before the night.
        living: classes of the sections that Otus is shown.
        clever: for the evidence.
    """
    going = {}
    for name, klass in belief.classes.items():
        if klass.section is None or klass.archived or name in living:
            continue
        section = clever.section(klass.section.key.id)
        gone = clever.gone_since(klass.section.key, section.dbn if section is not None else "")
        going[name] = replace(gone or Reason((), (), "Clever has no such section"), rules=("A12",))
    return going
