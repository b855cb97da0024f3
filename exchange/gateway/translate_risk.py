"""Messages of RiskService into model values and back.

Room: names to ids (UNKNOWN_ID where there is none, which the engine refuses), amounts to cash units
(`money.py`), ranges that the log's encoding needs.
"""

from __future__ import annotations

from collections.abc import Sequence

from exchange.api.v1 import risk_service_pb2 as pb
from exchange.engine.risk_views import BalanceView, HoldingView, PortfolioView, RiskView
from exchange.feeds.directory import Directory
from exchange.gateway import field_checks as check
from exchange.gateway.api_enum import api_enum
from exchange.gateway.money import cash_bound, cash_text
from exchange.gateway.translate_admin import member_filters, member_id_of_name
from exchange.gateway.translate_orders import instrument_filter
from exchange.model import risk
from exchange.model.risk import AccountFlag, AccountType
from exchange.model.units import cash_scale

NS_PER_S = 1_000_000_000
TIER_MAX = 0xFFFF


def account_limits_of(message: pb.AccountLimits, account_id: int) -> risk.AccountLimits:
    """Limits of an account; which values make sense is the engine's question."""
    flags = AccountFlag.RETAIL if message.retail else 0
    flags |= AccountFlag.PATTERN_DAY_TRADER if message.pattern_day_trader else 0
    return risk.AccountLimits(
        account_id=account_id,
        account_type=check.optional_enum_number(message.account_type, AccountType, "account_type"),
        flags=int(flags),
        credit_limit=cash_bound(message.credit_limit, "credit_limit"),
        max_position=message.max_position,
        max_order_qty=message.max_order_qty,
        max_order_notional=cash_bound(message.max_order_notional, "max_order_notional"),
        collar_bp=message.collar_bp,
        concentration_bp=message.concentration_bp,
        adv_bp=message.adv_bp,
        initial_margin_bp=message.initial_margin_bp,
        maintenance_margin_bp=message.maintenance_margin_bp,
        call_grace_ns=message.call_grace_s * NS_PER_S,
    )


def member_limits_of(message: pb.MemberLimits, member_id: int) -> risk.MemberLimits:
    """Limits of a member."""
    return risk.MemberLimits(
        member_id=member_id,
        fee_tier=check.at_most(message.fee_tier, TIER_MAX, "fee_tier"),
        order_rate=message.order_rate,
        order_burst=message.order_burst,
        session_rate=message.session_rate,
        session_burst=message.session_burst,
    )


def fee_schedule_of(message: pb.FeeSchedule, directory: Directory) -> risk.FeeSchedule:
    """A fee schedule; no symbol = all instruments."""
    return risk.FeeSchedule(
        instrument_id=instrument_filter(message.symbol, directory),
        tier=check.at_most(message.tier, TIER_MAX, "tier"),
        maker_ppm=message.maker_ppm,
        taker_ppm=message.taker_ppm,
        auction_ppm=message.auction_ppm,
    )


def restriction_of(message: pb.Restriction, directory: Directory) -> risk.Restriction:
    """A row of the restricted list; an account stands for itself, not for its member too."""
    member_id = account_id = 0
    if message.account:
        _, account_id = member_filters(message.member, message.account, directory)
    elif message.member:
        member_id = member_id_of_name(message.member, directory)
    return risk.Restriction(member_id, account_id, instrument_filter(message.symbol, directory))


def describe_settings(view: RiskView, directory: Directory) -> pb.GetRiskSettingsResponse:
    """Everything that is set, names instead of ids."""
    return pb.GetRiskSettingsResponse(
        account_limits=[describe_limits(row, directory) for row in view.account_limits],
        member_limits=[
            pb.MemberLimits(
                member=_member(row.member_id, directory),
                fee_tier=row.fee_tier,
                order_rate=row.order_rate,
                order_burst=row.order_burst,
                session_rate=row.session_rate,
                session_burst=row.session_burst,
            )
            for row in view.member_limits
        ],
        fee_schedules=[
            pb.FeeSchedule(
                symbol=directory.symbol(row.instrument_id) if row.instrument_id else "",
                tier=row.tier,
                maker_ppm=row.maker_ppm,
                taker_ppm=row.taker_ppm,
                auction_ppm=row.auction_ppm,
            )
            for row in view.fee_schedules
        ],
        volumes=[
            pb.AverageDailyVolume(symbol=directory.symbol(row.instrument_id), adv_qty=row.adv_qty)
            for row in view.references
        ],
        restrictions=[describe_restriction(row, directory) for row in view.restrictions],
    )


