"""What an order costs while a call runs: each entry finds the indicative uncross anew (R6.1)."""

from __future__ import annotations

import random
import time

import msgspec

from exchange.model.command import NewOrder, SetPhase
from exchange.model.enums import Phase, Side
from tests.bench.figures import Report
from tests.recorder import ABC, Recorder, order

SEED = 1
LEVELS = 1_000
CROSSING = 500
MIDDLE = 100_000
ENTRIES = 500
BATCH = 1_000
LISTED = msgspec.structs.replace(
    ABC, tick_size=1, lot_size=1, min_order_qty=1, static_band_bp=0, reference_price=MIDDLE
)


def bench_calls(report: Report, *, quick: bool) -> None:
    """`core.reference.call_N.entry`: entries of one order in a call with N orders that cross."""
    for resting in (100, 1_000) if quick else (100, 1_000, 10_000, 100_000):
        samples = call_entries(resting, 100 if quick else ENTRIES)
        note = f"{resting} orders, {CROSSING} levels deep in each other"
        report.latency(f"core.reference.call_{resting}.entry", samples, note=note)


def call_entries(resting: int, entries: int) -> list[int]:
    """Nanoseconds of each entry of one order, in a call that holds `resting` orders."""
    chance = random.Random(SEED)
    venue = Recorder()
    venue.open_market(LISTED)
    venue.send(SetPhase(1, Phase.VOLATILITY_AUCTION.value, venue.request_id(), "op"))

    def drawn(number: int) -> NewOrder:
        side = chance.choice(list(Side))
        away = CROSSING - chance.randint(0, LEVELS)
        price = MIDDLE + (away if side is Side.BUY else -away)
        return order(1 + number % 3, f"o{number}", side, chance.randint(1, 50), price)

    for first in range(0, resting, BATCH):
        venue.send(*[drawn(number) for number in range(first, min(first + BATCH, resting))])
    samples = []
    for number in range(resting, resting + entries):
        entry = venue.entry((drawn(number),))
        began = time.perf_counter_ns()
        venue.engine.apply(entry)
        samples.append(time.perf_counter_ns() - began)
    return samples
