"""Random orders with terms, for long runs: most of them make sense, some do not.

Room: drawing commands. Prices lie within a few ticks of each other, so that stops trigger, pegs
follow, icebergs refresh and all-or-none orders find their whole quantity again and again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from exchange.model import command as c
from exchange.model.enums import (
    OrderFlag,
    OrdType,
    PegType,
    Side,
    StpMode,
    TimeInForce,
    TrailUnit,
)
from exchange.model.terms import ChangedTerms, OrderTerms

MIDDLE = 1_000
TICK = 10
LOT = 5


class SpecialTrader:
    """Draws commands of three members in two instruments; `live` is kept up to date by the run."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.live: list[tuple[int, int, str]] = []
        self._names = 0
        self._halted: list[int] = []

    def command(self, now_ns: int) -> c.Command:
        """The next command."""
        if self._halted and self.chance.random() < 0.3:
            return c.Resume(self._halted.pop(), 0, 1, self._name(), "olga", "drill")
        draw = self.chance.random()
        if draw < 0.70 or not self.live:
            return self._order(now_ns)
        if draw < 0.86:
            return self._replace()
        member_id, order_id, _ = self.chance.choice(self.live)
        if draw < 0.985:
            return c.CancelOrder(member_id, order_id, self._name(), "")
        number = self.chance.randint(1, 2)
        if draw < 0.99 or number in self._halted:
            return c.MassCancel(member_id, 0, number, 0, self._name())
        self._halted.append(number)
        return c.Halt(number, 0, 0, self._name(), "olga", "drill")

    def _name(self) -> str:
        self._names += 1
        return f"s{self._names}"

    def _price(self, side: int, reach: int = 8) -> int:
        away = self.chance.randint(-3, reach) * TICK
        return MIDDLE - away if side == Side.BUY else MIDDLE + away

    def _order(self, now_ns: int) -> c.Command:
        chance = self.chance
        kind = chance.choice(list(_KINDS))
        side = chance.choice(list(Side))
        tif = chance.choice([TimeInForce.DAY] * 5 + [TimeInForce.GTC, TimeInForce.GTD])
        ord_type, flags, drawn = _KINDS[kind](self, side)
        terms: dict[str, Any] = dict(drawn)
        price = self._price(side) if ord_type in _PRICED else 0
        if kind in ("ioc", "min_qty"):
            tif = TimeInForce.IOC
        elif kind == "fok":
            tif = TimeInForce.FOK
        if chance.random() < 0.05:
            flags |= OrderFlag.REDUCE_ONLY
        member_id = chance.randint(1, 3)
        plain = c.NewOrder(
            member_id=member_id,
            account_id=member_id,
            instrument_id=chance.choice([1, 1, 2]),
            side=side,
            ord_type=ord_type,
            time_in_force=tif,
            stp=chance.choice([0, *StpMode]),
            flags=flags,
            order_qty=LOT * chance.randint(2, 30),
            price=price,
            expire_ts_ns=now_ns + chance.randint(1, 90) if tif == TimeInForce.GTD else 0,
            cl_ord_id=self._name(),
        )
        if kind == "oco" and self.live:
            names = [name for owner, _, name in self.live if owner == member_id]
            terms = {"oco_cl_ord_id": chance.choice(names)} if names else {}
        if chance.random() < 0.1:
            terms = terms | {"stp_group": chance.randint(1, 2)}
        if not terms:
            return plain
        return c.NewOrderWithTerms(plain, OrderTerms(**terms))

    def stop_price(self, side: int) -> int:
        """A little beyond the middle, now and then behind it."""
        away = self.chance.randint(-2, 5) * TICK
        return MIDDLE + away if side == Side.BUY else MIDDLE - away

    def trail(self) -> dict[str, int]:
        """Ticks or basis points, sometimes with a first stop price."""
        if self.chance.random() < 0.5:
            found = {"trail": TICK * self.chance.randint(1, 4), "trail_unit": TrailUnit.PRICE}
        else:
            found = {"trail": self.chance.randint(50, 400), "trail_unit": TrailUnit.BASIS_POINTS}
        return {name: int(value) for name, value in found.items()}

    def peg(self, peg: PegType) -> dict[str, int]:
        """A peg with a small offset, sometimes capped."""
        chance = self.chance
        found = {"peg": peg.value, "peg_offset": TICK * chance.randint(-2, 2)}
        if chance.random() < 0.3:
            found["peg_limit"] = MIDDLE + TICK * chance.randint(-2, 2)
        return found

    def _replace(self) -> c.Command:
        chance = self.chance
        member_id, order_id, _ = chance.choice(self.live)
        qty = chance.choice([0, LOT * chance.randint(2, 40)])
        price = chance.choice([0, MIDDLE + TICK * chance.randint(-6, 6)])
        plain = c.ReplaceOrder(member_id, order_id, qty, price, self._name(), "")
        changes: list[dict[str, int]] = [
            {},
            {},
            {"stop_price": MIDDLE + TICK * chance.randint(-5, 5)},
            {"trail": TICK * chance.randint(1, 5)},
            {"peg_offset_given": 1, "peg_offset": TICK * chance.randint(-2, 2)},
            {"display_qty": LOT * chance.randint(1, 6)},
        ]
        changed = chance.choice(changes)
        if not changed:
            return plain
        if chance.random() < 0.7:
            plain = c.ReplaceOrder(member_id, order_id, qty, 0, plain.cl_ord_id, "")
        return c.ReplaceOrderWithTerms(plain, ChangedTerms(**changed))


