"""The terms of orders in a story: `stop=`, `trail=`, `peg=`, `display=` and the like.

Room: words of `new` and `replace` to the terms of the model. Like the rest of the desk it judges
nothing: a trail without a stop or a tranche of zero goes to the engine, which refuses it by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from exchange.model.enums import PegType, TrailUnit
from exchange.model.terms import ChangedTerms, OrderTerms
from exchange.model.units import PRICE_DECIMALS
from exchange.scenario.decimals import to_integer
from exchange.scenario.faults import StatementFault
from exchange.scenario.instrument_fields import number_of

_BASIS_POINTS = re.compile(r"([0-9]{1,9})bp")
_GROUP = re.compile(r"[0-9]{1,9}")


def order_terms(keys: Mapping[str, str], qty_decimals: int, oco_cl_ord_id: str) -> OrderTerms:
    """The terms that the keys of a `new` give; `oco_cl_ord_id` is the id that `oco=` means now."""
    trail, trail_unit = _trail(keys)
    return OrderTerms(
        stop_price=_price(keys, "stop"),
        trail=trail,
        trail_unit=trail_unit,
        peg=number_of(PegType, keys["peg"], "peg") if "peg" in keys else 0,
        peg_offset=_price(keys, "offset"),
        peg_limit=_price(keys, "cap"),
        display_qty=_qty(keys, "display", qty_decimals),
        min_qty=_qty(keys, "min_qty", qty_decimals),
        stp_group=_group(keys),
        oco_cl_ord_id=oco_cl_ord_id,
    )


def changed_terms(keys: Mapping[str, str], qty_decimals: int) -> ChangedTerms:
    """The terms that the keys of a `replace` change."""
    return ChangedTerms(
        stop_price=_price(keys, "stop"),
        trail=_trail(keys)[0],
        peg_offset_given=int("offset" in keys),
        peg_offset=_price(keys, "offset"),
        peg_limit=_price(keys, "cap"),
        display_qty=_qty(keys, "display", qty_decimals),
    )


def _price(keys: Mapping[str, str], key: str) -> int:
    return to_integer(keys.get(key, "0"), PRICE_DECIMALS)


def _qty(keys: Mapping[str, str], key: str, decimals: int) -> int:
    return to_integer(keys[key], decimals) if key in keys else 0


def _trail(keys: Mapping[str, str]) -> tuple[int, int]:
    """`0.05` is a price, `50bp` basis points."""
    if "trail" not in keys:
        return 0, 0
    points = _BASIS_POINTS.fullmatch(keys["trail"])
    if points is not None:
        return int(points[1]), TrailUnit.BASIS_POINTS.value
    return to_integer(keys["trail"], PRICE_DECIMALS), TrailUnit.PRICE.value


def _group(keys: Mapping[str, str]) -> int:
    text = keys.get("group", "0")
    if not _GROUP.fullmatch(text):
        raise StatementFault(f"{text!r} is no STP group; expected a number")
    return int(text)
