"""What everybody is called, by the ids of each system; only whom a change concerns is named anew."""

from collections import Counter
from typing import NamedTuple

from fakes.otus.records import Account
from rostersim.served.changed import Changed, Views
from scenarios.stage import Stage


class Called(NamedTuple):
    """What everybody is called, by the ids of each system."""

    in_ats: dict[str, str]
    """By OSIS or staff number, of whom Clever alone has too."""
    in_clever: dict[str, str]
    """By Clever id."""
    in_otus: dict[int, str]
    """By the id of the account."""


class Renamed(NamedTuple):
    """Whoever is called otherwise than before; classes that name them read otherwise."""

    in_ats: set[str]
    """Only who was called something before: nobody is in a section of ATS before ATS has them."""
    in_clever: set[str]
    """Those who have come and gone too: a section may name somebody who is not shared (A16)."""
    in_otus: set[int]


class Naming:
    """Gives everybody's names.

    Args:
        stage: with the names of the story.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.called = Called({}, {}, {})
        self.numbers: dict[str, str] = {}
        """OSIS or staff number of everybody in ATS or Clever, by name."""
        self._accounts: dict[str, tuple[int, ...]] = {}
        self._users_of: Counter[str] = Counter()
        """How many users of Clever have a number."""
        self._without_number: set[int] = set()
        """Accounts: what these are called only the story knows, and it may learn it later."""

    def everybody(self) -> list[str]:
        """Name everybody whom any of the systems has, each once."""
        return list(dict.fromkeys([*self.numbers, *self._accounts]))

    def account_id(self, name: str) -> int | None:
        """Give the account of somebody, of several the newest; ``None`` if there is none."""
        ids = self._accounts.get(name)
        return ids[-1] if ids else None

    def look(self, before: Views, after: Views, changed: Changed) -> Renamed:
        """Take note of a change.

        Args:
            before: the look before.
            after: the systems now.
            changed: between the two.
        """
        numbers = self._numbers_of(before, after, changed)
        named = numbers & self.called.in_ats.keys()
        otherwise = {number for number in numbers if self._name_number(number, after)}
        users, accounts = changed.users, changed.accounts
        if otherwise:
            users = users | {user.id for user in after.clever.users.values() if user.sis_id in otherwise}
            accounts = accounts | {each.id for each in after.otus.accounts.values() if each.sis_id in otherwise}
        linked = (after.otus.linked_accounts.get(user) for user in users)
        accounts = accounts | {account.id for account in linked if account is not None} | self._without_number
        return Renamed(
            in_ats=otherwise & named,
            in_clever={user for user in users if self._name_user(user, after)},
            in_otus={account for account in accounts if self._name_account(account, after)},
        )

    # ------------------------------------------------------------ inside

    def _numbers_of(self, before: Views, after: Views, changed: Changed) -> set[str]:
        """Count the users of each number anew, and give the numbers that a change is about."""
        numbers = set(changed.people)
        for views, count in ((before, -1), (after, 1)):
            for user in (views.clever.users.get(each) for each in changed.users):
                if user is not None:
                    self._users_of[user.sis_id] += count
                    numbers.add(user.sis_id)
        return numbers - {""}

    def _name_number(self, number: str, views: Views) -> bool:
        is_there = number in views.ats.people or self._users_of[number] > 0
        return self._call(self.called.in_ats, number, self._person_name(number, views) if is_there else None)

    def _name_user(self, user_id: str, views: Views) -> bool:
        user = views.clever.users.get(user_id)
        name = None
        if user is not None:
            name = self.called.in_ats.get(user.sis_id) or f"{user.first_name} {user.last_name}"
        return self._call(self.called.in_clever, user_id, name)

    def _name_account(self, account_id: int, views: Views) -> bool:
        """Name an account; only a change of name counts as one, as no class holds an account that is not there."""
        account, names = views.otus.accounts.get(account_id), self.called.in_otus
        was, name = names.get(account_id), None if account is None else self._account_name(account, views)
        if was == name:
            return False
        if was is not None:
            left = tuple(each for each in self._accounts[was] if each != account_id)
            self._accounts[was] = left
            if not left:
                del self._accounts[was]
        if name is None:
            del names[account_id]
            self._without_number.discard(account_id)
            return False
        names[account_id] = name
        self._accounts[name] = tuple(sorted((*self._accounts.get(name, ()), account_id)))
        return was is not None

    def _account_name(self, account: Account, views: Views) -> str:
        user = views.clever.users.get(account.clever_id or "")
        number = user.sis_id if user is not None else account.sis_id
        if not number:
            self._without_number.add(account.id)
            return self._stage.name_of_account(account)
        self._without_number.discard(account.id)
        return self.called.in_ats.get(number) or self._person_name(number, views)

    def _call(self, names: dict[str, str], key: str, name: str | None) -> bool:
        """Write a name down, and tell whether it is another one than before."""
        was = names.get(key)
        if was == name:
            return False
        of_numbers = names is self.called.in_ats
        if was is not None and of_numbers and self.numbers.get(was) == key:
            del self.numbers[was]
        if name is None:
            del names[key]
            return True
        names[key] = name
        if of_numbers:
            self.numbers[name] = key
        return True

    def _person_name(self, number: str, views: Views) -> str:
        name = self._stage.directory.name_of(number)
        if name != number:
            return name
        person = views.ats.people.get(number)
        return f"{person.first_name} {person.last_name} ({number})" if person is not None else number
