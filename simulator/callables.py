"""A sync that is a Python function: found by its name, and run to its end, in whatever thread or process."""

import importlib
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

OUTPUT_TAIL_CHARACTERS = 4000
"""As much of what a sync prints is kept, for the case that it fails."""
NightlySync = Callable[[Mapping[str, str]], int | None]
"""A sync as a function: it is told its world by an environment, and returns an exit code; none is 0."""


class UnusableSutError(Exception):
    """The sync under test, as named by the user, cannot be started at all; the message says why and what to write."""


class Exit(NamedTuple):
    """How a function ended."""

    code: int
    said: str
    """The tail of the traceback of what it raised, or of the text that it left with; empty if it returned."""


def find_callable(kind: str, path: str) -> NightlySync:
    """Import the function that a ``--sut`` option names.

    Args:
        kind: the option's word before the colon, for errors.
        path: ``package.module:function``.

    Raises:
        UnusableSutError: there is none, or importing its module fails.
    """
    module_name, colon, name = path.partition(":")
    if not colon:
        raise UnusableSutError(f"--sut {kind} {path!r}: expected package.module:function, with a colon")
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))  # appended: the user's folders never shadow installed packages
    if not module_name or not name:
        raise UnusableSutError(f"--sut {kind} {path!r}: expected package.module:function, both of them")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise UnusableSutError(f"--sut {kind} {path!r}: {error}") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's module may fail in any way
        what = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
        raise UnusableSutError(f"--sut {kind} {path!r}: importing {module_name} fails: {what}") from None
    if not hasattr(module, name):
        raise UnusableSutError(f"--sut {kind} {path!r}: module {module_name} has no {name!r}")
    found = getattr(module, name)
    if not callable(found):
        raise UnusableSutError(f"--sut {kind} {path!r}: {name!r} is a {type(found).__name__}, not a function")
    return found  # type: ignore[no-any-return]  # callable() cannot tell the signature


def run_to_end(function: NightlySync, environ: Mapping[str, str]) -> Exit:
    """Run a sync and read how it ended, as Python reads the end of a program.

    Args:
        function: the sync.
        environ: what it is told.
    """
    try:
        return _read(function(environ))
    except SystemExit as error:
        return _read(error.code)
    except BaseException:  # noqa: BLE001 - whatever the sync under test raises is its failure, not ours
        return Exit(1, traceback.format_exc()[-OUTPUT_TAIL_CHARACTERS:])


def _read(code: object) -> Exit:
    if code is None:
        return Exit(0, "")
    if isinstance(code, int):
        return Exit(int(code), "")
    return Exit(1, f"{code}"[-OUTPUT_TAIL_CHARACTERS:])
