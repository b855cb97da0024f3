"""A cluster of processes: laid out, started, looked at; single nodes are killed and come back.

Room: the four processes and where they are. They are configured as `exchange up` does it, with the
links between them led over `network.py` where a run wants to bend it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from chaos.access import Access
from chaos.process import SERVE, NodeDied, NodeProcess
from chaos.shim import Levers, build
from chaos.site import CLOCK_FILE, Site, loopback
from cli.cluster_files import LocalNode, Tables, node_toml, to_toml
from cli.ports import LOOPBACK, free_ports
from exchange.client import AsyncClient, ClientError
from exchange.client.messages import GetStatusResponse, NodeStatus
from storage.data_directory import environment_paths

ASK_S = 0.5
LEVERS_FILE, TWINS_DIR = "levers", "twins"
NS_PER_S = 1_000_000_000
LOOK_S = 0.05
HEALTHY_S = 60.0
CLOSE_ENTRIES = 50
"""Under load a follower is never at the very end."""

PRIMARY = "primary"


class ClusterProcess(NodeProcess):
    """One node of the cluster."""

    def __init__(self, node: LocalNode, text: str, serve: Sequence[str]) -> None:
        super().__init__(node.directory, port=int(node.api.rpartition(":")[2]), serve=serve)
        self.node = node
        self._text = text
        self._levers: Levers | None = None

    @property
    def endpoint(self) -> str:
        """HOST:PORT of the API."""
        return self.node.api

    @property
    def levers(self) -> Levers:
        """What can be done to its disk and clock. Raises ValueError where no shim is beneath it."""
        if self._levers is None:
            raise ValueError(f"{self.node.name} runs without the shim")
        return self._levers

    def put_on(self, library: Path) -> None:
        """Run on the shim from the next start on."""
        self._levers = Levers(library, self.directory / LEVERS_FILE, self.data_dir)
        self.environment = self._levers.environment

    def _config_text(self) -> str:
        return self._text

    def become(self, node: LocalNode, text: str) -> None:
        """Another kind and configuration, from the next start on."""
        self.node = node
        self._text = text

    def set_data_aside(self) -> None:
        """Begin with an empty directory at the next start; what was there is kept beside it."""
        self.data_dir.rename(self.data_dir.with_name(f"{self.data_dir.name}-old"))

    def bend_clock(self, offset_s: float) -> None:
        """Let the wall clock of this node jump; 0 = the true time again."""
        path = self.directory / CLOCK_FILE
        if offset_s == 0:
            path.unlink(missing_ok=True)
            return
        partial = path.with_name(f"{CLOCK_FILE}.partial")
        partial.write_text(str(int(offset_s * NS_PER_S)), "ascii")
        partial.replace(path)

    def fill_disk(self) -> None:
        """From now on the log cannot grow: as on a full disk, its writes fail."""
        log = environment_paths(self.data_dir)[0]
        self.limit_file_size((log / "data.mdb").stat().st_size)

    def serve_with(self, serve: Sequence[str]) -> None:
        """Another command that runs the node, from the next start on."""
        self._serve = serve


class View(NamedTuple):
    """What the nodes that answered tell of themselves, by name, and the newest answer's register.

    primary: who says that it leads and may serve; "" = nobody, or several.
    """

    nodes: Mapping[str, NodeStatus]
    in_sync: frozenset[str]
    primary: str
    epoch: int


class Cluster:
    """Two data nodes, an arbiter and a dr node; a context manager that kills what it started.

    Args:
        directory: absent or empty.
        tables: more tables of each node.toml.
        relayed: lead the links between the nodes over a relay.
        site: where it lives, instead of the loopback; given back in the end.
        shimmed: put the shim beneath every node.
        on_single_copy: as ClusterConfig has it.
        serve: as NodeProcess takes it.
    """

    def __init__(
        self,
        directory: Path,
        tables: Tables | None = None,
        *,
        relayed: bool = False,
        site: Site | None = None,
        shimmed: bool = False,
        on_single_copy: str = "continue",
        serve: Sequence[str] = SERVE,
    ) -> None:
        self._site = site or loopback(directory, relayed=relayed)
        self.directory = directory
        self.access: Access = self._site.access
        self.network = self._site.network
        self.disks = self._site.disks
        self._tables = tables or {}
        self._on_single_copy = on_single_copy
        self.processes = {
            node.name: ClusterProcess(node, "", (*self._site.prefix_of(node.name), *serve))
            for node in self._site.nodes
        }
        self.reconfigure({}, generation=1)
        if shimmed:
            library = build(directory)
            for process in self.processes.values():
                process.put_on(library)
        self._clients: dict[str, AsyncClient] = {}
        self._twins: list[ClusterProcess] = []

    def reconfigure(self, kinds: Mapping[str, str], *, generation: int) -> None:
        """Other kinds for the nodes named, and a generation for all, from their next start on."""
        nodes = [
            process.node._replace(kind=kinds.get(name, process.node.kind))
            for name, process in self.processes.items()
        ]
        for node in nodes:
            text = node_toml(
                node,
                nodes,
                self._site.identities,
                self._site.cluster_id,
                on_single_copy=self._on_single_copy,
                generation=generation,
                peers=self.network.peers_of(node.name) if self.network else None,
            )
            text += to_toml({**self._tables, **self._site.tables_of(node)})
            self.processes[node.name].become(node, text)

    def twin_directory(self, name: str) -> Path:
        """Where a second node of that name keeps its files."""
        return self.directory / TWINS_DIR / name

    def add_twin(self, name: str) -> ClusterProcess:
        """A second node of that name, with its identity, at other addresses of the loopback."""
        original = self.processes[name].node
        api, peer = (f"{LOOPBACK}:{port}" for port in free_ports(2))
        node = original._replace(directory=self.twin_directory(name), api=api)
        nodes = [process.node for process in self.processes.values()]
        text = node_toml(node, nodes, self._site.identities, self._site.cluster_id)
        text = text.replace("[cluster]\n", f'[cluster]\npeer_listen = "{peer}"\n')
        twin = ClusterProcess(node, text, SERVE)
        self._twins.append(twin)
        return twin

    def end_twins(self) -> None:
        """Kill them; their files stay, under another name."""
        for twin in self._twins:
            twin.kill()
            twin.directory.rename(twin.directory.with_name(f"{twin.node.name}-{twin.pid}"))
        self._twins.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end_twins()
        for process in self.processes.values():
            process.kill()
        self._site.leave()

    def operator(self, timeout_s: float) -> AsyncClient:
        """A client of the operator, for whoever leads."""
        return self.access.operator(self.endpoints, timeout_s)

    @property
    def endpoints(self) -> str:
        """Of all nodes that serve clients, comma-separated."""
        return ",".join(
            process.endpoint
            for process in self.processes.values()
            if process.node.kind != "arbiter"
        )

    @property
    def data_names(self) -> list[str]:
        """Names of the nodes that may lead."""
        return self._of_kind("data")

    @property
    def log_names(self) -> list[str]:
        """Names of the nodes that keep the order log."""
        return self._of_kind("data") + self._of_kind("dr")

    def start(self) -> None:
        """Start every node that does not run."""
        for process in self.processes.values():
            if not process.is_running:
                process.start()

    async def close(self) -> None:
        """Close the connections that `look` keeps."""
        clients, self._clients = self._clients, {}
        await asyncio.gather(*(client.close() for client in clients.values()))

    async def look(self) -> View:
        """Ask every running node; those that do not answer within ASK_S are left out."""
        running = [name for name, process in self.processes.items() if process.is_running]
        told = await asyncio.gather(*map(self._status, running))
        answers = [answer for answer in told if answer is not None]
        nodes = {answer.nodes[0].name: answer.nodes[0] for answer in answers}
        newest = max(answers, key=lambda one: one.register.version, default=None)
        leading = [name for name, node in nodes.items() if node.role == PRIMARY and node.may_serve]
        if newest is None:
            return View(nodes, frozenset(), "", 0)
        primary = leading[0] if len(leading) == 1 else ""
        return View(nodes, frozenset(newest.register.in_sync), primary, int(newest.register.epoch))

    async def wait_primary(self, timeout_s: float = HEALTHY_S, *, above: int = -1) -> View:
        """Return once one node leads, in an epoch greater than `above`. Raises NodeDied."""
        return await self._wait(lambda view: bool(view.primary) and view.epoch > above, timeout_s)

    async def wait_whole(self, timeout_s: float = HEALTHY_S) -> View:
        """Return once one leads, both data nodes are in sync and dr has caught up.

        Raises NodeDied.
        """
        return await self._wait(self._is_whole, timeout_s)

    def _is_whole(self, view: View) -> bool:
        if not view.primary or not view.in_sync.issuperset(self.data_names):
            return False
        if len(view.nodes) < len(self.processes):
            return False
        behind = [
            view.nodes[view.primary].applied_seq - view.nodes[name].applied_seq
            for name in self.log_names
        ]
        return max(behind) < CLOSE_ENTRIES

    async def _wait(self, is_so: Callable[[View], bool], timeout_s: float) -> View:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while True:
            view = await self.look()
            if is_so(view):
                return view
            for process in self.processes.values():
                if process.exit_status is not None and process.exit_status >= 0:
                    raise NodeDied(
                        f"{process.node.name} ended with status {process.exit_status}:\n"
                        f"{process.last_output()}"
                    )
            if loop.time() > deadline:
                raise NodeDied(f"not whole after {timeout_s:g} s: {self._told(view)}")
            await asyncio.sleep(LOOK_S)

    def _told(self, view: View) -> str:
        nodes = ", ".join(
            f"{name} {node.role} at {node.applied_seq}/{node.durable_seq} epoch {node.epoch}"
            + (f" ({'; '.join(node.alarms)})" if node.alarms else "")
            for name, node in view.nodes.items()
        )
        silent = sorted(self.processes.keys() - view.nodes.keys())
        return f"in sync {sorted(view.in_sync)}, {nodes}; silent: {silent}"

    async def _status(self, name: str) -> GetStatusResponse | None:
        client = self._clients.get(name)
        if client is None:
            endpoint = self.processes[name].endpoint
            client = self.access.operator(endpoint, ASK_S, serving_only=False)
            self._clients[name] = client
        try:
            return await client.status()
        except ClientError:
            return None

    def _of_kind(self, kind: str) -> list[str]:
        return [name for name, one in self.processes.items() if one.node.kind == kind]
