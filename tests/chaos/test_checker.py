"""The checker must find what it is there to find (RELIABILITY I14): each fault is made by hand.

A sound history and journal pass; then one thing is falsified at a time.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.checker import Checker
from chaos.facts import Fact, facts_of_event
from chaos.history import History, Key, State
from chaos.journal_reader import quarantined
from exchange.engine.build import build_engine
from exchange.engine.reference.engine import ReferenceEngine
from exchange.model.batch import EventBatch
from exchange.model.codec import encode_batch, encode_command, encode_entry, encode_event
from exchange.model.command import (
    CancelOrder,
    Command,
    CreateInstrument,
    CreateMember,
    EpochStarted,
    NewOrder,
    OpenSession,
)
from exchange.model.enums import AssetClass, OrdType, Side, StpMode, TimeInForce
from exchange.model.event import OrderState, Repeated, Trade
from exchange.model.instrument import Instrument
from storage.memory import MemoryJournal

PX = 1_000_000_000
ALICE, BOB = 1, 2
INSTRUMENT = Instrument(
    instrument_id=0,
    symbol="ABC",
    asset_class=AssetClass.EQUITY,
    currency="USD",
    mic="XLCK",
    tick_size=PX,
    lot_size=1,
    qty_decimals=0,
    min_order_qty=1,
    max_order_qty=1_000,
    max_order_notional=0,
    reference_price=0,
    static_band_bp=0,
    contract_multiplier=1,
    stp_default=StpMode.CANCEL_INCOMING,
)


def order(member_id: int, cl_ord_id: str, side: Side, qty: int, price: int) -> NewOrder:
    return NewOrder(
        member_id=member_id,
        account_id=member_id,
        instrument_id=1,
        side=side,
        ord_type=OrdType.LIMIT,
        time_in_force=TimeInForce.DAY,
        stp=0,
        flags=0,
        order_qty=qty,
        price=price * PX,
        expire_ts_ns=0,
        cl_ord_id=cl_ord_id,
    )


SELL = order(ALICE, "a1", Side.SELL, 10, 100)
BUY = order(BOB, "b1", Side.BUY, 4, 100)
CANCEL = CancelOrder(ALICE, 0, "a2", "a1")
ENTRIES: list[list[Command]] = [
    [EpochStarted(1, "n1")],
    [
        CreateMember("alice", "r1", "op"),
        CreateMember("bob", "r2", "op"),
        CreateInstrument(INSTRUMENT, "r3", "op"),
        OpenSession(0, "r4", "op"),
    ],
    [SELL],
    [BUY, CANCEL],
]


def written(*entries: list[Command], first: int = 1, ts_ns: int = 1_000) -> list[bytes]:
    """The entries as a node would have them in its log."""
    return [
        encode_entry(
            first + number,
            1,
            ts_ns + number,
            len(commands),
            b"".join(encode_command(command) for command in commands),
        )
        for number, commands in enumerate(entries)
    ]


def answers(entries: list[bytes]) -> dict[tuple[int, int], dict[int, tuple[Fact, ...]]]:
    """(log_index, position) -> member_id -> facts, as an honest node answers."""
    engine = build_engine("reference")
    found: dict[tuple[int, int], dict[int, tuple[Fact, ...]]] = {}
    for entry in entries:
        batch = EventBatch(engine.apply(entry))
        for position, records in batch.by_command.items():
            found[batch.head.log_index, position] = {
                member: tuple(
                    fact
                    for record in records
                    for fact in facts_of_event(record, member, batch.head.log_index)
                )
                for member in (ALICE, BOB)
            }
    return found


A1, A2, B1 = Key("alice", "a1"), Key("alice", "a2"), Key("bob", "b1")


@pytest.fixture
def journal() -> list[bytes]:
    return written(*ENTRIES)


@pytest.fixture
def history(journal: list[bytes]) -> History:
    seen = answers(journal)
    history = History()
    for key, kind, place, member in (
        (A1, "submit", (3, 0), ALICE),
        (B1, "submit", (4, 0), BOB),
        (A2, "cancel", (4, 1), ALICE),
    ):
        history.sent(key, kind)
        history.acknowledged(key, seen[place][member])
    return history


def check(journal: list[bytes], history: History, checker: Checker | None = None) -> Checker:
    checker = checker or Checker()
    checker.replay(journal)
    checker.check_acknowledged(history.since(0))
    checker.check_unresolved(history.in_state(State.SENT, State.UNKNOWN, State.REFUSED))
    checker.compare_positions()
    return checker


def invariants(checker: Checker) -> set[str]:
    return {violation.invariant for violation in checker.violations}


def test_a_sound_run_passes(journal: list[bytes], history: History) -> None:
    checker = check(journal, history)

    assert checker.violations == []
    assert (checker.log_index, checker.commands) == (4, 8)


def test_a_lost_acknowledged_command_is_caught(journal: list[bytes], history: History) -> None:
    checker = check(written(*ENTRIES[:3], [BUY]), history)

    assert [v.text for v in checker.violations if "is not in the log" in v.text]
    assert "I1" in invariants(checker)


def test_a_changed_result_is_caught(journal: list[bytes], history: History) -> None:
    history[A1].answers[0] = (history[A1].answers[0][0]._replace(order_id=77),)

    assert invariants(check(journal, history)) == {"I1"}


def test_an_answer_of_another_place_in_the_log_is_caught(
    journal: list[bytes], history: History
) -> None:
    moved: list[list[Command]] = [ENTRIES[0], ENTRIES[1], [EpochStarted(1, "n1")], *ENTRIES[2:]]

    assert "I1" in invariants(check(written(*moved), history))


class Forgetful:
    """A reference engine that forgets every cl_ord_id it has seen: no exactly-once."""

    def __init__(self) -> None:
        self._engine = ReferenceEngine()

    def apply(self, entry: bytes) -> bytes:
        self._engine._state.remembered_orders.clear()  # noqa: SLF001 - the fault injected
        return self._engine.apply(entry)

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)


def test_a_double_effect_is_caught(journal: list[bytes], history: History) -> None:
    repeated = journal + written([SELL], first=5, ts_ns=2_000)

    assert check(repeated, history).violations == []
    checker = check(repeated, history, Checker(Forgetful()))  # type: ignore[arg-type]
    assert "took effect in entry 3 and again in entry 5" in checker.violations[0].text


def test_a_repeat_with_another_outcome_is_caught(journal: list[bytes], history: History) -> None:
    repeated = journal + written([SELL], first=5, ts_ns=2_000)
    honest = answers(repeated)[5, 0][ALICE]
    history.sent(A1, "submit")
    history.acknowledged(A1, honest)

    assert check(repeated, history).violations == []
    history[A1].answers[1] = (honest[0]._replace(order_id=0),)
    assert invariants(check(repeated, history)) == {"I1"}


def test_a_command_without_an_outcome_is_caught(journal: list[bytes], history: History) -> None:
    history.sent(Key("bob", "b2"), "submit")
    history.unknown(Key("bob", "b2"))

    assert invariants(check(journal, history)) == {"I2"}


def test_a_missing_entry_is_caught(journal: list[bytes], history: History) -> None:
    del journal[2]

    assert {"I1", "I5"} <= invariants(check(journal, history))


def test_a_changed_byte_is_caught(journal: list[bytes], history: History) -> None:
    journal[2] = journal[2][:-1] + b"?"

    assert {"I1", "I11"} <= invariants(check(journal, history))


def test_time_that_goes_back_is_caught(journal: list[bytes], history: History) -> None:
    journal[3] = written(ENTRIES[3], first=4, ts_ns=1)[0]

    assert "I5" in invariants(check(journal, history))


NOBODY = OrderState(0, ALICE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "a1")


class Altered:
    """A reference engine whose batches pass through `alter` on their way out."""

    def __init__(self, kind: str) -> None:
        self._engine = build_engine("reference")
        self._kind = kind

    def apply(self, entry: bytes) -> bytes:
        batch = EventBatch(self._engine.apply(entry))
        head, events = batch.head, batch.events
        first = head.first_seq + (self._kind == "gap" and head.log_index == 4)
        records = []
        for record in events:
            event = record.event
            if isinstance(event, Trade) and self._kind == "short trade":
                values = {name: getattr(event, name) for name in Trade.__struct_fields__}
                event = Trade(**{**values, "qty": event.qty - 1})
            if self._kind == "lost level" and type(event).__name__ == "LevelChanged":
                continue
            if self._kind == "other order" and isinstance(event, Repeated):
                event = Repeated(event.outcome, event.reason, NOBODY, event.cl_ord_id, "")
            records.append(encode_event(event, record.command_no))
        return encode_batch(head.log_index, head.ts_ns, first, records)

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("none", set()),
        ("gap", {"I5"}),
        ("short trade", {"I9"}),
        ("lost level", {"I9"}),
        ("other order", {"I2"}),
    ],
)
def test_wrong_events_are_caught(kind: str, expected: set[str]) -> None:
    checker = Checker(Altered(kind))  # type: ignore[arg-type]
    checker.replay(written(*ENTRIES[:3], [BUY], [SELL]))
    checker.compare_positions()

    assert expected <= invariants(checker)
    assert bool(expected) == bool(checker.violations)


def test_another_digest_is_caught(journal: list[bytes]) -> None:
    checker = Checker()
    checker.replay(journal)
    state, events = checker.engine.digest().hex(), checker.engine.events_digest().hex()

    checker.check_digest(4, state, events)
    assert checker.violations == []
    checker.check_digest(4, state[::-1], events)
    checker.check_digest(4, state, events[::-1])
    assert [violation.invariant for violation in checker.violations] == ["I3", "I3"]
    with pytest.raises(ValueError, match="the digest is of 3"):
        checker.check_digest(3, state, events)


@pytest.mark.parametrize("fault", ["none", "gap", "twice", "late"])
def test_a_wrong_execution_stream_is_caught(journal: list[bytes], fault: str) -> None:
    checker = Checker()
    checker.replay(journal)
    told = [fact for facts in answers(journal).values() for fact in facts[ALICE]]
    assert len(told) == 3
    wrong = {"none": told, "gap": told[:1] + told[2:], "twice": told[:1] + told, "late": told[:-1]}

    checker.check_executions("alice", wrong[fault])

    assert invariants(checker) == (set() if fault == "none" else {"I8"})


def test_a_wrong_book_is_caught(journal: list[bytes]) -> None:
    checker = Checker()
    checker.replay(journal[:3])

    checker.check_book(1, [], [(100 * PX, 10)])
    assert checker.violations == []
    checker.check_book(1, [], [(100 * PX, 9)])
    assert invariants(checker) == {"I8"}


def test_a_refusal_after_a_lost_answer_leaves_the_command_unknown() -> None:
    history = History()
    key = Key("alice", "a1")
    history.sent(key, "submit")
    history.refused(key)
    assert history[key].state is State.REFUSED
    history.sent(key, "submit")
    history.unknown(key)
    history.sent(key, "submit")
    history.refused(key)
    assert history[key].state is State.UNKNOWN


def test_an_entry_that_was_cut_and_is_in_the_log_is_caught() -> None:
    checker = Checker()
    log = [b"first", b"second"]

    checker.check_cut("n1", [(2, b"unacknowledged"), (3, b"beyond")], log)
    assert checker.violations == []
    checker.check_cut("n1", [(2, b"second")], log)
    assert invariants(checker) == {"I7"}


def test_what_is_in_quarantine_is_read_but_for_cuts_that_made_room(tmp_path: Path) -> None:
    journal = MemoryJournal()
    journal.append([(1, b"kept"), (2, b"alone")])
    place = tmp_path / "quarantine"
    place.mkdir()
    journal.truncate_suffix(2, place, "the primary's log differs")
    journal.append([(2, b"replaced")])
    journal.truncate_suffix(2, place, "a snapshot at 9 replaces it")

    assert quarantined(tmp_path) == [(2, b"alone")]
