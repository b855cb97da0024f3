"""Links within one process: the in-memory twin of `tls_link.py`, for tests and simulations.

Room: connections, delay, partitions and breaks under the caller's control. Deterministic: frames
move only in `advance(now_ns)`, on the caller's thread, in an order that follows from the seed.
`start_clock` advances by the real clock on a thread of its own, for tests of threaded code.

    network = MemoryNetwork(seed=1)
    a, b = network.links("a", ("b",)), network.links("b", ("a",))
    a.start(handler_a); b.start(handler_b)
    network.advance(0)                  # connected: on_up on both sides
    a.send("b", b"x"); network.advance(1_000_000)   # delivered

As over TCP, a frame is never lost in the middle of a generation: what is sent into a partition
stands still; it arrives late when the partition heals within `silence_ns`, else both sides see the
connection go down and its frames are lost. At a break the frames under way arrive up to a point
that the seed decides.
"""

from __future__ import annotations

import collections
import itertools
import random
import threading
import time
from collections.abc import Iterable, Mapping

from replication.links import FRAME_BYTES_MAX, QUEUE_BYTES_MAX, LinkHandler, LinkState

Way = tuple[str, str]
Pair = tuple[str, str, str]

CLOCK_PERIOD_S = 0.001


class MemoryLinks:
    """The links of one node for one purpose; made by `MemoryNetwork.links`. Fulfils `Links`."""

    def __init__(
        self, network: MemoryNetwork, node: str, purpose: str, peers: Iterable[str]
    ) -> None:
        self.node = node
        self.purpose = purpose
        self.peer_names = tuple(peers)
        self.handler: LinkHandler | None = None
        self._network = network

    def send(self, peer: str, frame: bytes) -> bool:
        """As `Links.send`."""
        if peer not in self.peer_names:
            raise KeyError(peer)
        return self._network.send(self, peer, frame)

    def start(self, handler: LinkHandler) -> None:
        """As `Links.start`; the connections come up in the next `advance`."""
        self.handler = handler

    def stop(self) -> None:
        """As `Links.stop`: the process is gone; both sides of each connection go down."""
        self._network.leave(self)

    def peers(self) -> Mapping[str, LinkState]:
        """As `Links.peers`."""
        return {peer: self._network.state(self, peer) for peer in self.peer_names}


class _Connection:
    """One live connection of a pair: frames under way in both directions."""

    def __init__(self, ends: Mapping[str, MemoryLinks], generations: Mapping[str, int]) -> None:
        self.ends = ends
        self.generations = generations
        self.under_way: dict[Way, collections.deque[tuple[int, bytes]]] = {
            way: collections.deque() for way in itertools.permutations(ends, 2)
        }
        self.bytes_under_way = dict.fromkeys(self.under_way, 0)
        self.stalled_since_ns: dict[Way, int] = {}


