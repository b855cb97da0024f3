"""A TCP relay between the nodes of a cluster: what the network between them does, without root.

Room: a process of its own (`python -m chaos.relay`), so that what chaos itself computes does not
slow the nodes' links down. One listening port per pair of nodes; bytes are carried, held or delayed
per direction. Bytes that are held are not lost: as with TCP on a broken network they come when it
heals, unless the connection was given up meanwhile.

stdin, one JSON object a line, each answered with a line on stdout once it holds:

    {"open": [["n1", "n2", "127.0.0.1:7102"], ...]}       -> {"n1>n2": "127.0.0.1:PORT", ...}
    {"hold": [["n1", "n2"]]}      bytes from n1 to n2 stand still           -> {}
    {"free": [["n1", "n2"]]}      they go on                                -> {}
    {"delay_ms": 20}              each direction of each pair from now on   -> {}
    {"cut": [["n1", "n2"]]}       connections between the two break         -> {}
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict
from contextlib import suppress
from typing import Any

CHUNK_BYTES = 1 << 16
LOOPBACK = "127.0.0.1"

Pair = tuple[str, str]
"""From, to."""


class Relay:
    """All pairs of one cluster. One event loop."""

    def __init__(self) -> None:
        self.delay_s = 0.0
        self._gates: defaultdict[Pair, asyncio.Event] = defaultdict(_open_gate)
        self._writers: defaultdict[Pair, set[asyncio.StreamWriter]] = defaultdict(set)
        self._servers: list[asyncio.Server] = []

    async def open(self, dialer: str, peer: str, target: str) -> str:
        """Listen for `dialer`, and carry what comes to `target`, where `peer` is; HOST:PORT."""

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._carry((dialer, peer), target, reader, writer)

        server = await asyncio.start_server(carry, LOOPBACK, 0)
        self._servers.append(server)
        return f"{LOOPBACK}:{server.sockets[0].getsockname()[1]}"

    def hold(self, pair: Pair) -> None:
        """Let nothing through from the first to the second."""
        self._gates[pair].clear()

    def free(self, pair: Pair) -> None:
        """Let it through again."""
        self._gates[pair].set()

    def cut(self, pair: Pair) -> None:
        """Break the connections between the two."""
        for key in (pair, pair[::-1]):
            for writer in self._writers.pop(key, set()):
                writer.transport.abort()

    async def _carry(
        self, pair: Pair, target: str, near: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        host, _, port = target.rpartition(":")
        try:
            await self._gates[pair].wait()
            far, forth = await asyncio.open_connection(host, int(port))
        except OSError:
            back.transport.abort()
            return
        self._writers[pair].add(forth)
        self._writers[pair[::-1]].add(back)
        await asyncio.gather(
            self._pump(pair, near, forth), self._pump((pair[1], pair[0]), far, back)
        )

    async def _pump(
        self, pair: Pair, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):  # a connection that broke is carried on as one
            while data := await reader.read(CHUNK_BYTES):
                await self._gates[pair].wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                writer.write(data)
                await writer.drain()
        await self._gates[pair].wait()  # its end is news too, and stands still with the rest
        writer.transport.abort()
        self._writers[pair].discard(writer)


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


async def obey(relay: Relay, order: dict[str, Any]) -> dict[str, str]:
    """Do what one line of stdin says; the answer to it."""
    answer: dict[str, str] = {}
    for dialer, peer, target in order.get("open", ()):
        answer[f"{dialer}>{peer}"] = await relay.open(dialer, peer, target)
    for first, second in order.get("hold", ()):
        relay.hold((first, second))
    for first, second in order.get("free", ()):
        relay.free((first, second))
    for first, second in order.get("cut", ()):
        relay.cut((first, second))
    if "delay_ms" in order:
        relay.delay_s = order["delay_ms"] / 1000
    return answer


async def main() -> None:
    """Obey stdin until it ends."""
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    relay = Relay()
    while line := await orders.readline():
        answer = await obey(relay, json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
