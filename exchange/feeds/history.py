"""History: every event batch, the newest in memory, the others in the event index.

Room: the way of a batch into the event store, in groups, off the hot path, and the secondary index
keys (`trade`, `member`). Readers call `settle()` first; what they then read is complete up to the
batches delivered so far. Event loop thread only; writes go to one storage thread.

| index key                                          | value          | asks for                |
|----------------------------------------------------|----------------|-------------------------|
| "T" instrument_id u32 trade_id u64, big-endian     | seq u64        | trades of an instrument |
| "M" member_id u32 first_seq of the batch u64       | empty          | batches of a member     |
| "A" account_id u32 first_seq of the batch u64      | empty          | what moved it but trades|
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic

from exchange.errors import Overloaded
from exchange.feeds.ports import EventStore, IndexKeys, MakeRecord, R
from exchange.model.batch import EventBatch
from exchange.model.event import Event, Trade
from exchange.model.event_scan import concerned, kinds_of
from exchange.model.risk_event import (
    CashAdjusted,
    PositionAdjusted,
    TradeBusted,
    TradeCorrected,
    TradeFees,
    VariationSettled,
)

TRADE_KEY = struct.Struct(">cIQ")
MEMBER_KEY = struct.Struct(">cIQ")
SEQ_VALUE = struct.Struct(">Q")
_OF_ACCOUNTS = kinds_of(CashAdjusted, PositionAdjusted, VariationSettled)
"""Events that move an account and concern no member (`members_of`)."""

SETTLE_PERIOD_S = 1.0
"""How often waiting batches are written. Each write is an fsync beside the log's and shows in its
tail, so it is rare; a restart repeats at most this much for the index."""

SETTLE_BYTES = 8 << 20
"""Waiting bytes at which the index is written at once."""

BACKLOG_BYTES_MAX = 64 << 20
"""Batches that wait for the index; at the bound no new commands are admitted."""

READ_BYTES = 256 << 10
"""How much history one read brings before other tasks run."""


def accounts_of(event: Event) -> tuple[int, ...]:
    """The accounts whose money or securities an event moves; the buyer's first."""
    match event:
        case (
            Trade(buy=buy, sell=sell)
            | TradeBusted(buy=buy, sell=sell)
            | TradeCorrected(buy=buy, sell=sell)
        ):
            return buy.account_id, sell.account_id
        case TradeFees(buy_account_id=buyer, sell_account_id=seller):
            return buyer, seller
        case (
            CashAdjusted(account_id=account_id)
            | PositionAdjusted(account_id=account_id)
            | VariationSettled(account_id=account_id)
        ):
            return (account_id,)
        case _:
            return ()


def index_keys(batch: EventBatch) -> IndexKeys:
    """The index keys of a batch (module docstring), in the order of its events."""
    head = batch.head
    members, trades = concerned(batch)
    keys = [
        (TRADE_KEY.pack(b"T", instrument_id, trade_id), SEQ_VALUE.pack(seq))
        for seq, instrument_id, trade_id in trades
    ]
    accounts: dict[int, None] = {}
    for record in batch.of_kinds(_OF_ACCOUNTS):
        accounts.update(dict.fromkeys(accounts_of(record.event)))
    keys.extend((MEMBER_KEY.pack(b"M", member, head.first_seq), b"") for member in members)
    keys.extend((MEMBER_KEY.pack(b"A", account, head.first_seq), b"") for account in accounts)
    return keys


