"""Options for the type, the instructions and the terms of an order (RULEBOOK R3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from exchange.client import Terms

_ORD_TYPES = (
    "market",
    "limit",
    "market-to-limit",
    "stop",
    "stop-limit",
    "trailing-stop",
    "trailing-stop-limit",
    "pegged",
)
_STP_MODES = (
    "allow",
    "cancel-incoming",
    "cancel-resting",
    "cancel-both",
    "decrement-and-cancel",
)

_CHANGEABLE = (
    click.option("--stop", metavar="PRICE", help="Stop price."),
    click.option("--trail", metavar="PRICE|NNbp", help="Distance of a trailing stop."),
    click.option("--offset", metavar="PRICE", help="Signed offset of a peg."),
    click.option("--cap", metavar="PRICE", help="Worst price of a peg."),
    click.option("--display", metavar="QTY", help="Tranche of an iceberg."),
)
_OF_NEW_ORDERS = (
    click.option(
        "--type",
        "ord_type",
        type=click.Choice(_ORD_TYPES, case_sensitive=False),
        help="Order type; limit with a price and market without, if none is given.",
    ),
    click.option(
        "--peg",
        type=click.Choice(["primary", "market", "midpoint"], case_sensitive=False),
        help="What a pegged order follows.",
    ),
    click.option("--min-qty", metavar="QTY", help="With IOC or --dark: this much, or nothing."),
    click.option("--dark", is_flag=True, help="To the dark midpoint book; PRICE = worst midpoint."),
    click.option("--hidden", is_flag=True, help="Not displayed."),
    click.option("--post-only", is_flag=True, help="Reject instead of taking."),
    click.option("--post-only-reprice", is_flag=True, help="Move one tick away instead of taking."),
    click.option("--aon", is_flag=True, help="All or none; may rest, is not displayed."),
    click.option("--reduce-only", is_flag=True, help="May only reduce the position."),
    click.option("--oco", metavar="ID", default="", help="One cancels the other: its cl_ord_id."),
    click.option(
        "--stp",
        type=click.Choice(_STP_MODES, case_sensitive=False),
        help="Self-trade prevention mode; the instrument's default if none is given.",
    ),
    click.option("--stp-group", type=click.IntRange(0), default=0, help="Narrows it to a group."),
)

Decorated = Callable[..., Any]


def new_order_options(command: Decorated) -> Decorated:
    """Add every option of a special order; the command takes them as keywords."""
    for option in reversed((*_OF_NEW_ORDERS, *_CHANGEABLE)):
        command = option(command)
    return command


def changed_terms_options(command: Decorated) -> Decorated:
    """Add the options of the terms that a replace changes."""
    for option in reversed(_CHANGEABLE):
        command = option(command)
    return command


def terms_of(given: dict[str, Any]) -> Terms | None:
    """The terms among the options; None if there are none."""
    from exchange.client import Terms

    names = ("stop", "trail", "peg", "offset", "cap", "display", "min_qty", "stp_group", "oco")
    found = {name: given[name] for name in names if given.get(name)}
    return Terms(**found) if found else None


def instructions_of(given: dict[str, Any]) -> dict[str, Any]:
    """Order type, flags, book and STP mode among the options, as `submit_order` takes them."""
    from exchange.model.enums import BookKind, OrderFlag, StpMode

    flags = OrderFlag(0)
    for name, flag in (
        ("hidden", OrderFlag.HIDDEN),
        ("post_only", OrderFlag.POST_ONLY),
        ("post_only_reprice", OrderFlag.POST_ONLY_REPRICE),
        ("aon", OrderFlag.ALL_OR_NONE),
        ("reduce_only", OrderFlag.REDUCE_ONLY),
    ):
        if given[name]:
            flags |= flag
    stp = given["stp"]
    return {
        "ord_type": given["ord_type"],
        "flags": flags,
        "book": BookKind.DARK if given["dark"] else None,
        "stp_mode": StpMode[stp.upper().replace("-", "_")] if stp else None,
    }
