"""Who has an account after a night, and on what terms (F7, A7, A10, A11, A13, H4, H5)."""

from typing import NamedTuple

from msgspec.structs import replace

from fakes.ats.records import Person
from simulator.oracle.belief import Account, Belief, Identity, Item, Reason
from simulator.oracle.facts import Key
from simulator.oracle.reasoning.clever import CleverSide
from simulator.oracle.reasoning.emails import Settlement, Wish, compared, settle
from simulator.oracle.reasoning.rows import key_of


class Rostered(NamedTuple):
    """The people of a night."""

    accounts: dict[str, Account]
    """All that there are afterwards, nobody deactivated yet."""
    of: dict[Key, str]
    """The account of everybody who can be in a class."""
    kept_out: dict[Key, Reason]
    leaving: dict[str, Reason]
    """Accounts whose Clever user is gone: they are deactivated, unless that is withheld (A13, A14)."""
    reasons: dict[Item, Reason]
    contenders: int
    """See :class:`~simulator.oracle.reasoning.emails.Settlement`."""


def roster_people(belief: Belief, clever: CleverSide, turn: int = 0) -> Rostered:
    """Find everybody's account, and what becomes of it tonight.

    Args:
        belief: what Otus must hold before the night.
        clever: what Clever holds.
        turn: which of several gets what only one can have, from 0.
    """
    return _Registry(belief, clever, turn).roster()


