"""The part of the golden session about phases, auctions, schedules and market protection.

Room: a script on one instrument of its own, played by `session.Session`; every command
kind 50 to 53 is in it and brings about every event kind 40 to 49.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from exchange.model import auction_command as ac
from exchange.model import command as c
from exchange.model.enums import BreakerScope, Phase
from exchange.model.trading_rules import MINUTE_NS, DayEnd, ScheduleStep, default_rules
from tests.recorder import ABC, buy, sell

CALL = msgspec.structs.replace(ABC, symbol="CALL", lot_size=1, min_order_qty=1, stp_default=1)
INDEX = msgspec.structs.replace(CALL, symbol="INDEX")
DAY_NS = 24 * 60 * MINUTE_NS


def auction_steps(
    call_id: int, now_ns: int, tail: Iterator[tuple[str, str]]
) -> Iterator[tuple[int, tuple[c.Command, ...]]]:
    """Yield (time to pass, commands of one entry).

    Args:
        call_id: id that the next instrument gets.
        now_ns: time before the first step.
        tail: request_id and operator, fresh with each.
    """

    def phase(to: Phase) -> c.SetPhase:
        return c.SetPhase(call_id, to, *next(tail))

    def band(band_bp: int) -> c.UpdateInstrument:
        changed = msgspec.structs.replace(CALL, instrument_id=call_id, static_band_bp=band_bp)
        return c.UpdateInstrument(changed, *next(tail))

    plain = msgspec.structs.replace(default_rules(call_id), random_end_max_ns=0)
    guarded = msgspec.structs.replace(
        plain, dynamic_band_bp=1_000, breaker_scope=BreakerScope.INSTRUMENT
    )
    index = msgspec.structs.replace(default_rules(call_id + 1), breaker_scope=BreakerScope.MARKET)
    yield 1, (c.CreateInstrument(CALL, *next(tail)), c.CreateInstrument(INDEX, *next(tail)))
    yield 1, (ac.SetTradingRules(plain, *next(tail)), phase(Phase.OPENING_AUCTION))
    yield 1, (buy(1, "a1", 50, 1_090, instrument_id=call_id),)
    yield 1, (sell(2, "a2", 50, 1_080, instrument_id=call_id),)
    yield 1, (band(500), phase(Phase.CONTINUOUS), band(2_000))
    yield 6 * MINUTE_NS, ()
    yield 1, (ac.SetTradingRules(guarded, *next(tail)),)
    yield 1, (sell(2, "a3", 10, 1_180, instrument_id=call_id),)
    yield 6 * MINUTE_NS, (sell(2, "a4", 10, 1_200, instrument_id=call_id),)
    yield 1, (buy(1, "a5", 30, 1_200, instrument_id=call_id),)
    yield 6 * MINUTE_NS, ()
    yield 1, (buy(1, "a6", 10, 920, instrument_id=call_id),)
    yield 6 * MINUTE_NS, (sell(2, "a7", 30, 920, instrument_id=call_id),)
    yield 21 * MINUTE_NS, ()
    yield 1, (phase(Phase.CLOSING_AUCTION), phase(Phase.POST_CLOSE), phase(Phase.CLOSED))
    later_ns = now_ns + DAY_NS
    steps = (
        ScheduleStep(later_ns, Phase.OPENING_AUCTION, MINUTE_NS),
        ScheduleStep(later_ns + 8 * MINUTE_NS, Phase.CLOSING_AUCTION, MINUTE_NS),
        ScheduleStep(later_ns + 9 * MINUTE_NS + 1, Phase.CLOSED, 0),
    )
    yield 1, (ac.SetSchedule(call_id, 0, steps, *next(tail)),)
    yield 1, (ac.SetDayEnds((DayEnd(later_ns + 10 * MINUTE_NS),), *next(tail)),)
    yield 1, (ac.SetTradingRules(index, *next(tail)), ac.SetIndex(call_id + 1, 1_000, *next(tail)))
    yield DAY_NS, ()
    yield 6 * MINUTE_NS, ()
    yield 9 * MINUTE_NS, ()
