"""`exctl phase|auction|band|breaker|schedule` on a running exchange (R2, R6, R7)."""

from __future__ import annotations

from typing import Any

from tests.cli.conftest import Exctl


def call(exctl: Exctl) -> dict[str, Any]:
    shown: dict[str, Any] = exctl.json("auction", "show", "AUC")
    return shown


def test_an_auction_from_its_call_to_its_uncross(exctl: Exctl) -> None:
    """One story over every verb: schedule, band, call, orders, uncross, breaker."""
    for name in ("erin", "frank"):
        exctl("member", "add", name)
    exctl("instrument", "add", "AUC", "--tick-size", "0.01", "--reference-price", "10")
    exctl("schedule", "set", "AUC", "4000000000000000000:pre_open")
    assert exctl.json("schedule", "show", "AUC")["steps"][0]["phase"] == "PHASE_PRE_OPEN"
    exctl("schedule", "set", "AUC")
    exctl("band", "set", "AUC", "--dynamic-bp", "500")
    assert call(exctl)["rules"]["dynamic_band_bp"] == 500

    exctl("phase", "AUC", "opening_auction")
    exctl("order", "submit", "--member", "erin", "AUC", "buy", "30", "10")
    exctl("order", "submit", "--member", "frank", "AUC", "sell", "10", "10")
    shown = call(exctl)
    assert (shown["phase"], shown["indicative_volume"]) == ("PHASE_OPENING_AUCTION", "10")
    exctl("phase", "AUC", "continuous")
    assert call(exctl)["phase"] == "PHASE_CONTINUOUS"

    exctl("breaker", "set", "AUC", "market")
    exctl("breaker", "index", "AUC", "9.90")
    assert call(exctl)["phase"] == "PHASE_CONTINUOUS"
    exctl("breaker", "set", "AUC", "none")
