"""How a drawn world works: its settings, weighted towards the corners."""

import random
from datetime import timedelta

from scenarios.soak.dice import weighted
from scenarios.soak.tale import Value, Words

SUMMER = (2027, 6, 20)
STARTS = {
    (2026, 9, 14): 5.0,
    (2026, 10, 29): 3.0,  # the clock goes back on 1 November
    (2027, 3, 11): 3.0,  # and forward on 14 March
    (2028, 2, 26): 1.0,  # a leap day
    (2027, 1, 28): 1.0,  # the fall term ends
    (2026, 12, 29): 1.0,  # the year ends
    SUMMER: 1.0,  # the school year ends, and with it both pauses begin
}
"""When stories begin, and how often."""
HOUR_OF_START = 8
USUAL_LAG_SHARE = 0.7


def drawn_settings(chance: random.Random, seed: int, bad_nights: int) -> Words:
    """Draw how the three systems, the feed and the sync work.

    Args:
        chance: of the settings.
        seed: of the world, for all that the story does not say.
        bad_nights: in how many nights, from the first, things may go wrong by chance.
    """
    settings: dict[str, Value] = {"seed": seed}
    settings["sync"] = _sync(chance)
    settings["clever"] = _clever(chance)
    settings["feed"] = {"lag": "72h"} if chance.random() < USUAL_LAG_SHARE else _feed(chance)
    faults = _faults(chance)
    if faults:
        settings["faults"] = {**faults, "nights": f"1-{bad_nights}"}
    return settings


def _sync(chance: random.Random) -> Words:
    sync: dict[str, Value] = {"nightly at": weighted(chance, {"01:00": 6, "02:30": 2, "00:00": 1})}
    if chance.random() < 0.3:
        sync["by-hand co-teachers"] = "only without rostered"
    if chance.random() < 0.3:
        sync["class names"] = "keep"
    if chance.random() < 0.4:
        sync["guard"] = {"percent": chance.choice([5, 20, 40]), "minimum": chance.choice([1, 2, 4])}
    return sync


def _clever(chance: random.Random) -> Words:
    clever: dict[str, Value] = {
        "events": chance.random() < 0.5,
        "records a page": weighted(chance, {10_000: 2, 5: 1, 2: 1}),
    }
    if chance.random() < 0.3:
        clever |= {"hold at percent": chance.choice([5, 20, 40]), "hold at least": chance.choice([2, 3, 5])}
    if chance.random() < 0.2:
        clever["hold on term change"] = True
    if chance.random() < 0.2:
        clever["quirks"] = ["created moves", "enum drift"]
    if chance.random() < 0.4:
        clever["new id after days"] = chance.choice([1, 2, 4])
    return clever


def _feed(chance: random.Random) -> Words:
    return chance.choice([{"lag": "24h"}, {"lag": "1h"}, {"between": ["48h", "72h"]}, {"between": ["0h", "30h"]}])


def _faults(chance: random.Random) -> Words:
    if chance.random() < 0.3:
        return {}
    kinds = ("limits", "errors", "cuts", "spoilt", "slow", "kills")
    return {kind: chance.randint(1, 4) for kind in kinds if chance.random() < 0.6}


def nightly_at_of(settings: Words) -> str:
    """Give the wall time of the sync."""
    sync = settings["sync"]
    return str(sync["nightly at"]) if isinstance(sync, dict) else "01:00"


def lag_of(settings: Words) -> timedelta:
    """Give how long a change is under way at most."""
    feed = settings["feed"]
    between = feed.get("between", ["72h"]) if isinstance(feed, dict) else ["72h"]
    words = str(feed.get("lag", between[-1]) if isinstance(feed, dict) else between[-1])
    return timedelta(hours=int(words.removesuffix("h")))
