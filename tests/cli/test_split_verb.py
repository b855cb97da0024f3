"""`exctl instrument split` on a running exchange."""

from __future__ import annotations

from tests.cli.conftest import Exctl

WHY = ("--reason", "drill")


def test_an_instrument_is_closed_split_and_opened_again(exctl: Exctl) -> None:
    exctl("instrument", "add", "SPL", "--tick-size", "0.01", "--reference-price", "30")
    exctl("session", "open", "SPL", code=0)
    exctl("instrument", "split", "SPL", "3:1", "--yes", *WHY, code=1)  # it is open
    exctl("session", "close", "SPL", "--yes")
    exctl("instrument", "split", "SPL", "3", "--yes", *WHY, code=2)
    exctl("instrument", "split", "SPL", "0:1", "--yes", *WHY, code=1)
    exctl("instrument", "split", "SPL", "3:1", "--yes", *WHY)
    shown = exctl.json("instrument", "show", "SPL")

    assert "10000000000" in str(shown)
