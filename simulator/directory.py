"""Who is who: the names of a story, and the ids that ATS, Clever and Otus know them by."""

from collections import Counter

from fakes.ats.records import Change
from fakes.ats.records import Section as AtsSection
from simulator.district import Person


class Directory:
    """Names of people and classes, kept by the world for steps, judges and the journal."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        """By the name the story gives them; all in ATS, or known to be without (see :attr:`outsiders`)."""
        self.outsiders: dict[str, str] = {}
        """People whom only Clever or Otus has, by name: their e-mail."""
        self.sections: dict[str, str] = {}
        """ATS's section id by the name the story gives the class."""
        self.clever_sections: dict[str, str] = {}
        """Clever's id of a section, as last seen, by name: a class outlives its section, archived (A12)."""
        self.section_stints: dict[str, tuple[str, int]] = {}
        """By Clever's id of a section: ATS's, and how many ids Clever has given it up to this one."""
        self.clever_terms: dict[str, str] = {}
        """Clever's id of a term as the story began, by ATS's code of it."""
        self.accounts: dict[str, int] = {}
        """Otus's account, as last seen, by name of the person."""
        self.classes: dict[str, int] = {}
        """Otus's class, as last seen, by name of a class that was made by hand."""
        self._names_by_id: dict[str, str] = {}
        self._stints: Counter[str] = Counter()
        """How many ids Clever has given a section so far, by ATS's id of it."""

    def add_person(self, person: Person) -> None:
        """Take note of somebody in ATS."""
        self.people[person.name] = person
        self._names_by_id[person.id] = person.name

    def add_section(self, name: str, section_id: str) -> None:
        """Take note of a section."""
        self.sections[name] = section_id
        self._names_by_id[section_id] = name

    def remember_section(self, section_id: str, clever_id: str) -> None:
        """Take note of the id under which Clever has a section now."""
        self.clever_sections[self.name_of(section_id)] = clever_id
        if clever_id not in self.section_stints:
            self._stints[section_id] += 1
            self.section_stints[clever_id] = (section_id, self._stints[section_id])

    def name_of(self, record_id: str) -> str:
        """Give the name of a person (by OSIS or staff number) or section; the id itself if it has none."""
        return self._names_by_id.get(record_id, record_id)

    def in_words(self, change: Change) -> tuple[str, tuple[str, ...]]:
        """Say a change of ATS with names for ids, and name whom it is about."""
        words = [self._names_by_id.get(word, word) for word in change.action.split(" ")]
        mentioned = [self._names_by_id[word] for word in change.action.split(" ") if word in self._names_by_id]
        record = change.record
        subject = self.name_of(record.key)
        about = dict.fromkeys([subject, *mentioned])
        if isinstance(record, AtsSection):
            about[record.dbn] = None
        return f"{subject}: {' '.join(words)}", tuple(about)
