"""The tradable thing and who trades it: reference data as values (RULEBOOK R1.2).

Room: the records `Instrument`, `Member`, `Account` and the one validity check of each, used by the
engine only (the gateway translates, it does not judge). Values; no state.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from exchange.model.enums import AssetClass, InstrumentStatus, Standing, StpMode, is_number_of
from exchange.model.units import (
    NAME_MAX,
    NOTIONAL_MAX,
    PRICE_MAX,
    QTY_DECIMALS_MAX,
    QTY_MAX,
    SYMBOL_MAX,
)

SYMBOL_PATTERN = re.compile(rf"[A-Z0-9._-]{{1,{SYMBOL_MAX}}}")
NAME_PATTERN = re.compile(rf"[A-Za-z0-9._-]{{1,{NAME_MAX}}}")
CURRENCY_PATTERN = re.compile(r"[A-Z0-9]{3,8}")
MIC_PATTERN = re.compile(r"[A-Z0-9]{4}")
BAND_MAX_BP = 100_000
MULTIPLIER_MAX = 1_000_000


class Instrument(msgspec.Struct, frozen=True, gc=False):
    """What is traded and in which steps.

    Attributes:
        instrument_id: given by the engine from a counter, from 1; 0 before creation.
        tick_size: smallest price step, 1e-9 quote units, >= 1.
        lot_size: smallest quantity step, base units, >= 1.
        qty_decimals: one base unit is 10**-qty_decimals of what is shown (0 for shares, 8 for BTC).
        min_order_qty, max_order_qty: base units, inclusive.
        max_order_notional: price * qty * multiplier at most, 1e-9 quote x base units; 0 = none.
        reference_price: previous close, 1e-9 quote units; 0 = none.
        static_band_bp: limit prices further than this many basis points from the reference price
            are rejected (R7.1); 0 = no band.
        contract_multiplier: quote units of value per price unit and whole unit of quantity.
        stp_default: mode of orders that name none (R5).
    """

    instrument_id: int
    symbol: str
    asset_class: int
    currency: str
    mic: str
    tick_size: int
    lot_size: int
    qty_decimals: int
    min_order_qty: int
    max_order_qty: int
    max_order_notional: int
    reference_price: int
    static_band_bp: int
    contract_multiplier: int
    stp_default: int
    status: int = InstrumentStatus.ACTIVE

    def band(self) -> tuple[int, int] | None:
        """Lowest and highest limit price allowed, inclusive, or None where there is no band."""
        if not self.static_band_bp or not self.reference_price:
            return None
        width = self.reference_price * self.static_band_bp
        low = -((width - self.reference_price * 10_000) // 10_000)
        return max(low, 1), self.reference_price + width // 10_000

    def fault(self) -> str:
        """Name of the first field that is out of range, or "" (ladder order = field order)."""
        checks = (
            ("symbol", bool(SYMBOL_PATTERN.fullmatch(self.symbol))),
            ("asset_class", is_number_of(AssetClass, self.asset_class)),
            ("currency", bool(CURRENCY_PATTERN.fullmatch(self.currency))),
            ("mic", bool(MIC_PATTERN.fullmatch(self.mic))),
            ("tick_size", 1 <= self.tick_size <= PRICE_MAX),
            ("lot_size", 1 <= self.lot_size <= QTY_MAX),
            ("qty_decimals", 0 <= self.qty_decimals <= QTY_DECIMALS_MAX),
            ("max_order_qty", 1 <= self.max_order_qty <= QTY_MAX),
            ("min_order_qty", 1 <= self.min_order_qty <= self.max_order_qty),
            ("max_order_notional", 0 <= self.max_order_notional <= NOTIONAL_MAX),
            ("reference_price", self._reference_price_is_valid()),
            ("static_band_bp", 0 <= self.static_band_bp <= BAND_MAX_BP),
            ("contract_multiplier", 1 <= self.contract_multiplier <= MULTIPLIER_MAX),
            ("stp_default", is_number_of(StpMode, self.stp_default)),
            ("status", is_number_of(InstrumentStatus, self.status)),
        )
        return next((name for name, valid in checks if not valid), "")

    def _reference_price_is_valid(self) -> bool:
        # A tick size of 0 is its own fault, named before this one; it must not divide.
        on_tick = self.tick_size < 1 or self.reference_price % self.tick_size == 0
        return 0 <= self.reference_price <= PRICE_MAX and on_tick


INSTRUMENT_FIELDS = tuple(field.name for field in msgspec.structs.fields(Instrument))
ALL_FIELDS = (1 << len(INSTRUMENT_FIELDS)) - 1
"""The mask of every field: bit n is the n-th field of `Instrument`."""


def mask_of(names: Iterable[str]) -> int:
    """The mask of some fields of an instrument; ValueError for a name that is none."""
    mask = 0
    for name in names:
        mask |= 1 << INSTRUMENT_FIELDS.index(name)
    return mask


def masked(former: Instrument, changed: Instrument, mask: int) -> Instrument:
    """`former` with the fields of the mask as in `changed`; the id is never taken."""
    taken = {
        name: getattr(changed, name)
        for place, name in enumerate(INSTRUMENT_FIELDS)
        if mask >> place & 1 and name != "instrument_id"
    }
    return msgspec.structs.replace(former, **taken)


class Member(msgspec.Struct, frozen=True, gc=False):
    """A trading firm (FIX party): the owner of sessions, accounts and orders."""

    member_id: int
    name: str
    standing: int = Standing.ACTIVE


class Account(msgspec.Struct, frozen=True, gc=False):
    """Where positions are kept; belongs to exactly one member."""

    account_id: int
    member_id: int
    name: str
    standing: int = Standing.ACTIVE
