"""Otus's HTTP interface: who asks, and the routes. No rule stands here."""

import hmac
import re
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from flask import Flask, request

from fakes.otus.idempotency import HOURS, IdempotencyKey
from fakes.otus.listings import (
    AuditPage,
    AuditQuery,
    KeptReport,
    MemberQuery,
    RunQuery,
    SchoolQuery,
    SearchQuery,
    SearchResult,
)
from fakes.otus.records import (
    Account,
    AccountEdit,
    AccountPage,
    AccountQuery,
    AccountWrites,
    BulkResult,
    Class,
    ClassDigestPage,
    ClassEdit,
    ClassPage,
    ClassQuery,
    ClassWrites,
    DigestPage,
    DigestQuery,
    IdAdjustment,
    Joining,
    Member,
    MemberPage,
    NewAccount,
    NewClass,
    NewMember,
    NewRun,
    NewWork,
    RosterPage,
    RunEdit,
    RunPage,
    SchoolDigestPage,
    SectionQuery,
    Settings,
    SettingsEdit,
    SyncRun,
    Work,
    WorkPage,
)
from fakes.otus.rights import Actor, at_large, require, rights_in_words, who_may
from fakes.otus.rules import Otus
from fakes.shared.api import Api, Call, Operation, Reply
from fakes.shared.operations import READS, WRITES
from fakes.shared.refusals import BadRequest, Conflict, Forbidden, NotFound, Unauthorized, Unprocessable

PREFIX = "/api/v1"
ON_BEHALF_OF = "X-On-Behalf-Of"
"""With the support token: the id of the account whose rights the request has."""

ACCOUNT_ID = re.compile(r"[1-9][0-9]{0,17}")
"""18 digits, because SQLite holds no 20; and spelt out, because int() reads other scripts' digits too."""

IdText = Annotated[str, msgspec.Meta(pattern=rf"^{ACCOUNT_ID.pattern}(?!\n)$", examples=["1"])]
"""An id in a path."""


class OnBehalfOf(msgspec.Struct, frozen=True, rename={"account": ON_BEHALF_OF}):
    """Whose rights a request with the support token has."""

    account: (
        Annotated[
            str,
            msgspec.Meta(
                pattern=rf"^{ACCOUNT_ID.pattern}(?!\n)$",
                description="With the support token: the id of the account whose rights the request has",
            ),
        ]
        | None
    ) = None


api: Api[Otus] = Api(
    title="Otus",
    description=(
        "A fake of Otus as the nightly sync and the people of a district use it. Two tokens: `integration`"
        f" for the sync, `support` for Otus Support; with the header `{ON_BEHALF_OF}: <account id>` a support"
        " request has that account's rights and no others.\n\n"
        f"A write with an `Idempotency-Key` can be repeated for {HOURS} hours: it is answered as it was, and"
        " done once. How many keys are remembered, and how many had to be forgotten early, `/idempotency` tells.\n\n"
        f"Who may do what:\n\n{rights_in_words()}"
    ),
    tags={
        "accounts": "Who can sign in; rostered, or made by hand.",
        "classes": "Classes without and with their members, and digests to compare them by.",
        "members": "Who is in a class, how they got there, and what they hand in.",
        "search": "Accounts and classes by how their names begin.",
        "settings": "The district's switches.",
        "sync runs": "The lease that keeps two runs apart, and what each reports.",
        "audit": "Who did what, when, and about whom; and how writes are remembered by their keys.",
    },
    headers={OnBehalfOf: READS | WRITES, IdempotencyKey: WRITES},
    refusals=(Forbidden,),
    who_may=who_may,
)

OtusCall = Call[Otus]


class OtusTokens(msgspec.Struct, frozen=True):
    """The bearer tokens of one Otus.

    Raises:
        ValueError: one of them is empty, or they are the same.
    """

    integration: str
    """The sync's."""
    support: str
    """Otus Support's, which also acts on behalf of accounts."""

    def __post_init__(self) -> None:
        if not (self.integration and self.support) or self.integration == self.support:
            raise ValueError("the integration token and the support token must both be set, and differ")

    def __repr__(self) -> str:
        return "OtusTokens(...)"  # a token never shows in a message or a log


def create_app(otus: Otus, tokens: OtusTokens) -> Flask:
    """Make the Flask application of an Otus.

    Args:
        otus: whose rules answer.
        tokens: that open it.
    """
    return api.application(otus, otus.clock, lambda: _authenticate(otus, tokens), _once)


