"""The query half of the engine port."""

from __future__ import annotations

import msgspec
import pytest

from exchange.engine.port import OrderView
from exchange.model.command import CancelOrder
from tests.recorder import ABC, Recorder, buy, cancel, replace, sell


@pytest.fixture
def venue() -> Recorder:
    """Orders 1 a (m1), 2 b (m2), 3 c (m1, done), 4 d (m1 on XYZ)."""
    recorder = Recorder()
    xyz = msgspec.structs.replace(ABC, symbol="XYZ")
    recorder.open_market(ABC, xyz)
    recorder.send(buy(1, "a", 10, 900), buy(2, "b", 10, 910), buy(1, "c", 10, 920))
    recorder.send(buy(1, "d", 10, 900, instrument_id=2), cancel(1, "c", "x"))
    return recorder


@pytest.mark.parametrize(
    ("scope", "after", "limit", "live", "ids"),
    [
        ((0, 0), 0, 9, False, [1, 2, 3, 4]),
        ((0, 0), 0, 9, True, [1, 2, 4]),
        ((1, 0), 0, 9, False, [1, 3, 4]),
        ((1, 1), 0, 9, False, [1, 3]),
        ((1, 1), 0, 9, True, [1]),
        ((0, 0), 2, 1, False, [3]),
        ((0, 0), 2, 9, True, [4]),
        ((0, 0), 0, 2, True, [1, 2]),
        ((0, 0), 0, 0, False, []),
        ((9, 0), 0, 9, False, []),
    ],
)
def test_orders(
    venue: Recorder, scope: tuple[int, int], after: int, limit: int, *, live: bool, ids: list[int]
) -> None:
    views = venue.engine.orders(*scope, after, limit, live=live)

    assert [view.order.order_id for view in views] == ids


def test_an_order_with_its_times(venue: Recorder) -> None:
    entered = venue.ts_ns
    venue.ts_ns += 7
    venue.send(sell(3, "s", 10, 920, order_qty=15), cancel(1, "a", "y"))

    view = venue.engine.order(1)
    assert view is not None
    assert (view.entry_ts_ns, view.last_ts_ns, view.order.ord_status) == (entered, entered + 7, 4)
    assert venue.engine.order(99) is None


def test_an_order_by_any_id_that_is_about_it(venue: Recorder) -> None:
    venue.send(replace(1, "a", "a2", qty=15), cancel(1, "a2", "y"))

    def found(cl_ord_id: str) -> OrderView | None:
        return venue.engine.order_by_cl_ord_id(1, cl_ord_id)

    assert found("a") == found("a2") == found("y") == venue.engine.order(1)
    assert found("b") is None


def test_a_refused_order_is_found_by_its_id(venue: Recorder) -> None:
    venue.send(buy(1, "bad", 11, 900), CancelOrder(1, 99, "z", ""))
    view = venue.engine.order_by_cl_ord_id(1, "bad")

    assert view is not None
    assert (view.order.order_id, view.reject_reason, view.entry_ts_ns) == (0, 308, venue.ts_ns)
    assert venue.engine.order_by_cl_ord_id(1, "z") is None


def test_depth_is_cut_best_first(venue: Recorder) -> None:
    depth = venue.engine.depth(1, 1)

    assert depth is not None
    assert ([tuple(level) for level in depth.bids], depth.asks) == ([(910, 10, 1)], [])
    assert venue.engine.depth(9, 0) is None


def test_positions_net_to_nothing_are_not_shown(venue: Recorder) -> None:
    """R11.2."""
    venue.send(sell(3, "s", 10, 910))
    assert [tuple(p) for p in venue.engine.positions(0)] == [(2, 1, 10), (3, 1, -10)]
    assert [tuple(p) for p in venue.engine.positions(3)] == [(3, 1, -10)]
    venue.send(sell(2, "t", 10, 1000), buy(3, "u", 10, 1000))
    assert venue.engine.positions(0) == []


def test_an_instrument_shows_its_last_trade(venue: Recorder) -> None:
    venue.send(sell(3, "s", 10, 900))

    view = venue.engine.instruments()[0]
    assert (view.last_price, view.last_qty) == (910, 10)
    assert [m.name for m in venue.engine.members()] == ["m1", "m2", "m3"]
    assert [a.account_id for a in venue.engine.accounts()] == [1, 2, 3]
