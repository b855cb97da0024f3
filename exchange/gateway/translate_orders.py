"""Order entry messages into commands of the log.

Room: names become ids, fields are checked for range, the member comes from the authenticated
principal (RULEBOOK R1.5). No rule of the market lives here: an unknown symbol or account becomes
id 0 and the engine refuses it with a report.
"""

from __future__ import annotations

from exchange.api.v1 import common_pb2
from exchange.api.v1 import order_service_pb2 as pb
from exchange.feeds.directory import Directory
from exchange.gateway import field_checks as check
from exchange.model.command import (
    UNKNOWN_ID,
    CancelOrder,
    MassCancel,
    NewOrder,
    NewOrderWithTerms,
    ReplaceOrder,
    ReplaceOrderWithTerms,
)
from exchange.model.dark import is_dark
from exchange.model.enums import (
    BookKind,
    OrderFlag,
    OrdType,
    PegType,
    Side,
    StpMode,
    TimeInForce,
    TrailUnit,
)
from exchange.model.terms import NO_TERMS, NOTHING_CHANGED, ChangedTerms, OrderTerms

NewEntry = NewOrder | NewOrderWithTerms
ReplaceEntry = ReplaceOrder | ReplaceOrderWithTerms
OrderEntry = NewEntry | CancelOrder | ReplaceEntry | MassCancel


def new_order(message: pb.NewOrder, member_id: int, directory: Directory) -> NewEntry:
    """NewOrder into its command; ClientFault INVALID_FIELD names the first field at fault."""
    plain = _plain_order(message, member_id, directory)
    terms = _order_terms(message.terms)
    return plain if terms == NO_TERMS else NewOrderWithTerms(plain, terms)


def _plain_order(message: pb.NewOrder, member_id: int, directory: Directory) -> NewOrder:
    instrument = directory.instrument_by_symbol(message.symbol)
    account = directory.account_by_name(member_id, message.account)
    expire_ts_ns = 0
    if message.HasField("expire_time"):
        expire_ts_ns = check.timestamp_ns(message.expire_time, "expire_time")
    tif = check.optional_enum_number(message.time_in_force, TimeInForce, "time_in_force")
    return NewOrder(
        member_id=member_id,
        account_id=account.account_id if account else 0,
        instrument_id=instrument.instrument_id if instrument else 0,
        side=check.enum_number(message.side, Side, "side"),
        ord_type=check.enum_number(message.ord_type, OrdType, "ord_type"),
        time_in_force=tif or TimeInForce.DAY,
        stp=check.optional_enum_number(message.stp_mode, StpMode, "stp_mode"),
        flags=_flags(message),
        order_qty=check.not_negative(message.order_qty, "order_qty"),
        price=check.not_negative(message.price, "price"),
        expire_ts_ns=expire_ts_ns,
        cl_ord_id=check.identifier(message.cl_ord_id, "cl_ord_id"),
    )


def _flags(message: pb.NewOrder) -> int:
    flags = check.at_most(message.flags, check.FLAGS_MAX, "flags")
    book = check.optional_enum_number(message.book, BookKind, "book")
    if book == BookKind.LIT and is_dark(flags):
        raise check.fault("book", "LIT, yet flags has DARK_BOOK")
    return flags | OrderFlag.DARK_BOOK.value if book == BookKind.DARK else flags


def cancel_order(message: pb.CancelOrder, member_id: int) -> CancelOrder:
    """CancelOrder into its command; one of order_id and orig_cl_ord_id must name the order."""
    _check_names_an_order(message)
    return CancelOrder(
        member_id=member_id,
        order_id=message.order_id,
        cl_ord_id=check.identifier(message.cl_ord_id, "cl_ord_id"),
        orig_cl_ord_id=check.identifier(message.orig_cl_ord_id, "orig_cl_ord_id"),
    )