def _once(call: Call[Any], operation: Operation, perform: Callable[[], Reply]) -> Reply:
    """Do a write once for its idempotency key; let read only who may."""
    if operation.method in READS:
        require(call.actor, operation.deed, at_large(call.actor))
        return perform()
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return perform()
    asked = b"\0".join((request.method.encode(), request.full_path.encode(), request.get_data()))
    otus: Otus = call.system
    return otus.kept_answers.once(call.actor.name, key, asked, perform)


def _authenticate(otus: Otus, tokens: OtusTokens) -> Actor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = token.strip().encode() if scheme.lower() == "bearer" else b""
    behalf = request.headers.get(ON_BEHALF_OF)
    if hmac.compare_digest(given, tokens.support.encode()):
        return Actor("support") if behalf is None else _on_behalf(otus, behalf)
    if not hmac.compare_digest(given, tokens.integration.encode()):
        raise Unauthorized("the bearer token is missing or unknown; send Authorization: Bearer <token>")
    if behalf is not None:
        raise Forbidden(f"the integration token acts on behalf of nobody; leave {ON_BEHALF_OF} out")
    return Actor("integration")


def _on_behalf(otus: Otus, behalf: str) -> Actor:
    if ACCOUNT_ID.fullmatch(behalf) is None:
        raise BadRequest(f"{ON_BEHALF_OF}: {behalf[:40]!r} is no account id, which is a positive integer")
    try:
        account = otus.accounts.get(int(behalf))
    except NotFound:
        raise Forbidden(f"{ON_BEHALF_OF}: there is no account {behalf}, so nobody signs in as it") from None
    if not account.active:
        raise Forbidden(f"account {account.id} is not active, and cannot sign in")
    return Actor("account", account)


# ---------------------------------------------------------------- accounts


@api.route("GET", f"{PREFIX}/accounts", tag="accounts", deed="read")
def list_accounts(call: OtusCall, query: AccountQuery) -> AccountPage:
    """List accounts, by id."""
    return call.system.accounts.page(query)


@api.route(
    "POST",
    f"{PREFIX}/accounts",
    status=201,
    refusals=(Conflict, Unprocessable),
    tag="accounts",
    deed="make accounts by hand",
)
def make_account(call: OtusCall, body: NewAccount) -> Account:
    """Make an account by hand (F6)."""
    return call.system.accounts.make(call.actor, body)


@api.route("GET", f"{PREFIX}/accounts/{{account_id}}", refusals=(NotFound,), tag="accounts", deed="read")
def get_account(call: OtusCall, account_id: IdText) -> Account:
    """Give one account."""
    return call.system.accounts.get(int(account_id))


@api.route(
    "PATCH",
    f"{PREFIX}/accounts/{{account_id}}",
    refusals=(NotFound, Conflict, Unprocessable),
    tag="accounts",
    deed="edit accounts by hand",
)
def edit_account(call: OtusCall, account_id: IdText, body: AccountEdit) -> Account:
    """Change an e-mail or a name by hand (A7)."""
    return call.system.accounts.edit(call.actor, int(account_id), body)


@api.route(
    "POST",
    f"{PREFIX}/accounts/{{account_id}}/adjust-id",
    refusals=(NotFound, Conflict, Unprocessable),
    tag="accounts",
    deed="adjust IDs",
)
def adjust_id(call: OtusCall, account_id: IdText, body: IdAdjustment) -> Account:
    """Say which Clever user an account belongs to (F12, A10)."""
    return call.system.accounts.adjust_id(call.actor, int(account_id), body)


@api.route(
    "POST",
    f"{PREFIX}/accounts/bulk",
    refusals=(Conflict, Unprocessable),
    tag="accounts",
    deed="write accounts in bulk",
)
def write_accounts(call: OtusCall, body: AccountWrites) -> BulkResult:
    """Write many accounts, each row alone (A11); refused as `sync_paused` while the sync is paused (H9)."""
    return call.system.accounts.write(call.actor, body)


# ---------------------------------------------------------------- classes


@api.route("GET", f"{PREFIX}/classes", tag="classes", deed="read")
def list_classes(call: OtusCall, query: ClassQuery) -> ClassPage:
    """List classes without their members, by id."""
    return call.system.classes.page(query)


@api.route(
    "POST", f"{PREFIX}/classes", status=201, refusals=(Unprocessable,), tag="classes", deed="make classes by hand"
)
def make_class(call: OtusCall, body: NewClass) -> Class:
    """Make a class by hand (F10), if the district has manual rostering (F11)."""
    return call.system.classes.make(call.actor, body)


