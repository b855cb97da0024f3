"""Trading rules of one instrument and its schedule, as values (RULEBOOK R2, R6, R7).

Room: the records `TradingRules` and `ScheduleStep`, their bounds and the one validity check. They
are replicated data: the core knows no calendar and no time zone (DESIGN section 3).
"""

from __future__ import annotations

import msgspec

from exchange.model.enums import BreakerScope, is_number_of

MINUTE_NS = 60_000_000_000
CALL_MAX_NS = 24 * 60 * MINUTE_NS
WINDOW_MAX_NS = 60 * MINUTE_NS
RANDOM_END_MAX_NS = 5 * MINUTE_NS
BAND_MAX_BP = 100_000
BREAKER_MAX_BP = 10_000


class TradingRules(msgspec.Struct, frozen=True, gc=False):
    """How one instrument is protected and how its auctions run.

    An instrument whose rules were never set has `default_rules`: no dynamic band and no breaker.

    Attributes:
        instrument_id: whose rules these are.
        dynamic_band_bp: R7.2, basis points around the dynamic reference; 0 = no band.
        dynamic_window_ns: R7.2, how long ago the dynamic reference traded (1 s .. 1 h).
        volatility_call_ns: length of a volatility or reopening call (1 ns .. 1 day).
        random_end_max_ns: R2, longest random extension of a timed call; 0 = none, at most 5 min.
        breaker_scope: BreakerScope; MARKET makes the instrument the index of the market.
        breaker_1_bp: R7.3, decline below the reference price that trips level 1.
        breaker_2_bp: the same of level 2.
        breaker_3_bp: the same of level 3, which halts until the next trading day.
        breaker_halt_ns: length of a halt of level 1 or 2.
        breaker_cutoff_ns: levels 1 and 2 do not halt in the last so many ns before the scheduled
            end of continuous trading (35 min: not after 15:25 for a close at 16:00); 0 = always.
    """

    instrument_id: int
    dynamic_band_bp: int
    dynamic_window_ns: int
    volatility_call_ns: int
    random_end_max_ns: int
    breaker_scope: int
    breaker_1_bp: int
    breaker_2_bp: int
    breaker_3_bp: int
    breaker_halt_ns: int
    breaker_cutoff_ns: int

    def fault(self) -> str:
        """Name of the first field that is out of range, or ""."""
        levels = (self.breaker_1_bp, self.breaker_2_bp, self.breaker_3_bp)
        checks = (
            ("dynamic_band_bp", 0 <= self.dynamic_band_bp <= BAND_MAX_BP),
            ("dynamic_window_ns", 1 <= self.dynamic_window_ns <= WINDOW_MAX_NS),
            ("volatility_call_ns", 1 <= self.volatility_call_ns <= CALL_MAX_NS),
            ("random_end_max_ns", 0 <= self.random_end_max_ns <= RANDOM_END_MAX_NS),
            ("breaker_scope", is_number_of(BreakerScope, self.breaker_scope)),
            ("breaker_1_bp", 1 <= levels[0] <= BREAKER_MAX_BP),
            ("breaker_2_bp", levels[0] < levels[1] <= BREAKER_MAX_BP),
            ("breaker_3_bp", levels[1] < levels[2] <= BREAKER_MAX_BP),
            ("breaker_halt_ns", 1 <= self.breaker_halt_ns <= CALL_MAX_NS),
            ("breaker_cutoff_ns", 0 <= self.breaker_cutoff_ns <= CALL_MAX_NS),
        )
        return next((name for name, valid in checks if not valid), "")


def default_rules(instrument_id: int) -> TradingRules:
    """The rules of an instrument that was given none: RULEBOOK's lengths, protection off."""
    return TradingRules(
        instrument_id=instrument_id,
        dynamic_band_bp=0,
        dynamic_window_ns=5 * MINUTE_NS,
        volatility_call_ns=5 * MINUTE_NS,
        random_end_max_ns=MINUTE_NS // 2,
        breaker_scope=BreakerScope.NONE,
        breaker_1_bp=700,
        breaker_2_bp=1_300,
        breaker_3_bp=2_000,
        breaker_halt_ns=15 * MINUTE_NS,
        breaker_cutoff_ns=35 * MINUTE_NS,
    )


class ScheduleStep(msgspec.Struct, frozen=True, gc=False):
    """At `ts_ns` the instrument enters `phase`; `call_ns` is the length of a call phase, else 0."""

    ts_ns: int
    phase: int
    call_ns: int


class DayEnd(msgspec.Struct, frozen=True, gc=False):
    """At `ts_ns` the trading day of the whole market ends."""

    ts_ns: int
