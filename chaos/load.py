"""Clients under load: traders that enter, cancel and replace orders, and remember what they saw.

Room: what traders do and what of it goes into the history. All of it is drawn from the trader's
seed; when things happen is not. Half of the traders hold an order session with many commands a
message, which repeats what is unanswered by itself; the others send single commands with a short
timeout and repeat those of unknown outcome themselves, under the same cl_ord_id.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from chaos.access import OPEN, Access
from chaos.facts import fact_of_report
from chaos.history import History, Key
from exchange.client import OutcomeUnknownError, OverloadedError, UnavailableError
from exchange.client.commands import cancel_order, new_order, replace_order
from exchange.model.enums import ExecType, OrdStatus, StpMode, TimeInForce

SYMBOLS = ("ABC", "XYZ")
TICK = 10_000_000
"""0.01, in 1e-9."""

MID_TICKS = 10_000
SPREAD_TICKS = 20
CANCELS, CHANGES = 0.25, 0.35
"""Shares of cancels, and of cancels and replaces together, in all commands."""

OPEN_ORDERS_MAX = 200
"""Of one trader; beyond it cancels more than it enters, so that books and snapshots stay small."""

SESSION_TIMEOUT_S = 60.0
SINGLE_TIMEOUT_S = 0.4
REFUSED_PAUSE_S = 0.05
Command = Any  # NewOrder, CancelOrder or ReplaceOrder of the API, as exchange.client makes them
_KIND_OF = {"NewOrder": "submit", "CancelOrder": "cancel", "ReplaceOrder": "replace"}


@dataclass(slots=True)
class _Book:
    """What a trader believes to have open: order_id -> (cl_ord_id, order_qty)."""

    orders: dict[int, tuple[str, int]] = field(default_factory=dict)

    def learn(self, report: Any) -> None:
        if not report.ord_status or not OrdStatus(report.ord_status).is_live:
            self.orders.pop(report.order_id, None)
        elif report.exec_type != ExecType.CANCEL_REJECTED and not report.poss_dup:
            self.orders[report.order_id] = (report.cl_ord_id, report.order_qty)


class Trader:
    """One member's orders.

    Args:
        endpoint: HOST:PORT.
        member: who trades; no two traders share one.
        history: gets all that is sent and answered.
        seed: of everything that is drawn.
        commands_per_s: about; bounds how much there is to replay.
        access: how clients get in.
    """

    def __init__(
        self,
        endpoint: str,
        member: str,
        history: History,
        *,
        seed: int,
        commands_per_s: float,
        access: Access = OPEN,
    ) -> None:
        self.member = member
        self.reconnects = 0
        self.repeats = 0
        self._endpoint = endpoint
        self._access = access
        self._history = history
        self._chance = random.Random(seed)
        self._rate = self._full_rate = commands_per_s
        self._book = _Book()
        self._again: deque[Command] = deque()
        self._number = 0
        self._stopping = False

    def pace(self, share: float) -> None:
        """Trade at this share of the full rate from now on."""
        self._rate = self._full_rate * share

    def stop(self) -> None:
        """Send nothing new; `run_*` returns once all that was sent has an outcome."""
        self._stopping = True

    async def run_session(self) -> None:
        """Trade over one order session, 1 to 60 commands a message."""
        async with (
            self._access.member(self._endpoint, self.member, SESSION_TIMEOUT_S) as client,
            client.order_session() as session,
        ):
            while not self._stopping or self._again:
                commands = self._take(self._chance.randrange(1, 61))
                results = await session.send(commands)
                for command, result in zip(commands, results, strict=True):
                    if result.HasField("fault"):
                        self._refused(command)
                        await asyncio.sleep(REFUSED_PAUSE_S)
                    else:
                        self._answered(command, result.reports)
                await asyncio.sleep(len(commands) / self._rate)
            self.reconnects = session.reconnects

    async def run_singles(self) -> None:
        """Trade with single commands; repeat those of unknown outcome until they have one."""
        async with self._access.member(self._endpoint, self.member, SINGLE_TIMEOUT_S) as client:
            while not self._stopping or self._again:
                command = self._take(1)[0]
                try:
                    outcome = await client.send(command)
                except OutcomeUnknownError:
                    self._history.unknown(self._key(command))
                    self._again.append(command)
                    self.repeats += 1
                except (UnavailableError, OverloadedError):
                    self._refused(command)
                    await asyncio.sleep(REFUSED_PAUSE_S)
                else:
                    self._answered(command, outcome.reports)
                await asyncio.sleep(1 / self._rate)

    def _take(self, count: int) -> list[Command]:
        """Commands to send now: those to repeat first, then new ones; noted as sent."""
        commands: list[Command] = []
        while self._again and len(commands) < count:
            commands.append(self._again.popleft())
        while len(commands) < count and not self._stopping:
            commands.append(self._next())
        for command in commands:
            self._history.sent(self._key(command), _kind(command))
        return commands

    def _next(self) -> Command:
        self._number += 1
        cl_ord_id = f"{self.member}-{self._number}"
        open_orders = self._book.orders
        draw = self._chance.random()
        if open_orders and (draw < CHANGES or len(open_orders) > OPEN_ORDERS_MAX):
            order_id = self._chance.choice(list(open_orders))
            named, qty = open_orders[order_id]
            if draw < CANCELS or len(open_orders) > OPEN_ORDERS_MAX:
                return cancel_order(named, cl_ord_id=cl_ord_id)
            return replace_order(
                order_id=order_id,
                qty=max(1, qty + self._chance.randrange(-5, 6)),
                price=self._price(),
                cl_ord_id=cl_ord_id,
            )
        return new_order(
            self._chance.choice(SYMBOLS),
            self._chance.choice(("buy", "sell")),
            self._chance.randrange(1, 20),
            self._price(),
            cl_ord_id=cl_ord_id,
            tif=self._chance.choice((TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC)),
            stp_mode=self._chance.choice(list(StpMode)),
        )

    def _price(self) -> int:
        return (MID_TICKS + self._chance.randrange(-SPREAD_TICKS, SPREAD_TICKS + 1)) * TICK

    def _key(self, command: Command) -> Key:
        return Key(self.member, command.cl_ord_id)

    def _answered(self, command: Command, reports: Any) -> None:
        self._history.acknowledged(self._key(command), [fact_of_report(one) for one in reports])
        for report in reports:
            self._book.learn(report)

    def _refused(self, command: Command) -> None:
        self._history.refused(self._key(command))
        self._again.append(command)


def _kind(command: Command) -> str:
    return _KIND_OF[type(command).__name__]
