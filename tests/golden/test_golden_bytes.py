"""Today's encoder gives the golden bytes; today's decoder reads every golden file (README.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.model.codec import (
    RECORD_HEAD_SIZE,
    BatchStatus,
    command_records,
    decode_batch,
    decode_command,
    decode_entry_head,
    encode_batch,
    encode_command,
    encode_entry,
    encode_event,
)
from exchange.model.records import RECORD_VERSION
from tests.golden.golden_file import GOLDEN, REWRITE, read_hex, write_hex
from tests.golden.specimens import COMMAND_SPECIMENS, EVENT_SPECIMENS

SESSION_ID, COMMAND_NO = 0x04030201, 0x08070605
LOG_INDEX, EPOCH, TS_NS, FIRST_SEQ = 0x1112131415161718, 7, 0x2122232425262728, 0x3132333435363738


def command_file(name: str) -> Path:
    return GOLDEN / "commands" / f"{name}.v{RECORD_VERSION}.hex"


def event_file(name: str) -> Path:
    return GOLDEN / "events" / f"{name}.v{RECORD_VERSION}.hex"


@pytest.mark.parametrize("name", COMMAND_SPECIMENS)
def test_an_entry_of_each_command_has_the_golden_bytes(name: str) -> None:
    command = COMMAND_SPECIMENS[name]
    record = encode_command(command, SESSION_ID)
    entry = encode_entry(LOG_INDEX, EPOCH, TS_NS, 1, record)
    if REWRITE:
        write_hex(command_file(name), repr(command), entry)
    assert read_hex(command_file(name)) == (repr(command), entry)


@pytest.mark.parametrize("name", EVENT_SPECIMENS)
def test_a_batch_of_each_event_has_the_golden_bytes(name: str) -> None:
    event = EVENT_SPECIMENS[name]
    batch = encode_batch(LOG_INDEX, TS_NS, FIRST_SEQ, [encode_event(event, COMMAND_NO)])
    if REWRITE:
        write_hex(event_file(name), repr(event), batch)
    assert read_hex(event_file(name)) == (repr(event), batch)


@pytest.mark.parametrize(
    "path", sorted((GOLDEN / "commands").glob("*.hex")), ids=lambda path: path.stem
)
def test_every_golden_entry_is_read_as_it_was_meant(path: Path) -> None:
    meaning, entry = read_hex(path)
    assert decode_entry_head(entry) == (LOG_INDEX, EPOCH, TS_NS, 1)
    (record,) = command_records(entry)
    assert record.session_id == SESSION_ID
    assert path.name == f"{type(decode_command(record)).__name__}.v{record.version}.hex"
    assert repr(decode_command(record)) == meaning
    assert len(entry) == 40 + RECORD_HEAD_SIZE + len(record.content)


@pytest.mark.parametrize(
    "path", sorted((GOLDEN / "events").glob("*.hex")), ids=lambda path: path.stem
)
def test_every_golden_batch_is_read_as_it_was_meant(path: Path) -> None:
    meaning, batch = read_hex(path)
    head, (record,) = decode_batch(batch)
    assert head == (BatchStatus.APPLIED, 1, LOG_INDEX, TS_NS, FIRST_SEQ)
    assert (record.seq, record.command_no) == (FIRST_SEQ, COMMAND_NO)
    assert repr(record.event) == meaning


def test_no_golden_file_is_left_out() -> None:
    """A file of an older version stays for ever; one of today's has its specimen."""
    for folder, specimens in (("commands", COMMAND_SPECIMENS), ("events", EVENT_SPECIMENS)):
        names = {path.name for path in (GOLDEN / folder).glob("*.hex")}
        assert names >= {f"{name}.v{RECORD_VERSION}.hex" for name in specimens}
        assert {name.split(".")[0] for name in names} == set(specimens)
