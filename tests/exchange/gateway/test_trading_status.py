"""R6.1, R7, R9.4: what is public about trading, over a real channel and without credentials."""

from __future__ import annotations

from typing import Any

from exchange.api.v1 import admin_service_pb2 as admin
from exchange.api.v1 import common_pb2
from exchange.api.v1 import market_data_service_pb2 as pb
from exchange.api.v1.risk_service_pb2 import BustTradeRequest
from tests.exchange.gateway.venue import M2, OPERATOR, PX, Venue, drained, instrument, refused

CALL = common_pb2.PHASE_OPENING_AUCTION
CONTINUOUS = common_pb2.PHASE_CONTINUOUS
HALTED = common_pb2.PHASE_HALTED


def subscribe(venue: Venue, *symbols: str) -> Any:
    request = pb.SubscribeTradingStatusRequest(symbols=symbols)
    return venue.market_data.SubscribeTradingStatus(request)


async def told(stream: Any, seq: int) -> tuple[dict[str, pb.TradingStatus], list[str]]:
    """Read up to a seq: the newest status by symbol, and the kinds of the notices in order."""
    statuses: dict[str, pb.TradingStatus] = {}
    notices: list[str] = []
    while True:
        message = await stream.read()
        statuses |= {row.symbol: row for row in message.statuses}
        notices += [str(row.WhichOneof("notice")) for row in message.notices]
        if message.seq >= seq:
            return statuses, notices


async def set_phase(venue: Venue, key: str, phase: common_pb2.Phase) -> None:
    request = admin.SetPhaseRequest(request_id=key, symbol="ABC", phase=phase)
    await venue.admin.SetPhase(request, metadata=OPERATOR)


async def test_a_call_its_uncross_and_a_bust_are_told_to_anybody(venue: Venue) -> None:
    stream = subscribe(venue, "ABC")
    first = await stream.read()
    assert (first.snapshot, first.statuses[0].phase) == (True, CONTINUOUS)
    await set_phase(venue, "p0", common_pb2.PHASE_CLOSED)
    await set_phase(venue, "p1", CALL)
    await venue.submit("b", "buy", 30, 10)
    await venue.submit("s", "sell", 10, 10, M2)
    statuses, notices = await told(stream, venue.core.last_seq)
    call = statuses["ABC"]
    assert (call.phase, call.indicative_px, call.indicative_volume) == (CALL, 10 * PX, "10")
    assert (call.imbalance_side, call.imbalance_qty) == (common_pb2.SIDE_BUY, "20")
    assert notices == ["phase", "phase"]
    book = await venue.market_data.GetOrderBook(pb.GetOrderBookRequest(symbol="ABC"))
    assert book.book.status == call
    got = await venue.market_data.GetTradingStatus(pb.GetTradingStatusRequest())
    assert list(got.statuses) == [call]

    await set_phase(venue, "p2", CONTINUOUS)
    await venue.risk.BustTrade(
        BustTradeRequest(request_id="x", trade_id=1, reason="error"), metadata=OPERATOR
    )
    statuses, notices = await told(stream, venue.core.last_seq)
    stream.cancel()
    assert (statuses["ABC"].phase, statuses["ABC"].indicative_px) == (CONTINUOUS, 0)
    assert notices == ["uncross", "phase", "trade_change"]


async def test_a_halt_tells_its_reason_and_the_breaker_when_it_ends(venue: Venue) -> None:
    await venue.admin.CreateInstrument(
        admin.CreateInstrumentRequest(
            request_id="i", instrument=instrument("IDX", reference_price=100 * PX)
        ),
        metadata=OPERATOR,
    )
    rules = (
        await venue.admin.GetTradingState(
            admin.GetTradingStateRequest(symbol="IDX"), metadata=OPERATOR
        )
    ).rules
    rules.breaker_scope = common_pb2.BREAKER_SCOPE_MARKET
    await venue.admin.SetTradingRules(
        admin.SetTradingRulesRequest(request_id="r", symbol="IDX", rules=rules), metadata=OPERATOR
    )
    stream = subscribe(venue)
    await stream.read()
    await venue.admin.SetIndex(
        admin.SetIndexRequest(request_id="x", symbol="IDX", price=92 * PX), metadata=OPERATOR
    )
    message = await stream.read()
    stream.cancel()
    tripped, halted = message.notices
    assert (tripped.symbol, tripped.breaker.level, tripped.breaker.market_wide) == ("IDX", 1, True)
    assert (halted.symbol, halted.phase.phase) == ("ABC", HALTED)
    assert halted.phase.reason == "circuit breaker level 1"
    (status,) = message.statuses
    assert (status.symbol, status.phase) == ("ABC", HALTED)
    assert status.reopen_time == tripped.breaker.reopen_time
    assert status.HasField("reopen_time")


async def test_a_split_is_told_with_the_price_after_it(venue: Venue) -> None:
    await set_phase(venue, "p", common_pb2.PHASE_CLOSED)
    stream = subscribe(venue, "ABC")
    await stream.read()
    await venue.admin.SplitInstrument(
        admin.SplitInstrumentRequest(
            request_id="s", symbol="ABC", num=3, den=2, reason="three for two"
        ),
        metadata=OPERATOR,
    )
    (notice,) = (await stream.read()).notices
    stream.cancel()
    assert (notice.symbol, notice.split.num, notice.split.den) == ("ABC", 3, 2)
    assert notice.split.reference_price == 0


async def test_unknown_symbols_are_refused_idle_streams_beat_and_end_with_the_node(
    venue: Venue,
) -> None:
    got = await refused(subscribe(venue, "ABC", "NOPE"))
    assert (got.reason, got.metadata["field"]) == ("UNKNOWN_SYMBOL", "symbols")
    stream = subscribe(venue)
    await stream.read()
    beat = await stream.read()
    assert (beat.heartbeat, beat.seq) == (True, venue.core.last_seq)
    await venue.server.stop()
    assert (await drained(stream))[1].reason == "STOPPING"
