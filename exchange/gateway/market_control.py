"""AdminService: trading sessions, halts, kill switches and the operator's mass cancel.

Room: one method per RPC that moves the market as a whole. Each takes a request_id and, where the
rule book asks for one, a reason; `validate_only` answers how many orders would be canceled.
"""

from __future__ import annotations

from exchange.api.v1 import admin_service_pb2 as pb
from exchange.gateway import field_checks as fields
from exchange.gateway import translate_admin as to
from exchange.gateway.admin_desk import AdminDesk
from exchange.gateway.call import Call
from exchange.gateway.header import response_header
from exchange.gateway.ports import Core
from exchange.gateway.principal import operator_of
from exchange.gateway.translate_orders import instrument_filter
from exchange.model.command import (
    CloseSession,
    EngageKillSwitch,
    Halt,
    OpenSession,
    OperatorCancel,
    ReleaseKillSwitch,
    Resume,
)
from exchange.model.enums import Side


class MarketControl:
    """Answers the half of AdminService that moves the market."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._desk = AdminDesk(core)

    async def OpenSession(
        self, request: pb.OpenSessionRequest, call: Call
    ) -> pb.OpenSessionResponse:
        """Open the trading session."""
        by = self._desk.signature(call, request.request_id)
        command = OpenSession(
            operator=by.operator,
            request_id=by.request_id,
            instrument_id=instrument_filter(request.symbol, self._core.directory),
        )
        answer, outcome = await self._desk.carry_out(command, pb.OpenSessionResponse)
        answer.symbols.extend(outcome.symbols)
        return answer

    async def CloseSession(
        self, request: pb.CloseSessionRequest, call: Call
    ) -> pb.CloseSessionResponse:
        """Close the trading session."""
        by = self._desk.signature(call, request.request_id)
        command = CloseSession(
            operator=by.operator,
            request_id=by.request_id,
            instrument_id=instrument_filter(request.symbol, self._core.directory),
        )
        if request.validate_only:
            count = await self._desk.impact(command)
            header = response_header(self._core)
            return pb.CloseSessionResponse(header=header, canceled_count=count)
        answer, outcome = await self._desk.carry_out(command, pb.CloseSessionResponse)
        answer.symbols.extend(outcome.symbols)
        answer.canceled_count = outcome.canceled_count
        return answer

    async def HaltTrading(
        self, request: pb.HaltTradingRequest, call: Call
    ) -> pb.HaltTradingResponse:
        """Halt an instrument, an asset class or the market."""
        by = self._desk.signature(call, request.request_id)
        directory = self._core.directory
        instrument_id, asset_class = to.trading_scope(
            request.symbol, request.asset_class, directory
        )
        command = Halt(
            operator=by.operator,
            request_id=by.request_id,
            reason=fields.text(request.reason, "reason"),
            instrument_id=instrument_id,
            asset_class=asset_class,
            cancel=int(request.cancel_orders),
        )
        if request.validate_only:
            count = await self._desk.impact(command)
            header = response_header(self._core)
            return pb.HaltTradingResponse(header=header, canceled_count=count)
        answer, outcome = await self._desk.carry_out(command, pb.HaltTradingResponse)
        answer.symbols.extend(outcome.symbols)
        answer.canceled_count = outcome.canceled_count
        return answer

    async def ResumeTrading(
        self, request: pb.ResumeTradingRequest, call: Call
    ) -> pb.ResumeTradingResponse:
        """Resume what was halted."""
        by = self._desk.signature(call, request.request_id)
        directory = self._core.directory
        instrument_id, asset_class = to.trading_scope(
            request.symbol, request.asset_class, directory
        )
        command = Resume(
            operator=by.operator,
            request_id=by.request_id,
            reason=fields.text(request.reason, "reason"),
            instrument_id=instrument_id,
            asset_class=asset_class,
            direct=int(request.direct),
        )
        answer, outcome = await self._desk.carry_out(command, pb.ResumeTradingResponse)
        answer.symbols.extend(outcome.symbols)
        return answer

    async def EngageKillSwitch(
        self, request: pb.EngageKillSwitchRequest, call: Call
    ) -> pb.EngageKillSwitchResponse:
        """Cancel all orders in scope and refuse new ones."""
        by = self._desk.signature(call, request.request_id)
        scope, target_id = to.kill_target(request.target, self._core.directory)
        command = EngageKillSwitch(
            operator=by.operator,
            request_id=by.request_id,
            reason=fields.text(request.reason, "reason"),
            scope=scope,
            target_id=target_id,
        )
        if request.validate_only:
            count = await self._desk.impact(command)
            header = response_header(self._core)
            return pb.EngageKillSwitchResponse(header=header, canceled_count=count)
        answer, outcome = await self._desk.carry_out(command, pb.EngageKillSwitchResponse)
        answer.canceled_count = outcome.canceled_count
        return answer

    async def ReleaseKillSwitch(
        self, request: pb.ReleaseKillSwitchRequest, call: Call
    ) -> pb.ReleaseKillSwitchResponse:
        """Take new orders in scope again."""
        by = self._desk.signature(call, request.request_id)
        scope, target_id = to.kill_target(request.target, self._core.directory)
        command = ReleaseKillSwitch(
            operator=by.operator,
            request_id=by.request_id,
            reason=fields.text(request.reason, "reason"),
            scope=scope,
            target_id=target_id,
        )
        return await self._desk.answer(command, pb.ReleaseKillSwitchResponse)

    async def ListKillSwitches(
        self, request: pb.ListKillSwitchesRequest, call: Call
    ) -> pb.ListKillSwitchesResponse:
        """Engaged kill switches, by scope and target."""
        operator_of(call.principal)
        views = await self._core.query(lambda engine: engine.kill_switches())
        directory = self._core.directory
        return pb.ListKillSwitchesResponse(
            header=response_header(self._core),
            kill_switches=[to.describe_kill_switch(view, directory) for view in views],
        )

    async def CancelAllOrders(
        self, request: pb.CancelAllOrdersRequest, call: Call
    ) -> pb.CancelAllOrdersResponse:
        """Cancel all open orders that pass the filters."""
        by = self._desk.signature(call, request.request_id)
        directory = self._core.directory
        member_id, account_id = to.member_filters(request.member, request.account, directory)
        command = OperatorCancel(
            operator=by.operator,
            request_id=by.request_id,
            reason=fields.text(request.reason, "reason"),
            member_id=member_id,
            account_id=account_id,
            instrument_id=instrument_filter(request.symbol, directory),
            side=fields.optional_enum_number(request.side, Side, "side"),
        )
        if request.validate_only:
            count = await self._desk.impact(command)
            header = response_header(self._core)
            return pb.CancelAllOrdersResponse(header=header, canceled_count=count)
        answer, outcome = await self._desk.carry_out(command, pb.CancelAllOrdersResponse)
        answer.canceled_count = outcome.canceled_count
        return answer
