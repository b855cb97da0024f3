"""Changes of the register, written into the log by the primary that made them.

Room: a queue and one task. The record is for the audit (RELIABILITY 5.1 rule 8); that it cannot be
written, since the leadership ended meanwhile, is told in the node's log and harms nobody: the
register itself is the truth. Event loop thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from exchange.core import MarketCore
from exchange.errors import ExchangeError, NotServing
from exchange.model.codec import encode_command
from exchange.model.command import RecordMembership
from exchange.model.units import TEXT_MAX
from replication.register import RegisterValue

log = logging.getLogger("lockstep.node")

PATIENCE_S = 10.0
RETRY_S = 0.02
WAITING_MAX = 1_000
"""Changes that wait; far more than a leadership can make in PATIENCE_S."""


class MembershipRecorder:
    """Writes the changes of one node's leaderships; `core` gives the running market."""

    def __init__(self, core: Callable[[], MarketCore]) -> None:
        self._core = core
        self._changes: asyncio.Queue[tuple[RegisterValue, str]] = asyncio.Queue(WAITING_MAX)
        self._task = asyncio.get_running_loop().create_task(self._run(), name="membership")

    def put(self, value: RegisterValue, what: str) -> None:
        """The register has a new value under this node's leadership."""
        if self._changes.full():
            log.error("register version %d (%s) is not recorded", value.version, what)
        else:
            self._changes.put_nowait((value, what))

    def stop(self) -> None:
        """Write no more."""
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            value, what = await self._changes.get()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._write(value, what)
            except (TimeoutError, ExchangeError) as error:
                log.warning("register version %d is not recorded: %s", value.version, error)

    async def _write(self, value: RegisterValue, what: str) -> None:
        record = RecordMembership(
            version=value.version,
            generation=value.generation,
            epoch=value.epoch,
            primary=value.primary,
            on_single_copy=value.on_single_copy,
            in_sync=" ".join(sorted(value.in_sync)),
            what=what[:TEXT_MAX],
        )
        while True:
            try:
                await self._core().submit(encode_command(record), 1)
            except NotServing:
                await asyncio.sleep(RETRY_S)  # the leadership begins, or its lease is on the way
            else:
                return
