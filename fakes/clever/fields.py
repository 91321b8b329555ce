"""Records as trees of JSON: which leaves changed, and which are left out for an application."""

from collections.abc import Iterable

import msgspec

from fakes.clever.records import PLURALS, Kind

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Tree = dict[str, Json]


def read_tree(encoded: bytes) -> Tree:
    """Read an encoded record."""
    tree: Tree = msgspec.json.decode(encoded, type=dict)
    return tree


def changed_leaves(before: Tree, after: Tree) -> Tree:
    """Give the old values of what changed, leaf by leaf; an array stands whole, with its old value.

    Source: facts on Clever's wire, "Events". A field that was not there before has been ``null``.
    """
    changed: Tree = {}
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            changed[name] = changed_leaves(old, new)
        else:
            changed[name] = old
    return changed


def hidden_paths(kind: Kind, hidden_fields: Iterable[str]) -> list[list[str]]:
    """Give the paths within a record of the hidden fields that are of its kind."""
    paths = [path.split(".") for path in hidden_fields]
    return [path[1:] for path in paths if path[0] == PLURALS[kind]]


def leave_out(tree: Tree, paths: Iterable[list[str]]) -> None:
    """Take fields out of a tree; those that are not there are none the less hidden."""
    for *way, last in paths:
        here: Json = tree
        for name in way:
            here = here.get(name) if isinstance(here, dict) else None
        if isinstance(here, dict):
            here.pop(last, None)
