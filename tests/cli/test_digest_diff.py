"""`exctl digest --diff` finds the first entry and the first object in which two copies differ."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cli.first_difference import EventSpan, State, first_difference
from exchange.engine.build import build_engine
from exchange.feeds.history_range import range_digest
from exchange.model.batch import EventBatch
from exchange.model.codec import encode_command, encode_entry
from exchange.model.command import EpochStarted
from storage.data_directory import DataDirectory
from storage.event_layout import EventBatchRecord
from tests.cli.conftest import Exctl, Up, run


def epochs(nodes: list[str]) -> tuple[list[bytes], bytes]:
    """Event batches of a log with one EpochStarted an entry, and the state after it."""
    engine = build_engine("reference")
    batches = []
    for number, node in enumerate(nodes, 1):
        command = encode_command(EpochStarted(epoch=number, node=node))
        batches.append(engine.apply(encode_entry(number, number, number * 10, 1, command)))
    return batches, engine.snapshot()


class Memory:
    """A copy in memory."""

    def __init__(self, name: str, batches: list[bytes], state: State | None) -> None:
        self.name = name
        self.batches = [EventBatch(raw) for raw in batches if EventBatch(raw).head.event_count]
        self.state = state
        self.asked = 0

    def bounds(self) -> tuple[int, int]:
        if not self.batches:
            return 0, 0
        return self.batches[0].head.first_seq, self.batches[-1].head.last_seq

    def _read(self, seq: int) -> list[EventBatch]:
        return [batch for batch in self.batches if batch.head.last_seq >= seq]

    def span(self, start_seq: int, end_seq: int) -> EventSpan:
        self.asked += 1
        found = range_digest(self._read, start_seq, end_seq)
        return EventSpan(found.digest.hex(), found.batch_count, found.first_log_index)

    def events(self, first_seq: int, end_seq: int) -> bytes:
        return range_digest(self._read, first_seq, end_seq).only

    def chain_digest(self, log_index: int) -> bytes | None:
        return None

    def state_at(self, log_index: int | None) -> State | None:
        return self.state


def copies(one: list[str], two: list[str]) -> tuple[Memory, Memory]:
    made = []
    for name, nodes in (("one", one), ("two", two)):
        batches, state = epochs(nodes)
        made.append(Memory(name, batches, State(len(nodes), state)))
    return made[0], made[1]


def test_equal_copies_have_no_difference() -> None:
    found = first_difference(*copies(["n1"] * 50, ["n1"] * 50))
    assert (found.kind, found.compared) == ("none", "events 1-50 and the states after entry 50")


@pytest.mark.parametrize("at", [1, 2, 25, 49, 50])
def test_the_first_different_entry_is_found_by_halving(at: int) -> None:
    nodes = ["n1"] * 50
    other = [*nodes[: at - 1], "n2", *nodes[at:]]
    one, two = copies(nodes, other)
    found = first_difference(one, two)
    assert (found.kind, found.log_index, found.seq) == ("events", at, at)
    assert "n1" in found.left
    assert "n2" in found.right
    assert one.asked <= 9


def test_a_copy_that_is_behind_is_compared_as_far_as_it_goes() -> None:
    one, two = copies(["n1"] * 50, ["n1"] * 20)
    two.state = None
    found = first_difference(one, two)
    assert (found.kind, found.compared[:11]) == ("none", "events 1-20")


def test_without_common_events_that_is_said() -> None:
    one, two = copies(["n1"] * 3, [])
    assert first_difference(one, two).kind == "nothing in common"


def test_states_that_differ_are_told_by_row() -> None:
    one, two = copies(["n1"] * 5, ["n1"] * 5)
    batches, state = epochs(["n1"] * 5)
    changed = bytearray(state)
    changed[20] ^= 1
    two.state = State(5, bytes(changed))
    found = first_difference(one, two)
    assert (found.kind, found.log_index, found.subject) == ("state", 5, "row 1 of HeadRow")
    assert found.left != found.right
    assert len(batches) == 5


def write(data: Path, nodes: list[str]) -> None:
    """A data directory with that log, its events and a snapshot."""
    engine = build_engine("reference")
    with_events: list[EventBatchRecord] = []
    directory = DataDirectory.open(data, create=True, cluster_id="c")
    for number, node in enumerate(nodes, 1):
        command = encode_command(EpochStarted(epoch=number, node=node))
        entry = encode_entry(number, number, number * 10, 1, command)
        directory.journal.append([(number, entry)])
        batch = EventBatch(engine.apply(entry))
        head = batch.head
        with_events.append(EventBatchRecord(head.first_seq, head.last_seq, number, batch.raw))
    directory.events.append(with_events)
    directory.close()


def test_two_data_directories_are_compared_offline(tmp_path: Path) -> None:
    write(tmp_path / "a", ["n1"] * 9)
    write(tmp_path / "b", ["n1"] * 6 + ["n2"] * 3)
    shutil.copytree(tmp_path / "a", tmp_path / "c")
    differ = run("-o", "json", "digest", "--diff", str(tmp_path / "a"), str(tmp_path / "b"))
    found = json.loads(differ.stdout)
    assert (differ.exit_code, found["kind"], found["log_index"]) == (5, "log", 7)
    same = run("digest", "--diff", str(tmp_path / "a"), str(tmp_path / "c"))
    assert (same.exit_code, "none" in same.stdout) == (0, True)


def test_a_node_is_compared_with_its_own_data(up: Up, exctl: Exctl) -> None:
    exctl("order", "submit", "--member", "alice", "ABC", "buy", "1", "99")
    snapshot = exctl.json("snapshot", "create")
    found = exctl.json("digest", "--diff", up.endpoint, str(up.data))
    assert found["kind"] == "none"
    assert found["compared"].endswith(f"the states after entry {snapshot['log_index']}")


def test_a_place_that_is_nothing_is_named() -> None:
    result = run("digest", "--diff", "nowhere", "127.0.0.1:1")
    assert (result.exit_code, "'nowhere' is not HOST:PORT" in result.stderr) == (2, True)
