"""Events into execution reports, for one member, from one event at a time.

Room: the only writer of `ExecutionReport` and `MassCancelReport`. Stateless: every order event
carries the whole order (`exchange.model.event`), names come from the directory. A member sees its
own side of a trade and nothing of the other.
"""

from __future__ import annotations

from exchange.api.v1 import common_pb2
from exchange.api.v1 import order_service_pb2 as pb
from exchange.feeds.directory import Directory
from exchange.gateway.api_enum import api_enum
from exchange.gateway.field_checks import NS_PER_S
from exchange.model.codec import EventRecord
from exchange.model.dark import is_dark
from exchange.model.enums import ExecType, Side
from exchange.model.event import (
    Accepted,
    Canceled,
    CancelRejected,
    Event,
    EventKind,
    Expired,
    MassCanceled,
    OrderState,
    Rejected,
    Repeated,
    Replaced,
    Restated,
    TermsChanged,
    Trade,
    Triggered,
)
from exchange.model.reject import TEXT, RejectReason
from exchange.model.risk_event import TradeBusted, TradeCorrected
from exchange.model.terms import OrderTerms

Report = pb.ExecutionReport
MAKER = common_pb2.LIQUIDITY_MAKER
TAKER = common_pb2.LIQUIDITY_TAKER

_EXEC_TYPE_OF_OUTCOME = {
    EventKind.ACCEPTED: ExecType.NEW,
    EventKind.REJECTED: ExecType.REJECTED,
    EventKind.CANCELED: ExecType.CANCELED,
    EventKind.REPLACED: ExecType.REPLACED,
    EventKind.EXPIRED: ExecType.EXPIRED,
    EventKind.CANCEL_REJECTED: ExecType.CANCEL_REJECTED,
}

_EXEC_TYPE_OF_EXECUTION: dict[type, ExecType] = {
    Trade: ExecType.TRADE,
    TradeBusted: ExecType.TRADE_CANCEL,
    TradeCorrected: ExecType.TRADE_CORRECT,
}


