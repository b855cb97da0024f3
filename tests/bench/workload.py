"""The plain workload of PERFORMANCE section 1, seeded, as log entries.

Room: commands and their bytes, made once before anything is measured. About 45 % new limits near
the touch with power-law distance, 40 % cancels of a live order, 5 % replaces, 10 % marketable;
self-trade prevention on. Which orders live is learned from an engine that runs along, so that
cancels and replaces hit; the tape is then the same for every engine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from exchange.engine.build import AUTO, build_engine
from exchange.model.batch import EventBatch
from exchange.model.codec import encode_command, encode_entry
from exchange.model.command import (
    CancelOrder,
    Command,
    CreateInstrument,
    CreateMember,
    NewOrder,
    OpenSession,
    ReplaceOrder,
)
from exchange.model.enums import AssetClass, OrdStatus, OrdType, Side, StpMode, TimeInForce
from exchange.model.event import Accepted, Canceled, Event, OrderState, Replaced, Trade
from exchange.model.instrument import Instrument

TICK = 10_000_000
"""0.01, in 1e-9."""

MID_TICKS = 10_000
MEMBERS = 8
BATCH = 1000
START_NS = 1_700_000_000_000_000_000
NS_PER_ENTRY = 1_000_000
LIMIT, CANCEL, REPLACE = 0.45, 0.85, 0.90  # cumulative shares; the rest is marketable


class Tape(NamedTuple):
    """`setup` entries bring the books to size, `entries` are measured; both continue the log."""

    setup: list[bytes]
    entries: list[bytes]
    commands: int


@dataclass(slots=True)
class _Live:
    """The live orders of one instrument, for picking one in O(1)."""

    orders: list[OrderState]
    place: dict[int, int]

    def put(self, order: OrderState) -> None:
        at = self.place.get(order.order_id)
        if at is None:
            self.place[order.order_id] = len(self.orders)
            self.orders.append(order)
        else:
            self.orders[at] = order

    def drop(self, order_id: int) -> None:
        at = self.place.pop(order_id, None)
        if at is None:
            return
        last = self.orders.pop()
        if last.order_id != order_id:
            self.orders[at] = last
            self.place[last.order_id] = at


class PlainWorkload:
    """Makes tapes.

    Args:
        seed: of everything random.
        instruments: from 1.
        resting: orders an instrument before measuring begins, and about that during it.
    """

    def __init__(self, seed: int, instruments: int, resting: int) -> None:
        self._chance = random.Random(seed)
        self._instruments = instruments
        self._resting = resting
        self._engine = build_engine(AUTO)
        self._live = [_Live([], {}) for _ in range(instruments + 1)]
        self._number = 0

    def tape(self, commands: int) -> Tape:
        """Setup and `commands` commands in entries of BATCH."""
        setup = [self._entry(chunk) for chunk in _chunks(self._reference_data())]
        filling = (
            self._limit(instrument_id, passive=True)
            for _ in range(self._resting)
            for instrument_id in range(1, self._instruments + 1)
        )
        setup += [self._entry(chunk) for chunk in _chunks(list(filling))]
        entries = [
            self._entry([self._next() for _ in range(min(BATCH, commands - done))])
            for done in range(0, commands, BATCH)
        ]
        return Tape(setup, entries, commands)

    def _entry(self, commands: list[Command]) -> bytes:
        index = self._engine.applied_index + 1
        body = b"".join(encode_command(command) for command in commands)
        ts_ns = START_NS + index * NS_PER_ENTRY
        entry = encode_entry(index, 1, ts_ns, len(commands), body)
        for record in EventBatch(self._engine.apply(entry)).events:
            self._learn(record.event)
        return entry

    def _learn(self, event: Event) -> None:
        if isinstance(event, Trade):
            orders = [event.buy, event.sell]
        elif isinstance(event, Accepted | Replaced | Canceled):
            orders = [event.order]
        else:
            return
        for order in orders:
            live = self._live[order.instrument_id]
            if OrdStatus(order.ord_status).is_live:
                live.put(order)
            else:
                live.drop(order.order_id)

    def _reference_data(self) -> list[Command]:
        made: list[Command] = [CreateMember(f"m{n}", f"m{n}", "op") for n in range(1, MEMBERS + 1)]
        made.extend(
            CreateInstrument(plain_instrument(f"I{number}"), f"i{number}", "op")
            for number in range(1, self._instruments + 1)
        )
        made.append(OpenSession(0, "open", "op"))
        return made

    def _next(self) -> Command:
        instrument_id = self._chance.randrange(1, self._instruments + 1)
        live = self._live[instrument_id].orders
        draw = self._chance.random()
        if draw < LIMIT or not live:
            return self._limit(instrument_id, passive=True)
        if draw < REPLACE:
            order = live[self._chance.randrange(len(live))]
            self._number += 1
            cl_ord_id = f"c{self._number}"
            if draw < CANCEL:
                return CancelOrder(order.member_id, order.order_id, cl_ord_id, "")
            price = self._price(order.side, passive=True)
            return ReplaceOrder(
                order.member_id, order.order_id, order.order_qty, price, cl_ord_id, ""
            )
        return self._limit(instrument_id, passive=False)

    def _limit(self, instrument_id: int, *, passive: bool) -> NewOrder:
        self._number += 1
        side = self._chance.choice((Side.BUY, Side.SELL))
        member_id = self._chance.randrange(1, MEMBERS + 1)
        return NewOrder(
            member_id=member_id,
            account_id=member_id,
            instrument_id=instrument_id,
            side=side,
            ord_type=OrdType.LIMIT,
            time_in_force=TimeInForce.DAY if passive else TimeInForce.IOC,
            stp=StpMode.CANCEL_RESTING,
            flags=0,
            order_qty=self._chance.randrange(1, 100),
            price=self._price(side, passive=passive),
            expire_ts_ns=0,
            cl_ord_id=f"c{self._number}",
        )

    # Passive: a power law away from the touch. Marketable: a few ticks through it.
    def _price(self, side: int, *, passive: bool) -> int:
        distance = min(int(self._chance.paretovariate(1.2)), MID_TICKS // 2)
        away = distance if passive else -min(distance, 5)
        return (MID_TICKS - away if side == Side.BUY else MID_TICKS + away) * TICK


def plain_instrument(symbol: str) -> Instrument:
    """A share with a tick of 0.01 and no limits that matter here."""
    return Instrument(
        instrument_id=0,
        symbol=symbol,
        asset_class=AssetClass.EQUITY,
        currency="USD",
        mic="XLCK",
        tick_size=TICK,
        lot_size=1,
        qty_decimals=0,
        min_order_qty=1,
        max_order_qty=1_000_000,
        max_order_notional=0,
        reference_price=0,
        static_band_bp=0,
        contract_multiplier=1,
        stp_default=StpMode.CANCEL_INCOMING,
    )


def _chunks(commands: list[Command]) -> Iterator[list[Command]]:
    for start in range(0, len(commands), BATCH):
        yield commands[start : start + BATCH]
