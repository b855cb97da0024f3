"""Commands about schedules, auctions and market protection (RULEBOOK R2, R6, R7).

Room: frozen values of the command kinds 50 to 53; `exchange.model.command` numbers them and names
them in its union.
"""

from __future__ import annotations

import msgspec

from exchange.model.trading_rules import DayEnd, ScheduleStep, TradingRules


class SetTradingRules(msgspec.Struct, frozen=True, gc=False):
    """Replaces the trading rules of one instrument (R6, R7); they hold from the next command on."""

    rules: TradingRules
    request_id: str
    operator: str


class SetSchedule(msgspec.Struct, frozen=True, gc=False):
    """R2(a): replaces what is still to come of the schedule; no steps = the schedule ends.

    For one instrument, or every instrument of an asset class, or (both 0) all that are not retired.
    """

    instrument_id: int
    asset_class: int
    steps: tuple[ScheduleStep, ...]
    request_id: str
    operator: str


class SetDayEnds(msgspec.Struct, frozen=True, gc=False):
    """Replaces the times at which the trading day of the market ends by itself; none = by hand."""

    ends: tuple[DayEnd, ...]
    request_id: str
    operator: str


class SetIndex(msgspec.Struct, frozen=True, gc=False):
    """A new value of an index instrument, which is calculated elsewhere and not traded (R7.3)."""

    instrument_id: int
    price: int
    request_id: str
    operator: str
