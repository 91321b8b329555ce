"""Somebody's account, e-mail and name in Otus: whether they are as ATS/STARS has them, and what becomes of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from fakes.ats.records import Person
from fakes.shared.moments import wire_time
from simulator.explanation.case import Who, audit_lines, evidence_of, on_its_way, problem_of
from simulator.explanation.foresight import can_be_rostered, conditions, nights_until, obstacle
from simulator.explanation.records import Concern, Evidence, Topic, Turn
from simulator.explanation.subject import accounts_with
from simulator.explanation.words import arrival_in_words, night_in_words

AUDIT_LINES_SHOWN = 2
"""The newest of what Otus's audit log says of an account."""


class Coming(NamedTuple):
    """What Clever holds of a person from a moment on."""

    since: datetime | None
    """``None``: it holds that now."""
    known: bool
    email: str
    full_name: str


class _Night(NamedTuple):
    """What Otus holds of a person after a coming night."""

    at: datetime
    coming: Coming
    value: str


class _Detail(NamedTuple):
    """One thing that all three systems hold of a person."""

    concern: Concern
    ats: str
    clever: str
    otus: str


Next = Callable[[Coming, datetime, str], str]
"""Gives what Otus holds after a night: from what Clever holds, the night, and what Otus held before."""


def account(who: Who) -> Topic:
    """Explain whether somebody has an account in Otus, and whether it works (F7, A13)."""
    if who.subject.number is None:
        return _account_by_hand(who)
    state = _state(who)
    stays = who.ats is not None and not who.ats.discharged
    wanted = "active" if stays and who.ats is not None and who.ats.email else "inactive" if state != "none" else "none"
    if stays and state == "active":
        wanted = "active"  # H4: an account that loses its e-mail keeps the one it has

    def following(coming: Coming, _night: datetime, before: str) -> str:
        if can_be_rostered(who, coming.known, coming.email):
            return "active"
        rostered = who.linked and who.account is not None and who.account.provenance == "clever"
        return "inactive" if rostered and not coming.known and before != "none" else before

    turns = _turns(_nights(who, following, state), state, ("F7",), _why_account)
    verdict, reason, rules, acts = _judge_account(who, state, wanted, turns)
    return Topic(
        concern="account",
        about=who.subject.name,
        now=state,
        verdict=verdict,
        right=state == wanted,
        reason=reason,
        rules=rules,
        who=acts,
        by_itself=_by_itself(turns, wanted) if state != wanted else "",
        turns=turns,
        evidence=_evidence(who, "account"),
        conditions=conditions(who) if turns else (),
    )


def email(who: Who) -> Topic | None:
    """Explain the e-mail that somebody has in Otus (F1, A7, A11, H4); ``None`` for one without number or account."""
    if who.ats is None or who.account is None:
        return None
    clever = who.clever.email if who.clever is not None else ""
    detail = _Detail("e-mail", who.ats.email.strip(), clever, who.account.email)

    def following(coming: Coming, night: datetime, before: str) -> str:
        if not coming.email or not can_be_rostered(who, coming.known, coming.email):
            return before  # H4
        return before if _clashes(who, coming.email, night) else coming.email

    return _detail(who, detail, following)


def name(who: Who) -> Topic | None:
    """Explain the name that somebody has in Otus (A7); ``None`` for one without number or account."""
    if who.ats is None or who.account is None:
        return None
    clever = f"{who.clever.first_name} {who.clever.last_name}".strip() if who.clever is not None else ""
    ats, otus = (f"{each.first_name} {each.last_name}".strip() for each in (who.ats, who.account))

    def following(coming: Coming, _night: datetime, before: str) -> str:
        return coming.full_name if can_be_rostered(who, coming.known, coming.email) else before

    return _detail(who, _Detail("name", ats, clever, otus), following)


# ---------------------------------------------------------------- what is coming


