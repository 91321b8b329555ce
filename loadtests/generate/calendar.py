"""When a generated district is delivered, and the term it is in."""

from datetime import UTC, datetime

from fakes.clever import TermRow

DELIVERED_AT = datetime(2025, 9, 4, 10, 0, tzinfo=UTC)
"""The first day of school. It lies in the past of whoever measures, so that what is changed later is later."""
TERM = TermRow("2025-1", "Fall 2025", "2025-09-04", "2026-01-30")
SCHOOL_YEAR_ENDS = 2026
