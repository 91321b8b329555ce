"""The sync writes classes with their rosters, many at a time: each row whole or not at all (A15)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from fakes.otus.audit import Entry
from fakes.otus.codes import class_code
from fakes.otus.membership import digest, in_order, roster_ids
from fakes.otus.records import BulkResult, ByHand, Class, ClassWrite, Roster, RowResult
from fakes.otus.store import Store, StoredClass


class _Found(NamedTuple):
    """What the store knows of all that a batch speaks of, and what the rows so far have taken."""

    classes: Mapping[int, StoredClass]
    clever_ids: Mapping[int, str | None]
    """Of the accounts in the batch's rosters; who is not in it does not exist."""
    by_hand: Mapping[int, tuple[ByHand, ...]]
    sections: dict[str, int | None]
    """Which class has which Clever section; ``None`` is a new class of this batch."""
    written: set[int]


class _Draft(msgspec.Struct, frozen=True, gc=False):
    """What a row that is not refused makes of its class."""

    before: StoredClass | None
    after: StoredClass
    leaving: tuple[int, ...] = ()
    """By-hand members who are taken out, or become rostered."""


class Written(NamedTuple):
    """What became of a batch."""

    result: BulkResult
    entries: list[Entry]
    """For the audit log, one for each row that changed something."""


def write_classes(store: Store, rows: Sequence[ClassWrite], moment: str) -> Written:
    """Write a batch of classes in one transaction: who moves between two of them is never in neither.

    Args:
        store: where to.
        rows: what the sync wants.
        moment: the present, as on the wire.

    Returns:
        What became of each row. A row may be refused with ``not_found``, ``clever_id_taken``, ``version``
        (the class is not at ``if_version`` any more) or ``rule``.
    """
    with store.transaction():
        outcomes = _outcomes(store, rows, moment)
        drafts = [one for one in outcomes if isinstance(one, _Draft)]
        store.remove_by_hand((draft.after.about.id, account) for draft in drafts for account in draft.leaving)
        store.add_classes(draft.after for draft in drafts if draft.before is None)
        store.save_classes(draft.after for draft in drafts if draft.before and draft.before is not draft.after)
    result = BulkResult([_result(one) if isinstance(one, _Draft) else one for one in outcomes])
    return Written(result, [_entry(draft) for draft in drafts if draft.after is not draft.before or draft.leaving])


def _entry(draft: _Draft) -> Entry:
    after = draft.after
    if draft.before is None:
        return Entry(f"creates a class with {len(roster_ids(after.roster))} members", (), after.about.id)
    was, now = set(roster_ids(draft.before.roster)), set(roster_ids(after.roster))
    out = {*(was - now), *(set(draft.leaving) - now)}
    counts = {"adds {} members": len(now - was), "removes {} members": len(out)}
    words = [text.format(count) for text, count in counts.items() if count]
    if was == now and draft.before.roster != after.roster:
        words.append("changes who is teacher and co-teacher")
    if {*draft.leaving} & now:
        words.append(f"makes {len({*draft.leaving} & now)} members by hand rostered")
    words += [f"sets {name}" for name in ("name", "school", "archived") if _differs(draft.before, after, name)]
    return Entry(
        f"updates a class: {', '.join(words) or 'links it'}",
        tuple(sorted((was ^ now) | {*draft.leaving})),
        after.about.id,
    )


def _differs(before: StoredClass, after: StoredClass, name: str) -> bool:
    return bool(getattr(before.about, name) != getattr(after.about, name))


def _find(store: Store, rows: Sequence[ClassWrite]) -> _Found:
    ids = [row.id for row in rows if row.id is not None]
    listed: set[int] = set()
    for row in rows:
        if row.roster:
            listed.update(roster_ids(row.roster))
    return _Found(
        classes=store.classes(ids),
        clever_ids=store.clever_ids(listed),
        by_hand=store.by_hand(ids),
        sections={**store.holders_of_sections(row.clever_id for row in rows)},
        written=set(),
    )


def _refusal(found: _Found, row: ClassWrite) -> RowResult | None:
    code, message = _objection(found, row)
    if code:
        return RowResult("refused", row.id, code, message)
    found.sections[row.clever_id] = row.id
    if row.id is not None:
        found.written.add(row.id)
    return None


