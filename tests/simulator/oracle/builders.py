"""A small town, told to an oracle in the FAQ's words: who does what, and when.

Rosa teaches Algebra 1-01 to Ben; Mei, Omar, and the teachers Anna and Kofi are at the school. All of that was
synced long ago. What the office does leaves ATS at once, and the feed has it in Clever 72 hours later.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from fakes.ats.records import Person, Section
from simulator.clock import NEW_YORK
from simulator.oracle.belief import Account, Belief, Membership
from simulator.oracle.facts import (
    AccountEdited,
    AccountMade,
    AtsChange,
    Card,
    ClassDeleted,
    ClassEdited,
    ClassMade,
    Fact,
    IdAdjusted,
    Key,
    MemberAdded,
    MemberRemoved,
    NightRan,
    Outcome,
    Part,
    Role,
    Settings,
    WorkHandedIn,
    by_hand_class,
)
from simulator.oracle.oracle import Oracle

SCHOOL, OTHER_SCHOOL = "02M475", "16K393"
ALGEBRA = "02M475-2026-1-ALGEBRA1-01"
SANDBOX = by_hand_class(900)
ROSA, ANNA, KOFI = "1000001", "1000002", "1000003"
BEN, MEI, OMAR, HANA = "200000001", "200000002", "200000003", "200000004"
NAMES = {
    ROSA: "Rosa Diaz",
    ANNA: "Anna Kowalski",
    KOFI: "Kofi Mensah",
    BEN: "Ben Okri",
    MEI: "Mei Chen",
    OMAR: "Omar Haddad",
    HANA: "Hana Yoshida",
}
MONDAY = datetime(2026, 9, 14, 10, tzinfo=NEW_YORK)
"""Monday, 14 September 2026, 10:00 in New York."""
LAG = timedelta(hours=72)

STUDENT = Membership("student", "clever")
STUDENT_BY_HAND = Membership("student", "manual")
TEACHER = Membership("teacher", "clever")
CO_TEACHER = Membership("co_teacher", "clever")
CO_TEACHER_BY_HAND = Membership("co_teacher", "manual")


def day(number: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment in New York; day 1 is Monday, 14 September 2026."""
    return (MONDAY + timedelta(days=number - 1)).replace(hour=hour, minute=minute)


def email_of(number: str) -> str:
    """The e-mail that somebody has in ATS to begin with."""
    return f"{NAMES.get(number, number).lower().replace(' ', '.')}@x.example"


def person(number: str, **changes: object) -> Person:
    """Somebody of the school."""
    first, _, last = NAMES.get(number, f"Somebody {number}").partition(" ")
    role = "teacher" if number.startswith("1") else "student"
    whole = Person(number, role, first, last, email_of(number), (SCHOOL,))  # type: ignore[arg-type]
    return replace(whole, **changes)


def section(section_id: str = ALGEBRA, **changes: object) -> Section:
    """A section of the school."""
    whole = Section(section_id, SCHOOL, "2026-1", "ALGEBRA1", "01", "Algebra 1-01", ROSA, students=(BEN,))
    return replace(whole, **changes)


def role_of(number: str) -> Role:
    """Student or teacher."""
    return "teacher" if number.startswith("1") else "student"


