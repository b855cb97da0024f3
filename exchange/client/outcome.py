"""What came of a command: the answer with what a client asks of it first.

Room: two frozen values around the messages of the API, which stay reachable in full.
"""

from __future__ import annotations

from dataclasses import dataclass

from exchange.api.v1.common_pb2 import ResponseHeader
from exchange.api.v1.order_service_pb2 import ExecutionReport, MassCancelReport
from exchange.model.enums import ExecType, OrdStatus
from exchange.model.reject import RejectReason

_REFUSALS = frozenset({ExecType.REJECTED.value, ExecType.CANCEL_REJECTED.value})


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """What came of a new order, a cancel or a replace.

    cl_ord_id: id of the command.
    reports: of the member's own orders, in order; acknowledgement or reject first, never empty.
    header: where and as of when the exchange answered.
    attempts: how often the command was sent, 1 where the first answer came.
    """

    cl_ord_id: str
    reports: tuple[ExecutionReport, ...]
    header: ResponseHeader
    attempts: int

    @property
    def poss_dup(self) -> bool:
        """Whether the exchange knew the command already: this is its original outcome."""
        return any(report.poss_dup for report in self.reports)

    @property
    def is_rejected(self) -> bool:
        """Whether the market refused the command."""
        return int(self.reports[0].exec_type) in _REFUSALS

    @property
    def reject_reason(self) -> RejectReason | None:
        """Why it was refused; None if it was not."""
        return RejectReason(self.reports[0].reject_reason) if self.is_rejected else None

    @property
    def order_id(self) -> int:
        """The exchange's id of the order; 0 = refused."""
        return self.reports[0].order_id

    @property
    def ord_status(self) -> OrdStatus | None:
        """State of the command's own order after the last report of it; None = not known."""
        own = [report for report in self.reports if report.order_id == self.order_id]
        number = own[-1].ord_status
        return OrdStatus(number) if number else None

    @property
    def cum_qty(self) -> int:
        """Executed quantity of the command's own order, base units."""
        return [r for r in self.reports if r.order_id == self.order_id][-1].cum_qty


@dataclass(frozen=True, slots=True)
class MassCancelOutcome:
    """What came of a mass cancel.

    cl_ord_id: id of the command.
    report: its acknowledgement.
    reports: one per canceled order.
    header: where and as of when the exchange answered.
    attempts: how often the command was sent.
    """

    cl_ord_id: str
    report: MassCancelReport
    reports: tuple[ExecutionReport, ...]
    header: ResponseHeader
    attempts: int

    @property
    def poss_dup(self) -> bool:
        """Whether the exchange knew the command already."""
        return self.report.poss_dup

    @property
    def is_rejected(self) -> bool:
        """Whether the market refused the command."""
        return bool(self.report.reject_reason)
