"""What a new local exchange is given to begin with: instruments, members, an open session.

Room: the demo instruments and members. Only an exchange that has nothing else gets them, so that
nobody's own exchange is touched; what a start before this one did is left as it is.
"""

from __future__ import annotations

from exchange.client import AsyncClient, instrument
from exchange.client.messages import Instrument

MEMBERS = ("alice", "bob", "mm1", "mm2")
MIC = "XLOC"
MAX_EQUITY_QTY = 1_000_000


def demo_instruments() -> list[Instrument]:
    """Two equities and one crypto asset."""
    return [
        _equity("ABC", "100"),
        _equity("XYZ", "25"),
        instrument(
            "BTC-USD",
            "crypto",
            currency="USD",
            mic=MIC,
            tick_size="0.01",
            lot_size=1000,
            qty_decimals=8,
            max_order_qty=100_000_000_000,
            reference_price="60000",
        ),
    ]


def _equity(symbol: str, reference_price: str) -> Instrument:
    return instrument(
        symbol,
        "equity",
        currency="USD",
        mic=MIC,
        tick_size="0.01",
        max_order_qty=MAX_EQUITY_QTY,
        reference_price=reference_price,
    )


async def set_up(client: AsyncClient) -> list[str]:
    """Add what is missing of the demo, and open its instruments; the names of what was added.

    Nothing happens where there is an instrument or a member that is not of the demo.
    Raises ClientError.
    """
    wanted = demo_instruments()
    symbols = {row.symbol for row in await client.list_instruments()}
    names = {row.name for row in await client.list_members()}
    if symbols - {row.symbol for row in wanted} or names - {*MEMBERS}:
        return []
    added: list[str] = []
    for name in MEMBERS:
        if name not in names:
            await client.create_member(name)
            added.append(name)
    for row in wanted:
        if row.symbol not in symbols:
            await client.create_instrument(row)
            await client.open_session(row.symbol)
            added.append(row.symbol)
    return added
