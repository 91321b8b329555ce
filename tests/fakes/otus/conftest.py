"""The one fixture: a district whose store is closed afterwards."""

from collections.abc import Iterator

import pytest

from tests.fakes.otus.builders import District


@pytest.fixture
def district() -> Iterator[District]:
    """Give an empty district with manual rostering."""
    made = District()
    yield made
    made.otus.close()
