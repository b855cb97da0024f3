"""The auditor of R8: from events alone, what every account must have, and what must be reserved.

Room: slow, obvious sums. It knows no code of the engine: cash is the sum of what trades, fees,
deposits, corrections and variation moved; a position is the sum of trades and deliveries; what is
reserved is counted over the live orders as their last event showed them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from exchange.engine.port import Engine
from exchange.model import event as e
from exchange.model import risk_event as re
from exchange.model.codec import EventRecord
from exchange.model.enums import AssetClass, Side
from exchange.model.instrument import Instrument

VENUE = 0
OUTSIDE = -1
Key = tuple[int, str]


class RiskAudit:
    """Folds events into balances, positions and live orders."""

    def __init__(self) -> None:
        self.cash: defaultdict[Key, int] = defaultdict(int)
        self.positions: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.instruments: dict[int, Instrument] = {}
        self.orders: dict[int, e.OrderState] = {}
        self.trades: dict[int, e.Trade] = {}

    def fold(self, records: Iterable[EventRecord]) -> None:
        """Take in the events of one entry."""
        for record in records:
            self._fold_one(record.event)

    def _fold_one(self, event: e.Event) -> None:
        match event:
            case e.InstrumentChanged(instrument=instrument):
                self.instruments[instrument.instrument_id] = instrument
            case e.Trade():
                self.trades[event.trade_id] = event
                self.orders[event.buy.order_id] = event.buy
                self.orders[event.sell.order_id] = event.sell
                ids = (event.buy.account_id, event.sell.account_id)
                self._move(event.instrument_id, ids, event.price, event.qty)
            case re.TradeFees(currency=currency):
                self._charge(event.buy_account_id, currency, event.buy_fee)
                self._charge(event.sell_account_id, currency, event.sell_fee)
            case re.TradeBusted(currency=currency):
                ids = (event.buy.account_id, event.sell.account_id)
                self._move(event.instrument_id, ids, event.price, -event.qty)
                self._charge(ids[0], currency, -event.buy_fee)
                self._charge(ids[1], currency, -event.sell_fee)
            case re.TradeCorrected(currency=currency):
                ids = (event.buy.account_id, event.sell.account_id)
                self._move(event.instrument_id, ids, event.former_price, -event.former_qty)
                self._move(event.instrument_id, ids, event.price, event.qty)
                self._charge(ids[0], currency, event.buy_fee - event.former_buy_fee)
                self._charge(ids[1], currency, event.sell_fee - event.former_sell_fee)
            case re.VariationSettled(account_id=account_id, amount=amount, currency=currency):
                self.cash[account_id, currency] += amount
            case re.CashAdjusted(account_id=account_id, amount=amount, currency=currency):
                self.cash[account_id, currency] += amount
                self.cash[OUTSIDE, currency] -= amount
                assert self.cash[account_id, currency] == event.balance
            case re.PositionAdjusted(account_id=account_id, instrument_id=instrument_id):
                self.positions[account_id, instrument_id] += event.qty
                self.positions[OUTSIDE, instrument_id] -= event.qty
            case (
                e.Accepted(order=order)
                | e.Replaced(order=order)
                | e.Restated(order=order)
                | e.Triggered(order=order)
                | e.TermsChanged(order=order)
                | e.Canceled(order=order)
                | e.Expired(order=order)
            ):
                self.orders[order.order_id] = order
            case _:
                pass

    def assert_agrees(self, engine: Engine) -> None:
        """I7: cash, positions and reservations of the engine are these, and nothing got lost."""
        shown: dict[Key, int] = {(VENUE, c): n for c, n in engine.venue_cash()}
        buys: defaultdict[tuple[int, int], int] = defaultdict(int)
        sells: defaultdict[tuple[int, int], int] = defaultdict(int)
        for order in self.orders.values():
            if order.leaves_qty:
                side = buys if order.side == Side.BUY else sells
                side[order.account_id, order.instrument_id] += order.leaves_qty
        for account in engine.accounts():
            view = engine.portfolio(account.account_id)
            assert view is not None
            for balance in view.balances:
                if balance.cash:
                    shown[account.account_id, balance.currency] = balance.cash
                assert balance.reserved >= self._reserved(account.account_id, balance.currency)
            for held in view.holdings:
                key = (account.account_id, held.instrument_id)
                assert held.qty == self.positions[key]
                assert (held.cost == 0) or held.qty
                assert held.open_buy_qty == buys.pop(key, 0)
                assert held.open_sell_qty == sells.pop(key, 0)
        assert not buys
        assert not sells
        assert shown == {k: n for k, n in self.cash.items() if n and k[0] != OUTSIDE}
        self._assert_conserved(engine)

    def _assert_conserved(self, engine: Engine) -> None:
        totals: defaultdict[str, int] = defaultdict(int)
        for (_, currency), amount in self.cash.items():
            totals[currency] += amount
        unsettled: defaultdict[str, int] = defaultdict(int)
        for account in engine.accounts():
            view = engine.portfolio(account.account_id)
            assert view is not None
            for held in view.holdings:
                instrument = self.instruments[held.instrument_id]
                if instrument.asset_class == AssetClass.FUTURE:
                    unsettled[instrument.currency] += held.cost
        # A gain of a future is paid before its loss where only one side has closed.
        assert all(totals[c] == unsettled[c] for c in {*totals, *unsettled})
        held_of: defaultdict[int, int] = defaultdict(int)
        for (_, instrument_id), qty in self.positions.items():
            held_of[instrument_id] += qty
        assert not any(held_of.values())

    def _reserved(self, account_id: int, currency: str) -> int:
        """Open buys that pay a notional, at their price; market orders rest nowhere here."""
        return sum(
            o.leaves_qty * o.price * self._scale(o.instrument_id)
            for o in self.orders.values()
            if o.account_id == account_id
            and o.side == Side.BUY
            and self.instruments[o.instrument_id].currency == currency
            and self.instruments[o.instrument_id].asset_class != AssetClass.FUTURE
        )

    def _scale(self, instrument_id: int) -> int:
        instrument = self.instruments[instrument_id]
        return int(instrument.contract_multiplier * 10 ** (9 - instrument.qty_decimals))

    def _move(self, instrument_id: int, ids: tuple[int, int], price: int, qty: int) -> None:
        buyer, seller = ids
        self.positions[buyer, instrument_id] += qty
        self.positions[seller, instrument_id] -= qty
        instrument = self.instruments[instrument_id]
        if instrument.asset_class != AssetClass.FUTURE:
            value = price * qty * self._scale(instrument_id)
            self.cash[buyer, instrument.currency] -= value
            self.cash[seller, instrument.currency] += value

    def _charge(self, account_id: int, currency: str, fee: int) -> None:
        self.cash[account_id, currency] -= fee
        self.cash[VENUE, currency] += fee
