"""The people of ATS/STARS: added, edited, discharged and taken back (F1, A3)."""

from msgspec.structs import replace

from fakes.ats.book import Book
from fakes.ats.entries import check_fields, check_person, edited, in_words
from fakes.ats.records import Person, PersonEdit, Section
from fakes.ats.sections import staff_of, without_person
from fakes.shared.refusals import Conflict


class People(Book):
    """The book with its people; see :class:`~fakes.ats.rules.Ats` for what all edits have in common."""

    def add_person(self, person: Person, *, by: str) -> Person:
        """Add a student or teacher (F1). Two may have one e-mail, or none (H4): ATS does not mind.

        Raises:
            Conflict: the OSIS or staff number is taken.
            Unprocessable: a field is malformed, the id is not of the role, or they are in no school.
        """
        check_fields(person)
        check_person(person)
        for dbn in person.schools:
            self.school(dbn)
        return self._add(person, f"add {person.role}", by)

    def edit_person(self, person_id: str, edit: PersonEdit, *, by: str) -> Person:
        """Change name, e-mail (F1), grade or schools. Who leaves a school also leaves its sections.

        Raises:
            Unprocessable: a field is malformed, or they would be in no school.
        """
        before = self.person(person_id)
        person, fields = edited(before, edit)
        if not fields:
            return before
        check_person(person)
        for dbn in person.schools:
            self.school(dbn)
        with self.store.transaction():
            for dbn in before.schools:
                if dbn not in person.schools:
                    self._leave_sections(person, dbn, f"left {dbn}", by)
            return self._write(person, f"change {in_words(fields)}", by)

    def discharge(self, person_id: str, *, by: str) -> Person:
        """Note that a person has left the district; they also leave every section, and ATS keeps the record.

        The sections come first in the history, so that none ever names somebody who is gone. They wait for
        their schedules (F3), the person does not (A1).

        Raises:
            Conflict: they are discharged already.
        """
        person = self.person(person_id)
        if person.discharged:
            raise Conflict(
                f"{person.role} {person_id} is discharged already; to take them back, readmit them",
                code="discharged",
            )
        with self.store.transaction():
            for dbn in person.schools:
                self._leave_sections(person, dbn, "discharged", by)
            return self._write(replace(person, discharged=True), "discharge", by)

    def readmit(self, person_id: str, *, by: str) -> Person:
        """Take a discharged person back, into their schools but into no section.

        Raises:
            Conflict: they are not discharged.
        """
        person = self.person(person_id)
        if not person.discharged:
            raise Conflict(
                f"{person.role} {person_id} is in the district; only a discharged person is readmitted",
                code="not_discharged",
            )
        return self._write(replace(person, discharged=False), "readmit", by)

    def put_person(self, person: Person, *, by: str) -> Person:
        """Write a person as they should be, known or new; who leaves a school or the district leaves sections.

        Raises:
            Unprocessable: a field is malformed, the id is not of the role, or they are in no school.
        """
        before = self.store.find(Person, person.id)
        if before is None:
            return self.add_person(person, by=by)
        check_fields(person)
        check_person(person)
        for dbn in person.schools:
            self.school(dbn)
        leaves_all = person.discharged and not before.discharged
        with self.store.transaction():
            for dbn in before.schools:
                if leaves_all or dbn not in person.schools:
                    self._leave_sections(person, dbn, "discharged" if leaves_all else f"left {dbn}", by)
            return self._write(person, f"import {person.role}", by)

    def _leave_sections(self, person: Person, dbn: str, why: str, by: str) -> None:
        for section in self.store.page_in_school(Section, dbn, after="", limit=-1):
            if person.id in section.students:
                self._write(without_person(section, person.id), f"drop {person.id} ({why})", by)
            elif person.id in staff_of(section):
                self._write(without_person(section, person.id), f"remove teacher {person.id} ({why})", by)
