"""Who is in a class by hand: added, joined by code, removed (H1, H5, H6, H8)."""

import msgspec

from fakes.otus.accounts import Accounts
from fakes.otus.audit import Audit, Entry
from fakes.otus.classes import changed, gather
from fakes.otus.codes import as_typed
from fakes.otus.listings import MemberQuery
from fakes.otus.membership import digest, roster_ids, without
from fakes.otus.records import (
    Account,
    ByHand,
    Class,
    Joining,
    Member,
    MemberPage,
    NewAccount,
    NewMember,
    Part,
)
from fakes.otus.rights import Actor, at_large, in_class, require, signed_in
from fakes.otus.store import Store, StoredClass
from fakes.shared.moments import Clock, wire_time
from fakes.shared.refusals import Conflict, NotFound, Unprocessable


class Members:
    """The members of a district's classes.

    Args:
        store: where they are kept.
        clock: of the district.
        accounts: makes the account of somebody who has none yet (H5).
        audit: is told of everything that is changed.
    """

    def __init__(self, store: Store, clock: Clock, accounts: Accounts, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._audit = audit

    def page(self, class_id: int, query: MemberQuery) -> MemberPage:
        """Give a page of the members of a class with their provenance, by account id.

        Raises:
            NotFound: there is no such class.
        """
        with self._store.reading():
            members = gather(self._store, class_id).members.values()
        rest = [member for member in members if member.account > query.after]
        items = rest[: query.limit]
        return MemberPage(items, items[-1].account if len(rest) > len(items) else None)

    def add(self, actor: Actor, class_id: int, new: NewMember) -> Member:
        """Add somebody to a class by hand; an unknown e-mail makes a new account (H5).

        Raises:
            NotFound: there is no such class.
            Forbidden: ``actor`` is not its main teacher, an admin of its school, nor Otus Support (H8).
            Unprocessable: it is not said who, or who is named does not exist, is inactive, or has the wrong
                role for the part.
            Conflict: they are in the class.
        """
        with self._store.transaction():
            stored, members = gather(self._store, class_id)
            require(actor, "add members by hand", in_class(actor, stored.about, members), _where(stored.about))
            account = self._account_of(actor, new, stored.about)
            _require_fit(account, new)
            return self._add(actor, "adds", stored.about, members, ByHand(account.id, new.part))

    def join(self, actor: Actor, joining: Joining) -> Member:
        """Put the student who asks into the class of a code; it counts as added by hand (H6).

        Raises:
            Forbidden: ``actor`` is not a student.
            NotFound: no class has the code.
            Conflict: the class is archived, or they are in it.
        """
        require(actor, "join a class by code", at_large(actor))
        student = signed_in(actor)
        with self._store.transaction():
            stored = self._store.class_with_code(as_typed(joining.code))
            if stored is None:
                raise NotFound(f"no class has the code {joining.code}")
            if stored.about.archived:
                raise Conflict(f"class {stored.about.id} is archived; nobody joins it", code="archived")
            members = gather(self._store, stored.about.id).members
            return self._add(actor, "joins by code, as", stored.about, members, ByHand(student.id, "student"))

    def remove(self, actor: Actor, class_id: int, account_id: int) -> None:
        """Remove a member by hand; the sync brings back who is rostered (H1).

        Raises:
            NotFound: there is no such class, or they are not in it.
            Forbidden: ``actor`` is not its main teacher, an admin of its school, nor Otus Support (H8).
            Unprocessable: it is the main teacher.
        """
        with self._store.transaction():
            stored, members = gather(self._store, class_id)
            require(actor, "remove members by hand", in_class(actor, stored.about, members), _where(stored.about))
            member = members.get(account_id)
            if member is None:
                raise NotFound(f"account {account_id} is not in class {class_id}")
            if member.part == "teacher":
                raise Unprocessable(
                    f"account {account_id} is the main teacher of class {class_id}, and a main teacher is not"
                    " removed by hand; archive or delete the class"
                )
            if member.provenance == "manual":
                self._store.remove_by_hand([(class_id, account_id)])
            else:
                self._store.save_classes([self._without(stored, account_id)])
            what = f"removes a {_part(member.part)} ({'by hand' if member.provenance == 'manual' else 'rostered'})"
            self._audit.note(actor, Entry(what, (account_id,), class_id))

    def _without(self, stored: StoredClass, account_id: int) -> StoredClass:
        roster = without(stored.roster, account_id)
        clever_ids = self._store.clever_ids(roster_ids(roster))
        smaller = msgspec.structs.replace(stored, roster=roster, digest=digest(roster, clever_ids))
        return changed(smaller, wire_time(self._clock()))

    def _add(self, actor: Actor, doing: str, about: Class, members: dict[int, Member], member: ByHand) -> Member:
        if member.account in members:
            part = _part(members[member.account].part)
            raise Conflict(f"account {member.account} is in class {about.id} already, as {part}", code="already_member")
        self._store.add_by_hand(about.id, member)
        self._audit.note(actor, Entry(f"{doing} a {_part(member.part)} by hand", (member.account,), about.id))
        return Member(member.account, member.part, "manual")

    def _account_of(self, actor: Actor, new: NewMember, about: Class) -> Account:
        if (new.account is None) == (new.email is None):
            raise Unprocessable("say who it is by account or by email, and by one of them only")
        if new.email is None:
            account = self._store.account(new.account or 0)
            if account is None:
                raise Unprocessable(f"there is no account {new.account}")
            return account
        return self._accounts.with_email(new.email) or self._accounts.add(  # H5
            actor,
            NewAccount(
                role="student" if new.part == "student" else "teacher",
                email=new.email,
                first_name=new.first_name,
                last_name=new.last_name,
                schools=(about.school,),
            ),
        )


def _require_fit(account: Account, new: NewMember) -> None:
    if not account.active:
        raise Unprocessable(f"account {account.id} is not active, so it is added to no class")
    if (account.role == "student") != (new.part == "student"):
        raise Unprocessable(f"account {account.id} is a {account.role}, and cannot be a {_part(new.part)}")


def _part(part: Part) -> str:
    return part.replace("_", "-")


def _where(about: Class) -> str:
    return f"class {about.id} of {about.school}"
