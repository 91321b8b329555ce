"""What students hand in: hidden while they are not in the class, never deleted with their membership (H7)."""

import msgspec

from fakes.otus.classes import gather
from fakes.otus.records import Member, NewWork, Work, WorkPage
from fakes.otus.rights import Actor, require_student
from fakes.otus.store import Store
from fakes.shared.moments import Clock, wire_time
from fakes.shared.refusals import Forbidden


class HandIns:
    """The work of a district's students.

    Args:
        store: where it is kept.
        clock: of the district.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def page(self, class_id: int) -> WorkPage:
        """Give what was handed in to a class, hidden work too, oldest first.

        Raises:
            NotFound: there is no such class.
        """
        with self._store.reading():
            members = gather(self._store, class_id).members
            kept = self._store.work(class_id)
            accounts = self._store.accounts(work.student for work in kept)
        return WorkPage(
            [
                msgspec.structs.replace(
                    work, hidden=not (_is_student(members, work.student) and accounts[work.student].active)
                )
                for work in kept
            ]
        )

    def hand_in(self, actor: Actor, class_id: int, new: NewWork) -> Work:
        """Hand something in.

        Raises:
            NotFound: there is no such class.
            Forbidden: ``actor`` is not a student of the class.
        """
        student = require_student(actor, "hand in work")
        with self._store.transaction():
            if not _is_student(gather(self._store, class_id).members, student.id):
                raise Forbidden(f"{actor.name} is not in class {class_id}, and hands in nothing there")
            work = Work(
                id=self._store.new_ids("work")[0],
                class_id=class_id,
                student=student.id,
                title=new.title,
                handed_in=wire_time(self._clock()),
                hidden=False,
            )
            self._store.add_work(work)
            return work


def _is_student(members: dict[int, Member], account_id: int) -> bool:
    return account_id in members and members[account_id].part == "student"
