"""An engine with its log, and events told in one line each, for tests of the engine.

Room: sending commands the way the sequencer does (one entry, one time) and reading events the way a
person does. It knows no rule of the market and keeps every entry, so that a run can be replayed.
"""

from __future__ import annotations

from typing import Any

import msgspec

from exchange.engine.build import build_engine
from exchange.engine.port import REFERENCE, Engine
from exchange.model import dark as d
from exchange.model import event as e
from exchange.model.batch import EventBatch
from exchange.model.codec import BatchStatus, EventRecord, encode_command, encode_entry
from exchange.model.command import (
    CancelOrder,
    Command,
    CreateInstrument,
    CreateMember,
    NewOrder,
    NewOrderWithTerms,
    OpenSession,
    ReplaceOrder,
    ReplaceOrderWithTerms,
)
from exchange.model.enums import (
    AssetClass,
    CancelReason,
    OrdStatus,
    OrdType,
    Phase,
    Side,
    StpMode,
    TimeInForce,
)
from exchange.model.event import Event
from exchange.model.instrument import Instrument
from exchange.model.reject import RejectReason
from exchange.model.terms import ChangedTerms, OrderTerms

START_NS = 1_700_000_000_000_000_000
MARKET_DATA = (e.LevelChanged, e.BboChanged)

ABC = Instrument(
    instrument_id=0,
    symbol="ABC",
    asset_class=AssetClass.EQUITY,
    currency="USD",
    mic="XLCK",
    tick_size=10,
    lot_size=5,
    qty_decimals=0,
    min_order_qty=10,
    max_order_qty=10_000,
    max_order_notional=0,
    reference_price=1_000,
    static_band_bp=2_000,
    contract_multiplier=1,
    stp_default=StpMode.CANCEL_INCOMING,
)
"""Prices 800 .. 1200 in steps of 10, quantities 10 .. 10000 in steps of 5."""


class Recorder:
    """One engine at genesis and the log that feeds it."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or build_engine(REFERENCE)
        self.entries: list[bytes] = []
        self.batches: list[bytes] = []
        self.ts_ns = START_NS
        self._requests = 0

    def entry(self, commands: tuple[Command, ...], session_id: int = 0) -> bytes:
        """The next entry of the log, not applied yet."""
        body = [encode_command(command, session_id) for command in commands]
        return encode_entry(self.engine.applied_index + 1, 1, self.ts_ns, len(body), b"".join(body))

    def records(self, *commands: Command, session_id: int = 0) -> list[EventRecord]:
        """Apply one entry of the commands; its event records."""
        entry = self.entry(commands, session_id)
        batch = EventBatch(self.engine.apply(entry))
        if batch.head.status != BatchStatus.APPLIED:
            raise AssertionError(f"entry was not applied: {batch.head}")
        self.entries.append(entry)
        self.batches.append(batch.raw)
        return batch.events

    def send(self, *commands: Command, session_id: int = 0) -> list[Event]:
        """Apply one entry of the commands; its events without book and BBO updates."""
        records = self.records(*commands, session_id=session_id)
        return [r.event for r in records if not isinstance(r.event, MARKET_DATA)]

    def told(self, *commands: Command, session_id: int = 0) -> list[str]:
        """As `send`, each event in one line."""
        return [tell(event) for event in self.send(*commands, session_id=session_id)]

    def wait(self, ns: int) -> list[str]:
        """Let time pass: an empty entry `ns` later, its events in one line each."""
        self.ts_ns += ns
        return self.told()

    def request_id(self) -> str:
        """A request_id that was not used before."""
        self._requests += 1
        return f"req-{self._requests}"

    def open_market(self, *instruments: Instrument, members: int = 3) -> None:
        """Members m1 .. (ids and accounts from 1) and instruments (ids from 1), all CONTINUOUS."""
        for number in range(1, members + 1):
            self.send(CreateMember(f"m{number}", self.request_id(), "op"))
        for instrument in instruments or (ABC,):
            self.send(CreateInstrument(instrument, self.request_id(), "op"))
        self.send(OpenSession(0, self.request_id(), "op"))

    def book(self, instrument_id: int = 1) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
        """Bids and asks as (price, qty, order_count)."""
        depth = self.engine.depth(instrument_id, 0)
        if depth is None:
            raise AssertionError(f"no instrument {instrument_id}")
        return [tuple(level) for level in depth.bids], [tuple(level) for level in depth.asks]


def order(member_id: int, cl_ord_id: str, side: int, qty: int, price: int, **more: Any) -> NewOrder:
    """A LIMIT DAY order of ABC for the member's first account; `more` overrides any field."""
    plain = NewOrder(
        member_id=member_id,
        account_id=member_id,
        instrument_id=1,
        side=side,
        ord_type=OrdType.LIMIT,
        time_in_force=TimeInForce.DAY,
        stp=0,
        flags=0,
        order_qty=qty,
        price=price,
        expire_ts_ns=0,
        cl_ord_id=cl_ord_id,
    )
    return msgspec.structs.replace(plain, **more)


def buy(member_id: int, cl_ord_id: str, qty: int, price: int, **more: Any) -> NewOrder:
    """`order` to buy."""
    return order(member_id, cl_ord_id, Side.BUY, qty, price, **more)


