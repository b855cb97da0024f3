"""Looking at the state: book, order, position, stops, last and digest.

Room: what a look expects and what there is, as the lines of the file that would hold. A look asks
the engine through its queries and changes nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.engine.port import LevelView, OrderView
from exchange.model.enums import OrdStatus, Side
from exchange.model.event import OrderState
from exchange.model.instrument import Instrument
from exchange.model.reject import RejectReason
from exchange.scenario.decimals import normal, to_text
from exchange.scenario.faults import StatementFault
from exchange.scenario.names import OrderNames
from exchange.scenario.parties import Parties
from exchange.scenario.render import Renderer, line_of
from exchange.scenario.risk_desk import CASH_DECIMALS
from exchange.scenario.statement import Statement, Words
from exchange.scenario.venue import Venue

ORDERS_MAX = 1 << 40
"""More orders than any file can make: `stops` counts them all."""


class Finding(NamedTuple):
    """What a look found.

    `own` is the statement as it would hold, `attached` the lines below it (price levels), and
    `problems` what no line can express.
    """

    holds: bool
    own: str
    attached: list[str] | None = None
    problems: tuple[str, ...] = ()


class StateChecks:
    """The looks of one run."""

    def __init__(
        self, venue: Venue, names: OrderNames, parties: Parties, renderer: Renderer
    ) -> None:
        self._venue = venue
        self._names = names
        self._parties = parties
        self._renderer = renderer

    def look(self, statement: Statement) -> Finding:
        """Compare one look with the state."""
        words = statement.words
        match words.word:
            case "book":
                return self._book(statement)
            case "order":
                return self._order(words)
            case "position":
                return self._position(words)
            case "cash":
                return self._cash(words)
            case "stops":
                return self._stops(words)
            case "last":
                return self._last(words)
            case "interest":
                return self._interest(words)
            case _:
                return self._digest(words)

    def _book(self, statement: Statement) -> Finding:
        instrument = self._instrument(statement.words.args[0])
        depth = self._venue.engine.depth(instrument.instrument_id, 0)
        if depth is None:
            raise StatementFault(f"the engine shows no book of {instrument.symbol}")
        actual = [*self._levels("bid", depth.bids, instrument)]
        actual += self._levels("ask", depth.asks, instrument)
        expected = [
            (row.side, normal(row.price), normal(row.qty), row.order_count)
            for row in statement.levels
        ]
        # Sides may be written in either order; within one the best comes first.
        expected.sort(key=lambda row: row[0] == "ask")
        found = [(side, normal(price), normal(qty), count) for side, price, qty, count in actual]
        lines = [f"{side} {price} {qty} x{count}" for side, price, qty, count in actual]
        return Finding(expected == found, statement.text, lines)

    def _levels(
        self, side: str, levels: list[LevelView], instrument: Instrument
    ) -> list[tuple[str, str, str, int]]:
        instrument_id = instrument.instrument_id
        return [
            (
                side,
                self._renderer.price(level.price, instrument_id),
                self._renderer.qty(level.qty, instrument_id),
                level.order_count,
            )
            for level in levels
        ]

    def _order(self, words: Words) -> Finding:
        member_id, name = self._owner(words.args[0])
        cl_ord_id = self._names.current(member_id, name)
        view = self._venue.engine.order_by_cl_ord_id(member_id, cl_ord_id)
        actual = {"status": "NONE"} if view is None else self._order_keys(view)
        return self._compared(words, words.args, actual)

    def _order_keys(self, view: OrderView) -> dict[str, str]:
        order: OrderState = view.order
        reason = RejectReason(view.reject_reason).name if view.reject_reason else "NONE"
        status = {"status": OrdStatus(order.ord_status).name}
        special = self._renderer.special_terms(order, view.terms)
        return status | special | self._renderer.terms(order) | {"reason": reason}

    def _owner(self, name: str) -> tuple[int, str]:
        """Member and name of the order that the file means."""
        member, colon, rest = name.partition(":")
        if colon:
            return self._parties.known_member_id(member), rest
        owners = self._names.owners(name)
        if not owners:
            raise StatementFault(f"no order {name} was entered in this file")
        if len(owners) > 1:
            first = self._parties.member_name(owners[0])
            raise StatementFault(f"several members have an order {name}; write {first}:{name}")
        return owners[0], name

    def _cash(self, words: Words) -> Finding:
        member, currency, _ = words.args
        account_id = self._parties.known_account_id(member, words.keys.get("account", member))
        view = self._venue.engine.portfolio(account_id)
        found = [one for one in view.balances if one.currency == currency] if view else []
        amounts = (
            (found[0].cash, found[0].reserved, found[0].equity, found[0].buying_power)
            if found
            else (0, 0, 0, 0)
        )
        cash, reserved, equity, power = (to_text(amount, CASH_DECIMALS) for amount in amounts)
        actual = {"reserved": reserved, "equity": equity, "power": power}
        actual["account"] = words.keys.get("account", member)
        finding = self._compared(words, (member, currency, cash), actual)
        return finding._replace(holds=finding.holds and normal(words.args[2]) == normal(cash))

    def _position(self, words: Words) -> Finding:
        member, symbol, qty = words.args
        instrument = self._instrument(symbol)
        member_id = self._parties.known_member_id(member)
        engine = self._venue.engine
        if "account" in words.keys:
            accounts = {self._parties.known_account_id(member, words.keys["account"])}
        else:
            accounts = {a.account_id for a in engine.accounts() if a.member_id == member_id}
        held = sum(
            view.qty
            for view in engine.positions(0)
            if view.account_id in accounts and view.instrument_id == instrument.instrument_id
        )
        actual = self._renderer.qty(held, instrument.instrument_id)
        own = line_of(Words("position", (member, symbol, actual), words.keys))
        return Finding(normal(qty) == actual, own)

    def _stops(self, words: Words) -> Finding:
        symbol, count = words.args
        instrument_id = self._instrument(symbol).instrument_id
        live = self._venue.engine.orders(0, instrument_id, 0, ORDERS_MAX, live=True)
        actual = str(sum(view.is_waiting for view in live))
        return Finding(normal(count) == actual, f"stops {symbol} {actual}")

    def _last(self, words: Words) -> Finding:
        symbol, price = words.args
        instrument_id = self._instrument(symbol).instrument_id
        views = self._venue.engine.instruments()
        view = next(v for v in views if v.instrument.instrument_id == instrument_id)
        actual, qty = "none", "0"
        if view.last_price:
            actual = self._renderer.price(view.last_price, instrument_id)
            qty = self._renderer.qty(view.last_qty, instrument_id)
        found = self._compared(words, (symbol, actual), {"qty": qty})
        return found._replace(holds=found.holds and normal(price) == normal(actual))

    def _interest(self, words: Words) -> Finding:
        """The indications that stand in a dark book."""
        symbol, expected = words.args
        view = self._venue.engine.dark(self._instrument(symbol).instrument_id)
        sides = [event.side for event in view.indications] if view else []
        names = [Side(side).name.lower() if side else "either" for side in sides]
        actual = "both" if len(names) > 1 else "".join(names) or "none"
        return Finding(expected == actual, f"interest {symbol} {actual}")

    def _digest(self, words: Words) -> Finding:
        if words.args != ("equal",):
            raise StatementFault("expected: digest equal")
        problems = tuple(self._venue.verify())
        return Finding(not problems, "digest equal", problems=problems)

    def _compared(self, words: Words, args: tuple[str, ...], actual: dict[str, str]) -> Finding:
        """Compare the keys that are written; the line that would hold has the same keys."""
        keys = {key: actual.get(key, "NONE") for key in words.keys}
        holds = all(normal(value) == normal(keys[key]) for key, value in words.keys.items())
        return Finding(holds, line_of(Words(words.word, args, keys)))

    def _instrument(self, symbol: str) -> Instrument:
        instrument = self._venue.instrument(symbol)
        if instrument is None:
            raise StatementFault(f"there is no instrument {symbol}; write: instrument {symbol} ...")
        return instrument