@api.route("GET", f"{PREFIX}/classes/{{class_id}}", refusals=(NotFound,), tag="classes", deed="read")
def get_class(call: OtusCall, class_id: IdText) -> Class:
    """Give one class without its members."""
    return call.system.classes.get(int(class_id))


@api.route(
    "PATCH",
    f"{PREFIX}/classes/{{class_id}}",
    refusals=(NotFound, Unprocessable),
    tag="classes",
    deed="edit or archive classes by hand",
)
def edit_class(call: OtusCall, class_id: IdText, body: ClassEdit) -> Class:
    """Rename, archive or unarchive a class by hand (H2, H8, H10)."""
    return call.system.classes.edit(call.actor, int(class_id), body)


@api.route(
    "DELETE",
    f"{PREFIX}/classes/{{class_id}}",
    status=204,
    refusals=(NotFound, Unprocessable),
    tag="classes",
    deed="delete classes",
)
def delete_class(call: OtusCall, class_id: IdText) -> None:
    """Delete a class for good, with its memberships and the work in it (A17)."""
    call.system.classes.delete(call.actor, int(class_id))


@api.route(
    "POST",
    f"{PREFIX}/classes/bulk",
    refusals=(Conflict, Unprocessable),
    tag="classes",
    deed="write classes in bulk",
)
def write_classes(call: OtusCall, body: ClassWrites) -> BulkResult:
    """Write many classes with their rosters, each row whole or not at all (A15).

    Refused as `sync_paused` while the sync is paused (H9).
    """
    return call.system.classes.write(call.actor, body)


@api.route("GET", f"{PREFIX}/rosters", tag="classes", deed="read")
def list_rosters(call: OtusCall, query: ClassQuery) -> RosterPage:
    """List the members of classes, by class id."""
    return call.system.classes.rosters(query)


@api.route("GET", f"{PREFIX}/digests/accounts", tag="accounts", deed="read")
def list_account_digests(call: OtusCall, query: DigestQuery) -> DigestPage:
    """List the digests of accounts, by account id."""
    return call.system.accounts.digests(query)


@api.route("GET", f"{PREFIX}/digests/sections", tag="classes", deed="read")
def list_section_digests(call: OtusCall, query: SectionQuery) -> DigestPage:
    """List the digests of rostered classes by all that Clever decides of them, by class id."""
    return call.system.classes.sections(query)


@api.route("GET", f"{PREFIX}/digests/classes", tag="classes", deed="read")
def list_class_digests(call: OtusCall, query: ClassQuery) -> ClassDigestPage:
    """List the digests of rostered classes, by class id."""
    return call.system.classes.digests(query)


@api.route("GET", f"{PREFIX}/digests/schools", tag="classes", deed="read")
def list_school_digests(call: OtusCall, query: SchoolQuery) -> SchoolDigestPage:
    """List a digest for every school that has rostered classes, by DBN."""
    return call.system.classes.school_digests(query)


# ---------------------------------------------------------------- members and their work


@api.route("GET", f"{PREFIX}/classes/{{class_id}}/members", refusals=(NotFound,), tag="members", deed="read")
def list_members(call: OtusCall, class_id: IdText, query: MemberQuery) -> MemberPage:
    """List the members of a class with their provenance, by account id."""
    return call.system.members.page(int(class_id), query)


@api.route(
    "POST",
    f"{PREFIX}/classes/{{class_id}}/members",
    status=201,
    refusals=(NotFound, Conflict, Unprocessable),
    tag="members",
    deed="add members by hand",
)
def add_member(call: OtusCall, class_id: IdText, body: NewMember) -> Member:
    """Add somebody to a class by hand (F8, F9, H5)."""
    return call.system.members.add(call.actor, int(class_id), body)


@api.route(
    "DELETE",
    f"{PREFIX}/classes/{{class_id}}/members/{{account_id}}",
    status=204,
    refusals=(NotFound, Unprocessable),
    tag="members",
    deed="remove members by hand",
)
def remove_member(call: OtusCall, class_id: IdText, account_id: IdText) -> None:
    """Remove somebody from a class by hand (H1)."""
    call.system.members.remove(call.actor, int(class_id), int(account_id))


@api.route(
    "POST",
    f"{PREFIX}/join",
    status=201,
    refusals=(NotFound, Conflict, Unprocessable),
    tag="members",
    deed="join a class by code",
)
def join_class(call: OtusCall, body: Joining) -> Member:
    """Join a class by its code, as a student (H6)."""
    return call.system.members.join(call.actor, body)


