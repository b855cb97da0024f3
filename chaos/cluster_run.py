"""Faults in a cluster of real processes, under load, one after the other; then the judge.

Room: the rounds. A fault is injected, the clients' wait for a new primary is measured, the fault is
undone, the cluster gets whole, and what the clients know is held against a replay of the log.

Hypothesis: whatever was acknowledged is in every later log, once, with its result; at most one node
acknowledges in an epoch; all nodes have the same events and state at the same index (DESIGN I1, I2,
I3, I4, I5, I7). Blast radius: four processes of ours on the loopback and their directory.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chaos.checker import Checker, Violation
from chaos.cluster import Cluster, View
from chaos.fault import NETWORK, SHIM, Bent, Broken, Fault
from chaos.faults import FAULTS
from chaos.follower import Follower
from chaos.history import History, State
from chaos.journal_reader import chain_digest, entries, quarantined
from chaos.load import SYMBOLS, TICK, Trader
from chaos.namespace_site import in_namespaces
from chaos.probe import Probe
from chaos.process import SERVE, NodeDied
from chaos.site import Site
from exchange.client import AsyncClient, ClientError, instrument
from exchange.client.messages import GetDigestResponse

TABLES = {"snapshots": {"every_commands": 2000, "keep": 2}}
SESSIONS, SINGLES, PROBE = ("s1", "s2"), ("u1",), "p1"
MEMBERS = (*SESSIONS, *SINGLES, PROBE)
SESSION_RATE, SINGLE_RATE = 150.0, 25.0
FOLLOWED = ("s1", "u1")
CLIENT_S = 60.0
SWITCH_S = 20.0
SLOW = 0.1
"""Share of the load while the cluster gets whole: nodes start on the same two cores."""

STEADY_S = 0.3
"""Of load before each fault, so that there is a last answer to measure from."""

EXECUTIONS_S = 15.0


@dataclass(slots=True)
class ClusterSummary:
    """What a run did.

    Attributes:
        seed: repeats what was drawn; timing differs.
        faults: how often each.
        switches_s: fault -> seconds from the last answer of the old leadership to the first of the
            new one, of each time it switched.
        whole_s: seconds from the undoing of each fault until the cluster was whole.
        violations: nothing else counts.
        acknowledged: commands with an answer.
        lost, duplicated: violations of I1 and I2 among them.
        resent: commands that went out again because their outcome was not known.
        cut_entries: that a deposed primary had alone, found in quarantine.
        entries: of the log at the end.
        epoch: of the log at the end.
        seconds: of the whole run.
    """

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    switches_s: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    whole_s: list[float] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    acknowledged: int = 0
    lost: int = 0
    duplicated: int = 0
    resent: int = 0
    cut_entries: int = 0
    entries: int = 0
    epoch: int = 0
    seconds: float = 0.0


class ClusterRun:
    """One run.

    Args:
        directory: of the cluster; kept for a post-mortem.
        seed: of everything drawn.
        tell: called with one line a round.
        needs: what the faults need besides processes, of `chaos.fault`.
        serve: as NodeProcess takes it.
        site: where the cluster lives, instead of the loopback.

    Attributes:
        summary: what was done so far.
        probe: whose answers tell who leads.
    """

    def __init__(
        self,
        directory: Path,
        seed: int,
        tell: Callable[[str], None],
        *,
        needs: Collection[str] = (),
        serve: Sequence[str] = SERVE,
        site: Site | None = None,
    ) -> None:
        self.summary = ClusterSummary(seed)
        self._chance = random.Random(seed)
        self._tell = tell
        self._history = History()
        self._checker = Checker()
        self._checked = 0
        self._cluster = Cluster(
            directory,
            TABLES,
            relayed=NETWORK in needs,
            site=site,
            shimmed=SHIM in needs,
            serve=serve,
        )
        endpoints, access = self._cluster.endpoints, self._cluster.access
        self.probe = Probe(endpoints, PROBE, SYMBOLS[0], self._history, access=access)
        rates = dict.fromkeys(SESSIONS, SESSION_RATE) | dict.fromkeys(SINGLES, SINGLE_RATE)
        self._traders = {
            name: Trader(
                endpoints,
                name,
                self._history,
                seed=self._chance.getrandbits(64),
                commands_per_s=rate,
                access=access,
            )
            for name, rate in rates.items()
        }
        self._followers = [Follower(endpoints, name, CLIENT_S, access=access) for name in FOLLOWED]
        self._operator: AsyncClient

    async def run(self, faults: Sequence[Fault]) -> ClusterSummary:
        """Inject these, in this order, check after each and at the end."""
        began = time.monotonic()
        with self._cluster:
            try:
                await self._run(faults)
            finally:
                await self._cluster.close()
        self.summary.seconds = time.monotonic() - began
        self._collect(self._checker)
        kinds = Counter(violation.invariant for violation in self.summary.violations)
        self.summary.lost, self.summary.duplicated = kinds["I1"], kinds["I2"]
        return self.summary

    async def _run(self, faults: Sequence[Fault]) -> None:
        self._cluster.start()
        await self._cluster.wait_whole()
        async with self._cluster.operator(CLIENT_S) as self._operator:
            await self._set_up()
            followers = [asyncio.create_task(one.run()) for one in self._followers]
            async with asyncio.TaskGroup() as clients:
                trading = [clients.create_task(self._trade(name)) for name in self._traders]
                trading.append(clients.create_task(self._run_probe()))
                try:
                    for number, fault in enumerate(faults, 1):
                        await self._round(number, fault)
                        if self._checker.violations:
                            break  # the directory shows the rest
                except NodeDied as died:
                    self._checker.found("I12", f"the cluster does not get whole: {died}")
                except (Broken, ClientError) as broken:
                    self._checker.found("I12", f"a fault met {broken!r}")
                self.probe.stop()
                for trader in self._traders.values():
                    trader.stop()
                if self._checker.violations:
                    for client in trading:
                        client.cancel()  # what they wait for may never come
            if not self._checker.violations:
                await self._finish()
            for task in followers:
                task.cancel()
            for result in await asyncio.gather(*followers, return_exceptions=True):
                if isinstance(result, ClientError):
                    self._checker.found("I8", f"a subscriber met {result.reason}: {result.message}")

    async def _set_up(self) -> None:
        for name in (*self._traders, PROBE):
            await self._operator.create_member(name, request_id=f"member-{name}")
        for symbol in SYMBOLS:
            new = instrument(symbol, "equity", currency="USD", mic="XLCK", tick_size=TICK)
            await self._operator.create_instrument(new, request_id=f"instrument-{symbol}")
        await self._operator.open_session(request_id="open")

    async def _trade(self, name: str) -> None:
        trader = self._traders[name]
        try:
            await (trader.run_session() if name in SESSIONS else trader.run_singles())
        except ClientError as error:
            self._checker.found("I12", f"{name} met {error.reason}: {error.message}")

    async def _run_probe(self) -> None:
        try:
            await self.probe.run()
        except* ClientError as group:
            self._checker.found("I12", f"the probe met {group.exceptions}")

    async def _round(self, number: int, fault: Fault) -> None:
        view = await self._cluster.wait_whole()
        self._pace(1.0)
        await asyncio.sleep(STEADY_S)
        bent = Bent(
            self._cluster,
            view,
            self._chance,
            self.probe.answer_count,
            lambda: self._history.newest_index,
        )
        acknowledged = self._history.acknowledged_count
        begun = time.monotonic()
        await fault.inject(bent)
        switched = await self._switch(begun) if fault.switches else None
        self._pace(SLOW)
        await fault.undo(bent)
        undone = time.monotonic()
        self.summary.faults[fault.name] += 1
        after = await self._cluster.wait_whole()
        self.summary.whole_s.append(time.monotonic() - undone)
        if switched is not None:
            self.summary.switches_s[fault.name].append(switched)
        self.summary.epoch = after.epoch
        self.check_leaders()
        await self._compare(after, acknowledged)
        took = "" if switched is None else f", switched in {switched * 1000:.0f} ms"
        self._tell(
            f"{number}: {fault.name} ({view.primary} led, now {after.primary}, epoch {after.epoch})"
            f"{took}, whole {self.summary.whole_s[-1]:.2f} s later; {acknowledged} acknowledged, "
            f"{self._checker.log_index} entries, {len(self._checker.violations)} violations"
        )

    def _pace(self, share: float) -> None:
        for trader in self._traders.values():
            trader.pace(share)
        self.probe.pace(share)

    async def _switch(self, begun: float) -> float | None:
        deadline = time.monotonic() + SWITCH_S
        while (took := self.probe.switch_s(begun)) is None:
            if time.monotonic() > deadline:
                view = await self._cluster.look()
                self._checker.found(
                    "I12", f"no answer of a new primary after {SWITCH_S} s: {view.nodes.keys()}"
                )
                return None
            await asyncio.sleep(0.01)
        return took

    @property
    def violations(self) -> list[Violation]:
        """What the judge has found so far."""
        return self._checker.violations

    def check_leaders(self) -> None:
        """I4: in one epoch all answers come from one node."""
        leaders: defaultdict[int, set[str]] = defaultdict(set)
        for answer in self.probe.answers:
            leaders[answer.epoch].add(answer.node)
        for epoch, nodes in leaders.items():
            if len(nodes) > 1:
                self._checker.found("I4", f"{sorted(nodes)} acknowledged in epoch {epoch}")

    # Every node's digests at its own index against the replay of the primary's log, oldest first.
    async def _compare(self, view: View, acknowledged: int) -> None:
        told = await asyncio.gather(*map(self._digest, self._cluster.log_names))
        data_dir = self._cluster.processes[view.primary].data_dir
        for _, name, digest in sorted(
            ((one.log_index, name, one) for name, one in told), key=lambda row: row[:2]
        ):
            index = digest.log_index
            if index < self._checker.log_index:
                continue  # a node that is a little behind; the next round sees it further
            await asyncio.to_thread(self._take_entries, self._checker, data_dir, index)
            known = len(self._checker.violations)
            self._checker.check_digest(index, digest.state_digest, digest.events_digest)
            if len(self._checker.violations) > known:
                self._checker.found("I3", f"that was {name}")
        commands = self._history.since(self._checked)[: acknowledged - self._checked]
        self._checker.check_acknowledged(commands)
        self._checked = acknowledged

    async def _digest(self, name: str) -> tuple[str, GetDigestResponse]:
        endpoint = self._cluster.processes[name].endpoint
        access = self._cluster.access
        async with access.operator(endpoint, CLIENT_S, serving_only=False) as client:
            return name, await client.digest()

    @staticmethod
    def _take_entries(checker: Checker, data_dir: Path, last: int) -> None:
        checker.replay(entries(data_dir, checker.log_index + 1, last))

    # All clients are done: nothing moves any more but timers.
    async def _finish(self) -> None:
        view = await self._cluster.wait_whole()
        await self._compare(view, self._history.acknowledged_count)
        await self._compare_logs()
        fresh = Checker()
        data_dir = self._cluster.processes[view.primary].data_dir
        log = await asyncio.to_thread(entries, data_dir, 1, self._checker.log_index)
        await asyncio.to_thread(fresh.replay, log)
        for name in self._cluster.log_names:
            cut = await asyncio.to_thread(quarantined, self._cluster.processes[name].data_dir)
            fresh.check_cut(name, cut, log)
            self.summary.cut_entries += len(cut)
        fresh.check_acknowledged(self._history.since(0))
        open_states = (State.SENT, State.UNKNOWN, State.REFUSED)
        fresh.check_unresolved(self._history.in_state(*open_states))
        fresh.compare_positions()
        for follower in self._followers:
            await follower.reached(fresh.execution_count(follower.member), EXECUTIONS_S)
            fresh.check_executions(follower.member, follower.facts)
        self._collect(fresh)
        self.summary.entries = fresh.log_index
        self.summary.acknowledged = self._history.acknowledged_count
        self.summary.resent = sum(command.attempts > 1 for command in self._history)

    # I7: the logs themselves, byte for byte, up to where all have applied.
    async def _compare_logs(self) -> None:
        view = await self._cluster.look()
        names = self._cluster.log_names
        common = min(view.nodes[name].applied_seq for name in names)
        found = {
            name: await asyncio.to_thread(
                chain_digest, self._cluster.processes[name].data_dir, common
            )
            for name in names
        }
        if len(set(found.values())) > 1:
            self._checker.found("I7", f"the logs differ at or below entry {common}: {found}")

    def _collect(self, checker: Checker) -> None:
        known = set(self.summary.violations)
        self.summary.violations += [one for one in checker.violations if one not in known]


def draw(seed: int, count: int, names: Sequence[str]) -> list[Fault]:
    """So many faults of these names, by their weights; each name at least once if there is room."""
    chance = random.Random(seed)
    weights = [FAULTS[name].weight for name in names]
    first = list(names) if count >= len(names) else []
    drawn = first + chance.choices(list(names), weights, k=count - len(first))
    chance.shuffle(drawn)
    return [FAULTS[name] for name in drawn]


def run(
    directory: Path,
    *,
    seed: int,
    faults: Sequence[Fault],
    tell: Callable[[str], None],
    serve: Sequence[str] = SERVE,
    namespaces: bool = False,
) -> ClusterSummary:
    """Run to the end, or to the first violation; see ClusterRun.

    namespaces: each node in a network namespace and on a disk of its own, instead of the loopback.
    """
    needs = {fault.needs for fault in faults}
    site = in_namespaces(directory, MEMBERS) if namespaces else None
    try:
        made = ClusterRun(directory, seed, tell, needs=needs, serve=serve, site=site)
        return asyncio.run(made.run(faults))
    finally:
        if site is not None:
            site.leave()
