"""Where a school is, or a student lives: as the district says, or somewhere in the borough."""

from fakes.clever.invention import Invention, borough_of
from fakes.clever.records import Location


def location(dbn: str, invention: Invention) -> Location:
    """Write an address.

    Args:
        dbn: of the school, whose borough it is in.
        invention: of the record.
    """
    borough = borough_of(dbn)
    given = invention.given
    return Location(
        address=given("address") or invention.street(),
        city=given("city", borough.city),
        state=given("state", "NY"),
        zip=given("zip") or invention.zip_code(borough.first_zip),
        lat=given("latitude") or invention.near("latitude", borough.latitude),
        lon=given("longitude") or invention.near("longitude", borough.longitude),
    )
