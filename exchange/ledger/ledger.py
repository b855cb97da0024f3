"""The balances of all ledger accounts, kept from events alone, and what must be true of them.

Room: one fold. It holds each event against what it knows: a transaction that does not sum to zero,
a bust of what was not traded so, a balance that an event states otherwise, each breaks invariant
I7 and stops the node. Trades are remembered until their trading day ends, as long as they can be
busted (R9.4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from exchange.engine.port import Engine
from exchange.errors import InvariantViolation
from exchange.ledger.accounts import Kind, LedgerAccount, Posting, Unit
from exchange.ledger.postings import Terms, TermsOf, terms_of, transaction_of
from exchange.model.batch import EventBatch
from exchange.model.event import Event, InstrumentChanged, Trade, TradingDayChanged
from exchange.model.event_scan import BookedTrade, Kinds, bookings, kinds_of
from exchange.model.risk_event import (
    CashAdjusted,
    PositionAdjusted,
    TradeBusted,
    TradeCorrected,
    TradeFees,
    VariationSettled,
)

_TRADING = kinds_of(Trade, TradeFees)
_OTHERS = kinds_of(
    TradeBusted,
    TradeCorrected,
    VariationSettled,
    CashAdjusted,
    PositionAdjusted,
    InstrumentChanged,
    TradingDayChanged,
)
_TELLING = Kinds(
    bytes(map(max, _TRADING.flags, _OTHERS.flags)),
    _TRADING.mask | _OTHERS.mask,
)
"""Events that the books take in; all others are passed over."""

_TRADE_FIELDS = len(BookedTrade._fields)


class Booked(NamedTuple):
    """A trade as it stands, and the terms under which it was made; qty 0 = it was busted."""

    price: int
    qty: int
    buy_account_id: int
    sell_account_id: int
    buy_fee: int
    sell_fee: int
    terms: Terms


class Ledger:
    """Balances by ledger account; those that are zero are left out."""

    def __init__(self) -> None:
        self._balances: dict[LedgerAccount, int] = {}
        self._terms: dict[int, Terms] = {}
        self._booked: dict[int, Booked] = {}
        self._knows_the_day = True
        self.seq = 0
        self.transaction_count = 0

    def load(self, engine: Engine) -> None:
        """Open the books with what the engine holds; used once, at start.

        The house's side follows: CLEARING owes what futures cost that is not settled yet, BANK and
        DEPOSITORY gave what the accounts have. Trades of before are not known; their busts are
        booked without being held against them.
        """
        self._balances.clear()
        self._booked.clear()
        self._knows_the_day = engine.next_event_seq == 1
        self.seq = engine.next_event_seq - 1
        self._terms = {
            row.instrument.instrument_id: terms_of(row.instrument) for row in engine.instruments()
        }
        for currency, amount in engine.venue_cash():
            self._add(LedgerAccount(Kind.FEES, 0, Unit(0, currency)), amount)
        for account in engine.accounts():
            view = engine.portfolio(account.account_id)
            if view is None:
                continue
            for held in view.balances:
                owner = LedgerAccount(Kind.MEMBER, view.account_id, Unit(0, held.currency))
                self._add(owner, held.cash)
            for holding in view.holdings:
                unit = Unit(holding.instrument_id, "")
                self._add(LedgerAccount(Kind.MEMBER, view.account_id, unit), holding.qty)
                terms = self._terms[holding.instrument_id]
                if terms.is_future:
                    clearing = LedgerAccount(Kind.CLEARING, 0, Unit(0, terms.currency))
                    self._add(clearing, -holding.cost)
        for unit, amount in self.sums().items():
            given_by = Kind.DEPOSITORY if unit.instrument_id else Kind.BANK
            self._add(LedgerAccount(given_by, 0, unit), -amount)

    def on_batch(self, batch: EventBatch) -> None:
        """Fold one batch. Raises InvariantViolation if it does not add up (I7)."""
        if batch.kinds & _OTHERS.mask or not self._book_together(batch):
            self._book_each(batch)
        if batch.head.event_count:
            self.seq = batch.head.last_seq

    def _book_each(self, batch: EventBatch) -> None:
        for seq, _, event in batch.of_kinds(_TELLING):
            self.seq = seq
            match event:
                case InstrumentChanged(instrument=instrument):
                    self._terms[instrument.instrument_id] = terms_of(instrument)
                case TradingDayChanged():
                    self._booked.clear()
                    self._knows_the_day = True
                case _:
                    self._book(event)

    # Trades and fees alone, as most batches are: what they move is summed up and booked at once.
    # False, and nothing was done, where anything is odd: `_book_each` then says what.
    def _book_together(self, batch: EventBatch) -> bool:
        if not batch.kinds & _TRADING.mask:
            return True
        rows = bookings(batch)
        fresh: dict[int, Booked] = {}
        shares: defaultdict[tuple[int, int], int] = defaultdict(int)
        notional: defaultdict[tuple[int, int], int] = defaultdict(int)
        fees: defaultdict[tuple[int, str], int] = defaultdict(int)
        for row in rows:
            if len(row) == _TRADE_FIELDS:
                _, trade_id, instrument_id, price, qty, buys, buyer, sells, seller = row
                terms = self._terms.get(instrument_id)
                is_known = trade_id in fresh or trade_id in self._booked
                if is_known or terms is None or not buys == sells == instrument_id:
                    return False
                fresh[trade_id] = Booked(price, qty, buyer, seller, 0, 0, terms)
                shares[buyer, instrument_id] += qty
                shares[seller, instrument_id] -= qty
                notional[buyer, instrument_id] -= price * qty
                notional[seller, instrument_id] += price * qty
            else:
                _, trade_id, buyer, seller, buy_fee, sell_fee, currency = row
                booked = fresh.get(trade_id) or self._booked.get(trade_id)
                if booked is None or booked[2:4] != (buyer, seller):
                    return False
                fresh[trade_id] = Booked(*booked[:4], buy_fee, sell_fee, booked.terms)
                fees[buyer, currency] -= buy_fee
                fees[seller, currency] -= sell_fee
        self._booked.update(fresh)
        self.transaction_count += len(rows)
        self._add_all(shares, notional, fees)
        return True

    def _add_all(
        self,
        shares: Mapping[tuple[int, int], int],
        notional: Mapping[tuple[int, int], int],
        fees: Mapping[tuple[int, str], int],
    ) -> None:
        for (account_id, instrument_id), qty in shares.items():
            self._add(LedgerAccount(Kind.MEMBER, account_id, Unit(instrument_id, "")), qty)
        for (account_id, instrument_id), amount in notional.items():
            currency, scale, is_future = self._terms[instrument_id]
            if not is_future:
                owner = LedgerAccount(Kind.MEMBER, account_id, Unit(0, currency))
                self._add(owner, amount * scale)
        for (account_id, currency), amount in fees.items():
            self._add(LedgerAccount(Kind.MEMBER, account_id, Unit(0, currency)), amount)
            self._add(LedgerAccount(Kind.FEES, 0, Unit(0, currency)), -amount)

    def balance(self, account: LedgerAccount) -> int:
        """What is on an account now; 0 for one that was never used."""
        return self._balances.get(account, 0)

    def balances(self, account_id: int | None = None) -> list[Posting]:
        """All balances other than zero, or those of one member's account, in order."""
        return [
            Posting(account, self._balances[account])
            for account in sorted(self._balances)
            if account_id is None
            or (account.kind == Kind.MEMBER and account.account_id == account_id)
        ]

    def sums(self) -> dict[Unit, int]:
        """Units in which the balances do not sum to zero; empty, or I7 is broken."""
        sums: defaultdict[Unit, int] = defaultdict(int)
        for account, amount in self._balances.items():
            sums[account.unit] += amount
        return {unit: amount for unit, amount in sums.items() if amount}

    def terms(self, instrument_id: int) -> Terms:
        """The terms of an instrument; InvariantViolation for one that nobody told of."""
        found = self._terms.get(instrument_id)
        if found is None:
            raise InvariantViolation("ledger_instrument_known", instrument_id=instrument_id)
        return found

    def _book(self, event: Event) -> None:
        transaction = transaction_of(event, self._terms_for(event))
        if transaction is None:
            return
        imbalances = transaction.imbalances()
        if imbalances:
            raise InvariantViolation(
                "ledger_zero_sum", seq=self.seq, kind=transaction.kind.name, sums=imbalances
            )
        match event:
            case Trade():
                self._remember(event)
            case TradeFees():
                self._charge(event)
            case TradeBusted() | TradeCorrected():
                self._revise(event)
            case _:
                pass
        for account, amount in transaction.postings:
            self._add(account, amount)
        self.transaction_count += 1
        self._check_stated(event)

    def _terms_for(self, event: Event) -> TermsOf:
        """The terms by which an event is booked: those of the trade where it revises one."""
        if isinstance(event, TradeBusted | TradeCorrected):
            booked = self._booked.get(event.trade_id)
            if booked is not None:
                in_force = booked.terms
                return lambda _: in_force
        return self.terms

    def _remember(self, event: Trade) -> None:
        if event.trade_id in self._booked:
            raise InvariantViolation("ledger_trade_told_once", trade_id=event.trade_id)
        self._booked[event.trade_id] = Booked(
            event.price,
            event.qty,
            event.buy.account_id,
            event.sell.account_id,
            0,
            0,
            self.terms(event.instrument_id),
        )

    def _charge(self, event: TradeFees) -> None:
        booked = self._booked.get(event.trade_id)
        sides = (event.buy_account_id, event.sell_account_id)
        if booked is None or sides != (booked.buy_account_id, booked.sell_account_id):
            raise InvariantViolation("ledger_fees_fit_the_trade", trade_id=event.trade_id)
        self._booked[event.trade_id] = booked._replace(
            buy_fee=event.buy_fee, sell_fee=event.sell_fee
        )

    def _revise(self, event: TradeBusted | TradeCorrected) -> None:
        """Hold a bust or correction against the trade as it stands, and note what it is now."""
        booked = self._booked.get(event.trade_id)
        if booked is None and not self._knows_the_day:
            return  # traded before the books were opened
        now = Booked(
            event.price,
            event.qty,
            event.buy.account_id,
            event.sell.account_id,
            event.buy_fee,
            event.sell_fee,
            booked.terms if booked else self.terms(event.instrument_id),
        )
        former = now
        if isinstance(event, TradeCorrected):
            former = now._replace(
                price=event.former_price,
                qty=event.former_qty,
                buy_fee=event.former_buy_fee,
                sell_fee=event.former_sell_fee,
            )
        else:
            now = now._replace(qty=0)
        if booked != former:
            raise InvariantViolation(
                "ledger_reversal_fits_the_trade", trade_id=event.trade_id, seq=self.seq
            )
        self._booked[event.trade_id] = now

    def _check_stated(self, event: Event) -> None:
        """Balances that an event states itself are those of the books."""
        match event:
            case CashAdjusted(account_id=account_id, currency=currency, balance=stated):
                unit = Unit(0, currency)
            case PositionAdjusted(account_id=account_id, instrument_id=number, position=stated):
                unit = Unit(number, "")
            case _:
                return
        kept = self.balance(LedgerAccount(Kind.MEMBER, account_id, unit))
        if kept != stated:
            raise InvariantViolation(
                "ledger_balance_as_stated", account_id=account_id, kept=kept, stated=stated
            )

    def _add(self, account: LedgerAccount, amount: int) -> None:
        balance = self._balances.get(account, 0) + amount
        if balance:
            self._balances[account] = balance
        else:
            self._balances.pop(account, None)
