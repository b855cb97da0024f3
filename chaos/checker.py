"""Holds what clients saw against an independent replay of the journal (RELIABILITY 5.3).

Room: judges; starts nothing and talks to no one. The replay is an engine of its own, fed with every
entry from genesis, and the folds of this package; nothing of the node's state is believed.

| checked                                                                    | invariant |
|----------------------------------------------------------------------------|-----------|
| an acknowledged command is in the log, with the result it was given        | I1        |
| a command takes effect once, however often it was sent                     | I2        |
| a repeat is answered with the original outcome and order                   | I2        |
| digest of the node = digest of the replay, at the same log index           | I3        |
| log index and event seq go up by one; epochs and time never go back        | I5        |
| what a stream of executions told = the member's events, all, in order      | I8        |
| quantities, positions, live orders and the fed book add up; never crossed  | I9        |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chaos.facts import Fact, facts_of_event
from chaos.fold import MarketFold
from chaos.history import Key, Sent
from exchange.engine.build import build_engine
from exchange.engine.port import REFERENCE, Engine
from exchange.model.batch import EventBatch
from exchange.model.codec import BatchStatus, command_records, decode_command, decode_entry_head
from exchange.model.command import CancelOrder, MassCancel, NewOrder, ReplaceOrder
from exchange.model.enums import ExecType, Side
from exchange.model.event import CancelRejected, MemberChanged, Rejected, Repeated
from exchange.model.layout import CodecError
from exchange.model.reject import RejectReason

VIOLATIONS_MAX = 50
"""Kept; one lost entry makes thousands of the same kind."""


class Violation(NamedTuple):
    """A broken invariant: its id in RELIABILITY 5.3, and what was found where."""

    invariant: str
    text: str


class Effect(NamedTuple):
    """What one command did, by the replay."""

    log_index: int
    facts: tuple[Fact, ...]


class Checker:
    """The replay and everything found so far.

    Args:
        engine: at genesis; a fresh reference engine where none is given.
    """

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or build_engine(REFERENCE)
        self.violations: list[Violation] = []
        self.commands = 0
        self._fold = MarketFold()
        self._effects: dict[Key, Effect] = {}
        self._answers: dict[Key, list[Effect]] = {}
        self._executions: dict[str, list[Fact]] = {}
        self._members: dict[int, str] = {}
        self._epoch = 0
        self._ts_ns = 0
        self._next_seq = 1

    @property
    def log_index(self) -> int:
        """Entries replayed so far."""
        return self.engine.applied_index

    def found(self, invariant: str, text: str) -> None:
        """Note a violation; also those that only its caller can see."""
        if len(self.violations) < VIOLATIONS_MAX:
            self.violations.append(Violation(invariant, text))

    def execution_count(self, member: str) -> int:
        """How many execution reports concern the member so far."""
        return len(self._executions.get(member, ()))

    def replay(self, entries: Iterable[bytes]) -> None:
        """Apply the next entries of the journal and check what they give."""
        for entry in entries:
            self._replay_one(entry)
        for text in self._fold.faults():
            self.found("I9", f"after entry {self.log_index}: {text}")
        self._compare_books()

    def check_acknowledged(self, commands: Iterable[Sent]) -> None:
        """Every answer must be what the log says; the replay must have reached them."""
        for command in commands:
            effect = self._effects.get(command.key)
            if effect is None:
                self.found(
                    "I1", f"{command.key} was acknowledged and is not in the log: {command.answers}"
                )
                continue
            for facts in command.answers:
                self._check_answer(command.key, effect, facts)

    def check_unresolved(self, commands: Sequence[Sent]) -> None:
        """None may be left without an outcome once all were sent again."""
        for command in commands:
            self.found("I2", f"{command.key} is {command.state.value} at the end")

    def check_cut(self, name: str, cut: Iterable[tuple[int, bytes]], log: Sequence[bytes]) -> None:
        """What a node cut from its log must not be in the log, whose entries are given from 1."""
        for index, entry in cut:
            if index <= len(log) and log[index - 1] == entry:
                self.found("I7", f"{name} cut entry {index}, which the log has as it was")

    def check_digest(self, log_index: int, state_digest: str, events_digest: str) -> None:
        """The digests that the node told (hex) at `log_index`, where the replay must stand."""
        if log_index != self.log_index:
            raise ValueError(f"the replay is at {self.log_index}, the digest is of {log_index}")
        own = self.engine.digest().hex(), self.engine.events_digest().hex()
        if (state_digest, events_digest) != own:
            told = (state_digest, events_digest)
            self.found("I3", f"at entry {log_index} the node tells {told}, the replay gives {own}")

    def check_executions(self, member: str, told: Sequence[Fact]) -> None:
        """What a stream of executions from seq 1 told must be the member's events, all of them."""
        expected = self._executions.get(member, [])
        if list(told) == expected:
            return
        for number, (one, other) in enumerate(zip(told, expected, strict=False)):
            if one != other:
                self.found("I8", f"execution {number} of {member} is {one}, the log says {other}")
                return
        self.found("I8", f"{member} was told {len(told)} executions, the log has {len(expected)}")

    def check_book(
        self, instrument_id: int, bids: Sequence[tuple[int, int]], asks: Sequence[tuple[int, int]]
    ) -> None:
        """(price, qty) levels that the node shows at the replay's log index, best first."""
        depth = self.engine.depth(instrument_id, 0)
        own = (
            ([], [])
            if depth is None
            else tuple(
                [(level.price, level.qty) for level in side] for side in (depth.bids, depth.asks)
            )
        )
        if ([*bids], [*asks]) != own:
            self.found("I8", f"book of instrument {instrument_id} shows {bids} {asks}, not {own}")

    def _replay_one(self, entry: bytes) -> None:
        try:
            head = decode_entry_head(entry)
        except CodecError as error:
            self.found("I11", str(error))
            return
        if head.log_index != self.log_index + 1:
            self.found("I5", f"entry {head.log_index} follows entry {self.log_index}")
            return
        if head.epoch < self._epoch or head.ts_ns < self._ts_ns:
            self.found("I5", f"entry {head.log_index}: epoch or time goes back: {head}")
        self._epoch, self._ts_ns = head.epoch, head.ts_ns
        batch = EventBatch(self.engine.apply(entry))
        if batch.head.status != BatchStatus.APPLIED:
            self.found("I5", f"entry {head.log_index} is not applied: {batch.head}")
            return
        if batch.head.first_seq != self._next_seq:
            self.found(
                "I5",
                f"entry {head.log_index}: events from {batch.head.first_seq}, "
                f"{self._next_seq} is next",
            )
        self._next_seq = batch.head.last_seq + 1
        for record in batch.events:
            for text in self._fold.on_event(record.event):
                self.found("I9", f"seq {record.seq}: {text}")
            if isinstance(record.event, MemberChanged):
                self._members[record.event.member.member_id] = record.event.member.name
        self._note_executions(batch)
        self._note_effects(entry, batch)

    def _note_executions(self, batch: EventBatch) -> None:
        for record in batch.events:
            for member_id, name in self._members.items():
                facts = facts_of_event(record, member_id, batch.head.log_index)
                if facts:
                    self._executions.setdefault(name, []).extend(facts)

    def _note_effects(self, entry: bytes, batch: EventBatch) -> None:
        for position, row in enumerate(command_records(entry)):
            self.commands += 1
            try:
                command = decode_command(row)
            except CodecError as error:
                self.found("I11", f"entry {batch.head.log_index}, command {position}: {error}")
                continue
            if not isinstance(command, NewOrder | CancelOrder | ReplaceOrder | MassCancel):
                continue
            key = Key(self._members.get(command.member_id, ""), command.cl_ord_id)
            records = batch.by_command.get(position, [])
            facts = tuple(
                fact
                for record in records
                for fact in facts_of_event(record, command.member_id, batch.head.log_index)
            )
            effect = Effect(batch.head.log_index, facts)
            self._answers.setdefault(key, []).append(effect)
            if not records:
                self.found("I1", f"{key} in entry {batch.head.log_index} caused no event")
            elif not _is_without_effect(records[0].event):
                before = self._effects.setdefault(key, effect)
                if before is not effect:
                    self.found(
                        "I2",
                        f"{key} took effect in entry {before.log_index} and again in entry "
                        f"{effect.log_index}",
                    )
            elif isinstance(records[0].event, Repeated):
                self._check_repeat(key, effect)

    def _check_repeat(self, key: Key, repeat: Effect) -> None:
        first = self._effects.get(key)
        told = [_outcome(fact) for fact in repeat.facts[:1]]
        if first is None or told != [_outcome(fact) for fact in first.facts[:1]]:
            self.found("I2", f"{key} is repeated as {repeat}, its first outcome was {first}")

    def _check_answer(self, key: Key, effect: Effect, facts: tuple[Fact, ...]) -> None:
        index = facts[0].log_index
        given = [one for one in self._answers[key] if one.log_index == index and one.facts == facts]
        if not given:
            in_log = [one.facts for one in self._answers[key]]
            self.found("I1", f"{key} was told {facts}, the log says {in_log}")

    def _compare_books(self) -> None:
        for instrument_id in self._fold.instruments():
            depth = self.engine.depth(instrument_id, 0)
            if depth is None:
                self.found("I8", f"the feed has a book of unknown instrument {instrument_id}")
                continue
            for side, levels in ((Side.BUY, depth.bids), (Side.SELL, depth.asks)):
                fed = self._fold.levels(instrument_id)[side]
                shown = {level.price: (level.qty, level.order_count) for level in levels}
                if shown != fed:
                    self.found(
                        "I8",
                        f"instrument {instrument_id} side {side} after entry {self.log_index}: "
                        f"fed {fed}, engine {shown}",
                    )

    def compare_positions(self) -> None:
        """The engine's positions must be the sums of the trades."""
        own = {key: qty for key, qty in self._fold.positions.items() if qty}
        shown = {(row.account_id, row.instrument_id): row.qty for row in self.engine.positions(0)}
        if own != shown:
            self.found("I9", f"positions: trades sum to {own}, the engine has {shown}")


def _is_without_effect(event: object) -> bool:
    """Whether the command only met its own memory: a repeat, or its key with other content."""
    if isinstance(event, Rejected | CancelRejected):
        return event.reason == RejectReason.DUPLICATE_CL_ORD_ID
    return isinstance(event, Repeated)


def _outcome(fact: Fact) -> tuple[object, ...]:
    """What a repeat must tell as the first answer did: which report, of which order, and why."""
    refused = fact.exec_type in {ExecType.REJECTED, ExecType.CANCEL_REJECTED}
    reason = fact.reject_reason if refused else 0
    return fact.exec_type, fact.order_id, fact.cl_ord_id, reason
