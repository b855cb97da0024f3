"""Random orders of a lit and a dark market beside each other.

Room: drawing commands. Members 1 and 2 trade in the dark, members 3 and 4 in the lit book of the
same instrument, so that whatever crosses from one book to the other is a fault. Lit prices lie a
few ticks around the middle: the midpoint moves, comes and goes all the time.
"""

from __future__ import annotations

import random

from exchange.model import command as c
from exchange.model.enums import OrdType, Side, StpMode, TimeInForce
from exchange.model.terms import OrderTerms
from tests.dark_desk import DARK

MIDDLE, TICK, LOT = 1_000, 10, 5
DARK_MEMBERS, LIT_MEMBERS = (1, 2), (3, 4)
_TIFS = [TimeInForce.DAY] * 6 + [TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD]


class DarkTrader:
    """Draws commands; `live` holds (member_id, order_id) of all open orders."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.live: list[tuple[int, int]] = []
        self._names = 0
        self._halted = False

    def name(self) -> str:
        """A cl_ord_id or request_id that nothing else uses."""
        self._names += 1
        return f"k{self._names}"

    def command(self, now_ns: int) -> c.Command:
        """The next command of either market."""
        if self._halted:
            self._halted = False
            return c.Resume(1, 0, 1, self.name(), "olga", "drill")
        draw = self.chance.random()
        if draw < 0.01:
            self._halted = True
            return c.Halt(1, 0, 0, self.name(), "olga", "drill")
        return self.of_dark(now_ns) if draw < 0.55 else self.of_lit()

    def of_dark(self, now_ns: int) -> c.Command:
        """A command of a dark member: an order, a replace, a cancel."""
        mine = [x for x in self.live if x[0] in DARK_MEMBERS]
        draw = self.chance.random()
        if mine and draw < 0.12:
            return c.CancelOrder(*self.chance.choice(mine), self.name(), "")
        if mine and draw < 0.3:
            return self._replace(mine, 20, 80)
        return self._dark(now_ns)

    def of_lit(self) -> c.Command:
        """A command of a lit member."""
        mine = [x for x in self.live if x[0] in LIT_MEMBERS]
        draw = self.chance.random()
        if mine and draw < 0.4:
            return c.CancelOrder(*self.chance.choice(mine), self.name(), "")
        if mine and draw < 0.6:
            return self._replace(mine, 2, 8)
        return self._plain(LIT_MEMBERS, 2, 8, 3)

    def _dark(self, now_ns: int) -> c.Command:
        chance = self.chance
        plain = self._plain(DARK_MEMBERS, 20, 80, 4)
        tif = chance.choice(_TIFS)
        market = chance.random() < 0.4
        order = c.NewOrder(
            plain.member_id,
            plain.account_id,
            1,
            plain.side,
            OrdType.MARKET if market else OrdType.LIMIT,
            tif,
            chance.choice([0, *StpMode]),
            DARK,
            plain.order_qty,
            0 if market else plain.price,
            now_ns + chance.randint(1, 30) if tif == TimeInForce.GTD else 0,
            plain.cl_ord_id,
        )
        terms = OrderTerms(
            min_qty=LOT * chance.randint(2, 60) if chance.random() < 0.4 else 0,
            stp_group=chance.choice([0, 0, 1, 2]),
        )
        if tif == TimeInForce.FOK:
            terms = OrderTerms(stp_group=terms.stp_group)
        return c.NewOrderWithTerms(order, terms)

    def _plain(self, members: tuple[int, int], low: int, high: int, reach: int) -> c.NewOrder:
        chance = self.chance
        member_id, side = chance.choice(members), chance.choice(list(Side))
        away = TICK * chance.randint(-1, reach)
        return c.NewOrder(
            member_id,
            member_id,
            1,
            side,
            OrdType.LIMIT,
            TimeInForce.DAY,
            0,
            0,
            LOT * chance.randint(low, high),
            MIDDLE - away if side == Side.BUY else MIDDLE + away,
            0,
            self.name(),
        )

    def _replace(self, mine: list[tuple[int, int]], low: int, high: int) -> c.Command:
        chance = self.chance
        qty = chance.choice([0, LOT * chance.randint(low, high)])
        price = chance.choice([0, MIDDLE + TICK * chance.randint(-4, 4)])
        return c.ReplaceOrder(*chance.choice(mine), qty, price, self.name(), "")