_PRICED = (OrdType.LIMIT, OrdType.STOP_LIMIT, OrdType.TRAILING_STOP_LIMIT)
_HIDDEN, _WHOLE = OrderFlag.HIDDEN.value, OrderFlag.ALL_OR_NONE.value

_Drawn = tuple[int, int, dict[str, int]]
_KINDS: dict[str, Callable[[SpecialTrader, int], _Drawn]] = {
    "plain": lambda _t, _s: (OrdType.LIMIT, 0, {}),
    "limit": lambda _t, _s: (OrdType.LIMIT, 0, {}),
    "market": lambda _t, _s: (OrdType.MARKET, 0, {}),
    "to_limit": lambda _t, _s: (OrdType.MARKET_TO_LIMIT, 0, {}),
    "ioc": lambda _t, _s: (OrdType.LIMIT, 0, {}),
    "fok": lambda _t, _s: (OrdType.LIMIT, 0, {}),
    "min_qty": lambda t, _s: (OrdType.LIMIT, 0, {"min_qty": LOT * t.chance.randint(2, 10)}),
    "post_only": lambda _t, _s: (OrdType.LIMIT, OrderFlag.POST_ONLY.value, {}),
    "reprice": lambda _t, _s: (OrdType.LIMIT, OrderFlag.POST_ONLY_REPRICE.value, {}),
    "hidden": lambda _t, _s: (OrdType.LIMIT, _HIDDEN, {}),
    "whole": lambda _t, _s: (OrdType.LIMIT, _WHOLE, {}),
    "iceberg": lambda t, _s: (OrdType.LIMIT, 0, {"display_qty": LOT * t.chance.randint(1, 6)}),
    "oco": lambda _t, _s: (OrdType.LIMIT, 0, {}),
    "stop": lambda t, s: (OrdType.STOP, 0, {"stop_price": t.stop_price(s)}),
    "stop_limit": lambda t, s: (OrdType.STOP_LIMIT, 0, {"stop_price": t.stop_price(s)}),
    "stop_whole": lambda t, s: (OrdType.STOP_LIMIT, _WHOLE, {"stop_price": t.stop_price(s)}),
    "stop_post": lambda t, s: (
        OrdType.STOP_LIMIT,
        t.chance.choice([1, 16]),
        {"stop_price": t.stop_price(s)},
    ),
    "trailing": lambda t, _s: (OrdType.TRAILING_STOP, 0, t.trail()),
    "trailing_limit": lambda t, _s: (OrdType.TRAILING_STOP_LIMIT, 0, t.trail()),
    "primary": lambda t, _s: (OrdType.PEGGED, 0, t.peg(PegType.PRIMARY)),
    "market_peg": lambda t, _s: (OrdType.PEGGED, t.chance.choice([0, 2]), t.peg(PegType.MARKET)),
    "midpoint": lambda t, _s: (OrdType.PEGGED, 0, t.peg(PegType.MIDPOINT)),
    "peg_iceberg": lambda t, _s: (
        OrdType.PEGGED,
        0,
        t.peg(PegType.PRIMARY) | {"display_qty": LOT * t.chance.randint(1, 6)},
    ),
}
