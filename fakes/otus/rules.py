"""The whole of Otus: a plain store with its own rules. What is rostered, and how, the sync decides."""

from collections.abc import Iterator
from typing import Self

import msgspec

from fakes.otus.accounts import Accounts
from fakes.otus.audit import LINES_MAX, Audit, Entry
from fakes.otus.classes import Classes
from fakes.otus.idempotency import KEPT_MAX, KeptAnswers
from fakes.otus.listings import SearchQuery, SearchResult
from fakes.otus.members import Members
from fakes.otus.records import AccountQuery, ClassQuery, Settings, SettingsEdit
from fakes.otus.rights import Actor, at_large, require
from fakes.otus.runs import Runs
from fakes.otus.store import Store
from fakes.otus.work import HandIns
from fakes.shared.moments import Clock
from fakes.shared.touched import Touched


class Otus:
    """One district's Otus.

    Args:
        clock: of the district; Otus looks at no other.
        store: where everything is kept; by default a new one in memory.
        settings: the district's switches; by default what the store has, and in a new store
            ``manual_rostering`` is off (F11).
        audit_lines_max: how many lines the audit log keeps.
        kept_answers_max: how many answers are kept by their idempotency keys.

    Attributes:
        clock: as given.
        accounts: who can sign in.
        classes: without their members; rosters and digests.
        members: who is in a class.
        work: what students handed in.
        runs: what the sync reports of itself.
        audit: who did what, when, and about whom.
        kept_answers: what was answered to writes with an idempotency key.
    """

    def __init__(
        self,
        clock: Clock,
        store: Store | None = None,
        settings: Settings | None = None,
        *,
        audit_lines_max: int = LINES_MAX,
        kept_answers_max: int = KEPT_MAX,
    ) -> None:
        self._store = store or Store()
        self.clock = clock
        self.audit = Audit(self._store, clock, audit_lines_max)
        self.accounts = Accounts(self._store, clock, self.audit)
        self.classes = Classes(self._store, clock, self.audit)
        self.members = Members(self._store, clock, self.accounts, self.audit)
        self.work = HandIns(self._store, clock, self.audit)
        self.runs = Runs(self._store, clock, self.audit)
        self.kept_answers = KeptAnswers(self._store, clock, kept_answers_max)
        if settings is not None:
            self._store.save_settings(settings)
        elif self._store.settings() is None:
            self._store.save_settings(Settings(manual_rostering=False))

    @classmethod
    def restored(cls, image: bytes, clock: Clock) -> Self:
        """Open an Otus in memory that is as the one :meth:`snapshot` was taken of."""
        return cls(clock, Store.restored(image))

    def touched(self) -> Touched:
        """Take down from now on which accounts and classes are written, these also in their members; asked once."""
        return self._store.touched()

    def snapshot(self) -> bytes:
        """Copy everything Otus keeps into bytes."""
        return self._store.snapshot()

    def close(self) -> None:
        """Close the store; nothing can be asked afterwards."""
        self._store.close()

    def search(self, query: SearchQuery) -> SearchResult:
        """Find accounts by name, e-mail or SIS id, and classes by name, by how these begin."""
        return SearchResult(
            accounts=self.accounts.page(AccountQuery(q=query.q, limit=query.limit)).items,
            classes=self.classes.page(ClassQuery(q=query.q, limit=query.limit)).items,
        )

    def settings(self) -> Settings:
        """Give the district's switches."""
        return self._store.settings() or Settings(manual_rostering=False)

    def change_settings(self, actor: Actor, edit: SettingsEdit) -> Settings:
        """Turn the district's switches. Turning manual rostering off removes nothing (A9).

        Raises:
            Forbidden: ``actor`` is neither an admin nor Otus Support.
        """
        require(actor, "change the settings", at_large(actor))
        given = {name: value for name, value in msgspec.structs.asdict(edit).items() if value is not msgspec.UNSET}
        with self._store.transaction():
            before = self.settings()
            after = msgspec.structs.replace(before, **given)
            if after != before:
                self._store.save_settings(after)
                self.audit.note(actor, *(Entry(words) for words in _turned(before, after)))
        return after


def _turned(before: Settings, after: Settings) -> Iterator[str]:
    if after.manual_rostering != before.manual_rostering:
        yield f"turns manual rostering {'on' if after.manual_rostering else 'off'}"
    if after.sync_paused != before.sync_paused:
        yield "pauses the sync" if after.sync_paused else "ends the pause of the sync"
