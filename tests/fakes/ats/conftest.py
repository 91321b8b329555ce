from collections.abc import Iterator

import pytest

from fakes.ats import Ats
from tests.fakes.ats.builders import TurnedClock


@pytest.fixture
def ats() -> Iterator[Ats]:
    """An empty ATS/STARS on Monday morning, closed after the test."""
    system = Ats(TurnedClock())
    yield system
    system.store.close()
