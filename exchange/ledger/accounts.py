"""Where the ledger keeps what: accounts of members, and the house's own.

Room: names of ledger accounts and amounts on them. One unit each: a currency in cash units (1e-18),
or an instrument in base units; signed, from the owner's point of view.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """What a ledger account is for; all but the first are the house's."""

    MEMBER = 1
    FEES = 2
    """What the venue earned; rebates take from it."""
    CLEARING = 3
    """The other side of variation: what futures have paid out before their losers paid in."""
    BANK = 4
    """Where deposits come from and withdrawals go; negative by what the accounts were given."""
    DEPOSITORY = 5
    """The same for securities."""

    __hash__ = int.__hash__  # that of an enum hashes its name, in Python: balances are kept by it


class Unit(NamedTuple):
    """What is counted: a currency, or an instrument where `instrument_id` is not 0."""

    instrument_id: int
    currency: str


class LedgerAccount(NamedTuple):
    """One account in one unit; `account_id` is 0 for those of the house."""

    kind: Kind
    account_id: int
    unit: Unit


class Posting(NamedTuple):
    """What a transaction adds to an account."""

    account: LedgerAccount
    amount: int


def money(kind: Kind, currency: str, amount: int, account_id: int = 0) -> Posting:
    """A posting of money."""
    return Posting(LedgerAccount(kind, account_id, Unit(0, currency)), amount)


def security(kind: Kind, instrument_id: int, qty: int, account_id: int = 0) -> Posting:
    """A posting of securities."""
    return Posting(LedgerAccount(kind, account_id, Unit(instrument_id, "")), qty)
