"""The full mix: all order types and terms, replaces, cancels, halts and auctions, as log entries.

Room: drawing commands and their bytes, made once before anything is measured. The commands are
those of the long property runs (`tests/properties/special_trader.py`), in two instruments whose
prices meet all the time; every twentieth entry begins a call or ends it. An engine runs along, so
that cancels and replaces name live orders; the tape is then the same for every engine.
"""

from __future__ import annotations

import random

from exchange.engine.build import AUTO, build_engine
from exchange.model.codec import encode_command, encode_entry
from exchange.model.command import Command, SetPhase
from exchange.model.enums import Phase
from tests.bench.workload import BATCH, NS_PER_ENTRY, Tape
from tests.properties.special_trader import SpecialTrader
from tests.recorder import Recorder
from tests.strategies import SMALL_WORLD

CALL_EVERY = 20
LIVE_ORDERS = 500


def mix_tape(seed: int, commands: int) -> Tape:
    """A tape of at least `commands` measured commands."""
    venue = Recorder(build_engine(AUTO))
    venue.open_market(*SMALL_WORLD)
    trader = SpecialTrader(random.Random(seed))
    entries: list[bytes] = []
    count = 0
    while count < commands:
        venue.ts_ns += NS_PER_ENTRY
        views = venue.engine.orders(0, 0, 0, 1 << 30, live=True)[-LIVE_ORDERS:]
        trader.live = [
            (view.order.member_id, view.order.order_id, view.order.cl_ord_id) for view in views
        ]
        several: list[Command] = [trader.command(venue.ts_ns) for _ in range(BATCH)]
        several += _phases(len(entries))
        body = b"".join(encode_command(command) for command in several)
        index = venue.engine.applied_index + 1
        entries.append(encode_entry(index, 1, venue.ts_ns, len(several), body))
        venue.engine.apply(entries[-1])
        count += len(several)
    return Tape(venue.entries, entries, count)


def _phases(number: int) -> list[Command]:
    if number % CALL_EVERY == CALL_EVERY - 2:
        return [SetPhase(1, Phase.VOLATILITY_AUCTION, f"call-{number}", "bench")]
    if number % CALL_EVERY == CALL_EVERY - 1:
        return [SetPhase(1, Phase.CONTINUOUS, f"uncross-{number}", "bench")]
    return []
