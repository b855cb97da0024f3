"""I7: the books of the ledger are the engine's, over random markets and the golden session."""

from __future__ import annotations

import random
from collections import deque
from pathlib import Path
from typing import Any

import msgspec
import pytest

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.errors import InvariantViolation
from exchange.ledger.accounts import Kind, LedgerAccount, Unit
from exchange.ledger.ledger import Ledger
from exchange.model import command as c
from exchange.model.batch import EventBatch
from exchange.model.codec import decode_batch_head, encode_batch, encode_event
from exchange.model.enums import AssetClass
from exchange.model.event import Event, Trade
from exchange.model.instrument import Instrument
from exchange.model.risk_command import BustTrade, CorrectTrade
from exchange.model.risk_event import CashAdjusted, PositionAdjusted, TradeBusted, TradeFees
from tests.golden.golden_file import read_log
from tests.properties.risk_audit import RiskAudit
from tests.properties.test_risk_long_runs import RiskTrader, opened
from tests.recorder import ABC, buy, sell
from tests.risk_desk import UNIT, RiskDesk
from tests.tidy_source import ROOT

GOLDEN = Path(ROOT) / "tests" / "golden" / "sessions"
SECOND = 10**9


def assert_agrees(ledger: Ledger, engine: Engine) -> None:
    """Cash, positions and fees are the engine's; clearing is what futures still owe; all is 0."""
    assert not ledger.sums()
    kept = {row.account: row.amount for row in ledger.balances()}
    shown: dict[LedgerAccount, int] = {}
    owed: dict[str, int] = {}
    futures = {
        row.instrument.instrument_id: row.instrument.currency
        for row in engine.instruments()
        if row.instrument.asset_class == AssetClass.FUTURE
    }
    for account in engine.accounts():
        number = account.account_id
        view = engine.portfolio(number)
        assert view is not None
        for money in view.balances:
            shown[LedgerAccount(Kind.MEMBER, number, Unit(0, money.currency))] = money.cash
        for held in view.holdings:
            shown[LedgerAccount(Kind.MEMBER, number, Unit(held.instrument_id, ""))] = held.qty
            if held.instrument_id in futures:
                currency = futures[held.instrument_id]
                owed[currency] = owed.get(currency, 0) - held.cost
    for currency, amount in engine.venue_cash():
        shown[LedgerAccount(Kind.FEES, 0, Unit(0, currency))] = amount
    for currency, amount in owed.items():
        shown[LedgerAccount(Kind.CLEARING, 0, Unit(0, currency))] = amount
    outside = {Kind.BANK, Kind.DEPOSITORY}
    assert {key: n for key, n in kept.items() if key.kind not in outside} == {
        key: n for key, n in shown.items() if n
    }
    assert [r.amount for r in ledger.balances(1)] == [
        n for key, n in sorted(shown.items()) if key.account_id == 1 and n
    ]


@pytest.mark.parametrize("run", range(2))
def test_the_books_are_the_engines_folded_from_genesis_or_loaded_on_the_way(
    run: int, seed: int
) -> None:
    chance = random.Random(seed + run)
    desk, audit, trader = opened(), RiskAudit(), RiskTrader(chance)
    folded, loaded = Ledger(), Ledger()
    for raw in desk.batches:
        folded.on_batch(EventBatch(raw))
        audit.fold(EventBatch(raw).events)
    loaded.load(desk.engine)
    while trader.sent < 700:
        desk.ts_ns += chance.choice([0, 1, SECOND])
        command = trader.command(audit)
        audit.fold(desk.records(command))
        if isinstance(command, c.CloseSession):
            audit.trades.clear()
            desk.records(c.OpenSession(0, *desk.tail()))
        for raw in desk.batches[-2:]:
            batch = EventBatch(raw)
            if batch.head.first_seq > folded.seq:
                folded.on_batch(batch)
                loaded.on_batch(batch)
        if trader.sent % 10 == 0:
            assert_agrees(folded, desk.engine)
            assert loaded.balances() == folded.balances()
        if trader.sent % 100 == 0:
            loaded = Ledger()
            loaded.load(desk.engine)
            assert loaded.balances() == folded.balances()
    assert folded.seq == desk.engine.next_event_seq - 1
    assert folded.transaction_count > 50


def test_the_books_of_the_golden_session_are_the_engines() -> None:
    engine, ledger = build_engine("reference"), Ledger()
    ledger.load(engine)
    for entry in read_log(GOLDEN / "spine-1.log"):
        ledger.on_batch(EventBatch(engine.apply(entry)))
        assert_agrees(ledger, engine)
    assert ledger.transaction_count > 50


def test_a_future_owes_in_clearing_what_only_one_side_has_settled() -> None:
    future = msgspec.structs.replace(ABC, symbol="FUT", asset_class=AssetClass.FUTURE)
    desk = desk_with(future)
    desk.send(buy(1, "b", 10, 1_000), sell(2, "s", 10, 1_000))
    desk.send(buy(3, "b2", 10, 1_100), sell(1, "s2", 10, 1_100))
    ledger = folded(desk)
    clearing = LedgerAccount(Kind.CLEARING, 0, Unit(0, "USD"))
    assert ledger.balance(clearing) == -1_000 * UNIT
    assert_agrees(ledger, desk.engine)
    desk.send(c.CloseSession(0, *desk.tail()))
    ledger.on_batch(EventBatch(desk.batches[-1]))
    assert ledger.balance(clearing) == 0
    assert_agrees(ledger, desk.engine)


