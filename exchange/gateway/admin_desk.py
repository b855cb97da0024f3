"""How an administrative command is carried out: operator, log, outcome.

Room: the one course that every admin RPC takes; what it says is the servicers' business.
"""

from __future__ import annotations

from exchange.gateway.admin_outcome import AdminOutcome, read_outcome
from exchange.gateway.impact import Impact, affected_by, count_affected
from exchange.gateway.ports import Core
from exchange.model.codec import encode_command
from exchange.model.command import Command


class AdminDesk:
    """Submits admin commands and counts what they would do."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def carry_out(self, command: Command) -> tuple[int, AdminOutcome]:
        """(log_index, outcome) of an accepted command; ClientFault with the reason if refused."""
        outcome = await self._core.submit(encode_command(command), 1)
        told = read_outcome(outcome.all(), self._core.directory)
        return outcome.batch.head.log_index, told

    async def impact(self, command: Impact) -> int:
        """Orders that the command would cancel now; ClientFault where its target is not known."""
        affects = affected_by(command, self._core.directory)
        return await self._core.query(lambda engine: count_affected(engine, affects))
