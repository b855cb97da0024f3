"""What operators do to a cluster, on the node that they ask.

Room: the gateway's `ClusterControl` over the replicator: checks that can be made here, the request,
and its answer as the API's refusals. Event loop thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from exchange.cluster_links import cluster_of
from exchange.config import NodeConfig
from exchange.core import MarketCore
from exchange.errors import ClientFault, NotLeader, NotServing
from exchange.gateway.cluster_ports import DrCheck, DrStatus, RegisterView
from replication.replica_status import PeerStatus
from replication.replicator import Replicator

NS_PER_MS = 1_000_000
NEVER_HEARD_MS = (1 << 63) // NS_PER_MS
DR_LAG_ENTRIES_MAX = 1_000
DR_SILENT_NS = 3_000_000_000


class ClusterSteering:
    """Fulfils `exchange.gateway.cluster_ports.ClusterControl`.

    Args:
        config: of this node.
        replicator: its copy of the log.
        core: gives the running market.
    """

    def __init__(
        self, config: NodeConfig, replicator: Replicator, core: Callable[[], MarketCore]
    ) -> None:
        self._config = config
        self._cluster = cluster_of(config)
        self._replicator = replicator
        self._core = core

    def register(self) -> RegisterView:
        """The newest value this node knows."""
        status = self._replicator.status()
        value = status.register
        health = self._replicator.register.status()
        return RegisterView(
            version=value.version,
            epoch=value.epoch,
            generation=value.generation,
            primary=value.primary,
            in_sync=value.in_sync,
            fenced=value.fenced,
            on_single_copy=value.on_single_copy,
            healthy=health.healthy,
            voters=health.voters,
            leader=health.leader,
        )

    async def transfer(self, node: str, reason: str, *, validate_only: bool) -> RegisterView:
        """Hand leadership over."""
        self._must_lead()
        view = self.register()
        own = self._config.node_name
        if not node:
            others = [name for name in self._cluster.data_names if name != own]
            node = next((name for name in others if name in view.in_sync), "")
            if not node:
                raise ClientFault("NODE_NOT_IN_SYNC", "no other data node is in sync", field="node")
        self._must_be_data(node)
        if node == own:
            raise ClientFault("ALREADY_PRIMARY", f"{node} leads already", field="node")
        if node not in view.in_sync:
            raise ClientFault("NODE_NOT_IN_SYNC", f"{node} is not in sync", field="node")
        if validate_only:
            return view
        return await self._asked(self._replicator.ask("transfer", node, reason))

    async def fence(self, node: str, reason: str) -> RegisterView:
        """Keep a node out."""
        self._must_be_data(node)
        if node in self.register().fenced:
            raise ClientFault("ALREADY_FENCED", f"{node} is fenced already", field="node")
        if node != self._replicator.view.primary:
            self._must_lead()
        return await self._asked(self._replicator.ask("fence", node, reason))

    async def unfence(self, node: str, reason: str) -> RegisterView:
        """Let it in again."""
        self._must_lead()
        self._must_be_data(node)
        if node not in self.register().fenced:
            raise ClientFault("NOT_FENCED", f"{node} is not fenced", field="node")
        return await self._asked(self._replicator.ask("unfence", node, reason))

    async def degrade(self, reason: str) -> RegisterView:
        """Acknowledge with one copy."""
        view = self._replicator.view
        if view.role != "primary":
            raise NotLeader(view.primary, self._cluster.api_of(view.primary), view.epoch)
        if "COPIES" not in self._replicator.status().alarms:
            raise ClientFault("NOT_PAUSED", "nothing waits for another copy")
        return await self._asked(self._replicator.ask("degrade", "", reason))

    async def set_on_single_copy(self, mode: str, reason: str) -> RegisterView:
        """Say what happens when one copy is left."""
        self._must_lead()
        return await self._asked(self._replicator.ask("set_mode", mode, reason))

    async def dr_status(self) -> DrStatus:
        """How far the DR node is, as far as this node knows."""
        own = self._config.node_name
        status = self._replicator.status()
        node = next((one for one in self._cluster.nodes if one.kind == "dr"), None)
        if node is None:
            raise ClientFault("UNKNOWN_NODE", "this cluster has no dr node")
        generation = status.register.generation
        if node.name == own:
            bound = self._replicator.loss_bound()
            heard = bound.silent_ns < DR_SILENT_NS and bound.heard
            silent_ms = bound.silent_ns // NS_PER_MS if bound.heard else NEVER_HEARD_MS
            since = f"{silent_ms} ms ago" if bound.heard else "not since this node started"
            return DrStatus(
                node=own,
                endpoint=node.api,
                connected=heard,
                durable_seq=status.durable_index,
                applied_seq=self._core().applied_index,
                committed_seq=status.committed_index + bound.entries,
                lag_entries=bound.entries,
                lag_bytes=0,
                lag_ms=self._replicator.age_ns / NS_PER_MS,
                silent_ms=silent_ms,
                loss_bound=(
                    f"at most {bound.entries} entries that the primary had told of, and whatever "
                    f"it committed since it was heard last ({since})"
                ),
                generation=generation,
            )
        peer = next(one for one in status.peers if one.name == node.name)
        return _dr_of_peer(peer, node.api, status.committed_index, generation)

    async def test_dr(self) -> tuple[DrCheck, ...]:
        """Whether the DR node could be promoted now."""
        status = await self.dr_status()
        register = self.register()
        fenced = register.fenced.get(status.node, "")
        behind = f"{status.lag_entries} entries, {status.lag_ms:.0f} ms"
        applied = status.durable_seq - status.applied_seq
        return (
            DrCheck("linked", status.connected, f"heard {status.silent_ms} ms ago"),
            DrCheck("level", status.lag_entries <= DR_LAG_ENTRIES_MAX, f"behind by {behind}"),
            DrCheck("applied", applied <= DR_LAG_ENTRIES_MAX, f"{applied} entries not applied yet"),
            DrCheck("not fenced", not fenced, fenced or "no operator keeps it out"),
        )

    async def promote_dr(self, accepted_log_index: int, reason: str) -> tuple[RegisterView, int]:
        """Begin a new generation on this DR node."""
        if self._cluster.kind != "dr":
            raise ClientFault("NOT_A_DR_NODE", "ask the dr node itself: it is promoted, not others")
        status = self._replicator.status()
        if status.durable_index < accepted_log_index:
            raise ClientFault(
                "LOSS_NOT_ACCEPTED",
                f"the log ends at {status.durable_index}, the loss was accepted from "
                f"{accepted_log_index} on; ask GetDrStatus again",
                field="accepted_log_index",
            )
        done, text = await asyncio.wrap_future(self._replicator.promote_dr(force=False))
        if not done:
            raise ClientFault("PRIMARY_IS_ALIVE", text)
        return self.register(), status.durable_index

    def _must_lead(self) -> None:
        self._core().leadership.refuse_commands()

    def _must_be_data(self, node: str) -> None:
        if not self._cluster.api_of(node):
            raise ClientFault("UNKNOWN_NODE", f"no node is named {node!r}", field="node")
        if node not in self._cluster.data_names:
            raise ClientFault("NOT_A_DATA_NODE", f"{node} keeps no copy that leads", field="node")

    async def _asked(self, answer: Future[tuple[bool, str]]) -> RegisterView:
        done, text = await asyncio.wrap_future(answer)
        if not done:
            raise NotServing("REGISTER_CHANGED", text)
        return self.register()


def _dr_of_peer(peer: PeerStatus, api: str, committed: int, generation: int) -> DrStatus:
    lag = peer.lag
    silent = peer.heard_ns_ago
    behind = lag.entries if lag else 0
    known = f"{behind} entries" if lag else "unknown here: ask the primary or the dr node"
    return DrStatus(
        node=peer.name,
        endpoint=api,
        connected=peer.linked,
        durable_seq=max(peer.durable_index, 0),
        applied_seq=max(peer.applied_index, 0),
        committed_seq=committed,
        lag_entries=behind,
        lag_bytes=max(lag.size, 0) if lag else 0,
        lag_ms=lag.ns / NS_PER_MS if lag else 0.0,
        silent_ms=silent // NS_PER_MS if silent >= 0 else NEVER_HEARD_MS,
        loss_bound=f"a promotion now would lose {known}",
        generation=generation,
    )