class MemoryNetwork:
    """Nodes, their connections, and what goes wrong between them."""

    def __init__(
        self,
        seed: int = 0,
        *,
        delay_ns: tuple[int, int] = (50_000, 500_000),
        silence_ns: int = 1_000_000_000,
        retry_ns: int = 200_000_000,
        queue_bytes_max: int = QUEUE_BYTES_MAX,
    ) -> None:
        self.now_ns = 0
        self.frames_delivered = 0
        self._random = random.Random(seed)
        self._delay_ns = delay_ns
        self._silence_ns = silence_ns
        self._retry_ns = retry_ns
        self._queue_bytes_max = queue_bytes_max
        self._links: dict[tuple[str, str], MemoryLinks] = {}
        self._connections: dict[Pair, _Connection] = {}
        self._generations: collections.Counter[tuple[str, str, str]] = collections.Counter()
        self._not_before_ns: dict[Pair, int] = {}
        self._cut: set[Way] = set()
        self._problems: dict[Pair, str] = {}
        self._lock = threading.RLock()  # `advance` calls handlers under it, and they call `send`
        self._clock_stops = threading.Event()
        self._clock: threading.Thread | None = None

    def links(self, node: str, peers: Iterable[str], purpose: str = "log") -> MemoryLinks:
        """The links of a node; anew after `stop`, which is a restart of its process."""
        with self._lock:
            made = MemoryLinks(self, node, purpose, peers)
            self._links[node, purpose] = made
            return made

    def cut(self, one: str, other: str) -> None:
        """Stop the flow in both directions, silently, for every purpose."""
        self.cut_way(one, other)
        self.cut_way(other, one)

    def cut_way(self, sender: str, receiver: str) -> None:
        """Stop the flow in one direction, silently."""
        with self._lock:
            self._cut.add((sender, receiver))

    def heal(self, one: str | None = None, other: str | None = None) -> None:
        """Undo the cuts between two nodes, or all."""
        with self._lock:
            if one is None or other is None:
                self._cut.clear()
            else:
                self._cut -= {(one, other), (other, one)}

    def break_link(self, one: str, other: str, why: str = "broken") -> None:
        """End the connections of two nodes now, seen by both; they come back after a while."""
        with self._lock:
            for pair in sorted(self._connections):
                if {one, other} == set(pair[:2]):
                    self._end(pair, why)

    def advance(self, now_ns: int) -> None:
        """Let time pass up to `now_ns` (never back): connect, deliver, find silence."""
        with self._lock:
            self.now_ns = max(self.now_ns, now_ns)
            self._connect()
            for pair in sorted(self._connections):
                connection = self._connections.get(pair)
                if connection is not None:
                    self._move(pair, connection)

    def start_clock(self) -> None:
        """Advance by the real clock on a thread, until `stop_clock`."""
        began_ns = time.monotonic_ns() - self.now_ns

        def run() -> None:
            while not self._clock_stops.wait(CLOCK_PERIOD_S):
                self.advance(time.monotonic_ns() - began_ns)

        self._clock = threading.Thread(target=run, name="memory-network", daemon=True)
        self._clock.start()

    def stop_clock(self) -> None:
        """End the thread of `start_clock`."""
        self._clock_stops.set()
        if self._clock is not None:
            self._clock.join()

    def send(self, links: MemoryLinks, peer: str, frame: bytes) -> bool:
        """Put a frame under way; as `Links.send`."""
        with self._lock:
            connection = self._connections.get(_pair(links.node, peer, links.purpose))
            way = (links.node, peer)
            if connection is None or connection.ends[links.node] is not links:
                return False
            queued = connection.bytes_under_way[way] + len(frame)
            if len(frame) > FRAME_BYTES_MAX or queued > self._queue_bytes_max:
                return False
            queue = connection.under_way[way]
            due_ns = self.now_ns + self._random.randint(*self._delay_ns)
            queue.append((max(due_ns, queue[-1][0] if queue else 0), frame))
            connection.bytes_under_way[way] = queued
            return True

    def leave(self, links: MemoryLinks) -> None:
        """Take a process out; its peers see their connections end."""
        with self._lock:
            if self._links.get((links.node, links.purpose)) is links:
                del self._links[links.node, links.purpose]
            for pair in sorted(self._connections):
                if links in self._connections[pair].ends.values():
                    self._end(pair, f"{links.node} is gone")
            links.handler = None

    def state(self, links: MemoryLinks, peer: str) -> LinkState:
        """How one side's link is."""
        with self._lock:
            pair = _pair(links.node, peer, links.purpose)
            connection = self._connections.get(pair)
            generation = self._generations[links.node, peer, links.purpose]
            if connection is None:
                problem = self._problems.get(pair, "not connected yet")
                return LinkState(generation=generation, problem=problem)
            queued = connection.bytes_under_way[links.node, peer]
            return LinkState(connected=True, generation=generation, queued_bytes=queued)

    def _connect(self) -> None:
        for (node, purpose), links in sorted(self._links.items()):
            for peer in links.peer_names:
                other = self._links.get((peer, purpose))
                pair = _pair(node, peer, purpose)
                if (
                    node > peer
                    or links.handler is None
                    or other is None
                    or other.handler is None
                    or node not in other.peer_names
                    or pair in self._connections
                    or {(node, peer), (peer, node)} & self._cut
                    or self.now_ns < self._not_before_ns.get(pair, 0)
                ):
                    continue
                generations = {}
                for end, far in ((node, peer), (peer, node)):
                    self._generations[end, far, purpose] += 1
                    generations[end] = self._generations[end, far, purpose]
                self._connections[pair] = _Connection({node: links, peer: other}, generations)
                links.handler.on_up(peer, generations[node])
                other.handler.on_up(node, generations[peer])

    def _move(self, pair: Pair, connection: _Connection) -> None:
        for way in sorted(connection.under_way):
            if way in self._cut:
                since_ns = connection.stalled_since_ns.setdefault(way, self.now_ns)
                if self.now_ns - since_ns > self._silence_ns:
                    self._end(pair, "nothing heard")
                    return
                continue
            connection.stalled_since_ns.pop(way, None)
            queue = connection.under_way[way]
            while queue and queue[0][0] <= self.now_ns:
                self._deliver(connection, way)
                if self._connections.get(pair) is not connection:
                    return  # the handler stopped its links

    def _deliver(self, connection: _Connection, way: Way) -> None:
        sender, receiver = way
        _, frame = connection.under_way[way].popleft()
        connection.bytes_under_way[way] -= len(frame)
        handler = connection.ends[receiver].handler
        if handler is not None:
            self.frames_delivered += 1
            generation = connection.generations[receiver]
            handler.on_frame(sender, generation, frame)
            handler.on_pause(sender, generation)

    def _end(self, pair: Pair, why: str) -> None:
        connection = self._connections[pair]
        for way in sorted(connection.under_way):
            queue = connection.under_way[way]
            arriving = 0 if way in self._cut else self._random.randint(0, len(queue))
            for _ in range(arriving):
                if queue and self._connections.get(pair) is connection:
                    self._deliver(connection, way)
        if self._connections.pop(pair, None) is not connection:
            return
        self._not_before_ns[pair] = self.now_ns + self._retry_ns
        self._problems[pair] = why
        for node, links in sorted(connection.ends.items()):
            peer = pair[1] if node == pair[0] else pair[0]
            if links.handler is not None:
                links.handler.on_down(peer, connection.generations[node], why)


def _pair(one: str, other: str, purpose: str) -> Pair:
    return (min(one, other), max(one, other), purpose)
