"""RiskService over a real channel: every RPC, its refusals, and what portfolios show."""

from __future__ import annotations

import pytest

from exchange.api.v1 import risk_service_pb2 as pb
from exchange.errors import ClientFault
from exchange.gateway.money import cash_amount, cash_bound, cash_text
from exchange.model.units import CASH_SCALE, NOTIONAL_MAX
from tests.exchange.gateway.venue import M1, M2, OPERATOR, PX, Venue, refused, until


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("12", 12 * CASH_SCALE),
        ("-0.5", -CASH_SCALE // 2),
        ("0.000000000000000001", 1),
        ("100.25", 100 * CASH_SCALE + CASH_SCALE // 4),
    ],
)
def test_money_is_exact_both_ways(text: str, amount: int) -> None:
    assert cash_amount(text, "amount") == amount
    assert cash_text(amount) == text


@pytest.mark.parametrize(
    "text", ["1e3", "+1", ".5", "1.", "1.0000000000000000001", "ab", "\u0663", " 1"]
)
def test_what_is_no_amount_is_named(text: str) -> None:
    with pytest.raises(ClientFault, match="amount"):
        cash_amount(text, "amount")


def test_an_amount_fits_the_log_and_a_bound_is_not_negative() -> None:
    assert cash_amount("", "amount") == 0
    with pytest.raises(ClientFault):
        cash_amount(cash_text(NOTIONAL_MAX + 1), "amount")
    with pytest.raises(ClientFault):
        cash_bound("-1", "credit_limit")


async def deposit(venue: Venue, amount: str, key: str) -> pb.AdjustCashResponse:
    request = pb.AdjustCashRequest(
        request_id=key, member="m1", account="m1", currency="USD", amount=amount, reason="wire"
    )
    response: pb.AdjustCashResponse = await venue.risk.AdjustCash(request, metadata=OPERATOR)
    return response


async def portfolio(venue: Venue, metadata: object = M1, member: str = "m1") -> pb.Portfolio:
    request = pb.GetPortfolioRequest(member=member)
    answer = await venue.risk.GetPortfolio(request, metadata=metadata)
    found: pb.Portfolio = answer.portfolios[0]
    return found


async def test_limits_are_set_shown_and_felt(venue: Venue) -> None:
    limits = pb.AccountLimits(
        account_type=pb.ACCOUNT_TYPE_CASH, retail=True, credit_limit="5000.5", call_grace_s=60
    )
    request = pb.SetAccountLimitsRequest(request_id="r1", member="m1", account="m1", limits=limits)
    await venue.risk.SetAccountLimits(request, metadata=OPERATOR)
    assert (await venue.risk.SetAccountLimits(request, metadata=OPERATOR)).poss_dup
    await deposit(venue, "1000", "d1")

    (report,) = await venue.submit("a", "buy", 11, 100)
    assert report.reject_reason != 0
    await venue.submit("b", "buy", 9, 100)
    shown = await portfolio(venue)
    (money,) = shown.balances
    assert (money.cash, money.reserved, money.buying_power) == ("1000", "900", "100")
    assert shown.limits.retail
    assert shown.limits.credit_limit == "5000.5"
    settings = await venue.risk.GetRiskSettings(pb.GetRiskSettingsRequest(), metadata=OPERATOR)
    assert settings.account_limits[0] == shown.limits


async def test_fees_and_holdings_of_a_trade_and_its_bust(venue: Venue) -> None:
    fees = pb.FeeSchedule(maker_ppm=-100, taker_ppm=300)
    await venue.risk.SetFeeSchedule(
        pb.SetFeeScheduleRequest(request_id="f", schedule=fees), metadata=OPERATOR
    )
    await venue.submit("s", "sell", 10, 100, metadata=M2)
    await venue.submit("b", "buy", 10, 100)

    shown = await portfolio(venue, OPERATOR)
    assert shown.balances[0].cash == "-1000.3"
    (held,) = shown.holdings
    assert (held.symbol, held.qty, held.cost, held.mark_px) == ("ABC", 10, "1000", 100 * PX)
    assert (held.market_value, held.average_px) == ("1000", 100 * PX)
    await venue.risk.CorrectTrade(
        pb.CorrectTradeRequest(request_id="c", trade_id=1, price=99 * PX, reason="error"),
        metadata=OPERATOR,
    )
    assert (await portfolio(venue)).balances[0].cash == "-990.297"
    await venue.risk.BustTrade(
        pb.BustTradeRequest(request_id="x", trade_id=1, reason="error"), metadata=OPERATOR
    )
    assert (await portfolio(venue)).balances[0].cash == "0"


