"""One node as a process of its own: configured, started, killed, waited for.

Room: the process and its files; it knows no order. Only processes started here are ever signalled,
by their pid. The node is started as an operator starts it: `exchange serve --config node.toml`.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from cli.ports import LOOPBACK, free_port

POLL_S = 0.005
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
SERVE = (str(Path(sys.executable).with_name("exchange")), "serve", "--config")

Setting = str | int | bool
Settings = Mapping[str, Setting | Mapping[str, Setting]]


class NodeDied(Exception):
    """The process ended where it should serve; says how, and the end of its output."""


class NodeProcess:
    """A node that is started again and again on one data directory and one port.

    Args:
        directory: holds `node.toml`, `node.log` and the data directory `data`.
        settings: of `exchange.config.NodeConfig`, besides data_dir and listen; tables as mappings.
        port: of the API; 0 = one that is free now.
        serve: the command that takes the path of `node.toml` as its last argument; another one is
            for tests that want a faulty node.
    """

    def __init__(
        self,
        directory: Path,
        settings: Settings | None = None,
        port: int = 0,
        *,
        serve: Sequence[str] = SERVE,
    ) -> None:
        self.directory = directory
        self.data_dir = directory / "data"
        self.port = port or free_port()
        self.starts = 0
        self.environment: Mapping[str, str] = {}
        self._settings: Settings = settings or {}
        self._serve = serve
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True, exist_ok=True)

    @property
    def endpoint(self) -> str:
        """HOST:PORT of the API."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """Of the running process. Raises NodeDied if none was started."""
        if self._process is None:
            raise NodeDied("the node was not started")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; returns at once, `wait_serving` waits for the API."""
        if self.is_running:
            raise RuntimeError(f"node {self.pid} runs already")
        config = self.directory / "node.toml"
        config.write_text(self._config_text(), encoding="utf-8")
        with (self.directory / "node.log").open("ab") as output:
            self._process = subprocess.Popen(
                [*self._serve, str(config)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        self.starts += 1

    def _config_text(self) -> str:
        fixed: dict[str, Setting | Mapping[str, Setting]] = {
            "data_dir": str(self.data_dir),
            "listen": self.endpoint,
        }
        return to_toml({**fixed, **self._settings})

    def reconfigure(self, settings: Settings) -> None:
        """Other settings, from the next start on."""
        self._settings = settings

    def wait_serving(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Return once the API's port answers. Raises NodeDied if the process ends first."""
        deadline = time.monotonic() + timeout_s
        while not self.is_listening():
            if not self.is_running:
                raise NodeDied(f"exit status {self.exit_status}:\n{self.last_output()}")
            if time.monotonic() > deadline:
                raise NodeDied(f"does not serve after {timeout_s} s:\n{self.last_output()}")
            time.sleep(POLL_S)

    def is_listening(self) -> bool:
        """Whether the port of the API takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, self.port)) == 0

    def kill(self) -> None:
        """SIGKILL: no handler, no flush, no goodbye. Returns when the process is gone."""
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait(STOP_TIMEOUT_S)

    def pause(self) -> None:
        """SIGSTOP: it stands still with everything it holds, and does not know it."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT: it goes on as if no time had passed."""
        os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> int:
        """SIGTERM, as an operator stops it; the exit status."""
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGTERM)
        return self.wait()

    def wait(self, timeout_s: float = STOP_TIMEOUT_S) -> int:
        """The exit status, once the process ended; negative = the signal that ended it."""
        if self._process is None:
            raise NodeDied("the node was not started")
        return self._process.wait(timeout_s)

    @property
    def exit_status(self) -> int | None:
        """None while it runs."""
        return None if self._process is None else self._process.poll()

    def limit_file_size(self, limit_bytes: int) -> None:
        """From now on writing beyond this offset of any file fails with EFBIG (RLIMIT_FSIZE)."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (limit_bytes, hard))

    def faults(self) -> list[str]:
        """Texts of the `fault-*.txt` that the node left, oldest first."""
        return [path.read_text() for path in sorted(self.data_dir.glob("fault-*.txt"))]

    def last_output(self, size: int = 4000) -> str:
        """The end of what the processes wrote."""
        path = self.directory / "node.log"
        return path.read_text(errors="replace")[-size:] if path.exists() else ""


def to_toml(settings: Settings) -> str:
    """Settings as TOML: values first, then one level of tables."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in _plain(settings).items()]
    for name, table in settings.items():
        if isinstance(table, Mapping):
            lines.append(f"[{name}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return "\n".join([*lines, ""])


def _plain(settings: Settings) -> dict[str, Setting]:
    return {key: value for key, value in settings.items() if not isinstance(value, Mapping)}
