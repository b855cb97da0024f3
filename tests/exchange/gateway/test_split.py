"""Splits, and what `validate_only` tells of splits, busts, corrections and the emergency close."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.api.v1 import admin_service_pb2 as admin
from exchange.api.v1 import common_pb2
from exchange.api.v1 import order_service_pb2 as orders
from exchange.api.v1 import risk_service_pb2 as pb
from tests.exchange.gateway.venue import M1, M2, OPERATOR, PX, Venue, limit, refused


def split_request(num: int, den: int, key: str, **more: bool) -> admin.SplitInstrumentRequest:
    """A split of ABC."""
    return admin.SplitInstrumentRequest(
        request_id=key, symbol="ABC", num=num, den=den, reason="drill", **more
    )


async def reason_of(call: Any) -> str:
    """Why a call is refused."""
    return (await refused(call)).reason


async def test_a_split_is_told_beforehand_and_carried_out(venue: Venue) -> None:
    close = admin.CloseSessionRequest(request_id="c1", symbol="ABC")
    update = admin.UpdateInstrumentRequest(request_id="u1")
    update.instrument.symbol = "ABC"
    update.instrument.reference_price = 10 * PX
    update.update_mask.paths.append("reference_price")
    await venue.admin.UpdateInstrument(update, metadata=OPERATOR)
    gtc = common_pb2.TIME_IN_FORCE_GTC
    order = limit("gtc", "buy", 10, 9, time_in_force=gtc)
    await venue.orders.SubmitOrder(orders.SubmitOrderRequest(order=order), metadata=M1)
    await venue.admin.CloseSession(close, metadata=OPERATOR)

    would = await venue.admin.SplitInstrument(
        split_request(2, 1, "s1", validate_only=True), metadata=OPERATOR
    )
    assert (would.canceled_count, would.instrument.reference_price) == (1, 10 * PX)
    done = await venue.admin.SplitInstrument(split_request(2, 1, "s1"), metadata=OPERATOR)
    assert (done.canceled_count, done.instrument.reference_price) == (1, 5 * PX)
    again = await venue.admin.SplitInstrument(split_request(2, 1, "s1"), metadata=OPERATOR)
    assert again.poss_dup


@pytest.mark.parametrize(
    ("num", "den", "reason"),
    [(0, 1, "INVALID_SPLIT_RATIO"), (1, 0, "INVALID_SPLIT_RATIO"), (2, 1, "WRONG_PHASE")],
)
async def test_a_split_without_sense_is_refused_by_name(
    venue: Venue, num: int, den: int, reason: str
) -> None:
    request = split_request(num, den, "s1")
    got = await refused(venue.admin.SplitInstrument(request, metadata=OPERATOR))
    assert got.reason == reason


async def test_validate_only_of_corrections_changes_nothing(venue: Venue) -> None:
    await venue.submit("s", "sell", 10, 10, metadata=M2)
    await venue.submit("b", "buy", 10, 10)
    bust = pb.BustTradeRequest(request_id="x", trade_id=1, reason="error", validate_only=True)
    correct = pb.CorrectTradeRequest(
        request_id="x", trade_id=1, qty=5, reason="error", validate_only=True
    )
    await venue.risk.BustTrade(bust, metadata=OPERATOR)
    await venue.risk.CorrectTrade(correct, metadata=OPERATOR)
    correct.qty = 10
    assert (
        await refused(venue.risk.CorrectTrade(correct, metadata=OPERATOR))
    ).reason == "NO_CHANGE"
    correct.qty = 11
    told = await refused(venue.risk.CorrectTrade(correct, metadata=OPERATOR))
    assert (told.reason, told.metadata["field"]) == ("INVALID_FIELD", "qty")
    correct.price = 1
    told = await refused(venue.risk.CorrectTrade(correct, metadata=OPERATOR))
    assert (told.reason, told.metadata["field"]) == ("INVALID_FIELD", "price")
    bust.reason = ""
    assert (
        await refused(venue.risk.BustTrade(bust, metadata=OPERATOR))
    ).reason == "REASON_REQUIRED"
    bust.trade_id, bust.reason = 9, "error"
    assert await reason_of(venue.risk.BustTrade(bust, metadata=OPERATOR)) == "UNKNOWN_TRADE"
    bust.trade_id, bust.validate_only = 1, False
    await venue.risk.BustTrade(bust, metadata=OPERATOR)
    bust.validate_only = True
    assert await reason_of(venue.risk.BustTrade(bust, metadata=OPERATOR)) == "TRADE_BUSTED"


async def test_validate_only_of_an_emergency_close_counts(venue: Venue) -> None:
    await venue.submit("b", "buy", 10, 10)
    request = pb.EmergencyCloseRequest(request_id="e", reason="drill", validate_only=True)

    assert (await venue.risk.EmergencyClose(request, metadata=OPERATOR)).canceled_count == 1
    assert (await venue.risk.EmergencyClose(request, metadata=OPERATOR)).canceled_count == 1
