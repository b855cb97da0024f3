"""Fields of an instrument by their short and full names, in their units."""

from __future__ import annotations

import pytest

from exchange.model.enums import AssetClass, StpMode
from exchange.model.units import PRICE_SCALE, QTY_MAX
from exchange.scenario.faults import StatementFault
from exchange.scenario.instrument_fields import changed_instrument, new_instrument

LEAST = {"tick": "0.01", "lot": "1"}


def test_what_is_not_given_is_as_wide_as_it_can_be() -> None:
    instrument = new_instrument("ABC", LEAST)

    assert instrument.fault() == ""
    assert (instrument.tick_size, instrument.lot_size) == (PRICE_SCALE // 100, 1)
    assert (instrument.min_order_qty, instrument.max_order_qty) == (1, QTY_MAX)
    assert instrument.band() is None
    assert instrument.max_order_notional == 0


def test_quantities_have_the_decimals_they_are_written_with() -> None:
    instrument = new_instrument("BTC", {"tick": "0.01", "lot": "0.001", "min_order_qty": "0.0005"})

    assert (instrument.qty_decimals, instrument.lot_size, instrument.min_order_qty) == (4, 10, 5)


def test_values_have_their_units() -> None:
    instrument = new_instrument(
        "BTC",
        {
            "tick_size": "0.5",
            "lot_size": "0.1",
            "reference_price": "100.5",
            "max_order_notional": "250.25",
            "asset_class": "crypto",
            "stp_default": "ALLOW",
            "contract_multiplier": "10",
            "currency": "EUR",
            "mic": "XPAR",
        },
    )

    assert instrument.reference_price == 100_500_000_000
    assert instrument.max_order_notional == 2_502_500_000_000
    assert (instrument.asset_class, instrument.stp_default) == (AssetClass.CRYPTO, StpMode.ALLOW)
    assert (instrument.contract_multiplier, instrument.currency) == (10, "EUR")
    assert instrument.mic == "XPAR"


@pytest.mark.parametrize(
    ("text", "basis_points"), [("20%", 2000), ("0.5%", 50), ("25bp", 25), ("25", 25)]
)
def test_a_band_is_percent_or_basis_points(text: str, basis_points: int) -> None:
    assert new_instrument("ABC", {**LEAST, "static_band": text}).static_band_bp == basis_points


@pytest.mark.parametrize("text", ["0.001%", "0.2", "wide", "%"])
def test_a_band_that_is_neither_is_refused(text: str) -> None:
    with pytest.raises(StatementFault):
        new_instrument("ABC", {**LEAST, "static_band": text})


def test_a_change_touches_only_what_it_names() -> None:
    before = new_instrument("BTC", {"tick": "0.01", "lot": "0.001", "ref": "10"})
    after = changed_instrument(before, {"max_order_qty": "5.5", "request_id": "r"})

    assert after.max_order_qty == 5500
    assert (after.tick_size, after.lot_size) == (before.tick_size, before.lot_size)
    assert (after.reference_price, after.qty_decimals) == (before.reference_price, 3)
