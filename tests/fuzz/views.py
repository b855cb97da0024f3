"""All views of an engine, for comparing two: what queries and feeds would be told.

Room: asking. Which orders, trades and accounts are asked for is fixed, whatever the market holds.
"""

from __future__ import annotations

from exchange.engine.port import Engine
from tests.exchange.engine.native.operator_desk import INSTRUMENTS, MEMBERS


def views_of(engine: Engine, trade_id: int) -> list[object]:
    """Everything that can be asked; `trade_id` is the trade asked for."""
    found: list[object] = [
        len(engine.orders(0, 0, 0, 1 << 30, live=True)),
        engine.open_order_count,
        engine.instruments(),
        engine.members(),
        engine.accounts(),
        engine.kill_switches(),
        engine.open_sessions(),
        engine.day_ends(),
        engine.positions(0),
        engine.risk_settings(),
        engine.venue_cash(),
        engine.trade(trade_id),
        engine.orders(1, 0, 3, 17, live=False),
        engine.orders(0, 2, 0, 50, live=True),
    ]
    for instrument_id in range(1, len(INSTRUMENTS) + 2):
        found += [
            engine.depth(instrument_id, 5),
            engine.auction(instrument_id),
            engine.dark(instrument_id),
            engine.schedule(instrument_id),
            engine.trading_rules(instrument_id),
        ]
    found += [engine.portfolio(account_id) for account_id in range(1, MEMBERS + 3)]
    found += [engine.order_by_cl_ord_id(1, f"s{number}") for number in range(0, 200, 7)]
    return found
