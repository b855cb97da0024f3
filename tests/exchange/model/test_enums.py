"""Numbers of enumerations are frozen: they stand in every log that was ever written."""

from __future__ import annotations

from enum import IntEnum

import pytest

from exchange.model import enums
from exchange.model.command import CommandKind
from exchange.model.enums import OrderFlag, OrdStatus, Side, is_number_of
from exchange.model.event import EventKind
from exchange.model.reject import RejectReason

FROZEN: dict[type[IntEnum], str] = {
    enums.Side: "BUY 1 SELL 2",
    enums.OrdType: "MARKET 1 LIMIT 2 STOP 3 STOP_LIMIT 4 MARKET_TO_LIMIT 5 PEGGED 6 "
    "TRAILING_STOP 7 TRAILING_STOP_LIMIT 8",
    enums.TimeInForce: "DAY 1 GTC 2 IOC 3 FOK 4 GTD 5 AT_THE_OPENING 6 AT_THE_CLOSE 7",
    enums.OrdStatus: "NEW 1 PARTIALLY_FILLED 2 FILLED 3 CANCELED 4 REJECTED 5 EXPIRED 6 "
    "SUSPENDED 7",
    enums.ExecType: "NEW 1 TRADE 2 CANCELED 3 REPLACED 4 REJECTED 5 EXPIRED 6 SUSPENDED 7 "
    "RESTATED 8 TRADE_CANCEL 9 TRADE_CORRECT 10 ORDER_STATUS 11 TRIGGERED 12 CANCEL_REJECTED 13",
    enums.StpMode: "ALLOW 1 CANCEL_INCOMING 2 CANCEL_RESTING 3 CANCEL_BOTH 4 "
    "DECREMENT_AND_CANCEL 5",
    enums.Phase: "CLOSED 1 PRE_OPEN 2 OPENING_AUCTION 3 CONTINUOUS 4 CLOSING_AUCTION 5 "
    "POST_CLOSE 6 VOLATILITY_AUCTION 7 HALTED 8",
    enums.AssetClass: "EQUITY 1 BOND 2 FUTURE 3 OPTION 4 CRYPTO 5",
    enums.InstrumentStatus: "ACTIVE 1 RETIRED 2",
    enums.Standing: "ACTIVE 1 DISABLED 2",
    enums.KillScope: "SESSION 1 ACCOUNT 2 MEMBER 3 INSTRUMENT 4 MARKET 5",
    enums.CancelReason: "REQUESTED 1 MASS_CANCEL 2 UNFILLED_REMAINDER 3 FOK_NOT_FILLABLE 4 "
    "SELF_TRADE_PREVENTION 5 CANCEL_ON_TRADING_HALT 6 KILL_SWITCH 7 CANCEL_ON_DISCONNECT 8 "
    "REPLACED_TO_CUM_QTY 9 CANCELED_BY_OPERATOR 10 INSTRUMENT_RETIRED 11 END_OF_DAY 12 "
    "GOOD_TILL_DATE 13 "
    "LINKED_ORDER_EXECUTED 14 MIN_QTY_NOT_FILLABLE 15 PEG_REPRICED 16 POST_ONLY_REPRICED 17 "
    "REDUCE_ONLY_POSITION 18 POST_ONLY_WOULD_TAKE 19 "
    "AUCTION_UNEXECUTED 20 AUCTION_PRICED 21 "
    "FORCED_LIQUIDATION 25 EMERGENCY_CLOSE 26 "
    "DARK_BOOK_CLOSED 30 CORPORATE_ACTION 31",
    enums.BookKind: "LIT 1 DARK 2",
    enums.BreakerScope: "NONE 1 INSTRUMENT 2 MARKET 3",
    enums.ClosingPriceSource: "CLOSING_AUCTION 1 LAST_TRADE 2 REFERENCE 3",
    enums.TrailUnit: "PRICE 1 BASIS_POINTS 2",
    enums.PegType: "PRIMARY 1 MARKET 2 MIDPOINT 3",
    CommandKind: "NEW_ORDER 1 CANCEL_ORDER 2 REPLACE_ORDER 3 MASS_CANCEL 4 "
    "NEW_ORDER_WITH_TERMS 5 REPLACE_ORDER_WITH_TERMS 6 SESSION_OPENED 10 "
    "SESSION_CLOSED 11 SPLIT_INSTRUMENT 12 RECORD_MEMBERSHIP 13 CREATE_INSTRUMENT 20 "
    "UPDATE_INSTRUMENT 21 "
    "CREATE_MEMBER 22 UPDATE_MEMBER 23 CREATE_ACCOUNT 24 UPDATE_ACCOUNT 25 OPEN_SESSION 30 "
    "CLOSE_SESSION 31 HALT 32 RESUME 33 ENGAGE_KILL_SWITCH 34 RELEASE_KILL_SWITCH 35 "
    "OPERATOR_CANCEL 36 SET_PHASE 37 EPOCH_STARTED 40 "
    "SET_TRADING_RULES 50 SET_SCHEDULE 51 SET_DAY_ENDS 52 SET_INDEX 53 "
    "SET_ACCOUNT_LIMITS 60 SET_MEMBER_LIMITS 61 RESTRICT 62 "
    "UNRESTRICT 63 ADJUST_CASH 64 ADJUST_POSITION 65 SET_FEE_SCHEDULE 66 SET_RISK_REFERENCE 67 "
    "BUST_TRADE 68 CORRECT_TRADE 69 EMERGENCY_CLOSE 70 "
    "SET_DARK_RULES 80",
    EventKind: "ACCEPTED 1 REJECTED 2 TRADE 3 CANCELED 4 REPLACED 5 EXPIRED 6 RESTATED 7 "
    "TRIGGERED 8 CANCEL_REJECTED 9 REPEATED 10 MASS_CANCELED 11 "
    "TERMS_CHANGED 12 INSTRUMENT_SPLIT 13 MEMBERSHIP_RECORDED 14 LEVEL_CHANGED 20 "
    "BBO_CHANGED 21 PHASE_CHANGED 22 INSTRUMENT_CHANGED 30 MEMBER_CHANGED 31 "
    "ACCOUNT_CHANGED 32 KILL_SWITCH_CHANGED 33 SESSION_CHANGED 34 TRADING_DAY_CHANGED 35 "
    "ADMIN_ACCEPTED 36 ADMIN_REJECTED 37 EPOCH_CHANGED 38 COMMAND_IGNORED 39 "
    "INDICATIVE 40 AUCTION_EXTENDED 41 UNCROSSED 42 VOLATILITY_INTERRUPTED 43 "
    "BREAKER_TRIPPED 44 TRADING_RULES_CHANGED 45 SCHEDULE_CHANGED 46 DAY_ENDS_CHANGED 47 "
    "INDEX_CHANGED 48 CLOSING_PRICE 49 "
    "ACCOUNT_LIMITS_CHANGED 50 MEMBER_LIMITS_CHANGED 51 FEE_SCHEDULE_CHANGED 52 "
    "RISK_REFERENCE_CHANGED 53 RESTRICTION_CHANGED 54 CASH_ADJUSTED 55 POSITION_ADJUSTED 56 "
    "TRADE_FEES 57 TRADE_BUSTED 58 TRADE_CORRECTED 59 VARIATION_SETTLED 60 MARGIN_CALL 61 "
    "EMERGENCY_CLOSED 62 "
    "DARK_RULES_CHANGED 70 DARK_INDICATION 71 DARK_CROSSED 72",
}


