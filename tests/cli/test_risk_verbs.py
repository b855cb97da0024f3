"""`exctl limits|cash|fees|restrict|bust|correct|emergency|account show` on a running exchange."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.cli.conftest import Exctl

WHY = ("--reason", "drill")


def balance(exctl: Exctl, member: str) -> dict[str, Any]:
    shown = exctl.json("account", "show", member, member)
    found: dict[str, Any] = shown["balances"][0]
    return found


def order(exctl: Exctl, member: str, *terms: str, code: int = 0) -> Any:
    return exctl.json("order", "submit", "--member", member, *terms, code=code)


def test_the_desk_of_an_operator_from_limits_to_the_emergency_close(exctl: Exctl) -> None:
    """One story over every verb: set, see, trade, correct, bust, close."""
    for name in ("carol", "dave"):
        exctl("member", "add", name)
    exctl("cash", "adjust", "carol", "carol", "USD", "1000.50", *WHY)
    exctl("cash", "adjust", "carol", "carol", "USD", "-0.50", *WHY)
    exctl("cash", "deliver", "dave", "dave", "ABC", "100", "--price", "90", *WHY)
    exctl("fees", "set", "--taker-ppm", "1000")
    assert "1000" in exctl("fees", "show").stdout
    exctl("limits", "set", "carol", "carol", "--type", "cash", "--max-order-qty", "50")
    exctl("limits", "set", "carol", "carol", "--retail")
    exctl("limits", "set-member", "carol", "--order-rate", "100")
    assert exctl.json("limits", "get-members")["member_limits"][0]["order_rate"] == 100
    exctl("limits", "set-volume", "ABC", "5000")
    assert exctl.json("limits", "get-volumes")["volumes"] == [{"symbol": "ABC", "adv_qty": "5000"}]
    (row,) = exctl.json("limits", "get", "carol")["account_limits"]
    assert (row["account_type"], row["retail"], row["max_order_qty"]) == (
        "ACCOUNT_TYPE_CASH",
        True,
        "50",
    )

    exctl("restrict", "add", "--account", "carol/carol", "--symbol", "ABC", *WHY)
    assert exctl.json("restrict", "list")["restrictions"][0]["account"] == "carol"
    order(exctl, "carol", "ABC", "buy", "1", "100", code=1)
    exctl("restrict", "remove", "--account", "carol/carol", "--symbol", "ABC", *WHY)

    exctl("cancel-all", "--yes", *WHY)
    order(exctl, "dave", "ABC", "sell", "5", "100")
    order(exctl, "carol", "ABC", "buy", "5", "100")
    trade_id = str(exctl.json("trades", "ABC")["trades"][0]["trade_id"])
    assert balance(exctl, "carol")["cash"] == "499.5"
    exctl("correct", trade_id, "--price", "99", "--yes", *WHY)
    assert balance(exctl, "carol")["cash"] == "504.505"
    exctl("bust", trade_id, "--yes", *WHY)
    assert balance(exctl, "carol")["cash"] == "1000"
    assert "carol/carol" in exctl("account", "show", "carol").stdout
    order(exctl, "dave", "ABC", "sell", "2", "101")
    shown = exctl("account", "show", "dave").stdout
    assert "mark" in shown
    assert "open order" in shown
    assert "dave     ABC     sell  2       101" in shown
    listed = exctl.json("order", "list", "--member", "dave", "--account", "dave", "--live")
    assert [row["leaves_qty"] for row in listed["orders"]] == ["2"]
    exctl("cancel-all", "--yes", *WHY)
    shown = exctl("ledger", "show", "carol").stdout
    assert "bust" in shown.splitlines()[1]
    assert "carol/carol -5 ABC; carol/carol +495 USD; dave/dave +5 ABC" in shown
    entries = exctl.json("ledger", "show", "carol", "--limit", "1")["entries"]
    assert [row["kind"] for row in entries] == ["LEDGER_ENTRY_KIND_BUST"]
    assert "carol/carol  1000 USD" in exctl("ledger", "balances", "carol").stdout
    everybody = exctl.json("ledger", "balances")["balances"]
    assert sum(Decimal(row["amount"]) for row in everybody if row["currency"] == "USD") == 0
    exctl("bust", trade_id, "--yes", *WHY, code=1)

    order(exctl, "carol", "ABC", "buy", "5", "100")
    closed = exctl.json("emergency", "close", "--yes", *WHY)
    assert closed["canceled_count"] == 1
    order(exctl, "carol", "ABC", "buy", "1", "100", code=1)


def test_words_that_name_nothing_are_usage(exctl: Exctl) -> None:
    exctl("restrict", "add", *WHY, code=2)
    exctl("restrict", "add", "--account", "carol", *WHY, code=2)
    exctl("correct", "1", "--yes", *WHY, code=2)
    exctl("cash", "deliver", "dave", "dave", "ABC", "1.5", *WHY, code=2)
    exctl("emergency", "close", "--yes", code=2)
