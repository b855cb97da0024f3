"""What a snapshot is and how its manifest is laid out; both snapshot stores use it.

Room: values and pure functions. A snapshot is a payload (opaque bytes) with the log position it
belongs to. The manifest is written last: a snapshot without one does not exist.

Manifest body (little-endian; sealed under u64 log_index in `snapshots`)

    offset  size  type   field
    0       8     u64    log_index: the snapshot holds the state after this entry
    8       8     u64    next_event_seq: seq of the first event after it
    16      8     u64    payload length, bytes
    24      4     u32    number of chunks
    28      16    bytes  chain digest of entry log_index
    44      16    bytes  xxh3_128 of the whole payload
    60      2     u16    length of the state digest, bytes
    62      2     u16    length of the engine's name, UTF-8 bytes
    64      n     bytes  state digest
    64+n    m     UTF-8  name of the engine that wrote it
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from storage.format import DIGEST_BYTES, SEALED_HEADER_BYTES, payload_digest

_PAGE_HEADER_BYTES: Final = 16

CHUNK_BYTES: Final = 1024 * 1024 - SEALED_HEADER_BYTES - _PAGE_HEADER_BYTES
"""Payload bytes of a chunk: with its headers it fills exactly 256 pages of 4 KiB."""

STATE_DIGEST_BYTES_MAX: Final = 64
ENGINE_BYTES_MAX: Final = 200

_MANIFEST = struct.Struct("<QQQI16s16sHH")


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """A snapshot without its payload.

    log_index: the state is the one after this entry; 1 or more.
    chain_digest: chain digest of that entry, 16 bytes.
    state_digest: digest of the state, given by the writer; at most 64 bytes.
    next_event_seq: seq of the first event after it.
    payload_bytes: length of the payload.
    payload_digest: xxh3_128 of the payload, 16 bytes.
    engine: name of the engine that wrote it.
    """

    log_index: int
    chain_digest: bytes
    state_digest: bytes
    next_event_seq: int
    payload_bytes: int
    payload_digest: bytes
    engine: str

    @property
    def chunks(self) -> int:
        """Number of chunks of the payload."""
        return -(-self.payload_bytes // CHUNK_BYTES)


@dataclass(frozen=True, slots=True)
class RefusedSnapshot:
    """A stored snapshot that failed its checks, and why."""

    log_index: int
    why: str


def describe(
    *,
    log_index: int,
    chain_digest: bytes,
    state_digest: bytes,
    next_event_seq: int,
    payload: bytes | memoryview,
    engine: str,
) -> SnapshotInfo:
    """Return the info of a snapshot to be written. Raises ValueError for fields out of bounds."""
    if log_index < 1 or next_event_seq < 0:
        raise ValueError(f"log_index {log_index} or next_event_seq {next_event_seq} is too low")
    if len(chain_digest) != DIGEST_BYTES:
        raise ValueError(f"a chain digest has {DIGEST_BYTES} bytes, not {len(chain_digest)}")
    if len(state_digest) > STATE_DIGEST_BYTES_MAX:
        raise ValueError(f"state digest: {len(state_digest)} bytes exceed {STATE_DIGEST_BYTES_MAX}")
    if len(engine.encode()) > ENGINE_BYTES_MAX:
        raise ValueError(f"engine name: more than {ENGINE_BYTES_MAX} bytes")
    return SnapshotInfo(
        log_index=log_index,
        chain_digest=chain_digest,
        state_digest=state_digest,
        next_event_seq=next_event_seq,
        payload_bytes=len(payload),
        payload_digest=payload_digest(payload),
        engine=engine,
    )


def encode_manifest(info: SnapshotInfo) -> bytes:
    """Encode the manifest body (module docstring)."""
    engine = info.engine.encode()
    head = _MANIFEST.pack(
        info.log_index,
        info.next_event_seq,
        info.payload_bytes,
        info.chunks,
        info.chain_digest,
        info.payload_digest,
        len(info.state_digest),
        len(engine),
    )
    return head + info.state_digest + engine


def decode_manifest(body: bytes) -> SnapshotInfo:
    """Decode a manifest body whose seal was checked. Raises ValueError when it is not one."""
    if len(body) < _MANIFEST.size:
        raise ValueError(f"a manifest of {len(body)} bytes is too short")
    index, event_seq, size, chunks, chain, digest, state_bytes, engine_bytes = (
        _MANIFEST.unpack_from(body)
    )
    if len(body) != _MANIFEST.size + state_bytes + engine_bytes:
        raise ValueError(f"a manifest of {len(body)} bytes does not fit its lengths")
    state_end = _MANIFEST.size + state_bytes
    info = SnapshotInfo(
        log_index=index,
        chain_digest=chain,
        state_digest=body[_MANIFEST.size : state_end],
        next_event_seq=event_seq,
        payload_bytes=size,
        payload_digest=digest,
        engine=body[state_end:].decode(),
    )
    if chunks != info.chunks:
        raise ValueError(f"{chunks} chunks do not fit {size} bytes")
    return info
