"""The network between the nodes of a cluster, as chaos bends it: partitions and delays.

Room: the words for what is done to it, and the network that needs no root: a relay process. Of two
nodes the one whose name sorts first dials the other (replication/tls_link.py), so one port per pair
is enough. The network whose packets are really dropped is in `namespaces.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations
from typing import Any

Pair = tuple[str, str]
"""From, to."""


class Network(ABC):
    """What lies between nodes.

    Args:
        names: of the nodes.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(names)

    @abstractmethod
    def peers_of(self, node: str) -> Mapping[str, str]:
        """HOST:PORT where `node` dials each of the peers that it does not reach at their own."""

    @abstractmethod
    def hold(self, pairs: Iterable[Pair]) -> None:
        """Let nothing through from the first to the second of each pair."""

    @abstractmethod
    def delay(self, delay_ms: float) -> None:
        """Everything takes so much longer, one way."""

    @abstractmethod
    def cut(self, pairs: Iterable[Pair]) -> None:
        """Break the connections of these pairs; they are made anew."""

    @abstractmethod
    def heal(self) -> None:
        """Everything passes again, without delay."""

    @abstractmethod
    def close(self) -> None:
        """Give back what the network is made of."""

    def isolate(self, node: str) -> None:
        """Neither hears anything of the other any more: `node` and all the rest."""
        others = self._others(node)
        self.hold([(node, other) for other in others] + [(other, node) for other in others])

    def part(self, left: Sequence[str], right: Sequence[str]) -> None:
        """Nothing passes between the two sides."""
        pairs = [(a, b) for a in left for b in right]
        self.hold(pairs + [(b, a) for a, b in pairs])

    def deafen(self, node: str) -> None:
        """It is heard by the others, and hears none of them (asymmetric)."""
        self.hold([(other, node) for other in self._others(node)])

    def mute(self, node: str) -> None:
        """It hears the others, and is heard by none of them (asymmetric)."""
        self.hold([(node, other) for other in self._others(node)])

    def _others(self, node: str) -> list[str]:
        return [name for name in self.names if name != node]


class RelayNetwork(Network):
    """The links led over a relay process; bytes that are held are late, not lost.

    Args:
        peers: node name -> HOST:PORT where it listens for the others.
    """

    def __init__(self, peers: Mapping[str, str]) -> None:
        super().__init__(peers)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos.relay"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        pairs = [(a, b) for a in self.names for b in self.names if a < b]
        self._ports = self._ask({"open": [[a, b, peers[b]] for a, b in pairs]})

    def close(self) -> None:
        """End the relay."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(10)

    def peers_of(self, node: str) -> dict[str, str]:
        """The relay's port for each peer that `node` dials."""
        return {b: self._ports[f"{node}>{b}"] for b in self.names if node < b}

    def hold(self, pairs: Iterable[Pair]) -> None:
        """Let bytes stand still from the first to the second of each pair."""
        self._ask({"hold": [list(pair) for pair in pairs]})

    def delay(self, delay_ms: float) -> None:
        """Everything takes so much longer, one way."""
        self._ask({"delay_ms": delay_ms})

    def cut(self, pairs: Iterable[Pair]) -> None:
        """Break the connections of these pairs; they are made anew."""
        self._ask({"cut": [list(pair) for pair in pairs]})

    def heal(self) -> None:
        """Everything passes again, without delay."""
        self._ask({"free": [list(pair) for pair in permutations(self.names, 2)], "delay_ms": 0})

    def _ask(self, order: Mapping[str, Any]) -> dict[str, str]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the relay has no pipes")
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the relay ended with status {self._process.wait()}")
        answer: dict[str, str] = json.loads(line)
        return answer
