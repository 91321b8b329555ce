"""Accounts, as people see and change them."""

import msgspec

from fakes.otus.account_writes import changed_fields, write_accounts
from fakes.otus.audit import Audit, Entry
from fakes.otus.membership import members_of, refresh_digests
from fakes.otus.pause import refuse_while_paused
from fakes.otus.records import (
    Account,
    AccountEdit,
    AccountPage,
    AccountQuery,
    AccountWrites,
    BulkResult,
    DigestPage,
    DigestQuery,
    IdAdjustment,
    NewAccount,
    digests_of,
)
from fakes.otus.rights import Actor, Standing, at_large, at_schools, is_admin_of, require
from fakes.otus.store import Store, email_key
from fakes.shared.moments import Clock, wire_time
from fakes.shared.refusals import Conflict, NotFound, Unprocessable
from fakes.shared.stored import as_stored


class Accounts:
    """The accounts of a district.

    Args:
        store: where they are kept.
        clock: of the district.
        audit: is told of everything that is changed.
    """

    def __init__(self, store: Store, clock: Clock, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    def get(self, account_id: int) -> Account:
        """Give one account.

        Raises:
            NotFound: there is none.
        """
        account = self._store.account(account_id)
        if account is None:
            raise NotFound(f"there is no account {account_id}")
        return account

    def page(self, query: AccountQuery) -> AccountPage:
        """Give a page of accounts, by id, to be sent."""
        found = self._store.account_page(query)
        page = found[: query.limit]
        items = [as_stored(document, Account) for _, document in page]
        return AccountPage(items, page[-1][0] if len(found) > len(page) else None)

    def digests(self, query: DigestQuery) -> DigestPage:
        """Give the digests of a page of accounts, by id."""
        return digests_of(self._store.account_digest_page(query), query.limit)

    def make(self, actor: Actor, new: NewAccount) -> Account:
        """Make an account by hand; admins come only so (F6).

        Raises:
            Forbidden: ``actor`` is neither Otus Support nor an admin of the schools.
            Conflict: the e-mail belongs to somebody (A11).
        """
        foreign = [school for school in new.schools if not is_admin_of(actor, school)]
        require(actor, "make accounts by hand", at_schools(actor, new.schools), f"in {foreign[0]}" if foreign else "")
        with self._store.transaction():
            return self.add(actor, new)

    def add(self, actor: Actor, new: NewAccount) -> Account:
        """Make an account inside a transaction that is open, whoever asks.

        Raises:
            Conflict: the e-mail belongs to somebody (A11).
        """
        self._require_free_email(new.email)
        moment = wire_time(self._clock())
        account = Account(
            id=self._store.new_ids("account")[0],
            role=new.role,
            email=new.email,
            first_name=new.first_name,
            last_name=new.last_name,
            sis_id=None,
            clever_id=None,
            provenance="manual",
            active=True,
            schools=new.schools,
            created=moment,
            updated=moment,
        )
        self._store.save_accounts([account])
        self._audit.note(actor, Entry(f"makes a {new.role} account by hand", (account.id,)))
        return account

    def with_email(self, email: str) -> Account | None:
        """Give the account of an e-mail, without regard to case."""
        key = email_key(email)
        holder = self._store.holders_of_emails([key]).get(key)
        return None if holder is None else self._store.account(holder)

    def edit(self, actor: Actor, account_id: int, edit: AccountEdit) -> Account:
        """Change an e-mail or a name by hand; the sync overwrites it on a rostered account (A7, H1).

        Raises:
            NotFound: there is no such account.
            Forbidden: ``actor`` is not the account's own, an admin of one of its schools, its student's main
                teacher, nor Otus Support.
            Conflict: the e-mail belongs to somebody else (A11).
        """
        with self._store.transaction():
            before = self.get(account_id)
            require(actor, "edit accounts by hand", self._towards(actor, before), f"account {account_id}")
            if edit.email and email_key(edit.email) != email_key(before.email):
                self._require_free_email(edit.email)
            after = msgspec.structs.replace(
                before,
                email=edit.email or before.email,
                first_name=edit.first_name or before.first_name,
                last_name=edit.last_name or before.last_name,
            )
            return self._save(actor, before, after, "edits")

    def adjust_id(self, actor: Actor, account_id: int, adjustment: IdAdjustment) -> Account:
        """Say which Clever user an account belongs to: the remedy for an ID conflict (F12, A10).

        Raises:
            Forbidden: ``actor`` is not Otus Support.
            NotFound: there is no such account.
            Unprocessable: the Clever id is empty.
            Conflict: the Clever user is linked to another account.
        """
        require(actor, "adjust IDs", at_large(actor))
        clever_id = adjustment.clever_id
        if clever_id == "":
            raise Unprocessable("clever_id is empty; send null to unlink the account")
        with self._store.transaction():
            before = self.get(account_id)
            if clever_id is not None:
                self._require_free_clever_id(clever_id, account_id)
            # Who was rostered once stays so when unlinked: the next sync may match them again.
            provenance = before.provenance if clever_id is None else "clever"
            after = msgspec.structs.replace(before, clever_id=clever_id, provenance=provenance)
            saved = self._save(actor, before, after, "adjusts the ID of")
            if before.clever_id != clever_id:
                refresh_digests(self._store, {account_id})
            return saved

    def write(self, actor: Actor, writes: AccountWrites) -> BulkResult:
        """Write the sync's batch (A11); see :func:`fakes.otus.account_writes.write_accounts`.

        Raises:
            Forbidden: ``actor`` is not the sync.
            Conflict: the sync is paused (H9).
        """
        require(actor, "write accounts in bulk", at_large(actor))
        with self._store.transaction():
            refuse_while_paused(self._store)
            result, entries = write_accounts(self._store, writes.rows, wire_time(self._clock()))
            self._audit.note(actor, *entries)
        return result

    def _save(self, actor: Actor, before: Account, after: Account, doing: str) -> Account:
        if after == before:
            return before
        after = msgspec.structs.replace(after, updated=wire_time(self._clock()))
        self._store.save_accounts([], [(before, after)])
        what = f"{doing} an account: {', '.join(changed_fields(before, after))}"
        self._audit.note(actor, Entry(what, (after.id,)))
        return after

    def _require_free_email(self, email: str) -> None:
        holder = self.with_email(email)
        if holder is not None:
            raise Conflict(
                f"the e-mail {email} belongs to account {holder.id}; each account has its own",
                code="email_taken",
            )

    def _require_free_clever_id(self, clever_id: str, account_id: int) -> None:
        holder = self._store.holders_of_clever_ids([clever_id]).get(clever_id)
        if holder not in (None, account_id):
            raise Conflict(
                f"Clever user {clever_id} is linked to account {holder}; unlink that one first",
                code="clever_id_taken",
            )

    def _towards(self, actor: Actor, account: Account) -> set[Standing]:
        standings = at_large(actor)
        if any(is_admin_of(actor, school) for school in account.schools):
            standings.add("school admin")
        asker = actor.account
        if asker is not None and asker.id == account.id:
            standings.add("self")
        if asker is not None and self._teaches(asker, account):
            standings.add("main teacher")
        return standings

    def _teaches(self, teacher: Account, student: Account) -> bool:
        led = self._store.classes_led_by(teacher.id)
        by_hand = self._store.by_hand(stored.about.id for stored in led)
        members = (members_of(stored.roster, by_hand.get(stored.about.id, ())) for stored in led)
        return any(some[student.id].part == "student" for some in members if student.id in some)
