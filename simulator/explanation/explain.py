"""One question, one answer: everything there is to say about a person, or about a person in a class."""

from collections.abc import Iterable

from fakes.shared.moments import wire_time
from simulator.explanation.case import Who, gather_class, gather_person, is_listed, is_wanted
from simulator.explanation.details import account, email, name
from simulator.explanation.membership import membership
from simulator.explanation.records import Explanation, Ids, Topic
from simulator.explanation.subject import Course, Systems, classes_naming, find_class, find_person
from simulator.world import World


def explain(
    world: World, person: str, class_name: str | None = None, among: Iterable[str] | None = None
) -> Explanation:
    """Explain why somebody is as they are in Otus, and when it will be right by itself.

    It reads the three systems over their APIs and changes nothing; it asks no sync.

    Args:
        world: at the moment in question.
        person: name, OSIS or staff number, or e-mail.
        class_name: name, ATS's id, or Otus's; without it everything about the person is told.
        among: the ids of the classes that name the person in any system, if whoever asks has them at hand; else all
            classes are looked through.

    Raises:
        UnknownName: nobody, or no class, is called so.
        AmbiguousName: several are.
    """
    return explain_in(read_systems(world), person, class_name, among)


def read_systems(world: World) -> Systems:
    """Read Clever and Otus once, for many questions about one moment."""
    return Systems(world, world.clever_view(), world.otus_view())


def explain_in(
    systems: Systems, person: str, class_name: str | None = None, among: Iterable[str] | None = None
) -> Explanation:
    """Explain as :func:`explain` does, from systems that have been read at this moment."""
    who = gather_person(systems, find_person(systems, person))
    details = [topic for topic in (account(who), email(who), name(who)) if topic is not None]
    if class_name is not None:
        course = find_class(systems, class_name)
        wrong = [topic for topic in details if not topic.right or topic.turns]
        topics = [membership(who, gather_class(who, course)), *wrong]
        return _explanation(who, course.name, topics)
    if among is None:
        return _explanation(who, None, [*details, *_memberships(who, classes_naming(systems, who.subject))])
    courses = [find_class(systems, words) for words in among]
    return _explanation(who, None, [*details, *_memberships(who, courses)])


def _memberships(who: Who, courses: Iterable[Course]) -> list[Topic]:
    """Explain the classes that somebody is in, in ATS/STARS, Clever or Otus."""
    topics = []
    for course in courses:
        where = gather_class(who, course)
        if where.status != "none" or is_listed(who, where) or is_wanted(who, where):
            topics.append(membership(who, where))
    return topics


def _explanation(who: Who, class_name: str | None, topics: list[Topic]) -> Explanation:
    ids = Ids(who.subject.number, who.clever_id, who.account.id if who.account is not None else None)
    return Explanation(who.subject.name, class_name, wire_time(who.now), ids, tuple(topics))
