"""A network of its own for each node: namespaces on a bridge, whose packets are really dropped.

Room: namespaces, their interfaces and the rules in them; needs root, `ip` and `nft` (and `tc` for
narrow links). Nodes are reached at addresses of 198.18.0.0/15, which nobody routes (RFC 2544); the
run's clients sit at the bridge. Rules drop what comes in from whom a node shall not hear, so a
partition may be of one direction; clients are dropped only by `cut_off`. Everything is named after
the run's process and taken away by `close`; what a run that was killed left behind is taken away by
the next one.

    root namespace: clients ── bridge 198.18.K.1 ──┬── n1 198.18.K.11
                                                   ├── n2 198.18.K.12  ...
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Final

from chaos.network import Network, Pair

TOOLS: Final = ("ip", "nft", "nsenter")
PREFIX: Final = "lockstep-"
FIRST_HOST: Final = 11
NAMED: Final = Path("/run/netns")
LOSS_PERCENT: Final = 10
NARROW: Final = ("rate", "2mbit", "burst", "16kbit", "latency", "200ms")
CUT_S: Final = 0.05
COMMAND_S: Final = 20

RULES: Final = f"""
table inet chaos {{
  set deaf {{ type ipv4_addr; }}
  set lossy {{ type ipv4_addr; }}
  set cut {{ type ipv4_addr; }}
  chain in {{
    type filter hook input priority 0;
    ip saddr @deaf drop
    ip saddr @cut meta l4proto tcp reject with tcp reset
    ip saddr @lossy numgen random mod 100 < {LOSS_PERCENT} drop
  }}
}}
"""


class NamespaceError(Exception):
    """A command that makes or changes namespaces failed; says which and how."""


def missing() -> str:
    """Why there can be no namespaces here; "" = there can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "network namespaces need root"
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        return f"network namespaces need {', '.join(absent)} (packages iproute2, nftables)"
    return ""


