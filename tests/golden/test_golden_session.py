"""A recorded session replays to its recorded events and states, on every engine, for ever (I3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from exchange.engine.build import BUILT_ENGINES, build_engine
from exchange.engine.port import Engine
from exchange.model.codec import command_records, decode_batch, decode_entry_head
from exchange.model.command import CommandKind
from exchange.model.event import EventKind
from exchange.model.records import EVENT_KIND, EVENTS
from tests.golden.golden_file import GOLDEN, REWRITE, read_log, write_log
from tests.golden.session import IGNORED_KIND, Session

SESSIONS = GOLDEN / "sessions"
CHECKPOINT_ENTRIES = 10
NAMES = ["spine-1"]


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an engine knows after an entry; digests in hex."""

    log_index: int
    next_event_seq: int
    events_digest: str
    state_digest: str


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a session comes to."""

    entries: int
    commands: int
    snapshot_at: int
    checkpoints: list[Checkpoint]


def checkpoint(engine: Engine) -> Checkpoint:
    return Checkpoint(
        engine.applied_index,
        engine.next_event_seq,
        engine.events_digest().hex(),
        engine.digest().hex(),
    )


def is_checkpoint(index: int, entries: list[bytes]) -> bool:
    return index % CHECKPOINT_ENTRIES == 0 or index == len(entries)


@pytest.fixture(scope="module", params=NAMES)
def session(request: pytest.FixtureRequest) -> tuple[str, list[bytes], Expected]:
    """The entries of a session and what they must come to."""
    name: str = request.param
    if REWRITE:
        rewrite(name)
    expected = msgspec.json.decode((SESSIONS / f"{name}.json").read_bytes(), type=Expected)
    return name, read_log(SESSIONS / f"{name}.log"), expected


def rewrite(name: str) -> None:
    entries = Session().play()
    engine = build_engine(BUILT_ENGINES[0])
    checkpoints = []
    snapshot_at = len(entries) * 2 // 5  # inside of a busy day: orders, stops, pegs, an OCO
    for index, entry in enumerate(entries, start=1):
        engine.apply(entry)
        if is_checkpoint(index, entries):
            checkpoints.append(checkpoint(engine))
        if index == snapshot_at:
            (SESSIONS / f"{name}.snapshot").write_bytes(engine.snapshot())
    commands = sum(decode_entry_head(entry).command_count for entry in entries)
    expected = Expected(len(entries), commands, snapshot_at, checkpoints)
    write_log(SESSIONS / f"{name}.log", entries)
    text = msgspec.json.format(msgspec.json.encode(expected), indent=1)
    (SESSIONS / f"{name}.json").write_bytes(text + b"\n")


Recorded = tuple[str, list[bytes], Expected]


@pytest.mark.parametrize("engine_name", BUILT_ENGINES)
def test_replay_gives_the_recorded_digests_at_every_checkpoint(
    session: Recorded, engine_name: str
) -> None:
    _, entries, expected = session
    engine = build_engine(engine_name)
    found = []
    for index, entry in enumerate(entries, start=1):
        engine.apply(entry)
        if is_checkpoint(index, entries):
            found.append(checkpoint(engine))
    assert len(entries) == expected.entries
    assert found == expected.checkpoints


@pytest.mark.parametrize("engine_name", BUILT_ENGINES)
def test_the_recorded_snapshot_and_the_log_after_it_give_the_recorded_end(
    session: Recorded, engine_name: str
) -> None:
    name, entries, expected = session
    engine = build_engine(engine_name)
    payload = (SESSIONS / f"{name}.snapshot").read_bytes()
    engine.restore(payload)
    assert engine.snapshot() == payload
    assert engine.applied_index == expected.snapshot_at
    for entry in entries[expected.snapshot_at :]:
        engine.apply(entry)
    assert checkpoint(engine) == expected.checkpoints[-1]


def test_the_session_holds_every_kind_of_command(session: Recorded) -> None:
    _, entries, expected = session
    kinds = [record.kind for entry in entries for record in command_records(entry)]
    assert set(kinds) == set(CommandKind) | {IGNORED_KIND}
    assert len(kinds) == expected.commands > 300


def test_the_session_brings_about_every_kind_of_event(session: Recorded) -> None:
    _, entries, _ = session
    engine = build_engine(BUILT_ENGINES[0])
    kinds = {
        EVENT_KIND[type(record.event)]
        for entry in entries
        for record in decode_batch(engine.apply(entry))[1]
    }
    assert {EventKind(kind) for kind in EVENTS} == kinds


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries[:-1],
        lambda entries: [*entries[:20], entries[21], entries[20], *entries[22:]],
        lambda entries: [*entries[:20], entries[20][:-1] + b"\x00", *entries[21:]],
    ],
    ids=["cut", "swapped", "changed"],
)
def test_another_log_gives_other_digests(
    session: Recorded, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    _, entries, expected = session
    engine = build_engine(BUILT_ENGINES[0])
    for entry in change(entries):
        engine.apply(entry)
    last: Any = checkpoint(engine)
    assert last != expected.checkpoints[-1]
