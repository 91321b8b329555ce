"""What Otus holds against what it must hold, point by point, in words, with the reason."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from fakes.otus.records import Account as OtusAccount
from fakes.otus.records import Class as OtusClass
from fakes.otus.records import Work as OtusWork
from simulator.oracle.belief import Account, Aspect, Belief, Class, Item, Membership, Provenance, Reason
from simulator.oracle.facts import Outcome, Part
from simulator.oracle.reasoning.emails import compared
from simulator.oracle.statements import membership_in_words, reason_of
from simulator.views import OtusView

ENDED: dict[Outcome, str] = {"succeeded": "succeeded", "held": "been held", "failed": "failed"}
MEMBERSHIP = {"member", "member as", "member by"}
STATES = {True: "active", False: "inactive"}
ARCHIVED = {True: "archived", False: "active"}
BY = {"clever": "by roster", "manual": "by hand"}
WORK_STAYS = Reason(("H7",), (), "work is hidden while its student is out of the class, and never deleted")


class Names:
    """How people and classes are called in a difference."""

    def of_account(self, account: Account | OtusAccount) -> str:
        """Call somebody by first and last name."""
        return f"{account.first_name} {account.last_name}".strip() or account.email

    def of_class(self, klass: Class) -> str:
        """Call a class as ATS does, or whoever made it."""
        return klass.title


class Sight(msgspec.Struct, frozen=True):
    """Otus as it is after a run."""

    otus: OtusView
    classes: Mapping[str, OtusClass]
    """By the names that beliefs have for them."""
    works: Mapping[str, Sequence[OtusWork]] = {}
    """What was handed in, by class; of the classes where anything was."""
    outcome: Outcome | None = None
    """How the run ended; ``None`` if there was none since the last look."""


class Difference(msgspec.Struct, frozen=True):
    """One thing in Otus that is not as it must be."""

    item: Item
    message: str
    """What is: ``Mei Chen is in Algebra 1-01 as a student, by hand``."""
    must: str
    """What must be: ``Mei Chen must not be in Algebra 1-01``."""
    reason: Reason
    about: tuple[str, ...]
    """Names of people and classes concerned: the person first, then the class."""
    part: Part | None = None
    """Of a membership: as what somebody must be in the class, or is."""

    @property
    def why(self) -> str:
        """Say what must be, and why: one sentence."""
        return f"{self.must}: {self.reason}"


def differences(beliefs: Sequence[Belief], sight: Sight, names: Names) -> list[Difference]:
    """Compare Otus with all that it may hold: it is wrong where it is wrong by every belief.

    Args:
        beliefs: at least one; the first gives the words.
        sight: of Otus.
        names: for the words.
    """
    found = list(_Comparison(beliefs[0], sight, names).differences())
    for belief in beliefs[1:]:
        if found:
            wrong = [difference.item for difference in _Comparison(belief, sight, names).differences()]
            found = [difference for difference in found if any(_meet(difference.item, item) for item in wrong)]
    return found


def _meet(one: Item, other: Item) -> bool:
    """Tell whether two items are about one point: by one belief an account has a wrong name, by another it is none."""
    if "class" in (one.aspect, other.aspect):
        return one.class_ == other.class_
    if (one.class_, one.account) != (other.class_, other.account):
        return False
    aspects = {one.aspect, other.aspect}
    return len(aspects) == 1 or aspects <= MEMBERSHIP or "account" in aspects


class _Comparison:
    def __init__(self, belief: Belief, sight: Sight, names: Names) -> None:
        self._belief = belief
        self._sight = sight
        self._otus = sight.otus
        self._names = names
        self._ids = self._accounts()
        self._classes = sight.classes

    def differences(self) -> Iterator[Difference]:
        yield from self._run()
        yield from self._missing_and_wrong_accounts()
        yield from self._surplus_accounts()
        for name, klass in self._belief.classes.items():
            yield from self._class_differences(name, klass)
        yield from self._surplus_classes()
        yield from self._works()

    # ------------------------------------------------------------ what is what

    def _accounts(self) -> dict[str, int]:
        """Find the accounts of the belief in Otus: by number, else by e-mail.

        Two accounts can have one number, where a user of Clever went over to somebody else: by both, then.
        """
        by_both: dict[tuple[str, str | None, str], int] = {}
        for key, account in self._otus.accounts.items():
            by_both[account.role, account.sis_id, compared(account.email)] = key
        found = {
            name: by_both[exactly]
            for name, wanted in self._belief.accounts.items()
            if (exactly := (wanted.role, wanted.sis_id, compared(wanted.email))) in by_both
        }
        by_number: dict[tuple[str, str | None], int] = {}
        by_email: dict[str, int] = {}
        for key in sorted(self._otus.accounts.keys() - found.values()):
            account = self._otus.accounts[key]
            by_number[account.role, account.sis_id] = by_email[compared(account.email)] = key
        for name, wanted in self._belief.accounts.items():
            if name not in found:
                known = by_number.get((wanted.role, wanted.sis_id)) if wanted.sis_id is not None else None
                known = known or by_email.get(compared(wanted.email))
                if known is not None:
                    found[name] = known
        return found

    # ------------------------------------------------------------ the run, and accounts

    def _run(self) -> Iterator[Difference]:
        verdict, outcome = self._belief.verdict, self._sight.outcome
        if verdict is not None and outcome is not None and verdict.must != outcome:
            must = f"the sync must have {ENDED[verdict.must]}"
            yield Difference(Item("run"), f"the sync has {ENDED[outcome]}", must, verdict.reason, ())

    def _missing_and_wrong_accounts(self) -> Iterator[Difference]:
        accounts = self._otus.accounts
        for name, wanted in self._belief.accounts.items():
            key = self._ids.get(name)
            if key is None:
                who = self._names.of_account(wanted)
                item = Item("account", account=name)
                yield self._differs(item, f"{who} has no account", f"{who} must have an account", who)
            elif not _agrees(wanted, accounts[key]):
                yield from self._wrong_account(name, wanted, accounts[key])

    def _wrong_account(self, name: str, wanted: Account, held: OtusAccount) -> Iterator[Difference]:
        who = self._names.of_account(wanted)
        held_name = f"{held.first_name} {held.last_name}".strip()
        points: tuple[tuple[Aspect, str, str, str], ...] = (
            ("role", "the account of {} {} one of a {}", held.role, wanted.role),
            ("email", "the e-mail of {} {} {}", held.email, wanted.email),
            ("name", "{} {} called {}", held_name, wanted.full_name),
            ("active", "the account of {} {} {}", STATES[held.active], STATES[wanted.active]),
            ("account by", "the account of {} {} one {}", BY[held.provenance], BY[wanted.provenance]),
            ("schools", "the account of {} {} one of {}", *_schools_in_words(wanted, held)),
        )
        for aspect, words, there, right in points:
            if there != right:
                item = Item(aspect, account=name)
                yield self._differs(item, words.format(who, "is", there), words.format(who, "must be", right), who)

    def _surplus_accounts(self) -> Iterator[Difference]:
        for key in sorted(self._otus.accounts.keys() - self._ids.values()):
            held = self._otus.accounts[key]
            who = self._names.of_account(held)
            state = "an active" if held.active else "an inactive"
            item = Item("account", account=_stranger(held))
            message = f"{who} has {state} account of a {held.role}"
            yield self._differs(item, message, f"{who} must not have this account", who)

    # ------------------------------------------------------------ classes and members

    def _class_differences(self, name: str, klass: Class) -> Iterator[Difference]:
        title = self._names.of_class(klass)
        held = self._classes.get(name)
        if held is None:
            yield self._differs(Item("class", name), f"Otus has no class {title}", f"{title} must be there", title)
            return
        if klass.archived != held.archived:
            there, right = ARCHIVED[held.archived], ARCHIVED[klass.archived]
            yield self._differs(Item("state", name), f"{title} is {there}", f"{title} must be {right}", title)
        if klass.name not in (None, held.name):
            must = f"{title} must be called {klass.name}"
            yield self._differs(Item("called", name), f"{title} is called {held.name}", must, title)
        yield from self._member_differences(name, klass, held)

    def _member_differences(self, name: str, klass: Class, held: OtusClass) -> Iterator[Difference]:
        members = self._otus.members(held.id)
        ids = self._ids
        judged = self._belief.members_judged(name)
        if {ids.get(account): membership for account, membership in judged.items()} == members:
            return  # so it is of nearly every class, nearly every night
        wanted = {ids[account]: account for account in judged if account in ids}
        title = self._names.of_class(klass)
        for key, account in wanted.items():
            membership, there = klass.members[account], members.get(key)
            if there is None or membership.provenance != there[1] or membership.part not in (None, there[0]):
                yield self._wrong_member(Item("member", name, account), title, membership, there)
        if not self._belief.is_dormant(name):
            for key in sorted(members.keys() - wanted.keys()):
                yield self._surplus_member(name, title, key, Membership(*members[key]))

    def _wrong_member(
        self, item: Item, title: str, wanted: Membership, there: tuple[Part, Provenance] | None
    ) -> Difference:
        who = self._names.of_account(self._belief.accounts[item.account])
        reason = reason_of(self._belief, item)
        message = f"{who} is not in {title}"
        if there is not None:
            message = f"{who} is in {title} as {membership_in_words(Membership(*there))}"
            item = item._replace(aspect="member as" if wanted.part not in (None, there[0]) else "member by")
        must = f"{who} must be in {title} as {membership_in_words(wanted)}"
        return Difference(item, message, must, reason, (who, title), wanted.part)

    def _surplus_member(self, name: str, title: str, key: int, there: Membership) -> Difference:
        held = self._otus.accounts[key]
        account = next((account for account, known in self._ids.items() if known == key), None)
        who = self._names.of_account(held if account is None else self._belief.accounts[account])
        item = Item("member", name, account or _stranger(held))
        message = f"{who} is in {title} as {membership_in_words(there)}"
        must = f"{who} must not be in {title}"
        return Difference(item, message, must, reason_of(self._belief, item), (who, title), there.part)

    def _surplus_classes(self) -> Iterator[Difference]:
        for name, held in self._classes.items():
            if name in self._belief.classes:
                continue
            message = f"Otus has the class {held.name}, made {BY[held.provenance]}"
            yield self._differs(Item("class", name), message, f"{held.name} must not be there", held.name)

    # ------------------------------------------------------------ work

    def _works(self) -> Iterator[Difference]:
        for work in self._belief.works:
            visible, held = self._belief.shows(work), self._classes.get(work.class_)
            if visible is None or held is None:
                continue
            student = self._ids.get(work.account)
            there = [
                each.hidden
                for each in self._sight.works.get(work.class_, ())
                if (each.student, each.title) == (student, work.title)
            ]
            found = "not there" if not there else "hidden" if all(there) else "visible"
            right = "visible" if visible else "hidden"
            if found != right:
                who = self._names.of_account(self._belief.accounts[work.account])
                title = self._names.of_class(self._belief.classes[work.class_])
                what = f"{work.title!r}, which {who} handed in to {title},"
                item = Item("work", work.class_, work.account)
                yield Difference(item, f"{what} is {found}", f"{what} must be {right}", WORK_STAYS, (who, title))

    def _differs(self, item: Item, message: str, must: str, *about: str) -> Difference:
        return Difference(item, message, must, reason_of(self._belief, item), about)


def _schools_in_words(wanted: Account, held: OtusAccount) -> tuple[str, str]:
    """Say of which schools an account is, and must be; the same where nothing is said about that."""
    right = held.schools if wanted.schools is None else wanted.schools
    there, must = (" and ".join(sorted(schools)) or "no school" for schools in (held.schools, right))
    return there, must


def _agrees(wanted: Account, held: OtusAccount) -> bool:
    return (
        wanted.email == held.email
        and wanted.active == held.active
        and wanted.role == held.role
        and wanted.first_name == held.first_name
        and wanted.last_name == held.last_name
        and wanted.provenance == held.provenance
        and (wanted.schools is None or wanted.schools == frozenset(held.schools))
    )


def _stranger(held: OtusAccount) -> str:
    return f"{held.role} {held.sis_id or held.email}"
