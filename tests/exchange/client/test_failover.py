"""A client goes where the primary is: by health, by NOT_LEADER, and away from a node that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from grpc import aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from exchange.client import AsyncClient, UnavailableError, new_order
from exchange.client.caller import ATTEMPT_S_SEVERAL
from exchange.client.endpoints import ORDER_SERVICE
from exchange.client.errors import Fault, SeqNotAvailableError
from exchange.client.order_session import SILENT_S
from exchange.client.route import Route
from exchange.client.streams import messages_of
from exchange.errors import NotLeader
from exchange.feeds.subscription import HistoryGone
from exchange.gateway.status import DETAILS_KEY, answer
from tests.exchange.client.conftest import Venue, order_count
from tests.exchange.client.lossy_proxy import LossyProxy


class Standby:
    """Answers NOT_LEADER to everything, and says in its health that it takes no orders."""

    def __init__(self, leader_endpoint: str) -> None:
        self.leader_endpoint = leader_endpoint
        self.asked = 0
        self._changed = asyncio.Event()

    async def was_asked(self, times: int) -> None:
        """Return once it was asked so often."""
        while self.asked < times:
            self._changed.clear()
            await self._changed.wait()

    async def _refuse(self, context: Any) -> None:
        self.asked += 1
        self._changed.set()
        leader = "n1" if self.leader_endpoint else ""
        told = answer(NotLeader(leader, self.leader_endpoint, 4))
        context.set_trailing_metadata(((DETAILS_KEY, told.details),))
        await context.abort(told.code, told.message)

    def handlers(self) -> grpc.GenericRpcHandler:
        async def submit(_: bytes, context: Any) -> bytes:
            await self._refuse(context)
            return b""

        async def session(_: Any, context: Any) -> AsyncIterator[bytes]:
            await self._refuse(context)
            yield b""

        methods: dict[str, Any] = {
            "SubmitOrder": grpc.unary_unary_rpc_method_handler(submit),
            "OrderSession": grpc.stream_stream_rpc_method_handler(session),
        }
        return grpc.method_handlers_generic_handler(ORDER_SERVICE, methods)


@asynccontextmanager
async def serving(standby: Standby) -> AsyncIterator[str]:
    server = aio.server()
    server.add_generic_rpc_handlers((standby.handlers(),))
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    await checks.set(ORDER_SERVICE, health_pb2.HealthCheckResponse.NOT_SERVING)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


async def test_health_sends_commands_to_the_primary_only(venue: Venue) -> None:
    standby = Standby(venue.endpoint)
    async with (
        serving(standby) as other,
        AsyncClient(f"{other},{venue.endpoint}", member="alice") as client,
    ):
        for number in range(10):
            outcome = await client.submit_order("ABC", "buy", 1, "1.00", cl_ord_id=f"h{number}")
            assert outcome.attempts == 1
    assert standby.asked == 0


async def test_a_client_that_knows_a_standby_only_is_sent_on(venue: Venue) -> None:
    standby = Standby(venue.endpoint)
    async with serving(standby) as other, AsyncClient(other, member="alice") as client:
        first = await client.submit_order("ABC", "buy", 1, "1.00")
        second = await client.submit_order("ABC", "buy", 1, "1.00")
        async with client.order_session() as session:
            results = await session.send([new_order("ABC", "buy", 1, "1.00")])
    assert (first.attempts, second.attempts, standby.asked) == (2, 1, 1)
    assert not results[0].HasField("fault")


async def test_an_order_session_is_sent_on_too(venue: Venue) -> None:
    standby = Standby(venue.endpoint)
    async with (
        serving(standby) as other,
        AsyncClient(other, member="alice") as client,
        client.order_session() as session,
    ):
        results = await session.send([new_order("ABC", "buy", 1, "1.00") for _ in range(3)])
    assert len(results) == 3
    assert standby.asked == 1


async def test_a_leader_that_is_gone_is_forgotten(venue: Venue) -> None:
    standby = Standby("127.0.0.1:1")  # nobody listens there
    async with (
        serving(standby) as other,
        AsyncClient(other, member="alice", timeout=5) as client,
    ):
        asking = asyncio.create_task(client.submit_order("ABC", "buy", 1, "1.00"))
        await standby.was_asked(2)
        standby.leader_endpoint = venue.endpoint
        assert not (await asking).is_rejected


async def test_without_any_leader_the_client_gives_up_and_nothing_was_done() -> None:
    standby = Standby("")
    async with (
        serving(standby) as other,
        AsyncClient(other, member="alice", timeout=0.5) as client,
    ):
        with pytest.raises(UnavailableError) as refused:
            await client.submit_order("ABC", "buy", 1, "1.00")
    assert refused.value.reason == "NOT_LEADER"
    assert standby.asked > 1


async def test_a_node_that_hangs_is_left_behind(venue: Venue, alice: AsyncClient) -> None:
    loop = asyncio.get_running_loop()
    async with (
        LossyProxy(venue.endpoint) as one,
        LossyProxy(venue.endpoint) as two,
        AsyncClient(f"{one.endpoint},{two.endpoint}", member="alice") as client,
    ):
        for number in range(4):  # both connections are in use
            await client.submit_order("ABC", "buy", 1, "1.00", cl_ord_id=f"w{number}")
        one.freeze()
        begun = loop.time()
        for number in range(4):
            await client.submit_order("ABC", "buy", 1, "1.00", cl_ord_id=f"x{number}")
        took = loop.time() - begun
    assert took < 2 * ATTEMPT_S_SEVERAL
    assert await order_count(alice) == 8


async def test_a_session_on_a_node_that_hangs_goes_on_elsewhere(
    venue: Venue, alice: AsyncClient
) -> None:
    async with (
        LossyProxy(venue.endpoint) as one,
        LossyProxy(venue.endpoint) as two,
        AsyncClient(f"{one.endpoint},{two.endpoint}", member="alice") as client,
        client.order_session() as session,
    ):
        await session.send([new_order("ABC", "buy", 1, "1.00", cl_ord_id="w")])
        hung = one if one.connections and _busiest(one, two) is one else two
        hung.freeze()
        begun = asyncio.get_running_loop().time()
        orders = [new_order("ABC", "buy", 1, "1.00", cl_ord_id=f"s{n}") for n in range(20)]
        results = await session.send(orders)
        took = asyncio.get_running_loop().time() - begun
        hung.thaw()
    assert took < SILENT_S + 2
    assert [r.reports[0].cl_ord_id for r in results] == [f"s{n}" for n in range(20)]
    assert await order_count(alice) == 21


def _busiest(one: LossyProxy, two: LossyProxy) -> LossyProxy:
    return max(one, two, key=lambda proxy: proxy.moved)


def test_a_fault_of_the_exchange_is_no_reason_to_leave_it() -> None:
    async def check() -> None:
        route = Route(("127.0.0.1:1", "127.0.0.1:2"), None, ORDER_SERVICE)
        line = route.current
        route.on_fault(Fault("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", "", True), line)
        assert route.current is line
        route.on_fault(Fault("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", ""), line)
        assert route.current is not line
        left = route.current
        route.on_fault(Fault("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", ""), line)
        assert route.current is left  # news of a line that was left
        await route.close()

    asyncio.run(check())


async def test_who_waits_on_a_line_that_is_left_goes_on_with_the_next(venue: Venue) -> None:
    route = Route(("127.0.0.1:1", "127.0.0.1:2"), None, "")  # nobody is there
    loop = asyncio.get_running_loop()
    waiting = asyncio.create_task(route.ready(loop.time() + 5))
    await asyncio.sleep(0.05)
    hint = {"leader_endpoint": venue.endpoint}
    route.on_fault(Fault("UNAVAILABLE", "NOT_LEADER", "", True, 0.0, hint), route.current)
    await waiting
    assert route.current.is_direct
    await route.close()


class _Told:
    def __init__(self, seq: int) -> None:
        self.seq = seq


class _Stream:
    """A stream of a node that knows events up to `newest`."""

    def __init__(self, start: int, newest: int, give: int) -> None:
        self._start, self._newest, self._give = start, newest, give

    async def read(self) -> Any:
        if self._start > self._newest + 1:
            told = (("newest_seq", str(self._newest)), ("oldest_seq", "1"))
            raise _SeqGone(dict(told))
        if self._give == 0 or self._start > self._newest:
            return aio.EOF
        self._give -= 1
        self._start += 1
        return _Told(self._start - 1)

    def cancel(self) -> bool:
        return True


class _SeqGone(aio.AioRpcError):
    def __init__(self, metadata: dict[str, str]) -> None:
        gone = HistoryGone(9, int(metadata["oldest_seq"]), int(metadata["newest_seq"]))
        told = answer(gone)
        trailing = aio.Metadata((DETAILS_KEY, told.details))
        super().__init__(grpc.StatusCode.OUT_OF_RANGE, aio.Metadata(), trailing, told.message)


async def test_a_stream_waits_for_a_node_that_is_behind_but_not_for_one_that_never_was(
    alice: AsyncClient,
) -> None:
    newest = iter([10, 5, 7, 10, 12])  # the second and third node have not got there yet

    def open_stream(start: int) -> Any:
        return _Stream(start, next(newest), give=3)

    seqs: list[int] = []
    messages = messages_of(alice, open_stream, 8)
    async for message in messages:
        seqs.append(message.seq)
        if len(seqs) == 5:
            break
    await messages.aclose()
    assert seqs == [8, 9, 10, 11, 12]

    def never_there(start: int) -> Any:
        return _Stream(start, 5, give=1)

    with pytest.raises(SeqNotAvailableError):
        await anext(messages_of(alice, never_there, 8))
