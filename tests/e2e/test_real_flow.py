"""Recorded order flow through the public API: restarts and batching change nothing.

Two digests are compared, because log entries hold times and a restart adds entries of its own:

- the *content* digest (`Content.digest`): orders with their ids, quantities and states, book,
  positions, trades. It must be that of an uninterrupted run in process, on a reference engine of
  its own, however often the node was restarted and however the commands were batched;
- the *state* digest of the node (`GetDigest`), which must be that of an independent replay of this
  node's own journal from genesis.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from pathlib import Path
from typing import Any

import pytest

from chaos.checker import Checker
from chaos.journal_reader import entries
from chaos.process import NodeProcess
from exchange.client import AsyncClient
from tests.flow_replay import content_of, messages_of, replay, set_up
from tests.real_flow import EVENTS, Content, Tape, make_tape, read_events, recording

PREFIX = 30_000
BATCH = 1000
RESTARTS = ("graceful", "kill -9", "snapshot, kill -9")


def tape_of(events: int) -> Tape:
    path = recording()
    if path is None:
        pytest.skip("ob-analytics is not installed: make setup")
    return make_tape(read_events(path, events))


@pytest.fixture(scope="module")
def tape() -> Tape:
    return tape_of(PREFIX)


def test_the_recording_is_mapped_whole(tape: Tape) -> None:
    """Every event is a command, but for fills that the engine made itself."""
    kinds = [command.kind for command in tape.commands]

    assert len(kinds) + sum(tape.left_out.values()) == PREFIX
    assert tape.left_out["changed by a fill"] < PREFIX // 1000
    assert min(kinds.count("new"), kinds.count("cancel")) > PREFIX // 3
    assert len({command.cl_ord_id for command in tape.commands}) == len(kinds)
    assert tape.content.trades
    assert tape.content.bids[0] < tape.content.asks[0]


async def restart(node: NodeProcess, kind: str) -> None:
    if kind == "graceful":
        status = await asyncio.to_thread(node.stop)
        assert status == 0, node.last_output()
    else:
        if kind.startswith("snapshot"):
            async with AsyncClient(node.endpoint, operator="flow") as client:
                await client.create_snapshot()
        node.kill()
    node.start()
    await asyncio.to_thread(node.wait_serving)


async def replay_with_restarts(
    node: NodeProcess, messages: list[list[Any]], chance: random.Random
) -> int:
    """One message at a time; the node is restarted while a message is on its way."""
    places = sorted(chance.sample(range(1, len(messages)), len(RESTARTS)))
    results = 0
    for kind, (start, stop) in zip(
        ("", *RESTARTS), itertools.pairwise((0, *places, len(messages))), strict=True
    ):
        part = asyncio.create_task(replay(node.endpoint, messages[start:stop], in_flight=1))
        if kind:
            await asyncio.sleep(chance.uniform(0.01, 0.08))
            await restart(node, kind)
        results += await part
    return results


def check_replay(node: NodeProcess, commands: int) -> None:
    """The node's digests are those of an independent replay of its journal from genesis."""
    digest = asyncio.run(digest_of(node.endpoint))
    checker = Checker()
    checker.replay(entries(node.data_dir, 1, digest.log_index))
    checker.check_digest(digest.log_index, digest.state_digest, digest.events_digest)
    checker.compare_positions()
    assert checker.violations == []
    assert checker.commands >= commands


async def digest_of(endpoint: str) -> Any:
    async with AsyncClient(endpoint, operator="flow") as client:
        return await client.digest()


def run(
    node: NodeProcess, tape: Tape, sizes: Any, *, restarts: random.Random | None = None
) -> Content:
    """Replay the tape on a fresh node, check its journal, read the market back."""
    messages = messages_of(tape.commands, sizes)
    node.start()
    try:
        node.wait_serving()
        asyncio.run(set_up(node.endpoint))
        if restarts is None:
            results = asyncio.run(replay(node.endpoint, messages, in_flight=4))
        else:
            results = asyncio.run(replay_with_restarts(node, messages, restarts))
        assert results == len(tape.commands)
        content = asyncio.run(content_of(node.endpoint))
        check_replay(node, results)
        assert node.stop() == 0
        return content
    finally:
        node.kill()


@pytest.mark.timeout(240)
def test_restarts_change_nothing(tape: Tape, tmp_path: Path, seed: int) -> None:
    node = NodeProcess(tmp_path)

    content = run(node, tape, itertools.repeat(BATCH), restarts=random.Random(seed))

    assert node.starts == 1 + len(RESTARTS)
    assert content == tape.content
    assert content.digest() == tape.content.digest()


@pytest.mark.timeout(240)
def test_batching_changes_nothing(tape: Tape, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    sizes = (chance.randrange(1, 3_000) for _ in itertools.count())

    content = run(NodeProcess(tmp_path), tape, sizes)

    assert content == tape.content


def test_another_tape_has_another_content(tape: Tape) -> None:
    shorter = tape_of(PREFIX // 10)

    assert shorter.content.digest() != tape.content.digest()


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_the_whole_recording_with_restarts(tmp_path: Path, seed: int) -> None:
    tape = tape_of(EVENTS)

    content = run(
        NodeProcess(tmp_path), tape, itertools.repeat(BATCH), restarts=random.Random(seed)
    )

    assert content == tape.content
