"""A cluster in network namespaces: nodes reachable from outside, each on a disk of its own.

Room: laying it out and giving it back. No address is a loopback, so the nodes want what they want
anywhere: TLS on the API and bearer tokens. A node's directory is a small tmpfs, so that a disk can
really be full; when the site is left its content is copied to where it was mounted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from chaos.access import Access, draw_tokens
from chaos.namespaces import PREFIX, NamespaceNetwork
from chaos.site import Site
from cli import pki
from cli.cluster_files import DEMO_KINDS, NODES_DIR, PKI_DIR, LocalNode, Tables
from exchange.client import Tls

API_PORT, PEER_PORT = 7001, 7101
DISK: Final = "size=256m"
MOUNT_S: Final = 20
MOUNTS: Final = Path("/proc/mounts")
TOKENS_FILE: Final = "tokens.toml"
BALLAST: Final = "ballast"


def in_namespaces(directory: Path, members: Sequence[str]) -> Site:
    """Lay a cluster out in `directory`, absent or empty, with tokens for these members.

    Raises NamespaceError, OSError.
    """
    directory = directory.resolve()
    names = [name for name, _ in DEMO_KINDS]
    network = NamespaceNetwork(names)
    sweep_disks()
    mounted: list[Path] = []

    def leave() -> None:
        while mounted:
            _unmount(mounted.pop())
        network.close()

    try:
        nodes = [_node(directory, network, name, kind) for name, kind in DEMO_KINDS]
        identities = directory / PKI_DIR
        pki.init(identities, names, addresses=list(network.addresses.values()))
        tokens, text = draw_tokens(members)
        (directory / TOKENS_FILE).write_text(text, "utf-8")
        for node in nodes:
            node.directory.mkdir(parents=True)
            _mount(node.directory)
            mounted.append(node.directory)
    except BaseException:
        leave()
        raise

    def tables_of(node: LocalNode) -> Tables:
        identity = identities / node.name
        return {
            "tls": {
                "certificate_file": f"{identity}.pem",
                "key_file": f"{identity}.key",
            },
            "auth": {"mode": "token", "token_file": str(directory / TOKENS_FILE)},
            "limits": {"disk_reserve_bytes": 0},
        }

    return Site(
        nodes,
        f"lockstep-{uuid.uuid4().hex[:12]}",
        identities,
        Access(Tls((identities / "ca.pem").read_bytes()), tokens),
        network,
        tables_of,
        network.command,
        {node.name: node.directory for node in nodes},
        leave,
    )


def sweep_disks() -> None:
    """Take away the disks of runs that were killed."""
    for line in MOUNTS.read_text().splitlines():
        source, place = line.split()[:2]
        run = source.removeprefix(PREFIX)
        if run != source and run.isdecimal() and not Path(f"/proc/{run}").exists():
            _do("umount", place)


def fill(disk: Path) -> None:
    """Leave not one byte on a node's disk."""
    free = shutil.disk_usage(disk).free
    with (disk / BALLAST).open("ab") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, free)


def make_room(disk: Path) -> None:
    """Take back `fill`."""
    (disk / BALLAST).unlink(missing_ok=True)


def _node(directory: Path, network: NamespaceNetwork, name: str, kind: str) -> LocalNode:
    address = network.addresses[name]
    home = directory / NODES_DIR / name
    return LocalNode(name, kind, f"{address}:{API_PORT}", f"{address}:{PEER_PORT}", home)


def _mount(place: Path) -> None:
    _do("mount", "-t", "tmpfs", "-o", DISK, f"{PREFIX}{os.getpid()}", str(place))


def _unmount(place: Path) -> None:
    make_room(place)
    kept = place.with_name(f"{place.name}.kept")
    shutil.copytree(place, kept)
    _do("umount", str(place))
    place.rmdir()
    kept.rename(place)


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=MOUNT_S, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
