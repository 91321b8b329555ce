"""What a plan means, school by school and by name, for the person who has to decide about it (A14)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import UNSET

from otus_sync.otus_records import Account, Counts
from otus_sync.plan.desired import Desired
from otus_sync.plan.model import AccountChange, ClassChange, OtusSide, Plan

NAMES_MAX = 10
"""So many of the withheld are named; the numbers tell how many there are."""
NO_SCHOOL = "(no school)"

Accounts = Callable[[int], Account | None]


class SchoolOutlook(msgspec.Struct, frozen=True):
    """What a run would do in one school."""

    school: str
    """DBN; somebody of several schools counts in the first."""
    would_write: Counts
    would_withhold: Counts
    accounts: int
    """Rostered and active in Otus before the run."""
    classes: int
    """Rostered and open in Otus before the run."""

    def loss_in_words(self) -> str:
        """Say what the school would lose if nothing were withheld; empty if nothing is."""
        withheld = self.would_withhold
        losses = (
            (withheld.accounts_deactivated, f" of its {self.accounts} accounts"),
            (withheld.classes_archived, f" of its {self.classes} classes"),
            (withheld.memberships_removed, " memberships in classes that stay"),
        )
        said = [f"{count}{of}" for count, of in losses if count]
        return f"{self.school} would lose {', '.join(said)}." if said else ""


class Outlook(msgspec.Struct, frozen=True):
    """What a run would do."""

    schools: tuple[SchoolOutlook, ...]
    first_withheld: tuple[str, ...]
    """In words, the first of each kind: classes, then people, then memberships."""


class _Removal(msgspec.Struct, frozen=True, gc=False):
    """One line of what is withheld: an account, a class, or a member of a class."""

    klass: int | None
    account: int | None


def outlook(plan: Plan, otus: OtusSide, desired: Desired) -> Outlook:
    """Tell what a plan does and withholds.

    Args:
        plan: as it was made.
        otus: what it was made from.
        desired: likewise.
    """
    people, accounts = desired.people, desired.people.account
    schools = {about.id: about.school for about in otus.classes}
    titles = {about.id: about.name for about in otus.classes}
    withheld = [_removal(line) for line in plan.verdict.removals] if plan.verdict.withholds else []
    writes = _by_school((*_account_counts(plan, accounts), *_class_counts(plan)))
    withholds = _by_school((_school_of(one, accounts, schools), _kind_of(one)) for one in withheld)
    there = Counter(first_school(one) for one in otus.accounts if one.clever_id and one.active and one.role != "admin")
    for schools_of, count in people.settled.by_school.items():
        there[next(iter(schools_of), NO_SCHOOL)] += count
    is_open = Counter(about.school for about in otus.classes if not about.archived)
    is_open.update(map(desired.classes.school_of, otus.equal_classes))
    nothing = Counts()
    return Outlook(
        schools=tuple(
            SchoolOutlook(
                school, writes.get(school, nothing), withholds.get(school, nothing), there[school], is_open[school]
            )
            for school in sorted({*writes, *withholds})
        ),
        first_withheld=tuple(_first_in_words(withheld, accounts, titles)),
    )


def first_school(account: Account) -> str:
    """Give the school under which somebody counts."""
    return next(iter(account.schools), NO_SCHOOL)


def _account_counts(plan: Plan, accounts: Accounts) -> Iterator[tuple[str, Counts]]:
    for change in plan.account_writes():
        made = change.write.id is None
        yield _school_of_account(change, accounts), Counts(accounts_created=made, accounts_updated=not made)
    for change in plan.deactivations:
        yield _school_of_account(change, accounts), Counts(accounts_deactivated=1)


def _class_counts(plan: Plan) -> Iterator[tuple[str, Counts]]:
    for change in plan.classes:
        counts = Counts(
            classes_created=change.id is None,
            classes_updated=change.id is not None,
            memberships_added=len(change.added()),
            memberships_removed=len(change.removed()),
            by_hand_removed=len(change.remove_by_hand),
        )
        yield _school_of_class(change), counts
    for change in plan.archives:
        yield _school_of_class(change), Counts(classes_archived=1)


def _school_of_class(change: ClassChange) -> str:
    if change.school is not UNSET:
        return change.school
    return change.was.school if change.was is not None else NO_SCHOOL


def _school_of_account(change: AccountChange, accounts: Accounts) -> str:
    account = accounts(change.write.id) if change.write.id is not None else None
    written = change.write.schools
    schools = written if written is not UNSET else account.schools if account else ()
    return next(iter(schools), NO_SCHOOL)


def _by_school(found: Iterable[tuple[str, Counts]]) -> dict[str, Counts]:
    sums: dict[str, dict[str, int]] = {}
    for school, counts in found:
        sum_of = sums.setdefault(school, {})
        for kind, count in msgspec.structs.asdict(counts).items():
            sum_of[kind] = sum_of.get(kind, 0) + count
    return {school: Counts(**sum_of) for school, sum_of in sums.items()}


# ------------------------------------------------------------ what is withheld


def _removal(line: str) -> _Removal:
    """Read a line of the guard's list: ``account 5``, ``class 7`` or ``class 7 member 5``."""
    match line.split():
        case ["account", account]:
            return _Removal(None, int(account))
        case ["class", klass]:
            return _Removal(int(klass), None)
        case ["class", klass, "member", account]:
            return _Removal(int(klass), int(account))
    raise AssertionError(f"{line!r} is no removal that the guard lists")


def _kind_of(removal: _Removal) -> Counts:
    if removal.klass is None:
        return Counts(accounts_deactivated=1)
    return Counts(classes_archived=1) if removal.account is None else Counts(memberships_removed=1)


def _school_of(removal: _Removal, accounts: Accounts, schools: Mapping[int, str]) -> str:
    if removal.klass is not None:
        return schools.get(removal.klass, NO_SCHOOL)
    account = accounts(removal.account or 0)
    return first_school(account) if account else NO_SCHOOL


def _first_in_words(withheld: Sequence[_Removal], accounts: Accounts, titles: Mapping[int, str]) -> Iterator[str]:
    def name(number: int | None) -> str:
        account = accounts(number or 0)
        return f"{account.first_name} {account.last_name}".strip() or account.email if account else f"account {number}"

    def title(number: int | None) -> str:
        return titles.get(number or 0, f"class {number}")

    classes = sorted(title(one.klass) for one in withheld if one.account is None)
    people = sorted(f"{name(one.account)} ({_role(accounts, one)})" for one in withheld if one.klass is None)
    members = sorted((title(one.klass), name(one.account)) for one in withheld if one.klass and one.account)
    yield from (f"{there} would be archived" for there in classes[:NAMES_MAX])
    yield from (f"{somebody} would be deactivated" for somebody in people[:NAMES_MAX])
    yield from (f"{somebody} would leave {there}" for there, somebody in members[:NAMES_MAX])


def _role(accounts: Accounts, removal: _Removal) -> str:
    account = accounts(removal.account or 0)
    return account.role if account else "account"