@dataclass
class Town:
    """The oracle, and what the office's books say."""

    oracle: Oracle
    people: dict[str, Person] = field(default_factory=dict)
    sections: dict[str, Section] = field(default_factory=dict)

    def tell(self, *facts: Fact) -> None:
        for fact in facts:
            self.oracle.happened(fact)

    # ------------------------------------------------------------ the office, in ATS

    def office(self, at: datetime, record: Person | Section, lag: timedelta = LAG) -> None:
        """Change a record; the feed delivers it when the lag is over."""
        if isinstance(record, Person):
            self.people[record.id] = record
        else:
            self.sections[record.id] = record
        self.tell(AtsChange(at=at, record=record, shared_at=at + lag))

    def enroll(self, at: datetime, number: str, section_id: str = ALGEBRA) -> None:
        before = self.sections[section_id]
        self.office(at, replace(before, students=(*before.students, number)))

    def drop(self, at: datetime, number: str, section_id: str = ALGEBRA) -> None:
        before = self.sections[section_id]
        self.office(at, replace(before, students=tuple(each for each in before.students if each != number)))

    def edit(self, at: datetime, number: str, **changes: object) -> None:
        self.office(at, replace(self.people[number], **changes))

    def discharge(self, at: datetime, number: str) -> None:
        """The person leaves, and with them every section they are in."""
        for section_id, before in self.sections.items():
            if number in before.students:
                self.drop(at, number, section_id)
        self.edit(at, number, discharged=True)

    # ------------------------------------------------------------ by hand, in Otus

    def card(self, number: str, email: str = "") -> Card:
        """Somebody's account as its page in Otus shows it."""
        account = self.account(number)
        return Card(role_of(number), email or account.email, number)

    def add(self, at: datetime, number: str, class_: str = ALGEBRA, part: Part = "student") -> None:
        self.tell(MemberAdded(at=at, class_=class_, account=self.card(number), part=part))

    def add_stranger(self, at: datetime, email: str, name: str, class_: str = ALGEBRA, part: Part = "student") -> None:
        first, _, last = name.partition(" ")
        role: Role = "student" if part == "student" else "teacher"
        self.tell(
            MemberAdded(at=at, class_=class_, account=Card(role, email), part=part, first_name=first, last_name=last)
        )

    def remove(self, at: datetime, number: str, class_: str = ALGEBRA) -> None:
        self.tell(MemberRemoved(at=at, class_=class_, account=self.card(number)))

    def make_sandbox(self, at: datetime, *students: str) -> None:
        self.tell(ClassMade(at=at, class_=SANDBOX, name="Practice", teacher=self.card(ROSA)))
        for number in students:
            self.add(at, number, SANDBOX)

    def make_account(self, at: datetime, role: Role, email: str, name: str) -> None:
        first, _, last = name.partition(" ")
        self.tell(AccountMade(at=at, role=role, email=email, first_name=first, last_name=last))

    def edit_account(self, at: datetime, number: str, email: str | None = None, first_name: str | None = None) -> None:
        self.tell(AccountEdited(at=at, account=self.card(number), email=email, first_name=first_name))

    def edit_class(self, at: datetime, class_: str, *, name: str | None = None, archived: bool | None = None) -> None:
        self.tell(ClassEdited(at=at, class_=class_, name=name, archived=archived))

    def delete_class(self, at: datetime, class_: str) -> None:
        self.tell(ClassDeleted(at=at, class_=class_))

    def adjust_id(self, at: datetime, number: str, to: Key | str | None) -> None:
        self.tell(IdAdjusted(at=at, account=self.card(number), to=to))

    def hand_in(self, at: datetime, number: str, class_: str = ALGEBRA) -> None:
        self.tell(WorkHandedIn(at=at, class_=class_, account=self.card(number), title="Essay"))

    # ------------------------------------------------------------ nights, and what must be

    def night(self, number: int, outcome: Outcome = "succeeded", run: int = 0) -> None:
        """Let the night before a day run: night 1 is that of Tuesday, 15 September, 01:00."""
        started = day(number + 1, 1)
        ended = started + timedelta(minutes=5)
        self.tell(NightRan(at=ended, started=started, outcome=outcome, night=number, run=run or number))

    def nights(self, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self.night(number)

    @property
    def belief(self) -> Belief:
        return self.oracle.expected()

    def account(self, number: str) -> Account:
        found = self.find(number)
        assert found is not None, f"{number} must have no account"
        return found

    def find(self, number: str) -> Account | None:
        """The account that somebody of ATS must have."""
        name = self.belief.account_of(Key("teacher" if number.startswith("1") else "student", number))
        return None if name is None else self.belief.accounts[name]

    def member(self, number: str, class_: str = ALGEBRA) -> Membership | None:
        """How somebody must be in a class."""
        name = self.belief.account_of(Key("teacher" if number.startswith("1") else "student", number))
        return self.belief.classes[class_].members.get(name or "")

    def why(self, number: str, class_: str = ALGEBRA) -> str:
        return self.oracle.why(number, class_)


def town(settings: Settings | None = None, *more: Person | Section) -> Town:
    """A town that was synced long ago.

    Args:
        settings: of the district.
        more: people and sections besides.
    """
    made = Town(Oracle(settings))
    long_ago = datetime(2026, 8, 15, 12, tzinfo=UTC)
    everybody = [person(number) for number in (ROSA, ANNA, KOFI, BEN, MEI, OMAR)]
    records = (*everybody, section(), *more)
    for record in sorted(records, key=lambda each: isinstance(each, Section)):
        made.office(long_ago, record)
    synced = long_ago + timedelta(days=4)
    made.tell(NightRan(at=synced, started=synced, outcome="succeeded"))
    return made
