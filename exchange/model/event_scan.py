"""What an event batch holds, told without making an object of every event.

Room: five questions that the feeds ask of every batch, each a function of its bytes alone. Making
Python events costs 4 us each, so a feed that did so would set the pace of the whole exchange
(DESIGN section 4). The native extension answers where it is built; the functions that end in
`_plain` are the specification, and what answers where it is not built, or where bytes are no batch
(CodecError).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from exchange.model.built_from import OLD, is_stale
from exchange.model.codec import EventRecord
from exchange.model.event import (
    Accepted,
    Canceled,
    CancelRejected,
    Event,
    Expired,
    MassCanceled,
    Rejected,
    Repeated,
    Replaced,
    Restated,
    TermsChanged,
    Trade,
    Triggered,
)
from exchange.model.records import EVENT_KIND, EVENTS
from exchange.model.risk_event import TradeBusted, TradeCorrected, TradeFees

try:
    from exchange.model.native import _scan
except ImportError:  # an optional extension: the plain functions answer
    NATIVE_SCAN = False
else:  # one that is older than its sources is left alone
    NATIVE_SCAN = not is_stale(
        getattr(_scan, "SOURCES_ID", OLD), ("model/native/src", "engine/native/src")
    )


class Events(Protocol):
    """An event batch (`exchange.model.batch`)."""

    raw: bytes

    @property
    def events(self) -> list[EventRecord]:
        """All events, made once."""


class Kinds(NamedTuple):
    """Some kinds of events: `flags` has one byte a kind, `mask` one bit."""

    flags: bytes
    mask: int


class Tally(NamedTuple):
    """Counts of order events; `filled`: orders that a trade left nothing of."""

    accepted: int
    trades: int
    traded_qty: int
    canceled: int
    filled: int
    rejected: list[tuple[int, int]]


class Concerned(NamedTuple):
    """Members whom a batch concerns, as they come; of its trades seq, instrument and trade id."""

    members: list[int]
    trades: list[tuple[int, int, int]]


class BookedTrade(NamedTuple):
    """What a `Trade` moves: the instrument and account of each side are those of its order."""

    seq: int
    trade_id: int
    instrument_id: int
    price: int
    qty: int
    buy_instrument_id: int
    buy_account_id: int
    sell_instrument_id: int
    sell_account_id: int


class BookedFees(NamedTuple):
    """What a `TradeFees` moves."""

    seq: int
    trade_id: int
    buy_account_id: int
    sell_account_id: int
    buy_fee: int
    sell_fee: int
    currency: str


def kinds_of(*events: type) -> Kinds:
    """The kinds of these event classes, as `select` takes them."""
    wanted = {int(EVENT_KIND[event]) for event in events}
    return Kinds(
        bytes(kind in wanted for kind in range(256)), sum(1 << kind for kind in sorted(wanted))
    )


def kinds_in(batch: Events) -> int:
    """The kinds that a batch holds, one bit a kind: most questions end with it."""
    found = _scan.kinds(batch.raw) if NATIVE_SCAN else None
    return kinds_in_plain(batch) if found is None else int.from_bytes(found, "little")


def select(batch: Events, wanted: Kinds) -> list[EventRecord]:
    """The events of the wanted kinds, in order."""
    found = _scan.select(batch.raw, wanted.flags) if NATIVE_SCAN else None
    if found is None:
        return select_plain(batch, wanted)
    return [
        EventRecord(seq, command_no, EVENTS[kind].decode(batch.raw, start, end))
        for seq, command_no, kind, start, end in found
    ]


def tally(batch: Events) -> Tally:
    """Counts of order events."""
    found = _scan.tally(batch.raw) if NATIVE_SCAN else None
    return tally_plain(batch) if found is None else Tally(*found)


def concerned(batch: Events) -> Concerned:
    """Whom a batch concerns, and its trades."""
    found = _scan.concerned(batch.raw) if NATIVE_SCAN else None
    return concerned_plain(batch) if found is None else Concerned(*found)


def bookings(batch: Events) -> Sequence[tuple[Any, ...]]:
    """The trades of a batch and their fees, in order: `BookedTrade` or `BookedFees` as tuples."""
    found = _scan.bookings(batch.raw) if NATIVE_SCAN else None
    return bookings_plain(batch) if found is None else found


def members_of(event: Event) -> tuple[int, ...]:
    """The members whom an event concerns: the owner, both sides of a trade, the sender."""
    match event:
        case (
            Trade(buy=buy, sell=sell)
            | TradeBusted(buy=buy, sell=sell)
            | TradeCorrected(buy=buy, sell=sell)
        ):
            if buy.member_id == sell.member_id:
                return (buy.member_id,)
            return buy.member_id, sell.member_id
        case (
            Accepted(order=order)
            | Rejected(order=order)
            | Canceled(order=order)
            | Replaced(order=order)
            | Expired(order=order)
            | Restated(order=order)
            | Triggered(order=order)
            | TermsChanged(order=order)
            | Repeated(order=order)
        ):
            return (order.member_id,)
        case CancelRejected(member_id=member_id) | MassCanceled(member_id=member_id):
            return (member_id,)
        case _:
            return ()


def kinds_in_plain(batch: Events) -> int:
    """As `kinds_in`."""
    found = 0
    for record in batch.events:
        found |= 1 << EVENT_KIND[type(record.event)]
    return found


def select_plain(batch: Events, wanted: Kinds) -> list[EventRecord]:
    """As `select`."""
    return [one for one in batch.events if wanted.flags[EVENT_KIND[type(one.event)]]]


def tally_plain(batch: Events) -> Tally:
    """As `tally`."""
    accepted = trades = traded_qty = canceled = filled = 0
    rejected: Counter[int] = Counter()
    for _, _, event in batch.events:
        match event:
            case Trade(qty=qty, buy=buy, sell=sell):
                trades += 1
                traded_qty += qty
                filled += (buy.leaves_qty == 0) + (sell.leaves_qty == 0)
            case Accepted():
                accepted += 1
            case Canceled() | Expired():
                canceled += 1
            case Rejected(reason=reason):
                rejected[reason] += 1
            case _:
                pass
    return Tally(accepted, trades, traded_qty, canceled, filled, sorted(rejected.items()))


def concerned_plain(batch: Events) -> Concerned:
    """As `concerned`."""
    members: dict[int, None] = {}
    trades: list[tuple[int, int, int]] = []
    for seq, _, event in batch.events:
        members.update(dict.fromkeys(members_of(event)))
        if type(event) is Trade:
            trades.append((seq, event.instrument_id, event.trade_id))
    return Concerned(list(members), trades)


def bookings_plain(batch: Events) -> list[tuple[Any, ...]]:
    """As `bookings`."""
    found: list[tuple[Any, ...]] = []
    for seq, _, event in batch.events:
        match event:
            case Trade(buy=buy, sell=sell):
                found.append(
                    BookedTrade(
                        seq,
                        event.trade_id,
                        event.instrument_id,
                        event.price,
                        event.qty,
                        buy.instrument_id,
                        buy.account_id,
                        sell.instrument_id,
                        sell.account_id,
                    )
                )
            case TradeFees():
                found.append(
                    BookedFees(
                        seq,
                        event.trade_id,
                        event.buy_account_id,
                        event.sell_account_id,
                        event.buy_fee,
                        event.sell_fee,
                        event.currency,
                    )
                )
            case _:
                pass
    return found
