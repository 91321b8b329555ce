"""What people do in Otus by hand, and what is so from that moment on, until a night says otherwise."""

from collections.abc import Callable

from msgspec.structs import replace

from simulator.oracle.belief import (
    Account,
    Belief,
    Class,
    Evidence,
    Identity,
    Item,
    Membership,
    Provenance,
    Reason,
    Work,
)
from simulator.oracle.facts import (
    AccountEdited,
    AccountMade,
    ByHand,
    Card,
    ClassDeleted,
    ClassEdited,
    ClassMade,
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
)
from simulator.oracle.reasoning.clever import CleverSide
from simulator.oracle.reasoning.emails import compared


def do_by_hand(belief: Belief, clever: CleverSide, fact: ByHand, number: int) -> None:
    """Change a belief as people have changed Otus.

    Args:
        belief: is changed.
        clever: tells which Clever user somebody is now.
        fact: what was done, and accepted.
        number: of the fact; what it makes is named after it.
    """
    _Hand(belief, clever, number).do(fact)


class _Hand:
    def __init__(self, belief: Belief, clever: CleverSide, number: int) -> None:
        self._belief = belief
        self._clever = clever
        self._new_account = f"by hand {number}"

    def do(self, fact: ByHand) -> None:
        deeds: dict[type, Callable[..., object]] = {
            AccountMade: self._make_account,
            AccountEdited: self._edit_account,
            IdAdjusted: self._adjust_id,
            ClassMade: self._make_class,
            ClassEdited: self._edit_class,
            ClassDeleted: self._delete_class,
            MemberAdded: self._add,
            MemberRemoved: self._remove,
            WorkHandedIn: self._hand_in,
            ManualRosteringSwitched: self._switch,
            SyncPaused: self._leave,
            SyncResumed: self._leave,
            RemovalsApproved: self._approve,
            RemovalsDiscarded: self._discard,
        }
        deeds[type(fact)](fact)

    # ------------------------------------------------------------ accounts

    def _make_account(self, fact: AccountMade) -> str:
        account = Account(fact.role, fact.email, fact.first_name, fact.last_name)
        self._belief.accounts[self._new_account] = account
        rules = ("F6",) if fact.role == "admin" else ("H5",)
        self._why(Item("account", account=self._new_account), *rules, what="made by hand", fact=fact)
        return self._new_account

    def _edit_account(self, fact: AccountEdited) -> None:
        name = self._known(fact.account)
        before = self._belief.accounts[name]
        self._belief.accounts[name] = replace(
            before,
            email=fact.email or before.email,
            first_name=fact.first_name or before.first_name,
            last_name=fact.last_name or before.last_name,
        )
        if fact.email:
            self._why(Item("email", account=name), "A7", what="edited in Otus", fact=fact)
        if fact.first_name or fact.last_name:
            self._why(Item("name", account=name), "A7", what="edited in Otus", fact=fact)

    def _adjust_id(self, fact: IdAdjusted) -> None:
        name = self._known(fact.account)
        before = self._belief.accounts[name]
        link = self._clever.identity(fact.to) if isinstance(fact.to, Key) else fact.to
        provenance: Provenance = before.provenance if link is None else "clever"
        self._belief.accounts[name] = replace(before, link=link, provenance=provenance)
        self._why(Item("account by", account=name), "A10", "F12", what="ID adjusted", fact=fact)

    def _known(self, card: Card) -> str:
        """Name the account that a card shows.

        One that a failed night made is not known yet; that somebody has it on the screen shows that it is there.
        """
        name = self._find(card)
        if name is not None:
            return name
        if card.sis_id is None or card.role == "admin":
            self._belief.accounts[self._new_account] = Account(card.role, card.email, "", "")
            return self._new_account
        key = Key("student" if card.role == "student" else "teacher", card.sis_id)
        person = self._clever.person(key)
        name = f"{key.kind} {key.id}"
        self._belief.accounts[name] = Account(
            role=card.role,
            email=card.email,
            first_name="" if person is None else person.first_name,
            last_name="" if person is None else person.last_name,
            sis_id=key.id,
            link=self._clever.identity(key),
            provenance="clever",
        )
        return name

    def _find(self, card: Card) -> str | None:
        accounts = self._belief.accounts.items()
        email = compared(card.email)
        if card.sis_id is not None:
            found = [name for name, a in accounts if (a.role, a.sis_id) == (card.role, card.sis_id)]
            if found:
                # Two can have one number, where a user of Clever went over to somebody else.
                return next((name for name in found if compared(self._belief.accounts[name].email) == email), found[0])
        return next((name for name, account in accounts if compared(account.email) == email), None)

    # ------------------------------------------------------------ classes

    def _make_class(self, fact: ClassMade) -> None:
        item = Item("class", fact.class_)
        if not self._belief.manual_rostering:
            off = "the district does not have manual rostering"
            self._belief.reasons[item] = Reason(("F11",), (Evidence("made by hand", fact.at),), off)
            return
        members = {self._known(fact.teacher): Membership("teacher", "manual")}
        self._belief.classes[fact.class_] = Class(title=fact.name, name=fact.name, members=members)
        self._why(item, "F10", what="made by hand", fact=fact)

    def _edit_class(self, fact: ClassEdited) -> None:
        klass = self._class(fact.class_)
        if klass is None:
            return
        if fact.name is not None:
            klass = replace(klass, name=fact.name)
            self._why(Item("called", fact.class_), "H10", what="renamed by hand", fact=fact)
        if fact.archived is not None and fact.archived != klass.archived:
            klass = replace(klass, archived=fact.archived)
            what = "archived by hand" if fact.archived else "taken out of the archive by hand"
            self._why(Item("state", fact.class_), "H2", what=what, fact=fact)
        self._belief.classes[fact.class_] = klass

    def _delete_class(self, fact: ClassDeleted) -> None:
        if self._belief.classes.pop(fact.class_, None) is None:
            return
        self._belief.works = tuple(work for work in self._belief.works if work.class_ != fact.class_)
        for item in [item for item in self._belief.reasons if item.class_ == fact.class_]:
            del self._belief.reasons[item]
        self._why(Item("class", fact.class_), "A17", what="deleted by hand", fact=fact)

    def _class(self, name: str) -> Class | None:
        """Give a class; one that a failed night made is there when somebody stands in it."""
        klass = self._belief.classes.get(name)
        if klass is not None:
            return klass
        section_id = name.partition(" (")[0]
        section = self._clever.section(section_id)
        if section is None:
            return None
        identity: Identity = self._clever.identity(Key("section", section_id))
        klass = Class(title=section.name, name=section.name, members={}, section=identity)
        self._belief.classes[name] = klass
        return klass

    # ------------------------------------------------------------ members, and what they hand in

    def _add(self, fact: MemberAdded) -> None:
        klass = self._class(fact.class_)
        if klass is None:
            return
        account = self._find(fact.account)
        if account is None and fact.account.sis_id is None:
            account = self._make_account(  # H5
                AccountMade(
                    at=fact.at,
                    role="student" if fact.part == "student" else "teacher",
                    email=fact.account.email,
                    first_name=fact.first_name,
                    last_name=fact.last_name,
                )
            )
        account = account or self._known(fact.account)
        if account in klass.members:
            return
        members = {**klass.members, account: Membership(fact.part, "manual")}
        self._belief.classes[fact.class_] = replace(klass, members=members)
        what = "joined with the class code" if fact.joined else "added by hand"
        rule = "F10" if klass.section is None else "H6" if fact.joined else "F8" if fact.part == "student" else "F9"
        self._why(Item("member", fact.class_, account), rule, what=what, fact=fact)

    def _remove(self, fact: MemberRemoved) -> None:
        klass, account = self._class(fact.class_), self._find(fact.account)
        if klass is None or account is None or account not in klass.members:
            return
        members = {name: membership for name, membership in klass.members.items() if name != account}
        rule = "F10" if klass.section is None else "H1" if klass.members[account].provenance == "clever" else "H8"
        self._belief.classes[fact.class_] = replace(klass, members=members)
        self._why(Item("member", fact.class_, account), rule, what="taken out by hand", fact=fact)

    def _hand_in(self, fact: WorkHandedIn) -> None:
        if self._class(fact.class_) is not None:
            work = Work(fact.class_, self._known(fact.account), fact.title)
            self._belief.works = (*self._belief.works, work)

    # ------------------------------------------------------------ the district and the guard

    def _switch(self, fact: ManualRosteringSwitched) -> None:
        self._belief.manual_rostering = fact.on  # A9: what is there stays

    def _leave(self, fact: SyncPaused | SyncResumed) -> None:
        """Change nothing: a pause of the sync (H9) is about what nights may do, see the oracle itself."""

    def _approve(self, fact: RemovalsApproved) -> None:
        if fact.run == self._belief.ruling.run:
            self._belief.ruling = self._belief.ruling._replace(said="approved")

    def _discard(self, fact: RemovalsDiscarded) -> None:
        if fact.run == self._belief.ruling.run:
            self._belief.ruling = self._belief.ruling._replace(said="discarded")

    def _why(self, item: Item, *rules: str, what: str, fact: ByHand) -> None:
        self._belief.reasons[item] = Reason(rules, (Evidence(what, fact.at),))
