"""The engine port: entries, time, timers, digests, totality at the edges (R1.3, R11.3)."""

from __future__ import annotations

import pytest
import xxhash

from exchange.engine.build import BUILT_ENGINES, build_engine
from exchange.errors import OperatorFault
from exchange.model.codec import (
    COMMAND_NO_TIMER,
    BatchStatus,
    decode_batch,
    encode_command,
    encode_entry,
)
from exchange.model.command import CreateMember
from exchange.model.enums import TimeInForce
from exchange.model.event import CommandIgnored, Expired
from tests.recorder import START_NS, Recorder, buy, sell

GTD = TimeInForce.GTD
MEMBER = encode_command(CreateMember("m1", "r", "op"))


@pytest.fixture
def venue() -> Recorder:
    recorder = Recorder()
    recorder.open_market()
    return recorder


def test_every_engine_is_built_by_its_name() -> None:
    assert [build_engine(name).name for name in BUILT_ENGINES] == list(BUILT_ENGINES)
    with pytest.raises(OperatorFault, match=r"'fast'.*reference"):
        build_engine("fast")


@pytest.mark.parametrize(
    ("entry", "status", "log_index"),
    [
        (b"", BatchStatus.UNREADABLE, 0),
        (encode_entry(1, 1, 1, 1, MEMBER)[:-1], BatchStatus.UNREADABLE, 0),
        (encode_entry(1, 1, 1, 2, MEMBER), BatchStatus.UNREADABLE, 1),
        (encode_entry(1, 1, 1, 1, MEMBER[:-1]), BatchStatus.UNREADABLE, 1),
        (encode_entry(2, 1, 1, 1, MEMBER), BatchStatus.OUT_OF_ORDER, 2),
        (encode_entry(0, 1, 1, 1, MEMBER), BatchStatus.OUT_OF_ORDER, 0),
    ],
)
def test_a_bad_entry_changes_nothing(entry: bytes, status: BatchStatus, log_index: int) -> None:
    engine = build_engine("reference")
    before = engine.snapshot()
    head, events = decode_batch(engine.apply(entry))

    assert (head.status, head.log_index, head.first_seq, events) == (status, log_index, 1, [])
    assert engine.snapshot() == before


def test_a_record_that_does_not_decode_is_ignored_and_the_next_one_taken() -> None:
    engine = build_engine("reference")
    unknown = b"\x0a\x00\xee\x01\x00\x00\x00\x00zz"
    short = encode_command(CreateMember("m1", "r", "op"))[:-1]
    short = len(short).to_bytes(2, "little") + short[2:]
    _, events = decode_batch(engine.apply(encode_entry(1, 1, 1, 3, unknown + short + MEMBER)))

    assert [(r.seq, r.command_no, type(r.event).__name__) for r in events] == [
        (1, 0, "CommandIgnored"),
        (2, 1, "CommandIgnored"),
        (3, 2, "AdminAccepted"),
        (4, 2, "MemberChanged"),
        (5, 2, "AccountChanged"),
    ]
    assert isinstance(events[0].event, CommandIgnored)
    assert (events[0].event.kind, "unknown" in events[0].event.detail) == (0xEE, True)


def test_time_never_goes_back(venue: Recorder) -> None:
    """R1.3."""
    venue.ts_ns -= 1_000
    batch = venue.engine.apply(venue.entry(()))

    assert venue.engine.now_ns == START_NS
    assert decode_batch(batch)[0].ts_ns == START_NS


def test_timers_fire_first_by_time_then_id(venue: Recorder) -> None:
    """R1.3, R3.2: each is finished with its own book events, before the first command."""
    due = venue.ts_ns + 100
    for name, late in (("a", 50), ("b", 0), ("c", 50)):
        venue.send(buy(1, name, 10, 900, time_in_force=GTD, expire_ts_ns=due + late))
    assert venue.engine.next_timer_ns() == due
    venue.ts_ns = due + 50
    records = venue.records(sell(2, "d", 10, 900))

    assert [(r.command_no, type(r.event).__name__) for r in records] == [
        (COMMAND_NO_TIMER, "Expired"),
        (COMMAND_NO_TIMER, "LevelChanged"),
        (COMMAND_NO_TIMER, "BboChanged"),
        (COMMAND_NO_TIMER, "Expired"),
        (COMMAND_NO_TIMER, "LevelChanged"),
        (COMMAND_NO_TIMER, "BboChanged"),
        (COMMAND_NO_TIMER, "Expired"),
        (COMMAND_NO_TIMER, "LevelChanged"),
        (COMMAND_NO_TIMER, "BboChanged"),
        (0, "Accepted"),
        (0, "LevelChanged"),
        (0, "BboChanged"),
    ]
    expired = [r.event.order.cl_ord_id for r in records if isinstance(r.event, Expired)]
    assert expired == ["b", "a", "c"]
    assert venue.engine.next_timer_ns() is None


def test_a_timer_of_a_done_order_is_dropped(venue: Recorder) -> None:
    due = venue.ts_ns + 100
    venue.send(buy(1, "a", 10, 900, time_in_force=GTD, expire_ts_ns=due))
    venue.send(sell(2, "b", 10, 900))

    assert venue.engine.next_timer_ns() is None
    assert venue.wait(1_000) == []


def test_event_numbers_are_gapless_and_the_events_digest_is_chained(venue: Recorder) -> None:
    """R11.3."""
    venue.send(buy(1, "a", 10, 900), sell(2, "b", 10, 900))
    digest, seq = bytes(16), 1
    for batch in venue.batches:
        head, events = decode_batch(batch)
        assert [record.seq for record in events] == list(range(seq, seq + len(events)))
        assert head.first_seq == seq
        seq += len(events)
        digest = xxhash.xxh3_128_digest(digest + batch)

    assert venue.engine.events_digest() == digest
    assert venue.engine.next_event_seq == seq


def test_the_digest_is_that_of_the_snapshot(venue: Recorder) -> None:
    assert venue.engine.digest() == xxhash.xxh3_128_digest(venue.engine.snapshot())
