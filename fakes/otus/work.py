"""What students hand in: hidden while they are not in the class, never deleted with their membership (H7)."""

import msgspec

from fakes.otus.audit import Audit, Entry
from fakes.otus.classes import gather
from fakes.otus.listings import MemberQuery
from fakes.otus.records import Member, NewWork, Work, WorkPage
from fakes.otus.rights import Actor, in_class, require, signed_in
from fakes.otus.store import Store
from fakes.shared.moments import Clock, wire_time


class HandIns:
    """The work of a district's students.

    Args:
        store: where it is kept.
        clock: of the district.
        audit: is told of everything that is handed in.
    """

    def __init__(self, store: Store, clock: Clock, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    def page(self, class_id: int, query: MemberQuery) -> WorkPage:
        """Give a page of what was handed in to a class, hidden work too, oldest first.

        Raises:
            NotFound: there is no such class.
        """
        with self._store.reading():
            members = gather(self._store, class_id).members
            found = self._store.work(class_id, query)
            kept = found[: query.limit]
            accounts = self._store.accounts(work.student for work in kept)
        items = [
            msgspec.structs.replace(
                work, hidden=not (_is_student(members, work.student) and accounts[work.student].active)
            )
            for work in kept
        ]
        return WorkPage(items, items[-1].id if len(found) > len(items) else None)

    def hand_in(self, actor: Actor, class_id: int, new: NewWork) -> Work:
        """Hand something in.

        Raises:
            NotFound: there is no such class.
            Forbidden: ``actor`` is not a student of the class.
        """
        with self._store.transaction():
            stored, members = gather(self._store, class_id)
            require(actor, "hand in work", in_class(actor, stored.about, members), f"class {class_id}")
            student = signed_in(actor)
            work = Work(
                id=self._store.new_ids("work")[0],
                class_id=class_id,
                student=student.id,
                title=new.title,
                handed_in=wire_time(self._clock()),
                hidden=False,
            )
            self._store.add_work(work)
            self._audit.note(actor, Entry(f"hands in {new.title}", (student.id,), class_id))
            return work


def _is_student(members: dict[int, Member], account_id: int) -> bool:
    return account_id in members and members[account_id].part == "student"
