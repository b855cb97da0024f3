"""Recovery: snapshot and tail give the state before; everything that does not fit is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.errors import InvariantViolation
from exchange.model.batch import EventBatch
from exchange.model.codec import encode_entry
from exchange.sequencer.recovery import RecoveryReport, recover
from storage.memory import MemoryJournal
from tests.recorder import Recorder, buy, cancel, sell


class Info(NamedTuple):
    """What is stored about a snapshot."""

    log_index: int
    chain_digest: bytes
    state_digest: bytes
    next_event_seq: int


class Past:
    """A run that was recorded: its journal, a snapshot after every entry, all batches."""

    def __init__(self) -> None:
        recorder = Recorder()
        self.journal = MemoryJournal()
        self.snapshots: dict[int, tuple[Info, bytes]] = {}
        recorder.open_market()
        for number in range(8):
            recorder.ts_ns += 1_000
            recorder.send(buy(1, f"b{number}", 20, 990 + number % 2 * 10))
            recorder.send(sell(2, f"s{number}", 15, 990), sell(3, f"t{number}", 10, 1010))
        recorder.send(cancel(3, "t3", "x3"))
        replayed = build_engine("reference")
        for index, entry in enumerate(recorder.entries, start=1):
            self.journal.append([(index, entry)])
            replayed.apply(entry)
            info = Info(
                index,
                self.journal.last_chain_digest,
                replayed.digest(),
                replayed.next_event_seq,
            )
            self.snapshots[index] = (info, replayed.snapshot())
        self.batches = recorder.batches
        self.digest = recorder.engine.digest()
        self.last = self.journal.last_index


PAST = Past()


def recovered(
    engine: Engine,
    snapshot: tuple[Info, bytes] | None,
    journal: MemoryJournal | None = None,
    on_batch: Callable[[EventBatch], None] | None = None,
) -> RecoveryReport:
    journal = journal or PAST.journal
    return recover(engine, journal, snapshot, journal.chain_digest, on_batch or (lambda _: None))


def journal_of(entries: Iterable[bytes]) -> MemoryJournal:
    journal = MemoryJournal()
    journal.append(list(enumerate(entries, start=1)))
    return journal


def entries(up_to: int) -> list[bytes]:
    return [entry for _, entry in PAST.journal.scan(1, up_to + 1)]


@given(st.integers(0, PAST.last))
def test_every_snapshot_with_its_tail_gives_the_same_state_and_events(at: int) -> None:
    engine = build_engine("reference")
    told: list[bytes] = []
    report = recovered(
        engine, PAST.snapshots.get(at), on_batch=lambda batch: told.append(batch.raw)
    )
    assert engine.digest() == PAST.digest
    assert told == PAST.batches[at:]
    assert (report.snapshot_index, report.last_index) == (at, PAST.last)
    assert report.replayed_entries == PAST.last - at
    assert report.seconds >= 0


@given(st.integers(0, PAST.last), st.integers(0, PAST.last))
def test_recovery_stops_at_what_is_known_to_be_committed(at: int, committed: int) -> None:
    engine = build_engine("reference")
    report = recover(
        engine,
        PAST.journal,
        PAST.snapshots.get(at),
        PAST.journal.chain_digest,
        lambda _: None,
        last_index=committed,
    )
    assert engine.applied_index == report.last_index == max(at, committed)
    for entry in entries(PAST.last)[engine.applied_index :]:
        engine.apply(entry)
    assert engine.digest() == PAST.digest


def test_commands_that_were_replayed_are_counted() -> None:
    report = recovered(build_engine("reference"), None)
    commands = sum(int.from_bytes(entry[32:36], "little") for entry in entries(PAST.last))
    assert report.replayed_commands == commands > PAST.last


def test_an_untouched_journal_gives_genesis() -> None:
    engine = build_engine("reference")
    report = recovered(engine, None, MemoryJournal())
    assert engine.digest() == build_engine("reference").digest()
    assert report[:4] == (0, 0, 0, 0)


def test_a_log_whose_prefix_was_dropped_is_recovered_from_the_snapshot() -> None:
    journal = journal_of(entries(PAST.last))
    journal.delete_prefix(8)
    for at in (7, 10, PAST.last):
        engine = build_engine("reference")
        recovered(engine, PAST.snapshots[at], journal)
        assert engine.digest() == PAST.digest


def test_a_log_dropped_to_its_end_is_recovered_from_the_last_snapshot() -> None:
    journal = journal_of(entries(PAST.last))
    journal.delete_prefix(PAST.last + 1)
    engine = build_engine("reference")
    report = recovered(engine, PAST.snapshots[PAST.last], journal)
    assert engine.digest() == PAST.digest
    assert report.replayed_entries == 0


def refused(code: str) -> pytest.RaisesExc[InvariantViolation]:
    return pytest.RaisesExc(InvariantViolation, check=lambda error: error.code == code)


@pytest.mark.parametrize("at", [0, 5])
def test_a_log_that_begins_after_the_snapshot_is_refused(at: int) -> None:
    journal = journal_of(entries(PAST.last))
    journal.delete_prefix(8)
    with refused("LOG_DOES_NOT_REACH_THE_SNAPSHOT"):
        recovered(build_engine("reference"), PAST.snapshots.get(at), journal)


@pytest.mark.parametrize("up_to", [0, 1, 9])
def test_a_log_that_ends_before_the_snapshot_is_refused(up_to: int) -> None:
    with refused("LOG_DOES_NOT_REACH_THE_SNAPSHOT"):
        recovered(build_engine("reference"), PAST.snapshots[10], journal_of(entries(up_to)))


def test_a_snapshot_of_another_log_is_refused() -> None:
    info, payload = PAST.snapshots[10]
    with refused("SNAPSHOT_IS_OF_ANOTHER_LOG"):
        recovered(build_engine("reference"), (info._replace(chain_digest=bytes(16)), payload))


@pytest.mark.parametrize(
    "wrong",
    [{"state_digest": bytes(16)}, {"log_index": 9}, {"next_event_seq": 1}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_snapshot_that_is_not_what_was_noted_of_it_is_refused(wrong: dict[str, int]) -> None:
    info, payload = PAST.snapshots[10]
    with refused("SNAPSHOT_DIGEST_DIFFERS"):
        recovered(build_engine("reference"), (info._replace(**wrong), payload))  # type: ignore[arg-type]


def test_a_snapshot_that_cannot_be_read_is_refused() -> None:
    info, payload = PAST.snapshots[10]
    with refused("SNAPSHOT_NOT_READABLE"):
        recovered(build_engine("reference"), (info, payload[:-1]))


@pytest.mark.parametrize(
    "third",
    [b"", b"garbage", encode_entry(4, 1, 1, 0, b""), encode_entry(3, 1, 1, 1, b"")],
    ids=["empty", "no entry", "another index", "a record missing"],
)
def test_an_entry_that_the_engine_does_not_take_is_named(third: bytes) -> None:
    told: list[EventBatch] = []
    with pytest.raises(InvariantViolation, match=r"LOG_ENTRY_NOT_APPLICABLE.*log_index=3"):
        recovered(build_engine("reference"), None, journal_of([*entries(2), third]), told.append)
    assert len(told) == 2


def test_whoever_compares_the_batches_may_refuse_them() -> None:
    def differs(batch: EventBatch) -> None:
        if batch.head.log_index == 4:
            raise InvariantViolation("EVENTS_DIFFER", log_index=4)

    with refused("EVENTS_DIFFER"):
        recovered(build_engine("reference"), None, on_batch=differs)
