"""Phases, trading rules, schedules and the index, for operators (RULEBOOK R2, R6, R7).

Room: one method per RPC of AdminService about auctions and protection.
"""

from __future__ import annotations

from collections.abc import Sequence

from exchange.api.v1 import admin_service_pb2 as pb
from exchange.client.admin_calls import AdminCalls
from exchange.client.api_number import number
from exchange.client.commands import new_id
from exchange.client.decimals import Number, price_units
from exchange.model.enums import AssetClass, Phase
from exchange.model.trading_rules import ScheduleStep


class AuctionCalls(AdminCalls):
    """AdminService: phases, auctions, schedules, protection."""

    async def set_phase(
        self, symbol: str, phase: Phase, *, request_id: str | None = None
    ) -> pb.SetPhaseResponse:
        """Move an instrument to a phase; leaving an auction call uncrosses it."""
        request = pb.SetPhaseRequest(
            request_id=request_id or new_id(), symbol=symbol, phase=number(phase)
        )
        return await self._keyed(self._admin.SetPhase, request)

    async def set_trading_rules(
        self, symbol: str, rules: pb.TradingRules, *, request_id: str | None = None
    ) -> pb.SetTradingRulesResponse:
        """Replace the trading rules of an instrument."""
        request = pb.SetTradingRulesRequest(
            request_id=request_id or new_id(), symbol=symbol, rules=rules
        )
        return await self._keyed(self._admin.SetTradingRules, request)

    async def set_schedule(
        self,
        steps: Sequence[ScheduleStep],
        *,
        symbol: str = "",
        asset_class: AssetClass | None = None,
        request_id: str | None = None,
    ) -> pb.SetScheduleResponse:
        """Replace what is to come of the schedule of an instrument, a class, or all."""
        request = pb.SetScheduleRequest(
            request_id=request_id or new_id(),
            symbol=symbol,
            steps=[
                pb.ScheduleStep(ts_ns=x.ts_ns, phase=number(Phase(x.phase)), call_ns=x.call_ns)
                for x in steps
            ],
        )
        if asset_class is not None:
            request.asset_class = number(asset_class)
        return await self._keyed(self._admin.SetSchedule, request)

    async def set_day_ends(
        self, ends_ns: Sequence[int], *, request_id: str | None = None
    ) -> pb.SetDayEndsResponse:
        """Replace the times at which the trading day ends by itself."""
        request = pb.SetDayEndsRequest(request_id=request_id or new_id(), ends_ns=ends_ns)
        return await self._keyed(self._admin.SetDayEnds, request)

    async def set_index(
        self, symbol: str, value: Number, *, request_id: str | None = None
    ) -> pb.SetIndexResponse:
        """Publish a new value of the index instrument."""
        request = pb.SetIndexRequest(
            request_id=request_id or new_id(), symbol=symbol, price=price_units(value)
        )
        return await self._keyed(self._admin.SetIndex, request)

    async def trading_state(self, symbol: str) -> pb.GetTradingStateResponse:
        """The call, the trading rules and the schedule of an instrument."""
        request = pb.GetTradingStateRequest(symbol=symbol)
        return await self._call(self._admin.GetTradingState, request)
