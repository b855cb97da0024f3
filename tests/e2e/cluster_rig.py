"""Four nodes in one process over real sockets, identities and disks: the rig.

Room: start, stop, wait. Nothing is replaced but the end of the process: faults are collected.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from cli.cluster_files import lay_out
from exchange.cluster_node import ClusterNode
from exchange.config import load_config
from exchange.model.batch import Outcome
from exchange.model.codec import encode_command
from exchange.model.command import Command, CreateInstrument, CreateMember, OpenSession
from exchange.node import AnyNode, build_node
from tests.recorder import ABC, buy, sell

WAIT_S = 20.0

STOCK: tuple[Command, ...] = (
    CreateMember("m1", "r1", "op"),
    CreateMember("m2", "r2", "op"),
    CreateInstrument(ABC, "r3", "op"),
    OpenSession(0, "r4", "op"),
)


class Cluster:
    """Nodes of one layout; each can be started and stopped."""

    def __init__(self, path: Path, mode: str = "continue") -> None:
        nodes = lay_out(path / "cluster", 0, on_single_copy=mode)
        self.layout = {node.name: node for node in nodes}
        self.running: dict[str, AnyNode] = {}
        self.faults: dict[str, list[BaseException]] = {name: [] for name in self.layout}

    async def start(self, *names: str) -> None:
        """Start nodes; all of them by default."""
        for name in names or self.layout:
            config = load_config(self.layout[name].config)
            node = build_node(config, on_fault=self.faults[name].append)
            await node.start()
            self.running[name] = node

    def other(self, than: ClusterNode) -> ClusterNode:
        """The other data node."""
        return self.data("n2" if than.config.node_name == "n1" else "n1")

    async def stop(self, name: str) -> None:
        """Stop one as an operator would."""
        await self.running.pop(name).stop()

    def data(self, name: str) -> ClusterNode:
        """A running node that keeps the log."""
        node = self.running[name]
        assert isinstance(node, ClusterNode)
        return node

    def leading(self) -> ClusterNode | None:
        """The running node that takes commands."""
        for node in self.running.values():
            if isinstance(node, ClusterNode) and node.core.leadership.may_trade:
                return node
        return None

    async def primary(self) -> ClusterNode:
        """The same; waits for one."""
        await self.until(lambda: self.leading() is not None, "a primary")
        found = self.leading()
        assert found is not None
        return found

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + WAIT_S
        while not condition():
            told = {name: errors for name, errors in self.faults.items() if errors}
            assert not told, told
            assert time.monotonic() < deadline, f"did not come within {WAIT_S} s: {what}"
            await asyncio.sleep(0.005)

    async def until_fault(self, name: str, code: str) -> None:
        """Wait until a node would have stopped itself for this reason."""
        deadline = time.monotonic() + WAIT_S
        while not any(code in str(error) for error in self.faults[name]):
            assert time.monotonic() < deadline, f"{name} does not stop: {self.faults[name]}"
            await asyncio.sleep(0.01)

    async def level(self, *names: str) -> None:
        """Wait until nodes have applied what the primary has."""
        primary = await self.primary()
        index = primary.core.applied_index
        for name in names:
            await self.until(
                lambda name=name: self.data(name).core.applied_index >= index,  # type: ignore[misc]
                f"{name} at {index}",
            )

    async def same_state(self, *names: str) -> None:
        """Wait until nodes have the same digests; the log may still be growing by itself."""
        deadline = time.monotonic() + WAIT_S
        while True:
            digests = {name: await self.data(name).core.digest() for name in names}
            if len(set(digests.values())) == 1:
                return
            assert time.monotonic() < deadline, digests
            await asyncio.sleep(0.01)

    async def in_sync(self, *names: str) -> None:
        """Wait until exactly these nodes are in sync."""
        primary = await self.primary()
        await self.until(
            lambda: set(primary.replicator.status().register.in_sync) == set(names),
            f"{names} in sync",
        )


@asynccontextmanager
async def clustered(tmp_path: Path, mode: str = "continue") -> AsyncIterator[Cluster]:
    """A cluster that serves; nothing in it may have failed in the end."""
    cluster = Cluster(tmp_path, mode)
    await cluster.start()
    try:
        yield cluster
    finally:
        for name in list(cluster.running):
            await cluster.stop(name)
    told = {name: errors for name, errors in cluster.faults.items() if errors}
    assert not told, told


async def trade(node: ClusterNode, first: int, rounds: int) -> None:
    """Entries of two orders that trade."""
    for number in range(first, first + rounds):
        await send(node, buy(1, f"b{number}", 20, 1000), sell(2, f"s{number}", 15, 1000))


async def send(node: ClusterNode, *commands: Command) -> Outcome:
    """One submission; waits until it is committed and applied."""
    return await node.core.submit(b"".join(encode_command(c) for c in commands), len(commands))
