"""What must hold after every night of every story, without being asked for.

The judge reads Clever and Otus over their own APIs before and after a run and compares. It shares nothing with
any sync: it says what must be true, not how to get there.
"""

from collections.abc import Iterator
from typing import NamedTuple

from fakes.otus.records import Account
from simulator.district import ByHandCoTeachers
from simulator.night import Rehearsal, RunEnd
from simulator.views import CleverSection, CleverUser, CleverView, OtusView


class Violation(NamedTuple):
    """An invariant that does not hold."""

    rules: tuple[str, ...]
    message: str
    expected: str
    found: str
    about: tuple[str, ...] = ()
    """Names of people and classes concerned."""


class Meanwhile(NamedTuple):
    """What others did while a run lasted: it may have come too late for the sync, which is not judged by it."""

    accounts: frozenset[int] = frozenset()
    """Edited in Otus."""
    classes: frozenset[int] = frozenset()
    """Edited in Otus, they or their members."""
    clever_moved: bool = False
    """Whether Clever's data changed."""


QUIET = Meanwhile()


class After(NamedTuple):
    """What the judge sees after a run."""

    end: RunEnd
    before: OtusView
    otus: OtusView
    clever: CleverView
    by_hand_co_teachers: ByHandCoTeachers
    meanwhile: Meanwhile = QUIET


def violations(after: After) -> list[Violation]:
    """Judge a night.

    Args:
        after: both sides of it.

    Returns:
        What does not hold, in a fixed order; empty when all is well.
    """
    found = [
        *_admins_untouched(after),
        *_by_hand_classes_untouched(after),
        *_by_hand_co_teachers_stay(after),
        *_emails_unique(after.otus),
    ]
    if after.end.outcome == "succeeded" and not after.meanwhile.clever_moved:
        found += _accounts_are_clevers(after)
        found += _rosters_are_clevers(after)
    if after.end.outcome == "succeeded":
        found += _nobody_wiped_stays(after)
    return found


def second_run_violations(rehearsal: Rehearsal) -> list[Violation]:
    """Judge a second run on a copy of the world: it must change nothing (A15)."""
    return _unless_idle(rehearsal, "a second run right after the night changes something")


def settled_night_violations(after: After) -> list[Violation]:
    """Judge a night that began as the night before had ended: it is a second run, and must change nothing (A15)."""
    second = Rehearsal(after.end.outcome, after.end.writes, same=after.otus == after.before)
    return _unless_idle(second, "a night for which nothing was new changes something")


def _unless_idle(second: Rehearsal, message: str) -> list[Violation]:
    if second.outcome in ("succeeded", "held") and second.same and not second.writes:
        return []
    found = f"it ended {second.outcome} after {second.writes} writes; Otus is "
    found += "the same" if second.same else "another than before"
    return [Violation(("A15",), message, "no write, no change", found)]


def _full_name(account: Account) -> str:
    return f"{account.first_name} {account.last_name}".strip()


def _admins_untouched(after: After) -> Iterator[Violation]:
    def admins(view: OtusView) -> dict[int, Account]:
        return {key: account for key, account in view.accounts.items() if account.role == "admin"}

    was, now = admins(after.before), admins(after.otus)
    for key in sorted((was.keys() | now.keys()) - after.meanwhile.accounts):  # F6
        if was.get(key) == now.get(key):
            continue
        name = _full_name(was.get(key) or now[key])
        what = "created" if key not in was else "removed" if key not in now else "changed"
        yield Violation(("F6",), f"the sync has {what} the admin account of {name}", "left alone", what, (name,))


def _by_hand_classes_untouched(after: After) -> Iterator[Violation]:
    for key, klass in after.before.classes.items():  # F10
        if klass.provenance != "manual" or key in after.meanwhile.classes:
            continue
        name = klass.name
        if key not in after.otus.classes:
            yield Violation(("F10",), f"the sync has removed the by-hand class {name}", "there", "gone", (name,))
        elif after.otus.classes[key] != klass:
            message = f"the sync has changed the by-hand class {name}"
            yield Violation(("F10",), message, repr(klass), repr(after.otus.classes[key]), (name,))
        elif after.otus.members(key) != after.before.members(key):
            message = f"the sync has changed the members of the by-hand class {name}"
            was, now = len(after.before.members(key)), len(after.otus.members(key))
            yield Violation(("F10",), message, f"the same {was} members", f"{now} members", (name,))


