"""The FAQ's five questions in their order, and H4's before them, each with what anybody can look up (F12, H4)."""

from fakes.ats.records import Change
from fakes.ats.records import Person as AtsPerson
from fakes.ats.records import Section as AtsSection
from fakes.shared.moments import wire_time
from simulator.diagnosis import REASONS, Reason
from simulator.explanation.case import Where, Who, entry_into, evidence_of, is_listed, is_wanted, on_its_way, problem_of
from simulator.explanation.foresight import obstacle
from simulator.explanation.records import Evidence, Step
from simulator.feed import members_of

REASON_OF_STEP: tuple[Reason, ...] = REASONS[1:]
"""The reason that a no to each question is, from H4's on; ``REASONS`` has them in the FAQ's order."""


def steps(who: Who, where: Where, reason: Reason) -> tuple[Step, ...]:
    """Answer the questions up to the one that is the reason; what comes after it decides nothing yet.

    Args:
        who: is missing, or is not.
        where: from which class.
        reason: as :func:`simulator.diagnosis.diagnose` gives it.
    """
    name, course = who.subject.name, where.course.name
    asked = (
        (f"Has {name} an e-mail address? (H4)", _email(who)),
        (f"Is the schedule of {_school(where)} finalized? (F3)", _schedule(where)),
        (f"Is {name} in {course} in ATS/STARS? (F1)", _in_section(who, where)),
        ("Does Clever have it? (72 hours, F4)", _in_clever(who, where)),
        ("Has a sync succeeded since? (F5)", _synced(who, where)),
        (f"Is the ID of {name} in order? (A10)", _id(who)),
    )
    first_no = REASON_OF_STEP.index(reason) if reason in REASON_OF_STEP else len(asked)
    return tuple(
        Step(number, question, "yes" if number < first_no else "no" if number == first_no else "open", evidence)
        for number, (question, evidence) in enumerate(asked)
    )


def _school(where: Where) -> str:
    return where.section.dbn if where.section is not None else "the school"


def _email(who: Who) -> tuple[Evidence, ...]:
    found = []
    if who.ats is not None:
        said = who.ats.email or "no e-mail"
        since = _email_since(who.changes)
        found.append(evidence_of(since, said) if since is not None else Evidence("ATS/STARS", said, who.ats.id))
    if who.clever is not None:
        found.append(Evidence("Clever", who.clever.email or "no e-mail", f"user {who.clever.id}"))
    if who.account is not None:
        account = who.account
        found.append(Evidence("Otus", account.email, f"account {account.id}", account.updated))
    return tuple(found)


def _email_since(changes: list[Change]) -> Change | None:
    """Give the change since which ATS has somebody's present e-mail."""
    since: Change | None = None
    for change in reversed(changes):
        before = since.record if since is not None else None
        if (
            isinstance(before, AtsPerson)
            and isinstance(change.record, AtsPerson)
            and change.record.email != before.email
        ):
            break
        since = change
    return since


def _schedule(where: Where) -> tuple[Evidence, ...]:
    schedule = where.schedule
    if schedule is None:
        return ()
    record = f"schedule {schedule.dbn} {schedule.term}"
    said = f"{schedule.state}, last touched by {schedule.by}" if schedule.by else schedule.state
    return (Evidence("ATS/STARS", said, record, schedule.changed_at or schedule.finalized_at),)


def _in_section(who: Who, where: Where) -> tuple[Evidence, ...]:
    entry = entry_into(where.changes, who.subject.number)
    if entry is None:
        return ()
    if where.section is not None and where.section.canceled:
        return (evidence_of(where.changes[-1], f"the section is cancelled ({where.changes[-1].action})"),)
    if is_wanted(who, where):
        return (evidence_of(entry, f"on the list since then ({entry.action})"),)
    if entry is where.changes[0]:
        return (evidence_of(where.changes[-1], "has never been on the list"),)
    return (evidence_of(entry, f"not on the list since then ({entry.action})"),)


def _in_clever(who: Who, where: Where) -> tuple[Evidence, ...]:
    number, section = who.subject.number, where.course.section_id
    found = []
    if where.clever is not None:
        listed = is_listed(who, where)
        said = (
            f"lists user {who.clever.id}" if listed and who.clever is not None else f"does not list {who.subject.name}"
        )
        since = who.world.feed.arrived_at(section or "", number or "") if listed else None
        found.append(Evidence("Clever", said, f"section {where.clever.id}", wire_time(since) if since else None))
    elif where.section is not None:
        shared = who.world.shares_school(where.section.dbn)
        why = "it is not there" if shared else f"{where.section.dbn} is not shared with Otus (H11)"
        found.append(Evidence("Clever", f"shows Otus no section {where.course.name}: {why}"))
    if who.clever is None:
        found.append(Evidence("Clever", f"shows Otus no user {who.subject.name}"))
    under_way = (*on_its_way(who, number), *on_its_way(who, section))
    found += [_under_way(delivery.change, wire_time(delivery.due), number) for delivery in under_way]
    return tuple(found)


def _under_way(change: Change, due: str, number: str | None) -> Evidence:
    said = f"{change.action}, released {change.released_at or change.at}"
    if isinstance(change.record, AtsSection):
        said = f"the list {'with' if number in members_of(change.record) else 'without'} them is on its way"
    elif isinstance(change.record, AtsPerson):
        said = f"their record ({change.action}) is on its way"
    return Evidence("feed", f"{said}, and arrives then", f"change {change.number}", due)


def _synced(who: Who, where: Where) -> tuple[Evidence, ...]:
    world, found = who.world, []
    arrived = world.feed.arrived_at(where.course.section_id or "", who.subject.number or "")
    if arrived is not None:
        found.append(Evidence("Clever", "has had them in the section since", at=wire_time(arrived)))
    sight = world.runner.last_sight
    if sight is not None:
        found.append(Evidence("sync", "the last run that succeeded began", at=wire_time(sight.started)))
    if world.runner.ends and world.runner.ends[-1].outcome not in ("succeeded", "held"):
        end = world.runner.ends[-1]
        record = f"run {end.report.id}" if end.report is not None else f"night {end.night}"
        found.append(
            Evidence("sync", f"the run after it {end.outcome}: {end.reason.strip()}", record, wire_time(end.started))
        )
    return tuple(found)


def _id(who: Who) -> tuple[Evidence, ...]:
    found = []
    if who.account is not None:
        account = who.account
        said = f"linked to Clever user {account.clever_id}" if account.clever_id else "linked to no Clever user"
        found.append(Evidence("Otus", said, f"account {account.id}", account.updated))
    if who.clever_id is not None:
        found.append(Evidence("Clever", f"{who.subject.name} is user {who.clever_id}", f"user {who.clever_id}"))
    in_the_way = obstacle(who, who.clever.email if who.clever is not None else "")
    if in_the_way is not None and who.account is not None and in_the_way.id != who.account.id:
        said = f"{in_the_way.role} account with the e-mail {in_the_way.email} stands in the way"
        found.append(Evidence("Otus", said, f"account {in_the_way.id}"))
    problem = problem_of(who)
    if problem is not None:
        found.append(Evidence("sync", problem.message))
    return tuple(found)
