"""ListOrders and GetPositions of one account: whole, page by page, and refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.api.v1 import admin_service_pb2 as admin
from exchange.api.v1 import order_service_pb2 as pb
from tests.exchange.gateway.venue import M1, M2, OPERATOR, Venue, refused


async def listed(venue: Venue, metadata: Any, **fields: Any) -> list[str]:
    """cl_ord_ids of all pages."""
    request = pb.ListOrdersRequest(**fields)
    found: list[str] = []
    while True:
        page = await venue.orders.ListOrders(request, metadata=metadata)
        found += [row.cl_ord_id for row in page.orders]
        assert len(page.orders) <= (request.page_size or 100)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


@pytest.mark.parametrize("page_size", [1, 2, 3, 100])
async def test_an_account_lists_its_own_orders(venue: Venue, page_size: int) -> None:
    await venue.admin.CreateAccount(
        admin.CreateAccountRequest(request_id="a", member="m1", name="m1-2"), metadata=OPERATOR
    )
    for number in range(7):
        account = "m1-2" if number % 3 == 0 else "m1"
        await venue.submit(f"o{number}", "buy", 1, 10 + number % 2, account=account)
    await venue.submit("z", "sell", 1, 11, M2)  # fills o1, of m1
    mine = {"page_size": page_size}
    assert await listed(venue, M1, account="m1-2", **mine) == ["o0", "o3", "o6"]
    assert await listed(venue, M1, account="m1", **mine) == ["o1", "o2", "o4", "o5"]
    assert await listed(venue, M1, account="m1", live_only=True, **mine) == ["o2", "o4", "o5"]
    assert await listed(venue, OPERATOR, member="m1", account="m1-2", **mine) == ["o0", "o3", "o6"]
    held = await venue.orders.GetPositions(pb.GetPositionsRequest(account="m1"), metadata=M1)
    assert [(row.account, row.qty) for row in held.positions] == [("m1", 1)]
    none = await venue.orders.GetPositions(pb.GetPositionsRequest(account="m1-2"), metadata=M1)
    assert not none.positions


async def test_accounts_that_are_nobodys_are_refused(venue: Venue) -> None:
    async def reason(metadata: Any, **fields: Any) -> str:
        request = pb.ListOrdersRequest(**fields)
        return (await refused(venue.orders.ListOrders(request, metadata=metadata))).reason

    assert await reason(M1, account="x") == "UNKNOWN_ACCOUNT"
    assert await reason(M1, account="m2") == "UNKNOWN_ACCOUNT"
    assert await reason(OPERATOR, account="m1") == "INVALID_FIELD"