class Reporter:
    """Writes reports with the names of the directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def reports(
        self, record: EventRecord, member_id: int, log_index: int, ts_ns: int
    ) -> list[Report]:
        """The member's execution reports of one event: 0, 1, or 2 for both sides of a self-trade.

        The buyer's report comes first, of a bust and a correction too. Mass cancel reports are
        written by `mass_cancel_report`.
        """
        event = record.event
        if isinstance(event, Trade | TradeBusted | TradeCorrected):
            return [
                self._execution(event, order, record.seq, log_index, ts_ns=ts_ns)
                for order in (event.buy, event.sell)
                if order.member_id == member_id
            ]
        report = self._of_one_order(record, member_id)
        if report is None:
            return []
        _stamp(report, record.seq, log_index, ts_ns)
        return [report]

    def mass_cancel_report(
        self, record: EventRecord, member_id: int, log_index: int, ts_ns: int
    ) -> pb.MassCancelReport | None:
        """The member's mass cancel report of one event, if it is one."""
        event = record.event
        match event:
            case MassCanceled(member_id=owner) if owner == member_id:
                report = pb.MassCancelReport(
                    cl_ord_id=event.cl_ord_id,
                    symbol=self._directory.symbol(event.instrument_id),
                    account=self._account(event.account_id),
                    side=api_enum(event.side),
                    canceled_count=event.canceled_count,
                )
            case Repeated(outcome=EventKind.MASS_CANCELED) if event.order.member_id == member_id:
                report = pb.MassCancelReport(cl_ord_id=event.cl_ord_id, poss_dup=True)
            case _:
                return None
        _stamp(report, record.seq, log_index, ts_ns)
        return report

    def refused_mass_cancel(
        self, record: EventRecord, member_id: int, log_index: int, ts_ns: int
    ) -> pb.MassCancelReport | None:
        """The answer to a mass cancel whose event is a refusal; the caller knows what it sent."""
        event = record.event
        match event:
            case CancelRejected(member_id=owner, reason=reason):
                poss_dup = False
            case Repeated(outcome=EventKind.CANCEL_REJECTED, reason=reason):
                owner, poss_dup = event.order.member_id, True
            case _:
                return None
        if owner != member_id:
            return None
        report = pb.MassCancelReport(
            cl_ord_id=event.cl_ord_id,
            poss_dup=poss_dup,
            reject_reason=api_enum(reason),
            text=reject_text(reason),
        )
        _stamp(report, record.seq, log_index, ts_ns)
        return report

    def order(self, state: OrderState) -> common_pb2.Order:
        """An order as queries show it, without its times and reject reason."""
        order = common_pb2.Order(
            order_id=state.order_id,
            cl_ord_id=state.cl_ord_id,
            symbol=self._directory.symbol(state.instrument_id),
            account=self._account(state.account_id),
            member=self._member(state.member_id),
            session_id=state.session_id,
            side=api_enum(state.side),
            ord_type=api_enum(state.ord_type),
            time_in_force=api_enum(state.time_in_force),
            stp_mode=api_enum(state.stp),
            flags=state.flags,
            ord_status=api_enum(state.ord_status),
            order_qty=state.order_qty,
            cum_qty=state.cum_qty,
            leaves_qty=state.leaves_qty,
            price=state.price,
            cum_notional=str(state.cum_notional),
            avg_px=state.cum_notional // state.cum_qty if state.cum_qty else 0,
            book=_book(state),
        )
        if state.expire_ts_ns:
            order.expire_time.FromNanoseconds(state.expire_ts_ns)
        return order

    def _of_one_order(self, record: EventRecord, member_id: int) -> Report | None:
        event = record.event
        if isinstance(event, CancelRejected):
            return self._cancel_rejected(event) if event.member_id == member_id else None
        order = getattr(event, "order", None)
        if order is None or order.member_id != member_id:
            return None
        match event:
            case Accepted():
                return self._report(ExecType.NEW, order)
            case Rejected(reason=reason):
                report = self._report(ExecType.REJECTED, order)
                report.reject_reason, report.text = _reason(reason)
                return report
            case Canceled():
                report = self._report(ExecType.CANCELED, order)
                report.cancel_reason = api_enum(event.reason)
                report.canceled_qty = event.canceled_qty
                if event.request_cl_ord_id:
                    report.orig_cl_ord_id = report.cl_ord_id
                    report.cl_ord_id = event.request_cl_ord_id
                return report
            case Replaced():
                report = self._report(ExecType.REPLACED, order)
                report.orig_cl_ord_id = event.orig_cl_ord_id
                return report
            case Expired():
                report = self._report(ExecType.EXPIRED, order)
                report.cancel_reason = api_enum(event.reason)
                report.canceled_qty = event.expired_qty
                return report
            case Restated():
                report = self._report(ExecType.RESTATED, order)
                report.cancel_reason = api_enum(event.reason)
                return report
            case Repeated():
                return self._repeated(event)
            case _:
                return self._of_special_order(event, order)

    def _of_special_order(self, event: Event, order: OrderState) -> Report | None:
        match event:
            case Triggered(trigger_price=price):
                report = self._report(ExecType.TRIGGERED, order)
                report.trigger_price = price
                return report
            case TermsChanged(terms=terms):
                report = self._report(ExecType.RESTATED, order)
                report.terms.CopyFrom(terms_message(terms))
                return report
            case _:
                return None

    def _report(self, exec_type: int, order: OrderState) -> Report:
        report = Report(
            order_id=order.order_id,
            cl_ord_id=order.cl_ord_id,
            exec_type=api_enum(exec_type),
            ord_status=api_enum(order.ord_status),
            symbol=self._directory.symbol(order.instrument_id),
            account=self._account(order.account_id),
            side=api_enum(order.side),
            ord_type=api_enum(order.ord_type),
            time_in_force=api_enum(order.time_in_force),
            order_qty=order.order_qty,
            cum_qty=order.cum_qty,
            leaves_qty=order.leaves_qty,
            price=order.price,
            cum_notional=str(order.cum_notional),
            flags=order.flags,
            session_id=order.session_id,
            book=_book(order),
        )
        if order.cum_qty:
            report.avg_px = order.cum_notional // order.cum_qty
        if order.expire_ts_ns:
            report.expire_time.FromNanoseconds(order.expire_ts_ns)
        return report

    def _execution(
        self,
        event: Trade | TradeBusted | TradeCorrected,
        order: OrderState,
        seq: int,
        log_index: int,
        *,
        ts_ns: int,
    ) -> Report:
        report = self._report(_EXEC_TYPE_OF_EXECUTION[type(event)], order)
        report.last_qty = event.qty
        report.last_px = event.price
        report.trade_id = event.trade_id
        if not isinstance(event, Trade):  # R9.4: the trade is named by trade_id
            report.text = event.reason
        elif event.aggressor:  # else nobody takes: in an auction, at a midpoint that came
            is_taker = event.aggressor == (Side.BUY if order is event.buy else Side.SELL)
            report.liquidity = TAKER if is_taker else MAKER
        if isinstance(event, TradeCorrected):
            report.former_last_qty = event.former_qty
            report.former_last_px = event.former_price
        _stamp(report, seq, log_index, ts_ns)
        return report

    def _cancel_rejected(self, event: CancelRejected) -> Report:
        reason, text = _reason(event.reason)
        return Report(
            order_id=event.order_id,
            cl_ord_id=event.cl_ord_id,
            orig_cl_ord_id=event.orig_cl_ord_id,
            exec_type=api_enum(ExecType.CANCEL_REJECTED),
            ord_status=api_enum(event.ord_status),
            symbol=self._directory.symbol(event.instrument_id),
            reject_reason=reason,
            text=text,
            is_replace=bool(event.is_replace),
        )

    def _repeated(self, event: Repeated) -> Report | None:
        exec_type = _EXEC_TYPE_OF_OUTCOME.get(EventKind(event.outcome))
        if exec_type is None:
            return None
        report = self._report(exec_type, event.order)
        report.cl_ord_id = event.cl_ord_id
        report.orig_cl_ord_id = event.orig_cl_ord_id
        report.poss_dup = True
        if exec_type in {ExecType.REJECTED, ExecType.CANCEL_REJECTED}:
            report.reject_reason, report.text = _reason(event.reason)
        elif event.reason:
            report.cancel_reason = api_enum(event.reason)
        return report

    def _account(self, account_id: int) -> str:
        account = self._directory.account(account_id)
        return account.name if account else ""

    def _member(self, member_id: int) -> str:
        member = self._directory.member(member_id)
        return member.name if member else ""


