"""What the next night would change in Otus, in words: the difference between Otus now and a copy after the run."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from fakes.otus.records import Account
from fakes.shared.moments import wire_time
from rostersim.served.records import PlanLine, PlanSight
from scenarios.expectations import PART_WORDS, PROVENANCE_WORDS
from scenarios.stage import Stage
from simulator.clock import new_york
from simulator.night import Foresight
from simulator.views import OtusView

Change = Literal["made", "changed", "removed"]


def plan_sight(stage: Stage, foresight: Foresight, night: datetime) -> PlanSight:
    """Say what a run would do.

    Args:
        stage: with the names of the story.
        foresight: of the run.
        night: when it would begin.
    """
    names = _Names(stage, foresight)
    items = [*_account_lines(names), *_class_lines(names), *_member_lines(names)]
    reason = foresight.reason.strip().splitlines()
    return PlanSight(
        night=wire_time(night),
        night_in_new_york=new_york(night),
        outcome=foresight.outcome,
        reason=reason[-1] if reason else "",
        writes=foresight.writes,
        items=items,
    )


class _Names:
    """Names of what is in either of two views of Otus."""

    def __init__(self, stage: Stage, foresight: Foresight) -> None:
        self.before, self.after = foresight.before, foresight.after
        self._stage = stage
        directory = stage.directory
        self._classes = {key: name for name, key in directory.classes.items()}
        self._sections = {clever_id: name for name, clever_id in directory.clever_sections.items()}

    def person(self, key: int) -> str:
        """Name the person of an account."""
        account = self.after.accounts.get(key) or self.before.accounts[key]
        return self._stage.name_of_account(account)

    def klass(self, key: int) -> str:
        """Name a class."""
        held = self.after.classes.get(key) or self.before.classes[key]
        return self._classes.get(key) or self._sections.get(held.clever_id or "") or held.name


def _account_lines(names: _Names) -> Iterator[PlanLine]:
    for key, change in _changes(names.before.accounts, names.after.accounts):
        before, after = names.before.accounts.get(key), names.after.accounts.get(key)
        told = (_account_words(before), _account_words(after))
        if told[0] != told[1]:
            name = names.person(key)
            yield PlanLine("account", change, (name,), f"the account of {name}", *told)


def _account_words(account: Account | None) -> str:
    if account is None:
        return ""
    state = "active" if account.active else "inactive"
    name = f"{account.first_name} {account.last_name}"
    words = [name, account.email, account.role, state, f"by {PROVENANCE_WORDS[account.provenance]}"]
    return ", ".join([*words, *account.schools])


def _class_lines(names: _Names) -> Iterator[PlanLine]:
    for key, change in _changes(names.before.classes, names.after.classes):
        before, after = names.before.classes.get(key), names.after.classes.get(key)
        told = (
            ("", "")
            if before is None and after is None
            else (_class_words(names.before, key), _class_words(names.after, key))
        )
        if told[0] != told[1]:
            name = names.klass(key)
            yield PlanLine("class", change, (name,), f"the class {name}", *told)


def _class_words(view: OtusView, key: int) -> str:
    held = view.classes.get(key)
    return "" if held is None else f"{held.name}, {'archived' if held.archived else 'active'}"


def _member_lines(names: _Names) -> Iterator[PlanLine]:
    for key in sorted(names.before.rosters.keys() | names.after.rosters.keys()):
        before, after = _members(names.before, key), _members(names.after, key)
        for account, change in _changes(before, after):
            about = (names.person(account), names.klass(key))
            told = (before.get(account, ""), after.get(account, ""))
            yield PlanLine("member", change, about, f"{about[0]} in {about[1]}", *told)


def _members(view: OtusView, key: int) -> dict[int, str]:
    if key not in view.rosters:
        return {}
    found = view.members(key).items()
    return {account: f"{PART_WORDS[part]}, by {PROVENANCE_WORDS[origin]}" for account, (part, origin) in found}


def _changes(before: Mapping[int, object], after: Mapping[int, object]) -> Iterator[tuple[int, Change]]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield key, "made" if key not in before else "removed" if key not in after else "changed"
