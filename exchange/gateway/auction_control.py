"""AdminService: phases, trading rules, schedules and the index (RULEBOOK R2, R6, R7).

Room: one method per RPC, to the command of the model and back; what they may be is the engine's.
"""

from __future__ import annotations

from exchange.api.v1 import admin_service_pb2 as pb
from exchange.engine.port import AuctionView, Engine
from exchange.errors import ClientFault
from exchange.gateway import field_checks as fields
from exchange.gateway import translate_admin as to
from exchange.gateway.api_enum import api_enum
from exchange.gateway.call import Call
from exchange.gateway.header import response_header
from exchange.gateway.market_control import MarketControl
from exchange.gateway.principal import operator_of
from exchange.gateway.translate_orders import instrument_filter
from exchange.model.auction_command import SetDayEnds, SetIndex, SetSchedule, SetTradingRules
from exchange.model.command import SetPhase
from exchange.model.enums import BreakerScope, Phase
from exchange.model.layout import LIST_MAX
from exchange.model.trading_rules import DayEnd, ScheduleStep, TradingRules

LEVELS = 3


class AuctionControl(MarketControl):
    """Answers the part of AdminService about phases, auctions, schedules and protection."""

    async def SetPhase(self, request: pb.SetPhaseRequest, call: Call) -> pb.SetPhaseResponse:
        """Move an instrument to a phase."""
        by = self._desk.signature(call, request.request_id)
        command = SetPhase(
            operator=by.operator,
            request_id=by.request_id,
            instrument_id=self._number(request.symbol),
            phase=fields.enum_number(request.phase, Phase, "phase"),
        )
        return await self._desk.answer(command, pb.SetPhaseResponse)

    async def SetTradingRules(
        self, request: pb.SetTradingRulesRequest, call: Call
    ) -> pb.SetTradingRulesResponse:
        """Replace the trading rules of an instrument."""
        by = self._desk.signature(call, request.request_id)
        given = request.rules
        levels = list(given.breaker_levels_bp)
        if len(levels) != LEVELS:
            raise ClientFault("INVALID_FIELD", "give three levels", field="breaker_levels_bp")
        rules = TradingRules(
            instrument_id=self._number(request.symbol),
            dynamic_band_bp=given.dynamic_band_bp,
            dynamic_window_ns=given.dynamic_window_ns,
            volatility_call_ns=given.volatility_call_ns,
            random_end_max_ns=given.random_end_max_ns,
            breaker_scope=fields.enum_number(given.breaker_scope, BreakerScope, "breaker_scope"),
            breaker_1_bp=levels[0],
            breaker_2_bp=levels[1],
            breaker_3_bp=levels[2],
            breaker_halt_ns=given.breaker_halt_ns,
            breaker_cutoff_ns=given.breaker_cutoff_ns,
        )
        return await self._desk.answer(
            SetTradingRules(rules, by.request_id, by.operator), pb.SetTradingRulesResponse
        )

    async def SetSchedule(
        self, request: pb.SetScheduleRequest, call: Call
    ) -> pb.SetScheduleResponse:
        """Replace what is to come of a schedule."""
        by = self._desk.signature(call, request.request_id)
        _check_count(len(request.steps), "steps")
        instrument_id, asset_class = to.trading_scope(
            request.symbol, request.asset_class, self._core.directory
        )
        command = SetSchedule(
            operator=by.operator,
            request_id=by.request_id,
            instrument_id=instrument_id,
            asset_class=asset_class,
            steps=tuple(_step(step) for step in request.steps),
        )
        return await self._desk.answer(command, pb.SetScheduleResponse)

    async def SetDayEnds(self, request: pb.SetDayEndsRequest, call: Call) -> pb.SetDayEndsResponse:
        """Replace the times at which the trading day ends."""
        by = self._desk.signature(call, request.request_id)
        _check_count(len(request.ends_ns), "ends_ns")
        command = SetDayEnds(
            operator=by.operator,
            request_id=by.request_id,
            ends=tuple(DayEnd(ts_ns) for ts_ns in request.ends_ns),
        )
        return await self._desk.answer(command, pb.SetDayEndsResponse)

    async def SetIndex(self, request: pb.SetIndexRequest, call: Call) -> pb.SetIndexResponse:
        """Publish a new value of the index."""
        by = self._desk.signature(call, request.request_id)
        command = SetIndex(
            operator=by.operator,
            request_id=by.request_id,
            instrument_id=self._number(request.symbol),
            price=request.price,
        )
        return await self._desk.answer(command, pb.SetIndexResponse)

    async def GetTradingState(
        self, request: pb.GetTradingStateRequest, call: Call
    ) -> pb.GetTradingStateResponse:
        """The call, the rules and the schedule of an instrument."""
        operator_of(call.principal)
        number = self._number(request.symbol)
        answer = await self._core.query(lambda engine: _read(engine, number))
        if answer is None:
            raise ClientFault("UNKNOWN_SYMBOL", "no such instrument", field="symbol")
        answer.header.CopyFrom(response_header(self._core))
        return answer

    def _number(self, symbol: str) -> int:
        # An unknown name is the engine's to refuse; no name at all is no instrument either.
        if not symbol:
            raise ClientFault("INVALID_FIELD", "name an instrument", field="symbol")
        return instrument_filter(symbol, self._core.directory)


def _step(step: pb.ScheduleStep) -> ScheduleStep:
    phase = fields.enum_number(step.phase, Phase, "phase")
    return ScheduleStep(step.ts_ns, phase, step.call_ns)


def _check_count(count: int, field: str) -> None:
    if count > LIST_MAX:
        raise ClientFault("INVALID_FIELD", f"at most {LIST_MAX} fit", field=field)


def _read(engine: Engine, number: int) -> pb.GetTradingStateResponse | None:
    view, rules = engine.auction(number), engine.trading_rules(number)
    if view is None or rules is None:
        return None
    answer = _of_call(view)
    answer.rules.CopyFrom(
        pb.TradingRules(
            dynamic_band_bp=rules.dynamic_band_bp,
            dynamic_window_ns=rules.dynamic_window_ns,
            volatility_call_ns=rules.volatility_call_ns,
            random_end_max_ns=rules.random_end_max_ns,
            breaker_scope=api_enum(rules.breaker_scope),
            breaker_levels_bp=[rules.breaker_1_bp, rules.breaker_2_bp, rules.breaker_3_bp],
            breaker_halt_ns=rules.breaker_halt_ns,
            breaker_cutoff_ns=rules.breaker_cutoff_ns,
        )
    )
    for step in engine.schedule(number):
        phase = api_enum(step.phase)
        answer.steps.append(pb.ScheduleStep(ts_ns=step.ts_ns, phase=phase, call_ns=step.call_ns))
    answer.day_ends_ns.extend(engine.day_ends())
    return answer


def _of_call(view: AuctionView) -> pb.GetTradingStateResponse:
    return pb.GetTradingStateResponse(
        phase=api_enum(view.phase),
        call_end_ns=view.end_ts_ns,
        reopen_ns=view.reopen_ts_ns,
        indicative_px=view.price,
        indicative_volume=str(view.volume),
        imbalance_side=api_enum(view.imbalance_side),
        imbalance_qty=str(view.imbalance_qty),
        is_extended=view.is_extended,
        is_barred=view.is_barred,
    )
