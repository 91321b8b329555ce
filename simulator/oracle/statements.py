"""What the oracle says in sentences: ``Mei Chen must not be in Algebra 1-01: added by hand ...``."""

from simulator.oracle.belief import Belief, Class, Item, Membership, Reason
from simulator.oracle.facts import Key
from simulator.oracle.reasoning.clever import CleverSide
from simulator.oracle.reasoning.emails import compared

PART_WORDS = {"teacher": "the teacher", "co_teacher": "a co-teacher", "student": "a student", None: "a member"}
NO_ACCOUNT = Reason(("F6", "F7"), (), "nobody has made it by hand, and Clever has no such teacher or student")
NO_CLASS = Reason(("F4", "F10"), (), "nobody has made it by hand, and Clever shows Otus no such section")
AS_CLEVER_HAS_IT = Reason(("F4", "F7"), (), "Clever has it so, and nobody has changed it by hand since")

PROVENANCE_WORDS = {"clever": "by roster", "manual": "by hand"}


def statement(belief: Belief, clever: CleverSide, person: str, class_: str) -> str:
    """Say whether somebody must be in a class, and why.

    Args:
        belief: what Otus must hold.
        clever: what Clever holds.
        person: by number, e-mail or full name.
        class_: by its name among the classes, or as it is called.
    """
    account, name = find_account(belief, person), find_class(belief, class_)
    klass = None if name is None else belief.classes[name]
    item = Item("member", name or class_, account or person)
    who, where = _who(belief, clever, account, person), _where(klass, clever, class_)
    membership = None if klass is None else klass.members.get(account or "")
    reason = reason_of(belief, item, clever)
    if membership is None:
        return f"{who} must not be in {where}: {reason}"
    return f"{who} must be in {where} as {membership_in_words(membership)}: {reason}"


def _who(belief: Belief, clever: CleverSide, account: str | None, person: str) -> str:
    if account is not None:
        return belief.accounts[account].full_name
    found = clever.person(Key("student", person)) or clever.person(Key("teacher", person))
    return person if found is None else f"{found.first_name} {found.last_name}"


def _where(klass: Class | None, clever: CleverSide, class_: str) -> str:
    if klass is not None:
        return klass.title
    section = clever.section(class_)
    return class_ if section is None else section.name


def membership_in_words(membership: Membership) -> str:
    """Say a membership: ``a student, by roster``."""
    return f"{PART_WORDS[membership.part]}, {PROVENANCE_WORDS[membership.provenance]}"


def find_account(belief: Belief, person: str) -> str | None:
    """Find somebody's account by number, e-mail or full name."""
    for name, account in belief.accounts.items():
        if person in (name, account.sis_id) or compared(person) == compared(account.email):
            return name
    return next((name for name, account in belief.accounts.items() if account.full_name == person), None)


def find_class(belief: Belief, class_: str) -> str | None:
    """Find a class by its name among the classes, or as it is called."""
    if class_ in belief.classes:
        return class_
    return next((name for name, klass in belief.classes.items() if class_ in (klass.title, klass.name)), None)


def reason_of(belief: Belief, item: Item, clever: CleverSide | None = None) -> Reason:
    """Give the reason for one thing; a general one where nothing in particular has happened to it.

    Args:
        belief: what Otus must hold.
        item: what is asked about.
        clever: what Clever holds, for more evidence.
    """
    known = _kept_out(belief, item) or belief.reasons.get(item)
    if known is not None:
        return known
    match item.aspect:
        case "member" | "member as" | "member by":
            return _why_not_in(belief, item, clever)
        case "account":
            return NO_ACCOUNT
        case "class":
            return NO_CLASS
        case "called" | "state":
            klass = belief.classes.get(item.class_)
            by_hand = klass is not None and klass.section is None
            return _left_alone(belief, Item("class", item.class_), "F10") if by_hand else AS_CLEVER_HAS_IT
        case _:
            account = belief.accounts.get(item.account)
            if account is None or account.link is not None:
                return AS_CLEVER_HAS_IT
            return _left_alone(belief, Item("account", account=item.account), "F6" if account.role == "admin" else "H5")


def _left_alone(belief: Belief, item: Item, rule: str) -> Reason:
    """Give the reason for what was made by hand, and is as those who made it left it."""
    made = belief.reasons.get(item)
    return Reason((rule,), () if made is None else made.evidence, "which the sync leaves as it is")


def _kept_out(belief: Belief, item: Item) -> Reason | None:
    """Give the reason why Clever's person cannot be rostered, if it is about one who cannot: it says more than others.

    An account of theirs may be there, linked to somebody else (A10), and in classes by hand.
    """
    account, klass = belief.accounts.get(item.account), belief.classes.get(item.class_)
    if item.aspect not in ("account", "member") or (klass is not None and item.account in klass.members):
        return None
    if account is not None and item.aspect == "account":
        return None
    number = item.account.rpartition(" ")[2] if account is None else account.sis_id
    return next((reason for key, reason in belief.kept_out.items() if key.id == number), None)


def _why_not_in(belief: Belief, item: Item, clever: CleverSide | None) -> Reason:
    klass, account = belief.classes.get(item.class_), belief.accounts.get(item.account)
    if klass is None:
        return NO_CLASS
    if klass.section is None:
        return Reason(("F10",), (), "nobody has added them by hand")
    number = item.account.rpartition(" ")[2] if account is None else account.sis_id
    listing = clever.listing(klass.section.key.id, number) if clever is not None and number is not None else ()
    return Reason(("F4",), listing, "Clever does not list them")
