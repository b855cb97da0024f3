"""Commands of risk, money and corrections (RULEBOOK R8, R9.3, R9.4), all from operators.

Room: frozen values beside `exchange.model.command`, where the numbers of the kinds stand. Amounts
are in cash units (1e-18 of the currency), quantities in base units, prices in 1e-9 quote units.
"""

from __future__ import annotations

import msgspec

from exchange.model.risk import (
    AccountLimits,
    FeeSchedule,
    MemberLimits,
    Restriction,
    RiskReference,
)


class SetAccountLimits(msgspec.Struct, frozen=True, gc=False):
    """Replaces all limits of an account; a record of zeros takes them away. Judges new orders."""

    limits: AccountLimits
    request_id: str
    operator: str


class SetMemberLimits(msgspec.Struct, frozen=True, gc=False):
    """Replaces order rates and fee tier of a member."""

    limits: MemberLimits
    request_id: str
    operator: str


class SetFeeSchedule(msgspec.Struct, frozen=True, gc=False):
    """Replaces the fees of an instrument and tier."""

    schedule: FeeSchedule
    request_id: str
    operator: str


class SetRiskReference(msgspec.Struct, frozen=True, gc=False):
    """Replaces the outside figures about an instrument."""

    reference: RiskReference
    request_id: str
    operator: str


class Restrict(msgspec.Struct, frozen=True, gc=False):
    """R8.3: puts a row on the restricted list; open orders stay."""

    restriction: Restriction
    request_id: str
    operator: str
    reason: str


class Unrestrict(msgspec.Struct, frozen=True, gc=False):
    """R8.3: takes a row off the restricted list."""

    restriction: Restriction
    request_id: str
    operator: str
    reason: str


class AdjustCash(msgspec.Struct, frozen=True, gc=False):
    """Money comes to (1) or leaves (2) an account, `CashDirection`."""

    account_id: int
    direction: int
    amount: int
    request_id: str
    operator: str
    currency: str
    reason: str


class AdjustPosition(msgspec.Struct, frozen=True, gc=False):
    """Securities come to (1) or leave (2) an account, at a cost `price`, `CashDirection`."""

    account_id: int
    instrument_id: int
    direction: int
    qty: int
    price: int
    request_id: str
    operator: str
    reason: str


class BustTrade(msgspec.Struct, frozen=True, gc=False):
    """R9.4: a trade of this trading day is undone; its orders stay as they are."""

    trade_id: int
    request_id: str
    operator: str
    reason: str


class CorrectTrade(msgspec.Struct, frozen=True, gc=False):
    """R9.4: a trade of this trading day gets another price or less quantity; 0 = as it was."""

    trade_id: int
    price: int
    qty: int
    request_id: str
    operator: str
    reason: str


class EmergencyClose(msgspec.Struct, frozen=True, gc=False):
    """R9.3: reject all, cancel all, end all sessions, close, dump the state."""

    request_id: str
    operator: str
    reason: str


RiskCommand = (
    SetAccountLimits
    | SetMemberLimits
    | SetFeeSchedule
    | SetRiskReference
    | Restrict
    | Unrestrict
    | AdjustCash
    | AdjustPosition
    | BustTrade
    | CorrectTrade
    | EmergencyClose
)
