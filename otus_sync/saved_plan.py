"""A plan in a file: looked at tonight, carried out tomorrow, but only if the world is still the one it was made for."""

import hashlib
import os
from pathlib import Path

import msgspec

from otus_sync.errors import SettingsError, StalePlanError
from otus_sync.plan import Plan
from otus_sync.reading import Reading
from otus_sync.settings import Settings

FORMAT = 1
"""Rises when a program can no longer carry out what an earlier one saved."""


class SavedPlan(msgspec.Struct, frozen=True):
    """A plan with what it was made from."""

    format: int
    made: str
    """When, as Otus and Clever write a moment."""
    district: str
    """Clever's id."""
    basis: str
    """Digest of both sides as they were read, and of the settings that decide."""
    plan: Plan


def saved(plan: Plan, reading: Reading, settings: Settings, made: str) -> SavedPlan:
    """Give a plan the form in which it is saved."""
    return SavedPlan(FORMAT, made, reading.clever.district.id, basis_of(reading, settings), plan.in_full())


def save(plan: SavedPlan, path: Path) -> None:
    """Write a plan to a file that only its owner can read: it names people.

    Raises:
        SettingsError: the file cannot be written.
    """
    try:
        # Written beside it first: a disk that is full leaves no half plan.
        beside = path.with_name(f"{path.name}.part")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(plan), indent=2) + b"\n")
        beside.replace(path)
    except OSError as error:
        raise SettingsError(f"the plan {path} cannot be written: {error.strerror}") from None


def load(path: Path) -> SavedPlan:
    """Read a saved plan.

    Raises:
        SettingsError: the file cannot be read, or is none that this program has saved.
    """
    try:
        plan = msgspec.json.decode(path.read_bytes(), type=SavedPlan)
    except OSError as error:
        raise SettingsError(f"the plan {path} cannot be read: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SettingsError(f"the plan {path} is none that otus-sync plan --save has written: {error}") from None
    if plan.format != FORMAT:
        found = f"found format {plan.format}, expected {FORMAT}"
        raise SettingsError(f"the plan {path} is of another otus-sync: {found}. Plan anew with this one.")
    return plan


def require_fresh(plan: SavedPlan, reading: Reading, settings: Settings) -> None:
    """See that a plan made now would be made from the same.

    Raises:
        StalePlanError: it would not.
    """
    district = reading.clever.district.id
    if plan.district != district:
        raise StalePlanError(f"the saved plan is for Clever's district {plan.district}, and this is {district}")
    if plan.basis != basis_of(reading, settings):
        message = (
            f"the saved plan is stale: since {plan.made} Clever, Otus, or a setting has changed. Nothing was written."
        )
        raise StalePlanError(f"{message} Plan anew with otus-sync plan --save, look at it, and apply that.")


def basis_of(reading: Reading, settings: Settings) -> str:
    """Digest all that a plan is made from."""
    otus, people = reading.otus, reading.desired.people
    rosters = (otus.rosters[key] for key in sorted(otus.rosters))
    ruling = otus.ruling and (otus.ruling.run, otus.ruling.decision, otus.ruling.digest)
    decisive = (
        settings.schools,
        settings.by_hand_co_teachers,
        settings.overwrite_class_names,
        settings.guard_percent,
        settings.guard_minimum,
    )
    taken = hashlib.sha256()
    of_otus = (people.settled.fitting(), otus.accounts, otus.classes, rosters, sorted(otus.equal_classes))
    for part in (*reading.clever.undated(), *of_otus, [ruling], [decisive]):
        for item in part:
            taken.update(msgspec.json.encode(item) + b"\n")
        taken.update(b"\n")
    return taken.hexdigest()
