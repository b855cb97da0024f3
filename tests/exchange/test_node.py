"""A whole node in process: start, trade, stop, start again; and everything that it refuses."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import grpc
import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from exchange import market_host
from exchange.config import LimitsConfig, NodeConfig, SnapshotConfig
from exchange.engine.build import build_engine
from exchange.errors import InvariantViolation, OperatorFault, Overloaded
from exchange.gateway.ports import DigestResult
from exchange.model.batch import EventBatch
from exchange.model.codec import decode_batch_head, decode_entry_head, encode_command, encode_entry
from exchange.model.command import Command, CreateInstrument, CreateMember, OpenSession
from exchange.model.event import EpochChanged
from exchange.node import Node, refuse_busy_port
from storage.data_directory import DataDirectory
from storage.errors import CorruptionError, DataDirectoryBusyError, ForeignDataError
from storage.event_layout import EventBatchRecord
from tests.recorder import ABC, buy, sell

STOCK: tuple[Command, ...] = (
    CreateMember("m1", "r1", "op"),
    CreateMember("m2", "r2", "op"),
    CreateInstrument(ABC, "r3", "op"),
    OpenSession(0, "r4", "op"),
)


def config(tmp_path: Path, **more: Any) -> NodeConfig:
    return NodeConfig(data_dir=str(tmp_path / "data"), **{"listen": "127.0.0.1:0", **more})


@asynccontextmanager
async def running(settings: NodeConfig) -> AsyncIterator[Node]:
    """A node that serves; it stops as an operator would stop it, and must not have failed."""
    faults: list[BaseException] = []
    node = Node(settings, on_fault=faults.append)
    await node.start()
    try:
        yield node
    finally:
        await node.stop()
    assert not faults, faults


async def send(node: Node, *commands: Command) -> None:
    """One entry of the commands."""
    await node.core.submit(b"".join(encode_command(c) for c in commands), len(commands))


async def trade(node: Node, *, first: int = 0, rounds: int = 3) -> None:
    """Orders of both members, some of which trade."""
    for number in range(first, first + rounds):
        await send(node, buy(1, f"b{number}", 20, 1000), sell(2, f"s{number}", 15, 1000))


def replay(data: DataDirectory) -> DigestResult:
    """The digests that an engine of our own gives for the journal."""
    engine = build_engine("reference")
    for _, entry in data.journal.scan(1):
        engine.apply(entry)
    return DigestResult(engine.applied_index, engine.digest(), engine.events_digest())


async def test_start_trade_stop_and_start_again_gives_the_same_state(tmp_path: Path) -> None:
    settings = config(tmp_path)
    async with running(settings) as node:
        await send(node, *STOCK)
        await trade(node)
        before = await node.core.digest()
        depth = node.core.books.depth(1)
        assert node.core.epoch == 1
    async with running(settings) as node:
        assert node.recovery is not None
        assert node.recovery.last_index == before.log_index
        entry = node.core.applied_index
        assert entry == before.log_index + 1  # the epoch of the new leadership, and nothing else
        assert node.core.epoch == 2
        assert node.core.books.depth(1) == depth
        after = await node.core.digest()
        trades = await node.core.trades.newest(1, 10)
        assert [tick.trade.trade_id for tick in trades] == list(range(len(trades), 0, -1))
        assert len(trades) >= 3
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        assert replay(data) == after
        last = data.events.read_from(data.events.last_seq, 1)[-1]
        assert last.log_index == after.log_index


async def test_a_new_directory_gets_a_cluster_of_its_own(tmp_path: Path) -> None:
    async with running(config(tmp_path)) as node:
        assert re.fullmatch(r"lockstep-[0-9a-f]{12}", node.core.cluster_id)
        made = node.core.cluster_id
    async with running(config(tmp_path, cluster_id=made)) as node:
        assert node.core.cluster_id == made
    with pytest.raises(ForeignDataError, match=made):
        await Node(config(tmp_path, cluster_id="other")).start()


async def test_it_serves_health_and_says_where(tmp_path: Path) -> None:
    async with running(config(tmp_path)) as node:
        host, _, port = node.endpoint.rpartition(":")
        assert host == "127.0.0.1"
        assert int(port) > 0
        async with aio.insecure_channel(node.endpoint) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            answer = await stub.Check(health_pb2.HealthCheckRequest())
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        (status,) = node.core.status()
        assert (status.name, status.role, status.epoch) == ("n1", "primary", 1)
        assert status.endpoint == node.endpoint
        assert status.pid == os.getpid()
        assert status.healthy
        assert status.durable_seq == status.applied_seq == 1
        gone = node.endpoint
    async with aio.insecure_channel(gone) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        with pytest.raises(aio.AioRpcError) as raised:
            await stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
        assert raised.value.code() == grpc.StatusCode.UNAVAILABLE


async def test_the_first_entry_of_a_leadership_is_its_epoch(tmp_path: Path) -> None:
    async with running(config(tmp_path, node_name="n7")) as node:
        await node.core.trades.newest(1, 1)  # settles the index
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        (row,) = data.events.read_from(1, 1 << 20)
        (epoch,) = EventBatch(row.payload).events
        assert epoch.event == EpochChanged(1, "n7")
        assert decode_entry_head(data.journal.read(1)).epoch == 1


async def test_a_busy_port_is_refused_before_the_directory_is_touched(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        node = Node(config(tmp_path, listen=f"127.0.0.1:{port}"))
        with pytest.raises(OperatorFault, match=rf"127\.0\.0\.1:{port}.*--port"):
            await node.start()
    assert not (tmp_path / "data").exists()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(OperatorFault, match=r"203\.0\.113\.7"):
        refuse_busy_port("203.0.113.7", 7001)


async def test_a_directory_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / "data"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    with pytest.raises(ForeignDataError, match="not empty"):
        await Node(config(tmp_path)).start()
    assert [path.name for path in foreign.iterdir()] == ["thesis.txt"]


async def test_a_second_node_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    async with running(config(tmp_path)) as node:
        with pytest.raises(DataDirectoryBusyError, match="in use by"):
            await Node(config(tmp_path)).start()
        await send(node, *STOCK)  # the first one does not mind


async def test_the_directory_of_another_node_is_refused(tmp_path: Path) -> None:
    async with running(config(tmp_path)):
        pass
    with pytest.raises(OperatorFault, match=r"of node 'n1'.*node_name = 'n2'"):
        await Node(config(tmp_path, node_name="n2")).start()
    async with running(config(tmp_path)) as node:
        assert node.core.epoch == 2  # the refused start took none


async def test_an_engine_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorFault, match="no engine is named 'fast'"):
        await Node(config(tmp_path, engine="fast")).start()


async def test_after_a_failed_start_the_node_can_start(tmp_path: Path) -> None:
    settings = config(tmp_path)
    with DataDirectory.open(tmp_path / "data", create=True, cluster_id="c"):
        node = Node(settings)
        with pytest.raises(DataDirectoryBusyError):
            await node.start()
        await node.stop()
    async with running(settings) as node:
        assert node.core.cluster_id == "c"


def test_there_is_no_market_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(InvariantViolation, match="NODE_NOT_STARTED"):
        _ = Node(config(tmp_path)).core


async def test_a_damaged_byte_in_the_log_is_refused_by_name(tmp_path: Path) -> None:
    async with running(config(tmp_path)) as node:
        await send(node, *STOCK)
        await trade(node, rounds=100)
    file = tmp_path / "data" / "log" / "data.mdb"
    damage(file, b"\x02b3")  # a cl_ord_id, in an entry far from the end
    with pytest.raises(CorruptionError, match="log index 6") as raised:
        await Node(config(tmp_path)).start()
    assert str(file.parent) in str(raised.value)


def damage(file: Path, found: bytes) -> None:
    """Flip the last bit of `found` wherever it stands, in free pages too."""
    raw = file.read_bytes()
    assert found in raw
    file.write_bytes(raw.replace(found, found[:-1] + bytes((found[-1] ^ 1,))))


async def test_a_snapshot_and_the_log_after_it_give_the_state(tmp_path: Path) -> None:
    settings = config(tmp_path)
    async with running(settings) as node:
        await send(node, *STOCK)
        await trade(node)
        taken = await node.core.create_snapshot()
        await trade(node, first=3)
        before = await node.core.digest()
    async with running(settings) as node:
        assert node.recovery is not None
        assert node.recovery.snapshot_index == taken.log_index
        assert node.recovery.replayed_entries == before.log_index - taken.log_index
        await trade(node, first=6)
        after = await node.core.digest()
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        assert replay(data) == after


async def test_snapshots_are_taken_as_commands_come_and_the_newest_are_kept(
    tmp_path: Path,
) -> None:
    settings = config(tmp_path, snapshots=SnapshotConfig(every_commands=4, keep=2))
    async with running(settings) as node:
        await send(node, *STOCK)
        for number in range(5):
            await trade(node, first=10 * number, rounds=4)
            await node.core.create_snapshot()
        newest = await node.core.create_snapshot()
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        kept = [info.log_index for info in data.snapshots.list()]
        assert kept[0] == newest.log_index
        assert len(kept) == 2


async def test_a_damaged_snapshot_is_passed_over_for_an_older_one(tmp_path: Path) -> None:
    settings = config(tmp_path)
    async with running(settings) as node:
        await send(node, *STOCK)
        first = await node.core.create_snapshot()
        await trade(node)
        second = await node.core.create_snapshot()
        before = await node.core.digest()
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        old = data.snapshots.read(first.log_index)[1]
        new = data.snapshots.read(second.log_index)[1]
    windows = (new[at : at + 24] for at in range(len(new) - 24))
    damage(tmp_path / "data" / "index" / "data.mdb", next(w for w in windows if w not in old))
    async with running(settings) as node:
        assert node.recovery is not None
        assert node.recovery.snapshot_index == first.log_index
        assert node.recovery.last_index == before.log_index
        after = await node.core.digest()
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        assert replay(data) == after


async def stocked(settings: NodeConfig) -> None:
    """Leave a directory behind in which something was traded."""
    async with running(settings) as node:
        await send(node, *STOCK)
        await trade(node)


def unheard(data: DataDirectory) -> tuple[bytes, bytes]:
    """An entry that follows the log, and its events; neither is stored."""
    engine = build_engine("reference")
    for _, entry in data.journal.scan(1):
        engine.apply(entry)
    body = encode_command(buy(1, "late", 20, 1000)) + encode_command(sell(2, "later", 20, 1000))
    entry = encode_entry(engine.applied_index + 1, 1, engine.now_ns + 1, 2, body)
    return entry, engine.apply(entry)


async def test_a_log_that_is_longer_than_the_event_index_heals_it(tmp_path: Path) -> None:
    settings = config(tmp_path)
    await stocked(settings)
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        entry, events = unheard(data)
        data.journal.append([(data.journal.last_index + 1, entry)])
    head = decode_batch_head(events)
    async with running(settings) as node:
        assert node.core.last_seq > head.last_seq
        (newest,) = await node.core.trades.newest(1, 1)
        assert newest.trade.sell.cl_ord_id == "later"
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        assert data.events.read_from(head.first_seq, 1)[0].payload == events


async def test_events_that_differ_from_their_replay_are_refused(tmp_path: Path) -> None:
    await stocked(config(tmp_path))
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        entry, events = unheard(data)
        data.journal.append([(data.journal.last_index + 1, entry)])
        head = decode_batch_head(events)
        forged = events.replace(b"later", b"never")
        row = EventBatchRecord(head.first_seq, head.last_seq, head.log_index, forged)
        data.events.append([row])
    with pytest.raises(CorruptionError, match=f"seq {head.first_seq}"):
        await Node(config(tmp_path)).start()


async def test_an_event_index_ahead_of_the_log_is_refused(tmp_path: Path) -> None:
    await stocked(config(tmp_path))
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        _, events = unheard(data)
        head = decode_batch_head(events)
        row = EventBatchRecord(head.first_seq, head.last_seq, head.log_index, events)
        data.events.append([row])
    with pytest.raises(InvariantViolation, match=f"AHEAD_OF_THE_LOG.*{head.last_seq}"):
        await Node(config(tmp_path)).start()


async def test_an_entry_that_cannot_be_applied_is_refused(tmp_path: Path) -> None:
    await stocked(config(tmp_path))
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        last = data.journal.last_index
        data.journal.append([(last + 1, b"not an entry")])
    with pytest.raises(InvariantViolation, match=f"LOG_ENTRY_NOT_APPLICABLE.*{last + 1}"):
        await Node(config(tmp_path)).start()


async def test_a_node_starts_on_a_disk_that_is_nearly_full_and_takes_no_commands(
    tmp_path: Path,
) -> None:
    async with running(config(tmp_path, limits=LimitsConfig(disk_reserve_bytes=1 << 60))) as node:
        with pytest.raises(Overloaded, match=r"below the reserve.*disk_reserve_bytes") as raised:
            await send(node, *STOCK)
        assert raised.value.reason == "DISK_NEARLY_FULL"
        (status,) = node.core.status()
        assert not status.healthy
        assert str(tmp_path / "data") in status.alarms[0]
        assert await node.core.query(lambda engine: engine.members()) == []


async def test_the_disk_alarm_comes_and_goes_with_the_room(tmp_path: Path) -> None:
    reserve = LimitsConfig().disk_reserve_bytes
    with (
        mock.patch.object(market_host, "DISK_CHECK_PERIOD_S", 0.005),
        mock.patch.object(DataDirectory, "free_bytes", return_value=reserve) as free,
    ):
        async with running(config(tmp_path)) as node:
            await send(node, *STOCK)
            free.return_value = reserve - 1
            await until(lambda: node.core.alarms != ())
            with pytest.raises(Overloaded):
                await trade(node)
            free.return_value = reserve
            await until(lambda: node.core.alarms == ())
            await trade(node)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something that the node does by itself has happened."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the node tells nobody
            await asyncio.sleep(0.002)
