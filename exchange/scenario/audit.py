"""What must be true of every run, whatever the file says (RULEBOOK R4.9, R11).

Room: checks over all events of a run and the final state. Invariants, each a sentence in the
result if it does not hold:

- R11.2: order_qty = cum_qty + leaves_qty while an order is live; a done order has leaves_qty 0;
- R11.2, R9.4: positions of each instrument sum to what was delivered (else zero), and equal what
  trades and deliveries moved, after busts and corrections;
- R11.3: the book rebuilt from LevelChanged alone is the book that the engine shows;
- R4.9: in CONTINUOUS the displayed book is neither crossed nor locked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from exchange.model.enums import OrdStatus, Phase, Side
from exchange.model.event import LevelChanged, OrderState, Trade
from exchange.model.risk_event import PositionAdjusted, TradeBusted, TradeCorrected
from exchange.scenario.venue import Venue


def audit(venue: Venue) -> list[str]:
    """What does not hold; empty = all does."""
    return [*_orders(venue), *_positions(venue), *_books(venue)]


def _orders(venue: Venue) -> Iterator[str]:
    for event in venue.events:
        orders: list[OrderState] = []
        if isinstance(event, Trade):
            orders = [event.buy, event.sell]
        elif isinstance(order := getattr(event, "order", None), OrderState) and order.order_id:
            orders = [order]
        for state in orders:
            if OrdStatus(state.ord_status).is_live:
                sound = state.order_qty == state.cum_qty + state.leaves_qty
            else:
                sound = not state.leaves_qty
            if not sound:
                yield f"R11.2: quantities of order {state.cl_ord_id} do not add up: {state}"


def _positions(venue: Venue) -> Iterator[str]:
    moved: defaultdict[tuple[int, int], int] = defaultdict(int)
    delivered: defaultdict[int, int] = defaultdict(int)
    for event in venue.events:
        match event:
            case Trade():
                buyer, seller, qty = event.buy.account_id, event.sell.account_id, event.qty
            case TradeBusted():
                buyer, seller, qty = event.buy.account_id, event.sell.account_id, -event.qty
            case TradeCorrected():
                buyer, seller = event.buy.account_id, event.sell.account_id
                qty = event.qty - event.former_qty
            case PositionAdjusted():
                moved[event.account_id, event.instrument_id] += event.qty
                delivered[event.instrument_id] += event.qty
                continue
            case _:
                continue
        moved[buyer, event.instrument_id] += qty
        moved[seller, event.instrument_id] -= qty
    held = {(p.account_id, p.instrument_id): p.qty for p in venue.engine.positions(0)}
    if held != {key: qty for key, qty in moved.items() if qty}:
        yield f"R11.2: positions {held} are not what the trades moved"
    sums: defaultdict[int, int] = defaultdict(int)
    for (_, instrument_id), qty in held.items():
        sums[instrument_id] += qty
    if any(qty != delivered[instrument_id] for instrument_id, qty in sums.items()):
        yield f"R11.2: positions do not sum to zero, deliveries apart: {dict(sums)}"


def _books(venue: Venue) -> Iterator[str]:
    levels: dict[tuple[int, int, int], tuple[int, int]] = {}
    for event in venue.events:
        if isinstance(event, LevelChanged):
            key = (event.instrument_id, event.side, event.price)
            if event.order_count:
                levels[key] = (event.qty, event.order_count)
            else:
                levels.pop(key, None)
    shown: dict[tuple[int, int, int], tuple[int, int]] = {}
    for view in venue.engine.instruments():
        instrument_id, symbol = view.instrument.instrument_id, view.instrument.symbol
        depth = venue.engine.depth(instrument_id, 0)
        if depth is None:
            yield f"the engine shows no book of {symbol}"
            continue
        for side, rows in ((Side.BUY, depth.bids), (Side.SELL, depth.asks)):
            for row in rows:
                shown[instrument_id, side, row.price] = (row.qty, row.order_count)
        touching = depth.bids and depth.asks and depth.bids[0].price >= depth.asks[0].price
        if touching and view.phase == Phase.CONTINUOUS:
            yield f"R4.9: the book of {symbol} is crossed or locked"
    if levels != shown:
        yield "R11.3: the book rebuilt from LevelChanged is not the book that the engine shows"
