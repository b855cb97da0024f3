"""Dark orders and rules in few words, for tests of the dark book.

Room: making commands. Instrument 1 is `recorder.ABC` with a block of 100; the lit market of `m3`
has its midpoint at 1000 unless a test moves it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from exchange.model.command import NewOrder
from exchange.model.dark import DarkRules, SetDarkRules, default_dark_rules
from exchange.model.enums import OrderFlag, OrdType, Side
from tests.recorder import Recorder, buy, order, sell

BLOCK = 100
SECOND_NS = 1_000_000_000
DARK = OrderFlag.DARK_BOOK.value


def rules(instrument_id: int = 1, **fields: Any) -> DarkRules:
    """Open, continuous, a block of BLOCK; `fields` override."""
    plain = msgspec.structs.replace(
        default_dark_rules(instrument_id), is_open=1, min_block_qty=BLOCK
    )
    return msgspec.structs.replace(plain, **fields)


def set_rules(venue: Recorder, **fields: Any) -> list[str]:
    """Set the rules of instrument 1."""
    return venue.told(SetDarkRules(rules(**fields), venue.request_id(), "op"))


def dark_buy(member_id: int, name: str, qty: int, price: int = 0, **more: Any) -> NewOrder:
    """A dark order to buy; price 0 = at any midpoint."""
    return _dark(member_id, name, Side.BUY, qty, price, **more)


def dark_sell(member_id: int, name: str, qty: int, price: int = 0, **more: Any) -> NewOrder:
    """A dark order to sell; price 0 = at any midpoint."""
    return _dark(member_id, name, Side.SELL, qty, price, **more)


def dark_market(*, lit: tuple[int, int] = (990, 1010), **fields: Any) -> Recorder:
    """A market whose instrument 1 has a dark book, and a lit best bid and offer of member 3."""
    venue = Recorder()
    venue.open_market(members=4)
    set_rules(venue, **fields)
    if lit[0]:
        venue.send(buy(3, "bid", 50, lit[0]), sell(3, "offer", 50, lit[1]))
    return venue


def _dark(member_id: int, name: str, side: Side, qty: int, price: int, **more: Any) -> NewOrder:
    ord_type = OrdType.LIMIT if price else OrdType.MARKET
    return order(member_id, name, side, qty, price, **{"ord_type": ord_type, "flags": DARK} | more)
