"""What befalls Clever, the feed and the sync on a drawn day, and the faults of a drawn night."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import get_args

from scenarios.soak.deeds import deed, step
from scenarios.soak.dice import weighted
from scenarios.soak.tale import Value, Words
from scenarios.soak.town import Town
from scenarios.verbs.fault import FolderFile, NamedPoint

SYSTEMS = ("clever", "otus")
ANSWERS = (
    "answers 500",
    "answers 502",
    "answers 503",
    "cuts the request",
    "cuts the answer",
    "cuts the answer in half",
    "hangs up after the answer",
    "answers half the JSON",
    "answers broken JSON",
    "answers a web page",
)
REVOKED_SHARE = 0.3
"""So many of the tokens that change are taken away, until another one is issued."""
REQUESTS_DRAWN_MAX = 30
"""A small district's busy night has some twenty requests."""


@deed(1)
def pause(town: Town, chance: random.Random) -> Sequence[Words]:  # noqa: ARG001 - a deed's form
    """Let Clever pause the district."""
    return [step("clever", "pause")]


@deed(3)
def resume(town: Town, chance: random.Random) -> Sequence[Words]:  # noqa: ARG001 - a deed's form
    """Let Clever go on."""
    return [step("clever", "resume")]


@deed(2)
def end_hold(town: Town, chance: random.Random) -> Sequence[Words]:  # noqa: ARG001 - a deed's form
    """Release or discard what Clever holds."""
    return [step("clever", chance.choice(["release hold", "release hold", "discard hold"]))]


@deed(2)
def turn_sharing(town: Town, chance: random.Random) -> Sequence[Words]:
    """Stop sharing a school, or share it again (H11)."""
    school = chance.choice(town.schools)
    if school in town.unshared:
        town.unshared.discard(school)
        return [step("clever", "share", school=school)]
    town.unshared.add(school)
    return [step("clever", "stop sharing", school=school)]


@deed(1)
def turn_staff(town: Town, chance: random.Random) -> Sequence[Words]:
    """List a teacher as staff too, which merges two users of Clever, or no longer, which splits them."""
    person = chance.choice(list(town.teachers))
    return [step("clever", chance.choice(["new staff", "no longer staff"]), person=person)]


@deed(2)
def turn_loss(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let the feed lose a school, or find it again."""
    if town.lost and chance.random() < 0.7:
        school = min(town.lost)
        town.lost.discard(school)
        return [step("feed", "finds school", school=school)]
    school = chance.choice(town.schools)
    town.lost.add(school)
    return [step("feed", "loses school", school=school)]


@deed(2)
def deliver_again(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let the feed deliver a school a second time."""
    return [step("fault", "feed delivers again", school=chance.choice(town.schools))]


@deed(3)
def run_now(town: Town, chance: random.Random) -> Sequence[Words]:  # noqa: ARG001 - a deed's form
    """Let somebody start the sync between the nights."""
    return [step("sync", "run now")]


@deed(1)
def rotate_token(town: Town, chance: random.Random) -> Sequence[Words]:
    """Give the sync another token, or take it away until somebody does."""
    system = chance.choice(SYSTEMS)
    if system in town.locked or chance.random() < REVOKED_SHARE:
        town.locked ^= {system}
    verb = "revokes" if system in town.locked else "rotates"
    return [step("fault", f"{system} {verb} the token")]


@deed(0.7)
def upload_half(town: Town, chance: random.Random) -> Sequence[Words]:  # noqa: ARG001 - a deed's form
    """Let the upload of the district's folder die in the middle of a file."""
    return [step("fault", "feed uploads half a folder", file=chance.choice(get_args(FolderFile)))]


def fault_of(night: int, nightly_at: str, chance: random.Random) -> Words:
    """Draw what goes wrong in a night."""
    kind = weighted(
        chance, {"answer": 5, "kill": 3, "point": 1, "limit": 1, "slow": 2, "down": 1, "clock": 1, "disk": 0.5}
    )
    if kind == "disk":
        return step("fault", "sync's disk is full", night=night)
    if kind == "point":
        return step("fault", "sync is killed", night=night, at=chance.choice(get_args(NamedPoint)))
    if kind == "down":
        end = _minutes_after(nightly_at, chance.randint(1, 90))
        return step("fault", f"{chance.choice(SYSTEMS)} is down", night=night, from_=nightly_at, to=end)
    system = chance.choice(SYSTEMS)
    verbs = {
        "answer": f"{system} {chance.choice(ANSWERS)}",
        "kill": "sync is killed",
        "limit": "clever answers 429",
        "slow": f"{system} is slow",
        "clock": f"{system}'s clock is {chance.choice(['ahead', 'behind'])}",
    }
    words = _which_requests(chance)
    if kind == "kill":
        words |= {"answer": chance.choice(["not sent", "half sent", "sent"])}
    if kind in ("slow", "clock"):
        one = str(next(iter(words.values()))).isdecimal()
        words |= {"by": chance.choice(["5s", "40s", "10min", "2h"] if one else ["5s", "40s"])}
    return step("fault", verbs[kind], night=night, **words)


def _which_requests(chance: random.Random) -> dict[str, Value]:
    first = chance.randint(1, REQUESTS_DRAWN_MAX)
    kind = weighted(chance, {"requests": 3, "reads": 1, "writes": 4, "all": 0.5})
    if kind == "all":
        return {"requests": "all"}
    if kind == "writes":
        first = chance.randint(1, 5)
    last = first + weighted(chance, {0: 5, 1: 1, 3: 1, 9: 1})
    return {kind: str(first) if last == first else f"{first}-{last}"}


def _minutes_after(nightly_at: str, minutes: int) -> str:
    hours, rest = map(int, nightly_at.split(":"))
    total = timedelta(hours=hours, minutes=rest + minutes)
    return f"{total.seconds // 3600:02d}:{total.seconds // 60 % 60:02d}"
