"""Links: frames between named nodes, in order, at most one live connection per peer and purpose.

Room: the port that replication speaks through, and what a link tells of itself. The sockets are
in `tls_link.py`, the in-memory twin for tests in `memory_links.py`.

What an implementation promises:

- Frames of one generation arrive whole, in order, at most once; frames may be lost at the end of
  a generation, never in its middle. Every new connection has a higher generation.
- For one peer the calls are `on_up`, `on_frame`..., `on_down`, never two at a time, and `on_down`
  of a generation comes before `on_up` of the next. Calls for different peers may overlap.
- The peer is who its certificate says; frames of anybody else never reach a handler.
- A handler must not block for long: while it runs, nothing more of that peer is read, and once
  the peer's own bounded queue is full its `send` says False. A handler that raises ends the link.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import msgspec

FRAME_BYTES_MAX: Final = 20 * 1024 * 1024
"""Longest frame by default: a log batch of 16 MiB (IO.md) and its surroundings."""

QUEUE_BYTES_MAX: Final = 64 * 1024 * 1024
"""Bytes that wait for one slow peer before `send` says False; bounds the memory per link."""


class LinkError(Exception):
    """The links cannot be built as configured; the text says what to change."""


class LinkState(msgspec.Struct, frozen=True):
    """One peer's link as the node sees it.

    Attributes:
        connected: frames flow.
        generation: of the live connection, or of the last one; 0 = there never was one.
        endpoint: HOST:PORT where the peer is reached, "" where the peer dials.
        queued_bytes: accepted by `send` and not yet handed to the kernel.
        sent_bytes: of frames, since start.
        received_bytes: of frames, since start.
        last_received_ns: monotonic clock when anything was last heard; 0 = never.
        problem: why it is not connected, in words; "" while it is.
    """

    connected: bool = False
    generation: int = 0
    endpoint: str = ""
    queued_bytes: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    last_received_ns: int = 0
    problem: str = ""


class LinkHandler(Protocol):
    """What a user of links is told, on link threads (see the module's promises)."""

    def on_up(self, peer: str, generation: int) -> None:
        """A connection to `peer` lives; `send` works from now on."""

    def on_frame(self, peer: str, generation: int, frame: bytes) -> None:
        """One frame of `peer`, as it was given to `send` there."""

    def on_pause(self, peer: str, generation: int) -> None:
        """All frames that had come were given: time for what is better done once for many."""

    def on_down(self, peer: str, generation: int, why: str) -> None:
        """The connection ended; frames not yet delivered are lost."""


class Links(Protocol):
    """Links of one purpose to a fixed set of peers. Thread-safe."""

    def send(self, peer: str, frame: bytes) -> bool:
        """Hand a frame over; never blocks.

        False: not connected, the frame is longer than the limit, or the queue of that peer is
        full. True promises nothing about arrival. Raises KeyError for an unknown peer.
        """

    def start(self, handler: LinkHandler) -> None:
        """Begin to connect; once only."""

    def stop(self) -> None:
        """Close every connection; after return no handler is called any more."""

    def peers(self) -> Mapping[str, LinkState]:
        """How each configured peer's link is."""
