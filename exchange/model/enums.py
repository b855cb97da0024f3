"""Enumerations with frozen numbers.

Room: the words of the market and their numbers. A number is never changed and never reused;
the same numbers stand in `proto/exchange/api/v1` (a test compares them) and in the log.
Zero always means "not given" and is never a member.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag


def is_number_of(kind: type[IntEnum], value: int) -> bool:
    """Whether `value` is the number of a member of `kind`."""
    return value in kind._value2member_map_


class Side(IntEnum):
    """FIX 54."""

    BUY = 1
    SELL = 2

    @property
    def opposite(self) -> Side:
        """The side that this side trades against."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrdType(IntEnum):
    """FIX 40; RULEBOOK R3.1."""

    MARKET = 1
    LIMIT = 2
    STOP = 3
    STOP_LIMIT = 4
    MARKET_TO_LIMIT = 5
    PEGGED = 6
    TRAILING_STOP = 7
    TRAILING_STOP_LIMIT = 8


class TimeInForce(IntEnum):
    """FIX 59; RULEBOOK R3.2."""

    DAY = 1
    GTC = 2
    IOC = 3
    FOK = 4
    GTD = 5
    AT_THE_OPENING = 6
    AT_THE_CLOSE = 7


class OrdStatus(IntEnum):
    """FIX 39."""

    NEW = 1
    PARTIALLY_FILLED = 2
    FILLED = 3
    CANCELED = 4
    REJECTED = 5
    EXPIRED = 6
    SUSPENDED = 7

    @property
    def is_live(self) -> bool:
        """Whether the order can still trade."""
        return self in _LIVE


_LIVE = frozenset({OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED, OrdStatus.SUSPENDED})


class ExecType(IntEnum):
    """FIX 150: what an execution report tells."""

    NEW = 1
    TRADE = 2
    CANCELED = 3
    REPLACED = 4
    REJECTED = 5
    EXPIRED = 6
    SUSPENDED = 7
    RESTATED = 8
    TRADE_CANCEL = 9
    TRADE_CORRECT = 10
    ORDER_STATUS = 11
    TRIGGERED = 12
    CANCEL_REJECTED = 13


class StpMode(IntEnum):
    """Self-trade prevention, RULEBOOK R5; the incoming order's mode rules."""

    ALLOW = 1
    CANCEL_INCOMING = 2
    CANCEL_RESTING = 3
    CANCEL_BOTH = 4
    DECREMENT_AND_CANCEL = 5


class OrderFlag(IntFlag):
    """Instructions that are on or off (RULEBOOK R3.3); bits of `NewOrder.flags`.

    POST_ONLY_REPRICE is post-only too: it moves one tick away instead of being refused.
    DARK_BOOK sends the order to the dark midpoint book of its instrument (FIX 100 ExDestination)
    and stays with it: by it every event tells in which book the order is.
    """

    POST_ONLY = 1
    HIDDEN = 2
    ALL_OR_NONE = 4
    REDUCE_ONLY = 8
    POST_ONLY_REPRICE = 16
    DARK_BOOK = 32


class BookKind(IntEnum):
    """Which book of an instrument (FIX 100 ExDestination): displayed, or dark at its midpoint."""

    LIT = 1
    DARK = 2


class TrailUnit(IntEnum):
    """What `OrderTerms.trail` counts (RULEBOOK R3.1)."""

    PRICE = 1
    BASIS_POINTS = 2


class PegType(IntEnum):
    """What a PEGGED order follows (RULEBOOK R3.1): own side, other side, or the middle."""

    PRIMARY = 1
    MARKET = 2
    MIDPOINT = 3


class Phase(IntEnum):
    """Trading phase of an instrument, RULEBOOK R2 (FIX 326, 340)."""

    CLOSED = 1
    PRE_OPEN = 2
    OPENING_AUCTION = 3
    CONTINUOUS = 4
    CLOSING_AUCTION = 5
    POST_CLOSE = 6
    VOLATILITY_AUCTION = 7
    HALTED = 8


class AssetClass(IntEnum):
    """RULEBOOK R1.2."""

    EQUITY = 1
    BOND = 2
    FUTURE = 3
    OPTION = 4
    CRYPTO = 5


class InstrumentStatus(IntEnum):
    """Whether an instrument may be traded at all; RETIRED is final."""

    ACTIVE = 1
    RETIRED = 2


class Standing(IntEnum):
    """Whether a member or an account may enter orders."""

    ACTIVE = 1
    DISABLED = 2


class KillScope(IntEnum):
    """RULEBOOK R9.1."""

    SESSION = 1
    ACCOUNT = 2
    MEMBER = 3
    INSTRUMENT = 4
    MARKET = 5


class BreakerScope(IntEnum):
    """RULEBOOK R7.3: what a decline of an instrument halts."""

    NONE = 1
    INSTRUMENT = 2
    MARKET = 3


class ClosingPriceSource(IntEnum):
    """RULEBOOK R6.6."""

    CLOSING_AUCTION = 1
    LAST_TRADE = 2
    REFERENCE = 3


class CancelReason(IntEnum):
    """Why an order left the book without trading, or was restated (FIX 378 and 58 in one)."""

    REQUESTED = 1
    MASS_CANCEL = 2
    UNFILLED_REMAINDER = 3
    FOK_NOT_FILLABLE = 4
    SELF_TRADE_PREVENTION = 5
    CANCEL_ON_TRADING_HALT = 6
    KILL_SWITCH = 7
    CANCEL_ON_DISCONNECT = 8
    REPLACED_TO_CUM_QTY = 9
    CANCELED_BY_OPERATOR = 10
    INSTRUMENT_RETIRED = 11
    END_OF_DAY = 12
    GOOD_TILL_DATE = 13
    LINKED_ORDER_EXECUTED = 14
    MIN_QTY_NOT_FILLABLE = 15
    PEG_REPRICED = 16
    POST_ONLY_REPRICED = 17
    REDUCE_ONLY_POSITION = 18
    POST_ONLY_WOULD_TAKE = 19
    AUCTION_UNEXECUTED = 20
    AUCTION_PRICED = 21

    FORCED_LIQUIDATION = 25
    EMERGENCY_CLOSE = 26

    DARK_BOOK_CLOSED = 30
    CORPORATE_ACTION = 31
