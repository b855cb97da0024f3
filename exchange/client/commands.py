"""Order commands as messages, made from what people and programs have at hand.

Room: pure functions; quantities are base units here, because scaling a decimal needs to know the
instrument (`OrderCalls` does that). They are what an order session takes.
"""

from __future__ import annotations

import uuid

from google.protobuf.timestamp_pb2 import Timestamp

from exchange.api.v1.common_pb2 import ChangedTerms, OrderTerms
from exchange.api.v1.order_service_pb2 import CancelOrder, MassCancel, NewOrder, ReplaceOrder
from exchange.client.api_number import number
from exchange.client.decimals import Number, price_units
from exchange.client.terms import ord_type_of
from exchange.model.enums import BookKind, OrderFlag, OrdType, Side, StpMode, TimeInForce

MARKET = "market"
"""As a price: no limit price, trade at any."""

NS_PER_S = 1_000_000_000

Command = NewOrder | CancelOrder | ReplaceOrder | MassCancel
"""What an order session takes."""


def new_id() -> str:
    """A fresh `cl_ord_id` or `request_id`: a random UUID in text, 36 characters."""
    return str(uuid.uuid4())


def side_of(side: Side | str) -> Side:
    """A side by its name, any case. Raises ValueError for anything but buy and sell."""
    if isinstance(side, Side):
        return side
    try:
        return Side[side.upper()]
    except KeyError:
        raise ValueError(f"side {side!r} must be buy or sell") from None


def time_in_force_of(tif: TimeInForce | str) -> TimeInForce:
    """A time in force by its name, any case. Raises ValueError naming those there are."""
    if isinstance(tif, TimeInForce):
        return tif
    try:
        return TimeInForce[tif.upper()]
    except KeyError:
        names = ", ".join(kind.name for kind in TimeInForce)
        raise ValueError(f"time in force {tif!r} must be one of {names}") from None


def book_of(book: BookKind | str | None) -> BookKind | None:
    """A book by its name, any case. Raises ValueError for anything but lit and dark."""
    if book is None or isinstance(book, BookKind):
        return book
    try:
        return BookKind[book.upper()]
    except KeyError:
        raise ValueError(f"book {book!r} must be lit or dark") from None


def new_order(
    symbol: str,
    side: Side | str,
    qty: int,
    price: Number | None = None,
    *,
    cl_ord_id: str | None = None,
    tif: TimeInForce | str = TimeInForce.DAY,
    account: str = "",
    post_only: bool = False,
    flags: OrderFlag | int = 0,
    stp_mode: StpMode | None = None,
    expire_ns: int = 0,
    ord_type: OrdType | str | None = None,
    book: BookKind | str | None = None,
    terms: OrderTerms | None = None,
) -> NewOrder:
    """A new order.

    Args:
        symbol: instrument.
        side: or "buy", "sell".
        qty: total, base units.
        price: limit; int = units of 1e-9, str or Decimal = quote currency; None or "market" = a
            market order.
        cl_ord_id: None = a fresh one.
        tif: or its name.
        account: "" = the member's first account.
        post_only: shorthand for the flag.
        flags: sum of OrderFlag.
        stp_mode: None = the instrument's default.
        expire_ns: for GTD, nanoseconds since the Unix epoch; 0 = none.
        ord_type: or its name; None = LIMIT with a price, MARKET without.
        book: or its name; None = the lit book.
        terms: stop, trail, peg and so on (`Terms.order_terms`).

    Raises:
        TypeError: a float.
        ValueError: no number, side, order type, book or time in force.
    """
    is_market = price is None or price == MARKET
    plain_type = OrdType.MARKET if is_market else OrdType.LIMIT
    return NewOrder(
        cl_ord_id=new_id() if cl_ord_id is None else cl_ord_id,
        symbol=symbol,
        side=number(side_of(side)),
        ord_type=number(plain_type if ord_type is None else ord_type_of(ord_type)),
        time_in_force=number(time_in_force_of(tif)),
        order_qty=qty,
        price=0 if price is None or is_market else price_units(price),
        account=account,
        stp_mode=number(stp_mode),
        flags=int(flags) | (OrderFlag.POST_ONLY if post_only else 0),
        expire_time=_timestamp(expire_ns) if expire_ns else None,
        book=number(book_of(book)),
        terms=terms,
    )


def cancel_order(
    orig_cl_ord_id: str = "", *, order_id: int = 0, cl_ord_id: str | None = None
) -> CancelOrder:
    """Withdraw the order that `orig_cl_ord_id` names now, or `order_id`."""
    return CancelOrder(
        cl_ord_id=new_id() if cl_ord_id is None else cl_ord_id,
        orig_cl_ord_id=orig_cl_ord_id,
        order_id=order_id,
    )


def replace_order(
    orig_cl_ord_id: str = "",
    *,
    order_id: int = 0,
    qty: int = 0,
    price: Number = 0,
    cl_ord_id: str | None = None,
    terms: ChangedTerms | None = None,
) -> ReplaceOrder:
    """Give an order new terms: `qty` is the new total, base units; 0 keeps what is."""
    return ReplaceOrder(
        cl_ord_id=new_id() if cl_ord_id is None else cl_ord_id,
        orig_cl_ord_id=orig_cl_ord_id,
        order_id=order_id,
        order_qty=qty,
        price=price_units(price),
        terms=terms,
    )


def mass_cancel(
    *,
    symbol: str = "",
    account: str = "",
    side: Side | str | None = None,
    cl_ord_id: str | None = None,
) -> MassCancel:
    """Cancel all own open orders that pass the filters; "" and None = any."""
    return MassCancel(
        cl_ord_id=new_id() if cl_ord_id is None else cl_ord_id,
        symbol=symbol,
        account=account,
        side=number(None if side is None else side_of(side)),
    )


def _timestamp(ns: int) -> Timestamp:
    seconds, nanos = divmod(ns, NS_PER_S)
    return Timestamp(seconds=seconds, nanos=nanos)
