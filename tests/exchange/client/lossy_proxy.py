"""A TCP proxy between client and exchange that loses what a test wants it to lose.

Room: bytes in both directions on loopback. `cut` breaks every connection at once; while
`loses_answers` is set, what the exchange says is thrown away, so that commands take effect and
nobody hears of it; while it is frozen, connections stay and new ones are taken, and no byte moves,
as with a node that was stopped (SIGSTOP).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self

CHUNK_BYTES = 1 << 16


class LossyProxy:
    """Listens on a free port of 127.0.0.1 and forwards to `target` (HOST:PORT)."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.loses_answers = False
        self.connections = 0
        self.moved = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._moves = asyncio.Event()
        self._moves.set()

    def freeze(self) -> None:
        """Move no byte until `thaw`."""
        self._moves.clear()

    def thaw(self) -> None:
        """Go on where it stopped."""
        self._moves.set()

    @property
    def endpoint(self) -> str:
        """HOST:PORT of the proxy."""
        if self._server is None:
            raise RuntimeError("the proxy is not started")
        port = self._server.sockets[0].getsockname()[1]
        return f"127.0.0.1:{port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.thaw()
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Break all connections now."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._moves.wait()
        host, _, port = self.target.rpartition(":")
        try:
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
        except ConnectionRefusedError:
            writer.transport.abort()
            return
        self.connections += 1
        self._writers |= {writer, far_writer}
        await asyncio.gather(
            self._pump(reader, far_writer, is_answer=False),
            self._pump(far_reader, writer, is_answer=True),
        )

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK_BYTES):
                await self._moves.wait()
                self.moved += len(data)
                if not (is_answer and self.loses_answers):
                    writer.write(data)
                    await writer.drain()
        writer.transport.abort()
        self._writers.discard(writer)
