"""Market data, reference data and cluster RPCs over a real channel."""

from __future__ import annotations

import grpc
import pytest

from exchange.api.v1 import cluster_service_pb2 as cluster
from exchange.api.v1 import common_pb2
from exchange.api.v1 import market_data_service_pb2 as pb
from exchange.api.v1 import reference_data_service_pb2 as reference
from exchange.gateway.codec_choice import BUILT_CODECS
from tests.exchange.gateway.venue import M1, M2, OPERATOR, PX, Venue, refused

Levels = dict[tuple[int, int], tuple[int, int]]


def _levels(book: pb.OrderBook) -> Levels:
    sides = ((common_pb2.SIDE_BUY, book.bids), (common_pb2.SIDE_SELL, book.asks))
    return {
        (side, level.price): (level.qty, level.order_count)
        for side, levels in sides
        for level in levels
    }


async def test_order_book_is_displayed_best_first_to_the_depth_asked(venue: Venue) -> None:
    for number, price in enumerate((8, 10, 9)):
        await venue.submit(f"a{number}", "buy", 5, price)
    request = pb.GetOrderBookRequest(symbol="ABC", depth=2)
    book = (await venue.market_data.GetOrderBook(request)).book

    assert [level.price for level in book.bids] == [10 * PX, 9 * PX]
    assert book.phase == common_pb2.PHASE_CONTINUOUS
    assert book.seq == venue.core.books.snapshot(1).seq


async def test_book_stream_rebuilds_the_book(venue: Venue) -> None:
    """I5: snapshot and updates give the book that a query shows."""
    await venue.submit("a0", "buy", 5, 8)
    stream = venue.market_data.SubscribeOrderBook(pb.SubscribeOrderBookRequest(symbol="ABC"))
    first = await stream.read()
    assert first.snapshot
    assert [level.price for level in first.book.bids] == [8 * PX]
    levels, seq = _levels(first.book), first.seq
    await venue.submit("a1", "buy", 5, 10)
    await venue.submit("z1", "sell", 7, 10, M2)
    await venue.submit("a2", "buy", 1, 9)
    target = venue.core.books.snapshot(1).seq
    while seq < target:
        message = await stream.read()
        assert message.seq >= seq
        seq = message.seq
        for update in message.updates:
            if update.qty:
                levels[update.side, update.price] = (update.qty, update.order_count)
            else:
                levels.pop((update.side, update.price), None)
    stream.cancel()

    book = (await venue.market_data.GetOrderBook(pb.GetOrderBookRequest(symbol="ABC"))).book
    assert levels == _levels(book)


async def test_idle_book_stream_tells_that_it_lives(venue: Venue) -> None:
    stream = venue.market_data.SubscribeOrderBook(pb.SubscribeOrderBookRequest(symbol="ABC"))
    await stream.read()
    beat = await stream.read()
    stream.cancel()

    assert beat.heartbeat
    assert beat.seq == venue.core.last_seq


async def test_trades_come_from_history_then_live(venue: Venue) -> None:
    async def trade(number: int) -> None:
        await venue.submit(f"s{number}", "sell", 1, 10, M2)
        await venue.submit(f"b{number}", "buy", 1, 10)

    await trade(1)
    await trade(2)
    stream = venue.market_data.SubscribeTrades(pb.SubscribeTradesRequest(symbol="ABC", start_seq=1))
    seen: list[pb.Trade] = []
    while len(seen) < 2:
        seen += (await stream.read()).trades
    await trade(3)
    while len(seen) < 3:
        seen += (await stream.read()).trades
    stream.cancel()

    assert [row.trade_id for row in seen] == [1, 2, 3]
    assert {row.aggressor for row in seen} == {common_pb2.SIDE_BUY}
    assert [row.seq for row in seen] == sorted(row.seq for row in seen)
    resumed = venue.market_data.SubscribeTrades(
        pb.SubscribeTradesRequest(symbol="ABC", start_seq=seen[1].seq)
    )
    got: list[pb.Trade] = []
    while len(got) < 2:
        got += (await resumed.read()).trades
    resumed.cancel()
    assert got == seen[1:]


async def test_trades_are_listed_newest_first_in_pages(venue: Venue) -> None:
    for number in range(5):
        await venue.submit(f"s{number}", "sell", 1, 10, M2)
        await venue.submit(f"b{number}", "buy", 1, 10)
    found, token = [], ""
    while True:
        request = pb.ListTradesRequest(symbol="ABC", page_size=2, page_token=token)
        response = await venue.market_data.ListTrades(request)
        found += [row.trade_id for row in response.trades]
        token = response.next_page_token
        if not token:
            break

    assert found == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("start_seq", [10_000, (1 << 64) - 1])
async def test_seq_that_is_not_there_is_out_of_range_with_the_bounds(
    venue: Venue, start_seq: int
) -> None:
    request = pb.SubscribeTradesRequest(symbol="ABC", start_seq=start_seq)
    got = await refused(venue.market_data.SubscribeTrades(request))

    assert (got.code, got.reason) == (grpc.StatusCode.OUT_OF_RANGE, "SEQ_NOT_AVAILABLE")
    assert got.metadata == {"oldest_seq": "1", "newest_seq": str(venue.core.last_seq)}


@pytest.mark.parametrize(
    "rpc", ["GetOrderBook", "SubscribeOrderBook", "SubscribeTrades", "ListTrades"]
)
async def test_unknown_symbol_is_not_found(venue: Venue, rpc: str) -> None:
    request = getattr(pb, f"{rpc}Request")(symbol="NIX")
    got = await refused(getattr(venue.market_data, rpc)(request))

    assert (got.code, got.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_SYMBOL")


async def test_instruments_show_phase_and_last_trade(venue: Venue) -> None:
    await venue.submit("s1", "sell", 3, 10, M2)
    await venue.submit("b1", "buy", 3, 10)
    one = await venue.reference.GetInstrument(reference.GetInstrumentRequest(symbol="ABC"))
    every = await venue.reference.ListInstruments(reference.ListInstrumentsRequest())

    assert (one.instrument.last_px, one.instrument.last_qty) == (10 * PX, 3)
    assert one.instrument.phase == common_pb2.PHASE_CONTINUOUS
    assert list(every.instruments) == [one.instrument]
    got = await refused(venue.reference.GetInstrument(reference.GetInstrumentRequest(symbol="NIX")))
    assert got.reason == "UNKNOWN_SYMBOL"


async def test_status_digest_and_snapshot(venue: Venue) -> None:
    await venue.submit("a1", "buy", 1, 10)
    status = await venue.cluster.GetStatus(cluster.GetStatusRequest())
    digest = await venue.cluster.GetDigest(cluster.GetDigestRequest(), metadata=OPERATOR)
    made = await venue.cluster.CreateSnapshot(cluster.CreateSnapshotRequest(), metadata=OPERATOR)

    node = status.nodes[0]
    assert (node.codec, node.engine, node.open_orders) == (BUILT_CODECS[-1], "reference", 1)
    assert status.header.cluster_id == "test-cluster"
    assert (status.first_seq, status.last_seq) == (1, venue.core.last_seq)
    assert status.auth_mode == "open"
    assert digest.log_index == venue.core.applied_index == made.log_index
    assert digest.events_digest == node.digest
    assert len(digest.state_digest) == 32
    assert made.size_bytes > 0


async def test_every_response_has_a_header(venue: Venue) -> None:
    book = await venue.market_data.GetOrderBook(pb.GetOrderBookRequest(symbol="ABC"), metadata=M1)

    assert (book.header.node, book.header.epoch) == ("n1", 1)
    assert book.header.log_index == venue.core.applied_index