class History(Generic[R]):
    """Event batches by sequence number.

    Args:
        store: where they end up.
        make_record: makes the record that the store takes.
        on_fault: called once with the error if the store cannot be written; it must stop the
            process (a disk fault is never retried).
    """

    def __init__(
        self,
        store: EventStore[R],
        make_record: MakeRecord[R],
        on_fault: Callable[[BaseException], None],
    ) -> None:
        self._store = store
        self._make_record = make_record
        self._on_fault = on_fault
        self._waiting: list[EventBatch] = []
        self._backlog_bytes = 0
        self._writer = ThreadPoolExecutor(1, "event-index")
        self._lock = asyncio.Lock()
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._begins_at = 1
        self.last_seq = store.last_seq

    @property
    def first_seq(self) -> int:
        """Oldest event that can still be read."""
        return self._store.first_seq or self._begins_at

    def begin_at(self, next_seq: int) -> None:
        """The log before `next_seq` is not here: a snapshot stands for it. Before `start`.

        What was stored before is dropped if events between it and `next_seq` are missing.
        """
        if self._store.last_seq + 1 < next_seq:
            self._store.clear()
            self._begins_at = next_seq
            self.last_seq = next_seq - 1

    def start(self) -> None:
        """Begin to write waiting batches, every SETTLE_PERIOD_S or SETTLE_BYTES."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="history")

    async def stop(self) -> None:
        """Write what waits and end."""
        async with self._lock:  # no write is under way: cancelling loses nothing
            if self._task is not None:
                self._task.cancel()
                self._task = None
        await self.settle()
        self._writer.shutdown()

    def on_batch(self, batch: EventBatch) -> None:
        """Take the next batch; it reaches the store later."""
        if batch.head.event_count:
            self._waiting.append(batch)
            self._backlog_bytes += len(batch.raw)
            if self._backlog_bytes >= SETTLE_BYTES:
                self._due.set()
            self.last_seq = batch.head.last_seq

    @property
    def is_behind(self) -> bool:
        """Whether more than BACKLOG_BYTES_MAX wait for the index."""
        return self._backlog_bytes > BACKLOG_BYTES_MAX

    def refuse_when_behind(self) -> None:
        """Raise Overloaded while it is behind."""
        if self.is_behind:
            raise Overloaded(
                "EVENT_INDEX_BEHIND",
                f"{self._backlog_bytes} bytes of events wait for the disk; try again shortly",
                retry_after_ms=int(SETTLE_PERIOD_S * 1000),
            )

    async def settle(self) -> None:
        """Return once every batch delivered before this call is in the store."""
        async with self._lock:
            if not self._waiting:
                return
            batches, self._waiting = self._waiting, []
            size = sum(len(batch.raw) for batch in batches)
            loop = asyncio.get_running_loop()
            try:
                await loop.run_in_executor(self._writer, self._append, batches)
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                self._on_fault(error)
                raise
            self._backlog_bytes -= size

    def replayed(self, batches: list[EventBatch]) -> None:
        """Write batches now, on the calling thread; for recovery, before `start`.

        Raises what the store raises; among it that a stored batch differs from its replay.
        """
        self._append(batches)
        self.last_seq = max(self.last_seq, self._store.last_seq)

    def _append(self, batches: list[EventBatch]) -> None:
        records = []
        for batch in batches:
            first, last, index = batch.head.first_seq, batch.head.last_seq, batch.head.log_index
            keys = index_keys(batch)
            records.append(self._make_record(first, last, index, batch.raw, keys))
        self._store.append(records)

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), SETTLE_PERIOD_S)
            self._due.clear()
            await self.settle()

    def read_from(self, seq: int) -> list[EventBatch]:
        """Stored batches from the one that holds `seq` on, about READ_BYTES; [] at the end."""
        return [EventBatch(row.payload) for row in self._rows(seq, READ_BYTES)]

    def member_batches(self, member_id: int, seq: int, limit: int) -> list[int]:
        """first_seq of stored batches that concern a member, from the one that may hold `seq`."""
        prefix = MEMBER_KEY.pack(b"M", member_id, 0)[:5]
        holding = self._rows(seq, 1)
        start = MEMBER_KEY.pack(b"M", member_id, holding[0].first_seq if holding else seq)
        rows = self._scan(prefix, start, limit, reverse=False)
        return [MEMBER_KEY.unpack(key)[2] for key, _ in rows]

    def batches_before(self, kind: bytes, number: int, seq: int, limit: int) -> list[int]:
        """first_seq of stored batches under "M" or "A" that begin below `seq`, newest first."""
        if seq < 1:
            return []
        prefix = MEMBER_KEY.pack(kind, number, 0)[:5]
        start = MEMBER_KEY.pack(kind, number, seq - 1)
        rows = self._scan(prefix, start, limit, reverse=True)
        return [MEMBER_KEY.unpack(key)[2] for key, _ in rows]

    def batch_at(self, first_seq: int) -> EventBatch:
        """The stored batch that holds `first_seq`."""
        return EventBatch(self._rows(first_seq, 1)[0].payload)

    def trade_seqs(self, instrument_id: int, before_trade_id: int, limit: int) -> list[int]:
        """Seq of stored trades of an instrument, newest first, with trade_id < the bound."""
        if before_trade_id < 1:
            return []
        prefix = TRADE_KEY.pack(b"T", instrument_id, 0)[:5]
        start = TRADE_KEY.pack(b"T", instrument_id, before_trade_id - 1)
        rows = self._scan(prefix, start, limit, reverse=True)
        return [SEQ_VALUE.unpack(value)[0] for _, value in rows]

    # Readers ask only for what is there; whatever the store refuses then is damage (I8): final.
    def _rows(self, seq: int, max_bytes: int) -> Sequence[R]:
        if seq > self._store.last_seq:
            return []
        try:
            return self._store.read_from(seq, max_bytes)
        except BaseException as error:
            self._on_fault(error)
            raise

    def _scan(
        self, prefix: bytes, start: bytes, limit: int, *, reverse: bool
    ) -> list[tuple[bytes, bytes]]:
        try:
            return self._store.scan_index(prefix, start=start, limit=limit, reverse=reverse)
        except BaseException as error:
            self._on_fault(error)
            raise
