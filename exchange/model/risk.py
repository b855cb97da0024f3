"""What bounds and prices the trading of a member or account: the records of RULEBOOK R8 as values.

Room: limits, fee schedules and reference figures with the one validity check of each; values, no
state. A bound of 0 is no bound everywhere, so a record of zeros is the same as no record: an
account without limits is unlimited.

Amounts of money are in *cash units*, 1e-18 of the quote currency (`units.CASH_SCALE`): price units
are 1e-9 and a base unit is at least 1e-9 of what is shown, so each notional is a whole number of
them and nothing is rounded but fees.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

import msgspec

from exchange.model.enums import is_number_of
from exchange.model.units import NOTIONAL_MAX, QTY_MAX

BASIS_POINTS = 10_000
FEE_SCALE = 1_000_000
"""Fee rates are in millionths of the notional: 100 = one basis point."""

FEE_MAX_PPM = 100_000
RATE_MAX = 1_000_000
SHARE_MAX_BP = 1_000_000
GRACE_MAX_NS = 7 * 24 * 3_600 * 1_000_000_000
POSITION_MAX = 1 << 62
FEE_TIER_MAX = 255


class AccountType(IntEnum):
    """How an account pays for its positions (R8.11)."""

    CASH = 1
    MARGIN = 2


class AccountFlag(IntFlag):
    """What sort of customer stands behind an account; bits of `AccountLimits.flags`."""

    RETAIL = 1
    PATTERN_DAY_TRADER = 2


class CashDirection(IntEnum):
    """Which way money or securities move."""

    DEPOSIT = 1
    WITHDRAWAL = 2


class MarginCallStatus(IntEnum):
    """What became of a margin call."""

    CALLED = 1
    MET = 2
    LIQUIDATED = 3


class AccountLimits(msgspec.Struct, frozen=True, gc=False):
    """Bounds of one account; 0 = none.

    Attributes:
        account_type: `AccountType`; 0 = its cash is kept but never asked for.
        flags: `AccountFlag` bits.
        credit_limit: gross worst case, positions at the mark and open orders, per currency; cash
            units.
        max_position: worst-case position in one instrument, long or short, base units.
        max_order_qty: base units; beside the instrument's own bound (R8.6).
        max_order_notional: cash units (R8.6).
        collar_bp: reach around the last or reference price (R8.7); 0 = 500 for retail.
        concentration_bp: worst-case position in one instrument, of the portfolio's value (R8.12).
        adv_bp: size of one order, of the instrument's average daily volume (R8.10).
        initial_margin_bp: of the worst-case position value; 0 = 5000.
        maintenance_margin_bp: of the position value; 0 = 2500.
        call_grace_ns: from a margin call to the forced liquidation; 0 = one hour.
    """

    account_id: int
    account_type: int = 0
    flags: int = 0
    credit_limit: int = 0
    max_position: int = 0
    max_order_qty: int = 0
    max_order_notional: int = 0
    collar_bp: int = 0
    concentration_bp: int = 0
    adv_bp: int = 0
    initial_margin_bp: int = 0
    maintenance_margin_bp: int = 0
    call_grace_ns: int = 0

    def fault(self) -> str:
        """Name of the first field that is out of range, or "" (ladder order = field order)."""
        initial, maintenance = self.margins_bp()
        checks = (
            (
                "account_type",
                self.account_type == 0 or is_number_of(AccountType, self.account_type),
            ),
            ("flags", not self.flags & ~sum(AccountFlag)),
            ("credit_limit", 0 <= self.credit_limit <= NOTIONAL_MAX),
            ("max_position", 0 <= self.max_position <= POSITION_MAX),
            ("max_order_qty", 0 <= self.max_order_qty <= QTY_MAX),
            ("max_order_notional", 0 <= self.max_order_notional <= NOTIONAL_MAX),
            ("collar_bp", 0 <= self.collar_bp <= BASIS_POINTS),
            ("concentration_bp", 0 <= self.concentration_bp <= SHARE_MAX_BP),
            ("adv_bp", 0 <= self.adv_bp <= SHARE_MAX_BP),
            ("initial_margin_bp", 0 <= self.initial_margin_bp <= SHARE_MAX_BP),
            ("maintenance_margin_bp", maintenance <= initial),
            ("call_grace_ns", 0 <= self.call_grace_ns <= GRACE_MAX_NS),
        )
        return next((name for name, valid in checks if not valid), "")

    def margins_bp(self) -> tuple[int, int]:
        """Initial and maintenance margin in force, basis points (defaults 50 % and 25 %)."""
        return self.initial_margin_bp or 5_000, self.maintenance_margin_bp or 2_500

    def is_empty(self) -> bool:
        """Whether it bounds nothing."""
        return self == AccountLimits(self.account_id)


class MemberLimits(msgspec.Struct, frozen=True, gc=False):
    """Order rates and fee tier of one member; 0 = none.

    Attributes:
        fee_tier: which column of the fee schedules it pays by.
        order_rate, order_burst: orders and replaces a second of all its sessions together, and
            how many may come at once; a rate without a burst has a burst of the rate.
        session_rate, session_burst: the same for each of its sessions.
    """

    member_id: int
    fee_tier: int = 0
    order_rate: int = 0
    order_burst: int = 0
    session_rate: int = 0
    session_burst: int = 0

    def fault(self) -> str:
        """Name of the first field that is out of range, or ""."""
        checks = (
            ("fee_tier", 0 <= self.fee_tier <= FEE_TIER_MAX),
            ("order_rate", 0 <= self.order_rate <= RATE_MAX),
            ("order_burst", 0 <= self.order_burst <= (RATE_MAX if self.order_rate else 0)),
            ("session_rate", 0 <= self.session_rate <= RATE_MAX),
            ("session_burst", 0 <= self.session_burst <= (RATE_MAX if self.session_rate else 0)),
        )
        return next((name for name, valid in checks if not valid), "")

    def is_empty(self) -> bool:
        """Whether it bounds and prices nothing."""
        return self == MemberLimits(self.member_id)


class FeeSchedule(msgspec.Struct, frozen=True, gc=False):
    """Fees of one instrument (0 = all that have none of their own) and member tier.

    Rates are millionths of the notional, -100000 .. 100000; negative = a rebate. `maker_ppm` is
    what the resting order pays, `taker_ppm` the incoming one, `auction_ppm` both in an uncross.
    """

    instrument_id: int
    tier: int
    maker_ppm: int
    taker_ppm: int
    auction_ppm: int

    def fault(self) -> str:
        """Name of the first field that is out of range, or "".

        A rebate is never more than what the other side pays: the venue does not pay for trades.
        """
        low, high = -FEE_MAX_PPM, FEE_MAX_PPM
        checks = (
            ("tier", 0 <= self.tier <= FEE_TIER_MAX),
            ("maker_ppm", low <= self.maker_ppm <= high),
            ("taker_ppm", low <= self.taker_ppm <= high and self.maker_ppm + self.taker_ppm >= 0),
            ("auction_ppm", 0 <= self.auction_ppm <= high),
        )
        return next((name for name, valid in checks if not valid), "")


class RiskReference(msgspec.Struct, frozen=True, gc=False):
    """Figures about one instrument that come from outside: average daily volume, base units."""

    instrument_id: int
    adv_qty: int


class Restriction(msgspec.Struct, frozen=True, gc=False, order=True):
    """One row of the restricted list (R8.3): who may not trade what; 0 = any."""

    member_id: int
    account_id: int
    instrument_id: int
