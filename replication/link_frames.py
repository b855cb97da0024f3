"""Frames on a link connection and the greeting that opens it.

Room: bytes <-> frames, pure. Nothing from the network is believed before its length was checked
against the limit of its kind and its CRC was right.

Frame (little-endian)

    offset  size  type   field
    0       4     u32    length of kind and body, bytes; 1 to the limit of the kind
    4       4     u32    crc32c of kind and body
    8       1     u8     kind
    9       n     bytes  body

| kind | name    | direction | body                                                       |
|------|---------|-----------|------------------------------------------------------------|
| 1    | HELLO   | dialer    | MessagePack `Hello`, first frame of a connection           |
| 2    | WELCOME | acceptor  | MessagePack `Welcome`, the answer; frames flow from then on |
| 3    | REFUSE  | acceptor  | MessagePack `Refusal`, then the connection is closed       |
| 4    | PING    | both      | empty; sent when nothing else was                          |
| 16   | DATA    | both      | the frame of the user of the link                          |
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

import msgspec
import xxhash

from storage.format import crc32c

LINK_PROTOCOL: Final = 1

HELLO: Final = 1
WELCOME: Final = 2
REFUSE: Final = 3
PING: Final = 4
DATA: Final = 16

GREETING_BYTES_MAX: Final = 4096
_HEADER = struct.Struct("<II")
FRAME_OVERHEAD: Final = _HEADER.size + 1
_COMPACT_AT: Final = 1 << 20


class FrameError(Exception):
    """What came is no frame of this protocol; the connection is of no more use."""


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who dials, whom it means to reach, and for what.

    Attributes:
        protocol: LINK_PROTOCOL.
        cluster: `cluster_hash` of the cluster id.
        node: name of the sender; must be in its certificate.
        peer: name of the node that it means to reach.
        purpose: which links of the endpoint.
        boot: made anew by every start of a process; tells a reconnect from a namesake.
    """

    protocol: int
    cluster: bytes
    node: str
    peer: str
    purpose: str
    boot: int


class Welcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The acceptor's answer."""

    node: str
    boot: int


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the acceptor will not talk, by name."""

    why: str


def cluster_hash(cluster_id: str) -> bytes:
    """Hash of a cluster's id, 16 bytes; tells clusters apart, is no secret."""
    return xxhash.xxh3_128_digest(cluster_id.encode())


def pack_frame(kind: int, body: bytes) -> bytes:
    """Build a frame."""
    content = bytes((kind,)) + body
    return _HEADER.pack(len(content), crc32c(content)) + content


def pack_greeting(kind: int, message: Hello | Welcome | Refusal) -> bytes:
    """Build one of the three frames that open a connection."""
    return pack_frame(kind, msgspec.msgpack.encode(message))


def unpack_hello(body: bytes) -> Hello:
    """Read a HELLO. Raises FrameError."""
    try:
        return msgspec.msgpack.decode(body, type=Hello)
    except msgspec.DecodeError as error:
        raise FrameError(f"HELLO cannot be read: {error}") from error


def unpack_welcome(body: bytes) -> Welcome:
    """Read a WELCOME. Raises FrameError."""
    try:
        return msgspec.msgpack.decode(body, type=Welcome)
    except msgspec.DecodeError as error:
        raise FrameError(f"WELCOME cannot be read: {error}") from error


def unpack_refusal(body: bytes) -> Refusal:
    """Read a REFUSE. Raises FrameError."""
    try:
        return msgspec.msgpack.decode(body, type=Refusal)
    except msgspec.DecodeError as error:
        raise FrameError(f"REFUSE cannot be read: {error}") from error


class FrameReader:
    """Cuts a byte stream into frames. One thread; holds at most one frame and one read."""

    def __init__(self, frame_bytes_max: int) -> None:
        self._buffer = bytearray()
        self._begin = 0
        self._limits = {
            HELLO: GREETING_BYTES_MAX,
            WELCOME: GREETING_BYTES_MAX,
            REFUSE: GREETING_BYTES_MAX,
            PING: 0,
            DATA: frame_bytes_max,
        }
        self._longest = max(self._limits.values()) + 1

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield (kind, body) of every frame completed by `data`. Raises FrameError."""
        self._buffer += data
        while True:
            frame = self._next()
            if frame is None:
                return
            yield frame

    def _next(self) -> tuple[int, bytes] | None:
        buffer, begin = self._buffer, self._begin
        available = len(buffer) - begin
        if available < FRAME_OVERHEAD:
            self._compact()
            return None
        length, crc = _HEADER.unpack_from(buffer, begin)
        kind = buffer[begin + _HEADER.size]
        limit = self._limits.get(kind)
        if limit is None:
            raise FrameError(f"frame of unknown kind {kind}")
        if not 1 <= length <= min(limit + 1, self._longest):
            raise FrameError(f"frame of kind {kind} with {length - 1} bytes, at most {limit}")
        if available < _HEADER.size + length:
            self._compact()
            return None
        start = begin + _HEADER.size
        content = bytes(memoryview(buffer)[start : start + length])
        if crc32c(content) != crc:
            raise FrameError(f"frame of kind {kind} with a wrong checksum")
        self._begin = start + length
        if self._begin == len(buffer):
            self._buffer = bytearray()
            self._begin = 0
        return kind, content[1:]

    def _compact(self) -> None:
        if self._begin > _COMPACT_AT:
            del self._buffer[: self._begin]
            self._begin = 0