def sell(member_id: int, cl_ord_id: str, qty: int, price: int, **more: Any) -> NewOrder:
    """`order` to sell."""
    return order(member_id, cl_ord_id, Side.SELL, qty, price, **more)


def with_terms(plain: NewOrder, **terms: Any) -> NewOrderWithTerms:
    """The order with these `OrderTerms`."""
    return NewOrderWithTerms(plain, OrderTerms(**terms))


def change_terms(plain: ReplaceOrder, **terms: Any) -> ReplaceOrderWithTerms:
    """The replace with these `ChangedTerms`."""
    return ReplaceOrderWithTerms(plain, ChangedTerms(**terms))


def cancel(member_id: int, orig: str, cl_ord_id: str) -> CancelOrder:
    """Cancel the order that `orig` names."""
    return CancelOrder(member_id, 0, cl_ord_id, orig)


def replace(
    member_id: int, orig: str, cl_ord_id: str, *, qty: int = 0, price: int = 0
) -> ReplaceOrder:
    """Replace the order that `orig` names; 0 keeps."""
    return ReplaceOrder(member_id, 0, qty, price, cl_ord_id, orig)


def tell(event: Event) -> str:
    """One line that holds what a test of rules wants to compare."""
    match event:
        case e.Accepted(order=o):
            return f"accepted {o.cl_ord_id} {o.leaves_qty} @ {o.price}"
        case e.Rejected(reason=reason, order=o):
            return f"rejected {o.cl_ord_id} {RejectReason(reason).name}"
        case e.Trade(buy=b, sell=s, qty=qty, price=price):
            return f"trade {b.cl_ord_id} {s.cl_ord_id} {qty} @ {price}"
        case e.Canceled(reason=reason, canceled_qty=qty, order=o):
            return f"canceled {o.cl_ord_id} {qty} {CancelReason(reason).name}"
        case e.Replaced(kept_priority=kept, order=o, orig_cl_ord_id=orig):
            place = "kept" if kept else "lost"
            return f"replaced {orig} by {o.cl_ord_id} {o.leaves_qty} @ {o.price} {place}"
        case e.Expired(reason=reason, expired_qty=qty, order=o):
            return f"expired {o.cl_ord_id} {qty} {CancelReason(reason).name}"
        case e.Restated(order=o):
            return f"restated {o.cl_ord_id} {o.leaves_qty} of {o.order_qty}"
        case e.CancelRejected(reason=reason, cl_ord_id=cl_ord_id, is_replace=is_replace):
            verb = "replace" if is_replace else "cancel"
            return f"{verb}_rejected {cl_ord_id} {RejectReason(reason).name}"
        case e.Repeated(outcome=outcome, cl_ord_id=cl_ord_id, order=o):
            status = OrdStatus(o.ord_status).name if o.ord_status else "-"
            return f"repeated {cl_ord_id} {e.EventKind(outcome).name} {status}"
        case e.MassCanceled(canceled_count=count, cl_ord_id=cl_ord_id):
            return f"mass_canceled {cl_ord_id} {count}"
        case e.Triggered(trigger_price=price, order=o):
            return f"triggered {o.cl_ord_id} by {price}"
        case e.TermsChanged(order=o, terms=terms):
            given = [f"{k}={v}" for k, v in msgspec.structs.asdict(terms).items() if v]
            return " ".join(["terms", o.cl_ord_id, *given])
        case _:
            return _tell_venue(event)


def _tell_venue(event: Event) -> str:
    match event:
        case e.LevelChanged(side=side, price=price, qty=qty, order_count=count):
            return f"level {Side(side).name} {price} {qty} x{count}"
        case e.BboChanged():
            return f"bbo {event.bid_price} {event.bid_qty} {event.ask_price} {event.ask_qty}"
        case e.PhaseChanged(instrument_id=instrument_id, phase=phase):
            return f"phase {instrument_id} {Phase(phase).name}"
        case e.AdminAccepted(target_id=target_id, repeated=repeated):
            return f"admin_accepted {target_id}" + " repeated" * repeated
        case e.AdminRejected(reason=reason, detail=detail, repeated=repeated):
            return f"admin_rejected {RejectReason(reason).name} {detail}" + " repeated" * repeated
        case e.KillSwitchChanged(scope=scope, target_id=target_id, engaged=engaged):
            return f"kill_switch {scope} {target_id} {engaged}"
        case e.SessionChanged(session_id=session_id, is_open=is_open, reason=reason):
            return f"session {session_id} {'open' if is_open else 'closed'} {reason}".rstrip()
        case e.TradingDayChanged(trading_day=day):
            return f"trading_day {day}"
        case d.DarkIndication(side=side, qty=qty):
            return f"indication {Side(side).name if side else '-'} {qty}"
        case d.DarkCrossed(price=price, volume=volume):
            return f"crossed {volume} @ {price}"
        case e.EpochChanged(epoch=epoch):
            return f"epoch {epoch}"
        case e.MembershipRecorded(version=version, what=what):
            return f"membership {version}: {what}"
        case e.CommandIgnored(kind=kind):
            return f"ignored {kind}"
        case _:
            return type(event).__name__
