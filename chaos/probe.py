"""How long clients wait for a new primary: an order after the other, with the time of each answer.

Room: the measure of a failover, as a client sees it: from the last answer of the old leadership to
the first of the new one. Several probes at once, so that the last old answer is a late one.
"""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple

from chaos.access import OPEN, Access
from chaos.facts import fact_of_report
from chaos.history import History, Key
from exchange.client import AsyncClient, ClientError, OutcomeUnknownError
from exchange.client.commands import new_order
from exchange.model.enums import TimeInForce

PROBES = 2
PAUSE_S = 0.004
TIMEOUT_S = 30.0


class Answer(NamedTuple):
    """When an answer came (time.monotonic), from whom, in which leadership."""

    at: float
    epoch: int
    node: str


class Probe:
    """Orders that never rest, one after the other.

    Args:
        endpoints: of the cluster.
        member: whose orders.
        symbol: which instrument.
        history: gets all that is sent and answered.
        access: how clients get in.
    """

    def __init__(
        self,
        endpoints: str,
        member: str,
        symbol: str,
        history: History,
        *,
        access: Access = OPEN,
    ) -> None:
        self.answers: list[Answer] = []
        self.member = member
        self.pause_s = PAUSE_S
        self._endpoints = endpoints
        self._access = access
        self._symbol = symbol
        self._history = history
        self._number = 0
        self._stopping = False

    def pace(self, share: float) -> None:
        """Probe at this share of the full rate from now on."""
        self.pause_s = PAUSE_S / share

    def stop(self) -> None:
        """Send nothing new."""
        self._stopping = True

    def answer_count(self) -> int:
        """Answers so far."""
        return len(self.answers)

    async def run(self) -> None:
        """Probe until `stop`. Raises ClientError when no answer comes for TIMEOUT_S."""
        async with (
            self._access.member(self._endpoints, self.member, TIMEOUT_S) as client,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(PROBES):
                group.create_task(self._probe(client))

    async def _probe(self, client: AsyncClient) -> None:
        while not self._stopping:
            self._number += 1
            key = Key(self.member, f"{self.member}-{self._number}")
            order = new_order(
                self._symbol, "buy", 1, "0.01", cl_ord_id=key.cl_ord_id, tif=TimeInForce.IOC
            )
            self._history.sent(key, "submit")
            try:
                outcome = await client.send(order)
            except OutcomeUnknownError:
                self._history.unknown(key)
                raise
            except ClientError:
                self._history.refused(key)
                raise
            header = outcome.header
            self.answers.append(Answer(time.monotonic(), int(header.epoch), header.node))
            self._history.acknowledged(key, [fact_of_report(one) for one in outcome.reports])
            await asyncio.sleep(self.pause_s)

    def switch_s(self, after: float) -> float | None:
        """Seconds from the last answer of the leadership at `after` to the first of a later one.

        None while no answer of a later one has come.
        """
        before = [answer.epoch for answer in self.answers if answer.at <= after]
        if not before:
            return None
        epoch = before[-1]
        old = max(answer.at for answer in self.answers if answer.epoch <= epoch)
        new = [answer.at for answer in self.answers if answer.epoch > epoch]
        return max(min(new) - old, 0.0) if new else None
