"""Where the steps of a story are performed: a world, and the names that the story uses for its people."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import msgspec

from fakes.otus.records import Account, Class
from fakes.otus.records import Settings as OtusSettings
from simulator.district import Person, Term, term_of
from simulator.gateway import Answer
from simulator.journal import Lane
from simulator.views import CleverView, OtusView
from simulator.world import World

T = TypeVar("T")
SUPPORT = "Otus Support"


class Act(NamedTuple):
    """What a step did or tried to do."""

    who: str
    """The actor in words."""
    what: str
    about: tuple[str, ...]
    answer: Answer | None
    """Of the system that was asked; ``None`` where no system is asked (an outage begins)."""
    breaks: bool = False
    """Whether something breaks by it, or is mended."""
    lane: Lane | None = None
    """Where it happened, if not in the system that the step names."""


class NotOnStageError(Exception):
    """A step cannot be performed since somebody or something is not there (no such class in Otus any more).

    That is a finding about the story or the sync, never a defect of the harness.
    """


class Stage:
    """A world with names.

    Args:
        world: in which the story is played.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.directory = world.directory
        self.settings = OtusSettings(manual_rostering=world.setup.manual_rostering)
        self.line: int | None = None
        """Of the story: where the step stands that is performed."""

    @property
    def term(self) -> Term:
        """The term the story lies in now."""
        return term_of(self.world.clock())

    # ------------------------------------------------------------ ATS

    def person(self, name: str) -> Person:
        """Give somebody of ATS/STARS.

        Raises:
            NotOnStageError: ATS/STARS does not know them (yet).
        """
        if name not in self.directory.people:
            raise NotOnStageError(f"there is nobody called {name} in ATS/STARS now")
        return self.directory.people[name]

    def person_id(self, name: str) -> str:
        """Give somebody's OSIS or staff number.

        Raises:
            NotOnStageError: ATS/STARS does not know them (yet).
        """
        return self.person(name).id

    def section_id(self, name: str) -> str:
        """Give ATS's id of a section.

        Raises:
            NotOnStageError: there is no such section (yet).
        """
        if name not in self.directory.sections:
            raise NotOnStageError(f"there is no section {name} in ATS/STARS now")
        return self.directory.sections[name]

    def meet(self, person: Person) -> Person:
        """Make up what is not said of somebody new, and remember them."""
        whole = self.world.inventor.complete(person)
        self.directory.add_person(whole)
        return whole

    # ------------------------------------------------------------ Otus

    def account(self, name: str, otus: OtusView | None = None) -> Account | None:
        """Find somebody's account in Otus.

        It is the one linked to the person's Clever user; else the one they were last seen with; else the one
        with their number; else the one with their e-mail.

        Args:
            name: as the story has it.
            otus: what Otus holds, if it has been read already.
        """
        view = otus or self.world.otus_view()
        person = self.directory.people.get(name)
        found = None
        if person is not None:
            clever_id = self.world.clever.clever_id("user", person.id, person.role)
            found = view.account_of(clever_id) if clever_id else None
        if found is None:
            found = view.accounts.get(self.directory.accounts.get(name, 0))
        if found is None and person is not None:
            found = _first(a for a in view.accounts.values() if (a.sis_id, a.role) == (person.id, person.role))
            same = (person.email or "", person.role)
            found = found or _first(a for a in view.accounts.values() if (a.email, a.role) == same)
        if found is None and name in self.directory.outsiders:
            email = self.directory.outsiders[name].casefold()
            others = {key for known, key in self.directory.accounts.items() if known != name}
            found = _first(a for a in view.accounts.values() if a.email.casefold() == email and a.id not in others)
        if found is not None:
            self.directory.accounts.setdefault(name, found.id)
        return found

    def account_id(self, name: str) -> int:
        """Give the id of somebody's account.

        Raises:
            NotOnStageError: they have none.
        """
        account = self.account(name)
        if account is None:
            raise NotOnStageError(f"{name} has no account in Otus now")
        return account.id

    def otus_class(self, name: str, otus: OtusView | None = None) -> Class | None:
        """Find a class in Otus: the one of a section, or one made by hand."""
        view = otus or self.world.otus_view()
        if name in self.directory.classes:
            return view.classes.get(self.directory.classes[name])
        clever_id = self.directory.clever_sections.get(name)
        if clever_id is None and name in self.directory.sections:  # it waited behind a pause or a hold of Clever's
            clever_id = self.world.clever.clever_id("section", self.directory.sections[name])
        return view.class_of(clever_id) if clever_id else None

    def email_of(self, name: str) -> str:
        """Give somebody's e-mail as the story has it, or one made up for a person without."""
        person = self.directory.people.get(name)
        if person is not None and person.email:
            return person.email
        return self.directory.outsiders.get(name) or f"{name.lower().replace(' ', '.')}@by-hand.example"

    def class_id(self, name: str) -> int:
        """Give the id of a class in Otus.

        Raises:
            NotOnStageError: Otus does not have it.
        """
        found = self.otus_class(name)
        if found is None:
            raise NotOnStageError(f"Otus has no class {name} now")
        return found.id

    def main_teacher(self, class_name: str) -> str:
        """Say who acts in a class by default: its main teacher, or Support if it has none."""
        view = self.world.otus_view()
        members = view.members(self.class_id(class_name))
        teacher = next((key for key, (part, _) in sorted(members.items()) if part == "teacher"), None)
        return SUPPORT if teacher is None else self.name_of_account(view.accounts[teacher])

    def name_of_account(self, account: Account) -> str:
        """Say whose an account is, in the story's words if it has any."""
        if account.sis_id is not None:
            name = self.directory.name_of(account.sis_id)
            if name != account.sis_id:
                return name
        known = (name for name, key in self.directory.accounts.items() if key == account.id)
        return next(known, f"{account.first_name} {account.last_name}")

    def ask_otus(self, who: str, method: str, path: str, body: msgspec.Struct | None = None) -> Answer:
        """Ask Otus with somebody's rights: Support's, or those of a person with an account."""
        behalf = None if who == SUPPORT else self.account_id(who)
        return self.world.otus_api(method, path, body, on_behalf_of=behalf)

    # ------------------------------------------------------------ Clever

    def clever_view(self) -> CleverView:
        """Read all that Clever shares."""
        return self.world.clever_view()


def _first(accounts: Iterable[Account]) -> Account | None:
    return next(iter(accounts), None)


def decoded(answer: Answer, kind: type[T]) -> T:
    """Read the body of a good answer."""
    return msgspec.json.decode(answer.body, type=kind)
