"""R11.4: snapshot, restore and digest."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exchange.engine.build import build_engine
from exchange.engine.reference.canonical import MAGIC, decode_state, encode_state
from exchange.model.command import (
    CloseSession,
    Command,
    CreateAccount,
    EngageKillSwitch,
    SessionOpened,
)
from exchange.model.enums import KillScope, TimeInForce
from exchange.model.layout import CodecError
from tests.recorder import Recorder, buy, cancel, replace, sell

ROOT = Path(__file__).parents[4]


@pytest.fixture
def venue() -> Recorder:
    """Something in every section of the snapshot."""
    recorder = Recorder()
    recorder.open_market()
    due = recorder.ts_ns + 10**9
    recorder.send(SessionOpened(1, 1, "s"), CreateAccount(2, "more", "acc", "op"))
    recorder.send(buy(1, "a", 10, 900), buy(1, "b", 20, 900), session_id=1)
    recorder.send(buy(2, "c", 30, 900, time_in_force=TimeInForce.GTD, expire_ts_ns=due))
    recorder.send(sell(3, "d", 15, 900), buy(2, "bad", 11, 900), cancel(2, "zz", "x"))
    recorder.send(sell(3, "y", 40, 1010), sell(3, "e", 40, 1000), replace(3, "e", "e2", qty=30))
    recorder.send(EngageKillSwitch(KillScope.ACCOUNT, 4, "k", "op", "watch"))
    return recorder


def test_a_restored_engine_is_equal_and_goes_on_equally(venue: Recorder) -> None:
    other = build_engine("reference")
    other.restore(venue.engine.snapshot())

    assert other.snapshot() == venue.engine.snapshot()
    assert other.digest() == venue.engine.digest()
    steps: list[Command] = [
        sell(3, "f", 100, 900),
        buy(1, "a", 10, 900),
        buy(2, "bad", 11, 900),
        CloseSession(0, "close", "op"),
    ]
    for command in steps:
        venue.ts_ns += 10**9
        entry = venue.entry((command,))
        assert other.apply(entry) == venue.engine.apply(entry)
        assert other.digest() == venue.engine.digest()


def test_restore_keeps_the_places_in_the_queue(venue: Recorder) -> None:
    """R4.1: what is left of b came before c and trades first."""
    engine = build_engine("reference")
    engine.restore(venue.engine.snapshot())
    told = Recorder(engine).told(sell(3, "f", 45, 900))

    assert told[1:] == ["trade b f 15 @ 900", "trade c f 30 @ 900"]


def test_views_are_the_same_after_restore(venue: Recorder) -> None:
    one, two = venue.engine, build_engine("reference")
    two.restore(one.snapshot())

    assert one.instruments() == two.instruments()
    assert one.orders(0, 0, 0, 99, live=False) == two.orders(0, 0, 0, 99, live=False)
    assert one.orders(2, 1, 0, 99, live=True) == two.orders(2, 1, 0, 99, live=True)
    assert one.order_by_cl_ord_id(2, "bad") == two.order_by_cl_ord_id(2, "bad") is not None
    assert one.positions(0) == two.positions(0) != []
    assert one.kill_switches() == two.kill_switches() != []
    assert one.open_sessions() == two.open_sessions() != []
    assert (one.next_timer_ns(), one.trading_day) == (two.next_timer_ns(), two.trading_day)
    assert one.depth(1, 0) == two.depth(1, 0)
    assert one.events_digest() == two.events_digest()


def test_each_part_of_the_state_is_part_of_the_digest(venue: Recorder) -> None:
    """Entries that change one thing only, in turn, all give new digests."""
    digests = {venue.engine.digest()}
    steps: list[tuple[Command, ...]] = [
        (),
        (buy(1, "bad2", 11, 900),),
        (CreateAccount(1, "n", "n", "op"),),
        (SessionOpened(1, 0, "t"),),
    ]
    for count, commands in enumerate(steps, 2):
        venue.send(*commands)
        digests.add(venue.engine.digest())
        assert len(digests) == count


def test_the_order_of_insertion_does_not_show(venue: Recorder) -> None:
    """R11.4: a state whose every dict was filled the other way round has the same bytes."""
    snapshot = venue.engine.snapshot()
    state = decode_state(snapshot)
    turned = 0
    for name, value in list(vars(state).items()):
        if isinstance(value, dict):
            setattr(state, name, _turn(value))
            turned += len(value) > 1
    state.positions = {key: _turn(held) for key, held in state.positions.items()}
    for listing in state.listings.values():
        for side in (listing.book.bids, listing.book.asks):
            side.levels = _turn(side.levels)

    assert turned >= 8
    assert encode_state(state) == snapshot


def _turn(filled: dict[Any, Any]) -> dict[Any, Any]:
    return dict(reversed(list(filled.items())))


@pytest.mark.parametrize("data", [b"", b"LSNP", MAGIC + b"\x02\x00", b"\x00" * 100])
def test_what_is_not_a_snapshot_is_refused_and_the_state_kept(venue: Recorder, data: bytes) -> None:
    before = venue.engine.digest()

    with pytest.raises(CodecError):
        venue.engine.restore(data)
    assert venue.engine.digest() == before


def test_no_damaged_snapshot_is_taken_for_another_state(venue: Recorder, seed: int) -> None:
    """A flipped byte or a cut is refused, or gives exactly the state that those bytes say."""
    snapshot = venue.engine.snapshot()
    chance = random.Random(seed)
    engine = build_engine("reference")
    refused = 0
    for _ in range(600):
        damaged = bytearray(snapshot)
        at = chance.randrange(len(damaged))
        if chance.random() < 0.2:
            del damaged[at:]
        else:
            damaged[at] ^= 1 << chance.randrange(8)
        try:
            engine.restore(bytes(damaged))
        except CodecError:
            refused += 1
        else:
            assert engine.snapshot() == bytes(damaged)
    assert refused > 100


SCRIPT = """
from tests.recorder import Recorder, buy, sell
venue = Recorder()
venue.open_market(members=9)
for n in range(1, 10):
    venue.send(buy(n, f"b{n}", 10, 900 + 10 * n), sell(n, f"s{n}", 15, 1000 - 10 * n))
print(venue.engine.digest().hex(), venue.engine.events_digest().hex())
"""


def test_the_digest_does_not_depend_on_the_hash_seed() -> None:
    """R11.4: three processes that hash strings differently agree."""
    told = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("0", "1", "4242")
    }

    assert len(told) == 1
    assert len(told.pop().split()) == 2
