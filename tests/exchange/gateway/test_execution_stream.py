"""SubscribeExecutions: history, live, resume, slow readers, the end."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from exchange.api.v1 import common_pb2
from exchange.api.v1 import order_service_pb2 as pb
from exchange.api.v1.risk_service_pb2 import BustTradeRequest, CorrectTradeRequest
from exchange.feeds import executions
from exchange.model.batch import EventBatch
from tests.exchange.gateway.venue import M1, M2, OPERATOR, PX, Venue, drained, refused


async def _read(stream: Any, count: int) -> list[pb.ExecutionReport]:
    found: list[pb.ExecutionReport] = []
    while len(found) < count:
        message = await stream.read()
        assert all(report.exec_id <= message.seq for report in message.reports)
        found += message.reports
    return found


async def test_reports_come_from_history_then_live_and_only_ones_own(venue: Venue) -> None:
    mine = await venue.submit("b1", "buy", 5, 10)
    await venue.submit("z0", "buy", 1, 1, M2)
    stream = venue.orders.SubscribeExecutions(
        pb.SubscribeExecutionsRequest(start_seq=1), metadata=M1
    )
    mine += await _read(stream, 1)
    await venue.submit("z1", "sell", 5, 10, M2)
    live = await _read(stream, 1)
    stream.cancel()

    assert mine[0] == mine[1]
    assert live[0].exec_type == common_pb2.EXEC_TYPE_TRADE
    assert live[0].liquidity == common_pb2.LIQUIDITY_MAKER
    assert live[0].cl_ord_id == "b1"


async def test_both_sides_are_told_of_a_correction_and_a_bust(venue: Venue) -> None:
    """R9.4: FIX ExecType G and H; the orders keep their quantities."""
    streams = [
        venue.orders.SubscribeExecutions(pb.SubscribeExecutionsRequest(), metadata=who)
        for who in (M1, M2)
    ]
    for stream in streams:
        await stream.read()
    await venue.submit("b1", "buy", 10, 100)
    await venue.submit("s1", "sell", 5, 100, M2)
    await venue.risk.CorrectTrade(
        CorrectTradeRequest(request_id="c", trade_id=1, price=99 * PX, qty=4, reason="typo"),
        metadata=OPERATOR,
    )
    await venue.risk.BustTrade(
        BustTradeRequest(request_id="x", trade_id=1, reason="not meant"), metadata=OPERATOR
    )
    for stream, cl_ord_id, leaves_qty in zip(streams, ("b1", "s1"), (5, 0), strict=True):
        told = await _read(stream, 4)
        stream.cancel()
        _, _, corrected, busted = told
        assert corrected.exec_type == common_pb2.EXEC_TYPE_TRADE_CORRECT
        assert busted.exec_type == common_pb2.EXEC_TYPE_TRADE_CANCEL
        now = (corrected.trade_id, corrected.last_qty, corrected.last_px, corrected.text)
        assert now == (1, 4, 99 * PX, "typo")
        assert (corrected.former_last_qty, corrected.former_last_px) == (5, 100 * PX)
        gone = (busted.trade_id, busted.last_qty, busted.last_px, busted.text)
        assert gone == (1, 4, 99 * PX, "not meant")
        assert busted.former_last_qty == 0
        for report in (corrected, busted):
            assert report.cl_ord_id == cl_ord_id
            assert (report.cum_qty, report.leaves_qty) == (5, leaves_qty)
            assert report.liquidity == common_pb2.LIQUIDITY_UNSPECIFIED


async def test_resume_at_any_seq_misses_nothing_and_repeats_nothing(venue: Venue) -> None:
    told = []
    for number in range(12):
        told += await venue.submit(f"a{number}", "buy", 1, 10)
    for start in range(len(told)):
        stream = venue.orders.SubscribeExecutions(
            pb.SubscribeExecutionsRequest(start_seq=told[start].exec_id), metadata=M1
        )
        assert await _read(stream, len(told) - start) == told[start:]
        stream.cancel()


async def test_first_message_comes_at_once_and_idle_streams_beat(venue: Venue) -> None:
    stream = venue.orders.SubscribeExecutions(pb.SubscribeExecutionsRequest(), metadata=M1)
    first = await stream.read()
    assert (first.seq, first.heartbeat) == (venue.core.last_seq, False)
    await venue.submit("z1", "buy", 1, 10, M2)
    beat = await stream.read()
    stream.cancel()

    assert beat.heartbeat
    assert beat.seq == venue.core.last_seq > first.seq


async def test_mass_cancel_report_is_on_the_stream(venue: Venue) -> None:
    await venue.submit("a1", "buy", 1, 10)
    stream = venue.orders.SubscribeExecutions(pb.SubscribeExecutionsRequest(), metadata=M1)
    await stream.read()
    request = pb.MassCancelOrdersRequest(mass_cancel=pb.MassCancel(cl_ord_id="mc"))
    answer = await venue.orders.MassCancelOrders(request, metadata=M1)
    message = await stream.read()
    stream.cancel()

    assert list(message.mass_cancel_reports) == [answer.report]
    assert list(message.reports) == list(answer.reports)


async def test_operator_reads_a_named_members_executions(venue: Venue) -> None:
    told = await venue.submit("a1", "buy", 1, 10)
    request = pb.SubscribeExecutionsRequest(start_seq=1, member="m1")
    stream = venue.orders.SubscribeExecutions(request, metadata=OPERATOR)
    assert await _read(stream, 1) == told
    stream.cancel()

    unnamed = pb.SubscribeExecutionsRequest(start_seq=1)
    got = await refused(venue.orders.SubscribeExecutions(unnamed, metadata=OPERATOR))
    assert (got.reason, got.metadata["field"]) == ("INVALID_FIELD", "member")


async def test_slow_reader_is_cut_with_the_seq_to_resume_from(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never conflated: what was told before the cut and what the resumed stream tells is all."""
    monkeypatch.setattr(executions, "QUEUE_EVENTS", 3)
    stream = venue.orders.SubscribeExecutions(pb.SubscribeExecutionsRequest(), metadata=M1)
    await stream.read()
    told = []
    batches: list[EventBatch] = []
    feed = venue.core.executions
    # Batches arrive faster than the reader's task gets a turn: they are held, then fed at once.
    with monkeypatch.context() as held:
        held.setattr(feed, "on_batch", batches.append)
        for number in range(8):
            told += await venue.submit(f"a{number}", "buy", 1, 10)
    for batch in batches:
        feed.on_batch(batch)
    messages, got = await drained(stream)
    seen = [report for message in messages for report in message.reports]
    assert (got.code, got.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "SLOW_READER")

    resume = int(got.metadata["resume_seq"])
    again = venue.orders.SubscribeExecutions(
        pb.SubscribeExecutionsRequest(start_seq=resume), metadata=M1
    )
    seen += await _read(again, len(told) - len(seen))
    again.cancel()
    assert seen == told


async def test_stopping_server_ends_streams_with_unavailable(venue: Venue) -> None:
    stream = venue.orders.SubscribeExecutions(pb.SubscribeExecutionsRequest(), metadata=M1)
    await stream.read()
    await venue.server.stop()
    got = await refused(stream)

    assert (got.code, got.reason) == (grpc.StatusCode.UNAVAILABLE, "STOPPING")
