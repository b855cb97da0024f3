"""`exctl dark` and dark orders on a running exchange."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.conftest import Exctl


def submit(exctl: Exctl, member: str, *terms: str, code: int = 0) -> Any:
    return exctl.json("order", "submit", "--member", member, *terms, code=code)["reports"]


def test_a_block_from_the_rules_to_the_trade(exctl: Exctl) -> None:
    """One story over every verb: open, enter, see the interest, trade, close."""
    for name in ("erin", "frank"):
        exctl("member", "add", name)
    exctl("instrument", "add", "DRK", "--tick-size", "0.01")
    exctl("session", "open", "DRK")
    assert "closed" in exctl("dark", "rules", "show", "DRK").stdout
    refused = submit(exctl, "erin", "DRK", "buy", "500", "--dark", code=1)
    assert refused[0]["reject_reason"] == "REJECT_REASON_DARK_BOOK_NOT_OPEN"

    set_up = ("--min-block", "200", "--cross-every", "15m", "--show-side")
    assert "every 15m" in exctl("dark", "rules", "set", "DRK", *set_up).stdout
    shown = exctl.json("dark", "rules", "show", "DRK")
    assert (shown["rules"]["min_block_qty"], shown["rules"]["is_open"]) == ("200", True)
    assert int(shown["next_cross_ns"]) > 0
    exctl("dark", "rules", "set", "DRK", "--no-cross", "--min-block", "100")
    assert exctl.json("dark", "rules", "show", "DRK")["next_cross_ns"] == "0"

    submit(exctl, "erin", "DRK", "buy", "5", "10.00")
    submit(exctl, "frank", "DRK", "sell", "5", "10.01")
    entered = submit(exctl, "erin", "DRK", "buy", "500", "10.02", "--dark", "--min-qty", "150")
    assert entered[0]["book"] == "BOOK_KIND_DARK"
    assert "buy 100" in exctl("dark", "rules", "show", "DRK").stdout
    first = exctl("dark", "indications", "DRK", "--limit", "1").stdout
    assert "standing: DRK buy 100" in first
    message = json.loads(exctl("-o", "jsonl", "dark", "indications", "--limit", "1").stdout)
    assert [(row["symbol"], row["qty"]) for row in message["indications"]] == [("DRK", "100")]
    assert "erin" not in first

    told = submit(exctl, "frank", "DRK", "sell", "200", "--dark")
    assert [row["last_px"] for row in told] == ["0", "10005000000"]
    assert "DARK" in exctl("trades", "DRK").stdout.upper()
    assert exctl.json("book", "DRK")["bids"][0]["qty"] == "5"

    exctl("dark", "rules", "set", "DRK", "--close", code=6)
    closing = exctl("dark", "rules", "set", "DRK", "--close", "--yes")
    assert "1 orders are canceled" in closing.stderr
    (order,) = [
        row
        for row in exctl.json("order", "list", "--member", "erin")["orders"]
        if row["book"] == "BOOK_KIND_DARK"
    ]
    assert (order["ord_status"], order["cum_qty"]) == ("ORD_STATUS_CANCELED", "200")


def test_words_that_name_nothing_are_usage(exctl: Exctl) -> None:
    exctl("dark", "rules", "set", "ABC", "--no-cross", "--cross-every", "5m", code=2)
    exctl("dark", "rules", "set", "ABC", "--min-block", "many", code=2)
    exctl("dark", "rules", "show", "NONE", code=1)
    exctl("dark", "rules", "set", "ABC", "--no-continuous", code=1)
    exctl("dark", "indications", "NONE", code=1)