def describe_limits(limits: risk.AccountLimits, directory: Directory) -> pb.AccountLimits:
    """Limits of an account."""
    owner, name = _account(limits.account_id, directory)
    return pb.AccountLimits(
        member=owner,
        account=name,
        account_type=api_enum(limits.account_type),
        retail=bool(limits.flags & AccountFlag.RETAIL),
        pattern_day_trader=bool(limits.flags & AccountFlag.PATTERN_DAY_TRADER),
        credit_limit=cash_text(limits.credit_limit),
        max_position=limits.max_position,
        max_order_qty=limits.max_order_qty,
        max_order_notional=cash_text(limits.max_order_notional),
        collar_bp=limits.collar_bp,
        concentration_bp=limits.concentration_bp,
        adv_bp=limits.adv_bp,
        initial_margin_bp=limits.initial_margin_bp,
        maintenance_margin_bp=limits.maintenance_margin_bp,
        call_grace_s=limits.call_grace_ns // NS_PER_S,
    )


def describe_restriction(row: risk.Restriction, directory: Directory) -> pb.Restriction:
    """A row of the restricted list by name."""
    owner, name = _account(row.account_id, directory) if row.account_id else ("", "")
    return pb.Restriction(
        member=owner or (_member(row.member_id, directory) if row.member_id else ""),
        account=name,
        symbol=directory.symbol(row.instrument_id) if row.instrument_id else "",
    )


def describe_portfolio(view: PortfolioView, directory: Directory) -> pb.Portfolio:
    """One account with its money and holdings."""
    owner, name = _account(view.account_id, directory)
    return pb.Portfolio(
        member=owner,
        account=name,
        limits=describe_limits(view.limits, directory),
        balances=[_balance(row, view.holdings, directory) for row in view.balances],
        holdings=[_holding(row, directory) for row in view.holdings],
        day_trades=view.day_trades,
    )


def _balance(row: BalanceView, holdings: Sequence[HoldingView], directory: Directory) -> pb.Balance:
    own = [held for held in holdings if _currency(held, directory) == row.currency]
    message = pb.Balance(
        currency=row.currency,
        cash=cash_text(row.cash),
        reserved=cash_text(row.reserved),
        buying_power=cash_text(row.buying_power),
        equity=cash_text(row.equity),
        gross_value=cash_text(row.gross_value),
        initial_margin=cash_text(row.initial_margin),
        maintenance_margin=cash_text(row.maintenance_margin),
        realised=cash_text(sum(held.realised for held in own)),
        unrealised=cash_text(sum(held.unrealised for held in own)),
    )
    if row.call_deadline_ts_ns:
        message.call_deadline.FromNanoseconds(row.call_deadline_ts_ns)
    return message


def _holding(row: HoldingView, directory: Directory) -> pb.Holding:
    instrument = directory.instrument(row.instrument_id)
    average_px = 0
    if instrument is not None and row.qty:
        scale = cash_scale(instrument.qty_decimals, instrument.contract_multiplier)
        average_px = row.cost // (row.qty * scale)
    return pb.Holding(
        symbol=directory.symbol(row.instrument_id),
        qty=row.qty,
        cost=cash_text(row.cost),
        realised=cash_text(row.realised),
        unrealised=cash_text(row.unrealised),
        mark_px=row.mark,
        open_buy_qty=row.open_buy_qty,
        open_sell_qty=row.open_sell_qty,
        currency=_currency(row, directory),
        market_value=cash_text(row.cost + row.unrealised),
        average_px=average_px,
    )


def _currency(row: HoldingView, directory: Directory) -> str:
    instrument = directory.instrument(row.instrument_id)
    return instrument.currency if instrument else ""


def _account(account_id: int, directory: Directory) -> tuple[str, str]:
    account = directory.account(account_id)
    if account is None:
        return "", ""
    return _member(account.member_id, directory), account.name


def _member(member_id: int, directory: Directory) -> str:
    member = directory.member(member_id)
    return member.name if member else ""
