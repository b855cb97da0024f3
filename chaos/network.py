"""The network between the nodes of a cluster, as chaos bends it: partitions and delays.

Room: the relay process and the words for what is done to it. Of two nodes the one whose name sorts
first dials the other (replication/tls_link.py), so one port per pair is enough.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations
from typing import Any, Self

Pair = tuple[str, str]


class Network:
    """The relay of one cluster; a context manager.

    Args:
        peers: node name -> HOST:PORT where it listens for the others.
    """

    def __init__(self, peers: Mapping[str, str]) -> None:
        self.names = sorted(peers)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos.relay"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        pairs = [(a, b) for a in self.names for b in self.names if a < b]
        self._ports = self._ask({"open": [[a, b, peers[b]] for a, b in pairs]})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(10)

    def peers_of(self, node: str) -> dict[str, str]:
        """Where `node` dials each of the peers that it dials."""
        return {b: self._ports[f"{node}>{b}"] for b in self.names if node < b}

    def isolate(self, node: str) -> None:
        """Neither hears anything of the other any more: `node` and all the rest."""
        self._ask({"hold": self._around(node)})

    def part(self, left: Sequence[str], right: Sequence[str]) -> None:
        """Nothing passes between the two sides."""
        pairs = [[a, b] for a in left for b in right]
        self._ask({"hold": pairs + [pair[::-1] for pair in pairs]})

    def deafen(self, node: str) -> None:
        """It is heard by the others, and hears none of them (asymmetric)."""
        self._ask({"hold": [[other, node] for other in self._others(node)]})

    def mute(self, node: str) -> None:
        """It hears the others, and is heard by none of them (asymmetric)."""
        self._ask({"hold": [[node, other] for other in self._others(node)]})

    def delay(self, delay_ms: float) -> None:
        """Everything takes so much longer, one way."""
        self._ask({"delay_ms": delay_ms})

    def cut(self, pairs: Iterable[Pair]) -> None:
        """Break the connections of these pairs; they are made anew."""
        self._ask({"cut": [list(pair) for pair in pairs]})

    def heal(self) -> None:
        """Everything passes again, without delay."""
        self._ask({"free": [list(pair) for pair in permutations(self.names, 2)], "delay_ms": 0})

    def _around(self, node: str) -> list[list[str]]:
        others = self._others(node)
        return [[node, other] for other in others] + [[other, node] for other in others]

    def _others(self, node: str) -> list[str]:
        return [name for name in self.names if name != node]

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
