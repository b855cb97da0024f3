"""`field=value` of an instrument, to the `Instrument` of the model and back.

Room: names, units and defaults of the fields (SCENARIOS.md, Setting up). Whether the values make a
valid instrument is the engine's to judge. What is not given is as wide as the model allows: no
band, no notional limit, any quantity; USD, MIC XLCK, an equity; STP as the API's default.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import msgspec

from exchange.model.enums import AssetClass, InstrumentStatus, StpMode
from exchange.model.instrument import Instrument
from exchange.model.units import PRICE_DECIMALS, QTY_DECIMALS_MAX, QTY_MAX
from exchange.scenario.decimals import decimals_of, to_integer
from exchange.scenario.faults import NotSupportedFault, StatementFault

_SHORT = {
    "tick": "tick_size",
    "lot": "lot_size",
    "ref": "reference_price",
    "static_band": "static_band_bp",
}
_PRICES = frozenset({"tick_size", "reference_price"})
_QUANTITIES = frozenset({"lot_size", "min_order_qty", "max_order_qty"})
_TEXTS = frozenset({"currency", "mic"})
_NUMBERS: dict[str, type[IntEnum]] = {
    "asset_class": AssetClass,
    "status": InstrumentStatus,
    "stp_default": StpMode,
}
_NOT_FIELDS = frozenset({"request_id", "dynamic_band"})
_NOT_YET = frozenset({"schedule"})


def new_instrument(symbol: str, keys: Mapping[str, str]) -> Instrument:
    """The instrument that `instrument SYMBOL field=value ...` describes."""
    given = _given(keys)
    for field, short in (("tick_size", "tick"), ("lot_size", "lot")):
        if field not in given:
            raise StatementFault(f"{short!r} is missing; expected: {short}=...")
    wide = Instrument(
        instrument_id=0,
        symbol=symbol,
        asset_class=AssetClass.EQUITY,
        currency="USD",
        mic="XLCK",
        tick_size=1,
        lot_size=1,
        qty_decimals=_qty_decimals(given),
        min_order_qty=1,
        max_order_qty=QTY_MAX,
        max_order_notional=0,
        reference_price=0,
        static_band_bp=0,
        contract_multiplier=1,
        stp_default=StpMode.CANCEL_INCOMING,
    )
    return _with(wide, given)


def changed_instrument(instrument: Instrument, keys: Mapping[str, str]) -> Instrument:
    """The instrument with the named fields changed."""
    return _with(instrument, _given(keys))


def number_of(kind: type[IntEnum], text: str, what: str) -> int:
    """The number of an enumeration's word, in upper or lower case."""
    try:
        return kind[text.upper()].value
    except KeyError:
        words = ", ".join(member.name.lower() for member in kind)
        raise StatementFault(f"{text!r} is no {what}; expected one of: {words}") from None


def _given(keys: Mapping[str, str]) -> dict[str, str]:
    """The fields by their full names."""
    given: dict[str, str] = {}
    for key, value in keys.items():
        field = _SHORT.get(key, key)
        if field in _NOT_YET:
            raise NotSupportedFault(f"the instrument field {key!r}")
        if field in given:
            raise StatementFault(f"{field!r} is given twice, once by its short name")
        if field not in _NOT_FIELDS:
            given[field] = value
    return given


def _qty_decimals(given: Mapping[str, str]) -> int:
    """Decimals of a quantity: as given, else as many as lot and quantity limits are written with.

    More than the model has is cut here, so that the number itself is what gets refused.
    """
    if "qty_decimals" in given:
        return to_integer(given["qty_decimals"], 0)
    finest = max(decimals_of(given[field]) for field in _QUANTITIES if field in given)
    return min(finest, QTY_DECIMALS_MAX)


def _with(instrument: Instrument, given: Mapping[str, str]) -> Instrument:
    decimals = instrument.qty_decimals
    if "qty_decimals" in given:
        decimals = to_integer(given["qty_decimals"], 0)
    changes: dict[str, Any] = {
        field: _value(field, text, decimals) for field, text in given.items()
    }
    return msgspec.structs.replace(instrument, **changes)


def _value(field: str, text: str, qty_decimals: int) -> int | str:
    if field in _TEXTS:
        return text
    if field in _NUMBERS:
        return number_of(_NUMBERS[field], text, field)
    if field in _PRICES:
        return to_integer(text, PRICE_DECIMALS)
    if field in _QUANTITIES:
        return to_integer(text, qty_decimals)
    if field == "max_order_notional":
        return to_integer(text, PRICE_DECIMALS + qty_decimals)
    if field == "static_band_bp":
        return basis_points(text)
    return to_integer(text, 0)


def basis_points(text: str) -> int:
    """20% and 2000bp and 2000 are the same."""
    if text.endswith("%"):
        return to_integer(text[:-1], 2)
    return to_integer(text.removesuffix("bp"), 0)