def test_a_trade_is_busted_by_the_terms_under_which_it_was_made() -> None:
    """R9.4: between them nobody held the instrument, and its multiplier changed."""
    desk = desk_with(ABC)
    desk.send(buy(1, "b", 10, 1_000), sell(2, "s", 10, 1_000))
    desk.send(sell(1, "s2", 10, 1_000), buy(2, "b2", 10, 1_000))
    now = msgspec.structs.replace(ABC, instrument_id=1, contract_multiplier=7)
    assert desk.told(c.UpdateInstrument(now, *desk.tail()))[0] == "admin_accepted 1"
    desk.send(BustTrade(1, *desk.tail(), "error"))
    assert_agrees(folded(desk), desk.engine)


def test_trades_booked_together_are_trades_booked_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Many trades with fees in one entry."""
    desk = desk_with(ABC)
    for turn in range(20):
        resting = [sell(2, f"s{turn}-{n}", 10 + 5 * n, 1_000) for n in range(5)]
        desk.send(*resting, buy(1, f"b{turn}", 65, 1_000), buy(3, f"c{turn}", 35, 1_000))
    together = folded(desk)
    monkeypatch.setattr(Ledger, "_book_together", lambda *_: False)
    one_by_one = folded(desk)
    assert together.balances() == one_by_one.balances()
    assert together.transaction_count == one_by_one.transaction_count > 200
    assert_agrees(together, desk.engine)


def desk_with(instrument: Instrument) -> RiskDesk:
    desk = RiskDesk()
    desk.open_market(instrument)
    desk.fees(-100, 300)
    return desk


def folded(desk: RiskDesk) -> Ledger:
    ledger = Ledger()
    for raw in desk.batches:
        ledger.on_batch(EventBatch(raw))
    return ledger


def story() -> RiskDesk:
    """Deposits, a delivery, two trades with fees, a correction and a bust."""
    desk = desk_with(ABC)
    desk.pay(1, 5_000)
    desk.deliver(2, 40)
    for name in ("1", "2"):
        desk.send(buy(1, f"b{name}", 10, 1_000), sell(2, f"s{name}", 10, 1_000))
    desk.send(CorrectTrade(1, 990, 5, *desk.tail(), "typo"))
    desk.send(BustTrade(1, *desk.tail(), "error"))
    return desk


def with_buyer(event: Any, **changes: int) -> Any:
    return msgspec.structs.replace(event, buy=msgspec.structs.replace(event.buy, **changes))


TAMPERED: list[tuple[type, Any, str]] = [
    (Trade, lambda e: with_buyer(e, instrument_id=2), "ledger_zero_sum"),
    (Trade, lambda e: msgspec.structs.replace(e, qty=5), "ledger_reversal_fits_the_trade"),
    (Trade, lambda e: msgspec.structs.replace(e, trade_id=9), "ledger_fees_fit_the_trade"),
    (Trade, lambda e: with_buyer(e, account_id=3), "ledger_fees_fit_the_trade"),
    (TradeBusted, lambda e: with_buyer(e, instrument_id=2), "ledger_zero_sum"),
    (TradeBusted, lambda e: msgspec.structs.replace(e, price=1), "ledger_reversal_fits_the_trade"),
    (TradeBusted, lambda e: msgspec.structs.replace(e, trade_id=3), "ledger_reversal_fits"),
    (TradeFees, lambda e: msgspec.structs.replace(e, buy_fee=1), "ledger_reversal_fits_the_trade"),
    (CashAdjusted, lambda e: msgspec.structs.replace(e, amount=1), "ledger_balance_as_stated"),
    (PositionAdjusted, lambda e: msgspec.structs.replace(e, qty=1), "ledger_balance_as_stated"),
]


@pytest.mark.parametrize(("kind", "tamper", "found"), TAMPERED)
def test_a_tampered_event_breaks_the_books(kind: type[Event], tamper: Any, found: str) -> None:
    desk = story()
    desk.send(c.CreateInstrument(msgspec.structs.replace(ABC, symbol="XYZ"), *desk.tail()))
    sound, tampered = Ledger(), Ledger()
    # The second instrument is known beforehand, so that only what was tampered with is wrong.
    for ledger in (sound, tampered):
        ledger.on_batch(EventBatch(desk.batches[-1]))
    falsified: list[EventBatch] = []
    is_done = False
    for raw in desk.batches[:-1]:
        batch = EventBatch(raw)
        sound.on_batch(batch)
        events = [(record.event, record.command_no) for record in batch.events]
        at = next((i for i, (e, _) in enumerate(events) if type(e) is kind), None)
        if at is not None and not is_done:
            events[at] = (tamper(events[at][0]), events[at][1])
            is_done = True
        falsified.append(rewritten(raw, events))
    assert is_done
    with pytest.raises(InvariantViolation, match=found):
        deque(map(tampered.on_batch, falsified), maxlen=0)


def rewritten(raw: bytes, events: list[tuple[Event, int]]) -> EventBatch:
    """A batch with other events, otherwise as it was."""
    head = decode_batch_head(raw)
    body = [encode_event(event, command_no) for event, command_no in events]
    return EventBatch(encode_batch(head.log_index, head.ts_ns, head.first_seq, body))
