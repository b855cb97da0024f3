"""How many orders an administrative command would cancel: the answer to `validate_only`.

Room: counting open orders by filters, in pages, on the engine between two entries. A count is of
its moment: what happens after it is not foreseen.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from exchange.engine.port import Engine
from exchange.errors import ClientFault
from exchange.feeds.directory import Directory
from exchange.model.command import UNKNOWN_ID, CloseSession, EngageKillSwitch, Halt, OperatorCancel
from exchange.model.corporate_action import SplitInstrument
from exchange.model.enums import KillScope, Phase, TimeInForce
from exchange.model.event import OrderState
from exchange.model.reject import TEXT, RejectReason
from exchange.model.risk_command import EmergencyClose

PAGE = 4096

Affects = Callable[[OrderState], bool]
Impact = EngageKillSwitch | OperatorCancel | Halt | CloseSession | SplitInstrument | EmergencyClose


def count_affected(engine: Engine, affects: Affects) -> int:
    """Open orders for which `affects` holds. O(open orders); runs on a query thread."""
    count = after = 0
    while True:
        page = engine.orders(0, 0, after, PAGE, live=True)
        count += sum(1 for view in page if affects(view.order))
        if len(page) < PAGE:
            return count
        after = page[-1].order.order_id


def affected_by(command: Impact, directory: Directory) -> Affects:
    """Which open orders the command would cancel (or expire).

    Raises:
        ClientFault: a named target is not known, or the reason is missing where one is required.
    """
    _check(command)
    match command:
        case EngageKillSwitch(scope=scope, target_id=target_id):
            return _kill_filter(scope, target_id)
        case OperatorCancel(member_id=m, account_id=a, instrument_id=i, side=s):
            return lambda order: (
                m in {0, order.member_id}
                and a in {0, order.account_id}
                and i in {0, order.instrument_id}
                and s in {0, order.side}
            )
        case Halt(cancel=cancel):
            ids = _halting(command, directory) if cancel else frozenset[int]()
            return lambda order: order.instrument_id in ids
        case SplitInstrument(instrument_id=wanted):
            return lambda order: order.instrument_id == wanted
        case EmergencyClose():
            return lambda _order: True
        case CloseSession(instrument_id=wanted):
            return lambda order: (
                wanted in {0, order.instrument_id} and order.time_in_force == TimeInForce.DAY
            )


def _check(command: Impact) -> None:
    if not isinstance(command, CloseSession) and not command.reason:
        raise _refused(RejectReason.REASON_REQUIRED)
    ids = {
        getattr(command, name, 0)
        for name in ("target_id", "member_id", "account_id", "instrument_id")
    }
    if UNKNOWN_ID in ids:
        raise _refused(RejectReason.UNKNOWN_TARGET)


def _refused(reason: RejectReason) -> ClientFault:
    return ClientFault(reason.name, TEXT[reason])


def _kill_filter(scope: int, target_id: int) -> Affects:
    match scope:
        case KillScope.SESSION:
            return lambda order: order.session_id == target_id
        case KillScope.ACCOUNT:
            return lambda order: order.account_id == target_id
        case KillScope.MEMBER:
            return lambda order: order.member_id == target_id
        case KillScope.INSTRUMENT:
            return lambda order: order.instrument_id == target_id
        case _:
            return lambda _order: True


def _halting(command: Halt, directory: Directory) -> Container[int]:
    """Instruments that the halt would move: open ones in its scope."""
    return frozenset(
        row.instrument_id
        for row in directory.instruments()
        if command.instrument_id in {0, row.instrument_id}
        and command.asset_class in {0, row.asset_class}
        and directory.phase(row.instrument_id) not in {Phase.CLOSED, Phase.HALTED}
    )
