"""A subscriber of one member's executions who stays through everything.

Room: one subscription of the public client, which resumes by itself after each lost connection, and
the facts it told, in order. The checker says whether they are all, and each once.
"""

from __future__ import annotations

import asyncio

from chaos.access import OPEN, Access
from chaos.facts import Fact, fact_of_report


class Follower:
    """Follows from sequence number 1; start with `run` as a task, end it by cancelling the task.

    Args:
        endpoint: HOST:PORT.
        member: whose executions.
        timeout_s: longest time without an exchange.
        access: how clients get in.
    """

    def __init__(
        self, endpoint: str, member: str, timeout_s: float, *, access: Access = OPEN
    ) -> None:
        self.member = member
        self.facts: list[Fact] = []
        self._endpoint = endpoint
        self._access = access
        self._timeout_s = timeout_s
        self._told = asyncio.Condition()

    async def run(self) -> None:
        """Take what is told, until cancelled. Raises ClientError if the exchange stays away."""
        client = self._access.member(self._endpoint, self.member, self._timeout_s)
        async with client, client.executions(start_seq=1) as reports:
            async for report in reports:
                async with self._told:
                    self.facts.append(fact_of_report(report))
                    self._told.notify_all()

    async def reached(self, count: int, wait_s: float) -> bool:
        """Wait until so many facts were told; False if that takes longer than `wait_s`."""
        try:
            async with asyncio.timeout(wait_s), self._told:
                await self._told.wait_for(lambda: len(self.facts) >= count)
        except TimeoutError:
            return False
        return True
