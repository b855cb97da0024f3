"""Events of auctions, schedules and market protection (RULEBOOK R2, R6, R7).

Room: frozen values of the event kinds 40 to 49; `exchange.model.event` numbers them and names them
in its union.
"""

from __future__ import annotations

import msgspec

from exchange.model.trading_rules import TradingRules


class Indicative(msgspec.Struct, frozen=True, gc=False):
    """R6.1: what a call would uncross to now; price 0 = nothing executes.

    `imbalance_side` and `imbalance_qty`: what would be left at that price, 0 = none.
    """

    instrument_id: int
    price: int
    volume: int
    imbalance_side: int
    imbalance_qty: int


class AuctionExtended(msgspec.Struct, frozen=True, gc=False):
    """R6.4: the price would lie outside the static band; the call goes on until `until_ts_ns`."""

    instrument_id: int
    price: int
    until_ts_ns: int


class Uncrossed(msgspec.Struct, frozen=True, gc=False):
    """R6.2: a call has ended; its trades stand before. Price 0 = none was found.

    `volume` is what was executed, `imbalance_*` what price determination left over.
    """

    instrument_id: int
    price: int
    volume: int
    imbalance_side: int
    imbalance_qty: int


class VolatilityInterrupted(msgspec.Struct, frozen=True, gc=False):
    """R7.2: a trade at `price` was about to print outside the dynamic band and did not."""

    instrument_id: int
    price: int
    reference_price: int
    until_ts_ns: int


class BreakerTripped(msgspec.Struct, frozen=True, gc=False):
    """R7.3: a decline of `level` 1, 2 or 3; `reopen_ts_ns` 0 = halted until the next day."""

    instrument_id: int
    level: int
    scope: int
    price: int
    reference_price: int
    reopen_ts_ns: int


class TradingRulesChanged(msgspec.Struct, frozen=True, gc=False):
    """The trading rules of an instrument as they are now."""

    rules: TradingRules


class ScheduleChanged(msgspec.Struct, frozen=True, gc=False):
    """The schedule of an instrument: steps to come and the first of them, 0 where there is none."""

    instrument_id: int
    step_count: int
    next_ts_ns: int
    next_phase: int


class DayEndsChanged(msgspec.Struct, frozen=True, gc=False):
    """How many day ends are to come, and when the first is; 0 where there is none."""

    end_count: int
    next_ts_ns: int


class IndexChanged(msgspec.Struct, frozen=True, gc=False):
    """A new value of an index instrument."""

    instrument_id: int
    price: int


class ClosingPrice(msgspec.Struct, frozen=True, gc=False):
    """R6.6: the closing price of the day; `source` is a ClosingPriceSource."""

    instrument_id: int
    price: int
    source: int
