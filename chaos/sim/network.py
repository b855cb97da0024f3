"""A simulated network: one connection for each pair of nodes, with the faults of TCP.

Room: connections and what moves on them. Within a connection frames keep their order and none is
lost in the middle; a direction may be cut while the other works; a connection that breaks delivers
some prefix of what was under way, possibly after the next one is up, and each end learns of the
break at its own time, or only when its keepalive ends.
"""

from __future__ import annotations

from typing import Protocol

from chaos.sim.world import MS, US, World

KEEPALIVE_NS = 1_500 * MS
RECONNECT_NS = 200 * MS


class Endpoint(Protocol):
    """A node on the network."""

    name: str

    @property
    def is_up(self) -> bool:
        """Its process runs (it may stand still)."""

    def link_up(self, peer: str, link: int) -> None:
        """A connection is made."""

    def link_down(self, peer: str, link: int) -> None:
        """It is gone."""

    def frame(self, peer: str, link: int, frame: bytes) -> None:
        """A frame came."""


class Connection:
    """One connection, from its making to its end."""

    def __init__(self, number: int, one: str, other: str) -> None:
        self.number = number
        self.ends = (one, other)
        self.is_open = True
        self.blocked_since: dict[str, int] = {}  # sender -> since when its frames stand still
        self.held: dict[str, list[bytes]] = {one: [], other: []}
        self.last_arrival = {one: 0, other: 0}


class Network:
    """All connections. `arbiter` is a place that may be cut off, with no stream of its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._endpoints: dict[str, Endpoint] = {}
        self._blocked: dict[tuple[str, str], int] = {}  # direction -> number of faults on it
        self._connections: dict[tuple[str, str], Connection] = {}
        self._numbers = 0
        self.delay_spike_ns = 0
        self.frames = 0

    def add(self, endpoint: Endpoint) -> None:
        """Put a node on the network."""
        self._endpoints[endpoint.name] = endpoint

    def start(self) -> None:
        """Begin to connect."""
        self._dial()

    def reaches(self, sender: str, receiver: str) -> bool:
        """Frames may move in this direction."""
        return (sender, receiver) not in self._blocked

    def block(self, sender: str, receiver: str) -> None:
        """Cut a direction."""
        way = (sender, receiver)
        self._blocked[way] = self._blocked.get(way, 0) + 1
        connection = self._connections.get(_pair(sender, receiver))
        if connection is not None:
            connection.blocked_since.setdefault(sender, self._world.now)

    def unblock(self, sender: str, receiver: str) -> None:
        """Undo one `block`."""
        way = (sender, receiver)
        self._blocked[way] -= 1
        if self._blocked[way]:
            return
        del self._blocked[way]
        connection = self._connections.get(_pair(sender, receiver))
        if connection is not None:
            connection.blocked_since.pop(sender, None)
            held, connection.held[sender] = connection.held[sender], []
            for frame in held:
                self._carry(connection, sender, receiver, frame)

    def send(self, sender: str, receiver: str, link: int, frame: bytes) -> None:
        """Send on a connection, if it is still that one."""
        connection = self._connections.get(_pair(sender, receiver))
        if connection is None or connection.number != link:
            return
        if self.reaches(sender, receiver):
            self._carry(connection, sender, receiver, frame)
        else:
            connection.held[sender].append(frame)

    def link_of(self, one: str, other: str) -> int:
        """Number of the open connection, 0 = none."""
        connection = self._connections.get(_pair(one, other))
        return 0 if connection is None else connection.number

    def break_pair(self, one: str, other: str) -> None:
        """Break the connection of two nodes."""
        connection = self._connections.pop(_pair(one, other), None)
        if connection is None:
            return
        connection.is_open = False
        world = self._world
        world.note(f"break {one} {other}")
        for end, peer in (connection.ends, connection.ends[::-1]):
            silent = not self.reaches(peer, end)
            delay = world.between(0, 5 * MS) if not silent else world.between(0, KEEPALIVE_NS)
            self._tell_down(end, peer, connection.number, delay)

    def break_node(self, name: str) -> None:
        """Break all connections of a node: its process ended."""
        for one, other in list(self._connections):
            if name in {one, other}:
                self.break_pair(one, other)

    def _tell_down(self, end: str, peer: str, number: int, delay: int) -> None:
        endpoint = self._endpoints[end]
        self._world.after(delay, lambda: endpoint.link_down(peer, number))

    def _carry(self, connection: Connection, sender: str, receiver: str, frame: bytes) -> None:
        world = self._world
        delay = world.between(50 * US, 1_500 * US)
        if self.delay_spike_ns and world.odds(20):
            delay += world.between(0, self.delay_spike_ns)
        arrival = max(world.now + delay, connection.last_arrival[sender] + 1)
        connection.last_arrival[sender] = arrival
        endpoint = self._endpoints[receiver]
        cut = world.odds(50)  # if it breaks meanwhile: lost, or delivered late

        def arrive() -> None:
            if not connection.is_open and cut:
                return
            if connection.is_open and not self.reaches(sender, receiver):
                connection.held[sender].append(frame)
                return
            self.frames += 1
            endpoint.frame(sender, connection.number, frame)

        world.after(arrival - world.now, arrive)

    # Makes connections that can be made, ends those that stood still too long; every 20 ms.
    def _dial(self) -> None:
        world = self._world
        names = sorted(self._endpoints)
        for at, one in enumerate(names):
            for other in names[at + 1 :]:
                self._look_at(one, other)
        world.after(20 * MS, self._dial)

    def _look_at(self, one: str, other: str) -> None:
        world = self._world
        connection = self._connections.get((one, other))
        if connection is not None:
            since = min(connection.blocked_since.values(), default=world.now)
            if world.now - since > KEEPALIVE_NS:
                self.break_pair(one, other)
            return
        both = self._endpoints[one].is_up and self._endpoints[other].is_up
        if both and self.reaches(one, other) and self.reaches(other, one) and world.odds(15):
            self._numbers += 1
            made = Connection(self._numbers, one, other)
            self._connections[one, other] = made
            world.note(f"connect {one} {other} {made.number}")
            self._endpoints[one].link_up(other, made.number)
            self._endpoints[other].link_up(one, made.number)


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)
