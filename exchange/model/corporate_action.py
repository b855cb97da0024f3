"""Corporate actions: a split of an instrument, as command and event (RULEBOOK R1.2, R9.4).

Room: frozen values; `exchange.model.command` and `event` number them. What a split does stands in
`engine/reference/split.py`.
"""

from __future__ import annotations

import msgspec

RATIO_MAX = 10_000
"""Largest number on either side of a split ratio."""


class SplitInstrument(msgspec.Struct, frozen=True, gc=False):
    """Of `den` units of an instrument become `num`: 2/1 doubles them, 1/10 leaves a tenth."""

    instrument_id: int
    num: int
    den: int
    request_id: str
    operator: str
    reason: str


class InstrumentSplit(msgspec.Struct, frozen=True, gc=False):
    """An instrument was split; what changed with it follows in events of their own.

    Prices are those before and after, 1e-9 quote units, 0 = none. `position_count` positions were
    changed: a PositionAdjusted each, and a CashAdjusted where a fraction was paid out.
    """

    instrument_id: int
    num: int
    den: int
    former_reference_price: int
    reference_price: int
    former_last_price: int
    last_price: int
    position_count: int
    operator: str
    reason: str
