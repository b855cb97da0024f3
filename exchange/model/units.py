"""Integers with units: the only numbers of the market (RULEBOOK R1.1).

Room: NewTypes, scales and the bounds that every layer shares. No arithmetic on money lives here
but the one exact notional formula. No floats and no Decimal: decimals exist at the edges only.

| type        | unit                                                   | range             |
|-------------|--------------------------------------------------------|-------------------|
| Price       | 1e-9 of the quote currency, fixed point                | 1 .. PRICE_MAX    |
| Quantity    | base units of the instrument, 10**-qty_decimals each   | 1 .. QTY_MAX      |
| TimestampNs | nanoseconds since the Unix epoch, stamped by sequencer | 0 .. 2**63 - 1    |
| SeqNo       | event sequence number = exec_id, gapless from 1        | 1 .. 2**63 - 1    |
"""

from __future__ import annotations

from typing import NewType

Price = NewType("Price", int)
Quantity = NewType("Quantity", int)
TimestampNs = NewType("TimestampNs", int)
SeqNo = NewType("SeqNo", int)
LogIndex = NewType("LogIndex", int)
OrderId = NewType("OrderId", int)
TradeId = NewType("TradeId", int)
InstrumentId = NewType("InstrumentId", int)
MemberId = NewType("MemberId", int)
AccountId = NewType("AccountId", int)
SessionId = NewType("SessionId", int)

PRICE_SCALE = 1_000_000_000
"""Price units in one unit of the quote currency."""

PRICE_DECIMALS = 9

PRICE_MAX = 9_000_000_000 * PRICE_SCALE
"""Largest price: nine thousand million; leaves room below 2**63 for sums of two ticks."""

QTY_MAX = 1 << 40
"""Largest order quantity; 2**23 such orders in one level still sum below 2**63."""

QTY_DECIMALS_MAX = 9

CASH_SCALE = 1_000_000_000_000_000_000
"""Cash units in one unit of a currency: 1e-18, so that every notional is a whole number."""

NOTIONAL_MAX = (1 << 127) - 1
"""Notionals are 128 bit on disk and Python integers in the engine; they never wrap."""

TIMESTAMP_MAX_NS = (1 << 63) - 1

CL_ORD_ID_MAX = 36
"""Characters in a `cl_ord_id` or `request_id` (a UUID in text; ECOSYSTEM section 1a)."""

NAME_MAX = 32
"""Characters in a member, account or operator name."""

SYMBOL_MAX = 16

TEXT_MAX = 200
"""UTF-8 bytes in a free text (the reason an operator gives)."""


def notional(price: int, qty: int, multiplier: int) -> int:
    """Exact notional in 1e-9 quote units times base units (divide by 10**qty_decimals to show)."""
    return price * qty * multiplier


def cash_scale(qty_decimals: int, multiplier: int) -> int:
    """Cash units per price unit and base unit; exact, because qty_decimals <= 9."""
    return int(multiplier * 10 ** (QTY_DECIMALS_MAX - qty_decimals))
