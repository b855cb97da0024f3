"""The running market of one node: the way of a command to its outcome, and the feeds.

Room: joins sequencer, engine and feeds on two threads, and is what the gateway calls `Core`.

    gateway (event loop thread)            committer thread
      submit ─────────────────▶ queue ───▶ log.append ─▶ committed ─▶ engine.apply
      Outcome ◀── deliver: directory, books, history, executions, trades ◀──┘

On a follower the entries come from the log alone; the rest is the same.

`deliver` runs on the event loop thread, once an entry, in log order: names, then answers, then
everything else that is folded from events (`late_fold.py`), at the latest when somebody looks at
it, so that whoever gets an answer finds its effect in every query.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from exchange.engine.capture import Captured, SnapshotBytes
from exchange.engine.port import Engine
from exchange.errors import ExchangeError, NotLeader, NotServing, Overloaded
from exchange.feeds.directory import Directory
from exchange.feeds.executions import ExecutionFeed
from exchange.feeds.history import History
from exchange.feeds.history_range import range_digest
from exchange.feeds.indications import IndicationFeed
from exchange.feeds.order_books import OrderBooks
from exchange.feeds.projections import Projections
from exchange.feeds.statistics import Statistics
from exchange.feeds.trades import TradeFeed
from exchange.gateway.ports import DigestResult, EventRange, NodeStatus, SnapshotResult
from exchange.late_fold import LateFold
from exchange.leadership import Leadership
from exchange.ledger.ledger import Ledger
from exchange.model.batch import Outcome
from exchange.model.codec import command_kinds, encode_command
from exchange.model.command import LOWERS_RISK, EpochStarted
from exchange.sequencer.committer import Applied, Committer, Handover
from exchange.sequencer.ports import Clock, LogView, ReplicatedLog
from exchange.sequencer.sequencer import Bounds, Sequencer, Submission
from exchange.snapshot_taker import SnapshotTaker
from exchange.unanswered import fail_all, failure_of, nothing

T = TypeVar("T")


class Identity(NamedTuple):
    """Who this node is; `endpoint_of` gives HOST:PORT of a node's API by its name."""

    cluster_id: str
    node_name: str
    endpoint_of: Callable[[str], str] = lambda _: ""


class Parts(NamedTuple):
    """What the composition root has built; the engine stands at what is known to be committed."""

    engine: Engine
    log: ReplicatedLog
    clock: Clock
    history: History[Any]
    bounds: Bounds


