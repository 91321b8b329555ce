"""What Clever knows besides rows and records, and the district's own record, which is made of it."""

from datetime import datetime

import msgspec

from fakes.clever.access import RATE_LIMIT_PER_MINUTE, AccessState
from fakes.clever.applications import Application, Connection
from fakes.clever.fragments import fragment
from fakes.clever.hold import Hold, HoldSettings
from fakes.clever.ids import ObjectIds, legacy_id
from fakes.clever.quirks import QUIRK_PERCENT, USUAL_QUIRKS, check_quirks
from fakes.clever.records import District, DistrictContact, DistrictState, DistrictV31, Name
from fakes.clever.rendering import SectionNames
from fakes.clever.store import StoredRecord
from fakes.shared.moments import wire_time

APPLICATION_NAME = "Otus"
"""The application that a district has by itself."""

IDENTITY_DAYS = 300
"""An absence of so many days or more gives a new id. Source: facts on Clever's wire, "Identity"."""

NCES_ID = "3620580"
"""Of New York City's public schools, in the federal list of districts."""
MDR_NUMBER = "01000000"
"""Invented."""


class CleverSettings(msgspec.Struct, frozen=True):
    """The numbers and habits of this Clever."""

    district_name: str = "New York City Department of Education"
    portal_url: str = "https://clever.example/in/nycdoe"
    rate_limit_per_minute: int = RATE_LIMIT_PER_MINUTE
    identity_days: float = IDENTITY_DAYS
    section_names: SectionNames = "delivered"
    """``generated``: course, main teacher's last name and period, as Clever makes names by itself."""
    quirks: frozenset[str] = USUAL_QUIRKS
    """Names of the oddities that are on; all others are off."""
    quirk_percent: int = QUIRK_PERCENT
    """Of the records that a quirk can hit, so many it hits."""
    hold: HoldSettings | None = None
    """When a sync is put on hold; ``None`` is never."""

    def __post_init__(self) -> None:
        """Refuse quirks that do not exist.

        Raises:
            UnknownQuirk: one does not; the message names the nearest that does.
        """
        check_quirks(self.quirks)


DEFAULTS = CleverSettings()


class State(msgspec.Struct, frozen=True):
    """What Clever knows besides rows and records; it is kept with them."""

    seed: int
    district: str
    launched: str
    settings: CleverSettings
    ids_minted: int = 1
    events_minted: int = 0
    connections: tuple[Connection, ...] = ()
    """The applications; the first is the one meant where none is named."""
    access: AccessState = AccessState()
    last_sync: str | None = None
    pause_start: str | None = None
    pause_end: str | None = None
    hold: Hold | None = None
    sync_error: str = ""
    """Why the last sync failed, if it did."""

    @property
    def paused(self) -> bool:
        """Whether deliveries wait."""
        return self.pause_start is not None


def first_state(now: datetime, seed: int, settings: CleverSettings, application: Application | None) -> State:
    """Begin: the district's own id is the first one made, and one application reads everything."""
    district = ObjectIds(seed).mint(now)
    connection = Connection(application or Application.named(APPLICATION_NAME, seed), number=0)
    return State(seed, district, wire_time(now), settings, connections=(connection,))


def _word(state: State) -> DistrictState:
    """Say in the reference's words how the district's syncs go; for a hold it has no word of its own."""
    if state.paused:
        return "paused"
    if state.hold is not None:
        return "pending"
    return "error" if state.sync_error else "running"


def district_record(state: State) -> StoredRecord:
    """Write the district's record: it says when syncs are paused, on hold or have failed, and why."""
    optional = {
        name: value
        for name, value in (
            ("last_sync", state.last_sync),
            ("pause_start", state.pause_start),
            ("pause_end", state.pause_end),
        )
        if value is not None
    }
    contact = DistrictContact(
        id=legacy_id(state.district, "district_contact"),
        district=state.district,
        email="clever.contact@schools.example",
        title="",
        name=Name(last="Marsh", first="Dana"),
    )
    district = District(
        id=state.district,
        name=state.settings.district_name,
        state=_word(state),
        sis_type="sftp",
        login_methods=("Clever Passwords", "Clever Badges"),
        portal_url=state.settings.portal_url,
        launch_date=state.launched[:10],
        error=state.hold.reason if state.hold is not None else state.sync_error,
        mdr_number=MDR_NUMBER,
        nces_id=NCES_ID,
        district_contact=contact,
        **optional,
    )
    district_v31 = DistrictV31(**msgspec.structs.asdict(district), last_attendance_sync=None)
    return StoredRecord(
        id=state.district,
        kind="district",
        created=state.launched,
        modified=state.last_sync or state.launched,
        v30=fragment(msgspec.json.encode(district), "v3.0", "district", state.district),
        v31=fragment(msgspec.json.encode(district_v31), "v3.1", "district", state.district),
    )
