"""The ledger over a real node: entries and balances outlive a restart."""

from __future__ import annotations

from decimal import Decimal

from exchange.client import AsyncClient
from exchange.client.messages import LedgerAmount
from tests.exchange.client.conftest import Venue


def of_unit(amounts: list[LedgerAmount], unit: str) -> Decimal:
    return sum(
        (Decimal(row.amount) for row in amounts if unit in {row.currency, row.symbol}), Decimal(0)
    )


async def test_entries_and_balances_are_the_same_after_a_restart(
    venue: Venue, alice: AsyncClient, bob: AsyncClient
) -> None:
    """I7: opened from the engine, the books are those that were kept from events."""
    async with AsyncClient(venue.endpoint, operator="ops") as operator:
        await operator.adjust_cash("alice", "alice", "USD", "1000.25", reason="opening")
        for number in range(3):
            await alice.submit_order("ABC", "buy", 10, f"{10 + number}.01")
            await bob.submit_order("ABC", "sell", 10, f"{10 + number}.01")
        await operator.correct_trade(2, "typo", qty=4)
        told = await operator.ledger_balances()
        entries = await operator.ledger_entries("alice")
        await venue.stop()
        await venue.start()
        assert (await operator.ledger_balances()).balances == told.balances
        assert await operator.ledger_entries("alice") == entries
        await operator.bust_trade(2, "error")
        after = list((await operator.ledger_balances()).balances)
        newest = await operator.ledger_entries("alice", limit=2)
    assert {of_unit(after, unit) for unit in ("USD", "ABC")} == {Decimal(0)}
    assert [row.trade_id for row in newest] == [2, 2]
    assert len(entries) == 5
    mine = list((await alice.ledger_balances()).balances)
    assert of_unit(mine, "ABC") == 20
    assert of_unit(mine, "USD") == Decimal("1000.25") - Decimal("220.2")
