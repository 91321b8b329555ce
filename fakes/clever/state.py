"""What Clever knows besides rows and records, and the district's own record, which is made of it."""

from datetime import datetime

import msgspec

from fakes.clever.access import RATE_LIMIT_PER_MINUTE, Window
from fakes.clever.fragments import fragment
from fakes.clever.ids import ObjectIds, legacy_id
from fakes.clever.records import District, DistrictContact, DistrictV31, Name
from fakes.clever.rendering import SectionNames
from fakes.clever.store import StoredRecord
from fakes.shared.moments import wire_time

IDENTITY_DAYS = 300
"""An absence of so many days or more gives a new id. Source: facts on Clever's wire, "Identity"."""


class CleverSettings(msgspec.Struct, frozen=True):
    """The numbers and habits of this Clever."""

    district_name: str = "New York City Department of Education"
    portal_url: str = "https://clever.example/in/nycdoe"
    rate_limit_per_minute: int = RATE_LIMIT_PER_MINUTE
    identity_days: float = IDENTITY_DAYS
    section_names: SectionNames = "delivered"
    """``generated``: course, main teacher's last name and period, as Clever makes names by itself."""


DEFAULTS = CleverSettings()


class State(msgspec.Struct, frozen=True):
    """What Clever knows besides rows and records; it is kept with them."""

    seed: int
    district: str
    launched: str
    settings: CleverSettings
    ids_minted: int = 1
    tokens_issued: int = 0
    tokens: tuple[str, ...] = ()
    windows: dict[str, Window] = {}
    last_sync: str | None = None
    pause_start: str | None = None
    pause_end: str | None = None

    @property
    def paused(self) -> bool:
        """Whether deliveries wait."""
        return self.pause_start is not None


def first_state(now: datetime, seed: int, settings: CleverSettings) -> State:
    """Begin: the district's own id is the first one made."""
    district = ObjectIds(seed).mint(now)
    return State(seed=seed, district=district, launched=wire_time(now), settings=settings)


def district_record(state: State) -> StoredRecord:
    """Write the district's record; while Clever is paused it says so and since when."""
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
        state="paused" if state.paused else "running",
        sis_type="sftp",
        login_methods=("Clever Passwords", "Clever Badges"),
        portal_url=state.settings.portal_url,
        launch_date=state.launched[:10],
        error="",
        district_contact=contact,
        **optional,
    )
    district_v31 = DistrictV31(**msgspec.structs.asdict(district))
    return StoredRecord(
        id=state.district,
        kind="district",
        created=state.launched,
        modified=state.last_sync or state.launched,
        v30=fragment(msgspec.json.encode(district), "v3.0", "district", state.district),
        v31=fragment(msgspec.json.encode(district_v31), "v3.1", "district", state.district),
    )
