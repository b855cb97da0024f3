"""OrderSession over a real channel: batches, order, faults, flow control, the end of a session."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from grpc import aio

from exchange.api.v1 import common_pb2
from exchange.api.v1 import order_service_pb2 as pb
from exchange.config import LimitsConfig
from tests.exchange.gateway.venue import M1, M2, Venue, limit, refused, until


async def _open(venue: Venue, metadata: Any = M1, **logon: Any) -> tuple[Any, pb.LogonAck]:
    stream = venue.orders.OrderSession(metadata=metadata)
    await stream.write(pb.OrderSessionRequest(logon=pb.Logon(**logon)))
    return stream, (await stream.read()).logon


async def _results(stream: Any, count: int) -> list[pb.CommandResult]:
    found: list[pb.CommandResult] = []
    while len(found) < count:
        message = await stream.read()
        assert message is not aio.EOF, f"ended after {len(found)} results"
        assert message.header.log_index
        found += message.results
    return found


def _orders(first: int, count: int, **fields: Any) -> list[pb.OrderCommand]:
    return [
        pb.OrderCommand(request_no=number, submit=limit(f"o{number}", "buy", 1, 10, **fields))
        for number in range(first, first + count)
    ]


async def test_results_stand_in_the_order_of_the_commands(venue: Venue) -> None:
    stream, ack = await _open(venue)
    for first in range(0, 300, 100):
        await stream.write(pb.OrderSessionRequest(commands=_orders(first, 100)))
    results = await _results(stream, 300)
    await stream.done_writing()
    assert await stream.read() is aio.EOF

    assert [result.request_no for result in results] == list(range(300))
    assert all(
        [report.exec_type for report in result.reports] == [common_pb2.EXEC_TYPE_NEW]
        for result in results
    )
    assert {result.reports[0].session_id for result in results} == {ack.session_id}
    assert ack.commands_max == 4096
    assert ack.seq > 0


async def test_each_kind_of_command_has_its_result(venue: Venue) -> None:
    stream, _ = await _open(venue)
    commands = [
        pb.OrderCommand(request_no=1, submit=limit("a1", "buy", 10, 10)),
        pb.OrderCommand(
            request_no=2,
            replace=pb.ReplaceOrder(cl_ord_id="r1", orig_cl_ord_id="a1", order_qty=5),
        ),
        pb.OrderCommand(request_no=3, cancel=pb.CancelOrder(cl_ord_id="c1", orig_cl_ord_id="r1")),
        pb.OrderCommand(request_no=4, submit=limit("a2", "buy", 10, 10)),
        pb.OrderCommand(request_no=5, mass_cancel=pb.MassCancel(cl_ord_id="m1")),
        pb.OrderCommand(request_no=6, mass_cancel=pb.MassCancel(cl_ord_id="m2", symbol="NIX")),
    ]
    await stream.write(pb.OrderSessionRequest(commands=commands))
    results = await _results(stream, 6)
    stream.cancel()

    kinds = [[report.exec_type for report in result.reports] for result in results]
    assert kinds == [
        [common_pb2.EXEC_TYPE_NEW],
        [common_pb2.EXEC_TYPE_REPLACED],
        [common_pb2.EXEC_TYPE_CANCELED],
        [common_pb2.EXEC_TYPE_NEW],
        [common_pb2.EXEC_TYPE_CANCELED],
        [],
    ]
    assert results[4].mass_cancel_report.canceled_count == 1
    refused_report = results[5].mass_cancel_report
    assert refused_report.reject_reason == common_pb2.REJECT_REASON_UNKNOWN_SYMBOL


async def test_command_at_fault_gets_its_fault_and_the_others_are_carried_out(
    venue: Venue,
) -> None:
    stream, _ = await _open(venue)
    commands = _orders(0, 4)
    commands[0].submit.order_qty = -1
    commands[2].ClearField("submit")
    await stream.write(pb.OrderSessionRequest(commands=commands))
    results = await _results(stream, 4)
    stream.cancel()

    assert [result.fault.field for result in results] == ["order_qty", "", "command", ""]
    assert results[0].fault.reason == "INVALID_FIELD"
    assert [len(result.reports) for result in results] == [0, 1, 0, 1]
    assert results[1].reports[0].cl_ord_id == "o1"
    assert results[3].reports[0].cl_ord_id == "o3"


async def test_message_of_faults_only_is_answered(venue: Venue) -> None:
    stream, _ = await _open(venue)
    await stream.write(pb.OrderSessionRequest(commands=[pb.OrderCommand(request_no=7)]))
    (result,) = await _results(stream, 1)
    stream.cancel()

    assert (result.request_no, result.fault.reason) == (7, "INVALID_FIELD")


async def test_full_queue_is_a_fault_of_each_command_with_a_wait(venue: Venue) -> None:
    async with Venue(pending_commands=50) as small:
        stream, _ = await _open(small)
        await stream.write(pb.OrderSessionRequest(commands=_orders(0, 60)))
        results = await _results(stream, 60)
        await stream.write(pb.OrderSessionRequest(commands=_orders(0, 40)))
        fine = await _results(stream, 40)
        stream.cancel()

    assert {result.fault.reason for result in results} == {"QUEUE_FULL"}
    assert all(result.fault.retry_after_ms > 0 for result in results)
    assert not any(result.HasField("fault") for result in fine)


@pytest.mark.parametrize("how", ["done_writing", "cancel"])
async def test_cancel_on_disconnect_cancels_what_this_session_entered(
    venue: Venue, how: str
) -> None:
    """R9.2: however the stream ends; orders of others and of other sessions stay."""
    await venue.submit("x1", "buy", 1, 10)
    stream, _ = await _open(venue, cancel_on_disconnect=True)
    await stream.write(pb.OrderSessionRequest(commands=_orders(0, 3)))
    await _results(stream, 3)
    if how == "cancel":
        stream.cancel()
    else:
        await stream.done_writing()
    await until(lambda: venue.core.statistics.open_orders == 1)

    got = await venue.orders.GetOrder(pb.GetOrderRequest(cl_ord_id="o1"), metadata=M1)
    assert got.order.ord_status == common_pb2.ORD_STATUS_CANCELED
    assert not await venue.core.query(lambda engine: engine.open_sessions())


async def test_session_without_cancel_on_disconnect_leaves_its_orders(venue: Venue) -> None:
    stream, _ = await _open(venue)
    await stream.write(pb.OrderSessionRequest(commands=_orders(0, 3)))
    await _results(stream, 3)
    stream.cancel()
    for _ in range(200):
        if not await venue.core.query(lambda engine: engine.open_sessions()):
            break

    assert not await venue.core.query(lambda engine: engine.open_sessions())
    assert venue.core.statistics.open_orders == 3


async def test_stopping_server_closes_sessions_in_the_log(venue: Venue) -> None:
    stream, _ = await _open(venue, cancel_on_disconnect=True)
    await stream.write(pb.OrderSessionRequest(commands=_orders(0, 2)))
    await _results(stream, 2)
    await venue.server.stop()
    got = await refused(stream)

    assert (got.code, got.reason) == (grpc.StatusCode.UNAVAILABLE, "STOPPING")
    assert venue.core.statistics.open_orders == 0


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([pb.OrderSessionRequest()], "LOGON_EXPECTED"),
        ([pb.OrderSessionRequest(commands=_orders(0, 1))], "LOGON_EXPECTED"),
        (
            [pb.OrderSessionRequest(logon=pb.Logon(), commands=_orders(0, 1))],
            "LOGON_EXPECTED",
        ),
        ([pb.OrderSessionRequest(logon=pb.Logon())] * 2, "LOGON_REPEATED"),
        (
            [
                pb.OrderSessionRequest(logon=pb.Logon()),
                pb.OrderSessionRequest(commands=[pb.OrderCommand()] * 4097),
            ],
            "TOO_MANY_COMMANDS",
        ),
    ],
)
async def test_stream_that_breaks_a_rule_ends_with_its_name(
    venue: Venue, messages: list[pb.OrderSessionRequest], reason: str
) -> None:
    stream = venue.orders.OrderSession(metadata=M1)
    for message in messages:
        await stream.write(message)

    assert (await refused(stream)).reason == reason


async def test_message_of_too_many_bytes_is_refused_by_name() -> None:
    async with Venue(limits=LimitsConfig(message_bytes=1000)) as small:
        stream, ack = await _open(small)
        assert ack.message_bytes_max == 1000
        await stream.write(pb.OrderSessionRequest(commands=_orders(0, 45)))
        got = await refused(stream)
        order = limit("x" * 36, "buy", 1, 10, symbol="Y" * 1000)
        unary = await refused(
            small.orders.SubmitOrder(pb.SubmitOrderRequest(order=order), metadata=M1)
        )

    assert (got.code, got.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MESSAGE_TOO_LARGE")
    assert unary.reason == "MESSAGE_TOO_LARGE"


async def test_members_see_only_their_own_side_of_a_trade(venue: Venue) -> None:
    stream, _ = await _open(venue, M2)
    await venue.submit("b1", "buy", 1, 10)
    sell = pb.OrderCommand(request_no=1, submit=limit("s1", "sell", 1, 10))
    await stream.write(pb.OrderSessionRequest(commands=[sell]))
    (result,) = await _results(stream, 1)
    stream.cancel()

    assert {report.account for report in result.reports} == {"m2"}
    assert [report.cl_ord_id for report in result.reports] == ["s1", "s1"]


async def test_client_gone_during_logon_leaves_no_open_session(venue: Venue) -> None:
    async def open_sessions() -> list[tuple[int, int]]:
        return await venue.core.query(lambda engine: engine.open_sessions())

    for _ in range(20):
        stream = venue.orders.OrderSession(metadata=M1)
        await stream.write(pb.OrderSessionRequest(logon=pb.Logon()))
        stream.cancel()
    await venue.server.stop()  # waits for what sessions still write to the log

    assert not await open_sessions()


async def test_results_come_out_whatever_the_client_sends_ahead() -> None:
    """Flow control: far more than in_flight_max is sent without reading; all is answered."""
    async with Venue(limits=LimitsConfig(session_commands=10)) as small:
        stream, ack = await _open(small)
        assert ack.in_flight_max == 40
        for first in range(0, 400, 10):
            await stream.write(pb.OrderSessionRequest(commands=_orders(first, 10)))
        results = await _results(stream, 400)
        stream.cancel()

    assert [result.request_no for result in results] == list(range(400))
