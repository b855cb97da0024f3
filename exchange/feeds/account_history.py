"""What moved an account, newest first, from the event index.

Room: finding events; what they book is the ledger's. A trade stands under its members, what
concerns an account alone under the account (`history.py`), so both are walked together. Event loop
thread.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from exchange.feeds.history import History, accounts_of
from exchange.model.batch import EventBatch
from exchange.model.event import Event
from exchange.model.instrument import Account

SCAN_BATCHES = 512
"""Batches looked at for one page: a member that enters many orders and seldom trades gets a short
page soon instead of a full one late."""


class Moved(NamedTuple):
    """One event with its place and time."""

    seq: int
    log_index: int
    ts_ns: int
    event: Event


class AccountHistory:
    """Events by account. Event loop thread only."""

    def __init__(self, history: History[Any]) -> None:
        self._history = history

    async def newest(
        self, account: Account, limit: int, before_seq: int = 0
    ) -> tuple[list[Moved], int]:
        """At most `limit` events with seq < `before_seq` (0 = all), newest first.

        The second value is where the next page begins, its `before_seq`; 0 = there is no more.
        """
        history = self._history
        await history.settle()
        before = before_seq or history.last_seq + 1
        owners = ((b"M", account.member_id), (b"A", account.account_id))
        heads: set[int] = set()
        for kind, number in owners:
            heads.update(history.batches_before(kind, number, before, SCAN_BATCHES))
        newest_first = sorted(heads, reverse=True)[:SCAN_BATCHES]
        found: list[Moved] = []
        for first_seq in newest_first:
            for moved in _moved(history.batch_at(first_seq), account.account_id, before):
                found.append(moved)
                if len(found) == limit:
                    return found, moved.seq
            await asyncio.sleep(0)
        is_last = len(newest_first) < SCAN_BATCHES
        return found, 0 if is_last else newest_first[-1]


def _moved(batch: EventBatch, account_id: int, before_seq: int) -> list[Moved]:
    """The events of a batch below a seq that moved an account, newest first."""
    head = batch.head
    return [
        Moved(seq, head.log_index, head.ts_ns, event)
        for seq, _, event in reversed(batch.events)
        if seq < before_seq and account_id in accounts_of(event)
    ]
