"""Entries and event batches: round trips, strictness, and the CRC of every byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.model.codec import (
    BATCH_HEAD_SIZE,
    COMMAND_NO_TIMER,
    ENTRY_HEAD_SIZE,
    RECORD_HEAD_SIZE,
    SESSION_ID_MAX,
    BatchHead,
    BatchStatus,
    CommandRecord,
    EntryHead,
    command_records,
    count_commands,
    decode_batch,
    decode_batch_head,
    decode_command,
    decode_entry_head,
    encode_batch,
    encode_command,
    encode_entry,
    encode_event,
)
from exchange.model.command import Command, CommandKind, CreateMember, EpochStarted
from exchange.model.event import BboChanged, Event, TradingDayChanged
from exchange.model.layout import CodecError
from tests.strategies import wild_commands, wild_events

U64 = st.integers(0, (1 << 64) - 1)
SESSIONS = st.integers(0, SESSION_ID_MAX)
COMMAND_NOS = st.one_of(st.integers(0, 100), st.just(COMMAND_NO_TIMER))
BODY = encode_command(CreateMember("m1", "r1", "op"), 7) + encode_command(EpochStarted(3, "n1"))
ENTRY = encode_entry(12, 3, 1_000, 2, BODY)
BATCH = encode_batch(
    12,
    1_000,
    41,
    [encode_event(TradingDayChanged(2), 0), encode_event(BboChanged(1, 2, 3, 4, 5), 1)],
)


def test_sizes_of_the_heads_are_those_of_the_tables() -> None:
    assert (ENTRY_HEAD_SIZE, BATCH_HEAD_SIZE, RECORD_HEAD_SIZE) == (40, 40, 8)


@given(
    st.lists(st.tuples(wild_commands(), SESSIONS), max_size=6),
    st.integers(1, (1 << 64) - 1),
    U64,
    U64,
)
def test_an_entry_gives_its_commands_back(
    commands: list[tuple[Command, int]], log_index: int, epoch: int, ts_ns: int
) -> None:
    records = [encode_command(command, session) for command, session in commands]
    body = b"".join(records)
    entry = encode_entry(log_index, epoch, ts_ns, len(records), body)
    assert decode_entry_head(entry) == EntryHead(log_index, epoch, ts_ns, len(records))
    found = command_records(entry)
    assert [(decode_command(record), record.session_id) for record in found] == commands
    assert count_commands(body) == len(records)


@given(st.lists(st.tuples(wild_events(), COMMAND_NOS), max_size=6), U64, U64, st.integers(1, 1000))
def test_a_batch_gives_its_events_back_numbered_without_gap(
    events: list[tuple[Event, int]], log_index: int, ts_ns: int, first_seq: int
) -> None:
    raw = [encode_event(event, number) for event, number in events]
    batch = encode_batch(log_index, ts_ns, first_seq, raw)
    head, records = decode_batch(batch)
    assert head == decode_batch_head(batch)
    wanted = BatchHead(BatchStatus.APPLIED, len(events), log_index, ts_ns, first_seq)
    assert head == wanted
    assert head.last_seq == first_seq + len(events) - 1
    assert [(record.event, record.command_no) for record in records] == events
    assert [record.seq for record in records] == list(range(first_seq, first_seq + len(events)))


def test_every_single_byte_of_an_entry_is_guarded() -> None:
    for at in range(len(ENTRY)):
        for value in range(256):
            if value == ENTRY[at]:
                continue
            damaged = ENTRY[:at] + bytes((value,)) + ENTRY[at + 1 :]
            with pytest.raises(CodecError):
                decode_entry_head(damaged)


@given(st.lists(wild_commands(), min_size=1, max_size=3), st.data())
def test_an_entry_changed_cut_or_extended_is_refused(
    commands: list[Command], data: st.DataObject
) -> None:
    body = b"".join(encode_command(command) for command in commands)
    entry = encode_entry(1, 1, 1, len(commands), body)
    at = data.draw(st.integers(0, len(entry) - 1))
    flipped = bytes((entry[at] ^ data.draw(st.integers(1, 255)),))
    for damaged in (
        entry[:at] + flipped + entry[at + 1 :],
        entry[:at],
        entry + data.draw(st.binary(min_size=1, max_size=9)),
    ):
        with pytest.raises(CodecError):
            decode_entry_head(damaged)
        with pytest.raises(CodecError):
            command_records(damaged)


@given(st.binary(max_size=120))
def test_no_bytes_at_all_raise_anything_but_a_codec_error(data: bytes) -> None:
    refusals = 0
    for read in (decode_entry_head, command_records, count_commands, decode_batch):
        try:
            read(data)
        except CodecError:
            refusals += 1
    assert refusals >= 2  # the CRC of an entry and the CRC again: not by chance


@given(U64, st.integers(1, 5), st.binary(max_size=60))
def test_records_under_a_right_crc_must_add_up(index: int, count: int, body: bytes) -> None:
    entry = encode_entry(index, 1, 1, count, body)
    assert decode_entry_head(entry).command_count == count
    try:
        framed = count_commands(body)
    except CodecError:
        framed = -1
    if framed == count:
        assert len(command_records(entry)) == count
    else:
        with pytest.raises(CodecError):
            command_records(entry)


@pytest.mark.parametrize(
    ("offset", "value"), [(4, 2), (6, 1)], ids=["another format", "reserved bytes"]
)
def test_an_entry_of_another_format_is_refused(offset: int, value: int) -> None:
    head = bytearray(ENTRY[4:])
    head[offset - 4] = value
    with pytest.raises(CodecError, match="format"):
        decode_entry_head(sealed(bytes(head)))


def test_a_body_length_under_a_right_crc_is_checked_too() -> None:
    with pytest.raises(CodecError, match="body of"):
        decode_entry_head(sealed(ENTRY[4:] + b"\x00"))


def sealed(rest: bytes) -> bytes:
    """The bytes with the CRC that an entry of such bytes would have."""
    return crc32c(rest).to_bytes(4, "little") + rest


def crc32c(data: bytes) -> int:
    """Castagnoli, bit by bit: a second opinion on the library."""
    crc = 0xFFFF_FFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F6_3B78 if crc & 1 else 0)
    return crc ^ 0xFFFF_FFFF


def test_the_crc_is_castagnoli() -> None:
    assert crc32c(b"123456789") == 0xE306_9283
    assert sealed(ENTRY[4:]) == ENTRY


@pytest.mark.parametrize(("kind", "version"), [(0, 1), (99, 1), (1, 0), (1, 2), (255, 255)])
def test_a_kind_or_version_that_is_not_known_is_named(kind: int, version: int) -> None:
    with pytest.raises(CodecError, match=f"kind {kind} version {version}"):
        decode_command(CommandRecord(kind, version, 0, b""))


@pytest.mark.parametrize("session_id", [-1, SESSION_ID_MAX + 1])
def test_a_session_id_that_does_not_fit_is_named(session_id: int) -> None:
    with pytest.raises(CodecError, match="session_id"):
        encode_command(EpochStarted(1, "n1"), session_id)


def test_the_session_stands_in_the_head_and_not_in_the_content() -> None:
    one, two = (encode_command(EpochStarted(1, "n1"), session) for session in (1, 2))
    assert one[RECORD_HEAD_SIZE:] == two[RECORD_HEAD_SIZE:]
    assert one[2] == CommandKind.EPOCH_STARTED


@given(st.data())
def test_a_batch_cut_or_extended_is_refused(data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(BATCH) - 1))
    for damaged in (BATCH[:cut], BATCH + b"\x00", BATCH[:BATCH_HEAD_SIZE] + BATCH):
        with pytest.raises(CodecError):
            decode_batch(damaged)


@given(st.integers(0, len(BATCH) - 1), st.integers(0, 255))
def test_a_changed_batch_is_another_batch_or_a_codec_error(at: int, value: int) -> None:
    changed = BATCH[:at] + bytes((value,)) + BATCH[at + 1 :]
    try:
        head, records = decode_batch(changed)
    except CodecError:
        return
    raw = [encode_event(record.event, record.command_no) for record in records]
    status = BatchStatus(head.status)
    assert encode_batch(head.log_index, head.ts_ns, head.first_seq, raw, status) == changed


@pytest.mark.parametrize("status", BatchStatus)
def test_an_empty_batch_says_why(status: BatchStatus) -> None:
    head, records = decode_batch(encode_batch(5, 6, 7, [], status))
    assert (head.status, head.event_count, head.last_seq) == (status, 0, 6)
    assert records == []


def test_a_batch_whose_count_is_wrong_is_refused() -> None:
    wrong = bytearray(BATCH)
    wrong[4] = 3
    with pytest.raises(CodecError, match="2 events, its head says 3"):
        decode_batch(bytes(wrong))
