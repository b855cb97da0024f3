"""Whether a bust or a correction would be carried out now: the answer to `validate_only`.

Room: the refusals of R9.4 in the engine's order, asked of its queries; nothing is changed and the
request_id is not used up. What happens after this moment is not foreseen.
"""

from __future__ import annotations

from exchange.engine.port import Engine
from exchange.errors import ClientFault
from exchange.model.instrument import Instrument
from exchange.model.reject import TEXT, RejectReason
from exchange.model.risk_command import BustTrade, CorrectTrade
from exchange.model.units import PRICE_MAX

FINAL = 2
"""`TradeView.is_busted` of a trade whose instrument was split since."""


def check_correction(engine: Engine, command: BustTrade | CorrectTrade) -> None:
    """Return if the command would be accepted; else raise the ClientFault of its refusal."""
    if not command.reason:
        raise _refused(RejectReason.REASON_REQUIRED)
    trade = engine.trade(command.trade_id)
    if trade is None:
        raise _refused(RejectReason.UNKNOWN_TRADE)
    if trade.is_busted:
        final = trade.is_busted == FINAL
        raise _refused(RejectReason.TRADE_FINAL if final else RejectReason.TRADE_BUSTED)
    if isinstance(command, BustTrade):
        return
    price, qty = command.price or trade.price, command.qty or trade.qty
    instrument = _instrument(engine, trade.instrument_id)
    if not 1 <= price <= PRICE_MAX or price % instrument.tick_size:
        raise _refused(RejectReason.INVALID_FIELD, "price")
    if not 1 <= qty <= trade.qty or qty % instrument.lot_size:
        raise _refused(RejectReason.INVALID_FIELD, "qty")
    if (price, qty) == (trade.price, trade.qty):
        raise _refused(RejectReason.NO_CHANGE)


def _instrument(engine: Engine, instrument_id: int) -> Instrument:
    views = engine.instruments()
    return next(v.instrument for v in views if v.instrument.instrument_id == instrument_id)


def _refused(reason: RejectReason, field: str = "") -> ClientFault:
    return ClientFault(reason.name, TEXT[reason], field=field)
