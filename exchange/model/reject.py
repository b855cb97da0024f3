"""Why a command was refused: numbers in blocks per layer, and a text that says what to do.

Room: the numbers, their texts and nothing else. Append only: a number is never changed or reused.
The *order* in which the reasons are checked is the engine's (`engine/reference/ladder.py`).

| block | layer                                   |
|-------|-----------------------------------------|
| 1xx   | session, member, account, kill switches |
| 2xx   | instrument                              |
| 3xx   | order fields and identity               |
| 4xx   | pre-trade risk (RULEBOOK R8)            |
| 5xx   | trading phase                           |
| 6xx   | administration                          |
"""

from __future__ import annotations

from enum import IntEnum


class RejectReason(IntEnum):
    """FIX 103 and 102 with our own finer numbers; the API gives both."""

    UNKNOWN_MEMBER = 101
    MEMBER_DISABLED = 102
    UNKNOWN_ACCOUNT = 103
    ACCOUNT_DISABLED = 104
    UNKNOWN_SESSION = 105
    KILL_SWITCH_ENGAGED = 106

    UNKNOWN_SYMBOL = 201
    INSTRUMENT_RETIRED = 202

    INVALID_CL_ORD_ID = 301
    INVALID_SIDE = 302
    ORD_TYPE_NOT_SUPPORTED = 303
    TIME_IN_FORCE_NOT_SUPPORTED = 304
    INSTRUCTION_NOT_SUPPORTED = 305
    INVALID_STP_MODE = 306
    INVALID_QUANTITY = 307
    QUANTITY_NOT_A_LOT_MULTIPLE = 308
    PRICE_REQUIRED = 309
    PRICE_NOT_ALLOWED = 310
    INVALID_PRICE = 311
    PRICE_NOT_A_TICK_MULTIPLE = 312
    INVALID_EXPIRE_TIME = 313
    INVALID_COMBINATION = 314
    POST_ONLY_WOULD_TAKE = 315
    DUPLICATE_CL_ORD_ID = 316
    UNKNOWN_ORDER = 317
    TOO_LATE = 318
    NOTHING_TO_REPLACE = 319
    STOP_PRICE_REQUIRED = 320
    STOP_PRICE_NOT_ALLOWED = 321
    INVALID_STOP_PRICE = 322
    TRAIL_REQUIRED = 323
    TRAIL_NOT_ALLOWED = 324
    INVALID_TRAIL = 325
    PEG_REQUIRED = 326
    PEG_NOT_ALLOWED = 327
    INVALID_PEG = 328
    INVALID_DISPLAY_QTY = 329
    INVALID_MIN_QTY = 330
    UNKNOWN_LINKED_ORDER = 331
    LINKED_ORDER_NOT_ALLOWED = 332
    REDUCE_ONLY_WOULD_INCREASE = 333
    DARK_BOOK_NOT_OPEN = 345
    BELOW_MIN_BLOCK_QTY = 346
    DARK_BOOK_NOT_CONTINUOUS = 347

    BELOW_MIN_ORDER_QTY = 401
    ABOVE_MAX_ORDER_QTY = 402
    ABOVE_MAX_ORDER_NOTIONAL = 403
    PRICE_OUT_OF_BAND = 404
    RESTRICTED = 405
    ORDER_RATE_EXCEEDED = 406
    PRICE_OUTSIDE_COLLAR = 407
    POSITION_LIMIT_EXCEEDED = 408
    MARKET_IMPACT_TOO_LARGE = 409
    ACCOUNT_TYPE_NOT_ALLOWED = 410
    ACCOUNT_IN_MARGIN_CALL = 411
    CREDIT_LIMIT_EXCEEDED = 412
    INSUFFICIENT_CASH = 413
    INSUFFICIENT_POSITION = 414
    INSUFFICIENT_MARGIN = 415
    CONCENTRATION_EXCEEDED = 416
    DAY_TRADE_LIMIT_REACHED = 417

    EXCHANGE_CLOSED = 501
    INSTRUMENT_HALTED = 502
    PHASE_NOT_SUPPORTED = 503
    WRONG_PHASE = 504
    TIME_IN_FORCE_NOT_IN_PHASE = 505
    POST_ONLY_NOT_IN_AUCTION = 506
    AUCTION_MISSED = 507
    HALTED_UNTIL_NEXT_DAY = 508

    DUPLICATE_REQUEST_ID = 601
    INVALID_REQUEST_ID = 602
    INVALID_SYMBOL = 603
    SYMBOL_EXISTS = 604
    INVALID_NAME = 605
    NAME_EXISTS = 606
    INVALID_FIELD = 607
    OPEN_ORDERS_EXIST = 608
    ALREADY_ENGAGED = 609
    NOT_ENGAGED = 610
    UNKNOWN_TARGET = 611
    NO_CHANGE = 612
    REASON_REQUIRED = 613
    LIMIT_REACHED = 614
    SCHEDULE_IN_THE_PAST = 640
    SCHEDULE_OVERLAPS = 641
    SCHEDULE_TRANSITION = 642
    CALL_LENGTH_INVALID = 643

    UNKNOWN_TRADE = 660
    TRADE_BUSTED = 661
    ALREADY_RESTRICTED = 662
    NOT_RESTRICTED = 663
    POSITIONS_EXIST = 664
    INSUFFICIENT_BALANCE = 665
    INVALID_SPLIT_RATIO = 670
    SPLIT_NOT_ALLOWED = 671
    SPLIT_OUT_OF_RANGE = 672
    TRADE_FINAL = 673