def _by_hand_co_teachers_stay(after: After) -> Iterator[Violation]:
    for key, klass in after.before.classes.items():  # F9
        if klass.provenance != "clever" or key not in after.otus.classes or key in after.meanwhile.classes:
            continue
        if after.by_hand_co_teachers == "only_without_rostered" and after.otus.rosters[key].roster.co_teachers:
            continue  # H3: the earlier edition removes them
        now = after.otus.members(key)
        for member in after.before.by_hand_in(key):
            if member.part == "co_teacher" and member.account not in now:
                name = _full_name(after.before.accounts[member.account])
                message = f"the by-hand co-teacher {name} is gone from {klass.name}"
                yield Violation(("F9",), message, "still a co-teacher", "not in the class", (name, klass.name))


def _emails_unique(otus: OtusView) -> Iterator[Violation]:
    owners: dict[str, Account] = {}
    for account in otus.accounts.values():  # A11
        first = owners.setdefault(account.email.casefold(), account)
        if first is not account:
            names = (_full_name(first), _full_name(account))
            yield Violation(("A11",), f"{names[0]} and {names[1]} have one e-mail", "unique", account.email, names)


def _is_excused(user: CleverUser, otus: OtusView) -> bool:
    """Tell whether a person rightly has no account linked to them: no e-mail (H4), or a conflict (A10, A11)."""
    if not user.email:
        return True
    for account in otus.accounts.values():
        of_another = account.clever_id not in (None, user.id)
        if account.sis_id == user.sis_id and account.role == user.role and of_another:
            return True
        unrelated = of_another or account.role != user.role or not account.active  # else it is theirs to be linked
        if account.email.casefold() == user.email.casefold() and unrelated:
            return True
    return False


def _accounts_are_clevers(after: After) -> Iterator[Violation]:
    for user in after.clever.users.values():
        name = f"{user.first_name} {user.last_name}".strip()
        account = after.otus.account_of(user.id)
        if account is None:
            if not _is_excused(user, after.otus):
                yield Violation(("F7",), f"{name} is in Clever and has no account", f"a {user.role}", "none", (name,))
            continue
        if account.id in after.meanwhile.accounts:
            continue
        if not account.active or account.role != user.role:
            found = f"{'an active' if account.active else 'an inactive'} {account.role}"
            yield Violation(("F7", "A13"), f"{name} has a wrong account", f"an active {user.role}", found, (name,))
        elif (account.first_name, account.last_name) != (user.first_name, user.last_name):
            yield Violation(("F7", "A7"), f"{name} is called otherwise in Otus", name, _full_name(account), (name,))
        elif user.email and account.email != user.email and not _email_is_taken(user, account, after.otus):
            yield Violation(
                ("F1", "A7"),
                f"{name} has another e-mail in Otus than in Clever",
                user.email,
                account.email,
                (name,),
            )
    yield from _accounts_of_nobody(after)


def _accounts_of_nobody(after: After) -> Iterator[Violation]:
    for account in after.otus.accounts.values():
        if account.provenance != "clever" or not account.active or account.clever_id in after.clever.users:
            continue
        if account.id in after.meanwhile.accounts:
            continue
        name = _full_name(account)
        if account.clever_id in after.clever.others:
            message = f"{name} is neither a student nor a teacher in Clever, and has a rostered account"
            yield Violation(("F6",), message, "no account", f"an active {account.role}", (name,))
        elif after.end.report is None or not after.end.report.withheld.accounts_deactivated:
            yield Violation(("A13",), f"{name} is gone from Clever and still active", "inactive", "active", (name,))


def _email_is_taken(user: CleverUser, account: Account, otus: OtusView) -> bool:
    return any(
        other.email.casefold() == user.email.casefold() and other.id != account.id for other in otus.accounts.values()
    )


