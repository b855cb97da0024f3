"""The state of the market: sessions, halts, kill switches, cancel-all.

Room: the other half of AdminService (`admin_calls.py`). With `validate_only` a command is only
counted: nothing is logged, nothing changes.
"""

from __future__ import annotations

from typing import Any, TypeVar

import grpc

from exchange.api.v1 import admin_service_pb2 as pb
from exchange.client.api_number import number
from exchange.client.caller import Caller
from exchange.client.commands import new_id, side_of
from exchange.model.enums import AssetClass, KillScope, Side

Answer = TypeVar("Answer")


def kill_target(
    scope: KillScope, *, member: str = "", account: str = "", symbol: str = "", session_id: int = 0
) -> pb.KillTarget:
    """What a kill switch covers: name what the scope needs (RULEBOOK R9.1)."""
    return pb.KillTarget(
        scope=number(scope), member=member, account=account, symbol=symbol, session_id=session_id
    )


class MarketCalls(Caller):
    """AdminService: the state of the market."""

    async def open_session(
        self, symbol: str = "", *, request_id: str | None = None
    ) -> pb.OpenSessionResponse:
        """Open the trading session of one instrument; "" = of all that are closed."""
        request = pb.OpenSessionRequest(request_id=request_id or new_id(), symbol=symbol)
        return await self._keyed(self._admin.OpenSession, request)

    async def close_session(
        self, symbol: str = "", *, validate_only: bool = False, request_id: str | None = None
    ) -> pb.CloseSessionResponse:
        """Close the trading session of one instrument; "" = the market: the trading day ends."""
        request = pb.CloseSessionRequest(
            request_id=request_id or new_id(), symbol=symbol, validate_only=validate_only
        )
        return await self._keyed(self._admin.CloseSession, request)

    async def halt(
        self,
        reason: str,
        *,
        symbol: str = "",
        asset_class: AssetClass | None = None,
        cancel_orders: bool = False,
        validate_only: bool = False,
        request_id: str | None = None,
    ) -> pb.HaltTradingResponse:
        """Halt an instrument, an asset class, or the market (neither is named)."""
        request = pb.HaltTradingRequest(
            request_id=request_id or new_id(),
            reason=reason,
            symbol=symbol,
            asset_class=number(asset_class),
            cancel_orders=cancel_orders,
            validate_only=validate_only,
        )
        return await self._keyed(self._admin.HaltTrading, request)

    async def resume(
        self,
        reason: str,
        *,
        symbol: str = "",
        asset_class: AssetClass | None = None,
        direct: bool = False,
        request_id: str | None = None,
    ) -> pb.ResumeTradingResponse:
        """Resume what was halted; `direct` = without an auction first."""
        request = pb.ResumeTradingRequest(
            request_id=request_id or new_id(),
            reason=reason,
            symbol=symbol,
            asset_class=number(asset_class),
            direct=direct,
        )
        return await self._keyed(self._admin.ResumeTrading, request)

    async def engage_kill_switch(
        self,
        target: pb.KillTarget,
        reason: str,
        *,
        validate_only: bool = False,
        request_id: str | None = None,
    ) -> pb.EngageKillSwitchResponse:
        """Cancel all open orders of the target (`kill_target`), refuse new ones until released."""
        request = pb.EngageKillSwitchRequest(
            request_id=request_id or new_id(),
            reason=reason,
            target=target,
            validate_only=validate_only,
        )
        return await self._keyed(self._admin.EngageKillSwitch, request)

    async def release_kill_switch(
        self, target: pb.KillTarget, reason: str, *, request_id: str | None = None
    ) -> pb.ReleaseKillSwitchResponse:
        """Take orders of the target again."""
        request = pb.ReleaseKillSwitchRequest(
            request_id=request_id or new_id(), reason=reason, target=target
        )
        return await self._keyed(self._admin.ReleaseKillSwitch, request)

    async def list_kill_switches(self) -> list[pb.KillSwitch]:
        """Kill switches that are engaged, by scope and target."""
        answer = await self._call(self._admin.ListKillSwitches, pb.ListKillSwitchesRequest())
        return list(answer.kill_switches)

    async def cancel_all(
        self,
        reason: str,
        *,
        member: str = "",
        account: str = "",
        symbol: str = "",
        side: Side | str | None = None,
        validate_only: bool = False,
        request_id: str | None = None,
    ) -> pb.CancelAllOrdersResponse:
        """Cancel all open orders that pass the filters; "" and None = any."""
        request = pb.CancelAllOrdersRequest(
            request_id=request_id or new_id(),
            reason=reason,
            member=member,
            account=account,
            symbol=symbol,
            side=number(None if side is None else side_of(side)),
            validate_only=validate_only,
        )
        return await self._keyed(self._admin.CancelAllOrders, request)

    async def _keyed(
        self, method: grpc.aio.UnaryUnaryMultiCallable[Any, Answer], request: Any
    ) -> Answer:
        return (await self._command(method, request, request.request_id))[0]
