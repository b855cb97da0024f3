"""Log entries and event batches as bytes: compact, versioned, checked.

Room: the two envelopes and the record header inside them; the records themselves are tables in
`exchange.model.records`. Independent of the public API (DESIGN section 4). Little-endian.

**Entry** (what the log holds; one batch of commands with one time):

| offset | type | field       | meaning                                                       |
|--------|------|-------------|---------------------------------------------------------------|
| 0      | u32  | crc32c      | Castagnoli CRC of every byte after this field                 |
| 4      | u16  | format      | ENTRY_FORMAT                                                  |
| 6      | u16  | reserved    | 0                                                             |
| 8      | u64  | log_index   | position in the log, from 1                                   |
| 16     | u64  | epoch       | leadership that wrote it                                      |
| 24     | u64  | ts_ns       | time of all its commands, never below the entry before        |
| 32     | u32  | count       | command records; 0 = only the time moves (timers fall due)    |
| 36     | u32  | body_length | bytes that follow                                             |
| 40     | ...  | records     | `count` command records                                       |

**Command record**: u16 length (of the whole record), u8 kind, u8 version, u32 session_id
(0 = none), then the content. **Event batch** (what `Engine.apply` returns):

| offset | type | field       | meaning                                                       |
|--------|------|-------------|---------------------------------------------------------------|
| 0      | u16  | format      | BATCH_FORMAT                                                  |
| 2      | u16  | status      | `BatchStatus`; other than APPLIED nothing at all has changed   |
| 4      | u32  | count       | event records                                                 |
| 8      | u64  | log_index   | of the entry                                                  |
| 16     | u64  | ts_ns       | of the entry                                                  |
| 24     | u64  | first_seq   | sequence number of the first event, the others follow gapless |
| 32     | u32  | body_length | bytes that follow                                             |
| 36     | u32  | reserved    | 0                                                             |
| 40     | ...  | records     | `count` event records                                         |

**Event record**: u16 length (of the whole record), u8 kind, u8 version, u32 command_no (position in
the entry of the command that caused it, or COMMAND_NO_TIMER), then the content.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

import google_crc32c

from exchange.model.command import Command
from exchange.model.enums import is_number_of
from exchange.model.event import Event
from exchange.model.layout import CodecError
from exchange.model.records import COMMAND_KIND, COMMANDS, EVENT_KIND, EVENTS, RECORD_VERSION

ENTRY_FORMAT = 1
BATCH_FORMAT = 1
COMMAND_NO_TIMER = 0xFFFF_FFFF
"""`command_no` of events that a due timer caused, before the first command of the entry."""

SESSION_ID_MAX = 0xFFFF_FFFF

ENTRY_COMMANDS_MAX = 16_384
"""Commands in one entry; PERFORMANCE section 1: batches of a few thousand are best."""

ENTRY_BYTES_MAX = 4 << 20
"""Bytes of one entry; bounds every buffer between sequencer, disk and peers."""

_ENTRY_HEAD = struct.Struct("<IHHQQQII")
_BATCH_HEAD = struct.Struct("<HHIQQQII")
_RECORD_HEAD = struct.Struct("<HBBI")
ENTRY_HEAD_SIZE = _ENTRY_HEAD.size
BATCH_HEAD_SIZE = _BATCH_HEAD.size
RECORD_HEAD_SIZE = _RECORD_HEAD.size


class BatchStatus(IntEnum):
    """Whether the engine took the entry; anything but APPLIED is a fault of the shell or disk."""

    APPLIED = 0
    UNREADABLE = 1
    OUT_OF_ORDER = 2


class EntryHead(NamedTuple):
    """The head of an entry, checked."""

    log_index: int
    epoch: int
    ts_ns: int
    command_count: int


class BatchHead(NamedTuple):
    """The head of an event batch, checked."""

    status: int
    event_count: int
    log_index: int
    ts_ns: int
    first_seq: int

    @property
    def last_seq(self) -> int:
        """Sequence number of the last event; first_seq - 1 if there is none."""
        return self.first_seq + self.event_count - 1


class CommandRecord(NamedTuple):
    """One command as it stands in an entry; `content` is not decoded yet."""

    kind: int
    version: int
    session_id: int
    content: bytes


class EventRecord(NamedTuple):
    """One event with its place: seq, and the command of the entry that caused it."""

    seq: int
    command_no: int
    event: Event


def encode_command(command: Command, session_id: int = 0) -> bytes:
    """A command record. Raises CodecError if a value does not fit its field."""
    if not 0 <= session_id <= SESSION_ID_MAX:
        raise CodecError(f"session_id: {session_id} does not fit a u32")
    kind = COMMAND_KIND[type(command)]
    content = COMMANDS[kind].encode(command)
    length = RECORD_HEAD_SIZE + len(content)
    return _RECORD_HEAD.pack(length, kind, RECORD_VERSION, session_id) + content


def decode_command(record: CommandRecord) -> Command:
    """The command of a record. Raises CodecError for an unknown kind, version or content."""
    layout = COMMANDS.get(record.kind)
    if layout is None or record.version != RECORD_VERSION:
        raise CodecError(f"unknown command kind {record.kind} version {record.version}")
    command: Command = layout.decode(record.content)
    return command


def encode_entry(log_index: int, epoch: int, ts_ns: int, count: int, body: bytes) -> bytes:
    """An entry of `count` command records that stand one after the other in `body`."""
    head = _ENTRY_HEAD.pack(0, ENTRY_FORMAT, 0, log_index, epoch, ts_ns, count, len(body))
    crc = google_crc32c.extend(google_crc32c.value(head[4:]), body)
    return int(crc).to_bytes(4, "little") + head[4:] + body


def decode_entry_head(entry: bytes) -> EntryHead:
    """The head of an entry whose CRC, format and length hold, else CodecError."""
    if len(entry) < ENTRY_HEAD_SIZE:
        raise CodecError(f"entry of {len(entry)} bytes is shorter than its head")
    crc, form, reserved, index, epoch, ts_ns, count, length = _ENTRY_HEAD.unpack_from(entry)
    if google_crc32c.value(entry[4:]) != crc:
        raise CodecError(f"entry {index}: CRC32C does not match, a byte was changed")
    if form != ENTRY_FORMAT or reserved:
        raise CodecError(f"entry {index}: format {form} is not {ENTRY_FORMAT}")
    if length != len(entry) - ENTRY_HEAD_SIZE:
        raise CodecError(f"entry {index}: body of {len(entry) - ENTRY_HEAD_SIZE}, not {length}")
    return EntryHead(index, epoch, ts_ns, count)


def command_records(entry: bytes) -> list[CommandRecord]:
    """The command records of an entry whose head was decoded; CodecError if they do not add up."""
    count = decode_entry_head(entry).command_count
    records = [
        CommandRecord(kind, version, session_id, entry[start:end])
        for kind, version, session_id, start, end in _split(entry, ENTRY_HEAD_SIZE)
    ]
    if len(records) != count:
        raise CodecError(f"entry holds {len(records)} records, its head says {count}")
    return records


def count_commands(body: bytes) -> int:
    """How many well-framed command records `body` is made of; CodecError if it is not."""
    return sum(1 for _ in _split(body, 0))


def command_kinds(body: bytes) -> set[int]:
    """The kinds of the command records that `body` is made of; CodecError if it is not."""
    return {kind for kind, *_ in _split(body, 0)}


def encode_event(event: Event, command_no: int) -> bytes:
    """An event record."""
    kind = EVENT_KIND[type(event)]
    content = EVENTS[kind].encode(event)
    length = RECORD_HEAD_SIZE + len(content)
    return _RECORD_HEAD.pack(length, kind, RECORD_VERSION, command_no) + content


def encode_batch(
    log_index: int,
    ts_ns: int,
    first_seq: int,
    records: list[bytes],
    status: BatchStatus = BatchStatus.APPLIED,
) -> bytes:
    """An event batch of the records, in order."""
    body = b"".join(records)
    head = (BATCH_FORMAT, status, len(records), log_index, ts_ns, first_seq, len(body), 0)
    return _BATCH_HEAD.pack(*head) + body


def decode_batch_head(batch: bytes) -> BatchHead:
    """The head of an event batch whose format and length hold, else CodecError."""
    if len(batch) < BATCH_HEAD_SIZE:
        raise CodecError(f"event batch of {len(batch)} bytes is shorter than its head")
    form, status, count, index, ts_ns, first_seq, length, spare = _BATCH_HEAD.unpack_from(batch)
    if form != BATCH_FORMAT or spare or not is_number_of(BatchStatus, status):
        raise CodecError(f"event batch of entry {index}: format {form} is not {BATCH_FORMAT}")
    if length != len(batch) - BATCH_HEAD_SIZE:
        raise CodecError(f"event batch of entry {index}: its length does not hold")
    return BatchHead(status, count, index, ts_ns, first_seq)


def decode_batch(batch: bytes) -> tuple[BatchHead, list[EventRecord]]:
    """The head and all events of a batch, in order; CodecError if anything does not hold."""
    head = decode_batch_head(batch)
    events: list[EventRecord] = []
    seq = head.first_seq
    for kind, version, command_no, start, end in _split(batch, BATCH_HEAD_SIZE):
        layout = EVENTS.get(kind)
        if layout is None or version != RECORD_VERSION:
            raise CodecError(f"unknown event kind {kind} version {version}")
        events.append(EventRecord(seq, command_no, layout.decode(batch, start, end)))
        seq += 1
    if len(events) != head.event_count:
        raise CodecError(f"batch holds {len(events)} events, its head says {head.event_count}")
    return head, events


def _split(data: bytes, at: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Walk record heads: kind, version, session_id or command_no, content start, content end."""
    stop = len(data)
    while at < stop:
        if stop - at < RECORD_HEAD_SIZE:
            raise CodecError(f"{stop - at} bytes left over at offset {at}")
        length, kind, version, tag = _RECORD_HEAD.unpack_from(data, at)
        end = at + length
        if length < RECORD_HEAD_SIZE or end > stop:
            raise CodecError(f"record at offset {at}: a length of {length} does not fit")
        yield kind, version, tag, at + RECORD_HEAD_SIZE, end
        at = end
