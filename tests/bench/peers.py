"""Matching engines from PyPI beside ours, where they are installed; else the reason is printed.

Each peer is driven through its own Python API, one call an order, with one simple tape: limit
orders that rest or cross, and cancels. Peers check and tell less than ours does: no members, no
self-trade prevention, no exactly-once, no events; so this flatters them.

    pip install limit-order-book==2.0.0 obook==0.1.0 lightmatchingengine==2019.1.4

They are no dependency of ours. Of others that PERFORMANCE names, matching-engine is not to be had
any more, order-matching takes tens of microseconds an order, and liquibook's wheel wants a class of
callbacks; they are left out.
"""

from __future__ import annotations

import importlib
import importlib.util
import random
import time
from collections.abc import Callable
from typing import Any

from tests.bench.figures import Report

COMMANDS = 50_000
CANCEL_SHARE = 0.4
RECENT = 100
MID_TICKS, SPREAD_TICKS = 10_000, 20

Drive = Callable[[int, int, int, int], None]
"""(order_id, side, quantity, price in ticks), side 1 = buy, 2 = sell, 0 = cancel the order."""


def measure_peers(report: Report, *, quick: bool) -> dict[str, float]:
    """Commands a second by peer; those that are not here are named in the report."""
    found: dict[str, float] = {}
    for name, (module, make_drive) in _PEERS.items():
        if importlib.util.find_spec(module.split(".")[0]) is None:
            report.skip(f"peer {name}", f"not installed (pip install {name})")
            continue
        try:
            drive = make_drive(importlib.import_module(module))
        except (AttributeError, ImportError) as error:
            report.skip(f"peer {name}", f"its API is not the one known here: {error}")
            continue
        found[name] = _rate(drive, COMMANDS // 10 if quick else COMMANDS)
    return found


def _rate(drive: Drive, commands: int) -> float:
    chance = random.Random(1)
    tape: list[tuple[int, int, int, int]] = []
    for number in range(1, commands + 1):
        if number > RECENT and chance.random() < CANCEL_SHARE:
            tape.append((number - chance.randrange(1, RECENT), 0, 0, 0))
        else:
            price = MID_TICKS + chance.randrange(-SPREAD_TICKS, SPREAD_TICKS + 1)
            tape.append((number, chance.choice((1, 2)), chance.randrange(1, 100), price))
    began = time.perf_counter()
    for row in tape:
        drive(*row)
    return commands / (time.perf_counter() - began)


def _limit_order_book(module: Any) -> Drive:
    book = module.LimitOrderBook()
    buy, sell, cancel, has = book.limit_buy, book.limit_sell, book.cancel, book.has

    def drive(order_id: int, side: int, quantity: int, price: int) -> None:
        if side == 1:
            buy(order_id, quantity, price)
        elif side:
            sell(order_id, quantity, price)
        elif has(order_id):  # it must not be asked to cancel what is gone
            cancel(order_id)

    return drive


def _obook(module: Any) -> Drive:
    book = module.Book(COMMANDS)
    submit, cancel, buy, sell = book.submit, book.cancel, module.BUY, module.SELL
    placed: dict[int, tuple[int, int]] = {}

    def drive(order_id: int, side: int, quantity: int, price: int) -> None:
        if side:
            result = submit(side, buy if side == 1 else sell, price, quantity)
            placed[order_id] = result.order_id, side
        elif order_id in placed:
            cancel(*placed[order_id])

    return drive


def _lightmatchingengine(module: Any) -> Drive:
    engine = module.LightMatchingEngine()
    placed: dict[int, Any] = {}

    def drive(order_id: int, side: int, quantity: int, price: int) -> None:
        if side:
            placed[order_id], _ = engine.add_order("ABC", price, quantity, side)
        elif order_id in placed and placed[order_id].leaves_qty:  # it asserts that there is one
            engine.cancel_order(placed[order_id].order_id, "ABC")

    return drive


_PEERS: dict[str, tuple[str, Callable[[Any], Drive]]] = {
    "limit-order-book": ("limit_order_book", _limit_order_book),
    "obook": ("obook", _obook),
    "lightmatchingengine": ("lightmatchingengine.lightmatchingengine", _lightmatchingengine),
}
