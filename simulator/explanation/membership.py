"""Why somebody is, or is not, in a class in Otus, and what becomes of it (F8 to F10, F12, H1 to H4)."""

from datetime import datetime
from typing import NamedTuple

from fakes.ats.records import CO_TEACHERS_MAX
from fakes.shared.moments import wire_time
from simulator.clock import new_york
from simulator.diagnosis import WHO_MUST_ACT, Reason, diagnose
from simulator.explanation.case import Where, Who, audit_lines, is_wanted, on_its_way
from simulator.explanation.foresight import Night, conditions, nights_of, nights_until, obstacle
from simulator.explanation.records import STATUS_IN_WORDS, Evidence, Status, Topic, Turn
from simulator.explanation.steps import steps
from simulator.explanation.words import arrival_in_words, night_in_words

AUDIT_LINES_SHOWN = 3
"""The newest of what Otus's audit log says of somebody in a class."""


class _Verdict(NamedTuple):
    """What is said of a membership."""

    sentence: str
    reason: str
    rules: tuple[str, ...]
    who: str


def membership(who: Who, where: Where) -> Topic:
    """Explain how somebody is in a class, or why they are not."""
    about = f"{who.subject.name} in {where.course.name}"
    nights = [] if where.by_hand else nights_of(who, where)
    turns = _turns(who, where, nights)
    reason = _diagnosis(who, where)
    verdict = _judge(who, where, reason, turns)
    missing = reason != "not missing"
    asked = reason is not None and where.status != "roster" and (is_wanted(who, where) or not turns)
    return Topic(
        concern="membership",
        about=about,
        now=STATUS_IN_WORDS[where.status],
        verdict=verdict.sentence,
        right=_is_right(who, where, turns),
        reason=verdict.reason,
        rules=verdict.rules,
        who=verdict.who,
        by_itself=_by_itself(who, where, turns),
        if_done_now=_if_done_now(who, where, reason) if missing and reason is not None else "",
        steps=steps(who, where, reason) if asked and reason is not None else (),
        turns=turns,
        evidence=(*_by_hand_evidence(who, where),),
        conditions=conditions(who) if turns else (),
    )


def _diagnosis(who: Who, where: Where) -> Reason | None:
    """Ask the FAQ's questions, if they apply: of somebody and of a class that come through ATS/STARS."""
    if who.subject.number is None or where.by_hand:
        return None
    return diagnose(who.world, who.subject.name, where.course.name).reason


def _is_right(who: Who, where: Where, turns: tuple[Turn, ...]) -> bool:
    """Tell whether Otus is as it must be in the end: as ATS/STARS has it, or as the rules leave it by hand."""
    if where.by_hand or (where.status == "hand" and not turns):
        return True  # F10, F9
    return (where.status == "roster") == is_wanted(who, where)


# ---------------------------------------------------------------- what is coming


def _turns(who: Who, where: Where, nights: list[Night]) -> tuple[Turn, ...]:
    turns, before = [], where.status
    for night in nights:
        if night.status != before:
            since = night.coming.since or _listed_since(who, where, night)
            why, rules = _why(who, where, before, night)
            turns.append(
                Turn(
                    becomes=STATUS_IN_WORDS[night.status],
                    in_clever=wire_time(since) if since is not None else None,
                    in_otus=wire_time(night.at),
                    why=why,
                    rules=rules,
                )
            )
        before = night.status
    return tuple(turns)


def _why(who: Who, where: Where, before: Status, night: Night) -> tuple[str, tuple[str, ...]]:
    """Say why a night changes how somebody is in a class."""
    name, course, state = who.subject.name, where.course.name, night.coming
    if night.status == "roster":
        if before == "hand":
            rule = "F8" if where.part == "student" else "A8"
            return f"Clever lists {name} in {course}: what was by hand becomes rostered", (rule,)
        if state.since is None and _was_synced(who, where):
            return f"Clever lists {name} in {course}: who was taken out by hand comes back", ("H1",)
        return f"Clever lists {name} in {course}", ("F4", "F7")
    if before == "hand" and where.part == "co_teacher":
        return f"{course} has a co-teacher from Clever, and the district keeps no other by hand", ("H3",)
    if before == "hand":
        return f"{name} was added by hand and Clever does not list them in {course}", ("F8",)
    if not state.has_class:
        return f"{course} is gone from Clever and is archived", ("A12",)
    if not state.known:
        return f"{name} is gone from Clever", ("A13",)
    return f"Clever does not list {name} in {course} any more", ("F4",)