class MarketCore:
    """Sequencer, engine and feeds of one node, as the gateway's `Core`.

    Args:
        store_snapshot: stores (log_index, next_event_seq, payload) and returns the result; runs on
            a thread of its own.
        on_fault: called once, on any thread, when the node must stop.
        describe: makes this node's status from the figures that the core knows.
        snapshot_every_commands: a snapshot is taken after so many commands.
    """

    def __init__(
        self,
        identity: Identity,
        parts: Parts,
        *,
        store_snapshot: Callable[[int, int, SnapshotBytes], SnapshotResult],
        on_fault: Callable[[BaseException], None],
        describe: Callable[[MarketCore], list[NodeStatus]],
        snapshot_every_commands: int,
    ) -> None:
        self._identity = identity
        self._engine_name = parts.engine.name
        self._history = parts.history
        self._on_fault = on_fault
        self._describe = describe
        self._snapshot_every = snapshot_every_commands
        self._commands_since_snapshot = 0
        self._snapshots = SnapshotTaker(
            query=self.query, settle=self._settle, store=store_snapshot, on_fault=on_fault
        )
        self._alarms: dict[str, str] = {}
        self._projections = Projections(parts.engine, parts.history)
        self._ledger = Ledger()
        self._ledger.load(parts.engine)
        self._applied_index = parts.engine.applied_index
        self._last_seq = parts.engine.next_event_seq - 1
        self._events_digest = parts.engine.events_digest()
        self._log = parts.log
        self.leadership = Leadership(parts.log, identity.endpoint_of)
        self._loop = asyncio.get_running_loop()
        self._late = LateFold(self._fold, on_fault)
        self._queries = ThreadPoolExecutor(2, "query")
        sequencer = Sequencer(
            next_index=parts.engine.applied_index + 1,
            last_ts_ns=parts.engine.now_ns,
            epoch=parts.log.view.epoch,
            bounds=parts.bounds,
        )
        self._committer = Committer(
            sequencer=sequencer,
            log=parts.log,
            engine=parts.engine,
            clock=parts.clock,
            to=Handover(self._hand_over, self._abandon, self._follow, on_fault),
            first_of_epoch=self._first_of_epoch,
        )

    @property
    def cluster_id(self) -> str:
        """Identity of the cluster."""
        return self._identity.cluster_id

    @property
    def node_name(self) -> str:
        """Name of this node."""
        return self._identity.node_name

    @property
    def epoch(self) -> int:
        """Current leadership."""
        return self._log.view.epoch

    @property
    def role(self) -> str:
        """primary, standby, dr, joining, fenced or stopped."""
        return self._log.view.role

    @property
    def age_ns(self) -> int:
        """How long ago what is applied here was known to be the newest, nanoseconds."""
        return self._log.age_ns

    @property
    def applied_index(self) -> int:
        """Log index of the newest entry whose events were delivered."""
        return self._applied_index

    @property
    def last_seq(self) -> int:
        """Newest event sequence number delivered."""
        return self._last_seq

    @property
    def first_seq(self) -> int:
        """Oldest event sequence number that streams can start at; 0 before the first event."""
        return self._history.first_seq if self._last_seq else 0

    @property
    def events_digest(self) -> bytes:
        """Running digest over all events up to `applied_index`."""
        return self._events_digest

    @property
    def directory(self) -> Directory:
        """Names and ids."""
        return self._projections.directory

    @property
    def books(self) -> OrderBooks:
        """Displayed books."""
        return self.projections.books

    @property
    def executions(self) -> ExecutionFeed:
        """Order events per member."""
        return self.projections.executions

    @property
    def trades(self) -> TradeFeed:
        """Trades per instrument."""
        return self.projections.trades

    @property
    def indications(self) -> IndicationFeed:
        """Indications of interest of the dark books."""
        return self.projections.indications

    @property
    def ledger(self) -> Ledger:
        """Balances by double entry."""
        self._late.settle()
        return self._ledger

    @property
    def projections(self) -> Projections:
        """All that is made from events to be seen, these feeds among them."""
        self._late.settle()
        return self._projections

    @property
    def engine_name(self) -> str:
        """Implementation of the engine."""
        return self._engine_name

    @property
    def statistics(self) -> Statistics:
        """Counts over all events."""
        return self.projections.statistics

    @property
    def pending_commands(self) -> int:
        """Commands admitted and not yet answered."""
        return self._committer.pending_commands

    @property
    def subscriber_count(self) -> int:
        """Readers of all feeds."""
        return self._projections.subscriber_count

    @property
    def alarms(self) -> tuple[str, ...]:
        """What an operator should look at, as sentences."""
        return tuple(self._alarms.values())

    def start(self) -> None:
        """Begin to take commands."""
        self._history.start()
        self._committer.start()

    async def stop(self) -> None:
        """Take no more commands, answer those admitted, end the feeds, store what waits."""
        await asyncio.to_thread(self._committer.stop)
        await asyncio.sleep(0)  # what the committer handed over last is delivered now
        self.projections.close()
        await self._snapshots.stop()
        await self._history.stop()
        self._queries.shutdown()

    async def submit(self, body: bytes, count: int) -> Outcome:
        """Put `count` command records into one entry and wait for what becomes of them.

        Raises as `submit_to`. Shielded: a caller that goes away must not cancel what `deliver`
        will complete.
        """
        future: asyncio.Future[Outcome] = self._loop.create_future()
        self.submit_to(body, count, future.set_result, failure_of(future))
        return await asyncio.shield(future)

    def submit_to(
        self,
        body: bytes,
        count: int,
        done: Callable[[Outcome], None],
        failed: Callable[[ExchangeError], None],
    ) -> None:
        """Put `count` command records into one entry; one of the two is told what became of them.

        It is called once, on the event loop thread, unless this raises:

        Raises:
            ClientFault: more than fits one entry.
            Overloaded: a bound is reached, or an alarm forbids new commands; nothing was admitted.
            NotLeader: another node takes commands.
            NotServing: the node is stopping, or does not hear from the others.
        """
        self.leadership.refuse_commands()
        if "disk" in self._alarms and not command_kinds(body) <= LOWERS_RISK:
            raise Overloaded("DISK_NEARLY_FULL", self._alarms["disk"], retry_after_ms=5000)
        self._history.refuse_when_behind()
        self._committer.submit(Submission(body, count, done, failed))

    async def query(self, read: Callable[[Engine], T]) -> T:
        """Run `read` on the engine between two entries, on a thread of its own."""
        return await self._loop.run_in_executor(self._queries, self._committer.query, read)

    def status(self) -> list[NodeStatus]:
        """This node."""
        return self._describe(self)

    async def digest(self) -> DigestResult:
        """Digests after the newest applied entry."""
        return await self._snapshots.digest()

    async def state(self) -> Captured:
        """The state after the newest entry applied."""
        return await self._snapshots.captured()

    async def events_range(self, start_seq: int, end_seq: int) -> EventRange:
        """What the event index holds of start_seq..end_seq."""
        await self._settle()
        found = await self._loop.run_in_executor(
            self._queries, range_digest, self._history.read_from, start_seq, end_seq
        )
        newest = self._history.last_seq
        oldest = self._history.first_seq if newest else 0
        return EventRange(oldest, newest, *found)

    async def create_snapshot(self) -> SnapshotResult:
        """Take and store a snapshot; one at a time, whoever asks meanwhile gets the same."""
        self._commands_since_snapshot = 0
        return await self._snapshots.create()

    def refuse_reads(self) -> None:
        """Raise NotServing when what could be read here may be overtaken without a sign."""
        self.leadership.refuse_reads()

    async def leadership_lost(self) -> NotServing:
        """Return, once this node does not lead any more, the error that ends its sessions."""
        return await self.leadership.until_lost()

    def fail(self, error: BaseException) -> None:
        """Stop the node (fail-stop)."""
        self._on_fault(error)

    def set_alarm(self, name: str, text: str) -> None:
        """Raise an alarm, or clear it with ""."""
        if text:
            self._alarms[name] = text
        else:
            self._alarms.pop(name, None)

    # Committer thread.
    def _hand_over(self, applied: Applied) -> None:
        self._loop.call_soon_threadsafe(self._deliver, applied)

    def _abandon(self, submissions: list[Submission], error: ExchangeError) -> None:
        if isinstance(error, NotLeader):
            error = self.leadership.named(error)
        self._loop.call_soon_threadsafe(fail_all, submissions, error)

    def _follow(self, view: LogView) -> None:
        self._loop.call_soon_threadsafe(self.leadership.follow, view)

    def _first_of_epoch(self, epoch: int) -> Submission:
        body = encode_command(EpochStarted(epoch=epoch, node=self._identity.node_name))
        return Submission(body, 1, lambda _: self.leadership.opened(epoch), nothing)

    def _deliver(self, applied: Applied) -> None:
        try:
            self._projections.directory.on_batch(applied.batch)
            self._applied_index = applied.batch.head.log_index
            self._last_seq = applied.batch.head.last_seq
            self._events_digest = applied.events_digest
            for submission, first in applied.draft.submissions:
                submission.done(Outcome(applied.batch, first, submission.command_count))
            self._late.put(applied)
        except BaseException as error:  # outermost: an answer that fails is a node that must stop
            self._on_fault(error)

    def _fold(self, applied: Applied) -> None:
        self._projections.on_batch(applied.batch)
        self._ledger.on_batch(applied.batch)
        if self._history.is_behind:
            self._loop.create_task(self._release_later(applied), name="release")
        else:
            self._committer.release(applied)
        self._commands_since_snapshot += applied.draft.command_count
        if self._commands_since_snapshot >= self._snapshot_every:
            self._commands_since_snapshot = 0
            self._loop.create_task(self._snapshots.create_when_due(), name="snapshot-due")
        if self._projections.tell_emergency(applied.batch):  # R9.3
            self._loop.create_task(self._snapshots.create_when_due(), name="state-dump")

    # The disk of the event index is slow: whoever fills it waits, a follower too.
    async def _release_later(self, applied: Applied) -> None:
        await self._history.settle()
        self._committer.release(applied)

    async def _settle(self) -> None:
        self._late.settle()
        await self._history.settle()
