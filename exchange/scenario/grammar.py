"""The grammar of scenario files as tables: which words a line may have (SCENARIOS.md).

Room: the tables, and nothing that acts on them. A word that is in no table is an error; a word that
is here but that the engine has no meaning for is refused by name when the line is carried out. What
goes beyond SCENARIOS.md is marked as an extension, and told in `tests/scenarios/README.md`.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.scenario.statement import Kind


class Form(NamedTuple):
    """The shape of one line.

    Args:
        usage: how it is written, for error messages.
        args: fewest and most words in fixed places.
        keys: allowed `key=value` parts.
        flags: allowed bare words after the fixed places.
        priced: whether `@ PRICE` may stand in it.
    """

    usage: str
    args: tuple[int, int]
    keys: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    priced: bool = False


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


INSTRUMENT_KEYS = _set(
    "tick lot ref static_band dynamic_band tick_size lot_size qty_decimals min_order_qty"
    " max_order_qty max_order_notional reference_price static_band_bp contract_multiplier"
    " stp_default asset_class currency mic status schedule"
)

_NEW_KEYS = _set("type tif stop trail peg offset cap display min_qty expire stp group oco account")
_REPLACE_KEYS = _set("qty price new display min_qty stop trail offset cap expire")
_OPERATOR = _set("reason request_id")
_LIMIT_KEYS = _set(
    "retail pdt type max_order_qty max_order_notional position_limit credit_limit collar"
    " concentration adv initial_margin maintenance_margin call_grace"
)

SETUP: dict[str, Form] = {
    "instrument": Form(
        "instrument SYMBOL tick=0.01 lot=1 [field=value ...]",
        (1, 1),
        INSTRUMENT_KEYS | {"request_id"},
    ),
    "member": Form(
        "member NAME [standing=active|disabled] [cancel_on_disconnect=yes|no] [limit=value ...]",
        (1, 1),
        _LIMIT_KEYS
        | _set(
            "standing cancel_on_disconnect request_id order_rate order_burst session_rate"
            " session_burst fee_tier restricted"
        ),
    ),
    "account": Form(  # extension
        "account MEMBER NAME [standing=active|disabled]", (2, 2), _set("standing request_id")
    ),
    "phase": Form("phase SYMBOL PHASE", (2, 2)),
    "time": Form("time +5m", (1, 1)),
}

COMMANDS: dict[str, Form] = {
    "new": Form(
        "new MEMBER CL_ORD_ID SYMBOL buy|sell QTY [@ PRICE | market] [key=value ...] [flags]",
        (5, 5),
        _NEW_KEYS,
        _set("market hidden post_only post_only_reprice aon reduce_only dark"),
        priced=True,
    ),
    "replace": Form(
        "replace MEMBER CL_ORD_ID [qty=80] [price=10.01] [new=ID] [stop=10.5] ...",
        (2, 2),
        _REPLACE_KEYS,
    ),
    "cancel": Form("cancel MEMBER CL_ORD_ID [new=CL_ORD_ID]", (2, 2), _set("new")),
    "mass_cancel": Form(
        "mass_cancel MEMBER [symbol=ABC] [side=buy] [account=NAME] [new=CL_ORD_ID]",
        (1, 1),
        _set("symbol side account new"),
    ),
    "phase": Form("phase SYMBOL PHASE", (2, 2), _set("request_id")),
    "halt": Form(
        "halt SYMBOL|market|asset_class=CRYPTO [reason=NEWS] [cancel]",
        (0, 1),
        _OPERATOR | {"asset_class"},
        _set("cancel"),
    ),
    "resume": Form(
        "resume SYMBOL|market|asset_class=CRYPTO [reason=NEWS] [direct]",
        (0, 1),
        _OPERATOR | {"asset_class"},
        _set("direct"),
    ),
    "kill": Form(
        "kill session=M|account=A|member=M|instrument=SYMBOL|market",
        (0, 0),
        _OPERATOR | _set("session account member instrument"),
        _set("market"),
    ),
    "release": Form(
        "release session=M|account=A|member=M|instrument=SYMBOL|market",
        (0, 0),
        _OPERATOR | _set("session account member instrument"),
        _set("market"),
    ),
    "disconnect": Form("disconnect MEMBER", (1, 1)),
    "bust": Form("bust TRADE", (1, 1), _OPERATOR),
    # extensions
    "correct": Form("correct TRADE [qty=50] [price=10.00]", (1, 1), _OPERATOR | _set("qty price")),
    "repeat": Form("repeat [MEMBER CL_ORD_ID]", (0, 2)),
    "open_session": Form("open_session SYMBOL|market", (1, 1), _set("request_id")),
    "close_session": Form("close_session SYMBOL|market", (1, 1), _set("request_id")),
    "cancel_all": Form(
        "cancel_all [member=M] [account=A] [symbol=ABC] [side=buy] [reason=WHY]",
        (0, 0),
        _OPERATOR | _set("member account symbol side"),
    ),
    "rules": Form(
        "rules SYMBOL [dynamic_band=10%] [breaker=none|instrument|market] [random_end=+30s] ...",
        (1, 1),
        _set(
            "dynamic_band dynamic_window volatility_call random_end breaker breaker_levels"
            " breaker_halt breaker_cutoff request_id"
        ),
    ),
    "schedule": Form(
        "schedule SYMBOL|market|ASSET_CLASS [+10m:PHASE[:+5m] ...]", (1, 64), _set("request_id")
    ),
    "day_ends": Form("day_ends [+24h ...]", (0, 64), _set("request_id")),
    "dark": Form(
        "dark SYMBOL [block=200] [continuous=yes|no] [cross=+15m|none] [side=yes|no] [open=yes|no]",
        (1, 1),
        _set("block continuous cross side open request_id"),
    ),
    "index": Form("index SYMBOL VALUE", (2, 2), _set("request_id")),
    "update": Form("update SYMBOL [field=value ...]", (1, 1), INSTRUMENT_KEYS | {"request_id"}),
    "failover": Form("failover", (0, 0)),
    "deposit": Form("deposit MEMBER CURRENCY AMOUNT", (3, 3), _set("account")),
    "deliver": Form("deliver MEMBER SYMBOL QTY [cost=10.00]", (3, 3), _set("account cost")),
    "fees": Form(
        "fees SYMBOL|market [maker=-1bp] [taker=3bp]", (1, 1), _set("maker taker auction tier")
    ),
    "split": Form("split SYMBOL NEW:OLD [reason=WHY]", (2, 2), _OPERATOR),
    "limits": Form(
        "limits MEMBER [account=NAME] [limit=value ...]",
        (1, 1),
        _LIMIT_KEYS | {"account", "request_id"},
    ),
    "restrict": Form(
        "restrict [member=M] [account=M:NAME] [symbol=ABC] [reason=WHY]",
        (0, 0),
        _OPERATOR | _set("member account symbol"),
    ),
    "unrestrict": Form(
        "unrestrict [member=M] [account=M:NAME] [symbol=ABC] [reason=WHY]",
        (0, 0),
        _OPERATOR | _set("member account symbol"),
    ),
    "adv": Form("adv SYMBOL QTY", (2, 2), _set("request_id")),
    "emergency_close": Form("emergency_close [reason=WHY]", (0, 0), _set("reason")),
}

LOOKS: dict[str, Form] = {
    "book": Form("book SYMBOL", (1, 1)),
    "order": Form(
        "order CL_ORD_ID|MEMBER:CL_ORD_ID [status=NEW] [cum=50] [leaves=50] ...",
        (1, 1),
        _set("status cum leaves qty price reason stop display"),
    ),
    "position": Form("position MEMBER SYMBOL QTY [account=NAME]", (3, 3), _set("account")),
    "cash": Form(  # extension
        "cash MEMBER CURRENCY AMOUNT [reserved=..] [equity=..]",
        (3, 3),
        _set("account reserved equity power"),
    ),
    "stops": Form("stops SYMBOL COUNT", (2, 2)),
    "digest": Form("digest equal", (1, 1)),
    "interest": Form("interest SYMBOL none|buy|sell|both|either", (2, 2)),  # extension
    "last": Form("last SYMBOL PRICE|none [qty=50]", (2, 2), _set("qty")),  # extension
}

STATEMENTS: dict[Kind, dict[str, Form]] = {
    Kind.SETUP: SETUP,
    Kind.COMMAND: COMMANDS,
    Kind.LOOK: LOOKS,
}

_TERMS = _set("qty cum leaves price")
_REPEATED = _set("poss_dup")

EXPECTATIONS: dict[str, Form] = {
    "accepted": Form("accepted CL_ORD_ID", (1, 1), _TERMS, _REPEATED),
    "rejected": Form("rejected CL_ORD_ID reason=...", (1, 1), _TERMS | {"reason"}, _REPEATED),
    "trade": Form(
        "trade BUYER SELLER QTY @ PRICE",
        (3, 3),
        _set("id aggressor buy_leaves sell_leaves book"),
        priced=True,
    ),
    "canceled": Form(
        "canceled CL_ORD_ID [leaves=50] [reason=...]",
        (1, 1),
        _TERMS | {"reason"},
        _REPEATED,
    ),
    "replaced": Form(
        "replaced CL_ORD_ID [leaves=80]", (1, 1), _TERMS | {"orig", "priority"}, _REPEATED
    ),
    "cancel_rejected": Form(
        "cancel_rejected CL_ORD_ID reason=...", (1, 1), _set("reason status"), _REPEATED
    ),
    "expired": Form("expired CL_ORD_ID", (1, 1), _TERMS | {"reason"}),
    "triggered": Form("triggered CL_ORD_ID [by=10.50]", (1, 1), _TERMS | {"by"}),
    "restated": Form(
        "restated CL_ORD_ID [price=..] [leaves=..]", (1, 1), _TERMS | {"reason"}, _REPEATED
    ),
    "terms": Form(  # extension
        "terms CL_ORD_ID [stop=10.50] [price=..] [offset=..] [display=..]",
        (1, 1),
        _TERMS | _set("stop trail peg offset cap display min_qty group oco"),
    ),
    "phase": Form("phase SYMBOL PHASE", (2, 2), _set("previous reason")),
    "indicative": Form("indicative SYMBOL PRICE QTY", (3, 3), _set("imbalance")),
    "busted": Form("busted TRADE", (1, 1), _set("reason qty price")),
    # extensions
    "indication": Form("indication SYMBOL buy|sell|either QTY|gone", (3, 3)),
    "crossed": Form("crossed SYMBOL PRICE|none QTY", (3, 3)),
    "uncrossed": Form("uncrossed SYMBOL PRICE|none QTY", (3, 3), _set("imbalance")),
    "extended": Form("extended SYMBOL PRICE", (2, 2)),
    "interrupted": Form("interrupted SYMBOL PRICE [reference=10.00]", (2, 2), _set("reference")),
    "tripped": Form("tripped SYMBOL LEVEL [scope=market]", (2, 2), _set("scope")),
    "closing_price": Form("closing_price SYMBOL PRICE [source=...]", (2, 2), _set("source")),
    "split": Form("split SYMBOL NEW:OLD", (2, 2), _set("reference last positions")),
    "margin_call": Form(
        "margin_call MEMBER CALLED|MET|LIQUIDATED [equity=..] [required=..]",
        (2, 2),
        _set("account currency equity required"),
    ),
    "variation": Form("variation MEMBER SYMBOL AMOUNT", (3, 3), _set("account price qty")),
    "corrected": Form("corrected TRADE [qty=50] [price=10.00]", (1, 1), _set("reason qty price")),
    "mass_canceled": Form("mass_canceled MEMBER [count=2]", (1, 1), _set("count"), _REPEATED),
    "refused": Form(
        "refused STATEMENT reason=... [detail=...]", (1, 1), _set("reason detail"), _REPEATED
    ),
    "repeated": Form("repeated STATEMENT", (1, 1)),
    "ignored": Form("ignored KIND", (1, 1)),
}

LISTED_ON_DEMAND = _set(
    "indicative mass_canceled terms uncrossed extended interrupted tripped closing_price"
    " margin_call variation split"
    " indication crossed"
)
"""Events that are compared only where the command lists at least one of them."""

NEVER_SILENT = _set(
    "trade rejected cancel_rejected refused canceled expired triggered busted corrected ignored"
)
"""Events that a command without any `<` line must not cause."""