def terms_message(terms: OrderTerms) -> common_pb2.OrderTerms:
    """The terms of an order as the API shows them."""
    return common_pb2.OrderTerms(
        stop_price=terms.stop_price,
        trail=terms.trail,
        trail_unit=api_enum(terms.trail_unit),
        peg=api_enum(terms.peg),
        peg_offset=terms.peg_offset,
        peg_limit=terms.peg_limit,
        display_qty=terms.display_qty,
        min_qty=terms.min_qty,
        stp_group=terms.stp_group,
        oco_cl_ord_id=terms.oco_cl_ord_id,
    )


def reject_text(reason: int) -> str:
    """The sentence for a person; numbers of a newer engine get a general one."""
    known = RejectReason._value2member_map_.get(reason)
    return TEXT[RejectReason(reason)] if known else f"refused with reason {reason}"


def _book(order: OrderState) -> common_pb2.BookKind:
    return common_pb2.BOOK_KIND_DARK if is_dark(order.flags) else common_pb2.BOOK_KIND_UNSPECIFIED


def _reason(reason: int) -> tuple[common_pb2.RejectReason, str]:
    return api_enum(reason), reject_text(reason)


def _stamp(report: Report | pb.MassCancelReport, seq: int, log_index: int, ts_ns: int) -> None:
    report.exec_id = seq
    report.log_index = log_index
    report.transact_time.seconds, report.transact_time.nanos = divmod(ts_ns, NS_PER_S)
