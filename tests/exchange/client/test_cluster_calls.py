"""Steering goes to the primary, once; what was compared and streamed is what the node has."""

from __future__ import annotations

import asyncio

import pytest

from exchange.client import AsyncClient, OutcomeUnknownError, RefusedError
from exchange.engine.build import build_engine
from tests.exchange.client.conftest import Venue, until
from tests.exchange.client.lossy_proxy import LossyProxy
from tests.exchange.gateway.test_cluster_servicer import TwinCluster
from tests.exchange.gateway.venue import Venue as Gateway


async def test_operators_steer_with_words() -> None:
    twin = TwinCluster()
    async with Gateway(cluster=twin, stock=False) as gateway:
        endpoint = f"127.0.0.1:{gateway.server.port}"
        async with AsyncClient(endpoint, operator="ann") as client:
            assert (await client.fence_node("n2", reason="disk")).fenced["n2"] == "disk"
            assert not (await client.unfence_node("n2", reason="new disk")).fenced
            await client.set_on_single_copy("pause", reason="drill")
            await client.degrade(reason="go on")
            with pytest.raises(ValueError, match="spare, continue, pause"):
                await client.set_on_single_copy("maybe", reason="x")
            assert (await client.dr_status()).lag_entries == 5
            assert len((await client.test_dr()).checks) == 2
            assert (await client.transfer_primary(reason="x", validate_only=True)).primary == "n1"
            assert (await client.transfer_primary("n2", reason="move")).primary == "n2"
            done = await client.promote_dr(accepted_log_index=90, reason="fire")
            assert done.register.generation == 2
    assert twin.reasons == ["disk", "new disk", "drill", "go on", "move", "fire"]


async def test_steering_is_not_repeated_when_its_fate_is_unknown() -> None:
    twin = TwinCluster()
    async with Gateway(cluster=twin, stock=False) as gateway:
        endpoint = f"127.0.0.1:{gateway.server.port}"
        async with (
            LossyProxy(endpoint) as proxy,
            AsyncClient(proxy.endpoint, operator="ann", timeout=5) as client,
        ):
            await client.status()
            proxy.loses_answers = True
            fencing = asyncio.create_task(client.fence_node("n2", reason="disk"))
            await until(lambda: _true(bool(twin.reasons)))
            proxy.cut()
            with pytest.raises(OutcomeUnknownError, match="fence n2"):
                await fencing
    assert twin.reasons == ["disk"]


async def _true(value: bool) -> bool:
    return value


async def test_a_single_node_is_not_steered(venue: Venue) -> None:
    async with AsyncClient(venue.endpoint, operator="ann") as client:
        with pytest.raises(RefusedError) as refused:
            await client.fence_node("n2", reason="x")
    assert refused.value.reason == "NOT_A_CLUSTER"


async def test_a_snapshot_comes_whole(venue: Venue, alice: AsyncClient) -> None:
    await alice.submit_order("ABC", "buy", 1, "1.00")
    async with AsyncClient(venue.endpoint, operator="ann") as client:
        index, state = await client.snapshot()
        digest = await client.digest()
        last = (await client.status()).last_seq
        compared = await client.compare_digests(1, last)
    engine = build_engine("reference")
    engine.restore(state)
    assert (index, engine.digest().hex()) == (digest.log_index, digest.state_digest)
    assert (compared.newest_seq, compared.last_log_index) == (last, index)
