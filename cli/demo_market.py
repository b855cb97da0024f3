"""A market that moves: seeded members that quote, take and cancel over the public API.

Room: what the demo members do. The fair price of each instrument is a random walk; two market
makers quote around it through order sessions, two takers hit them. From one seed the intentions are
always the same; what trades depends on the timing.

It shows the exchange at work; it is no benchmark.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cli.demo_setup import demo_instruments
from exchange.client import (
    AsyncClient,
    ClientError,
    Command,
    OrderSession,
    cancel_order,
    decimal_price,
    new_id,
    new_order,
)
from exchange.client.messages import Instrument, OrderBook

MAKERS = ("mm1", "mm2")
TAKERS = ("alice", "bob")
LEVELS = 5
STEP_S = 0.25
TAKE_S = 0.6
REPORT_S = 10.0
RETRY_S = 1.0
LOTS_MAX = 20
STEP_BP = 3
BP = 10_000
CANCEL_SHARE = 0.3

log = logging.getLogger("lockstep.demo")


@dataclass(slots=True)
class Fair:
    """Where an instrument should trade, price units."""

    instrument: Instrument
    price: int

    def step(self, chance: random.Random) -> None:
        """Move by up to STEP_BP basis points, never to zero."""
        reach = max(self.price * STEP_BP // BP, self.instrument.tick_size)
        self.price = max(self.price + chance.randint(-reach, reach), LEVELS * reach)

    def quote(self, level: int, *, is_buy: bool) -> int:
        """A price `level` steps away from fair, on a tick."""
        tick = self.instrument.tick_size
        away = (level + 1) * max(self.price * STEP_BP // BP, tick)
        return (self.price - away if is_buy else self.price + away) // tick * tick

    def lots(self, chance: random.Random) -> int:
        """A quantity of 1 to LOTS_MAX hundredths of what 10,000 quote units buy."""
        lot = self.instrument.lot_size
        unit = int(10**self.instrument.qty_decimals)
        hundredth = max(100 * 1_000_000_000 * unit // self.price, 1)
        return max(chance.randint(1, LOTS_MAX) * hundredth // lot * lot, lot)


async def run_market(endpoint: str, seed: int, say: Callable[[str], None]) -> None:
    """Trade until canceled; a line every REPORT_S seconds goes to `say`."""
    async with AsyncClient(endpoint, operator="local") as client:
        symbols = {row.symbol for row in await client.list_instruments()}
        names = {row.name for row in await client.list_members()}
    fairs = [Fair(row, row.reference_price) for row in demo_instruments() if row.symbol in symbols]
    if not fairs or not names >= {*MAKERS, *TAKERS}:
        say("no demo market: this exchange has instruments or members of its own")
        return
    async with asyncio.TaskGroup() as group:
        for number, member in enumerate(MAKERS):
            chance = random.Random(f"{seed}/{member}")
            maker = Maker(fairs, chance, moves_fair=number == 0)
            group.create_task(_lasting(maker.trade, endpoint, member))
        for member in TAKERS:
            taker = Taker(fairs, random.Random(f"{seed}/{member}"))
            group.create_task(_lasting(taker.trade, endpoint, member))
        group.create_task(_report(endpoint, fairs, say))


class Maker:
    """Quotes all instruments on both sides and replaces its quotes every STEP_S."""

    def __init__(self, fairs: list[Fair], chance: random.Random, *, moves_fair: bool) -> None:
        self._fairs = fairs
        self._chance = chance
        self._moves_fair = moves_fair

    async def trade(self, client: AsyncClient) -> None:
        """Quote until canceled."""
        live: list[str] = []
        async with client.order_session(cancel_on_disconnect=True) as session:
            while True:
                live = await self._requote(session, live)
                await asyncio.sleep(STEP_S * self._chance.uniform(0.5, 1.5))

    async def _requote(self, session: OrderSession, live: list[str]) -> list[str]:
        commands: list[Command] = [cancel_order(cl_ord_id) for cl_ord_id in live]
        entered: list[str] = []
        for fair in self._fairs:
            if self._moves_fair:
                fair.step(self._chance)
            for level in range(LEVELS):
                for is_buy in (True, False):
                    entered.append(new_id())
                    commands.append(
                        new_order(
                            fair.instrument.symbol,
                            "buy" if is_buy else "sell",
                            fair.lots(self._chance),
                            fair.quote(level, is_buy=is_buy),
                            cl_ord_id=entered[-1],
                            post_only=True,
                        )
                    )
        await session.send(commands)
        return entered


class Taker:
    """Sends an order that trades now and then, and a resting one that it cancels."""

    def __init__(self, fairs: list[Fair], chance: random.Random) -> None:
        self._fairs = fairs
        self._chance = chance

    async def trade(self, client: AsyncClient) -> None:
        """Trade until canceled."""
        while True:
            fair = self._chance.choice(self._fairs)
            is_buy = self._chance.choice((True, False))
            side = "buy" if is_buy else "sell"
            lots = fair.lots(self._chance)
            symbol = fair.instrument.symbol
            reach = fair.quote(LEVELS, is_buy=not is_buy)
            await client.submit_order(symbol, side, lots, reach, tif="IOC")
            if self._chance.random() < CANCEL_SHARE:
                away = fair.quote(2 * LEVELS, is_buy=is_buy)
                entered = await client.submit_order(symbol, side, lots, away)
                await asyncio.sleep(TAKE_S)
                if not entered.is_rejected:
                    await client.cancel_order(entered.cl_ord_id)
            await asyncio.sleep(TAKE_S * self._chance.uniform(0.2, 1.8))


# A member that loses the exchange, or is refused, comes back; only cancellation ends it.
async def _lasting(
    trade: Callable[[AsyncClient], Awaitable[None]], endpoint: str, member: str
) -> None:
    while True:
        async with AsyncClient(endpoint, member=member) as client:
            try:
                await trade(client)
            except ClientError as error:
                log.warning("%s: %s", member, error)
        await asyncio.sleep(RETRY_S)


async def _report(endpoint: str, fairs: list[Fair], say: Callable[[str], None]) -> None:
    async with AsyncClient(endpoint) as client:
        while True:
            await asyncio.sleep(REPORT_S)
            try:
                node = (await client.status()).nodes[0]
                books = [await client.order_book(f.instrument.symbol, depth=1) for f in fairs]
            except ClientError as error:
                log.warning("demo report: %s", error)
                continue
            quotes = ", ".join(_best(book) for book in books)
            say(f"{node.applied_seq} entries, {node.open_orders} open orders; {quotes}")


def _best(book: OrderBook) -> str:
    bid = decimal_price(book.bids[0].price) if book.bids else "-"
    ask = decimal_price(book.asks[0].price) if book.asks else "-"
    return f"{book.symbol} {bid}/{ask}"