def comings_of(who: Who, number: str | None) -> list[Coming]:
    """Give what Clever holds of a person now, and after each delivery that is on its way."""
    user = None if number is None else who.systems.clever.user_of(number)
    full_name = "" if user is None else f"{user.first_name} {user.last_name}".strip()
    states = [Coming(None, user is not None, "" if user is None else user.email, full_name)]
    for delivery in on_its_way(who, number):
        record = delivery.change.record
        if isinstance(record, Person):
            shared = any(who.world.shares_school(dbn) for dbn in record.schools)  # H11
            full_name = f"{record.first_name} {record.last_name}".strip()
            states.append(Coming(delivery.due, shared and not record.discharged, record.email.strip(), full_name))
    return states


def _at(states: Sequence[Coming], night: datetime) -> Coming:
    return next(state for state in reversed(states) if state.since is None or state.since <= night)


def _nights(who: Who, following: Next, now: str) -> list[_Night]:
    states = comings_of(who, who.subject.number)
    moments = [delivery.due for delivery in who.world.feed.pending()]
    nights, value = [], now
    for night in nights_until(who, moments):
        state = _at(states, night)
        value = following(state, night, value)
        nights.append(_Night(night, state, value))
    return nights


def _turns(
    nights: Sequence[_Night], now: str, rules: tuple[str, ...], why: Callable[[Coming, str], str]
) -> tuple[Turn, ...]:
    turns, before = [], now
    for night in nights:
        if night.value != before:
            since = wire_time(night.coming.since) if night.coming.since is not None else None
            turns.append(Turn(night.value, since, wire_time(night.at), why(night.coming, night.value), rules))
        before = night.value
    return tuple(turns)


def _by_itself(turns: tuple[Turn, ...], wanted: str) -> str:
    """Say when Otus comes to hold what it must hold in the end; empty if nothing that is on its way does that."""
    if not turns or turns[-1].becomes != wanted:
        return ""
    return arrival_in_words(turns[-1])


def _clashes(who: Who, address: str, night: datetime) -> bool:
    """Tell whether an address belongs to another account after a night (A11); a swap in one night is no clash."""
    for other in accounts_with(who.systems, address):
        if who.account is not None and other.id == who.account.id:
            continue
        user = who.systems.clever.users.get(other.clever_id or "")
        later = _at(comings_of(who, user.sis_id), night).email if user is not None else other.email
        if (later or other.email).casefold() == address.casefold():
            return True
    return False


# ---------------------------------------------------------------- the verdicts


def _detail(who: Who, detail: _Detail, following: Next) -> Topic:
    rules = ("A7", "F1") if detail.concern == "name" else ("F1", "A7", "A11")
    turns = _turns(_nights(who, following, detail.otus), detail.otus, rules, _why_detail(detail))
    right = detail.otus == detail.ats or (detail.concern == "e-mail" and not detail.ats)  # H4
    verdict, reason, acts = _judge_detail(who, detail, turns, right=right)
    return Topic(
        concern=detail.concern,
        about=who.subject.name,
        now=detail.otus,
        verdict=verdict,
        right=right,
        reason=reason,
        rules=rules if turns or not right else ("F1",),
        who=acts,
        by_itself="" if right else _by_itself(turns, detail.ats),
        turns=turns,
        evidence=_evidence(who, detail.concern),
        conditions=conditions(who) if turns else (),
    )


def _why_detail(detail: _Detail) -> Callable[[Coming, str], str]:
    def why(coming: Coming, value: str) -> str:
        edited = coming.since is None and detail.clever == value
        return f"Clever has {value}" + (", and the sync overwrites what Otus has (A7)" if edited else "")

    return why


def _judge_detail(who: Who, detail: _Detail, turns: tuple[Turn, ...], *, right: bool) -> tuple[str, str, str]:
    """Give the sentence, the reason, and who must do what."""
    called, what = who.subject.name, detail.concern
    if right and not turns:
        return f"the {what} of {called} in Otus is {detail.otus}, as in ATS/STARS", "in order", "nobody"
    sentence = f"the {what} of {called} in Otus is {detail.otus}"
    if turns:
        becomes = f"{sentence}, and becomes {turns[0].becomes} {night_in_words(who, turns[0])}: {turns[0].why}"
        reason = "on its way" if detail.ats != detail.clever else "no successful sync since"
        return becomes, reason, "nobody"
    sentence += f"; ATS/STARS has {detail.ats}, Clever {detail.clever or 'none'}"
    problem = problem_of(who)
    if who.clever is not None and not who.linked:
        return f"{sentence}: the account is not linked to them", "ID needs adjusting", "Otus Support adjusts their ID"
    if detail.concern == "e-mail" and detail.ats == detail.clever:
        told = f" ({problem.message})" if problem is not None else ""
        acts = "whoever has the other account with this e-mail gives it up; the next sync does the rest"
        return f"{sentence}: another account has that address{told}", "e-mail clash", acts
    return sentence, "not shared", "the district shares them with the Otus application in Clever"


