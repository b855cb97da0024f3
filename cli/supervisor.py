"""The processes of a cluster on this machine: started, watched, started again, stopped.

Room: one process per node; it knows no order and no protocol. A node that was killed by a signal is
started again after RESTART_S. One that ended by itself is not: it refused to start, or stopped
because something is broken (fail-stop), and a person must look at its log.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from cli.cluster_files import LocalNode
from cli.detached import environment
from cli.local_exchange import POLL_S, Running, running, stop

RESTART_S = 2.0
STOP_S = 30.0
SERVE = (sys.executable, "-P", "-m", "cli.exchange", "serve", "--config")
LOG_TAIL = 2000


class Watched:
    """One node: its process, or one that ran already when we came (`pid` then)."""

    def __init__(self, node: LocalNode, serve: Sequence[str] = SERVE) -> None:
        self.node = node
        self.pid = 0
        self.ended: int | None = None
        self.restart_at: float | None = None
        self._serve = serve
        self._process: subprocess.Popen[bytes] | None = None
        self._log_begin = 0

    def start(self) -> None:
        """Start the process, unless the node runs already."""
        already = running(self.node.data)
        self.ended = self.restart_at = None
        if already is not None:
            self.pid, self._process = already.pid, None
            return
        with self.node.log.open("ab") as log:
            self._log_begin = log.tell()
            self._process = subprocess.Popen(
                [*self._serve, str(self.node.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we stop the nodes in order
                env=environment(),
            )
        self.pid = self._process.pid

    def poll(self, now: float) -> str:
        """What happened to it since the last time, one line; "" = nothing."""
        name = self.node.name
        if self.restart_at is not None and now >= self.restart_at:
            self.start()
            return f"{name}: started again (pid {self.pid})"
        if self.ended is not None:
            return ""
        if self._process is None:
            if running(self.node.data) is None:
                self.ended, self.restart_at = -signal.SIGKILL, now + RESTART_S
                return f"{name}: pid {self.pid} has ended; starts again in {RESTART_S:g} s"
            return ""
        code = self._process.poll()
        if code is None:
            return ""
        self.ended = code
        if code < 0:
            self.restart_at = now + RESTART_S
            why = signal.Signals(-code).name
            return f"{name}: pid {self.pid} was ended by {why}; starts again in {RESTART_S:g} s"
        return f"{name}: pid {self.pid} ended with status {code}:\n{self.last_words()}"

    def last_words(self) -> str:
        """The end of what the process wrote."""
        text = self.node.log.read_bytes()[self._log_begin :].decode("utf-8", "replace")
        return text[-LOG_TAIL:].rstrip()

    def terminate(self) -> None:
        """Ask the process to stop (SIGTERM); it answers first what it has admitted."""
        self.restart_at = None
        if self.is_running():
            os.kill(self.pid, signal.SIGTERM)

    def is_running(self) -> bool:
        """Whether the process has not ended."""
        if self._process is not None:
            return self._process.poll() is None
        return self.pid != 0 and running(self.node.data) is not None


class Supervisor:
    """All nodes of one cluster.

    Args:
        nodes: as `read_nodes` gives them.
        tell: called with a line for a person.
        serve: the command that takes the path of `node.toml` as its last argument.
    """

    def __init__(
        self, nodes: Sequence[LocalNode], tell: Callable[[str], None], serve: Sequence[str] = SERVE
    ) -> None:
        self.watched = [Watched(node, serve) for node in nodes]
        self._tell = tell

    def start(self) -> None:
        """Start every node that does not run."""
        for one in self.watched:
            one.start()

    def poll(self) -> None:
        """Look after the nodes; call it every now and then."""
        now = time.monotonic()
        for one in self.watched:
            line = one.poll(now)
            if line:
                self._tell(line)

    def refused(self) -> Watched | None:
        """A node that ended by itself, so that the cluster cannot come up as configured."""
        return next((one for one in self.watched if one.ended and not one.restart_at), None)

    def stop(self, timeout_s: float = STOP_S) -> list[str]:
        """Stop all nodes at once and wait; names of those that have not ended in time."""
        for one in self.watched:
            one.terminate()
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if not any(one.is_running() for one in self.watched):
                break
            time.sleep(POLL_S)
        return [one.node.name for one in self.watched if one.is_running()]


def stop_orphans(nodes: Sequence[LocalNode], timeout_s: float) -> list[str]:
    """Stop nodes that outlived their supervisor; names of those that have not ended in time.

    Raises PermissionError if one is another user's.
    """
    found: list[tuple[LocalNode, Running]] = []
    for node in nodes:
        alive = running(node.data)
        if alive is not None:
            found.append((node, alive))
    for _, alive in found:
        os.kill(alive.pid, signal.SIGTERM)
    return [node.name for node, alive in found if not stop(node.data, alive, timeout_s)]
