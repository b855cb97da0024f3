"""What nodes say to each other on the order-log stream: a fixed, versioned binary schema.

Room: message types and their codec. No pickle, no code, no unknown field: a frame is msgpack
arrays, each field at its place and of its type, or it is refused with ProtocolError. The README
of this package has the table. Every message travels in an Envelope that says for which cluster,
generation and epoch it was sent and whom its sender takes for primary (RELIABILITY 5.1 rule 4).

Directions: P = from the primary, F = from a follower, B = both.
"""

from __future__ import annotations

from typing import Final

import msgspec

FRAME_BYTES_MAX: Final = 20 * 1024 * 1024
"""Longest frame, bytes: the longest append and room for its envelope."""

DIGEST_BYTES: Final = 16


class ProtocolError(Exception):
    """Bytes from a peer that are no message; its link is to be closed."""


class Message(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Root of all messages."""


class Hello(Message, frozen=True, tag=1):
    """B. First on every link, again when a node begins to lead or has lost its place.

    Attributes:
        schema: SCHEMA_VERSION of the sender.
        software: its program version.
        name: its node name; must be that of the link.
        kind: DATA, DR or ARBITER.
        incarnation: of its data directory.
        boot_id: of this start of its process.
        promised: the lowest epoch it listens to.
        is_primary: it leads in the envelope's epoch.
        base_index: last entry its log has dropped, 0 = none.
        last_index: newest entry of its log.
        last_digest: chain digest at that entry.
        committed: newest entry it knows as committed.
        wants_reply: the receiver is to send its own Hello.
        why: in words, for the log; "" on a new link.
    """

    schema: int
    software: str
    name: str
    kind: str
    incarnation: int
    boot_id: int
    promised: int
    is_primary: bool
    base_index: int
    last_index: int
    last_digest: bytes
    committed: int
    wants_reply: bool
    why: str


class Refused(Message, frozen=True, tag=2):
    """B. The sender will not work with the receiver.

    Attributes:
        code: STALE_EPOCH, or a code of `fencing.Refusal`.
        text: what is wrong and what to do.
        promised: the lowest epoch the sender listens to.
    """

    code: str
    text: str
    promised: int


class Probe(Message, frozen=True, tag=3):
    """P. Which chain digest do you have at `index`?"""

    index: int


class ProbeReply(Message, frozen=True, tag=4):
    """F. The digest at `index`; empty where the log does not have it."""

    index: int
    digest: bytes


class Sync(Message, frozen=True, tag=5):
    """P. Your log, as your Hello told it, is equal to mine up to `index`; appends follow.

    What is above `index` does not match and is to be cut, but only if the log still ends as it was
    told: a Hello may be overtaken by entries of an earlier agreement, and those match.

    Attributes:
        sync_id: names this agreement in all that follows, until the next one.
        index: end of the common prefix.
        digest: chain digest there.
        told_index: `last_index` of the Hello that this answers.
        told_digest: `last_digest` of it.
    """

    sync_id: int
    index: int
    digest: bytes
    told_index: int
    told_digest: bytes


class Append(Message, frozen=True, tag=6):
    """P. Entries that follow `prev_index`.

    Attributes:
        sync_id: the agreement it belongs to.
        prev_index: entry before the first one.
        prev_digest: chain digest there.
        entries: consecutive.
        last_digest: chain digest after the last one.
        committed: newest entry that the primary knows as committed.
    """

    sync_id: int
    prev_index: int
    prev_digest: bytes
    entries: list[bytes]
    last_digest: bytes
    committed: int


class Heartbeat(Message, frozen=True, tag=7):
    """P. I lead.

    Attributes:
        sync_id: the agreement, 0 before the first.
        sent_ns: on the primary's monotonic clock; comes back in the Ack.
        sent_index: newest entry that was sent to this follower.
        committed: newest entry that the primary knows as committed.
        register_version: version of the register that the primary acts on.
    """

    sync_id: int
    sent_ns: int
    sent_index: int
    committed: int
    register_version: int


class Ack(Message, frozen=True, tag=8):
    """F. Answer to Sync, Append and Heartbeat.

    Attributes:
        sync_id: the agreement.
        durable_index: every entry up to it is flushed here.
        durable_digest: chain digest there.
        echo_ns: `sent_ns` of the newest heartbeat received, 0 = none.
        applied_index: newest entry fed to the engine.
    """

    sync_id: int
    durable_index: int
    durable_digest: bytes
    echo_ns: int
    applied_index: int


class DigestReport(Message, frozen=True, tag=9):
    """F. Running digest over all events, after the entry `index` was applied."""

    index: int
    digest: bytes


class DigestVerdict(Message, frozen=True, tag=10):
    """P. The follower's report differs: both were still equal at `last_equal` (0 = unknown)."""

    index: int
    expected: bytes
    last_equal: int


class SnapshotOffer(Message, frozen=True, tag=11):
    """P. What you lack is no longer in my log, or is quicker so: take this snapshot.

    Attributes:
        sync_id: the agreement it begins.
        log_index: entry after which it was taken.
        chain_digest: of the log there.
        chunk_count: from 1.
        manifest: what storage and engine need to check it; opaque here.
        common: both logs are known to be equal up to here, -1 = nowhere.
        told_index: `last_index` of the Hello that this answers, as in Sync.
        told_digest: `last_digest` of it.
    """

    sync_id: int
    log_index: int
    chain_digest: bytes
    chunk_count: int
    manifest: bytes
    common: int
    told_index: int
    told_digest: bytes


class SnapshotPull(Message, frozen=True, tag=12):
    """F. Send chunk `chunk` (from 0) of the snapshot at `log_index`."""

    sync_id: int
    log_index: int
    chunk: int


class SnapshotChunk(Message, frozen=True, tag=13):
    """P. One chunk."""

    sync_id: int
    log_index: int
    chunk: int
    data: bytes


class TransferOffer(Message, frozen=True, tag=14):
    """P. I draft no more; if your log ends exactly here, take over now.

    `keeps_me`: a planned switch, the sender stays in sync; else its disk is stuck, leave it out.
    """

    last_index: int
    last_digest: bytes
    keeps_me: bool


class TransferRefused(Message, frozen=True, tag=15):
    """F. It does not, or the register refused; go on leading."""

    text: str


Body = (
    Hello
    | Refused
    | Probe
    | ProbeReply
    | Sync
    | Append
    | Heartbeat
    | Ack
    | DigestReport
    | DigestVerdict
    | SnapshotOffer
    | SnapshotPull
    | SnapshotChunk
    | TransferOffer
    | TransferRefused
)

FROM_PRIMARY = (
    Probe,
    Sync,
    Append,
    Heartbeat,
    DigestVerdict,
    SnapshotOffer,
    SnapshotChunk,
    TransferOffer,
)
"""Messages that only a primary sends; a receiver checks the epoch of each."""


class Envelope(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A message and the authority under which it was sent.

    Attributes:
        cluster: 64-bit hash of the cluster id.
        generation: of the cluster.
        epoch: of the primary that the sender is or follows.
        primary: name of that primary, "" = none known.
        body: the message.
    """

    cluster: int
    generation: int
    epoch: int
    primary: str
    body: Body


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Envelope)


def encode(envelope: Envelope) -> bytes:
    """The frame of an envelope."""
    return _encoder.encode(envelope)


def decode(frame: bytes) -> Envelope:
    """The envelope in a frame. Raises ProtocolError."""
    if len(frame) > FRAME_BYTES_MAX:
        raise ProtocolError(f"a frame of {len(frame)} bytes; at most {FRAME_BYTES_MAX}")
    try:
        return _decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProtocolError(f"a frame of {len(frame)} bytes is no message: {error}") from error
