"""`exctl phase|auction|band|breaker|margin` on a running exchange (R2, R6, R7, R8.11)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Exctl

WHY = ("--reason", "drill")


@pytest.fixture
def market(exctl: Exctl) -> Exctl:
    """Members erin and frank, and the instrument AUC at 10."""
    names = {row["name"] for row in exctl.json("member", "list")["members"]}
    for name in {"erin", "frank"} - names:
        exctl("member", "add", name)
    if "AUC" not in {row["symbol"] for row in exctl.json("instrument", "list")["instruments"]}:
        exctl("instrument", "add", "AUC", "--tick-size", "0.01", "--reference-price", "10")
    return exctl


def call(exctl: Exctl) -> dict[str, Any]:
    shown: dict[str, Any] = exctl.json("auction", "show", "AUC")
    return shown


def phase(exctl: Exctl) -> str:
    (row,) = exctl.json("phase", "show", "AUC")["instruments"]
    return str(row["phase"])


def go_to(exctl: Exctl, wanted: str) -> None:
    if phase(exctl) != f"PHASE_{wanted.upper()}":
        exctl("phase", "set", "AUC", wanted, "--yes")


def test_an_auction_from_its_call_to_its_uncross(market: Exctl) -> None:
    go_to(market, "closed")
    market("auction", "start", "AUC", "opening")
    market("auction", "start", "AUC", "opening", code=1)
    market("order", "submit", "--member", "erin", "AUC", "buy", "30", "10")
    market("order", "submit", "--member", "frank", "AUC", "sell", "10", "10")

    shown = call(market)
    assert (shown["phase"], shown["indicative_volume"]) == ("PHASE_OPENING_AUCTION", "10")
    assert "imbalance          buy 20" in market("auction", "show", "AUC").stdout
    watched = market("auction", "watch", "AUC", "--limit", "1").stdout
    assert "opening_auction 10 @ 10 imbalance buy 20" in watched
    assert "opening_auction 10 @ 10 imbalance buy 20" in market("book", "AUC").stdout
    assert market.json("book", "AUC")["status"]["indicative_volume"] == "10"
    assert "continuous" in market("auction", "uncross", "AUC").stdout
    assert "WRONG_PHASE" in market("auction", "uncross", "AUC", code=1).stderr
    assert phase(market) == "PHASE_CONTINUOUS"


def test_closing_by_phase_asks_first(market: Exctl) -> None:
    go_to(market, "continuous")
    asked = market("phase", "set", "AUC", "closed", code=6)

    assert "closes AUC; up to" in asked.stderr
    assert phase(market) == "PHASE_CONTINUOUS"
    market("phase", "set", "AUC", "closed", "--yes")
    assert "closed" in market("phase", "wait", "AUC", "closed", "--for", "5s").stdout
    waited = market("phase", "wait", "AUC", "continuous", "--for", "10ms", code=1)
    assert "AUC is not in continuous yet" in waited.stderr
    assert "UNKNOWN_SYMBOL: NIX" in market("phase", "show", "NIX", code=1).stderr


def test_a_day_ends_while_all_stays_open(market: Exctl) -> None:
    market("schedule", "set", "--symbol", "AUC", "--step", "2036-01-01 08:00Z=pre_open")
    before = market.json("status")["nodes"][0]["trading_day"]
    open_before = phase(market)
    assert "the trading day ends at" in market("phase", "end-day", code=6).stderr
    market("phase", "end-day", "--at", "2037-01-01T00:00:00Z", "--yes")
    told = market("phase", "end-day", "--at", "+2s", "--yes")

    assert "scheduled  2" in told.stdout  # the one of 2037 stays
    for _ in range(300):
        if market.json("status")["nodes"][0]["trading_day"] != before:
            break
        market("phase", "wait", "AUC", "halted", "--for", "100ms", code=1)
    assert int(market.json("status")["nodes"][0]["trading_day"]) == int(before) + 1
    assert phase(market) == open_before
    assert len(market.json("schedule", "show", "AUC")["day_ends_ns"]) == 1
    market("schedule", "clear", "AUC", "--day-ends", "--yes")


def test_bands_are_set_and_shown(market: Exctl) -> None:
    market("band", "set", "AUC", "--dynamic-bp", "500", "--call", "2m", "--random-end", "10s")
    market("band", "set", "AUC", "--dynamic-bp", "600")
    rules = market.json("band", "show", "AUC")

    assert (rules["dynamic_band_bp"], rules["volatility_call_ns"]) == (600, "120000000000")
    shown = market("band", "show", "AUC").stdout
    assert "volatility call      2m" in shown
    assert "random end, at most  10s" in shown
    assert "is no length" in market("band", "set", "AUC", "--call", "soon", code=2).stderr
    market("band", "set", "AUC", "--random-end", "1h", code=1)


def test_a_breaker_is_set_fed_and_shown(market: Exctl) -> None:
    levels = ("--levels-bp", "500,1000,1500")
    market("breaker", "set", "AUC", "market", *levels, "--halt", "10m")
    market("breaker", "index", "AUC", "9.90")
    (row,) = market.json("breaker", "status")["breakers"]
    assert (row["symbol"], row["rules"]["breaker_levels_bp"]) == ("AUC", [500, 1000, 1500])
    assert "500,1000,1500  10m" in market("breaker", "status").stdout

    market("breaker", "set", "AUC", "none")
    assert market.json("breaker", "status") == {"breakers": []}
    assert market.json("breaker", "status", "AUC")["breakers"][0]["rules"]["breaker_levels_bp"] == [
        500,
        1000,
        1500,
    ]
    market("breaker", "set", "AUC", "none", "--levels-bp", "500,1000", code=2)
    market("breaker", "set", "AUC", "none", "--levels-bp", "500,400,300", code=1)


def test_margin_is_set_and_shown(market: Exctl) -> None:
    market("member", "add", "gina")
    market("instrument", "add", "MRG", "--tick-size", "0.01", "--reference-price", "10")
    market("margin", "set", "gina", "gina", "--initial-bp", "4000", "--grace", "30m")
    market("margin", "set", "gina", "gina", "--maintenance-bp", "2000")
    (limits,) = market.json("limits", "get", "gina")["account_limits"]
    assert [limits[name] for name in ("initial_margin_bp", "maintenance_margin_bp")] == [4000, 2000]
    assert (limits["account_type"], limits["call_grace_s"]) == ("ACCOUNT_TYPE_MARGIN", 1800)

    market("cash", "adjust", "gina", "gina", "USD", "1000", *WHY)
    market("cash", "deliver", "gina", "gina", "MRG", "100", "--price", "10", *WHY)
    (row,) = market.json("margin", "show")["margins"]
    assert (row["member"], row["equity"], row["maintenance_margin"]) == ("gina", "2000", "200")
    assert "1800" in market("margin", "show", "gina").stdout  # the excess
    assert market.json("margin", "show", "--calls") == {"margins": []}
    market("margin", "set", "gina", "gina", "--grace", "1ms", code=2)
    market("margin", "set", "gina", "nobody", code=1)
