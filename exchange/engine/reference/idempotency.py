"""R10.1 exactly once: what each used cl_ord_id and request_id meant, and what came of it.

Room: the two memories' records and the fingerprint. A fingerprint is taken over the kind and the
content of a command, not over the session that carried it: a command repeated over another session
is the same command. What is remembered:

- every command of a known member with a cl_ord_id, under (member_id, cl_ord_id), also a refused
  one; but not one refused as DUPLICATE_CL_ORD_ID, nor any reject whose cl_ord_id already means
  something else: the first meaning stands;
- every admin command under (0, request_id), whichever operator sent it, and every SessionOpened
  under (member_id, request_id).

The memory is that of the trading day (`State.begin_trading_day`).
"""

from __future__ import annotations

import msgspec
import xxhash

from exchange.model.event import OrderState


class RememberedOrder(msgspec.Struct, frozen=True, gc=False):
    """The original outcome of a member's command.

    Attributes:
        fingerprint: of its content, 128 bits.
        outcome: EventKind of its acknowledgement or reject.
        reason: reject or cancel reason, else 0.
        order_id: the order it was about, 0 where none is known.
        orig_cl_ord_id: as the command gave it, "" for a new order.
        ts_ns: when it was decided.
        refused: the order as it was refused, None unless it is a refused new order.
    """

    fingerprint: int
    outcome: int
    reason: int
    order_id: int
    orig_cl_ord_id: str
    ts_ns: int
    refused: OrderState | None = None


class RememberedRequest(msgspec.Struct, frozen=True, gc=False):
    """The original outcome of an admin command; `reason` 0 = it was accepted."""

    fingerprint: int
    target_id: int
    reason: int
    detail: str


def fingerprint(kind: int, content: bytes) -> int:
    """128-bit identity of a command: its kind and content."""
    return xxhash.xxh3_128_intdigest(bytes((kind,)) + content)
