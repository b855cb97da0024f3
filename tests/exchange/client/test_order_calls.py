"""Orders over a real node: what a client gives, what it gets, and lost answers (RULEBOOK R10)."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from exchange.client import (
    AsyncClient,
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
    UnavailableError,
    instrument,
    new_order,
)
from exchange.model.enums import ExecType, OrdStatus
from exchange.model.reject import RejectReason
from tests.exchange.client.conftest import Venue, until
from tests.exchange.client.lossy_proxy import LossyProxy


async def has_orders(client: AsyncClient) -> bool:
    return bool(await client.list_orders())


async def has_member(client: AsyncClient, name: str) -> bool:
    return name in {row.name for row in await client.list_members()}


async def test_an_order_is_entered_and_trades(alice: AsyncClient, bob: AsyncClient) -> None:
    resting = await alice.submit_order("ABC", "buy", 10, "101.25", cl_ord_id="a1")
    taking = await bob.submit_order("ABC", "sell", 4)

    assert (resting.cl_ord_id, resting.ord_status, resting.attempts) == ("a1", OrdStatus.NEW, 1)
    assert [ExecType(row.exec_type) for row in taking.reports] == [ExecType.NEW, ExecType.TRADE]
    assert (taking.ord_status, taking.cum_qty) == (OrdStatus.FILLED, 4)
    assert taking.reports[1].last_px == 101_250_000_000
    assert (await alice.get_order("a1")).leaves_qty == 6
    assert [(p.symbol, p.qty) for p in await bob.positions()] == [("ABC", -4)]
    assert [(t.price, t.qty) for t in await bob.list_trades("ABC")] == [(101_250_000_000, 4)]


async def test_a_decimal_quantity_is_scaled_by_the_instrument(alice: AsyncClient) -> None:
    outcome = await alice.submit_order("BTC-USD", "buy", Decimal("0.5"), "60000.01")

    assert outcome.reports[0].order_qty == 50_000_000
    assert outcome.reports[0].price == 60_000_010_000_000


async def test_a_refusal_by_the_market_is_an_outcome(alice: AsyncClient) -> None:
    outcome = await alice.submit_order("ABC", "buy", 1, "100.005")

    assert outcome.is_rejected
    assert outcome.reject_reason is RejectReason.PRICE_NOT_A_TICK_MULTIPLE
    assert outcome.ord_status is OrdStatus.REJECTED


async def test_a_repetition_gives_the_original_outcome(alice: AsyncClient) -> None:
    first = await alice.submit_order("ABC", "buy", 10, "99", cl_ord_id="a1")
    again = await alice.submit_order("ABC", "buy", 10, "99", cl_ord_id="a1")

    assert (first.poss_dup, again.poss_dup) == (False, True)
    assert again.order_id == first.order_id
    assert len(await alice.list_orders()) == 1


async def test_replace_and_cancel_name_the_order(alice: AsyncClient) -> None:
    entered = await alice.submit_order("BTC-USD", "buy", 100_000_000, "99", cl_ord_id="a1")
    replaced = await alice.replace_order("a1", qty="0.25", price="98", cl_ord_id="a2")
    canceled = await alice.cancel_order(order_id=entered.order_id)
    late = await alice.cancel_order("a2")

    assert (replaced.reports[0].order_qty, replaced.reports[0].price) == (25_000_000, 98 * 10**9)
    assert canceled.ord_status is OrdStatus.CANCELED
    assert late.reject_reason is RejectReason.TOO_LATE


async def test_mass_cancel_counts(alice: AsyncClient) -> None:
    for price in ("98", "99"):
        await alice.submit_order("ABC", "buy", 1, price)
    await alice.submit_order("BTC-USD", "buy", 1, "98")

    outcome = await alice.mass_cancel(symbol="ABC")

    assert outcome.report.canceled_count == len(outcome.reports) == 2
    assert [row.symbol for row in await alice.list_orders(live_only=True)] == ["BTC-USD"]


async def test_lists_are_fetched_over_pages(alice: AsyncClient) -> None:
    async with alice.order_session() as session:
        await session.send([new_order("ABC", "buy", 1, "50") for _ in range(1500)])

    found = await alice.list_orders()
    some = await alice.list_orders(limit=1200)

    assert [row.order_id for row in found] == list(range(1, 1501))
    assert len(some) == 1200


async def test_faults_have_their_own_types(venue: Venue, alice: AsyncClient) -> None:
    with pytest.raises(InvalidRequestError) as negative:
        await alice.submit_order("ABC", "buy", -1, "1")
    assert (negative.value.reason, negative.value.field) == ("INVALID_FIELD", "order_qty")
    with pytest.raises(NotFoundError):
        await alice.get_order("unheard-of")
    with pytest.raises(RefusedError) as taken:
        await alice.create_member("bob")
    assert taken.value.reason == "NAME_EXISTS"
    async with AsyncClient(venue.endpoint, member="mallory") as stranger:
        with pytest.raises(PermissionDeniedError):
            await stranger.submit_order("ABC", "buy", 1, "1")


async def test_a_lost_answer_is_asked_for_again(venue: Venue, proxy: LossyProxy) -> None:
    """R10: the command took effect, the answer did not come; the repetition tells it."""
    async with AsyncClient(proxy.endpoint, member="alice") as client:
        await client.status()
        proxy.loses_answers = True
        sending = asyncio.create_task(client.submit_order("ABC", "buy", 5, "99", cl_ord_id="a1"))
        async with AsyncClient(venue.endpoint, member="alice") as witness:
            await until(lambda: has_orders(witness))
            proxy.cut()
            proxy.loses_answers = False
            outcome = await sending

            assert outcome.poss_dup
            assert outcome.attempts > 1
            assert [row.order_id for row in await witness.list_orders()] == [outcome.order_id]


async def test_what_cannot_be_settled_in_time_is_unknown(proxy: LossyProxy) -> None:
    async with AsyncClient(proxy.endpoint, member="alice", timeout=0.8) as client:
        await client.status()
        proxy.loses_answers = True
        with pytest.raises(OutcomeUnknownError) as unknown:
            await client.submit_order("ABC", "buy", 5, "99", cl_ord_id="a1")
        proxy.loses_answers = False
        proxy.cut()

        assert unknown.value.cl_ord_id == "a1"
        assert (await client.submit_order("ABC", "buy", 5, "99", cl_ord_id="a1")).poss_dup


async def test_an_operators_lost_answer_is_asked_for_again(venue: Venue, proxy: LossyProxy) -> None:
    async with AsyncClient(proxy.endpoint, operator="ops") as client:
        await client.status()
        proxy.loses_answers = True
        sending = asyncio.create_task(client.create_member("carol"))
        async with AsyncClient(venue.endpoint) as witness:
            await until(lambda: has_member(witness, "carol"))
        proxy.cut()
        proxy.loses_answers = False

        assert (await sending).poss_dup


async def test_an_exchange_that_is_not_there_is_unavailable(venue: Venue) -> None:
    await venue.stop()
    async with AsyncClient(venue.endpoint, member="alice", timeout=0.3) as client:
        with pytest.raises(UnavailableError) as gone:
            await client.submit_order("ABC", "buy", 1, "1")
    assert gone.value.reason == "NOT_REACHED"


async def test_a_client_outlives_a_restart(venue: Venue, alice: AsyncClient) -> None:
    first = await alice.submit_order("ABC", "buy", 1, "99", cl_ord_id="a1")
    await venue.stop()
    waiting = asyncio.create_task(alice.submit_order("ABC", "buy", 1, "98", cl_ord_id="a2"))
    await asyncio.sleep(0.2)
    await venue.start()

    assert (await waiting).ord_status is OrdStatus.NEW
    again = await alice.submit_order("ABC", "buy", 1, "99", cl_ord_id="a1")
    assert (again.poss_dup, again.order_id) == (True, first.order_id)


async def test_calls_go_to_the_endpoint_that_serves(venue: Venue) -> None:
    endpoints = ["127.0.0.1:1", venue.endpoint]
    async with AsyncClient(endpoints, member="alice") as client:
        for _ in range(5):
            assert (await client.submit_order("ABC", "buy", 1, "99")).attempts == 1


async def test_admin_verbs_change_and_count(alice: AsyncClient) -> None:
    await alice.submit_order("ABC", "buy", 1, "99")
    counted = await alice.halt("drill", symbol="ABC", cancel_orders=True, validate_only=True)
    halted = await alice.halt("drill", symbol="ABC", cancel_orders=True)
    resumed = await alice.resume("over", symbol="ABC", direct=True)
    updated = await alice.update_instrument(
        instrument("ABC", "equity", currency="USD", mic="XLOC", tick_size="1", static_band_bp=7),
        ["static_band_bp"],
    )

    assert (counted.canceled_count, list(counted.symbols)) == (1, [])
    assert (halted.canceled_count, list(halted.symbols)) == (1, ["ABC"])
    assert list(resumed.symbols) == ["ABC"]
    assert (updated.instrument.static_band_bp, updated.instrument.tick_size) == (7, 10_000_000)


async def test_digest_and_snapshot_agree(alice: AsyncClient) -> None:
    snapshot = await alice.create_snapshot()
    digest = await alice.digest()

    assert (digest.log_index, digest.state_digest) == (snapshot.log_index, snapshot.state_digest)
