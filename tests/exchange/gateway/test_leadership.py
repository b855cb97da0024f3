"""What clients meet on a node that leads no more: NOT_LEADER, health, the end of their streams."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from exchange.api.v1 import cluster_service_pb2 as cluster
from exchange.api.v1 import market_data_service_pb2 as market
from exchange.api.v1 import order_service_pb2 as pb
from replication.log_view import LogView
from tests.exchange.gateway.venue import M1, Venue, limit, refused

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def _health(venue: Venue, service: str) -> int:
    stub: Any = health_pb2_grpc.HealthStub(venue.channel)
    name = f"exchange.api.v1.{service}" if service else ""
    status: int = (await stub.Check(health_pb2.HealthCheckRequest(service=name))).status
    return status


def depose(venue: Venue) -> None:
    """Another node leads from now on."""
    venue.log._view = LogView("standby", 2, "n2")  # noqa: SLF001 - a log of one node never does so
    venue.log._on_change()  # noqa: SLF001


async def test_commands_are_refused_with_not_leader_and_reads_go_on(venue: Venue) -> None:
    await venue.submit("kept", "buy", 10, 100)
    depose(venue)
    with pytest.raises(aio.AioRpcError) as raised:
        await venue.submit("late", "buy", 10, 100)
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    told = await refused(
        venue.orders.SubmitOrder(pb.SubmitOrderRequest(order=limit("l", "buy", 1, 9)), metadata=M1)
    )
    assert (told.code, told.reason) == (grpc.StatusCode.UNAVAILABLE, "NOT_LEADER")
    assert told.metadata == {"leader_id": "n2", "leader_endpoint": "", "epoch": "2"}
    found = await venue.orders.GetOrder(pb.GetOrderRequest(cl_ord_id="kept"), metadata=M1)
    assert found.order.cl_ord_id == "kept"


async def test_an_open_session_ends_with_not_leader(venue: Venue) -> None:
    stream = venue.orders.OrderSession(metadata=M1)
    await stream.write(pb.OrderSessionRequest(logon=pb.Logon()))
    assert (await stream.read()).HasField("logon")
    depose(venue)
    told = await refused(stream)
    assert (told.code, told.reason) == (grpc.StatusCode.UNAVAILABLE, "NOT_LEADER")


async def test_health_tells_apart_who_trades_and_who_may_be_read(venue: Venue) -> None:
    trading, reading = ("OrderService", "AdminService", "RiskService"), ("MarketDataService",)
    await venue.server.show(trading=False, reading=True)
    assert {await _health(venue, name) for name in trading} == {NOT_SERVING}
    assert {await _health(venue, name) for name in (*reading, "ClusterService", "")} == {SERVING}
    await venue.server.show(trading=False, reading=False)
    assert await _health(venue, "MarketDataService") == NOT_SERVING
    assert {await _health(venue, name) for name in ("ClusterService", "")} == {SERVING}
    await venue.server.show(trading=True, reading=True)
    assert {await _health(venue, name) for name in (*trading, *reading)} == {SERVING}


async def test_a_node_that_may_not_be_read_cuts_its_streams_and_refuses_new_ones(
    venue: Venue,
) -> None:
    stream = venue.market_data.SubscribeOrderBook(
        market.SubscribeOrderBookRequest(symbol="ABC"), metadata=M1
    )
    assert (await stream.read()).header.node == "n1"
    venue.log.stop()
    await venue.server.show(trading=False, reading=False)
    assert (await refused(stream)).reason == "NO_LEASE"
    book = venue.market_data.GetOrderBook(market.GetOrderBookRequest(symbol="ABC"), metadata=M1)
    assert (await refused(book)).reason == "NODE_FENCED"
    status = await venue.cluster.GetStatus(cluster.GetStatusRequest())
    assert status.nodes[0].name == "n1"


async def test_the_header_tells_the_age_of_what_is_read(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = market.GetOrderBookRequest(symbol="ABC")
    fresh = await venue.market_data.GetOrderBook(request, metadata=M1)
    assert fresh.header.age_ms == 0
    monkeypatch.setattr(type(venue.log), "age_ns", 250_000_000)
    stale = await venue.market_data.GetOrderBook(request, metadata=M1)
    assert stale.header.age_ms == 250


async def test_the_core_knows_when_its_lead_is_lost(venue: Venue) -> None:
    leadership = venue.core.leadership
    assert leadership.may_trade
    depose(venue)
    error = await venue.core.leadership_lost()
    assert error.reason == "NOT_LEADER"
    assert (venue.core.role, venue.core.epoch) == ("standby", 2)
    assert (leadership.may_read, leadership.is_open) == (True, False)