@pytest.mark.parametrize("kind", FROZEN, ids=lambda kind: kind.__name__)
def test_no_number_that_was_given_has_changed(kind: type[IntEnum]) -> None:
    words = FROZEN[kind].split()
    given = {name: int(number) for name, number in zip(words[::2], words[1::2], strict=True)}
    now = {member.name: member.value for member in kind}
    assert given.items() <= now.items()
    assert set(now) == set(given), "new members: add them to the frozen list"


@pytest.mark.parametrize("kind", FROZEN, ids=lambda kind: kind.__name__)
def test_zero_means_not_given_and_one_byte_is_enough(kind: type[IntEnum]) -> None:
    assert all(0 < member.value < 256 for member in kind)
    assert len({member.value for member in kind}) == len(kind.__members__)  # no aliases


def test_flags_are_single_bits_of_sixteen() -> None:
    assert [flag.value for flag in OrderFlag] == [1, 2, 4, 8, 16, 32]


@pytest.mark.parametrize("kind", FROZEN, ids=lambda kind: kind.__name__)
def test_a_number_is_recognised_exactly_when_it_is_a_member(kind: type[IntEnum]) -> None:
    members = {member.value for member in kind}
    assert {value for value in range(-1, 256) if is_number_of(kind, value)} == members


def test_opposite_sides() -> None:
    assert Side.BUY.opposite is Side.SELL
    assert Side.SELL.opposite is Side.BUY


def test_an_order_can_trade_while_it_is_new_partly_filled_or_suspended() -> None:
    live = {status for status in OrdStatus if status.is_live}
    assert live == {OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED, OrdStatus.SUSPENDED}


def test_reject_reasons_stand_in_their_blocks() -> None:
    assert {reason // 100 for reason in RejectReason} == {1, 2, 3, 4, 5, 6}
    by_number = sorted(RejectReason, key=int)
    assert by_number == list(RejectReason), "append within the block, in order"
