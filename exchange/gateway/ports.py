"""What the gateway needs from the node behind it.

Room: the `Core` protocol and the values it gives. Everything here is used on the event loop thread.
The gateway adds nothing to the market: it authenticates, translates and answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from exchange.engine.capture import Captured
from exchange.engine.port import Engine
from exchange.errors import ExchangeError, NotServing
from exchange.feeds.directory import Directory
from exchange.feeds.executions import ExecutionFeed
from exchange.feeds.indications import IndicationFeed
from exchange.feeds.order_books import OrderBooks
from exchange.feeds.projections import Projections
from exchange.feeds.trades import TradeFeed
from exchange.ledger.ledger import Ledger
from exchange.model.batch import Outcome

T = TypeVar("T")


class NodeStatus(NamedTuple):
    """One node at a glance (`exctl status`). Sequence numbers are log indexes."""

    name: str
    role: str
    endpoint: str
    pid: int
    healthy: bool
    epoch: int
    durable_seq: int
    applied_seq: int
    digest: str
    lag_ms: float
    started_at_ns: int
    trading_day: int
    open_orders: int
    pending_commands: int
    subscribers: int
    disk_free_bytes: int
    alarms: tuple[str, ...]
    version: str
    engine: str
    codec: str
    durability: str
    kind: str = ""
    in_sync: bool = False
    committed_seq: int = 0
    lag_entries: int = 0
    lag_bytes: int = 0
    memory_bytes: int = 0
    generation: int = 0
    may_serve: bool = False
    connected: bool = True
    queued_bytes: int = 0


class EventRange(NamedTuple):
    """What a node has of a range of its event history (`CompareDigests`).

    Attributes:
        oldest_seq, newest_seq: that are kept at all; 0 = none.
        digest: xxh3_128 over log index and events of each entry whose first event is in the range.
        entry_count: how many those are.
        first_log_index, last_log_index: of those; 0 = none.
        events: of the only entry, where they were asked for.
    """

    oldest_seq: int
    newest_seq: int
    digest: bytes
    entry_count: int
    first_log_index: int
    last_log_index: int
    events: bytes = b""


class SnapshotResult(NamedTuple):
    """A snapshot that is durable: at which entry, how big, its state digest."""

    log_index: int
    size_bytes: int
    state_digest: bytes


class DigestResult(NamedTuple):
    """Digests of the state after `log_index`: of the state, and running over all events."""

    log_index: int
    state_digest: bytes
    events_digest: bytes


class StatusCore(Protocol):
    """A node with or without a market, as ClusterService sees it. Event loop thread only."""

    @property
    def cluster_id(self) -> str:
        """Identity of the cluster, in every response header."""

    @property
    def node_name(self) -> str:
        """Name of this node, in every response header."""

    @property
    def epoch(self) -> int:
        """Current leadership."""

    @property
    def age_ns(self) -> int:
        """How long ago what is applied here was known to be the newest; 0 on a primary."""

    @property
    def applied_index(self) -> int:
        """Log index of the newest entry whose events were delivered here."""

    @property
    def last_seq(self) -> int:
        """Newest event sequence number delivered here; 0 before the first."""

    @property
    def first_seq(self) -> int:
        """Oldest event sequence number that is kept here; 0 before the first."""

    async def query(self, read: Callable[[Engine], T]) -> T:
        """Run `read` on the engine between two entries, off the event loop thread."""

    def status(self) -> list[NodeStatus]:
        """This node and those it knows."""

    async def digest(self) -> DigestResult:
        """Digests after the newest applied entry; costs time in the size of the state."""

    async def state(self) -> Captured:
        """The state after the newest applied entry, to be released; costs as `digest`."""

    async def events_range(self, start_seq: int, end_seq: int) -> EventRange:
        """What is kept of the events start_seq..end_seq, as it was published."""

    def refuse_reads(self) -> None:
        """Raise NotServing when what could be read here may be overtaken without a sign."""

    def fail(self, error: BaseException) -> None:
        """Stop the node: an invariant was seen broken while a call was answered."""

    async def create_snapshot(self) -> SnapshotResult:
        """Take and store a snapshot now."""


class Core(StatusCore, Protocol):
    """The node as the gateway sees it. All calls are made on the event loop thread."""

    @property
    def directory(self) -> Directory:
        """Names and ids, as of `applied_index`."""

    @property
    def books(self) -> OrderBooks:
        """Displayed books."""

    @property
    def executions(self) -> ExecutionFeed:
        """Order events per member, live and from history."""

    @property
    def indications(self) -> IndicationFeed:
        """Indications of interest of the dark books."""

    @property
    def trades(self) -> TradeFeed:
        """Trades per instrument, live and from history."""

    @property
    def ledger(self) -> Ledger:
        """Balances by double entry."""

    @property
    def projections(self) -> Projections:
        """All that is made from events to be seen, these feeds among them."""

    async def submit(self, body: bytes, count: int) -> Outcome:
        """Put `count` command records (concatenated in `body`) into one entry; wait for it.

        Raises:
            Overloaded: a bound is reached, or the disk is nearly full; nothing was admitted.
            NotServing: this node takes no commands now.
            OutcomeUnknown: the node stopped between the log and the answer.
        """

    def submit_to(
        self,
        body: bytes,
        count: int,
        done: Callable[[Outcome], None],
        failed: Callable[[ExchangeError], None],
    ) -> None:
        """As `submit`, but one of two functions is told: once, soon, on the event loop thread."""

    async def leadership_lost(self) -> NotServing:
        """Return, once this node does not lead any more, the error that ends its sessions."""
