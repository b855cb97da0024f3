"""The server itself: health, reflection, ports, deadlines, metrics, the way in and the end."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from prometheus_client import generate_latest

from exchange.api.v1 import cluster_service_pb2 as cluster
from exchange.api.v1 import order_service_pb2 as orders
from exchange.config import LimitsConfig, NodeConfig
from exchange.errors import InvariantViolation, OperatorFault
from exchange.gateway.server import GatewayServer
from tests.exchange.gateway.venue import M1, Venue, limit, refused, until

SERVICES = [
    "AdminService",
    "ClusterService",
    "DarkService",
    "MarketDataService",
    "OrderService",
    "ReferenceDataService",
    "RiskService",
]


async def test_each_service_is_healthy_until_the_server_stops(venue: Venue) -> None:
    stub: Any = health_pb2_grpc.HealthStub(venue.channel)
    for name in ("", *(f"exchange.api.v1.{service}" for service in SERVICES)):
        got = await stub.Check(health_pb2.HealthCheckRequest(service=name))
        assert got.status == health_pb2.HealthCheckResponse.SERVING
    watch = stub.Watch(health_pb2.HealthCheckRequest(service="exchange.api.v1.OrderService"))
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
    stopping = asyncio.create_task(venue.server.stop())
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
    async with asyncio.timeout(3):  # a watcher must not hold the server for its whole grace
        await stopping


async def test_reflection_lists_the_services(venue: Venue) -> None:
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(venue.channel)
    call = stub.ServerReflectionInfo()
    await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
    names = {row.name for row in (await call.read()).list_services_response.service}
    call.cancel()

    assert {f"exchange.api.v1.{service}" for service in SERVICES} <= names


async def test_taken_port_is_refused_by_name(venue: Venue) -> None:
    config = NodeConfig(data_dir="memory", listen=f"127.0.0.1:{venue.server.port}")
    second = GatewayServer(venue.core, config, registry=venue.registry)

    with pytest.raises(OperatorFault, match=f"127.0.0.1:{venue.server.port}"):
        await second.start()


async def test_request_id_comes_back_in_the_trailer(venue: Venue) -> None:
    metadata = (*M1, ("x-request-id", "abc-1"))
    call = venue.cluster.GetStatus(cluster.GetStatusRequest(), metadata=metadata)
    await call
    failing = venue.orders.GetOrder(orders.GetOrderRequest(order_id=9), metadata=metadata)
    with pytest.raises(aio.AioRpcError) as caught:
        await failing

    assert ("x-request-id", "abc-1") in list(await call.trailing_metadata())
    assert dict(caught.value.trailing_metadata())["x-request-id"] == "abc-1"


async def test_calls_are_counted_by_method_and_code(venue: Venue) -> None:
    await venue.submit("a1", "buy", 1, 10)
    await refused(venue.orders.GetOrder(orders.GetOrderRequest(order_id=9), metadata=M1))
    text = generate_latest(venue.registry).decode()

    labels = 'grpc_method="{}",grpc_service="exchange.api.v1.OrderService",grpc_type="unary"'
    submitted = labels.format("SubmitOrder")
    assert f"grpc_server_started_total{{{submitted}}} 1.0" in text
    assert f'grpc_server_handled_total{{grpc_code="OK",{submitted}}} 1.0' in text
    found = labels.format("GetOrder")
    assert f'grpc_server_handled_total{{grpc_code="NotFound",{found}}} 1.0' in text
    assert f"grpc_server_handling_seconds_count{{{submitted}}} 1.0" in text


async def test_call_over_the_servers_deadline_is_told_that_its_outcome_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Venue(limits=LimitsConfig(deadline_s_max=1)) as venue:

        async def never(body: bytes, count: int) -> None:
            await asyncio.Event().wait()

        with monkeypatch.context() as patched:
            patched.setattr(venue.core, "submit", never)
            request = orders.SubmitOrderRequest(order=limit("a1", "buy", 1, 10))
            got = await refused(venue.orders.SubmitOrder(request, metadata=M1))

    assert (got.code, got.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
    assert "repeat it with the same cl_ord_id" in got.message


async def test_stopping_server_answers_running_calls_and_refuses_new_ones(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    await venue.submit("a1", "buy", 1, 10)
    asked, go_on, query = asyncio.Event(), asyncio.Event(), venue.core.query

    async def held(read: Any) -> Any:
        asked.set()
        await go_on.wait()
        return await query(read)

    monkeypatch.setattr(venue.core, "query", held)
    running = venue.orders.GetOrder(orders.GetOrderRequest(order_id=1), metadata=M1)
    await asked.wait()
    stopping = asyncio.create_task(venue.server.stop())
    await asyncio.sleep(0)
    got = await refused(venue.cluster.GetStatus(cluster.GetStatusRequest()))
    go_on.set()
    await stopping

    assert (got.code, got.reason) == (grpc.StatusCode.UNAVAILABLE, "STOPPING")
    assert (await running).order.order_id == 1


async def test_fault_of_ours_is_internal_and_tells_nothing_of_the_inside(
    venue: Venue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(venue.core, "status", broken)
    got = await refused(venue.cluster.GetStatus(cluster.GetStatusRequest()))

    assert (got.code, got.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert "secret" not in got.message
    assert "ZeroDivisionError: secret" in caplog.text


async def test_broken_invariant_seen_by_a_call_stops_the_node(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise InvariantViolation("SEEN_BY_A_READER")

    monkeypatch.setattr(venue.core, "status", broken)
    got = await refused(venue.cluster.GetStatus(cluster.GetStatusRequest()))

    assert got.code == grpc.StatusCode.INTERNAL
    assert [str(fault) for fault in venue.faults] == [str(InvariantViolation("SEEN_BY_A_READER"))]
    venue.faults.clear()


async def test_abandoned_streams_leave_no_subscription(venue: Venue) -> None:
    stream = venue.orders.SubscribeExecutions(orders.SubscribeExecutionsRequest(), metadata=M1)
    await stream.read()
    assert venue.core.subscriber_count == 1
    stream.cancel()

    await until(lambda: venue.core.subscriber_count == 0)