@api.route("GET", f"{PREFIX}/classes/{{class_id}}/work", refusals=(NotFound,), tag="members", deed="read")
def list_work(call: OtusCall, class_id: IdText, query: MemberQuery) -> WorkPage:
    """List what was handed in to a class, hidden work too (H7), oldest first."""
    return call.system.work.page(int(class_id), query)


@api.route(
    "POST",
    f"{PREFIX}/classes/{{class_id}}/work",
    status=201,
    refusals=(NotFound, Unprocessable),
    tag="members",
    deed="hand in work",
)
def hand_in_work(call: OtusCall, class_id: IdText, body: NewWork) -> Work:
    """Hand something in, as a student of the class."""
    return call.system.work.hand_in(call.actor, int(class_id), body)


# ---------------------------------------------------------------- settings and sync runs


@api.route("GET", f"{PREFIX}/settings", tag="settings", deed="read")
def get_settings(call: OtusCall) -> Settings:
    """Give the district's switches."""
    return call.system.settings()


@api.route("PATCH", f"{PREFIX}/settings", refusals=(Unprocessable,), tag="settings", deed="change the settings")
def edit_settings(call: OtusCall, body: SettingsEdit) -> Settings:
    """Turn the district's switches (F11, A9), and pause the sync or let it go on (H9)."""
    return call.system.change_settings(call.actor, body)


@api.route("GET", f"{PREFIX}/sync-runs", tag="sync runs", deed="read")
def list_runs(call: OtusCall, query: RunQuery) -> RunPage:
    """List sync runs, newest first."""
    return call.system.runs.page(query)


@api.route(
    "POST",
    f"{PREFIX}/sync-runs",
    status=201,
    refusals=(Conflict, Unprocessable),
    tag="sync runs",
    deed="report on sync runs",
)
def start_run(call: OtusCall, body: NewRun) -> SyncRun:
    """Begin a sync run and take the lease."""
    return call.system.runs.start(call.actor, body)


@api.route("GET", f"{PREFIX}/sync-runs/{{run_id}}", refusals=(NotFound,), tag="sync runs", deed="read")
def get_run(call: OtusCall, run_id: IdText) -> SyncRun:
    """Give one sync run."""
    return call.system.runs.get(int(run_id))


@api.route(
    "PATCH",
    f"{PREFIX}/sync-runs/{{run_id}}",
    refusals=(NotFound, Conflict, Unprocessable),
    tag="sync runs",
    deed="report on sync runs",
)
def edit_run(call: OtusCall, run_id: IdText, body: RunEdit) -> SyncRun:
    """Report on a sync run: renews the lease, or gives it back."""
    return call.system.runs.edit(call.actor, int(run_id), body)


@api.route(
    "POST",
    f"{PREFIX}/sync-runs/{{run_id}}/approve",
    refusals=(NotFound, Conflict, Unprocessable),
    tag="sync runs",
    deed="decide about withheld removals",
)
def approve_run(call: OtusCall, run_id: IdText) -> SyncRun:
    """Let the withheld removals of a held run happen (A14)."""
    return call.system.runs.approve(call.actor, int(run_id))


@api.route(
    "POST",
    f"{PREFIX}/sync-runs/{{run_id}}/discard",
    refusals=(NotFound, Conflict, Unprocessable),
    tag="sync runs",
    deed="decide about withheld removals",
)
def discard_run(call: OtusCall, run_id: IdText) -> SyncRun:
    """Drop the withheld removals of a held run (A14)."""
    return call.system.runs.discard(call.actor, int(run_id))


# ---------------------------------------------------------------- search, audit, idempotency


@api.route("GET", f"{PREFIX}/search", tag="search", deed="read")
def search(call: OtusCall, query: SearchQuery) -> SearchResult:
    """Find accounts by name, e-mail or SIS id, and classes by name, by how these begin.

    Of each kind at most `limit`; the lists take `q` too, and go on in pages.
    """
    return call.system.search(query)


@api.route("GET", f"{PREFIX}/audit", tag="audit", deed="read the audit log")
def list_audit(call: OtusCall, query: AuditQuery) -> AuditPage:
    """List who did what, when, and about whom; a bulk write has a line for each row that changed something."""
    return call.system.audit.page(query)


@api.route("GET", f"{PREFIX}/idempotency", tag="audit", deed="read")
def report_idempotency(call: OtusCall) -> KeptReport:
    """Tell how many answers are remembered by their idempotency keys, and how many were forgotten early."""
    return call.system.kept_answers.report()