def replace_order(message: pb.ReplaceOrder, member_id: int) -> ReplaceEntry:
    """ReplaceOrder into its command; one of order_id and orig_cl_ord_id must name the order."""
    _check_names_an_order(message)
    terms = _changed_terms(message.terms)
    plain = ReplaceOrder(
        member_id=member_id,
        order_id=message.order_id,
        order_qty=check.not_negative(message.order_qty, "order_qty"),
        price=check.not_negative(message.price, "price"),
        cl_ord_id=check.identifier(message.cl_ord_id, "cl_ord_id"),
        orig_cl_ord_id=check.identifier(message.orig_cl_ord_id, "orig_cl_ord_id"),
    )
    return plain if terms == NOTHING_CHANGED else ReplaceOrderWithTerms(plain, terms)


def mass_cancel(message: pb.MassCancel, member_id: int, directory: Directory) -> MassCancel:
    """MassCancel into its command; a filter that names nothing known becomes UNKNOWN_ID."""
    return MassCancel(
        member_id=member_id,
        account_id=account_filter(message.account, member_id, directory),
        instrument_id=instrument_filter(message.symbol, directory),
        side=check.optional_enum_number(message.side, Side, "side"),
        cl_ord_id=check.identifier(message.cl_ord_id, "cl_ord_id"),
    )


def order_command(message: pb.OrderCommand, member_id: int, directory: Directory) -> OrderEntry:
    """A session's command, whichever it is; ClientFault if it is none."""
    kind = message.WhichOneof("command")
    if kind == "submit":
        return new_order(message.submit, member_id, directory)
    if kind == "cancel":
        return cancel_order(message.cancel, member_id)
    if kind == "replace":
        return replace_order(message.replace, member_id)
    if kind == "mass_cancel":
        return mass_cancel(message.mass_cancel, member_id, directory)
    raise check.fault("command", "one of submit, cancel, replace, mass_cancel is required")


def instrument_filter(symbol: str, directory: Directory) -> int:
    """0 = not given, UNKNOWN_ID = given but not known."""
    if not symbol:
        return 0
    instrument = directory.instrument_by_symbol(symbol)
    return instrument.instrument_id if instrument else UNKNOWN_ID


def account_filter(account: str, member_id: int, directory: Directory) -> int:
    """0 = not given, UNKNOWN_ID = given but not an account of the member."""
    if not account:
        return 0
    known = directory.account_by_name(member_id, account)
    return known.account_id if known else UNKNOWN_ID


def _check_names_an_order(message: pb.CancelOrder | pb.ReplaceOrder) -> None:
    if not message.order_id and not message.orig_cl_ord_id:
        raise check.fault("orig_cl_ord_id", "order_id or orig_cl_ord_id must name the order")


def _order_terms(message: common_pb2.OrderTerms) -> OrderTerms:
    return OrderTerms(
        stop_price=check.not_negative(message.stop_price, "terms.stop_price"),
        trail=check.not_negative(message.trail, "terms.trail"),
        trail_unit=check.optional_enum_number(message.trail_unit, TrailUnit, "terms.trail_unit"),
        peg=check.optional_enum_number(message.peg, PegType, "terms.peg"),
        peg_offset=message.peg_offset,
        peg_limit=check.not_negative(message.peg_limit, "terms.peg_limit"),
        display_qty=check.not_negative(message.display_qty, "terms.display_qty"),
        min_qty=check.not_negative(message.min_qty, "terms.min_qty"),
        stp_group=message.stp_group,
        oco_cl_ord_id=check.identifier(message.oco_cl_ord_id, "terms.oco_cl_ord_id"),
    )


def _changed_terms(message: common_pb2.ChangedTerms) -> ChangedTerms:
    return ChangedTerms(
        stop_price=check.not_negative(message.stop_price, "terms.stop_price"),
        trail=check.not_negative(message.trail, "terms.trail"),
        peg_offset_given=int(message.HasField("peg_offset")),
        peg_offset=message.peg_offset,
        peg_limit=check.not_negative(message.peg_limit, "terms.peg_limit"),
        display_qty=check.not_negative(message.display_qty, "terms.display_qty"),
    )
