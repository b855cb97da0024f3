"""What the machine asks for and must not wait for: reads of the journal, changes of the register.

Room: two threads that do one thing after another and report back as inputs of the machine. A fault
of the disk stops the node; a register that does not answer is an unknown outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from replication import effects as fx
from replication.log_view import EntryJournal
from replication.register import CasOutcome, ConsensusRegister, RegisterError, RegisterValue
from replication.replica import Replica
from replication.snapshot_port import SnapshotPort

Effects = list[fx.Effect]
Step = Callable[[Callable[[int], Effects]], None]


class Errands:
    """Runs errands of one node.

    Args:
        replica: the machine; called only through `step`.
        journal: of this node, to read.
        snapshots: of this node, to read.
        step: gives the machine an input, under its lock.
        fault: the node must stop.
    """

    def __init__(
        self,
        replica: Replica,
        journal: EntryJournal,
        snapshots: SnapshotPort,
        step: Step,
        fault: Callable[[BaseException], None],
    ) -> None:
        self._replica = replica
        self._journal = journal
        self._snapshots = snapshots
        self._step = step
        self._fault = fault
        self._reader = ThreadPoolExecutor(1, "log-reader")
        self._asker = ThreadPoolExecutor(1, "register-caller")

    def stop(self) -> None:
        """Begin nothing more, wait for what runs."""
        self._asker.shutdown(cancel_futures=True)
        self._reader.shutdown(cancel_futures=True)

    def change(self, register: ConsensusRegister, effect: fx.CompareAndSet) -> None:
        """Ask the register for a change."""
        self._asker.submit(self._guarded, lambda: self._change(register, effect))

    def read_entries(self, effect: fx.ReadEntries) -> None:
        """Read entries for a peer."""
        self._reader.submit(self._guarded, lambda: self._read_entries(effect))

    def read_chunk(self, effect: fx.ReadChunk) -> None:
        """Read a chunk of a snapshot for a peer."""
        self._reader.submit(self._guarded, lambda: self._read_chunk(effect))

    def _guarded(self, errand: Callable[[], None]) -> None:
        try:
            errand()
        except BaseException as error:  # outermost: of these threads; nobody waits for an errand
            self._fault(error)

    def _change(self, register: ConsensusRegister, effect: fx.CompareAndSet) -> None:
        try:
            won = register.compare_and_set(effect.expected_version, effect.new)
            outcome = CasOutcome.WON if won else CasOutcome.LOST
        except RegisterError:  # it did not answer: the change may have been made, or may be yet
            outcome = CasOutcome.UNKNOWN
        token = effect.token
        self._step(lambda now_ns: self._replica.on_cas_result(now_ns, token, outcome))
        if outcome is not CasOutcome.WON:
            self.tell(register.read())

    def tell(self, value: RegisterValue) -> None:
        """The register has this value."""
        self._step(lambda now_ns: self._replica.on_register(now_ns, value))

    def _read_entries(self, effect: fx.ReadEntries) -> None:
        entries: list[bytes] = []
        size = 0
        for _, entry in self._journal.scan(effect.first, effect.last + 1):
            size += len(entry)
            if entries and size > effect.bytes_max:
                break
            entries.append(entry)
        self._step(lambda now_ns: self._replica.on_entries_read(now_ns, effect, entries))

    def _read_chunk(self, effect: fx.ReadChunk) -> None:
        data = self._snapshots.read_chunk(effect.log_index, effect.chunk)
        self._step(lambda now_ns: self._replica.on_chunk_read(now_ns, effect, data))
