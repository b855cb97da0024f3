"""What an instrument remembers of its calls, halts, schedule and protection.

Room: the mutable record that `Listing` carries beside its book, with no rule in it. All of it is
in snapshots (`session_sections.py`).
"""

from __future__ import annotations

from collections import deque

from exchange.engine.reference.auction import Uncross
from exchange.model.trading_rules import ScheduleStep, TradingRules, default_rules

NOTHING_INDICATED = Uncross()


class SessionState:
    """One instrument's calls, halts, schedule and protection; times in ns, 0 = none.

    Attributes:
        rules: its trading rules.
        call_length_ns: length of the running timed call.
        call_end_ns: when it ends, before the random extension.
        uncross_ns: when it uncrosses, once the random extension is drawn.
        is_extended: R6.4, the running call was extended already.
        next_phase: the phase that an extended call is to end in.
        indicated: what was last published as indicative.
        halted_from: the phase that the running halt interrupted.
        reopen_ns: R7.3, when the breaker's halt ends.
        is_barred: R7.3, level 3 tripped: halted until the next trading day.
        levels_tripped: R7.3, bit n = level n tripped today.
        auction_close: R6.6, uncross price of today's closing auction.
        has_traded: whether it traded, or its index value changed, today.
        dynamic_base: R7.2, dynamic reference where no trade is old enough: the last uncross price.
        trail: R7.2, (ts_ns, price) of trades since the dynamic reference, oldest first.
        schedule: the steps to come.
    """

    __slots__ = (
        "auction_close",
        "call_end_ns",
        "call_length_ns",
        "dynamic_base",
        "halted_from",
        "has_traded",
        "indicated",
        "is_barred",
        "is_extended",
        "levels_tripped",
        "next_phase",
        "reopen_ns",
        "rules",
        "schedule",
        "trail",
        "uncross_ns",
    )

    def __init__(self, instrument_id: int) -> None:
        self.rules: TradingRules = default_rules(instrument_id)
        self.call_length_ns = 0
        self.call_end_ns = 0
        self.uncross_ns = 0
        self.is_extended = False
        self.next_phase = 0
        self.indicated = NOTHING_INDICATED
        self.halted_from = 0
        self.reopen_ns = 0
        self.is_barred = False
        self.levels_tripped = 0
        self.auction_close = 0
        self.has_traded = False
        self.dynamic_base = 0
        self.trail: deque[tuple[int, int]] = deque()
        self.schedule: deque[ScheduleStep] = deque()
