"""Classes, as people see and change them; rosters and digests, as the sync reads them."""

from typing import NamedTuple

import msgspec

from fakes.otus.audit import Audit, Entry
from fakes.otus.class_writes import write_classes
from fakes.otus.codes import class_code
from fakes.otus.listings import SchoolQuery
from fakes.otus.membership import digest, members_of
from fakes.otus.pause import refuse_while_paused
from fakes.otus.records import (
    Account,
    BulkResult,
    ByHand,
    Class,
    ClassDigestPage,
    ClassEdit,
    ClassPage,
    ClassQuery,
    ClassRoster,
    ClassWrites,
    DigestPage,
    Member,
    NewClass,
    Roster,
    RosterPage,
    SchoolDigest,
    SchoolDigestPage,
    SectionQuery,
    digests_of,
    school_digest,
)
from fakes.otus.rights import Actor, at_large, at_schools, in_class, require
from fakes.otus.store import Store, StoredClass
from fakes.shared.moments import Clock, wire_time
from fakes.shared.refusals import Forbidden, NotFound, Unprocessable
from fakes.shared.stored import as_stored


class Gathered(NamedTuple):
    """A class with all its members."""

    stored: StoredClass
    members: dict[int, Member]
    """By account id."""


def gather(store: Store, class_id: int) -> Gathered:
    """Give a class with all its members.

    Raises:
        NotFound: there is no such class.
    """
    stored = store.class_(class_id)
    if stored is None:
        raise NotFound(f"there is no class {class_id}")
    return Gathered(stored, members_of(stored.roster, store.by_hand([class_id]).get(class_id, ())))


def changed(stored: StoredClass, moment: str) -> StoredClass:
    """Raise the version of a class that is about to be saved with a change."""
    about = msgspec.structs.replace(stored.about, version=stored.about.version + 1, updated=moment)
    return msgspec.structs.replace(stored, about=about)


