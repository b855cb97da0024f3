"""R2: what each phase permits and which phase can follow it, as tables.

Room: data and the questions that the ladders ask of it. It moves nothing (`phase.py`, `calls.py`).

| phase                                | new                        | replace        | matches    |
|--------------------------------------|----------------------------|----------------|------------|
| CLOSED, POST_CLOSE                   | no                         | no             | no         |
| PRE_OPEN                             | yes, no IOC/FOK            | yes            | no         |
| OPENING_, CLOSING_, VOLATILITY_AUCTION | yes, no IOC/FOK/post-only | yes            | at uncross |
| CONTINUOUS                           | yes                        | yes            | yes        |
| HALTED                               | no                         | only to reduce | no         |

A cancel is permitted in every phase. AT_THE_OPENING is taken in PRE_OPEN and OPENING_AUCTION,
AT_THE_CLOSE wherever new orders are: it waits beside the book for the closing call.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from exchange.model.enums import OrderFlag, Phase, TimeInForce
from exchange.model.reject import RejectReason as R

_IMMEDIATE = frozenset({TimeInForce.IOC.value, TimeInForce.FOK.value})
_AT_THE_OPENING = TimeInForce.AT_THE_OPENING.value
_POST_ONLY = OrderFlag.POST_ONLY.value | OrderFlag.POST_ONLY_REPRICE.value
_HALTED = Phase.HALTED.value


class Replacing(IntEnum):
    """How far a phase lets orders be replaced."""

    NONE = 0
    ONLY_TO_REDUCE = 1
    ANY = 2


class Permission(NamedTuple):
    """One row of the table of R2."""

    new: bool
    immediate: bool
    post_only: bool
    at_the_opening: bool
    replacing: Replacing


_CALL = Permission(
    new=True, immediate=False, post_only=False, at_the_opening=False, replacing=Replacing.ANY
)
_NOTHING = Permission(
    new=False, immediate=False, post_only=False, at_the_opening=False, replacing=Replacing.NONE
)

PERMISSIONS: dict[int, Permission] = {
    Phase.CLOSED: _NOTHING,
    Phase.PRE_OPEN: _CALL._replace(post_only=True, at_the_opening=True),
    Phase.OPENING_AUCTION: _CALL._replace(at_the_opening=True),
    Phase.CONTINUOUS: _CALL._replace(immediate=True, post_only=True),
    Phase.CLOSING_AUCTION: _CALL,
    Phase.POST_CLOSE: _NOTHING,
    Phase.VOLATILITY_AUCTION: _CALL,
    Phase.HALTED: _NOTHING._replace(replacing=Replacing.ONLY_TO_REDUCE),
}

CALL_PHASES = frozenset(
    {Phase.OPENING_AUCTION.value, Phase.CLOSING_AUCTION.value, Phase.VOLATILITY_AUCTION.value}
)
"""Phases of an auction call: orders gather, indicative prices are published."""

OPEN_PHASES = CALL_PHASES | {Phase.PRE_OPEN.value, Phase.CONTINUOUS.value}
"""Phases from which a halt is possible."""

TRANSITIONS: dict[int, frozenset[int]] = {
    Phase.CLOSED: frozenset({Phase.PRE_OPEN, Phase.OPENING_AUCTION, Phase.CONTINUOUS}),
    Phase.PRE_OPEN: frozenset(
        {Phase.OPENING_AUCTION, Phase.CONTINUOUS, Phase.VOLATILITY_AUCTION, Phase.HALTED}
        | {Phase.CLOSED}
    ),
    Phase.OPENING_AUCTION: frozenset(
        {Phase.CONTINUOUS, Phase.VOLATILITY_AUCTION, Phase.HALTED, Phase.CLOSED}
    ),
    Phase.CONTINUOUS: frozenset(
        {Phase.CLOSING_AUCTION, Phase.POST_CLOSE, Phase.VOLATILITY_AUCTION, Phase.HALTED}
        | {Phase.CLOSED}
    ),
    Phase.CLOSING_AUCTION: frozenset(
        {Phase.POST_CLOSE, Phase.VOLATILITY_AUCTION, Phase.HALTED, Phase.CLOSED}
    ),
    Phase.POST_CLOSE: frozenset({Phase.CLOSED}),
    Phase.VOLATILITY_AUCTION: frozenset(
        {Phase.CONTINUOUS, Phase.CLOSING_AUCTION, Phase.HALTED, Phase.CLOSED}
    ),
    Phase.HALTED: frozenset(
        {Phase.OPENING_AUCTION, Phase.CLOSING_AUCTION, Phase.VOLATILITY_AUCTION}
        | {Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.POST_CLOSE, Phase.CLOSED}
    ),
}
"""Phases that can follow a phase."""

AFTER_CALL: dict[int, Phase] = {
    Phase.OPENING_AUCTION: Phase.CONTINUOUS,
    Phase.CLOSING_AUCTION: Phase.POST_CLOSE,
    Phase.VOLATILITY_AUCTION: Phase.CONTINUOUS,
}
"""The phase that a timed call ends in."""

NOT_REFUSED = 0


def refuse_new_in(phase: int, time_in_force: int, flags: int) -> int:
    """R8.2: why a phase takes no such new order, or NOT_REFUSED."""
    permission = PERMISSIONS[phase]
    if not permission.new:
        return R.INSTRUMENT_HALTED if phase == _HALTED else R.EXCHANGE_CLOSED
    if time_in_force in _IMMEDIATE and not permission.immediate:
        return R.TIME_IN_FORCE_NOT_IN_PHASE
    if flags & _POST_ONLY and not permission.post_only:
        return R.POST_ONLY_NOT_IN_AUCTION
    if time_in_force == _AT_THE_OPENING and not permission.at_the_opening:
        return R.AUCTION_MISSED
    return NOT_REFUSED


def refuse_replace_in(phase: int, *, only_reduces: bool) -> int:
    """Why a phase lets an order not be replaced so, or NOT_REFUSED."""
    replacing = PERMISSIONS[phase].replacing
    if replacing == Replacing.NONE:
        return R.EXCHANGE_CLOSED
    if replacing == Replacing.ONLY_TO_REDUCE and not only_reduces:
        return R.INSTRUMENT_HALTED
    return NOT_REFUSED
