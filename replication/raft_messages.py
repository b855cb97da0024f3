"""What voters say to each other: a fixed schema, read strictly, nothing unpickled.

Room: messages <-> bytes (MessagePack, `[kind, field, ...]`). Numbers and lists are bounded here;
whether entries fit together is `raft_transport.py`. `to_boot` is the boot id of the process that
is spoken to: what was meant for an earlier one is dropped.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

RAFT_PROTOCOL: Final = 1
ENTRIES_IN_MESSAGE_MAX: Final = 1_000_000

Number = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Message(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Of one of the kinds below."""


class WireEntry(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An entry; its index follows from its place. `command` with pysyncobj's kind byte."""

    term: Number
    command: Annotated[bytes, msgspec.Meta(min_length=1)]


class Greeting(Message, frozen=True, tag=1):
    """First message of every connection, both ways.

    Attributes:
        protocol: RAFT_PROTOCOL.
        boot: of the sender's process.
        store_id: of the sender's journal; another one than before is an emptied disk.
        standing: of that store, as `RaftJournal.standing`.
        remembered: the store id that the sender remembers of the receiver; 0 = none.
        term: newest that the sender knows.
        voters: as the sender is configured, sorted.
    """

    protocol: int
    boot: Number
    store_id: Number
    standing: Annotated[int, msgspec.Meta(ge=0, le=2)]
    remembered: Number
    term: Number
    voters: Annotated[tuple[Name, ...], msgspec.Meta(max_length=9)]


class RequestVote(Message, frozen=True, tag=2):
    """Raft RequestVote."""

    to_boot: Number
    term: Number
    last_index: Number
    last_term: Number


class Vote(Message, frozen=True, tag=3):
    """Granted; a refusal is silence."""

    to_boot: Number
    term: Number


class Append(Message, frozen=True, tag=4):
    """Raft AppendEntries; without entries a heartbeat. Entries follow `prev_index` gaplessly."""

    to_boot: Number
    term: Number
    commit_index: Number
    prev_index: Number
    prev_term: Number
    entries: Annotated[tuple[WireEntry, ...], msgspec.Meta(max_length=ENTRIES_IN_MESSAGE_MAX)]


class Progress(Message, frozen=True, tag=5):
    """Answer to an Append.

    Attributes:
        term: of the Append that is answered.
        next_index: the next that the leader should send.
        is_reset: the Append did not fit; go back to `next_index`.
        is_matched: all below `next_index` is held, and durable.
    """

    to_boot: Number
    term: Number
    next_index: Number
    is_reset: bool
    is_matched: bool


class Submit(Message, frozen=True, tag=6):
    """A command for the leader's log."""

    to_boot: Number
    command: Annotated[bytes, msgspec.Meta(min_length=1)]


class TimeoutNow(Message, frozen=True, tag=7):
    """The leader asks the receiver to stand for election at once."""

    to_boot: Number
    term: Number


AnyMessage = Greeting | RequestVote | Vote | Append | Progress | Submit | TimeoutNow

_DECODER: msgspec.msgpack.Decoder[AnyMessage] = msgspec.msgpack.Decoder(AnyMessage)


def pack_message(message: AnyMessage) -> bytes:
    """Build the bytes of a message."""
    return msgspec.msgpack.encode(message)


def unpack_message(frame: bytes) -> AnyMessage:
    """Read a message. Raises msgspec.DecodeError."""
    return _DECODER.decode(frame)
