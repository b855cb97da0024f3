"""What a report says that may never change, and the same facts read from the events of the log.

Room: `Fact`, and the two ways to one: from a report that a client got, and from an event that an
independent replay gave. The second is written anew here and shares no code with the gateway, so a
fault of the gateway's translation shows as a difference. Time and names are left out: the first is
the log's, the second follows from the ids.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from exchange.model.codec import EventRecord
from exchange.model.enums import ExecType
from exchange.model.event import (
    Accepted,
    Canceled,
    CancelRejected,
    EventKind,
    Expired,
    OrderState,
    Rejected,
    Repeated,
    Replaced,
    Restated,
    Trade,
)
from exchange.model.risk_event import TradeBusted, TradeCorrected

EXEC_TYPE = {
    EventKind.ACCEPTED: ExecType.NEW,
    EventKind.REJECTED: ExecType.REJECTED,
    EventKind.CANCELED: ExecType.CANCELED,
    EventKind.REPLACED: ExecType.REPLACED,
    EventKind.EXPIRED: ExecType.EXPIRED,
    EventKind.CANCEL_REJECTED: ExecType.CANCEL_REJECTED,
}
"""Which report acknowledges a command whose original outcome was an event of this kind."""

EXECUTED: dict[type, ExecType] = {
    Trade: ExecType.TRADE,
    TradeBusted: ExecType.TRADE_CANCEL,
    TradeCorrected: ExecType.TRADE_CORRECT,
}
"""Which report tells each side of a trade, and what became of it (R9.4)."""


class Fact(NamedTuple):
    """One execution report without its time and names; units as in the API, 0 = not given."""

    exec_id: int
    log_index: int
    exec_type: int
    order_id: int
    cl_ord_id: str
    orig_cl_ord_id: str = ""
    ord_status: int = 0
    order_qty: int = 0
    cum_qty: int = 0
    leaves_qty: int = 0
    price: int = 0
    last_qty: int = 0
    last_px: int = 0
    trade_id: int = 0
    reject_reason: int = 0
    cancel_reason: int = 0
    poss_dup: bool = False


def fact_of_report(report: Any) -> Fact:
    """The fact of an ExecutionReport of the API."""
    return Fact(*(getattr(report, name) for name in Fact._fields))


def facts_of_event(record: EventRecord, member_id: int, log_index: int) -> list[Fact]:
    """What `record` means to a member: one fact, two for a self-trade (buyer first), or none."""
    event = record.event
    if isinstance(event, Trade | TradeBusted | TradeCorrected):
        return [
            _order_fact(
                record.seq,
                log_index,
                EXECUTED[type(event)],
                order,
                last_qty=event.qty,
                last_px=event.price,
                trade_id=event.trade_id,
            )
            for order in (event.buy, event.sell)
            if order.member_id == member_id
        ]
    if type(event) is CancelRejected:
        if event.member_id != member_id:
            return []
        return [
            Fact(
                exec_id=record.seq,
                log_index=log_index,
                exec_type=ExecType.CANCEL_REJECTED,
                order_id=event.order_id,
                cl_ord_id=event.cl_ord_id,
                orig_cl_ord_id=event.orig_cl_ord_id,
                ord_status=event.ord_status,
                reject_reason=event.reason,
            )
        ]
    order = getattr(event, "order", None)
    if order is None or order.member_id != member_id:
        return []
    return _one_order(record, order, log_index)


def _one_order(record: EventRecord, order: OrderState, log_index: int) -> list[Fact]:
    event, seq = record.event, record.seq
    match event:
        case Accepted():
            return [_order_fact(seq, log_index, ExecType.NEW, order)]
        case Rejected(reason=reason):
            return [_order_fact(seq, log_index, ExecType.REJECTED, order, reject_reason=reason)]
        case Canceled(reason=reason, request_cl_ord_id=request):
            fact = _order_fact(seq, log_index, ExecType.CANCELED, order, cancel_reason=reason)
            if request:
                fact = fact._replace(cl_ord_id=request, orig_cl_ord_id=order.cl_ord_id)
            return [fact]
        case Replaced(orig_cl_ord_id=orig):
            return [_order_fact(seq, log_index, ExecType.REPLACED, order, orig_cl_ord_id=orig)]
        case Expired(reason=reason):
            return [_order_fact(seq, log_index, ExecType.EXPIRED, order, cancel_reason=reason)]
        case Restated(reason=reason):
            return [_order_fact(seq, log_index, ExecType.RESTATED, order, cancel_reason=reason)]
        case Repeated(outcome=outcome, reason=reason) if EventKind(outcome) in EXEC_TYPE:
            exec_type = EXEC_TYPE[EventKind(outcome)]
            is_refusal = exec_type in {ExecType.REJECTED, ExecType.CANCEL_REJECTED}
            fact = _order_fact(seq, log_index, exec_type, order)
            return [
                fact._replace(
                    cl_ord_id=event.cl_ord_id,
                    orig_cl_ord_id=event.orig_cl_ord_id,
                    reject_reason=reason if is_refusal else 0,
                    cancel_reason=0 if is_refusal else reason,
                    poss_dup=True,
                )
            ]
        case _:
            return []


def _order_fact(seq: int, log_index: int, exec_type: int, order: OrderState, **more: Any) -> Fact:
    fields: dict[str, Any] = {
        "cl_ord_id": order.cl_ord_id,
        "ord_status": order.ord_status,
        "order_qty": order.order_qty,
        "cum_qty": order.cum_qty,
        "leaves_qty": order.leaves_qty,
        "price": order.price,
        **more,
    }
    return Fact(seq, log_index, int(exec_type), order.order_id, **fields)
