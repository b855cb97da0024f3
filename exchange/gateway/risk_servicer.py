"""RiskService: limits, money, fees, corrections, emergency close, portfolios (R8, R9.3, R9.4).

Room: one method per RPC: who calls, translate, submit, tell. The engine decides.
"""

from __future__ import annotations

from exchange.api.v1 import risk_service_pb2 as pb
from exchange.engine.port import Engine
from exchange.engine.risk_views import PortfolioView
from exchange.errors import ClientFault
from exchange.gateway import field_checks as fields
from exchange.gateway import translate_admin as names
from exchange.gateway import translate_risk as to
from exchange.gateway.admin_desk import A, AdminDesk
from exchange.gateway.call import Call
from exchange.gateway.correction_check import check_correction
from exchange.gateway.header import response_header
from exchange.gateway.money import cash_amount
from exchange.gateway.ports import Core
from exchange.gateway.principal import EVERY_MEMBER, operator_of, readable_member_id
from exchange.gateway.translate_orders import instrument_filter
from exchange.model import risk_command as c
from exchange.model.command import UNKNOWN_ID
from exchange.model.risk import CashDirection, RiskReference

QTY_MAX_OF_LOG = (1 << 63) - 1


class RiskServicer:
    """Answers RiskService."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._desk = AdminDesk(core)

    async def SetAccountLimits(
        self, request: pb.SetAccountLimitsRequest, call: Call
    ) -> pb.SetAccountLimitsResponse:
        """Replace the limits of an account."""
        by = self._desk.signature(call, request.request_id)
        account_id = names.account_id_of_name(request.member, request.account, self._core.directory)
        command = c.SetAccountLimits(
            operator=by.operator,
            request_id=by.request_id,
            limits=to.account_limits_of(request.limits, account_id),
        )
        return await self._desk.answer(command, pb.SetAccountLimitsResponse)

    async def SetMemberLimits(
        self, request: pb.SetMemberLimitsRequest, call: Call
    ) -> pb.SetMemberLimitsResponse:
        """Replace rates and tier of a member."""
        by = self._desk.signature(call, request.request_id)
        member_id = names.member_id_of_name(request.member, self._core.directory)
        command = c.SetMemberLimits(
            operator=by.operator,
            request_id=by.request_id,
            limits=to.member_limits_of(request.limits, member_id),
        )
        return await self._desk.answer(command, pb.SetMemberLimitsResponse)

    async def SetFeeSchedule(
        self, request: pb.SetFeeScheduleRequest, call: Call
    ) -> pb.SetFeeScheduleResponse:
        """Replace fees."""
        by = self._desk.signature(call, request.request_id)
        command = c.SetFeeSchedule(
            operator=by.operator,
            request_id=by.request_id,
            schedule=to.fee_schedule_of(request.schedule, self._core.directory),
        )
        return await self._desk.answer(command, pb.SetFeeScheduleResponse)

    async def SetAverageDailyVolume(
        self, request: pb.SetAverageDailyVolumeRequest, call: Call
    ) -> pb.SetAverageDailyVolumeResponse:
        """Set the volume that R8.10 measures by."""
        by = self._desk.signature(call, request.request_id)
        command = c.SetRiskReference(
            operator=by.operator,
            request_id=by.request_id,
            reference=RiskReference(self._instrument_id(request.symbol), request.adv_qty),
        )
        return await self._desk.answer(command, pb.SetAverageDailyVolumeResponse)

    async def AddRestriction(
        self, request: pb.AddRestrictionRequest, call: Call
    ) -> pb.AddRestrictionResponse:
        """Put a row on the restricted list."""
        by = self._desk.signature(call, request.request_id)
        command = c.Restrict(
            operator=by.operator,
            request_id=by.request_id,
            restriction=to.restriction_of(request.restriction, self._core.directory),
            reason=fields.text(request.reason, "reason"),
        )
        return await self._desk.answer(command, pb.AddRestrictionResponse)

    async def RemoveRestriction(
        self, request: pb.RemoveRestrictionRequest, call: Call
    ) -> pb.RemoveRestrictionResponse:
        """Take a row off the restricted list."""
        by = self._desk.signature(call, request.request_id)
        command = c.Unrestrict(
            operator=by.operator,
            request_id=by.request_id,
            restriction=to.restriction_of(request.restriction, self._core.directory),
            reason=fields.text(request.reason, "reason"),
        )
        return await self._desk.answer(command, pb.RemoveRestrictionResponse)

    async def AdjustCash(self, request: pb.AdjustCashRequest, call: Call) -> pb.AdjustCashResponse:
        """Record a deposit, or a withdrawal where the amount is negative."""
        by = self._desk.signature(call, request.request_id)
        account_id = names.account_id_of_name(request.member, request.account, self._core.directory)
        amount = cash_amount(request.amount, "amount")
        command = c.AdjustCash(
            operator=by.operator,
            request_id=by.request_id,
            account_id=account_id,
            direction=_direction(amount),
            amount=abs(amount),
            currency=fields.required_name(request.currency, "currency"),
            reason=fields.text(request.reason, "reason"),
        )
        return await self._desk.answer(command, pb.AdjustCashResponse)

    async def AdjustPosition(
        self, request: pb.AdjustPositionRequest, call: Call
    ) -> pb.AdjustPositionResponse:
        """Record a delivery, or a withdrawal where the quantity is negative."""
        by = self._desk.signature(call, request.request_id)
        account_id = names.account_id_of_name(request.member, request.account, self._core.directory)
        command = c.AdjustPosition(
            operator=by.operator,
            request_id=by.request_id,
            account_id=account_id,
            instrument_id=self._instrument_id(request.symbol),
            direction=_direction(request.qty),
            qty=min(abs(request.qty), QTY_MAX_OF_LOG),
            price=request.price,
            reason=fields.text(request.reason, "reason"),
        )
        return await self._desk.answer(command, pb.AdjustPositionResponse)

    async def BustTrade(self, request: pb.BustTradeRequest, call: Call) -> pb.BustTradeResponse:
        """Undo a trade."""
        by = self._desk.signature(call, request.request_id)
        command = c.BustTrade(
            operator=by.operator,
            request_id=by.request_id,
            trade_id=request.trade_id,
            reason=fields.text(request.reason, "reason"),
        )
        return await self._revise(command, pb.BustTradeResponse, checks=request.validate_only)

    async def CorrectTrade(
        self, request: pb.CorrectTradeRequest, call: Call
    ) -> pb.CorrectTradeResponse:
        """Correct a trade."""
        by = self._desk.signature(call, request.request_id)
        command = c.CorrectTrade(
            operator=by.operator,
            request_id=by.request_id,
            trade_id=request.trade_id,
            price=request.price,
            qty=request.qty,
            reason=fields.text(request.reason, "reason"),
        )
        return await self._revise(command, pb.CorrectTradeResponse, checks=request.validate_only)

    async def EmergencyClose(
        self, request: pb.EmergencyCloseRequest, call: Call
    ) -> pb.EmergencyCloseResponse:
        """Close the market at once."""
        by = self._desk.signature(call, request.request_id)
        command = c.EmergencyClose(
            operator=by.operator,
            request_id=by.request_id,
            reason=fields.text(request.reason, "reason"),
        )
        if request.validate_only:
            count = await self._desk.impact(command)
            header = response_header(self._core)
            return pb.EmergencyCloseResponse(header=header, canceled_count=count)
        answer, outcome = await self._desk.carry_out(command, pb.EmergencyCloseResponse)
        answer.canceled_count = outcome.canceled_count
        return answer

    async def GetRiskSettings(
        self, _request: pb.GetRiskSettingsRequest, call: Call
    ) -> pb.GetRiskSettingsResponse:
        """All limits, fees, volumes and the restricted list."""
        operator_of(call.principal)
        view = await self._core.query(lambda engine: engine.risk_settings())
        answer = to.describe_settings(view, self._core.directory)
        answer.header.CopyFrom(response_header(self._core))
        return answer

    async def GetPortfolio(
        self, request: pb.GetPortfolioRequest, call: Call
    ) -> pb.GetPortfolioResponse:
        """Accounts of one member: an operator names it, a member reads its own."""
        directory = self._core.directory
        member_id = readable_member_id(call.principal, request.member, directory)
        if member_id == EVERY_MEMBER:
            raise fields.fault("member", "is required")
        ids = [row.account_id for row in directory.accounts(member_id)]
        if request.account:
            account = directory.account_by_name(member_id, request.account)
            if account is None:
                raise ClientFault("UNKNOWN_ACCOUNT", f"there is no account {request.account!r}")
            ids = [account.account_id]

        def read(engine: Engine) -> list[PortfolioView]:
            views = (engine.portfolio(account_id) for account_id in ids)
            return [view for view in views if view is not None]

        return pb.GetPortfolioResponse(
            header=response_header(self._core),
            portfolios=[
                to.describe_portfolio(view, directory) for view in await self._core.query(read)
            ],
        )

    async def _revise(
        self, command: c.BustTrade | c.CorrectTrade, response: type[A], *, checks: bool
    ) -> A:
        """Bust or correct, or refuse what the engine would refuse now."""
        if not checks:
            return await self._desk.answer(command, response)
        await self._core.query(lambda engine: check_correction(engine, command))
        answer = response()
        answer.header.CopyFrom(response_header(self._core))
        return answer

    def _instrument_id(self, symbol: str) -> int:
        """Id of a required instrument; UNKNOWN_ID if there is none."""
        name = fields.required_name(symbol, "symbol")
        return instrument_filter(name, self._core.directory) or UNKNOWN_ID


def _direction(amount: int) -> int:
    return (CashDirection.WITHDRAWAL if amount < 0 else CashDirection.DEPOSIT).value
