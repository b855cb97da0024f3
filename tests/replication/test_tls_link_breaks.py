"""Links whose connections break all the time keep the promises of `links.py`."""

from __future__ import annotations

import itertools
import random
import threading
import time
from pathlib import Path

import pytest

from replication.links import LinkState
from tests.replication.link_desk import Node, Pki, settings_of

SECONDS = 2.0


def frame_of(number: int, rng: random.Random) -> bytes:
    """A frame that carries its number; a few are longer than what is sent in one go."""
    size = rng.choice((0, 10, 1_000, 100_000, 600_000))
    return b"%012d" % number + bytes(size)


@pytest.mark.parametrize("is_plain", [False, True])
def test_a_generation_is_gapless_whatever_breaks(tmp_path: Path, is_plain: bool) -> None:
    """Per generation: up, frames without gap or repetition, down; then the next generation."""
    pki = Pki(tmp_path / "pki")
    n2 = Node(settings_of("n2", {"n1": 1}, None if is_plain else pki.identity("n2")))
    peers = {"n2": n2.endpoint.port}
    n1 = Node(settings_of("n1", peers, None if is_plain else pki.identity("n1")))
    for node in (n1, n2):
        node.start()
    stop = threading.Event()

    def send_on(node: Node, peer: str, seed: int) -> None:
        rng, numbers = random.Random(seed), itertools.count()
        number = next(numbers)
        while not stop.is_set():
            if node.links.send(peer, frame_of(number, rng)):
                number = next(numbers)
            else:
                time.sleep(0.001)

    def break_on(seed: int) -> None:
        rng = random.Random(seed)
        while not stop.is_set():
            time.sleep(rng.uniform(0.0, 0.15))
            node, peer = rng.choice(((n1, "n2"), (n2, "n1")))
            node.links._peers[peer].close("broken by the test")  # noqa: SLF001

    threads = [
        threading.Thread(target=send_on, args=(n1, "n2", 1)),
        threading.Thread(target=send_on, args=(n2, "n1", 2)),
        threading.Thread(target=break_on, args=(3,)),
    ]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    stop.set()
    for thread in threads:
        thread.join(10.0)
    states: list[LinkState] = [n1.links.peers()["n2"], n2.links.peers()["n1"]]
    for node in (n1, n2):
        node.endpoint.stop()
    for node in (n1, n2):
        check(node.heard.calls)
    assert all(state.generation > 3 for state in states)
    assert sum(len(node.heard.frames()) for node in (n1, n2)) > 50


def check(calls: list[tuple[object, ...]]) -> None:
    """Judge what a handler was told."""
    live, number = 0, -1
    newest = 0
    for call in calls:
        kind, generation = call[0], call[2]
        assert isinstance(generation, int)
        if kind == "up":
            assert live == 0
            assert generation == newest + 1
            live = newest = generation
            number = -1
        else:
            assert generation == live
        if kind == "down":
            live = 0
        if kind == "frame":
            frame = call[3]
            assert isinstance(frame, bytes)
            came = int(frame[:12])
            assert number in {-1, came - 1}, (number, came)
            assert not frame[12:].strip(b"\0")
            number = came
    assert live == 0
