"""What came of an administrative command: accepted or refused, and its effects, from its events.

Room: reading outcomes; a refusal becomes the ClientFault whose reason is the RejectReason's name
(the status table knows them all).
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.errors import ClientFault
from exchange.feeds.directory import Directory
from exchange.gateway.reports import reject_text
from exchange.model.codec import EventRecord
from exchange.model.event import AdminAccepted, AdminRejected, Canceled, Expired, PhaseChanged
from exchange.model.reject import RejectReason


class AdminOutcome(NamedTuple):
    """An accepted command.

    Attributes:
        target_id: id of what was created or changed; 0 where there is none.
        poss_dup: the request_id was known; nothing happened now.
        canceled_count: orders that were canceled or expired by it.
        symbols: instruments whose phase changed, in order.
    """

    target_id: int
    poss_dup: bool
    canceled_count: int
    symbols: list[str]


def raise_if_refused(records: list[EventRecord]) -> None:
    """Raise the ClientFault of an AdminRejected among the events."""
    for record in records:
        if isinstance(record.event, AdminRejected):
            raise refusal(record.event)


def read_outcome(records: list[EventRecord], directory: Directory) -> AdminOutcome:
    """The outcome of one admin command; raises ClientFault if it was refused."""
    raise_if_refused(records)
    target_id, poss_dup, canceled, symbols = 0, False, 0, list[str]()
    for record in records:
        match record.event:
            case AdminAccepted(target_id=target, repeated=repeated):
                target_id, poss_dup = target, bool(repeated)
            case Canceled() | Expired():
                canceled += 1
            case PhaseChanged(instrument_id=instrument_id):
                symbols.append(directory.symbol(instrument_id))
            case _:
                pass
    return AdminOutcome(target_id, poss_dup, canceled, symbols)


def refusal(event: AdminRejected) -> ClientFault:
    """The error of a refused admin command; INVALID_FIELD names its field."""
    reason = RejectReason(event.reason)
    text = reject_text(reason)
    message = f"{text} ({event.detail})" if event.detail else text
    field = event.detail if reason is RejectReason.INVALID_FIELD else ""
    return ClientFault(reason.name, message, field=field)