class Classes:
    """The classes of a district.

    Args:
        store: where they are kept.
        clock: of the district.
        audit: is told of everything that is changed.
    """

    def __init__(self, store: Store, clock: Clock, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    # ------------------------------------------------------------ reading

    def get(self, class_id: int) -> Class:
        """Give one class.

        Raises:
            NotFound: there is none.
        """
        return gather(self._store, class_id).stored.about

    def page(self, query: ClassQuery) -> ClassPage:
        """Give a page of classes, by id."""
        found = self._store.class_page(query)
        items = [stored.about for stored in found[: query.limit]]
        return ClassPage(items, items[-1].id if len(found) > len(items) else None)

    def rosters(self, query: ClassQuery) -> RosterPage:
        """Give the members of a page of classes, by class id."""
        with self._store.reading():
            found = self._store.roster_page(query)
            by_hand = self._store.by_hand(stored.class_id for stored in found)
        items = [
            ClassRoster(
                class_id=stored.class_id,
                version=stored.version,
                roster=as_stored(stored.roster, Roster),
                by_hand=by_hand.get(stored.class_id, ()),
            )
            for stored in found[: query.limit]
        ]
        return RosterPage(items, items[-1].class_id if len(found) > len(items) else None)

    def digests(self, query: ClassQuery) -> ClassDigestPage:
        """Give the digests of a page of rostered classes, by class id."""
        found = self._store.digest_page(query)
        items = found[: query.limit]
        return ClassDigestPage(items, items[-1].id if len(found) > len(items) else None)

    def sections(self, query: SectionQuery) -> DigestPage:
        """Give one digest for each of a page of rostered classes, by class id."""
        return digests_of(self._store.section_digest_page(query), query.limit)

    def school_digests(self, query: SchoolQuery) -> SchoolDigestPage:
        """Give the digests of a page of the schools that have rostered classes, by DBN."""
        schools: dict[str, list[tuple[str, str, bool, str, int]]] = {}
        for there in self._store.every_digest():
            line = (there.clever_id, there.name, there.archived, there.digest, there.by_hand)
            schools.setdefault(there.school, []).append(line)
        rest = [dbn for dbn in sorted(schools) if dbn > query.after]
        page = rest[: query.limit]
        items = [SchoolDigest(dbn, len(schools[dbn]), school_digest(schools[dbn])) for dbn in page]
        return SchoolDigestPage(items, page[-1] if len(rest) > len(page) else None)

    # ------------------------------------------------------------ changing

    def make(self, actor: Actor, new: NewClass) -> Class:
        """Make a class by hand (F10).

        Raises:
            Forbidden: the district has no manual rostering (F11), or ``actor`` is not an admin of the school,
                Otus Support, nor a teacher who makes it for themself.
            Unprocessable: no teacher is named, or who is named is none.
        """
        _require_may_make(actor, new)
        settings = self._store.settings()
        if not (settings and settings.manual_rostering):  # F11
            raise Forbidden(
                "this district does not have the manual_rostering feature, so nobody makes a class by hand;"
                " an admin or Otus Support turns it on in the settings",
                code="feature_off",
            )
        with self._store.transaction():
            teacher = self._teacher_of(actor, new)
            class_id = self._store.new_ids("class")[0]
            moment = wire_time(self._clock())
            about = Class(
                id=class_id,
                name=new.name,
                school=new.school,
                clever_id=None,
                provenance="manual",
                archived=False,
                archived_by=None,
                code=class_code(class_id),
                version=1,
                created=moment,
                updated=moment,
            )
            self._store.add_classes([StoredClass(about, Roster(), digest(Roster(), {}))])
            self._store.add_by_hand(class_id, ByHand(teacher.id, "teacher"))
            self._audit.note(actor, Entry("makes a class by hand", (teacher.id,), class_id))
            return about

    def edit(self, actor: Actor, class_id: int, edit: ClassEdit) -> Class:
        """Rename, archive or unarchive a class by hand; co-teachers too (H8). The sync may undo it (H2, H10).

        Raises:
            NotFound: there is no such class.
            Forbidden: ``actor`` is not one of its teachers, an admin of its school, nor Otus Support.
        """
        with self._store.transaction():
            stored, members = gather(self._store, class_id)
            _require(actor, "edit or archive classes by hand", stored, members)
            about = msgspec.structs.replace(stored.about, name=edit.name or stored.about.name)
            if edit.archived is not msgspec.UNSET and edit.archived != about.archived:
                by = "hand" if edit.archived else None
                about = msgspec.structs.replace(about, archived=edit.archived, archived_by=by)
            if about == stored.about:
                return about
            after = changed(msgspec.structs.replace(stored, about=about), wire_time(self._clock()))
            self._store.save_classes([after])
            self._audit.note(actor, Entry(_in_words(stored.about, about), class_id=class_id))
            return after.about

    def delete(self, actor: Actor, class_id: int) -> None:
        """Delete a class for good, with its memberships and the work in it (A17).

        Raises:
            NotFound: there is no such class.
            Forbidden: ``actor`` is not its main teacher, an admin of its school, nor Otus Support.
        """
        with self._store.transaction():
            stored, members = gather(self._store, class_id)
            _require(actor, "delete classes", stored, members)
            self._store.delete_class(class_id)
            self._audit.note(actor, Entry(f"deletes the class {stored.about.name}", tuple(members), class_id))

    def write(self, actor: Actor, writes: ClassWrites) -> BulkResult:
        """Write the sync's batch (A15); see :func:`fakes.otus.class_writes.write_classes`.

        Raises:
            Forbidden: ``actor`` is not the sync.
            Conflict: the sync is paused (H9).
        """
        require(actor, "write classes in bulk", at_large(actor))
        with self._store.transaction():
            refuse_while_paused(self._store)
            result, entries = write_classes(self._store, writes.rows, wire_time(self._clock()))
            self._audit.note(actor, *entries)
        return result

    def _teacher_of(self, actor: Actor, new: NewClass) -> Account:
        asker = actor.account.id if actor.account else None
        account_id = asker if new.teacher is None else new.teacher
        if account_id is None:
            raise Unprocessable("teacher is missing: say whose class it is, by account id")
        teacher = self._store.account(account_id)
        if teacher is None or teacher.role == "student" or not teacher.active:
            raise Unprocessable(f"account {account_id} is no active teacher; a class needs one")
        return teacher


def _require_may_make(actor: Actor, new: NewClass) -> None:
    if actor.account is not None and "teacher" in at_large(actor):
        if new.teacher not in (None, actor.account.id):
            raise Forbidden(f"{actor.name} may not make a class for account {new.teacher}: only for themself")
        return
    require(actor, "make classes by hand", at_schools(actor, [new.school]), f"in {new.school}")


def _require(actor: Actor, deed: str, stored: StoredClass, members: dict[int, Member]) -> None:
    require(actor, deed, in_class(actor, stored.about, members), f"class {stored.about.id} of {stored.about.school}")


def _in_words(before: Class, after: Class) -> str:
    words = [f"renames it {after.name}"] if after.name != before.name else []
    if after.archived != before.archived:
        words.append("archives it" if after.archived else "unarchives it")
    return f"edits a class: {', '.join(words)}"
