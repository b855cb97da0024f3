"""One market behind a server, anew for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.exchange.gateway.venue import Venue


@pytest.fixture
async def venue() -> AsyncIterator[Venue]:
    """A stocked market: members m1 and m2, instrument ABC in continuous trading."""
    async with Venue() as made:
        yield made
