"""Three voters of the register in one process, on real threads and in-memory or TLS links."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from replication.links import Links
from replication.memory_links import MemoryNetwork
from replication.raft_file import DiskFile
from replication.raft_register import RaftRegister, RaftSettings
from replication.register import RegisterValue

NAMES = ("a1", "n1", "n2")
ARBITER = "a1"
WAIT_S = 10.0


class Trio:
    """The voters a1, n1, n2; each may be stopped and started again."""

    def __init__(
        self,
        folder: Path,
        links_of: Callable[[str], Links] | None = None,
        *,
        outcome_s: float = 5.0,
    ) -> None:
        self.folder = folder
        self.network = MemoryNetwork()
        self.registers: dict[str, RaftRegister] = {}
        self.halts: list[str] = []
        self._outcome_s = outcome_s
        self._links_of = links_of or self._memory_links
        if links_of is None:
            self.network.start_clock()

    def start(self, *names: str, watch: Callable[[RegisterValue], None] = lambda _: None) -> None:
        """Start voters, all without names; `watch` hears the changes of each."""
        for name in names or NAMES:
            settings = RaftSettings(
                name, NAMES, RegisterValue("c1"), preferred=ARBITER, outcome_s=self._outcome_s
            )
            file = DiskFile(self.folder / f"{name}.log")
            self.registers[name] = RaftRegister(
                settings, self._links_of(name), file, on_halt=self.halts.append
            )
            self.registers[name].watch(watch)
            self.registers[name].start()

    def stop(self, *names: str) -> None:
        """Stop voters, all without names."""
        for name in names or tuple(self.registers):
            self.registers.pop(name).close()

    def close(self) -> None:
        """Stop everything."""
        self.stop()
        self.network.stop_clock()

    def wait(self, condition: Callable[[], bool], seconds: float = WAIT_S) -> None:
        """Wait until a condition of this trio holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.statuses()
            time.sleep(0.005)

    def statuses(self) -> Mapping[str, object]:
        """How every voter sees it; for messages of tests that fail."""
        return {name: register.status() for name, register in self.registers.items()}

    def leader(self) -> str:
        """The leader that all voters know, "" = they do not agree."""
        told = {register.status().leader for register in self.registers.values()}
        return told.pop() if len(told) == 1 else ""

    def _memory_links(self, name: str) -> Links:
        return self.network.links(name, [other for other in NAMES if other != name], "register")


def value(version: int, primary: str = "n1", epoch: int | None = None) -> RegisterValue:
    """A register value of that version."""
    return RegisterValue("c1", 1, version, version if epoch is None else epoch, primary, {"n1": 1})
