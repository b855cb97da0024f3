"""What members send: new, replace, cancel, mass_cancel, repeat.

Room: statements of members to commands of the model, sent under the member's session. It resolves
names to ids as a gateway does (an unknown symbol becomes UNKNOWN_ID, for the engine to refuse), and
judges nothing that the rulebook judges: a wrong tick or a missing price goes to the engine.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from exchange.model.command import (
    UNKNOWN_ID,
    CancelOrder,
    MassCancel,
    NewOrder,
    NewOrderWithTerms,
    ReplaceOrder,
    ReplaceOrderWithTerms,
)
from exchange.model.enums import OrderFlag, OrdType, Side, StpMode, TimeInForce
from exchange.model.event import Event
from exchange.model.terms import NO_TERMS, NOTHING_CHANGED
from exchange.model.units import PRICE_DECIMALS
from exchange.scenario.decimals import to_integer
from exchange.scenario.faults import NotSupportedFault, StatementFault
from exchange.scenario.instrument_fields import number_of
from exchange.scenario.names import OrderNames
from exchange.scenario.parties import Parties
from exchange.scenario.statement import Words
from exchange.scenario.terms import changed_terms, order_terms
from exchange.scenario.venue import Venue

_REPLACE_NOT_YET = ("min_qty", "expire")
_FLAGS = {
    "post_only": OrderFlag.POST_ONLY,
    "post_only_reprice": OrderFlag.POST_ONLY_REPRICE,
    "hidden": OrderFlag.HIDDEN,
    "aon": OrderFlag.ALL_OR_NONE,
    "reduce_only": OrderFlag.REDUCE_ONLY,
    "dark": OrderFlag.DARK_BOOK,
}
_SPAN = re.compile(r"\+([0-9]{1,18})(ns|us|ms|s|m|h|d)")
_NS = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}


_PlainCommand = NewOrder | ReplaceOrder | CancelOrder | MassCancel
_MemberCommand = _PlainCommand | NewOrderWithTerms | ReplaceOrderWithTerms


class _Sent(NamedTuple):
    """A command as it was sent, to send it again."""

    member: str
    command: _MemberCommand


def nanoseconds(text: str) -> int:
    """A span of time: +250ms, +5m, +1h."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise StatementFault(f"{text!r} is no span of time; expected one like +5m or +250ms")
    return int(match[1]) * _NS[match[2]]