async def test_results_are_told_by_holding_and_summed_by_currency(venue: Venue) -> None:
    """Ten bought at 100 and ten at 103; five sold at 104; the mark is then 104."""
    for number, price in enumerate((100, 103)):
        await venue.submit(f"s{number}", "sell", 10, price, metadata=M2)
        await venue.submit(f"b{number}", "buy", 10, price)
    await venue.submit("b9", "buy", 5, 104, metadata=M2)
    await venue.submit("s9", "sell", 5, 104)
    (held,) = (shown := await portfolio(venue)).holdings
    assert (held.qty, held.cost, held.average_px) == (15, "1522.5", 101_500_000_000)
    assert (held.realised, held.unrealised, held.market_value) == ("12.5", "37.5", "1560")
    (money,) = shown.balances
    assert (money.realised, money.unrealised, money.equity) == ("12.5", "37.5", "50")
    (other,) = (await portfolio(venue, OPERATOR, "m2")).holdings
    assert (other.qty, other.average_px) == (-15, 101_500_000_000)
    assert (other.realised, other.unrealised, other.market_value) == ("-12.5", "-37.5", "-1560")


async def test_a_restricted_row_by_name(venue: Venue) -> None:
    row = pb.Restriction(member="m1", account="m1", symbol="ABC")
    await venue.risk.AddRestriction(
        pb.AddRestrictionRequest(request_id="r", restriction=row, reason="insider"),
        metadata=OPERATOR,
    )
    (report,) = await venue.submit("a", "buy", 10, 100)
    assert report.text
    settings = await venue.risk.GetRiskSettings(pb.GetRiskSettingsRequest(), metadata=OPERATOR)
    assert list(settings.restrictions) == [row]
    await venue.risk.RemoveRestriction(
        pb.RemoveRestrictionRequest(request_id="q", restriction=row, reason="cleared"),
        metadata=OPERATOR,
    )
    again = await refused(
        venue.risk.RemoveRestriction(
            pb.RemoveRestrictionRequest(request_id="z", restriction=row, reason="cleared"),
            metadata=OPERATOR,
        )
    )
    assert again.reason == "NOT_RESTRICTED"


async def test_rates_volumes_and_deliveries(venue: Venue) -> None:
    await venue.risk.SetMemberLimits(
        pb.SetMemberLimitsRequest(
            request_id="m", member="m1", limits=pb.MemberLimits(order_rate=5, fee_tier=2)
        ),
        metadata=OPERATOR,
    )
    await venue.risk.SetAverageDailyVolume(
        pb.SetAverageDailyVolumeRequest(request_id="v", symbol="ABC", adv_qty=7),
        metadata=OPERATOR,
    )
    for key, qty in (("p", 30), ("q", -10)):
        await venue.risk.AdjustPosition(
            pb.AdjustPositionRequest(
                request_id=key,
                member="m1",
                account="m1",
                symbol="ABC",
                qty=qty,
                price=PX,
                reason="transfer",
            ),
            metadata=OPERATOR,
        )
    settings = await venue.risk.GetRiskSettings(pb.GetRiskSettingsRequest(), metadata=OPERATOR)
    assert (settings.member_limits[0].member, settings.member_limits[0].fee_tier) == ("m1", 2)
    assert settings.volumes[0].adv_qty == 7
    assert (await portfolio(venue)).holdings[0].qty == 20


@pytest.mark.parametrize(
    ("member", "account", "amount", "reason"),
    [
        ("m9", "m1", "1", "UNKNOWN_ACCOUNT"),
        ("m1", "x", "1", "UNKNOWN_ACCOUNT"),
        ("m1", "m1", "one", "INVALID_FIELD"),
        ("m1", "m1", "0", "INVALID_FIELD"),
        ("m1", "m1", "-1", "INSUFFICIENT_BALANCE"),
    ],
)
async def test_money_that_cannot_move_is_refused_by_name(
    venue: Venue, member: str, account: str, amount: str, reason: str
) -> None:
    request = pb.AdjustCashRequest(
        request_id="k", member=member, account=account, currency="USD", amount=amount, reason="w"
    )
    got = await refused(venue.risk.AdjustCash(request, metadata=OPERATOR))

    assert got.reason == reason


async def test_a_member_reads_its_own_portfolio_and_commands_nothing(venue: Venue) -> None:
    got = await refused(venue.risk.GetPortfolio(pb.GetPortfolioRequest(member="m1"), metadata=M2))
    assert got.reason == "NOT_YOURS"
    asked = await refused(venue.risk.GetPortfolio(pb.GetPortfolioRequest(), metadata=OPERATOR))
    assert asked.metadata["field"] == "member"
    request = pb.EmergencyCloseRequest(request_id="e", reason="fire")
    got = await refused(venue.risk.EmergencyClose(request, metadata=M1))
    assert got.reason == "OPERATOR_REQUIRED"


async def test_an_emergency_close_cancels_and_dumps_the_state(venue: Venue) -> None:
    """R9.3: the dump is a snapshot taken right after the entry."""
    await venue.submit("b", "buy", 10, 100)
    request = pb.EmergencyCloseRequest(request_id="e", reason="fire")
    answer = await venue.risk.EmergencyClose(request, metadata=OPERATOR)

    assert answer.canceled_count == 1
    (report,) = await venue.submit("c", "buy", 10, 100)
    assert report.text
    await until(lambda: bool(venue.snapshots))
    assert venue.snapshots[0][0] >= answer.header.log_index
