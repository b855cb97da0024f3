"""Events of margin, futures and splits to the words of a `<` line (R8.11, R1.2).

Room: one form per kind of event. An account is named by its member, and by `account=` too.
"""

from __future__ import annotations

from typing import Protocol

from exchange.model.corporate_action import InstrumentSplit
from exchange.model.event import Event
from exchange.model.risk import MarginCallStatus
from exchange.model.risk_event import MarginCall, VariationSettled
from exchange.scenario.decimals import to_text
from exchange.scenario.parties import Parties
from exchange.scenario.risk_desk import CASH_DECIMALS
from exchange.scenario.statement import Words


class Formats(Protocol):
    """How numbers of an instrument are written."""

    def symbol(self, instrument_id: int) -> str:
        """Its symbol."""

    def price(self, value: int, instrument_id: int) -> str:
        """A price with the decimals of its tick."""

    def qty(self, value: int, instrument_id: int) -> str:
        """A quantity in whole units."""


def money_words(event: Event, parties: Parties, formats: Formats) -> Words | None:
    """The words of a margin call, a variation payment or a split; None for any other."""
    match event:
        case InstrumentSplit():
            number = event.instrument_id
            keys = {
                "reference": formats.price(event.reference_price, number),
                "last": formats.price(event.last_price, number),
                "positions": str(event.position_count),
            }
            ratio = f"{event.num}:{event.den}"
            return Words("split", (formats.symbol(number), ratio), keys)
        case MarginCall():
            member, account = parties.account_name(event.account_id)
            keys = {
                "account": account,
                "currency": event.currency,
                "equity": to_text(event.equity, CASH_DECIMALS),
                "required": to_text(event.requirement, CASH_DECIMALS),
            }
            return Words("margin_call", (member, MarginCallStatus(event.status).name), keys)
        case VariationSettled():
            member, account = parties.account_name(event.account_id)
            number = event.instrument_id
            keys = {
                "account": account,
                "price": formats.price(event.price, number),
                "qty": formats.qty(event.qty, number),
            }
            amount = to_text(event.amount, CASH_DECIMALS)
            return Words("variation", (member, formats.symbol(number), amount), keys)
        case _:
            return None
