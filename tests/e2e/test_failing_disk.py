"""A node whose disk refuses: it stops itself, says why, and what it acknowledged is there.

Without root: RLIMIT_FSIZE makes writes beyond an offset fail with EFBIG on a running process, and a
small `log_map_bytes` makes LMDB refuse the next page. Both are final for the process (DESIGN
section 5, RELIABILITY section 2: never retry after a failed flush); afterwards there is room again
and the same directory must hold every acknowledged order.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from chaos.checker import Checker
from chaos.facts import fact_of_report
from chaos.history import History, Key
from chaos.journal_reader import entries
from chaos.process import NodeProcess, Settings
from exchange.client import (
    AsyncClient,
    OutcomeUnknownError,
    OverloadedError,
    instrument,
    new_order,
)

FAIL_STOP = 70
TICK = 10_000_000
SMALL: dict[str, Settings] = {
    "log map full": {"log_map_bytes": 256 << 10},
    "index map full": {"index_map_bytes": 96 << 10},
    "log file too large": {},
}
ORDERS_MAX = 100_000
MESSAGE = 50


async def set_up(endpoint: str) -> None:
    async with AsyncClient(endpoint, operator="disk") as client:
        await client.create_member("alice")
        await client.create_instrument(
            instrument("ABC", "equity", currency="USD", mic="XLCK", tick_size=TICK)
        )
        await client.open_session()


async def trade_until_it_stops(endpoint: str, history: History) -> list[Any]:
    """Enter orders until the node is gone; the commands of unknown outcome."""
    async with (
        AsyncClient(endpoint, member="alice", timeout=2) as client,
        client.order_session() as session,
    ):
        for first in range(0, ORDERS_MAX, MESSAGE):
            commands = [
                new_order("ABC", "buy", 1, TICK * (1 + n % 90), cl_ord_id=f"a{n}")
                for n in range(first, first + MESSAGE)
            ]
            for command in commands:
                history.sent(Key("alice", command.cl_ord_id), "submit")
            try:
                results = await session.send(commands)
            except OutcomeUnknownError:
                for command in commands:
                    history.unknown(Key("alice", command.cl_ord_id))
                return commands
            for command, result in zip(commands, results, strict=True):
                facts = [fact_of_report(report) for report in result.reports]
                history.acknowledged(Key("alice", command.cl_ord_id), facts)
    raise AssertionError(f"the disk took {ORDERS_MAX} orders")


async def send_again(endpoint: str, history: History, commands: list[Any]) -> None:
    async with AsyncClient(endpoint, member="alice") as client:
        for command in commands:
            key = Key("alice", command.cl_ord_id)
            history.sent(key, "submit")
            outcome = await client.send(command)
            history.acknowledged(key, [fact_of_report(report) for report in outcome.reports])


async def digest_of(endpoint: str) -> Any:
    async with AsyncClient(endpoint, operator="disk") as client:
        return await client.digest()


def check(node: NodeProcess, history: History) -> None:
    """Everything acknowledged is in the journal, and the node is where its replay is."""
    digest = asyncio.run(digest_of(node.endpoint))
    checker = Checker()
    checker.replay(entries(node.data_dir, 1, digest.log_index))
    checker.check_digest(digest.log_index, digest.state_digest, digest.events_digest)
    checker.check_acknowledged(history.since(0))
    assert checker.violations == []


def started(directory: Path, settings: Settings) -> NodeProcess:
    node = NodeProcess(directory, settings)
    node.start()
    node.wait_serving()
    asyncio.run(set_up(node.endpoint))
    return node


@pytest.mark.timeout(120)
@pytest.mark.parametrize("fault", SMALL)
def test_a_node_whose_disk_cannot_be_written_stops_and_loses_nothing(
    tmp_path: Path, fault: str
) -> None:
    node = started(tmp_path, SMALL[fault])
    history = History()
    try:
        if fault == "log file too large":
            size = (node.data_dir / "log" / "data.mdb").stat().st_size
            node.limit_file_size(size + (64 << 10))
        unknown = asyncio.run(trade_until_it_stops(node.endpoint, history))

        assert node.wait() == FAIL_STOP, node.last_output()
        (text,) = node.faults()
        assert "DiskFaultError" in text
        assert str(node.data_dir / fault.split(maxsplit=1)[0]) in text
        assert history.acknowledged_count >= MESSAGE, "it did work before"

        node.reconfigure({})
        node.start()
        node.wait_serving()
        check(node, history)
        asyncio.run(send_again(node.endpoint, history, unknown))
        check(node, history)
        assert node.stop() == 0
    finally:
        node.kill()


@pytest.mark.timeout(120)
def test_below_the_disk_reserve_new_commands_are_refused_and_nothing_else(tmp_path: Path) -> None:
    node = started(tmp_path, {})
    history = History()
    try:
        order = new_order("ABC", "buy", 1, TICK, cl_ord_id="before")
        asyncio.run(send_again(node.endpoint, history, [order]))
        assert node.stop() == 0
        node.reconfigure({"limits": {"disk_reserve_bytes": 1 << 60}})
        node.start()
        node.wait_serving()

        code, reason, alarms = asyncio.run(refused_order(node.endpoint))

        assert (code, reason) == ("RESOURCE_EXHAUSTED", "DISK_NEARLY_FULL")
        assert "disk_reserve_bytes" in alarms[0]
        node.reconfigure({})
        assert node.stop() == 0
        node.start()
        node.wait_serving()
        order = new_order("ABC", "buy", 1, TICK, cl_ord_id="after")
        asyncio.run(send_again(node.endpoint, history, [order]))
        check(node, history)
    finally:
        node.kill()


async def refused_order(endpoint: str) -> tuple[str, str, list[str]]:
    """Code and reason of the refusal, and the alarms; queries still answer."""
    async with AsyncClient(endpoint, member="alice", timeout=3) as client:
        with pytest.raises(OverloadedError) as refusal:
            await client.submit_order("ABC", "buy", 1, TICK)
        assert (await client.get_order("before")).leaves_qty == 1
        status = await client.status()
        fault = refusal.value.fault
        return fault.code, fault.reason, list(status.nodes[0].alarms)
