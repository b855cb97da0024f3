"""One peer of one purpose: which connection is live, and what the handler is told of it.

Room: the state of a link over its connections. Whoever has a greeted connection (dialer or
acceptor, `tls_link.py`) calls `carry`, which closes the old connection first, waits until its
`on_down` was told, and then reads until the new one ends. That order is the promise of
`LinkHandler`.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from replication.link_channel import Channel, ChannelClosed
from replication.link_frames import DATA, PING, FrameError, FrameReader, pack_frame
from replication.links import LinkHandler, LinkState

SUCCESSION_S: Final = 5.0
"""How long a new connection waits for the old one's handler to return."""

PING_FRAME: Final = pack_frame(PING, b"")


class Busy(Exception):
    """The place is taken; the text says by whom."""


class PeerLink:
    """The link to one peer for one purpose. Thread-safe."""

    def __init__(
        self, peer: str, endpoint: str, frame_bytes_max: int, *, silence_ns: int, dials: bool
    ) -> None:
        self.peer = peer
        self.endpoint = endpoint
        self.dials = dials
        self.handler: LinkHandler | None = None
        self.problem = "not connected yet" if dials else "waiting for the peer to dial"
        self._frame_bytes_max = frame_bytes_max
        self._silence_ns = silence_ns
        self._turn = threading.Lock()  # one connection at a time gets to `_take_over`
        self._free = threading.Event()
        self._free.set()
        self._channel: Channel | None = None
        self._boot = 0
        self._generation = 0
        self._in_handler = False
        self._sent_bytes = self._received_bytes = self._last_received_ns = 0

    def send(self, frame: bytes) -> bool:
        """As `Links.send`."""
        channel = self._channel
        if channel is None or len(frame) > self._frame_bytes_max:
            return False
        if not channel.send(pack_frame(DATA, frame)):
            return False
        self._sent_bytes += len(frame)
        return True

    def state(self) -> LinkState:
        """How the link is."""
        channel = self._channel
        return LinkState(
            connected=channel is not None,
            generation=self._generation,
            endpoint=self.endpoint,
            queued_bytes=0 if channel is None else channel.queued_bytes,
            sent_bytes=self._sent_bytes,
            received_bytes=self._received_bytes,
            last_received_ns=self._last_received_ns if channel is None else channel.received_ns,
            problem="" if channel is not None else self.problem,
        )

    def carry(self, channel: Channel, boot: int, reader: FrameReader, welcome: bytes) -> None:
        """Take the place of the old connection, send `welcome`, and read until the end.

        `reader` holds what came with the greeting. Returns after `on_down`. Raises Busy when the
        old connection is of another process that is still heard, or does not end.
        """
        handler = self.handler
        if handler is None:
            raise Busy("these links are not started")
        with self._turn:
            self._take_over(boot)
            self._free.clear()
            self._boot = boot
            self._generation += 1
            generation = self._generation
        why = "the handler failed"
        is_up = False
        try:
            if welcome and not channel.send(welcome):
                raise ChannelClosed(channel.closed or "closed during the greeting")
            self._channel = channel
            is_up = True
            handler.on_up(self.peer, generation)
            self._read(channel, reader, handler, generation)
        except ChannelClosed as ended:
            why = str(ended)
        except FrameError as error:
            why = f"not understood: {error}"
        except OSError as error:
            why = channel.closed or f"connection lost: {error}"
        finally:
            self._in_handler = False
            channel.close(why)
            self.problem = channel.closed
            self._last_received_ns = channel.received_ns
            self._channel = None
            try:
                if is_up:
                    handler.on_down(self.peer, generation, channel.closed)
            finally:
                self._free.set()

    def watch(self, now_ns: int, ping_ns: int) -> None:
        """Close a connection that fell silent; send a ping where nothing else was sent."""
        channel = self._channel
        if channel is None:
            return
        if self._in_handler:
            channel.received_ns = now_ns  # we are the slow one
        elif now_ns - channel.received_ns > self._silence_ns:
            channel.close(f"nothing heard for {self._silence_ns / 1e9:g} s")
            return
        if now_ns - channel.sent_ns >= ping_ns:
            channel.send(PING_FRAME)

    def forgive(self, now_ns: int) -> None:
        """Begin the silence anew: this process itself stood still."""
        channel = self._channel
        if channel is not None:
            channel.received_ns = now_ns

    def close(self, why: str) -> None:
        """End the live connection, if there is one."""
        channel = self._channel
        if channel is not None:
            channel.close(why)

    def wait_free(self, seconds: float) -> bool:
        """Wait until no connection is left."""
        return self._free.wait(seconds)

    def _take_over(self, boot: int) -> None:
        old = self._channel
        if old is not None:
            heard_ns = time.monotonic_ns() - old.received_ns
            if boot != self._boot and heard_ns < self._silence_ns and not old.closed:
                raise Busy(
                    f"another process is linked here under the name {self.peer!r} and was heard "
                    f"{heard_ns // 1_000_000} ms ago: stop one of the two"
                )
            old.close("replaced by a newer connection")
        if not self._free.wait(SUCCESSION_S):
            raise Busy("the old connection is still being closed")

    def _read(
        self, channel: Channel, reader: FrameReader, handler: LinkHandler, generation: int
    ) -> None:
        data = b""
        while True:
            for kind, body in reader.feed(data):
                if kind == DATA:
                    self._received_bytes += len(body)
                    self._in_handler = True
                    handler.on_frame(self.peer, generation, body)
                elif kind != PING:
                    raise FrameError(f"frame of kind {kind} after the greeting")
            if self._in_handler:
                handler.on_pause(self.peer, generation)
                self._in_handler = False
            data = channel.receive()
