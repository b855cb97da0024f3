"""`apply` is total: no bytes make it raise, each gives a whole batch (DESIGN section 3)."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from exchange.engine.build import build_engine
from exchange.model.codec import (
    BatchStatus,
    decode_batch,
    decode_entry_head,
    encode_command,
    encode_entry,
)
from exchange.model.command import Command
from tests.properties.market_judge import Judge
from tests.recorder import Recorder
from tests.strategies import SMALL_WORLD, commands, wild_commands


@given(st.binary(max_size=200))
def test_any_bytes_give_an_empty_batch(data: bytes) -> None:
    engine = build_engine("reference")
    before = engine.snapshot()
    head, events = decode_batch(engine.apply(data))

    assert (head.status, events) == (BatchStatus.UNREADABLE, [])
    assert engine.snapshot() == before


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=90)), max_size=5))
def test_any_record_content_is_answered(records: list[tuple[int, bytes]]) -> None:
    venue = Recorder()
    venue.open_market(*SMALL_WORLD)
    body = b"".join(
        (len(content) + 8).to_bytes(2, "little") + bytes((kind, 1)) + bytes(4) + content
        for kind, content in records
    )
    engine = venue.engine
    entry = encode_entry(engine.applied_index + 1, 1, venue.ts_ns, len(records), body)
    head, events = decode_batch(engine.apply(entry))

    assert head.status == BatchStatus.APPLIED
    assert {record.command_no for record in events} == set(range(len(records)))


@given(st.lists(wild_commands(), max_size=8), st.integers(0, (1 << 64) - 1))
def test_any_command_that_has_bytes_is_answered(several: list[Command], ts_ns: int) -> None:
    venue = Recorder()
    venue.open_market(*SMALL_WORLD)
    venue.ts_ns = ts_ns
    records = venue.records(*several, session_id=1)

    assert {record.command_no for record in records} == set(range(len(several)))
    other = build_engine("reference")
    other.restore(venue.engine.snapshot())
    assert other.digest() == venue.engine.digest()


@given(st.lists(commands(), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_an_entry_with_changed_bytes_and_a_right_crc_is_answered(
    several: list[Command], chance: random.Random
) -> None:
    """What a CRC cannot see; the state stays one that can be saved, restored and traded on."""
    judge = Judge()
    venue = judge.venue
    body = bytearray(b"".join(encode_command(command) for command in several))
    for _ in range(chance.randint(1, 4)):
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    engine = venue.engine
    entry = encode_entry(engine.applied_index + 1, 1, venue.ts_ns, len(several), bytes(body))
    before = engine.digest()
    head, events = decode_batch(engine.apply(entry))

    if head.status == BatchStatus.APPLIED:
        assert {record.command_no for record in events} == set(range(len(several)))
        assert engine.applied_index == decode_entry_head(entry).log_index
    else:
        assert (head.status, events) == (BatchStatus.UNREADABLE, [])
        assert engine.digest() == before
    other = build_engine("reference")
    other.restore(engine.snapshot())
    assert other.digest() == engine.digest()
