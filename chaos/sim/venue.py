"""The exchange of a simulated node: the production engine, and the sequencer while it leads.

Room: applying committed entries, drafting, answering clients. What the production shell does with
threads happens here in one: entries are proposed and written at the same time, several may be under
way, and a client is answered when its entry is committed and applied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from exchange.engine.port import Engine
from exchange.model.batch import EventBatch, Outcome
from exchange.model.codec import BatchStatus, encode_command
from exchange.model.command import CreateInstrument, CreateMember, EpochStarted, OpenSession
from exchange.model.enums import AssetClass, StpMode
from exchange.model.instrument import Instrument
from exchange.sequencer.sequencer import Bounds, Draft, Sequencer, Submission

WINDOW_ENTRIES = 8
MEMBERS = 3

BOUNDS = Bounds(entry_commands=64, pending_commands=256)

LISTING = Instrument(
    instrument_id=0,
    symbol="SIM",
    asset_class=AssetClass.EQUITY,
    currency="USD",
    mic="XLCK",
    tick_size=1,
    lot_size=1,
    qty_decimals=0,
    min_order_qty=1,
    max_order_qty=1_000_000,
    max_order_notional=0,
    reference_price=1_000,
    static_band_bp=9_000,
    contract_multiplier=1,
    stp_default=StpMode.CANCEL_INCOMING,
)


class Applied(NamedTuple):
    """An entry that was applied, and the draft it came from if this leadership made it."""

    log_index: int
    entry: bytes
    batch: EventBatch
    draft: Draft | None


class Venue:
    """Engine and, while leading, sequencer of one process."""

    def __init__(self, engine: Engine, node: str) -> None:
        self.engine = engine
        self._node = node
        self._sequencer: Sequencer | None = None
        self._drafts: dict[int, Draft] = {}
        self._epoch = 0
        self._waits_for: int | None = None
        self.may_draft = True

    @property
    def applied_index(self) -> int:
        """Newest entry applied."""
        return self.engine.applied_index

    @property
    def epoch(self) -> int:
        """Leadership under which this node drafts; 0 = it does not."""
        return self._epoch

    def lead(self, epoch: int, last_index: int) -> None:
        """This node leads; it drafts once everything in its log is applied."""
        self.follow()
        self._epoch = epoch
        self._waits_for = last_index

    def follow(self) -> None:
        """It does not lead; what it drafted is in the log or not."""
        self._sequencer = None
        self._drafts.clear()
        self._epoch = 0
        self._waits_for = None
        self.may_draft = True

    def apply(self, log_index: int, entry: bytes) -> Applied:
        """Apply the next committed entry. Raises ValueError if the engine refuses it."""
        batch = EventBatch(self.engine.apply(entry))
        if batch.head.status != BatchStatus.APPLIED or batch.head.log_index != log_index:
            raise ValueError(f"entry {log_index}: {batch.head}")
        draft = self._drafts.pop(log_index, None)
        if draft is not None and self._sequencer is not None:
            self._sequencer.release(draft)
        return Applied(log_index, entry, batch, draft)

    def submit(self, body: bytes, done: Callable[[Outcome], None]) -> bool:
        """Take a command of a client; False if this node does not."""
        self._open()
        if self._sequencer is None or not self.engine.members():
            return False
        if self._sequencer.pending_commands >= BOUNDS.pending_commands:
            return False
        self._sequencer.admit(Submission(body, 1, done, _lost))
        return True

    def draft(self, wall_ns: int, last_index: int) -> Draft | None:
        """The next entry, if there is one and the window has room."""
        self._open()
        sequencer = self._sequencer
        if sequencer is None or not self.may_draft:
            return None
        if last_index - self.applied_index >= WINDOW_ENTRIES:
            return None
        draft = sequencer.draft(wall_ns, None)
        if draft is not None:
            self._drafts[draft.log_index] = draft
        return draft

    # The sequencer begins after the newest entry and never goes back in time, so everything that
    # is in the log must be applied first.
    def _open(self) -> None:
        if self._waits_for is None or self.applied_index < self._waits_for:
            return
        self._waits_for = None
        self._sequencer = Sequencer(
            next_index=self.applied_index + 1,
            last_ts_ns=self.engine.now_ns,
            epoch=self._epoch,
            bounds=BOUNDS,
        )
        begin = encode_command(EpochStarted(self._epoch, self._node))
        self._sequencer.admit(Submission(begin, 1, _nobody, _lost))
        if not self.engine.members():
            for body in _opening():
                self._sequencer.admit(Submission(body, 1, _nobody, _lost))


def _nobody(_outcome: Outcome) -> None:
    """No client waits for this."""


def _opening() -> list[bytes]:
    commands = [CreateMember(f"m{n}", f"setup-{n}", "op") for n in range(1, MEMBERS + 1)]
    return [
        *(encode_command(command) for command in commands),
        encode_command(CreateInstrument(LISTING, "setup-list", "op")),
        encode_command(OpenSession(0, "setup-open", "op")),
    ]


def _lost(_error: Exception) -> None:
    """The outcome is unknown: the client hears nothing and asks again."""
