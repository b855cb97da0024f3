"""Imports point one way, and each library stays in its room (STYLE points 2 and 3).

``ROOMS`` is the architecture as a table: who may import whom. A module without a room fails, so
that a new package states its place. ``LIBRARIES`` says where the outside world may be touched.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.tidy_source import PACKAGES, Source, parse, sources

CORE = ("exchange.errors", "exchange.model", "exchange.engine")
ANYTHING = ("",)

# room: the project's rooms that it may import besides itself
ROOMS: dict[str, tuple[str, ...]] = {
    "exchange": (),  # the package's own __init__: version and docstring
    "exchange.errors": (),
    "exchange.model": ("exchange.errors",),
    "exchange.engine": ("exchange.errors", "exchange.model"),
    "exchange.scenario": CORE,
    "exchange.schedule": CORE,  # engine: the rule by which a schedule is refused
    "exchange.sequencer": CORE,
    "exchange.feeds": CORE,
    "exchange.feeds.history_range": CORE,
    "exchange.ledger": CORE,
    "exchange.surveillance": CORE,
    "exchange.address": ("exchange.errors",),
    "exchange.cluster_config": ("exchange.address", "exchange.errors"),
    "exchange.config": (
        "exchange.address",
        "exchange.cluster_config",
        "exchange.errors",
        "exchange.model",
    ),
    "exchange.core": (
        *CORE,
        "exchange.feeds",
        "exchange.feeds.history_range",
        "exchange.gateway",  # gateway.ports, the protocol that it fulfils
        "exchange.late_fold",
        "exchange.leadership",
        "exchange.ledger",
        "exchange.sequencer",
        "exchange.snapshot_taker",
        "exchange.unanswered",
    ),
    "exchange.snapshot_taker": (*CORE, "exchange.gateway"),  # gateway.ports, as the core
    "exchange.late_fold": ("exchange.sequencer",),
    "exchange.leadership": (*CORE, "exchange.sequencer"),
    "exchange.unanswered": (*CORE, "exchange.sequencer"),
    "exchange.telemetry": ("exchange.core", "exchange.errors"),
    "exchange.gateway": (
        *CORE,
        "exchange",  # its version, for ClusterService
        "exchange.api",
        "exchange.cluster_config",
        "exchange.config",
        "exchange.feeds",
        "exchange.ledger",
        "exchange.sequencer",
        "exchange.surveillance",
    ),
    "exchange.api": (),
    "exchange.client": ("exchange.api", "exchange.model"),
    "exchange.fail_stop": ("exchange",),
    "exchange.node": ANYTHING,  # the composition root, with those that follow
    "exchange.market_host": ANYTHING,
    "exchange.cluster_node": ANYTHING,
    "exchange.arbiter_node": ANYTHING,
    "exchange.arbiter_core": (*CORE, "exchange.gateway"),
    "exchange.cluster_links": ANYTHING,
    "exchange.cluster_status": ANYTHING,
    "exchange.cluster_steering": ANYTHING,
    "exchange.membership_recorder": (*CORE, "exchange.core", "replication"),
    "exchange.node_facts": ("exchange.errors", "storage"),
    "exchange.open_data": ("exchange.config", "storage"),
    "exchange.snapshot_exchange": ("replication", "storage"),
    "storage": (),
    "replication": ("storage",),
    "cli": (
        *CORE,  # engine: `exchange scenario`, offline replay
        "exchange",
        "exchange.client",
        "exchange.cluster_config",
        "exchange.config",
        "exchange.feeds.history_range",  # `exctl digest --diff` on a data directory
        "exchange.node",  # `exchange serve`
        "exchange.scenario",
        "exchange.schedule",
        "storage",  # offline verbs
    ),
    "chaos.sim": (*CORE, "exchange.sequencer", "replication", "storage"),  # no process, no socket
    "chaos": (
        *CORE,
        "cli",  # the layout of a cluster, free ports
        "exchange",  # its version, which another build has not
        "exchange.client",
        "exchange.cluster_config",
        "exchange.config",
        "replication",
        "storage",
    ),
}

# library: the modules that may import it, as a pattern over the whole dotted name
LIBRARIES: dict[str, str] = {
    "pysyncobj": r"replication\.raft_\w+",
    "lmdb": r"storage(\.\w+)*",
    "grpc": r"exchange\.(gateway|client|api|node)(\.\w+)*|replication\.\w+",
    "grpc_health": r"exchange\.(gateway|client|node)(\.\w+)*",
    "grpc_reflection": r"exchange\.(gateway|node)(\.\w+)*",
    "grpc_status": r"exchange\.(gateway|client)(\.\w+)*",
    "google.protobuf": r"exchange\.(gateway|client|api)(\.\w+)*|replication\.\w+",
    "google.rpc": r"exchange\.(gateway|client)(\.\w+)*",
    "click": r"cli(\.\w+)*",
    "cryptography": r"cli\.pki",
    "rich": r"cli(\.\w+)*",
    "exchange_calendars": r"exchange\.schedule\.sessions",
}


def imported(source: Source) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) for every import, wherever in the file it stands.

    ``from exchange import x`` yields ``exchange.x``: rooms are that deep. Relative imports are
    resolved against the module's own package.
    """
    package = source.module.split(".")
    if not source.is_package:
        package = package[:-1]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*above, *([node.module] if node.module else [])])
            if name in {"exchange", "google"}:
                yield from ((node.lineno, f"{name}.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, name


def room_of(module: str) -> str | None:
    """Return the longest entry of ``ROOMS`` that contains ``module``; None outside of them.

    Only the package itself and its dunder names are in room ``exchange``: anything else directly
    below it needs an entry of its own.
    """
    if module == "exchange" or module.startswith("exchange.__"):
        return "exchange"
    found = [room for room in ROOMS if room != "exchange" and _within(module, room)]
    return max(found, key=len, default=None)


def import_violations(source: Source) -> list[str]:
    """Return one line for each import of ``source`` that the two tables do not allow."""
    room = room_of(source.module)
    if room is None:
        return [f"{source.path}: no room in ROOMS of tests/test_tidy_imports.py"]
    found = []
    for line, name in imported(source):
        where = f"{source.path}:{line}: imports {name}"
        if name.split(".")[0] in PACKAGES and ROOMS[room] != ANYTHING:
            target = room_of(name)
            if target is None:
                found.append(f"{where}, which has no room")
            elif target not in {room, *ROOMS[room]}:
                found.append(f"{where}, but {room} may import only {list(ROOMS[room])}")
        for library, pattern in LIBRARIES.items():
            if _within(name, library) and not re.fullmatch(pattern, source.module):
                found.append(f"{where}, but {library} is for {pattern}")
    return found


def _within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def test_imports_point_downward() -> None:
    found = [line for source in sources(*PACKAGES) for line in import_violations(source)]

    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("exchange/errors.py", "import exchange.model.units"),
        ("exchange/model/units.py", "from exchange.engine import port"),
        ("exchange/engine/port.py", "from exchange import sequencer"),
        ("exchange/engine/reference/book.py", "def f():\n    import exchange.node"),
        ("exchange/engine/port.py", "from ..gateway import server"),
        ("exchange/engine/__init__.py", "from ..gateway import server"),
        ("exchange/sequencer/sequencer.py", "from exchange.feeds import market_data"),
        ("exchange/scenario/runner.py", "import storage.journal"),
        ("exchange/gateway/server.py", "from storage.journal import Journal"),
        ("exchange/client/session.py", "import exchange.gateway.status"),
        ("storage/journal.py", "from exchange.errors import ExchangeError"),
        ("replication/register.py", "import exchange"),
        ("cli/exctl.py", "from exchange.gateway import translate"),
        ("cli/exctl.py", "from exchange.api.v1 import order_pb2"),
        ("exchange/newroom.py", "import sys"),
        ("exchange/node.py", "import lmdb"),
        ("exchange/engine/port.py", "import grpc.aio"),
        ("exchange/gateway/server.py", "import click"),
        ("exchange/feeds/x.py", "from google.protobuf import timestamp_pb2"),
        ("replication/log_stream.py", "from pysyncobj import SyncObj"),
        ("exchange/node.py", "import pysyncobj.config"),
    ],
)
def test_a_forbidden_import_is_caught(path: str, text: str) -> None:
    assert len(import_violations(parse(path, text))) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("exchange/engine/reference/book.py", "from exchange.model.units import Lots"),
        ("exchange/engine/reference/book.py", "from .level import Level\nimport sortedcontainers"),
        ("exchange/gateway/server.py", "from exchange import __version__, config\nimport grpc"),
        ("exchange/node.py", "import storage.env, exchange.gateway.server, grpc"),
        ("replication/raft_register.py", "import pysyncobj\nfrom storage import env"),
        ("cli/exctl.py", "import click, storage.verify\nfrom exchange.client import connect"),
        ("storage/env.py", "import lmdb"),
    ],
)
def test_an_allowed_import_passes(path: str, text: str) -> None:
    assert import_violations(parse(path, text)) == []
