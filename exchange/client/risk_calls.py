"""RiskService: limits, fees, money, corrections, emergency close, portfolios.

Room: one method per RPC. Amounts of money are decimal numbers of currency units, `str` or Decimal;
prices and quantities as everywhere in the client's messages: 1e-9 quote units and base units.
Commands have a `request_id` (None = a fresh UUID) and are repeated under it until answered.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

import grpc

from exchange.api.v1 import risk_service_pb2 as pb
from exchange.client.caller import Caller
from exchange.client.commands import new_id

Answer = TypeVar("Answer")


class RiskCalls(Caller):
    """RiskService."""

    async def set_account_limits(
        self, member: str, account: str, limits: pb.AccountLimits, *, request_id: str | None = None
    ) -> pb.SetAccountLimitsResponse:
        """Replace all limits of an account (RULEBOOK R8); zeros take them away."""
        request = pb.SetAccountLimitsRequest(
            request_id=request_id or new_id(), member=member, account=account, limits=limits
        )
        return await self._sent(self._risk.SetAccountLimits, request)

    async def set_member_limits(
        self, member: str, limits: pb.MemberLimits, *, request_id: str | None = None
    ) -> pb.SetMemberLimitsResponse:
        """Replace order rates and fee tier of a member."""
        request = pb.SetMemberLimitsRequest(
            request_id=request_id or new_id(), member=member, limits=limits
        )
        return await self._sent(self._risk.SetMemberLimits, request)

    async def set_fee_schedule(
        self, schedule: pb.FeeSchedule, *, request_id: str | None = None
    ) -> pb.SetFeeScheduleResponse:
        """Replace the fees of an instrument ("" = all without their own) and tier."""
        request = pb.SetFeeScheduleRequest(request_id=request_id or new_id(), schedule=schedule)
        return await self._sent(self._risk.SetFeeSchedule, request)

    async def set_average_daily_volume(
        self, symbol: str, adv_qty: int, *, request_id: str | None = None
    ) -> pb.SetAverageDailyVolumeResponse:
        """Set the volume that R8.10 measures orders by, base units; 0 = unknown."""
        request = pb.SetAverageDailyVolumeRequest(
            request_id=request_id or new_id(), symbol=symbol, adv_qty=adv_qty
        )
        return await self._sent(self._risk.SetAverageDailyVolume, request)

    async def add_restriction(
        self, restriction: pb.Restriction, reason: str, *, request_id: str | None = None
    ) -> pb.AddRestrictionResponse:
        """Put a row on the restricted list (RULEBOOK R8.3)."""
        request = pb.AddRestrictionRequest(
            request_id=request_id or new_id(), restriction=restriction, reason=reason
        )
        return await self._sent(self._risk.AddRestriction, request)

    async def remove_restriction(
        self, restriction: pb.Restriction, reason: str, *, request_id: str | None = None
    ) -> pb.RemoveRestrictionResponse:
        """Take a row off the restricted list."""
        request = pb.RemoveRestrictionRequest(
            request_id=request_id or new_id(), restriction=restriction, reason=reason
        )
        return await self._sent(self._risk.RemoveRestriction, request)

    async def adjust_cash(
        self,
        member: str,
        account: str,
        currency: str,
        amount: str | Decimal,
        *,
        reason: str,
        request_id: str | None = None,
    ) -> pb.AdjustCashResponse:
        """Record a deposit, or a withdrawal where the amount is negative."""
        request = pb.AdjustCashRequest(
            request_id=request_id or new_id(),
            member=member,
            account=account,
            currency=currency,
            amount=format(amount, "f") if isinstance(amount, Decimal) else amount,
            reason=reason,
        )
        return await self._sent(self._risk.AdjustCash, request)

    async def adjust_position(
        self,
        member: str,
        account: str,
        symbol: str,
        qty: int,
        *,
        price: int,
        reason: str,
        request_id: str | None = None,
    ) -> pb.AdjustPositionResponse:
        """Record a delivery at a cost, or a withdrawal where the quantity is negative."""
        request = pb.AdjustPositionRequest(
            request_id=request_id or new_id(),
            member=member,
            account=account,
            symbol=symbol,
            qty=qty,
            price=price,
            reason=reason,
        )
        return await self._sent(self._risk.AdjustPosition, request)

    async def bust_trade(
        self,
        trade_id: int,
        reason: str,
        *,
        validate_only: bool = False,
        request_id: str | None = None,
    ) -> pb.BustTradeResponse:
        """Undo a trade of this trading day (RULEBOOK R9.4)."""
        request = pb.BustTradeRequest(
            request_id=request_id or new_id(),
            trade_id=trade_id,
            reason=reason,
            validate_only=validate_only,
        )
        return await self._sent(self._risk.BustTrade, request)

    async def correct_trade(
        self,
        trade_id: int,
        reason: str,
        *,
        price: int = 0,
        qty: int = 0,
        validate_only: bool = False,
        request_id: str | None = None,
    ) -> pb.CorrectTradeResponse:
        """Give a trade of this trading day another price or less quantity; 0 = as it was."""
        request = pb.CorrectTradeRequest(
            request_id=request_id or new_id(),
            trade_id=trade_id,
            price=price,
            qty=qty,
            reason=reason,
            validate_only=validate_only,
        )
        return await self._sent(self._risk.CorrectTrade, request)

    async def emergency_close(
        self, reason: str, *, validate_only: bool = False, request_id: str | None = None
    ) -> pb.EmergencyCloseResponse:
        """Reject all, cancel all, end all sessions, close, dump the state (RULEBOOK R9.3)."""
        request = pb.EmergencyCloseRequest(
            request_id=request_id or new_id(), reason=reason, validate_only=validate_only
        )
        return await self._sent(self._risk.EmergencyClose, request)

    async def risk_settings(self) -> pb.GetRiskSettingsResponse:
        """All limits, fees, volumes and the restricted list."""
        return await self._call(self._risk.GetRiskSettings, pb.GetRiskSettingsRequest())

    async def portfolios(self, member: str = "", account: str = "") -> list[pb.Portfolio]:
        """Money, holdings and limits of a member's accounts; "" = the caller's, all of them."""
        request = pb.GetPortfolioRequest(member=member, account=account)
        return list((await self._call(self._risk.GetPortfolio, request)).portfolios)

    async def _sent(
        self, method: grpc.aio.UnaryUnaryMultiCallable[Any, Answer], request: Any
    ) -> Answer:
        return (await self._command(method, request, request.request_id))[0]