def _listed_since(who: Who, where: Where, night: Night) -> datetime | None:
    """Say since when Clever has had somebody in a section, if it has them there already."""
    if not night.coming.listed:
        return None
    return who.world.feed.arrived_at(where.course.section_id or "", who.subject.number or "")


def _was_synced(who: Who, where: Where) -> bool:
    """Tell whether the last good run had somebody in a class before it."""
    sight = who.world.runner.last_sight
    if sight is None or who.clever is None or where.clever is None or not who.linked:
        return False
    section = sight.clever.sections.get(where.clever.id)
    return section is not None and who.clever.id in (*section.teachers, *section.students)


def _by_itself(who: Who, where: Where, turns: tuple[Turn, ...]) -> str:
    """Say when Otus will be right without anybody's doing; empty if it is, or never will be."""
    wanted = STATUS_IN_WORDS["roster" if is_wanted(who, where) else "none"]
    if _is_right(who, where, turns) or not turns or turns[-1].becomes != wanted:
        return ""
    return arrival_in_words(turns[-1])


def _if_done_now(who: Who, where: Where, reason: Reason) -> str:
    """Say when Otus would be right if whoever must act did it at this moment; empty if nobody must."""
    match reason:
        case "ID needs adjusting":
            night = nights_until(who, [])[0]
            return f"adjusted now, in Otus {new_york(night)}"
        case "schedule not finalized" if is_wanted(who, where):
            return _through_feed(who, where, "finalized now")
        case "schedule not finalized":
            return _through_feed(who, where, "added and finalized now")
        case "not in the section":
            return _through_feed(who, where, "added now")
        case "no e-mail":
            return _through_feed(who, where, "given one now")
    return ""


def _through_feed(who: Who, where: Where, what: str) -> str:
    under_way = [*on_its_way(who, where.course.section_id), *on_its_way(who, who.subject.number)]
    # A2: the longest that it may take, and not before what is on its way already
    in_clever: datetime = max([who.now + who.world.setup.lag.longest, *(each.due for each in under_way)])
    night = nights_until(who, [in_clever])[-1]
    return f"{what}, in Clever {new_york(in_clever)}, in Otus {new_york(night)}"


# ---------------------------------------------------------------- the verdict


def _judge(who: Who, where: Where, reason: Reason | None, turns: tuple[Turn, ...]) -> _Verdict:
    if where.by_hand:
        return _of_a_class_by_hand(who, where)
    if where.status == "hand":
        return _of_a_member_by_hand(who, where, turns)
    if where.status == "roster":
        return _of_a_rostered_member(who, where, turns)
    if reason is None:
        name, course = who.subject.name, where.course.name
        sentence = f"{name} is not in {course}: ATS/STARS does not know them, and nobody has added them by hand"
        return _Verdict(sentence, "not in the section", ("F1", "F7"), WHO_MUST_ACT["not in the section"])
    return _of_somebody_missing(who, where, reason, turns)


def _of_a_class_by_hand(who: Who, where: Where) -> _Verdict:
    name, course = who.subject.name, where.course.name
    if where.status == "none":
        sentence = f"{name} is not in {course}, a class made by hand: its teacher or an admin adds people by hand (F10)"
        return _Verdict(sentence, "class made by hand", ("F10", "H8"), f"the teacher of {course} adds them in Otus")
    sentence = f"{name} is in {course}, a class made by hand: the sync never touches it (F10)"
    return _Verdict(sentence, "class made by hand", ("F10",), "nobody")


