"""Events of auctions, protection and dark books to the words of a `<` line (R6, R7).

Room: one form per kind of event. The `Renderer` gives symbols, prices and quantities their text.
"""

from __future__ import annotations

from typing import Protocol

from exchange.model import auction_event as ae
from exchange.model.dark import DarkCrossed, DarkIndication
from exchange.model.enums import BreakerScope, ClosingPriceSource, Side
from exchange.model.event import Event
from exchange.scenario.statement import Words


class Formats(Protocol):
    """How numbers of an instrument are written."""

    def symbol(self, instrument_id: int) -> str:
        """Its symbol."""

    def price(self, value: int, instrument_id: int) -> str:
        """A price with the decimals of its tick."""

    def qty(self, value: int, instrument_id: int) -> str:
        """A quantity in whole units."""


def market_words(event: Event, formats: Formats) -> Words | None:
    """The words of an event of the market; None if it is another or never listed."""
    match event:
        case ae.Indicative() | ae.Uncrossed():
            word = "indicative" if isinstance(event, ae.Indicative) else "uncrossed"
            number = event.instrument_id
            price = formats.price(event.price, number) if event.price else "none"
            side = Side(event.imbalance_side).name.lower() if event.imbalance_side else "none"
            qty = formats.qty(event.imbalance_qty, number)
            keys = {"imbalance": f"{side}:{qty}" if event.imbalance_side else side}
            return Words(word, (formats.symbol(number), price, _qty(formats, event)), keys)
        case ae.AuctionExtended():
            price = formats.price(event.price, event.instrument_id)
            return Words("extended", (formats.symbol(event.instrument_id), price), {})
        case ae.VolatilityInterrupted():
            number = event.instrument_id
            keys = {"reference": formats.price(event.reference_price, number)}
            price = formats.price(event.price, number)
            return Words("interrupted", (formats.symbol(number), price), keys)
        case ae.BreakerTripped():
            keys = {"scope": BreakerScope(event.scope).name.lower()}
            return Words("tripped", (formats.symbol(event.instrument_id), str(event.level)), keys)
        case ae.ClosingPrice():
            keys = {"source": ClosingPriceSource(event.source).name.lower()}
            price = formats.price(event.price, event.instrument_id)
            return Words("closing_price", (formats.symbol(event.instrument_id), price), keys)
        case DarkIndication() | DarkCrossed():
            return _dark_words(event, formats)
        case _:
            return None


def _dark_words(event: DarkIndication | DarkCrossed, formats: Formats) -> Words:
    number = event.instrument_id
    if isinstance(event, DarkIndication):
        side = Side(event.side).name.lower() if event.side else "either"
        qty = formats.qty(event.qty, number) if event.qty else "gone"
        return Words("indication", (formats.symbol(number), side, qty), {})
    price = formats.price(event.price, number) if event.price else "none"
    return Words("crossed", (formats.symbol(number), price, formats.qty(event.volume, number)), {})


def _qty(formats: Formats, event: ae.Indicative | ae.Uncrossed) -> str:
    return formats.qty(event.volume, event.instrument_id)
