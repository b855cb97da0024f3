"""Which instruments an admin command is about: one, an asset class, or the whole market.

Room: the filter that halts, sessions and schedules share, and its refusals. Retired instruments are
in no scope.
"""

from __future__ import annotations

from exchange.engine.reference.admin import Verdict, refuse
from exchange.engine.reference.state import Listing, State
from exchange.model.enums import AssetClass, InstrumentStatus, is_number_of
from exchange.model.reject import RejectReason as R


def in_scope(state: State, instrument_id: int, asset_class: int) -> list[Listing]:
    """The instrument, or those of the class, or (both 0) all; without retired ones, by id."""
    if instrument_id:
        return [state.listings[instrument_id]]
    return [
        listing
        for listing in state.listings.values()
        if asset_class in (0, listing.instrument.asset_class)
        and listing.instrument.status != InstrumentStatus.RETIRED
    ]


def refuse_scope(instrument_id: int, asset_class: int) -> Verdict:
    """Refusal of an instrument together with a class, or of an unknown class."""
    if asset_class and (instrument_id or not is_number_of(AssetClass, asset_class)):
        return refuse(R.INVALID_FIELD, "asset_class")
    return Verdict()


def refuse_listing(state: State, instrument_id: int) -> Verdict:
    """Refusal of an unknown or retired instrument, else a verdict with its id."""
    listing = state.listings.get(instrument_id)
    if listing is None:
        return refuse(R.UNKNOWN_SYMBOL)
    if listing.instrument.status == InstrumentStatus.RETIRED:
        return refuse(R.INSTRUMENT_RETIRED, listing.instrument.symbol)
    return Verdict(target_id=instrument_id)