TEXT: dict[RejectReason, str] = {
    RejectReason.UNKNOWN_MEMBER: "no such member; an operator adds one with `exctl member add`",
    RejectReason.MEMBER_DISABLED: "the member is disabled; an operator can enable it",
    RejectReason.UNKNOWN_ACCOUNT: "the member has no such account",
    RejectReason.ACCOUNT_DISABLED: "the account is disabled; an operator can enable it",
    RejectReason.UNKNOWN_SESSION: "the session is not open; log on again",
    RejectReason.KILL_SWITCH_ENGAGED: "a kill switch covers this order until it is released",
    RejectReason.UNKNOWN_SYMBOL: "no such instrument; `exctl instrument list` names them",
    RejectReason.INSTRUMENT_RETIRED: "the instrument is retired and takes no orders",
    RejectReason.INVALID_CL_ORD_ID: "cl_ord_id must be 1 to 36 printable ASCII characters",
    RejectReason.INVALID_SIDE: "side must be BUY or SELL",
    RejectReason.ORD_TYPE_NOT_SUPPORTED: "this engine version does not support the order type",
    RejectReason.TIME_IN_FORCE_NOT_SUPPORTED: "this engine version does not support the TIF",
    RejectReason.INSTRUCTION_NOT_SUPPORTED: "this engine version does not support a flag set",
    RejectReason.INVALID_STP_MODE: "unknown self-trade prevention mode",
    RejectReason.INVALID_QUANTITY: "order_qty must be between 1 and 2**40 base units",
    RejectReason.QUANTITY_NOT_A_LOT_MULTIPLE: "order_qty must be a multiple of the lot size",
    RejectReason.PRICE_REQUIRED: "an order of this type needs a price",
    RejectReason.PRICE_NOT_ALLOWED: "an order of this type has no price",
    RejectReason.INVALID_PRICE: "price must be between 1 and 9e18 units of 1e-9",
    RejectReason.PRICE_NOT_A_TICK_MULTIPLE: "price must be a multiple of the tick size",
    RejectReason.INVALID_EXPIRE_TIME: "GTD, and only GTD, needs an expire time in the future",
    RejectReason.INVALID_COMBINATION: "these instructions do not go together",
    RejectReason.POST_ONLY_WOULD_TAKE: "the post-only order would trade on entry",
    RejectReason.DUPLICATE_CL_ORD_ID: "this cl_ord_id was used today with other content",
    RejectReason.UNKNOWN_ORDER: "the member has no such order",
    RejectReason.TOO_LATE: "the order is already filled, canceled, expired or rejected",
    RejectReason.NOTHING_TO_REPLACE: "the replace changes nothing",
    RejectReason.STOP_PRICE_REQUIRED: "a stop needs a stop price; a trailing one, or a last trade",
    RejectReason.STOP_PRICE_NOT_ALLOWED: "only a stop that was not triggered has a stop price",
    RejectReason.INVALID_STOP_PRICE: "stop price must be a tick multiple between 1 and 9e18",
    RejectReason.TRAIL_REQUIRED: "a trailing stop needs a trail",
    RejectReason.TRAIL_NOT_ALLOWED: "only a trailing stop that was not triggered has a trail",
    RejectReason.INVALID_TRAIL: "a trail is a tick multiple, or 1 to 9999 basis points",
    RejectReason.PEG_REQUIRED: "a pegged order says what it follows",
    RejectReason.PEG_NOT_ALLOWED: "only a pegged order has a peg, an offset and a cap",
    RejectReason.INVALID_PEG: "unknown peg, or an offset or cap that is no tick multiple in range",
    RejectReason.INVALID_DISPLAY_QTY: "display_qty: a lot multiple, 1/1000 to all of order_qty",
    RejectReason.INVALID_MIN_QTY: "min_qty: a lot multiple up to order_qty, with IOC only",
    RejectReason.UNKNOWN_LINKED_ORDER: "the order to link to is not a live order of the member",
    RejectReason.LINKED_ORDER_NOT_ALLOWED: "an OCO has two orders of one account and instrument",
    RejectReason.REDUCE_ONLY_WOULD_INCREASE: "reduce-only: more than the position to be reduced",
    RejectReason.DARK_BOOK_NOT_OPEN: "the instrument has no open dark book",
    RejectReason.BELOW_MIN_BLOCK_QTY: "a dark order is at least as large as the minimum block",
    RejectReason.DARK_BOOK_NOT_CONTINUOUS: "a dark book that only crosses takes no IOC or FOK",
    RejectReason.BELOW_MIN_ORDER_QTY: "order_qty is below the instrument's minimum",
    RejectReason.ABOVE_MAX_ORDER_QTY: "order_qty is above the instrument's maximum",
    RejectReason.ABOVE_MAX_ORDER_NOTIONAL: "the order's value is above the instrument's maximum",
    RejectReason.PRICE_OUT_OF_BAND: "the price is outside the static band",
    RejectReason.EXCHANGE_CLOSED: "the instrument is closed",
    RejectReason.INSTRUMENT_HALTED: "the instrument is halted: cancel, or replace to reduce",
    RejectReason.PHASE_NOT_SUPPORTED: "this engine version does not support the phase",
    RejectReason.WRONG_PHASE: "the instrument is not in a phase that allows this step",
    RejectReason.TIME_IN_FORCE_NOT_IN_PHASE: "IOC and FOK need continuous trading",
    RejectReason.POST_ONLY_NOT_IN_AUCTION: "an auction call takes no post-only orders",
    RejectReason.AUCTION_MISSED: "AT_THE_OPENING is taken before the opening auction ends only",
    RejectReason.HALTED_UNTIL_NEXT_DAY: "the circuit breaker's last level halts until the next day",
    RejectReason.DUPLICATE_REQUEST_ID: "this request_id was used today with other content",
    RejectReason.INVALID_REQUEST_ID: "request_id must be 1 to 36 printable ASCII characters",
    RejectReason.INVALID_SYMBOL: "a symbol is 1 to 16 characters of A-Z 0-9 . _ -",
    RejectReason.SYMBOL_EXISTS: "an instrument with this symbol exists",
    RejectReason.INVALID_NAME: "a name is 1 to 32 characters of A-Z a-z 0-9 . _ -",
    RejectReason.NAME_EXISTS: "the name is taken",
    RejectReason.INVALID_FIELD: "a field is out of range; the detail names it",
    RejectReason.OPEN_ORDERS_EXIST: "open orders exist; cancel them first",
    RejectReason.ALREADY_ENGAGED: "the kill switch is already engaged",
    RejectReason.NOT_ENGAGED: "the kill switch is not engaged",
    RejectReason.UNKNOWN_TARGET: "no such session, account, member or instrument",
    RejectReason.NO_CHANGE: "the command changes nothing",
    RejectReason.REASON_REQUIRED: "an operator must give a reason",
    RejectReason.LIMIT_REACHED: "a configured limit of the engine is reached; the detail names it",
    RejectReason.SCHEDULE_IN_THE_PAST: "the first step of a schedule must lie in the future",
    RejectReason.SCHEDULE_OVERLAPS: "steps must rise in time and a call end before the next step",
    RejectReason.SCHEDULE_TRANSITION: "a step cannot follow the phase before it",
    RejectReason.CALL_LENGTH_INVALID: "an auction call, and only a call, has a length above 0",
    RejectReason.RESTRICTED: "member, account or instrument is on the restricted list",
    RejectReason.ORDER_RATE_EXCEEDED: "more orders a second than the member's limits allow",
    RejectReason.PRICE_OUTSIDE_COLLAR: "the price reaches too far beyond the last price",
    RejectReason.POSITION_LIMIT_EXCEEDED: "with all open orders the position could be too large",
    RejectReason.MARKET_IMPACT_TOO_LARGE: "too large a part of the average daily volume",
    RejectReason.ACCOUNT_TYPE_NOT_ALLOWED: "a cash account cannot trade futures",
    RejectReason.ACCOUNT_IN_MARGIN_CALL: "the account is in a margin call and may only reduce",
    RejectReason.CREDIT_LIMIT_EXCEEDED: "positions and open orders would exceed the credit limit",
    RejectReason.INSUFFICIENT_CASH: "the cash that is not reserved does not pay for the order",
    RejectReason.INSUFFICIENT_POSITION: "a cash account sells only what it has and does not offer",
    RejectReason.INSUFFICIENT_MARGIN: "the equity does not cover the initial margin",
    RejectReason.CONCENTRATION_EXCEEDED: "too large a part of the portfolio in one instrument",
    RejectReason.DAY_TRADE_LIMIT_REACHED: "a pattern day trader below the minimum may only reduce",
    RejectReason.UNKNOWN_TRADE: "no such trade on this trading day",
    RejectReason.TRADE_BUSTED: "the trade was busted already",
    RejectReason.ALREADY_RESTRICTED: "this row is on the restricted list already",
    RejectReason.NOT_RESTRICTED: "this row is not on the restricted list",
    RejectReason.POSITIONS_EXIST: "these fields change only while nobody holds the instrument",
    RejectReason.INSUFFICIENT_BALANCE: "more than the account can spare",
    RejectReason.INVALID_SPLIT_RATIO: "a split ratio is two different numbers, 1 to 10000",
    RejectReason.SPLIT_NOT_ALLOWED: "only equities and crypto are split",
    RejectReason.SPLIT_OUT_OF_RANGE: "the split leads out of the range of prices or positions",
    RejectReason.TRADE_FINAL: "the instrument was split since: the trade is final",
}
"""One sentence a reason, complete (a test compares it with the enum)."""
