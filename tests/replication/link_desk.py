"""What link tests share: identities made by openssl, a handler that records, endpoints in pairs."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from replication.link_identity import LinkIdentity
from replication.tls_link import LinkSettings, TlsEndpoint, TlsLinks

WAIT_S = 10.0


class Pki:
    """A certificate authority of one cluster."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ca.key")
        subject = ["-subj", "/CN=test CA", "-days", "2"]
        self._openssl("req", "-x509", "-new", "-key", "ca.key", "-out", "ca.pem", *subject)

    def identity(self, name: str, alternative: str = "") -> LinkIdentity:
        """Make the identity of a node; `alternative` overrides its subject alternative name."""
        key, request, pem = f"{name}.key", f"{name}.csr", f"{name}.pem"
        if not (self.folder / pem).exists():
            extensions = self.folder / f"{name}.ext"
            extensions.write_text(f"subjectAltName={alternative or f'URI:node:{name}'}\n")
            self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
            self._openssl("req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", request)
            signed_by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"]
            made = ["-extfile", extensions.name, "-out", pem]
            self._openssl("x509", "-req", "-in", request, *signed_by, *made)
        return LinkIdentity(self.folder / pem, self.folder / key, self.folder / "ca.pem")

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


class Recorder:
    """A handler that keeps what it was told; `slow_s` makes each frame take its time."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.changed = threading.Condition()
        self.reply_to: TlsLinks | None = None
        self.gate = threading.Event()
        self.gate.set()

    def on_up(self, peer: str, generation: int) -> None:
        self._record("up", peer, generation)

    def on_frame(self, peer: str, generation: int, frame: bytes) -> None:
        self.gate.wait(WAIT_S)
        self._record("frame", peer, generation, frame)
        if self.reply_to is not None:
            self.reply_to.send(peer, frame)

    def on_pause(self, peer: str, generation: int) -> None:
        self._record("pause", peer, generation, b"")

    def on_down(self, peer: str, generation: int, why: str) -> None:
        self._record("down", peer, generation, why)

    def frames(self) -> list[bytes]:
        return [call[3] for call in self.calls if call[0] == "frame"]

    def ups(self) -> list[int]:
        return [call[2] for call in self.calls if call[0] == "up"]

    def downs(self) -> list[str]:
        return [call[3] for call in self.calls if call[0] == "down"]

    def wait(self, condition: Callable[[], bool], seconds: float = WAIT_S) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, seconds), self.calls[-5:]

    def wait_frames(self, count: int) -> None:
        self.wait(lambda: len(self.frames()) >= count)

    def _record(self, *call: object) -> None:
        with self.changed:
            self.calls.append(call)
            self.changed.notify_all()


class Node:
    """An endpoint with links of one purpose and a recorder."""

    def __init__(self, settings: LinkSettings, purpose: str = "log") -> None:
        self.endpoint = TlsEndpoint(settings)
        self.links = self.endpoint.links(purpose)
        self.heard = Recorder()

    def start(self) -> None:
        self.endpoint.start()
        self.links.start(self.heard)

    def problem(self, peer: str) -> str:
        return self.links.peers()[peer].problem

    def wait_problem(self, peer: str, part: str) -> str:
        """Wait until the link's problem contains `part`."""
        deadline = time.monotonic() + WAIT_S
        while part not in self.problem(peer):
            assert time.monotonic() < deadline, self.problem(peer)
            time.sleep(0.01)
        return self.problem(peer)


def settings_of(
    node: str,
    peers: Mapping[str, int],
    identity: LinkIdentity | None,
    **more: Any,
) -> LinkSettings:
    """Settings on the loopback; `peers` gives ports, `listen_port` the own one."""
    return LinkSettings(
        node=node,
        cluster_id=more.pop("cluster_id", "c1"),
        listen=("127.0.0.1", more.pop("listen_port", 0)),
        peers={peer: ("127.0.0.1", port) for peer, port in peers.items()},
        identity=identity,
        **{"retry_s": 0.05, **more},
    )