class _Registry:
    def __init__(self, belief: Belief, clever: CleverSide, turn: int) -> None:
        self._belief = belief
        self._clever = clever
        self._turn = turn
        self._accounts = dict(belief.accounts)
        self._people = {key_of(person): (identity, person) for identity, person in clever.people()}
        self._of: dict[Key, str] = {}
        self._kept_out: dict[Key, Reason] = {}
        self._reasons: dict[Item, Reason] = {}
        self._contenders = 1

    def roster(self) -> Rostered:
        strangers = self._find_linked()
        newcomers = self._find_by_email(self._find_by_number(strangers))
        self._settle_emails(newcomers)
        return Rostered(self._accounts, self._of, self._kept_out, self._leaving(), self._reasons, self._contenders)

    # ------------------------------------------------------------ whose account is whose (A10)

    def _find_linked(self) -> list[Key]:
        by_link = {account.link: name for name, account in self._accounts.items()}
        strangers = []
        for key, (identity, person) in self._people.items():
            name = by_link.get(identity)
            if name is None:
                strangers.append(key)
            elif self._accounts[name].role != person.role:
                self._keep_out(key, ("A10",), f"the account linked to them is of another role, {name}")
            else:
                self._of[key] = name
        return strangers

    def _find_by_number(self, strangers: list[Key]) -> list[Key]:
        by_number = {(a.role, a.sis_id): name for name, a in self._accounts.items() if a.sis_id is not None}
        left = []
        for key in strangers:
            person = self._person(key)
            name = by_number.get((person.role, key.id))
            if not person.email:
                self._keep_out(key, ("H4",), "Clever has no e-mail for them")
            elif name is None:
                left.append(key)
            elif self._accounts[name].link is None:
                self._of[key] = name
            else:
                self._keep_out(key, ("A10",), "an account with their number is linked to another Clever user")
        return left

    def _find_by_email(self, strangers: list[Key]) -> list[Key]:
        """Give a free account to whoever has its e-mail, and list who has none; a number says more than an e-mail."""
        taken = set(self._of.values())
        free = {
            (account.role, compared(account.email)): name
            for name, account in self._accounts.items()
            if account.link is None and name not in taken
        }
        claims: dict[str, list[Key]] = {}
        newcomers = []
        for key in strangers:
            name = free.get((self._person(key).role, compared(self._person(key).email)))
            if name is None:
                newcomers.append(key)
            else:
                claims.setdefault(name, []).append(key)
        for name, keys in claims.items():
            winner = keys[self._turn % len(keys)]
            self._contenders = max(self._contenders, len(keys))
            self._of[winner] = name
            newcomers += [key for key in keys if key != winner]
        return newcomers

    # ------------------------------------------------------------ e-mails (A11), and all that follows Clever (A7)

    def _settle_emails(self, newcomers: list[Key]) -> None:
        wishes = []
        for key, name in self._of.items():
            email, held = self._person(key).email, self._accounts[name].email
            if email and email != held and compared(email) != compared(held):
                wishes.append(Wish(name, compared(email)))
        wishes += [Wish(_name_of(key), compared(self._person(key).email), made=False) for key in newcomers]
        holders = {compared(account.email): name for name, account in self._accounts.items()} if wishes else {}
        settlement = settle(wishes, holders, self._turn)
        self._contenders = max(self._contenders, settlement.contenders)
        for key, name in list(self._of.items()):
            self._follow(key, name, settlement)
        for key in newcomers:
            self._make(key, settlement)

    def _follow(self, key: Key, name: str, settlement: Settlement) -> None:
        """Let an account follow Clever, but for an e-mail that is lost (H4) or that it cannot have (A11)."""
        (identity, person), before = self._people[key], self._accounts[name]
        holder = settlement.denied.get(name)
        email = before.email if holder is not None or not person.email else person.email
        if holder is not None:
            self._reasons[Item("email", account=name)] = self._clash(person.email, holder)
        elif not person.email:
            kept = "Clever has no e-mail for them, so they keep the one they have"
            self._reasons[Item("email", account=name)] = Reason(("H4",), self._clever.since(key)[1:], kept)
        schools = self._schools_of(person)
        if _follows(before, person, email, identity) and before.schools == schools:
            return
        after = replace(
            before,
            email=email,
            first_name=person.first_name,
            last_name=person.last_name,
            sis_id=person.id,
            link=identity,
            provenance="clever",
            active=True,
            schools=schools,
        )
        self._accounts[name] = after
        self._explain(key, name, before, after)

    def _explain(self, key: Key, name: str, before: Account, after: Account) -> None:
        since = self._clever.since(key)
        edits: list[tuple[Item, tuple[str, ...]]] = []
        if before.email != after.email:
            edits.append((Item("email", account=name), ("F1", "A7")))
        if before.full_name != after.full_name:
            edits.append((Item("name", account=name), ("F7", "A7")))
        if not before.active:
            edits.append((Item("active", account=name), ("F7", "A13")))
        for item, rules in edits:
            by_hand = self._belief.reasons.get(item)
            edited = by_hand.evidence if by_hand is not None and by_hand.rules == ("A7",) else ()
            self._reasons[item] = Reason(rules, (*edited, *since))
        if before.link != after.link or before.provenance != after.provenance:
            known = self._belief.reasons.get(Item("account", account=name))
            made = known.evidence[:1] if known is not None else ()
            self._reasons[Item("account by", account=name)] = Reason(("A10", "H5"), (*made, *since))

    def _make(self, key: Key, settlement: Settlement) -> None:
        person, name = self._person(key), _name_of(key)
        if name in settlement.denied:
            self._kept_out[key] = self._clash(person.email, settlement.denied[name])
            return
        identity, _ = self._people[key]
        self._accounts[name] = Account(
            role=person.role,
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            sis_id=person.id,
            link=identity,
            provenance="clever",
            schools=self._schools_of(person),
        )
        self._of[key] = name
        self._reasons[Item("account", account=name)] = Reason(("F7", "H11"), self._clever.since(key))

    # ------------------------------------------------------------ who goes (A13), who stays out

    def _leaving(self) -> dict[str, Reason]:
        rostered = set(self._of.values())
        return {
            name: self._why_gone(account.link)
            for name, account in self._accounts.items()
            if account.link is not None and account.active and account.role != "admin" and name not in rostered  # F6
        }

    def _why_gone(self, link: Identity | str) -> Reason:
        if isinstance(link, Identity):
            gone = self._clever.gone_since(link.key)
            if gone is not None and link == self._clever.identity(link.key):
                return replace(gone, rules=("A13",))
        return Reason(("A13",), (), "the Clever user that the account is linked to is not there")

    def _clash(self, email: str, holder: str) -> Reason:
        account = self._accounts.get(holder)
        whose = holder if account is None else account.full_name
        return Reason(("A11",), (), f"the e-mail {email} is the one of {whose}")

    def _keep_out(self, key: Key, rules: tuple[str, ...], so: str) -> None:
        self._kept_out[key] = Reason(rules, self._clever.since(key)[1:], so)

    def _schools_of(self, person: Person) -> frozenset[str]:
        """Give the schools of somebody that Otus is shown (H11)."""
        return frozenset(person.schools) - self._clever.unshared

    def _person(self, key: Key) -> Person:
        return self._people[key][1]


def _name_of(key: Key) -> str:
    return f"{key.kind} {key.id}"


def _follows(account: Account, person: Person, email: str, identity: Identity) -> bool:
    """Tell whether an account is as Clever has the person: it is so of nearly everybody, nearly every night."""
    return (
        account.active
        and account.link == identity
        and account.email == email
        and account.first_name == person.first_name
        and account.last_name == person.last_name
        and account.sis_id == person.id
        and account.provenance == "clever"
    )
