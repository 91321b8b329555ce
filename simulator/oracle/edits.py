"""What people did in Otus, as facts: read from the requests that Otus accepted."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from fakes.otus.records import (
    Account,
    AccountEdit,
    Class,
    ClassEdit,
    IdAdjustment,
    NewClass,
    NewMember,
    NewWork,
    SettingsEdit,
)
from fakes.otus.records import Member as OtusMember
from simulator.oracle.facts import (
    AccountEdited,
    AccountMade,
    Card,
    ClassDeleted,
    ClassEdited,
    ClassMade,
    Fact,
    IdAdjusted,
    Key,
    ManualRosteringSwitched,
    MemberAdded,
    MemberRemoved,
    RemovalsApproved,
    RemovalsDiscarded,
    SyncPaused,
    SyncResumed,
    WorkHandedIn,
    by_hand_class,
    rostered_class,
)
from simulator.views import OtusView


class ByHandEdit(NamedTuple):
    """Something that people did in Otus, and Otus accepted."""

    at: datetime
    method: str
    path: str
    """Below the API's prefix."""
    body: msgspec.Struct | None
    """That was sent."""
    who: int | None
    """The account of whoever did it; ``None`` for Otus Support."""
    answer: bytes
    """The body of the answer."""


class Screen:
    """What somebody who edits has before them: accounts and classes by the numbers that Otus gives them.

    Args:
        fetch_account: asks Otus for an account that is not known yet.
        fetch_class: asks Otus for a class.
        section_of: tells which section of ATS a section of Clever is, and its how manyth stint there.
        person_of: tells who a Clever user is.
    """

    def __init__(
        self,
        fetch_account: Callable[[int], Account],
        fetch_class: Callable[[int], Class],
        section_of: Callable[[str], tuple[str, int] | None],
        person_of: Callable[[str], Key | None],
    ) -> None:
        self.person_of = person_of
        self._fetch_account = fetch_account
        self._fetch_class = fetch_class
        self._section_of = section_of
        self._accounts: dict[int, Account] = {}
        self._classes: dict[int, Class] = {}
        self._made_by_hand: set[int] = set()
        self._names: dict[str, str] = {}

    def show(self, otus: OtusView) -> None:
        """Take note of all that Otus holds."""
        self._accounts = dict(otus.accounts)
        self._classes = dict(otus.classes)

    def named(self, otus: OtusView) -> dict[str, Class]:
        """Give the classes of Otus by the names that they have among the facts."""
        return {self.class_name(klass.id): klass for klass in otus.classes.values()}

    def show_account(self, account: Account) -> None:
        """Take note of an account as it is now."""
        self._accounts[account.id] = account

    def show_class(self, klass: Class, *, made_by_hand: bool = False) -> None:
        """Take note of a class as it is now."""
        self._classes[klass.id] = klass
        if made_by_hand:
            self._made_by_hand.add(klass.id)

    def card(self, account_id: int) -> Card:
        """Give an account as it was when it was last seen."""
        if account_id not in self._accounts:
            self._accounts[account_id] = self._fetch_account(account_id)
        account = self._accounts[account_id]
        return Card(account.role, account.email, account.sis_id)

    def class_name(self, class_id: int) -> str:
        """Name a class as facts do."""
        if class_id in self._made_by_hand:
            return by_hand_class(class_id)
        if class_id not in self._classes:
            self._classes[class_id] = self._fetch_class(class_id)
        return self._rostered_name(self._classes[class_id])

    def class_with_code(self, code: str) -> str:
        """Name the class that a code leads into."""
        typed = _letters(code)
        return self.class_name(next(klass.id for klass in self._classes.values() if _letters(klass.code) == typed))

    def _rostered_name(self, klass: Class) -> str:
        if klass.clever_id is None:
            return by_hand_class(klass.id)
        if klass.clever_id not in self._names:
            section_id, stint = self._section_of(klass.clever_id) or (klass.clever_id, 1)
            self._names[klass.clever_id] = rostered_class(section_id, stint)
        return self._names[klass.clever_id]