def _state(who: Who) -> str:
    if who.account is None:
        return "none"
    return "active" if who.account.active else "inactive"


def _why_account(_coming: Coming, value: str) -> str:
    if value == "active":
        return "Clever has them, with an e-mail"
    return "Clever does not have them any more (A13)"


def _judge_account(who: Who, state: str, wanted: str, turns: tuple[Turn, ...]) -> tuple[str, str, tuple[str, ...], str]:
    """Give the sentence, the reason, the rules, and who must do what."""
    called = who.subject.name
    words = "has no account in Otus" if state == "none" else f"has an {state} account in Otus"
    sentence = f"{called} {words}"
    if turns:
        first = turns[0]
        return (
            f"{sentence}; it is {first.becomes} {night_in_words(who, first)}: {first.why}",
            "on its way",
            ("F7",),
            "nobody",
        )
    if who.ats is not None and not who.ats.discharged and not who.ats.email and state == "none":
        return (
            f"{sentence}: ATS/STARS has no e-mail",
            "no e-mail",
            ("H4",),
            "the DIIT office adds an e-mail in ATS/STARS",
        )
    blocking = obstacle(who, who.clever.email if who.clever is not None else "")
    if blocking is not None:
        sentence = f"{sentence}: {blocking.role} account {blocking.id} is linked to somebody else, or of another role"
        return sentence, "ID needs adjusting", ("A10", "A11"), "Otus Support adjusts their ID"
    if state == wanted:
        return sentence, "in order", ("F7",), "nobody"
    return (
        f"{sentence}: Clever does not show them to Otus",
        "not shared",
        ("H11",),
        "the district shares them in Clever",
    )


def _account_by_hand(who: Who) -> Topic:
    called, found = who.subject.name, who.account
    role = found.role if found is not None else "unknown"
    rule = "F6" if role == "admin" else "H5"
    sentence = (
        f"the {role} account of {called} was made by hand in Otus; ATS/STARS does not know them, and the sync leaves it"
    )
    return Topic(
        concern="account",
        about=called,
        now=_state(who),
        verdict=f"{sentence} ({rule})",
        right=True,
        reason="made by hand",
        rules=(rule,),
        who="nobody",
        by_itself="",
        evidence=_evidence(who, "account"),
    )


def _evidence(who: Who, concern: Concern) -> tuple[Evidence, ...]:
    """Point at what each system holds, and at what was last done to the account in Otus."""
    found = []
    if who.changes and who.ats is not None:
        last = who.changes[-1]
        state = (
            "discharged"
            if who.ats.discharged
            else f"{who.ats.first_name} {who.ats.last_name}, {who.ats.email or 'no e-mail'}"
        )
        found.append(evidence_of(last, f"{last.action}: {state}"))
    for delivery in on_its_way(who, who.subject.number):
        said = f"their record ({delivery.change.action}) is on its way, and arrives then"
        found.append(Evidence("feed", said, f"change {delivery.change.number}", wire_time(delivery.due)))
    if who.clever is not None:
        user = who.clever
        found.append(
            Evidence("Clever", f"{user.first_name} {user.last_name}, {user.email or 'no e-mail'}", f"user {user.id}")
        )
    if who.account is not None:
        held = who.account
        said = f"{held.first_name} {held.last_name}, {held.email}, {'active' if held.active else 'inactive'}"
        found.append(Evidence("Otus", said, f"account {held.id}", held.updated))
        lines = audit_lines(who, account_id=held.id)[-AUDIT_LINES_SHOWN:]
        found += [Evidence("Otus", f"{line.who}: {line.what}", f"audit line {line.number}", line.at) for line in lines]
    return tuple(found) if concern != "name" else tuple(found[:3])
