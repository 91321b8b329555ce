"""Otus's HTTP interface: who asks, and the routes. No rule stands here."""

import hmac
import re

import msgspec
from flask import Flask, request

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
    Settings,
    SettingsEdit,
    SyncRun,
    Work,
    WorkPage,
)
from fakes.otus.rights import Actor
from fakes.otus.rules import Otus
from fakes.shared.api import Api, Call
from fakes.shared.refusals import BadRequest, Conflict, Forbidden, NotFound, Unauthorized, Unprocessable

PREFIX = "/api/v1"
ON_BEHALF_OF = "X-On-Behalf-Of"
"""With the support token: the id of the account whose rights the request has."""

api: Api[Otus] = Api(
    title="Otus",
    description=(
        "A fake of Otus as the nightly sync and the people of a district use it. Two tokens: `integration`"
        f" for the sync, `support` for Otus Support; with the header `{ON_BEHALF_OF}: <account id>` a support"
        " request has that account's rights and no others. Whoever has a token may read everything."
    ),
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
    return api.application(otus, otus.clock, lambda: _authenticate(otus, tokens))


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
    try:
        account = otus.accounts.get(_id(behalf))
    except NotFound:
        raise BadRequest(f"{ON_BEHALF_OF}: there is no account {behalf}") from None
    if not account.active:
        raise Forbidden(f"account {account.id} is not active, and cannot sign in")
    return Actor("account", account)


def _id(text: str) -> int:
    # 18 digits, because SQLite holds no 20 and because int() reads other scripts' digits too
    if re.fullmatch(r"[1-9][0-9]{0,17}", text) is None:
        raise NotFound(f"there is no record {text!r}; an id is a positive integer")
    return int(text)


# ---------------------------------------------------------------- accounts


@api.route("GET", f"{PREFIX}/accounts", tag="accounts")
def list_accounts(call: OtusCall, query: AccountQuery) -> AccountPage:
    """List accounts, by id."""
    return call.system.accounts.page(query)


@api.route("POST", f"{PREFIX}/accounts", status=201, refusals=(Forbidden, Conflict), tag="accounts")
def make_account(call: OtusCall, body: NewAccount) -> Account:
    """Make an account by hand (F6)."""
    return call.system.accounts.make(call.actor, body)


@api.route("GET", f"{PREFIX}/accounts/{{account_id}}", refusals=(NotFound,), tag="accounts")
def get_account(call: OtusCall, account_id: str) -> Account:
    """Give one account."""
    return call.system.accounts.get(_id(account_id))


@api.route("PATCH", f"{PREFIX}/accounts/{{account_id}}", refusals=(Forbidden, NotFound, Conflict), tag="accounts")
def edit_account(call: OtusCall, account_id: str, body: AccountEdit) -> Account:
    """Change an e-mail or a name by hand (A7)."""
    return call.system.accounts.edit(call.actor, _id(account_id), body)


@api.route(
    "POST",
    f"{PREFIX}/accounts/{{account_id}}/adjust-id",
    refusals=(Forbidden, NotFound, Conflict),
    tag="accounts",
)
def adjust_id(call: OtusCall, account_id: str, body: IdAdjustment) -> Account:
    """Say which Clever user an account belongs to (F12, A10)."""
    return call.system.accounts.adjust_id(call.actor, _id(account_id), body)


@api.route("POST", f"{PREFIX}/accounts/bulk", refusals=(Forbidden,), tag="accounts")
def write_accounts(call: OtusCall, body: AccountWrites) -> BulkResult:
    """Write many accounts, each row alone (A11)."""
    return call.system.accounts.write(call.actor, body)


# ---------------------------------------------------------------- classes


@api.route("GET", f"{PREFIX}/classes", tag="classes")
def list_classes(call: OtusCall, query: ClassQuery) -> ClassPage:
    """List classes without their members, by id."""
    return call.system.classes.page(query)


@api.route("POST", f"{PREFIX}/classes", status=201, refusals=(Forbidden,), tag="classes")
def make_class(call: OtusCall, body: NewClass) -> Class:
    """Make a class by hand (F10), if the district has manual rostering (F11)."""
    return call.system.classes.make(call.actor, body)


@api.route("GET", f"{PREFIX}/classes/{{class_id}}", refusals=(NotFound,), tag="classes")
def get_class(call: OtusCall, class_id: str) -> Class:
    """Give one class without its members."""
    return call.system.classes.get(_id(class_id))


@api.route("PATCH", f"{PREFIX}/classes/{{class_id}}", refusals=(Forbidden, NotFound), tag="classes")
def edit_class(call: OtusCall, class_id: str, body: ClassEdit) -> Class:
    """Rename, archive or unarchive a class by hand (H2, H8, H10)."""
    return call.system.classes.edit(call.actor, _id(class_id), body)


@api.route("DELETE", f"{PREFIX}/classes/{{class_id}}", status=204, refusals=(Forbidden, NotFound), tag="classes")
def delete_class(call: OtusCall, class_id: str) -> None:
    """Delete a class for good, with its memberships and the work in it (A17)."""
    call.system.classes.delete(call.actor, _id(class_id))


@api.route("POST", f"{PREFIX}/classes/bulk", refusals=(Forbidden,), tag="classes")
def write_classes(call: OtusCall, body: ClassWrites) -> BulkResult:
    """Write many classes with their rosters, each row whole or not at all (A15)."""
    return call.system.classes.write(call.actor, body)


@api.route("GET", f"{PREFIX}/rosters", tag="classes")
def list_rosters(call: OtusCall, query: ClassQuery) -> RosterPage:
    """List the members of classes, by class id."""
    return call.system.classes.rosters(query)


@api.route("GET", f"{PREFIX}/digests/classes", tag="classes")
def list_class_digests(call: OtusCall, query: ClassQuery) -> ClassDigestPage:
    """List the digests of rostered classes, by class id."""
    return call.system.classes.digests(query)


@api.route("GET", f"{PREFIX}/digests/schools", tag="classes")
def list_school_digests(call: OtusCall) -> SchoolDigestPage:
    """List a digest for every school that has rostered classes."""
    return call.system.classes.school_digests()


# ---------------------------------------------------------------- members and their work


@api.route("GET", f"{PREFIX}/classes/{{class_id}}/members", refusals=(NotFound,), tag="members")
def list_members(call: OtusCall, class_id: str) -> MemberPage:
    """List all members of a class with their provenance."""
    return call.system.members.page(_id(class_id))


@api.route(
    "POST",
    f"{PREFIX}/classes/{{class_id}}/members",
    status=201,
    refusals=(Forbidden, NotFound, Conflict),
    tag="members",
)
def add_member(call: OtusCall, class_id: str, body: NewMember) -> Member:
    """Add somebody to a class by hand (F8, F9, H5)."""
    return call.system.members.add(call.actor, _id(class_id), body)


@api.route(
    "DELETE",
    f"{PREFIX}/classes/{{class_id}}/members/{{account_id}}",
    status=204,
    refusals=(Forbidden, NotFound, Unprocessable),
    tag="members",
)
def remove_member(call: OtusCall, class_id: str, account_id: str) -> None:
    """Remove somebody from a class by hand (H1)."""
    call.system.members.remove(call.actor, _id(class_id), _id(account_id))


@api.route("POST", f"{PREFIX}/join", status=201, refusals=(Forbidden, NotFound, Conflict), tag="members")
def join_class(call: OtusCall, body: Joining) -> Member:
    """Join a class by its code, as a student (H6)."""
    return call.system.members.join(call.actor, body)


@api.route("GET", f"{PREFIX}/classes/{{class_id}}/work", refusals=(NotFound,), tag="members")
def list_work(call: OtusCall, class_id: str) -> WorkPage:
    """List what was handed in to a class, hidden work too (H7)."""
    return call.system.work.page(_id(class_id))


@api.route("POST", f"{PREFIX}/classes/{{class_id}}/work", status=201, refusals=(Forbidden, NotFound), tag="members")
def hand_in_work(call: OtusCall, class_id: str, body: NewWork) -> Work:
    """Hand something in, as a student of the class."""
    return call.system.work.hand_in(call.actor, _id(class_id), body)


# ---------------------------------------------------------------- settings and sync runs


@api.route("GET", f"{PREFIX}/settings", tag="settings")
def get_settings(call: OtusCall) -> Settings:
    """Give the district's switches."""
    return call.system.settings()


@api.route("PATCH", f"{PREFIX}/settings", refusals=(Forbidden,), tag="settings")
def edit_settings(call: OtusCall, body: SettingsEdit) -> Settings:
    """Turn the district's switches (F11, A9)."""
    return call.system.change_settings(call.actor, body)


@api.route("GET", f"{PREFIX}/sync-runs", tag="sync runs")
def list_runs(call: OtusCall) -> RunPage:
    """List the last sync runs, newest first."""
    return call.system.runs.page()


@api.route("POST", f"{PREFIX}/sync-runs", status=201, refusals=(Forbidden, Conflict), tag="sync runs")
def start_run(call: OtusCall, body: NewRun) -> SyncRun:
    """Begin a sync run and take the lease."""
    return call.system.runs.start(call.actor, body)


@api.route("GET", f"{PREFIX}/sync-runs/{{run_id}}", refusals=(NotFound,), tag="sync runs")
def get_run(call: OtusCall, run_id: str) -> SyncRun:
    """Give one sync run."""
    return call.system.runs.get(_id(run_id))


@api.route("PATCH", f"{PREFIX}/sync-runs/{{run_id}}", refusals=(Forbidden, NotFound, Conflict), tag="sync runs")
def edit_run(call: OtusCall, run_id: str, body: RunEdit) -> SyncRun:
    """Report on a sync run: renews the lease, or gives it back."""
    return call.system.runs.edit(call.actor, _id(run_id), body)


@api.route(
    "POST",
    f"{PREFIX}/sync-runs/{{run_id}}/approve",
    refusals=(Forbidden, NotFound, Conflict),
    tag="sync runs",
)
def approve_run(call: OtusCall, run_id: str) -> SyncRun:
    """Let the withheld removals of a held run happen (A14)."""
    return call.system.runs.approve(call.actor, _id(run_id))


@api.route(
    "POST",
    f"{PREFIX}/sync-runs/{{run_id}}/discard",
    refusals=(Forbidden, NotFound, Conflict),
    tag="sync runs",
)
def discard_run(call: OtusCall, run_id: str) -> SyncRun:
    """Drop the withheld removals of a held run (A14)."""
    return call.system.runs.discard(call.actor, _id(run_id))
