"""The part of the golden session about the dark midpoint book.

Room: a script on one instrument of its own, played by `session.Session`; command kind 80 is in it
and it brings about event kinds 70 to 72.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from exchange.model import command as c
from exchange.model.dark import SetDarkRules, default_dark_rules
from exchange.model.enums import OrderFlag, OrdType, TimeInForce
from tests.recorder import ABC, buy, sell, with_terms

POOL = msgspec.structs.replace(ABC, symbol="POOL", lot_size=1, min_order_qty=1)
DARK = OrderFlag.DARK_BOOK.value
SECOND_NS = 1_000_000_000


def dark_steps(
    pool_id: int, tail: Iterator[tuple[str, str]]
) -> Iterator[tuple[int, tuple[c.Command, ...]]]:
    """Yield (time to pass, commands of one entry).

    Args:
        pool_id: id that the next instrument gets.
        tail: request_id and operator, fresh with each.
    """
    dark = {"instrument_id": pool_id, "flags": DARK}
    lit = {"instrument_id": pool_id}
    market = {**dark, "ord_type": OrdType.MARKET}
    continuous = msgspec.structs.replace(
        default_dark_rules(pool_id), is_open=1, min_block_qty=100, shows_side=1
    )
    crossing = msgspec.structs.replace(
        continuous, is_continuous=0, cross_interval_ns=10 * SECOND_NS, shows_side=0
    )
    closed = msgspec.structs.replace(continuous, is_open=0)
    yield 1, (c.CreateInstrument(POOL, *next(tail)), c.OpenSession(pool_id, *next(tail)))
    yield 1, (buy(3, "p1", 100, 1_000, **dark), SetDarkRules(continuous, *next(tail)))
    yield 1, (buy(3, "p2", 300, 1_000, **dark), sell(2, "p3", 500, 0, **market))
    yield 1, (buy(3, "p4", 10, 990, **lit), sell(2, "p5", 10, 1_000, **lit))
    yield 1, (with_terms(buy(3, "p6", 400, 0, **market), min_qty=300),)
    yield 1, (buy(3, "p7", 150, 0, **market, time_in_force=TimeInForce.IOC),)
    yield 1, (SetDarkRules(crossing, *next(tail)), sell(2, "p8", 200, 990, **dark))
    yield 10 * SECOND_NS, (sell(2, "p9", 250, 980, **dark),)
    yield 10 * SECOND_NS, (sell(2, "p10", 100, 1_200, **dark),)
    yield 1, (c.CloseSession(pool_id, *next(tail)), SetDarkRules(closed, *next(tail)))
