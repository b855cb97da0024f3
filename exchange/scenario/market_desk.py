"""What operators send about auctions, schedules and protection (R2, R6, R7).

Room: the statements `rules`, `schedule`, `day_ends`, `index` and `dark`, and the `dynamic_band` of
an `instrument`. All are extensions of SCENARIOS.md, told in `tests/scenarios/README.md`.
"""

from __future__ import annotations

import msgspec

from exchange.model.auction_command import SetDayEnds, SetIndex, SetSchedule, SetTradingRules
from exchange.model.command import UNKNOWN_ID
from exchange.model.dark import SetDarkRules, default_dark_rules
from exchange.model.enums import AssetClass, BreakerScope, Phase
from exchange.model.event import Event
from exchange.model.trading_rules import DayEnd, ScheduleStep, TradingRules, default_rules
from exchange.model.units import PRICE_DECIMALS
from exchange.scenario.decimals import to_integer
from exchange.scenario.faults import StatementFault
from exchange.scenario.instrument_fields import basis_points, number_of
from exchange.scenario.names import OrderNames
from exchange.scenario.order_desk import nanoseconds
from exchange.scenario.parties import OPERATOR
from exchange.scenario.statement import Words
from exchange.scenario.venue import Venue

_SPANS = {
    "dynamic_window": "dynamic_window_ns",
    "volatility_call": "volatility_call_ns",
    "random_end": "random_end_max_ns",
    "breaker_halt": "breaker_halt_ns",
    "breaker_cutoff": "breaker_cutoff_ns",
}
_DARK_SWITCHES = {"continuous": "is_continuous", "side": "shows_side", "open": "is_open"}
_LEVELS = ("breaker_1_bp", "breaker_2_bp", "breaker_3_bp")


class MarketDesk:
    """Where the rules of the market come from in one run."""

    def __init__(self, venue: Venue, names: OrderNames) -> None:
        self._venue = venue
        self._names = names

    def rules(self, words: Words) -> list[Event]:
        """`rules SYMBOL [dynamic_band=10%] [volatility_call=+5m] ...`: what is not named stays."""
        instrument_id = self._instrument_id(words.args[0])
        found = self._venue.engine.trading_rules(instrument_id)
        rules = _changed(found or default_rules(instrument_id), words)
        return self._venue.apply(SetTradingRules(rules, self._request(words), OPERATOR))

    def schedule(self, words: Words) -> list[Event]:
        """`schedule SYMBOL|market|CLASS +10m:OPENING_AUCTION:+5m ...`: times from now."""
        scope, *steps = words.args
        instrument_id = asset_class = 0
        if scope.upper() in AssetClass.__members__:
            asset_class = AssetClass[scope.upper()].value
        elif scope != "market":
            instrument_id = self._instrument_id(scope)
        command = SetSchedule(
            instrument_id,
            asset_class,
            tuple(self._step(text) for text in steps),
            self._request(words),
            OPERATOR,
        )
        return self._venue.apply(command)

    def day_ends(self, words: Words) -> list[Event]:
        """`day_ends +24h +48h`: when the trading day of the market ends, from now."""
        ends = tuple(DayEnd(self._at(text)) for text in words.args)
        return self._venue.apply(SetDayEnds(ends, self._request(words), OPERATOR))

    def index(self, words: Words) -> list[Event]:
        """`index SYMBOL VALUE`: a new value of an index."""
        symbol, value = words.args
        price = to_integer(value, PRICE_DECIMALS)
        number = self._instrument_id(symbol)
        return self._venue.apply(SetIndex(number, price, self._request(words), OPERATOR))

    def dark(self, words: Words) -> list[Event]:
        """`dark SYMBOL [block=200] [cross=+15m] ...`: opens the book; what is not named stays."""
        instrument_id = self._instrument_id(words.args[0])
        view = self._venue.engine.dark(instrument_id)
        instrument = self._venue.instrument(words.args[0])
        decimals = instrument.qty_decimals if instrument else 0
        rules = view.rules if view else default_dark_rules(instrument_id)
        changes: dict[str, int] = {"is_open": 1}
        for key, text in words.keys.items():
            if key in _DARK_SWITCHES:
                changes[_DARK_SWITCHES[key]] = _switch(text)
            elif key == "block":
                changes["min_block_qty"] = to_integer(text, decimals)
            elif key == "cross":
                changes["cross_interval_ns"] = 0 if text == "none" else nanoseconds(text)
        rules = msgspec.structs.replace(rules, **changes)
        return self._venue.apply(SetDarkRules(rules, self._request(words), OPERATOR))

    def _step(self, text: str) -> ScheduleStep:
        at, _, rest = text.partition(":")
        name, _, length = rest.partition(":")
        if not rest:
            raise StatementFault(f"{text!r} is no step; expected +10m:PHASE or +10m:PHASE:+5m")
        phase = number_of(Phase, name, "trading phase")
        return ScheduleStep(self._at(at), phase, nanoseconds(length) if length else 0)

    def _at(self, span: str) -> int:
        return self._venue.now_ns + nanoseconds(span)

    def _instrument_id(self, symbol: str) -> int:
        instrument = self._venue.instrument(symbol)
        return instrument.instrument_id if instrument else UNKNOWN_ID

    def _request(self, words: Words) -> str:
        given = words.keys.get("request_id")
        return self._names.fresh_request_id() if given is None else given


def _switch(text: str) -> int:
    if text not in ("yes", "no"):
        raise StatementFault(f"{text!r} is no switch; expected yes or no")
    return int(text == "yes")


def _changed(rules: TradingRules, words: Words) -> TradingRules:
    changes: dict[str, int] = {}
    for key, text in words.keys.items():
        if key in _SPANS:
            changes[_SPANS[key]] = nanoseconds(text)
        elif key == "dynamic_band":
            changes["dynamic_band_bp"] = basis_points(text)
        elif key == "breaker":
            changes["breaker_scope"] = number_of(BreakerScope, text, "breaker scope")
        elif key == "breaker_levels":
            levels = text.split(",")
            if len(levels) != len(_LEVELS):
                raise StatementFault(f"{text!r} are no levels; expected three like 7%,13%,20%")
            changes |= dict(zip(_LEVELS, map(basis_points, levels), strict=True))
    return msgspec.structs.replace(rules, **changes)
