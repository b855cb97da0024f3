"""DarkService over a real channel, and dark orders through the order and market data services."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from exchange.api.v1 import common_pb2
from exchange.api.v1 import dark_service_pb2 as pb
from exchange.api.v1 import market_data_service_pb2 as market_data
from exchange.api.v1 import order_service_pb2 as orders
from tests.exchange.gateway.venue import M1, M2, PX, Venue, refused

BLOCK = 100
DARK, LIT = common_pb2.BOOK_KIND_DARK, common_pb2.BOOK_KIND_LIT
MARKET: dict[str, Any] = {"ord_type": common_pb2.ORD_TYPE_MARKET}
SECOND_NS = 1_000_000_000


async def open_book(venue: Venue, request_id: str = "open-dark", **fields: Any) -> None:
    """Open the dark book of ABC; continuous, sides told, unless `fields` say otherwise."""
    plain = {"is_open": True, "is_continuous": True, "shows_side": True, "min_block_qty": BLOCK}
    rules = pb.DarkRules(**{**plain, **fields})
    request = pb.SetDarkRulesRequest(request_id=request_id, symbol="ABC", rules=rules)
    assert not (await venue.dark.SetDarkRules(request)).poss_dup


async def dark_book(venue: Venue) -> pb.GetDarkBookResponse:
    told: pb.GetDarkBookResponse = await venue.dark.GetDarkBook(pb.GetDarkBookRequest(symbol="ABC"))
    return told


async def test_rules_are_read_changed_and_read_again(venue: Venue) -> None:
    told = (await dark_book(venue)).rules
    assert (told.is_open, told.min_block_qty) == (False, 10_000)
    await open_book(venue, cross_interval_ns=SECOND_NS * 60)
    book = await dark_book(venue)
    assert (book.rules.is_open, book.rules.min_block_qty) == (True, BLOCK)
    assert book.next_cross_ns > SECOND_NS * 60

    again = pb.SetDarkRulesRequest(request_id="open-dark", symbol="ABC", rules=book.rules)
    assert (await venue.dark.SetDarkRules(again)).poss_dup


async def test_rules_are_an_operators(venue: Venue) -> None:
    request = pb.SetDarkRulesRequest(request_id="r", symbol="ABC", rules=pb.DarkRules(is_open=True))
    told = await refused(venue.dark.SetDarkRules(request, metadata=M1))
    assert told.reason == "OPERATOR_REQUIRED"


@pytest.mark.parametrize(
    ("symbol", "rules", "reason"),
    [
        ("", pb.DarkRules(), "INVALID_FIELD"),
        ("NONE", pb.DarkRules(), "UNKNOWN_SYMBOL"),
        ("ABC", pb.DarkRules(is_open=True, min_block_qty=1), "INVALID_FIELD"),
        ("ABC", pb.DarkRules(min_block_qty=-1), "INVALID_FIELD"),
        ("ABC", pb.DarkRules(is_continuous=True, min_block_qty=10_000), "NO_CHANGE"),
    ],
)
async def test_rules_that_are_refused(
    venue: Venue, symbol: str, rules: pb.DarkRules, reason: str
) -> None:
    request = pb.SetDarkRulesRequest(request_id="r", symbol=symbol, rules=rules)
    assert (await refused(venue.dark.SetDarkRules(request))).reason == reason


@pytest.mark.parametrize("symbol", ["", "NONE"])
async def test_a_dark_book_of_nothing(venue: Venue, symbol: str) -> None:
    told = await refused(venue.dark.GetDarkBook(pb.GetDarkBookRequest(symbol=symbol)))
    assert (told.code, told.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_SYMBOL")


async def test_a_dark_order_from_entry_to_trade(venue: Venue) -> None:
    """Reports, order and trade say DARK; the displayed book and the last price know nothing."""
    await open_book(venue)
    await venue.submit("bid", "buy", 5, 10)
    await venue.submit("offer", "sell", 5, 11, M2)
    (new,) = await venue.submit("d1", "buy", 300, 0, book=DARK, **MARKET)
    assert (new.book, new.flags) == (DARK, common_pb2.ORDER_FLAG_DARK_BOOK)
    reports = await venue.submit("d2", "sell", 200, 10, M2, book=DARK)

    assert [row.exec_type for row in reports] == [
        common_pb2.EXEC_TYPE_NEW,
        common_pb2.EXEC_TYPE_TRADE,
    ]
    assert (reports[1].last_qty, reports[1].last_px) == (200, 10 * PX + PX // 2)
    assert (reports[1].book, reports[1].liquidity) == (DARK, common_pb2.LIQUIDITY_TAKER)
    request = orders.GetOrderRequest(cl_ord_id="d1")
    assert (await venue.orders.GetOrder(request, metadata=M1)).order.book == DARK
    trades = await venue.market_data.ListTrades(market_data.ListTradesRequest(symbol="ABC"))
    assert [(row.qty, row.book) for row in trades.trades] == [(200, DARK)]
    lit = await venue.market_data.GetOrderBook(market_data.GetOrderBookRequest(symbol="ABC"))
    assert [(row.price, row.qty) for row in lit.book.bids] == [(10 * PX, 5)]
    (instrument,) = venue.core.directory.instruments()
    assert instrument.symbol == "ABC"
    view = await venue.core.query(lambda engine: engine.instruments()[0].last_price)
    assert view == 0


async def test_a_lit_order_says_nothing_of_its_book(venue: Venue) -> None:
    (new,) = await venue.submit("a1", "buy", 5, 10, book=LIT)
    assert (new.book, new.flags) == (common_pb2.BOOK_KIND_UNSPECIFIED, 0)


async def test_a_book_that_the_flags_contradict_is_refused(venue: Venue) -> None:
    fields = {"book": LIT, "flags": common_pb2.ORDER_FLAG_DARK_BOOK}
    told = await refused(venue.submit("a1", "buy", 5, 10, **fields))
    assert told.reason == "INVALID_FIELD"
    told = await refused(venue.submit("a2", "buy", 5, 10, book=9))
    assert told.reason == "INVALID_FIELD"


async def test_the_market_refuses_dark_orders_with_a_report(venue: Venue) -> None:
    (report,) = await venue.submit("d1", "buy", 300, 10, book=DARK)
    assert report.reject_reason == common_pb2.REJECT_REASON_DARK_BOOK_NOT_OPEN
    await open_book(venue)
    (report,) = await venue.submit("d2", "buy", BLOCK - 1, 10, book=DARK)
    assert report.reject_reason == common_pb2.REJECT_REASON_BELOW_MIN_BLOCK_QTY
    assert report.text == "a dark order is at least as large as the minimum block"


async def test_indications_begin_with_what_stands_and_name_nobody(venue: Venue) -> None:
    await open_book(venue)
    await venue.submit("d1", "buy", 300, 10, book=DARK)
    stream = venue.dark.SubscribeIndications(pb.SubscribeIndicationsRequest(symbol="ABC"))
    first = await stream.read()
    assert first.snapshot
    assert [(row.symbol, row.side, row.qty) for row in first.indications] == [
        ("ABC", common_pb2.SIDE_BUY, BLOCK)
    ]
    await venue.submit("d2", "sell", 400, 11, M2, book=DARK)
    news = await stream.read()
    assert [(row.side, row.qty) for row in news.indications] == [(common_pb2.SIDE_SELL, BLOCK)]
    assert news.seq == news.indications[0].seq > first.seq
    cancel = orders.CancelOrder(cl_ord_id="x", orig_cl_ord_id="d1")
    await venue.orders.CancelOrder(orders.CancelOrderRequest(cancel=cancel), metadata=M1)
    news = await stream.read()
    assert [(row.side, row.qty) for row in news.indications] == [(common_pb2.SIDE_BUY, 0)]
    stream.cancel()
    assert [(row.side, row.qty) for row in (await dark_book(venue)).indications] == [
        (common_pb2.SIDE_SELL, BLOCK)
    ]
    assert b"m1" not in news.SerializeToString()


async def test_a_crossing_session_is_told_on_the_stream_of_all(venue: Venue) -> None:
    await open_book(venue, is_continuous=False, cross_interval_ns=SECOND_NS)
    await venue.submit("bid", "buy", 5, 10)
    await venue.submit("offer", "sell", 5, 11, M2)
    stream = venue.dark.SubscribeIndications(pb.SubscribeIndicationsRequest())
    assert (await stream.read()).snapshot
    await venue.submit("d1", "buy", 300, 11, book=DARK)
    await venue.submit("d2", "sell", 200, 10, M2, book=DARK)
    crossed: list[pb.CrossingSession] = []
    while not any(row.volume == "200" for row in crossed):
        crossed += (await stream.read()).crossings
    stream.cancel()

    assert crossed[-1].price == 10 * PX + PX // 2
    assert crossed[-1].symbol == "ABC"


async def test_an_idle_stream_tells_that_it_lives_and_ends_with_the_server(venue: Venue) -> None:
    stream = venue.dark.SubscribeIndications(pb.SubscribeIndicationsRequest())
    assert (await stream.read()).snapshot
    assert (await stream.read()).heartbeat
    assert venue.core.subscriber_count == 1
    await venue.server.stop()

    async def read_on() -> None:
        while await stream.read():
            pass

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read_on()
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


async def test_closing_the_book_tells_the_members(venue: Venue) -> None:
    await open_book(venue)
    await venue.submit("d1", "buy", 300, 10, book=DARK)
    request = orders.SubscribeExecutionsRequest(start_seq=1)
    stream = venue.orders.SubscribeExecutions(request, metadata=M1)
    await open_book(venue, "close-dark", is_open=False)
    seen: list[orders.ExecutionReport] = []
    while not seen or seen[-1].exec_type != common_pb2.EXEC_TYPE_CANCELED:
        seen += (await stream.read()).reports
    stream.cancel()

    assert seen[-1].cancel_reason == common_pb2.CANCEL_REASON_DARK_BOOK_CLOSED