def _objection(found: _Found, row: ClassWrite) -> tuple[str, str]:
    if row.id is not None and row.id not in found.classes:
        return "not_found", f"there is no class {row.id}"
    if not row.clever_id:
        return "rule", "clever_id is empty; a class the sync writes has one"
    if row.id in found.written:
        return "rule", f"class {row.id} is in an earlier row of this batch"
    if row.clever_id in found.sections and (row.id is None or found.sections[row.clever_id] != row.id):
        holder = found.sections[row.clever_id]
        whose = "a new class of this batch" if holder is None else f"class {holder}"
        return "clever_id_taken", f"Clever section {row.clever_id} is linked to {whose}"
    version = 0 if row.id is None else found.classes[row.id].about.version
    if row.if_version not in (None, version):
        return "version", f"the class is at version {version}, not {row.if_version}; read it again"
    if row.id is None and not (row.name and row.school):
        missing = [name for name in ("name", "school") if getattr(row, name) is msgspec.UNSET]
        return "rule", f"a new class needs {' and '.join(missing)}"
    return _objection_to_roster(found, row.roster) if row.roster else ("", "")


def _objection_to_roster(found: _Found, roster: Roster) -> tuple[str, str]:
    listed = roster_ids(roster)
    distinct = set(listed)
    if not found.clever_ids.keys() >= distinct:
        unknown = min(account for account in distinct if account not in found.clever_ids)
        return "rule", f"the roster lists account {unknown}, which does not exist; nothing is written"
    if len(distinct) < len(listed):
        twice = min(account for account in listed if listed.count(account) > 1)
        return "rule", f"the roster lists account {twice} twice; somebody has one part in a class"
    return "", ""


def _outcomes(store: Store, rows: Sequence[ClassWrite], moment: str) -> list[_Draft | RowResult]:
    found = _find(store, rows)
    together = [(row, _refusal(found, row)) for row in rows]
    ids = iter(store.new_ids("class", sum(row.id is None and refusal is None for row, refusal in together)))
    return [refusal or _draft(found, row, ids, moment) for row, refusal in together]


def _draft(found: _Found, row: ClassWrite, ids: Iterator[int], moment: str) -> _Draft:
    if row.id is None:
        return _Draft(None, _new_class(found, row, next(ids), moment))
    before = found.classes[row.id]
    old = before.roster
    roster = in_order(row.roster) if row.roster else old
    out = {*row.remove_by_hand, *roster_ids(roster)}
    leaving = tuple(member.account for member in found.by_hand.get(row.id, ()) if member.account in out)  # F8, A8
    about = msgspec.structs.replace(before.about, provenance="clever", **_given(row))
    if about == before.about and roster == old:
        return _Draft(before, before, leaving)
    about = msgspec.structs.replace(about, version=about.version + 1, updated=moment)
    same = before.digest if roster == old else digest(roster, found.clever_ids)
    return _Draft(before, StoredClass(about, roster, same), leaving)


def _new_class(found: _Found, row: ClassWrite, class_id: int, moment: str) -> StoredClass:
    """Make a class, field by field: a first night makes a quarter of a million."""
    if not (row.name and row.school):
        raise AssertionError(f"the row of Clever section {row.clever_id} lacks what was looked for before")
    archived = row.archived is True
    about = Class(
        id=class_id,
        name=row.name,
        school=row.school,
        clever_id=row.clever_id,
        provenance="clever",
        archived=archived,
        archived_by="sync" if archived else None,
        code=class_code(class_id),
        version=1,
        created=moment,
        updated=moment,
    )
    roster = in_order(row.roster) if row.roster else Roster()
    return StoredClass(about, roster, digest(roster, found.clever_ids))


def _given(row: ClassWrite) -> dict[str, str | bool | None]:
    given: dict[str, str | bool | None] = {"clever_id": row.clever_id}
    if row.name:
        given["name"] = row.name
    if row.school:
        given["school"] = row.school
    if row.archived is not msgspec.UNSET:
        given |= {"archived": row.archived, "archived_by": "sync" if row.archived else None}
    return given


def _result(draft: _Draft) -> RowResult:
    if draft.before is None:
        return RowResult("created", draft.after.about.id)
    unchanged = draft.before is draft.after and not draft.leaving
    return RowResult("unchanged" if unchanged else "updated", draft.after.about.id)
