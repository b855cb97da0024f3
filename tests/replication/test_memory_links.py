"""The in-memory twin of the links keeps their promises, and breaks things where it is told to."""

from __future__ import annotations

import pytest

from replication.links import Links
from replication.memory_links import MemoryLinks, MemoryNetwork
from tests.replication.link_desk import Recorder

MS = 1_000_000


def pair(network: MemoryNetwork) -> tuple[MemoryLinks, MemoryLinks, Recorder, Recorder]:
    a, b = network.links("a", ("b",)), network.links("b", ("a",))
    heard_a, heard_b = Recorder(), Recorder()
    a.start(heard_a)
    b.start(heard_b)
    network.advance(network.now_ns)
    return a, b, heard_a, heard_b


def run(network: MemoryNetwork, milliseconds: int) -> None:
    for _ in range(milliseconds):
        network.advance(network.now_ns + MS)


def test_it_fulfils_the_port() -> None:
    links: Links = MemoryNetwork().links("a", ("b",))
    assert not links.peers()["b"].connected


def test_frames_arrive_in_order_after_their_delay() -> None:
    network = MemoryNetwork(delay_ns=(5 * MS, 9 * MS))
    a, _, _, heard_b = pair(network)
    for number in range(50):
        assert a.send("b", bytes([number]))
    run(network, 4)
    assert heard_b.frames() == []
    run(network, 10)
    assert heard_b.frames() == [bytes([number]) for number in range(50)]


def test_what_is_sent_into_a_short_partition_arrives_late() -> None:
    network = MemoryNetwork()
    a, b, _, heard_b = pair(network)
    network.cut_way("a", "b")
    assert a.send("b", b"x")
    assert b.send("a", b"y")
    run(network, 500)
    assert heard_b.frames() == []
    network.heal()
    run(network, 5)
    assert heard_b.frames() == [b"x"]
    assert heard_b.downs() == []


def test_a_long_partition_ends_the_connection_and_healing_makes_another() -> None:
    network = MemoryNetwork()
    a, _, heard_a, heard_b = pair(network)
    network.cut("a", "b")
    assert a.send("b", b"lost")
    run(network, 1500)
    assert heard_a.downs() == heard_b.downs() == ["nothing heard"]
    assert not a.send("b", b"x")
    network.heal("a", "b")
    run(network, 300)
    assert heard_a.ups() == heard_b.ups() == [1, 2]
    assert heard_b.frames() == []


def test_a_broken_connection_delivers_a_prefix() -> None:
    seen = set()
    for seed in range(20):
        network = MemoryNetwork(seed, delay_ns=(50 * MS, 50 * MS))
        a, _, _, heard_b = pair(network)
        sent = [bytes([number]) for number in range(10)]
        for frame in sent:
            a.send("b", frame)
        network.break_link("a", "b")
        assert heard_b.frames() == sent[: len(heard_b.frames())]
        assert heard_b.calls[-1][0] == "down"
        seen.add(len(heard_b.frames()))
    assert len(seen) > 3


def test_a_restarted_node_gets_a_new_connection() -> None:
    network = MemoryNetwork()
    a, _, heard_a, heard_b = pair(network)
    a.stop()
    assert heard_b.downs() == ["a is gone"]
    told = list(heard_a.calls)
    again = network.links("a", ("b",))
    heard_again = Recorder()
    again.start(heard_again)
    run(network, 300)
    assert heard_b.ups() == [1, 2]
    assert heard_a.calls == told
    assert not a.send("b", b"of the old process")


def test_the_queue_is_bounded() -> None:
    network = MemoryNetwork(queue_bytes_max=100)
    a, _, _, _ = pair(network)
    assert a.send("b", b"x" * 60)
    assert not a.send("b", b"x" * 60)
    with pytest.raises(KeyError):
        a.send("z", b"x")


def test_the_same_seed_gives_the_same_run() -> None:
    def trace(seed: int) -> list[object]:
        network = MemoryNetwork(seed)
        a, _, _, heard_b = pair(network)
        for number in range(30):
            a.send("b", bytes([number]))
            network.advance(network.now_ns + 100_000)
            heard_b.calls.append(network.frames_delivered)  # type: ignore[arg-type]
        return list(heard_b.calls)

    assert trace(1) == trace(1)
    assert trace(1) != trace(2)


def test_the_clock_moves_frames_for_threaded_code() -> None:
    network = MemoryNetwork()
    network.start_clock()
    try:
        a, _, _, heard_b = pair(network)
        assert a.send("b", b"x")
        heard_b.wait_frames(1)
    finally:
        network.stop_clock()
