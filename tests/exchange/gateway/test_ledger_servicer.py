"""LedgerService over a real channel: entries page by page, balances, and who may see what."""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest

from exchange.api.v1 import ledger_service_pb2 as pb
from exchange.api.v1 import risk_service_pb2 as risk
from exchange.feeds import account_history
from exchange.ledger.accounts import Kind
from exchange.ledger.postings import EntryKind
from tests.exchange.gateway.venue import M1, M2, OPERATOR, PX, Venue, refused

Row = tuple[str, str, str]


async def story(venue: Venue) -> None:
    """A deposit, a delivery, two trades with fees, a correction, a bust, and orders that rest."""
    fees = risk.FeeSchedule(maker_ppm=-100, taker_ppm=300)
    await venue.risk.SetFeeSchedule(
        risk.SetFeeScheduleRequest(request_id="f", schedule=fees), metadata=OPERATOR
    )
    owner: dict[str, Any] = {"member": "m1", "account": "m1", "reason": "opening"}
    await venue.risk.AdjustCash(
        risk.AdjustCashRequest(request_id="d", currency="USD", amount="5000.5", **owner),
        metadata=OPERATOR,
    )
    await venue.risk.AdjustPosition(
        risk.AdjustPositionRequest(request_id="p", symbol="ABC", qty=7, price=PX, **owner),
        metadata=OPERATOR,
    )
    for number in range(2):
        await venue.submit(f"s{number}", "sell", 10, 100, M2)
        await venue.submit(f"b{number}", "buy", 10, 100)
        await venue.submit(f"r{number}", "buy", 1, 1)
    await venue.risk.CorrectTrade(
        risk.CorrectTradeRequest(request_id="c", trade_id=1, price=99 * PX, reason="typo"),
        metadata=OPERATOR,
    )
    await venue.risk.BustTrade(
        risk.BustTradeRequest(request_id="x", trade_id=2, reason="error"), metadata=OPERATOR
    )


async def entries(venue: Venue, metadata: Any, **fields: Any) -> list[pb.LedgerEntry]:
    """All pages."""
    request = pb.ListLedgerEntriesRequest(**fields)
    found: list[pb.LedgerEntry] = []
    while True:
        page = await venue.ledger.ListLedgerEntries(request, metadata=metadata)
        found += page.entries
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


def kinds(found: list[pb.LedgerEntry]) -> list[str]:
    names = [pb.LedgerEntryKind.Name(row.kind) for row in found]
    return [name.removeprefix("LEDGER_ENTRY_KIND_") for name in names]


def sums(amounts: Any) -> dict[str, Decimal]:
    """The sum of amounts by unit."""
    found: dict[str, Decimal] = {}
    for row in amounts:
        unit = row.currency or row.symbol
        found[unit] = found.get(unit, Decimal(0)) + Decimal(row.amount)
    return found


STORY = ["BUST", "CORRECTION", "FEES", "TRADE", "FEES", "TRADE", "DELIVERY", "CASH"]


async def test_entries_are_the_story_backwards_and_balance(venue: Venue) -> None:
    """I7: what an operator sees of an entry sums to zero."""
    await story(venue)
    found = await entries(venue, OPERATOR, member="m1")
    assert kinds(found) == STORY
    assert [row.trade_id for row in found] == [2, 1, 2, 2, 1, 1, 0, 0]
    assert [row.reason for row in found][:2] == ["error", "typo"]
    assert [row.seq for row in found] == sorted((row.seq for row in found), reverse=True)
    for row in found:
        assert set(sums(row.postings).values()) == {Decimal(0)}
    assert kinds(await entries(venue, OPERATOR, member="m2", account="m2")) == STORY[:-2]


@pytest.mark.parametrize(("size", "scan"), [(1, 512), (3, 512), (100, 1), (2, 2)])
async def test_pages_of_any_size_are_the_whole(
    venue: Venue, monkeypatch: pytest.MonkeyPatch, size: int, scan: int
) -> None:
    await story(venue)
    whole = await entries(venue, OPERATOR, member="m1")
    monkeypatch.setattr(account_history, "SCAN_BATCHES", scan)
    assert await entries(venue, OPERATOR, member="m1", page_size=size) == whole


async def test_a_member_sees_its_side_and_the_house_only(venue: Venue) -> None:
    await story(venue)
    found = await entries(venue, M2)
    assert kinds(found) == STORY[:-2]
    assert {row.member for entry in found for row in entry.postings} == {"m2", ""}
    sold = found[-1].postings
    assert [(row.symbol, row.currency, row.amount) for row in sold] == [
        ("ABC", "", "-10"),
        ("", "USD", "1000"),
    ]
    got = await refused(
        venue.ledger.ListLedgerEntries(pb.ListLedgerEntriesRequest(member="m1"), metadata=M2)
    )
    assert got.reason == "NOT_YOURS"


async def test_balances_are_the_portfolios_and_sum_to_zero(venue: Venue) -> None:
    await story(venue)
    told = await venue.ledger.GetLedgerBalances(pb.GetLedgerBalancesRequest(), metadata=OPERATOR)
    assert told.seq == venue.core.last_seq
    assert set(sums(told.balances).values()) == {Decimal(0)}
    names = {pb.LedgerAccountKind.Name(row.kind).rsplit("_", 1)[1] for row in told.balances}
    assert names == {"MEMBER", "FEES", "BANK", "DEPOSITORY"}
    mine = await venue.ledger.GetLedgerBalances(pb.GetLedgerBalancesRequest(), metadata=M1)
    shown = await venue.risk.GetPortfolio(risk.GetPortfolioRequest(), metadata=M1)
    (portfolio,) = shown.portfolios
    assert [(row.currency or row.symbol, row.amount) for row in mine.balances] == [
        ("USD", portfolio.balances[0].cash),
        ("ABC", str(portfolio.holdings[0].qty)),
    ]


@pytest.mark.parametrize(
    ("model", "api"), [(Kind, pb.LedgerAccountKind), (EntryKind, pb.LedgerEntryKind)]
)
def test_the_api_has_the_names_and_numbers_of_the_ledger(model: type[IntEnum], api: Any) -> None:
    prefix = "LEDGER_ACCOUNT_KIND_" if model is Kind else "LEDGER_ENTRY_KIND_"
    expected = {f"{prefix}{member.name}": member.value for member in model}
    assert dict(api.items()) == {f"{prefix}UNSPECIFIED": 0, **expected}


async def test_what_does_not_exist_is_refused_by_name(venue: Venue) -> None:
    async def reason(**fields: Any) -> str:
        request = pb.ListLedgerEntriesRequest(**fields)
        return (await refused(venue.ledger.ListLedgerEntries(request, metadata=OPERATOR))).reason

    assert await reason() == "INVALID_FIELD"
    assert await reason(member="m9") == "UNKNOWN_MEMBER"
    assert await reason(member="m1", account="x") == "UNKNOWN_ACCOUNT"
    no_token = {"page_token": "?"}
    assert await reason(member="m1", **no_token) == "INVALID_PAGE_TOKEN"
    assert await reason(member="m1", page_size=1001) == "INVALID_FIELD"
    nobody = pb.GetLedgerBalancesRequest(account="m1")
    got = await refused(venue.ledger.GetLedgerBalances(nobody, metadata=OPERATOR))
    assert got.reason == "INVALID_FIELD"