def _of_a_member_by_hand(who: Who, where: Where, turns: tuple[Turn, ...]) -> _Verdict:
    name, course = who.subject.name, where.course.name
    if not turns:
        sentence = f"{name} is in {course} by hand and stays: the sync leaves co-teachers added by hand (F9)"
        return _Verdict(sentence, "added by hand", ("F9",), "nobody")
    first = turns[0]
    fate = {"roster": "becomes rostered", "none": "will be removed"}
    becomes = next(status for status, words in STATUS_IN_WORDS.items() if words == first.becomes)
    when = night_in_words(who, first)
    sentence = (
        f"{name} is in {course} by hand, and {fate[becomes]} {when}, because {first.why} ({', '.join(first.rules)})"
    )
    acts = "nobody" if is_wanted(who, where) else _who_adds(where, "student" if where.part == "student" else "teacher")
    return _Verdict(sentence, "added by hand", first.rules, acts)


def _of_a_rostered_member(who: Who, where: Where, turns: tuple[Turn, ...]) -> _Verdict:
    name, course = who.subject.name, where.course.name
    if is_wanted(who, where):
        if turns and turns[-1].becomes == STATUS_IN_WORDS["none"]:
            sentence = (
                f"{name} is on the roster of {course}, and leaves it {night_in_words(who, turns[0])}: {turns[0].why}"
            )
            return _Verdict(sentence, "on its way out", turns[0].rules, "nobody")
        sentence = f"{name} is on the roster of {course}, as ATS/STARS has it"
        return _Verdict(sentence, "not missing", ("F4", "F7"), "nobody")
    sentence = f"{name} is still on the roster of {course}, though ATS/STARS does not list them any more"
    if turns:
        return _Verdict(f"{sentence}: {turns[-1].why}", "on its way out", turns[-1].rules, "nobody")
    if where.schedule is not None and where.schedule.state == "draft":
        who_acts = WHO_MUST_ACT["schedule not finalized"]
        return _Verdict(f"{sentence}: the schedule is a draft", "schedule not finalized", ("F3",), who_acts)
    return _Verdict(sentence, "on its way out", ("F4",), "nobody")


def _of_somebody_missing(who: Who, where: Where, reason: Reason, turns: tuple[Turn, ...]) -> _Verdict:
    name, course = who.subject.name, where.course.name
    rules: tuple[str, ...] = ("H4",) if reason == "no e-mail" else ("F12",)
    sentence = f"{name} is missing from {course}: {reason}"
    acts = WHO_MUST_ACT[reason]
    if reason == "not in the section":
        acts = _who_adds(where, who.subject.role or "student")
    if reason == "not in Clever yet" and where.section is not None and not who.world.shares_school(where.section.dbn):
        sentence += f": {where.section.dbn} is not shared with Otus"
        rules, acts = ("F12", "H11"), "the district shares the school with the Otus application in Clever"
    if reason == "no successful sync since" and turns and "H1" in turns[0].rules:
        sentence = f"{name} has been taken out of {course} by hand, and is back {night_in_words(who, turns[0])}"
        rules = ("H1",)
    if reason == "ID needs adjusting":
        in_the_way = obstacle(who, who.clever.email if who.clever is not None else "")
        if in_the_way is not None and in_the_way.role != who.subject.role:
            sentence += f" (their e-mail {in_the_way.email} is that of a {in_the_way.role} account, A11)"
            acts = "the DIIT office or whoever owns that account changes one of the two e-mails"
    return _Verdict(sentence, reason, rules, acts)


def _who_adds(where: Where, role: str) -> str:
    """Say who puts somebody into a class for good; a third co-teacher ATS does not take (F2)."""
    if role == "teacher" and where.section is not None and len(where.section.co_teachers) >= CO_TEACHERS_MAX:
        return (
            f"the main teacher adds them by hand in Otus: ATS/STARS has {CO_TEACHERS_MAX} co-teachers already, and "
            "takes no third (F2, F9)"
        )
    return WHO_MUST_ACT["not in the section"]


def _by_hand_evidence(who: Who, where: Where) -> list[Evidence]:
    """Point at what was done by hand about somebody in a class: Otus's audit log says who and when."""
    if who.account is None or where.otus is None or where.status == "roster":
        return []
    lines = audit_lines(who, account_id=who.account.id, class_id=where.otus.id)[-AUDIT_LINES_SHOWN:]
    return [Evidence("Otus", f"{line.who}: {line.what}", f"audit line {line.number}", line.at) for line in lines]
