"""AdminService over a real channel: phases, auctions, rules, schedules, index (R2, R6, R7)."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from exchange.api.v1 import admin_service_pb2 as pb
from exchange.api.v1 import common_pb2
from tests.exchange.gateway.venue import M2, PX, Venue


async def state(venue: Venue) -> pb.GetTradingStateResponse:
    request = pb.GetTradingStateRequest(symbol="ABC")
    told: pb.GetTradingStateResponse = await venue.admin.GetTradingState(request)
    return told


async def move(venue: Venue, request_id: str, phase: common_pb2.Phase) -> None:
    request = pb.SetPhaseRequest(request_id=request_id, symbol="ABC", phase=phase)
    await venue.admin.SetPhase(request)


async def test_a_call_shows_what_it_would_uncross_to(venue: Venue) -> None:
    """R6.1, R6.3: indicative price, volume and surplus; then one price for all."""
    await move(venue, "p1", common_pb2.PHASE_CLOSING_AUCTION)
    await venue.submit("a1", "buy", 30, 10)
    await venue.submit("b1", "sell", 10, 10, M2)

    told = await state(venue)
    assert told.phase == common_pb2.PHASE_CLOSING_AUCTION
    assert (told.indicative_px, told.indicative_volume) == (10 * PX, "10")
    assert (told.imbalance_side, told.imbalance_qty) == (common_pb2.SIDE_BUY, "20")

    await move(venue, "p2", common_pb2.PHASE_POST_CLOSE)
    told = await state(venue)
    assert (told.phase, told.indicative_px) == (common_pb2.PHASE_POST_CLOSE, 0)


async def test_rules_are_read_changed_and_read_again(venue: Venue) -> None:
    rules = (await state(venue)).rules
    assert (rules.dynamic_band_bp, list(rules.breaker_levels_bp)) == (0, [700, 1300, 2000])
    rules.dynamic_band_bp = 500
    request = pb.SetTradingRulesRequest(request_id="r1", symbol="ABC", rules=rules)
    assert not (await venue.admin.SetTradingRules(request)).poss_dup
    assert (await venue.admin.SetTradingRules(request)).poss_dup
    assert (await state(venue)).rules == rules

    del rules.breaker_levels_bp[:]
    short = pb.SetTradingRulesRequest(request_id="r2", symbol="ABC", rules=rules)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await venue.admin.SetTradingRules(short)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_a_schedule_is_kept_and_a_bad_one_refused(venue: Venue) -> None:
    far = 4_000_000_000_000_000_000
    step = pb.ScheduleStep(ts_ns=far, phase=common_pb2.PHASE_CLOSED)
    request = pb.SetScheduleRequest(request_id="s1", symbol="ABC", steps=[step])
    await venue.admin.SetSchedule(request)
    await venue.admin.SetDayEnds(pb.SetDayEndsRequest(request_id="d1", ends_ns=[far]))

    told = await state(venue)
    assert (list(told.steps), list(told.day_ends_ns)) == ([step], [far])
    twice = pb.SetScheduleRequest(request_id="s2", symbol="ABC", steps=[step, step])
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await venue.admin.SetSchedule(twice)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_an_index_trips_the_breaker(venue: Venue) -> None:
    """R7.3."""
    rules = (await state(venue)).rules
    rules.breaker_scope = common_pb2.BREAKER_SCOPE_MARKET
    set_rules = pb.SetTradingRulesRequest(request_id="r1", symbol="ABC", rules=rules)
    await venue.admin.SetTradingRules(set_rules)
    changed = common_pb2.Instrument(symbol="ABC", reference_price=10 * PX)
    mask = FieldMask(paths=["reference_price"])
    update = pb.UpdateInstrumentRequest(request_id="u1", instrument=changed, update_mask=mask)
    await venue.admin.UpdateInstrument(update)
    await venue.admin.SetIndex(pb.SetIndexRequest(request_id="i1", symbol="ABC", price=PX))

    told = await state(venue)
    assert (told.phase, told.is_barred) == (common_pb2.PHASE_HALTED, True)


async def test_an_unknown_instrument_is_not_found(venue: Venue) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await venue.admin.GetTradingState(pb.GetTradingStateRequest(symbol="NONE"))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
