"""What tonight's run writes of accounts (A7, A11, A13)."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, UnsetType

from otus_sync.otus_records import Account, AccountWrite, Problem
from otus_sync.plan.emails import Blocker, Emails, grant_emails
from otus_sync.plan.matching import match
from otus_sync.plan.model import AccountChange, Ref
from otus_sync.plan.people import Person
from otus_sync.plan.scope import Scope


class People(msgspec.Struct, frozen=True):
    """Everybody who is rostered tonight, and what is written of them."""

    roles: dict[str, str]
    """``teacher`` or ``student``, by Clever id."""
    refs: dict[str, Ref]
    """Their accounts, by Clever id."""
    changes: tuple[AccountChange, ...]
    chains: tuple[tuple[AccountChange, ...], ...]
    deactivations: tuple[AccountChange, ...]
    active: int
    """How many active rostered accounts the scope has: what the guard measures against (A14)."""
    unlinked_schools: frozenset[str]
    """DBNs where somebody may be in a rostered class whom no Clever id, and so no digest, tells of."""
    problems: tuple[Problem, ...]


def plan_people(
    people: Sequence[Person], accounts: Sequence[Account], scope: Scope, in_sections: frozenset[str]
) -> People:
    """Decide who has which account tonight.

    Args:
        people: all of Clever's, by Clever id.
        accounts: all of Otus's.
        scope: which schools' people are made, updated and deactivated.
        in_sections: Clever ids of people in sections of the scope; they count as in it.
    """
    matching = match(people, accounts)

    def ours(person: Person) -> bool:
        return scope.touches(person.schools) or person.clever_id in in_sections

    known = [(person, account) for person, account in matching.known if ours(person)]
    new = [person for person in matching.new if ours(person)]
    emails = grant_emails(known, new, accounts)
    made = [person for person in new if person.clever_id not in emails.denied]
    changes = {person.clever_id: _creation(person) for person in made}
    for person, account in known:
        change = _update(person, account, emails)
        if change is not None:
            changes[person.clever_id] = change
    chained = {clever_id for chain in emails.chains for clever_id in chain}
    linked = {person.clever_id for person, _ in matching.known}
    rostered = [account for account in accounts if _is_rostered(account, scope)]
    people_of_problems = {person.clever_id: person for person in people if ours(person)}
    return People(
        roles={person.clever_id: person.role for person in people},
        refs=_refs(matching.known, made),
        changes=tuple(changes[key] for key in sorted(changes) if key not in chained),
        chains=tuple(tuple(changes[key] for key in chain) for chain in emails.chains),
        deactivations=tuple(_deactivation(account) for account in rostered if account.clever_id not in linked),
        active=len(rostered),
        unlinked_schools=_unlinked_schools(accounts),
        problems=(
            *(problem for problem in matching.problems if problem.clever_id in people_of_problems),
            *(_clash(person, account, emails) for person, account in known if person.clever_id in emails.denied),
            *(_clash(person, None, emails) for person in new if person.clever_id in emails.denied),
        ),
    )


def _is_rostered(account: Account, scope: Scope) -> bool:
    rostered = account.clever_id is not None and account.role != "admin"  # F6
    return rostered and account.active and scope.touches(account.schools)


def _refs(known: Sequence[tuple[Person, Account]], made: Sequence[Person]) -> dict[str, Ref]:
    refs: dict[str, Ref] = {person.clever_id: account.id for person, account in known}
    refs |= {person.clever_id: person.clever_id for person in made}
    return refs


def _unlinked_schools(accounts: Sequence[Account]) -> frozenset[str]:
    unlinked = (account for account in accounts if account.clever_id is None and account.provenance == "clever")
    return frozenset(school for account in unlinked for school in account.schools)


def _creation(person: Person) -> AccountChange:
    write = AccountWrite(
        clever_id=person.clever_id,
        role=person.role,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        sis_id=person.sis_id or None,
        schools=person.schools,
    )
    return AccountChange(person.name, write)


def _update(person: Person, account: Account, emails: Emails) -> AccountChange | None:
    # H4: an e-mail or SIS id that Clever has lost stays as it is.
    email = "" if person.clever_id in emails.denied else person.email
    write = AccountWrite(
        clever_id=person.clever_id,
        id=account.id,
        email=_text_if_new(email or account.email, account.email),
        first_name=_text_if_new(person.first_name, account.first_name),
        last_name=_text_if_new(person.last_name, account.last_name),
        sis_id=UNSET if person.sis_id in ("", account.sis_id) else person.sis_id,
        schools=UNSET if set(person.schools) == set(account.schools) else person.schools,
        active=UNSET if account.active else True,
    )
    same = AccountWrite(clever_id=account.clever_id or "", id=account.id)
    return None if write == same else AccountChange(person.name, write)


def _text_if_new(wanted: str, there: str) -> str | UnsetType:
    return UNSET if wanted == there else wanted


def _deactivation(account: Account) -> AccountChange:
    name = f"{account.first_name} {account.last_name}".strip()
    return AccountChange(name, AccountWrite(account.clever_id or "", account.id, active=False))


def _clash(person: Person, account: Account | None, emails: Emails) -> Problem:
    blocker: Blocker = emails.denied[person.clever_id]
    kept = "was not rostered" if account is None else f"keeps {account.email} and their classes"
    message = (
        f"the e-mail {person.email} is not free: {blocker.why}. {person.name} {kept} until it is; free it "
        "in Otus, or correct it in ATS/STARS, and the next sync does the rest."
    )
    return Problem("email_clash", person.name, person.clever_id, message, blocker.account)