class NamespaceNetwork(Network):
    """One namespace for each node.

    Args:
        names: of the nodes.

    Attributes:
        addresses: node name -> its IPv4 address.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names)
        sweep()
        self._run = os.getpid()
        self._bridge = f"lsb{self._run}"
        subnet = _free_subnet()
        self._clients = f"{subnet}.1"
        self.addresses: Mapping[str, str] = {
            name: f"{subnet}.{FIRST_HOST + number}" for number, name in enumerate(self.names)
        }
        try:
            _ip(
                f"link add {self._bridge} type bridge",
                f"addr add {self._clients}/24 dev {self._bridge}",
                f"link set {self._bridge} up",
            )
            for number, name in enumerate(self.names):
                self._join(number, name)
        except BaseException:
            self.close()
            raise

    def namespace(self, node: str) -> str:
        """Name of a node's namespace."""
        return f"{PREFIX}{self._run}-{node}"

    def command(self, node: str) -> tuple[str, ...]:
        """What a command begins with to run in a node's namespace; it is replaced, not forked."""
        return ("nsenter", f"--net={NAMED / self.namespace(node)}")

    def peers_of(self, node: str) -> dict[str, str]:
        """Peers are dialled where they are."""
        return {}

    def hold(self, pairs: Iterable[Pair]) -> None:
        """Drop every packet from the first to the second of each pair."""
        self._add("deaf", [(self.addresses[a], b) for a, b in pairs])

    def cut_off(self, node: str) -> None:
        """Isolate a node from its clients too."""
        self.isolate(node)
        self._add("deaf", [(self._clients, node)])

    def lose(self) -> None:
        """Drop LOSS_PERCENT of all packets between nodes, at random."""
        self._add("lossy", [(self.addresses[a], b) for a, b in permutations(self.names, 2)])

    def narrow(self) -> None:
        """Let each node send no more than 2 Mbit/s, with a queue of 200 ms."""
        for name in self.names:
            self._inside(name, "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", *NARROW)

    def delay(self, delay_ms: float) -> None:
        """Everything takes so much longer, one way. Raises NamespaceError without netem."""
        for name in self.names:
            delay = "tc", "qdisc", "add", "dev", "eth0", "root", "netem", "delay", f"{delay_ms:g}ms"
            self._inside(name, *delay)

    def cut(self, pairs: Iterable[Pair]) -> None:
        """Reset the connections of these pairs; they are made anew."""
        both = [(self.addresses[a], b) for pair in pairs for a, b in (pair, pair[::-1])]
        self._add("cut", both)
        time.sleep(CUT_S)
        for name in self.names:
            self._nft(name, "flush set inet chaos cut")

    def heal(self) -> None:
        """Everything passes again."""
        for name in self.names:
            self._nft(
                name,
                "flush set inet chaos deaf\nflush set inet chaos lossy\nflush set inet chaos cut",
            )
            if "tbf" in (told := self._inside(name, "tc", "qdisc", "show", "dev", "eth0")) or (
                "netem" in told
            ):
                self._inside(name, "tc", "qdisc", "del", "dev", "eth0", "root")

    def close(self) -> None:
        """Take everything away again."""
        _remove(self._run)

    def _join(self, number: int, name: str) -> None:
        outside, inside = f"ls{self._run}-{number}", f"lsi{self._run}-{number}"
        _ip(
            f"netns add {self.namespace(name)}",
            f"link add {outside} type veth peer name {inside}",
            f"link set {outside} master {self._bridge}",
            f"link set {outside} up",
            f"link set {inside} netns {self.namespace(name)}",
        )
        self._inside(name, "ip", "link", "set", inside, "name", "eth0")
        self._inside(name, "ip", "addr", "add", f"{self.addresses[name]}/24", "dev", "eth0")
        self._inside(name, "ip", "link", "set", "lo", "up")
        self._inside(name, "ip", "link", "set", "eth0", "up")
        self._nft(name, RULES)

    # (address, node): what shall meet the rule, in the namespace of the node.
    def _add(self, rule: str, rows: Sequence[tuple[str, str]]) -> None:
        for name in self.names:
            addresses = [address for address, node in rows if node == name]
            if addresses:
                elements = ", ".join(addresses)
                self._nft(name, f"add element inet chaos {rule} {{ {elements} }}")

    def _nft(self, node: str, script: str) -> None:
        _run([*self.command(node), "nft", "-f", "-"], script)

    def _inside(self, node: str, *command: str) -> str:
        return _run([*self.command(node), *command])


def has_netem() -> bool:
    """Whether the kernel can delay packets; asked in a namespace made for it. Needs root."""
    probe = f"{PREFIX}{os.getpid()}-probe"
    _ip(f"netns add {probe}")
    try:
        netem = "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"
        _run(["nsenter", f"--net={NAMED / probe}", *netem])
    except (NamespaceError, OSError):
        return False
    finally:
        _ip(f"netns del {probe}")
    return True


def sweep() -> None:
    """Take away what runs left behind that were killed."""
    for path in NAMED.glob(f"{PREFIX}*"):
        run = re.fullmatch(rf"{PREFIX}(\d+)-.*", path.name)
        if run is not None and not Path(f"/proc/{run[1]}").exists():
            _remove(int(run[1]))


# Interfaces go with their namespaces; processes in there go first.
def _remove(run: int) -> None:
    for path in NAMED.glob(f"{PREFIX}{run}-*"):
        for pid in _run(["ip", "netns", "pids", path.name]).split():
            _run(["kill", "-9", pid])
        _ip(f"netns del {path.name}")
    if Path(f"/sys/class/net/lsb{run}").exists():
        _ip(f"link del lsb{run}")


def _free_subnet() -> str:
    taken = _run(["ip", "-o", "-4", "addr", "show"])
    for number in range(256):
        if f" 198.18.{number}." not in taken:
            return f"198.18.{number}"
    raise NamespaceError("every subnet of 198.18.0.0/16 is in use")


def _ip(*lines: str) -> None:
    _run(["ip", "-batch", "-"], "\n".join(lines) + "\n")


def _run(command: Sequence[str], text: str = "") -> str:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=COMMAND_S, check=False
    )
    if done.returncode:
        raise NamespaceError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return done.stdout