def facts_of(edit: ByHandEdit, screen: Screen) -> Iterator[Fact]:
    """Say what an edit did.

    Args:
        edit: that Otus accepted.
        screen: to know accounts and classes by; is kept up to date.
    """
    at, method, path, body, who, answer = edit
    words = path.strip("/").split("/")
    number = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    match (method, words[0], words[2] if len(words) > 2 else ""):
        case ("POST", "accounts", "") | ("PATCH", "accounts", "") | ("POST", "accounts", "adjust-id"):
            yield from _of_account(number, body, msgspec.json.decode(answer, type=Account), at, screen)
        case ("POST" | "PATCH" | "DELETE", "classes", ""):
            yield from _of_class(edit, number, screen)
        case ("POST", "join", "") if who is not None:
            class_ = screen.class_with_code(getattr(body, "code", ""))
            yield MemberAdded(at=at, class_=class_, account=screen.card(who), part="student", joined=True)
        case ("POST", "classes", "members") if isinstance(body, NewMember):
            member = msgspec.json.decode(answer, type=OtusMember)
            yield MemberAdded(
                at=at,
                class_=screen.class_name(number),
                account=screen.card(member.account),
                part=member.part,
                first_name=body.first_name,
                last_name=body.last_name,
            )
        case ("DELETE", "classes", "members"):
            yield MemberRemoved(at=at, class_=screen.class_name(number), account=screen.card(int(words[3])))
        case ("POST", "classes", "work") if isinstance(body, NewWork) and who is not None:
            yield WorkHandedIn(at=at, class_=screen.class_name(number), account=screen.card(who), title=body.title)
        case ("PATCH", "settings", "") if isinstance(body, SettingsEdit):
            yield from _of_switches(body, at)
        case ("POST", "sync-runs", "approve"):
            yield RemovalsApproved(at=at, run=number)
        case ("POST", "sync-runs", "discard"):
            yield RemovalsDiscarded(at=at, run=number)


def _of_switches(body: SettingsEdit, at: datetime) -> Iterator[Fact]:
    if body.manual_rostering is not msgspec.UNSET:
        yield ManualRosteringSwitched(at=at, on=body.manual_rostering)
    if body.sync_paused is not msgspec.UNSET:
        yield SyncPaused(at=at) if body.sync_paused else SyncResumed(at=at)


def _of_account(
    number: int, body: msgspec.Struct | None, account: Account, at: datetime, screen: Screen
) -> Iterator[Fact]:
    match body:
        case AccountEdit():
            yield AccountEdited(
                at=at,
                account=screen.card(number),
                email=body.email or None,
                first_name=body.first_name or None,
                last_name=body.last_name or None,
            )
        case IdAdjustment(clever_id=clever_id):
            to = None if clever_id is None else screen.person_of(clever_id) or clever_id
            yield IdAdjusted(at=at, account=screen.card(number), to=to)
        case _:
            yield AccountMade(
                at=at,
                role=account.role,
                email=account.email,
                first_name=account.first_name,
                last_name=account.last_name,
            )
    screen.show_account(account)


def _of_class(edit: ByHandEdit, number: int, screen: Screen) -> Iterator[Fact]:
    at, method, _, body, who, answer = edit
    if method == "DELETE":
        yield ClassDeleted(at=at, class_=screen.class_name(number))
        return
    klass = msgspec.json.decode(answer, type=Class)
    screen.show_class(klass, made_by_hand=method == "POST")
    if isinstance(body, ClassEdit):
        archived = None if body.archived is msgspec.UNSET else body.archived
        yield ClassEdited(at=at, class_=screen.class_name(klass.id), name=body.name or None, archived=archived)
    else:
        teacher = body.teacher if isinstance(body, NewClass) else None
        card = screen.card(teacher or who or 0)
        yield ClassMade(at=at, class_=by_hand_class(klass.id), name=klass.name, teacher=card)


def _letters(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())