class OrderDesk:
    """Where the members of one run send their commands."""

    def __init__(self, venue: Venue, names: OrderNames, parties: Parties) -> None:
        self._venue = venue
        self._names = names
        self._parties = parties
        self._sent: dict[tuple[str, str], _Sent] = {}
        self._last: _Sent | None = None

    def new(self, words: Words) -> list[Event]:
        """`new MEMBER CL_ORD_ID SYMBOL SIDE QTY [@ PRICE | market] ...`."""
        member, name, symbol, side, qty = words.args[:5]
        price = "".join(words.args[5:])
        keys = words.keys
        member_id = self._parties.member_id(member)
        instrument = self._venue.instrument(symbol)
        flags = 0
        for flag in words.flags:
            flags |= _FLAGS.get(flag, 0)
        expire_ts_ns = self._venue.now_ns + nanoseconds(keys["expire"]) if "expire" in keys else 0
        tif = keys.get("tif", "gtd" if expire_ts_ns else "day")
        decimals = instrument.qty_decimals if instrument else 0
        plain = NewOrder(
            member_id=member_id,
            account_id=self._parties.account_id(member, keys.get("account", member)),
            instrument_id=instrument.instrument_id if instrument else UNKNOWN_ID,
            side=number_of(Side, side, "side"),
            ord_type=_ord_type(words),
            time_in_force=number_of(TimeInForce, tif, "time in force"),
            stp=number_of(StpMode, keys["stp"], "STP mode") if "stp" in keys else 0,
            flags=flags,
            order_qty=to_integer(qty, decimals),
            price=to_integer(price, PRICE_DECIMALS) if price else 0,
            expire_ts_ns=expire_ts_ns,
            cl_ord_id=self._names.take(member_id, name),
        )
        linked = self._names.current(member_id, keys["oco"]) if "oco" in keys else ""
        terms = order_terms(keys, decimals, linked)
        command = plain if terms == NO_TERMS else NewOrderWithTerms(plain, terms)
        return self._send(member, plain, command)

    def replace(self, words: Words) -> list[Event]:
        """`replace MEMBER CL_ORD_ID [qty=] [price=] [new=] [stop=] [trail=] ...`."""
        for key in _REPLACE_NOT_YET:
            if key in words.keys:
                raise NotSupportedFault(f"replace with {key!r}")
        member, name = words.args
        member_id = self._parties.member_id(member)
        orig = self._names.current(member_id, name)
        order = self._venue.engine.order_by_cl_ord_id(member_id, orig)
        decimals = self._qty_decimals(order.order.instrument_id if order else 0)
        keys = words.keys
        plain = ReplaceOrder(
            member_id=member_id,
            order_id=0,
            order_qty=to_integer(keys["qty"], decimals) if "qty" in keys else 0,
            price=to_integer(keys["price"], PRICE_DECIMALS) if "price" in keys else 0,
            cl_ord_id=self._request_id(member_id, name, words),
            orig_cl_ord_id=orig,
        )
        terms = changed_terms(keys, decimals)
        command = plain if terms == NOTHING_CHANGED else ReplaceOrderWithTerms(plain, terms)
        return self._send(member, plain, command)

    def cancel(self, words: Words) -> list[Event]:
        """`cancel MEMBER CL_ORD_ID [new=]`."""
        member, name = words.args
        member_id = self._parties.member_id(member)
        orig = self._names.current(member_id, name)
        request_id = self._request_id(member_id, name, words)
        return self._send(member, CancelOrder(member_id, 0, request_id, orig))

    def mass_cancel(self, words: Words) -> list[Event]:
        """`mass_cancel MEMBER [symbol=] [side=] [account=] [new=]`."""
        (member,) = words.args
        keys = words.keys
        member_id = self._parties.member_id(member)
        account_id = 0
        if "account" in keys:
            account_id = self._parties.account_id(member, keys["account"])
        instrument_id = 0
        if "symbol" in keys:
            instrument = self._venue.instrument(keys["symbol"])
            instrument_id = instrument.instrument_id if instrument else UNKNOWN_ID
        command = MassCancel(
            member_id=member_id,
            account_id=account_id,
            instrument_id=instrument_id,
            side=number_of(Side, keys["side"], "side") if "side" in keys else 0,
            cl_ord_id=self._request_id(member_id, "mass_cancel", words),
        )
        return self._send(member, command)

    def repeat(self, words: Words) -> list[Event]:
        """`repeat [MEMBER CL_ORD_ID]`: the same content again, over the session of now (R10.1)."""
        if not words.args:
            sent = self._last
        elif len(words.args) == len(("MEMBER", "CL_ORD_ID")):
            sent = self._sent.get((words.args[0], words.args[1]))
        else:
            raise StatementFault("expected: repeat, or repeat MEMBER CL_ORD_ID")
        if sent is None:
            raise StatementFault("no member's command of that name was sent before")
        return self._venue.apply(sent.command, self._parties.session_id(sent.member))

    def _send(
        self, member: str, plain: _PlainCommand, command: _MemberCommand | None = None
    ) -> list[Event]:
        """Send a command; `plain` is the part of it that has its cl_ord_id."""
        sending = command or plain
        session_id = self._parties.session_id(member)
        self._last = _Sent(member, sending)
        self._sent.setdefault((member, plain.cl_ord_id), self._last)
        return self._venue.apply(sending, session_id)

    def _request_id(self, member_id: int, name: str, words: Words) -> str:
        """The cl_ord_id of a request about an order: `new=`, or a fresh one."""
        if "new" in words.keys:
            return self._names.take(member_id, words.keys["new"])
        return self._names.fresh(member_id, name)

    def _qty_decimals(self, instrument_id: int) -> int:
        for view in self._venue.engine.instruments():
            if view.instrument.instrument_id == instrument_id:
                return view.instrument.qty_decimals
        return 0


def _ord_type(words: Words) -> int:
    """`type=`, else what is written: a market order is one that says so, the rest are limits."""
    if "type" in words.keys:
        ord_type = number_of(OrdType, words.keys["type"], "order type")
        if "market" in words.flags and ord_type != OrdType.MARKET:
            raise StatementFault("'market' and another type; write one of them")
        return ord_type
    return (OrdType.MARKET if "market" in words.flags else OrdType.LIMIT).value
