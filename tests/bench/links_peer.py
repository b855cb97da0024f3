"""The far end of the links benchmark, in a process of its own.

    python -m tests.bench.links_peer FOLDER|plain PORT_OF_N1

It is node n2: it prints its port, sends frames that begin with E back, swallows those that begin
with S, answers Q with how many it swallowed, and ends when its standard input ends.
"""

from __future__ import annotations

import sys
from pathlib import Path

from replication.link_identity import LinkIdentity
from replication.tls_link import LinkSettings, TlsEndpoint, TlsLinks

ECHO, SWALLOW, QUERY = b"E", b"S", b"Q"


def identity_in(folder: str, name: str) -> LinkIdentity | None:
    """The identity of a node in a folder of PEM files; None for "plain"."""
    if folder == "plain":
        return None
    path = Path(folder)
    return LinkIdentity(path / f"{name}.pem", path / f"{name}.key", path / "ca.pem")


class Peer:
    """Handler of the far end."""

    def __init__(self, links: TlsLinks) -> None:
        self._links = links
        self._swallowed = 0

    def on_up(self, peer: str, generation: int) -> None:
        """Nothing to do."""

    def on_frame(self, peer: str, generation: int, frame: bytes) -> None:
        """As the module says."""
        if frame[:1] == SWALLOW:
            self._swallowed += 1
        elif frame[:1] == QUERY:
            self._links.send(peer, b"%d" % self._swallowed)
        else:
            self._links.send(peer, frame)

    def on_pause(self, peer: str, generation: int) -> None:
        """Nothing to do."""

    def on_down(self, peer: str, generation: int, why: str) -> None:
        """Nothing to do."""


def main() -> int:
    """Serve until standard input ends; the exit status."""
    folder, port = sys.argv[1], int(sys.argv[2])
    settings = LinkSettings(
        node="n2",
        cluster_id="bench",
        listen=("127.0.0.1", 0),
        peers={"n1": ("127.0.0.1", port)},
        identity=identity_in(folder, "n2"),
    )
    endpoint = TlsEndpoint(settings)
    links = endpoint.links("log")
    endpoint.start()
    links.start(Peer(links))
    print(endpoint.port, flush=True)
    sys.stdin.read()
    endpoint.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