def _rosters_are_clevers(after: After) -> Iterator[Violation]:
    withheld = after.end.report.withheld if after.end.report is not None else None
    # A section may go on naming somebody who is not shared (A16): nobody expects them in the class.
    linked = after.otus.linked_accounts
    ids = {clever_id: linked[clever_id].id for clever_id in after.clever.users if clever_id in linked}
    for section in after.clever.sections.values():
        klass = after.otus.class_of(section.id)
        known = klass or after.before.class_of(section.id)
        if known is not None and known.id in after.meanwhile.classes:
            continue
        if klass is None or klass.archived:
            found = "none" if klass is None else "an archived one"
            message = f"Clever has the section {section.name}, and Otus no living class for it"
            yield Violation(("F4", "H11", "A12"), message, "a class", found, (section.name,))
            continue
        roster = after.otus.rosters[klass.id].roster
        main = () if roster.teacher is None else (roster.teacher,)
        held = {"teachers": (*main, *roster.co_teachers), "students": roster.students}
        for part, wanted in _members(section, ids).items():
            # Whose ID somebody adjusted meanwhile was another person to the sync than now.
            missing = sorted(set(wanted) - set(held[part]) - after.meanwhile.accounts)
            surplus = sorted(set(held[part]) - set(wanted) - after.meanwhile.accounts)
            if withheld is not None and withheld.memberships_removed:
                surplus = []  # A14: removals may be withheld
            for account in missing:
                name = _full_name(after.otus.accounts[account])
                message = f"{name} is in {section.name} in Clever, and not on its roster in Otus"
                yield Violation(("F4",), message, "rostered", "not rostered", (name, section.name))
            for account in surplus:
                name = _full_name(after.otus.accounts[account])
                message = f"{name} is on the roster of {section.name} in Otus, and not in Clever"
                yield Violation(("F4",), message, "not rostered", "rostered", (name, section.name))
        if not after.meanwhile.accounts & {roster.teacher, *_members(section, ids)["teachers"]}:
            yield from _main_teacher(section, ids, roster.teacher, after.otus)
    yield from _classes_of_nothing(after)


def _classes_of_nothing(after: After) -> Iterator[Violation]:
    withheld = after.end.report.withheld if after.end.report is not None else None
    for klass in after.otus.classes.values():
        gone = klass.clever_id is not None and klass.clever_id not in after.clever.sections
        if klass.id in after.meanwhile.classes:
            continue
        if gone and not klass.archived and not (withheld is not None and withheld.classes_archived):
            message = f"{klass.name} is gone from Clever and not archived"
            yield Violation(("A12",), message, "archived", "alive", (klass.name,))


def _members(section: CleverSection, ids: dict[str, int]) -> dict[str, list[int]]:
    return {
        "teachers": [ids[member] for member in section.teachers if member in ids],
        "students": [ids[member] for member in section.students if member in ids],
    }


def _main_teacher(
    section: CleverSection, ids: dict[str, int], teacher: int | None, otus: OtusView
) -> Iterator[Violation]:
    wanted = next((ids[member] for member in section.teachers[:1] if member in ids), None)
    if wanted is not None and teacher != wanted:
        name = _full_name(otus.accounts[wanted])
        found = "nobody" if teacher is None else _full_name(otus.accounts[teacher])
        message = f"{section.name} has another main teacher in Otus than in Clever"
        yield Violation(("F4",), message, name, found, (name, section.name))


def _nobody_wiped_stays(after: After) -> Iterator[Violation]:
    for klass in after.otus.classes.values():  # F8
        if klass.clever_id is None or klass.archived or klass.id in after.meanwhile.classes:
            continue
        if klass.clever_id not in after.clever.sections:
            continue  # gone from Clever and still alive: it is as it was, or another invariant says so (A12, A14)
        for member in after.otus.by_hand_in(klass.id):
            if member.part == "student":
                name = _full_name(after.otus.accounts[member.account])
                message = f"{name}, added by hand, is still in {klass.name} after the night"
                yield Violation(
                    ("F8",), message, "removed, or rostered if Clever has them", "by hand", (name, klass.name)
                )
