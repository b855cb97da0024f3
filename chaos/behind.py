"""A standby that is millions of commands behind: how long until it is in sync again.

Room: one run and its measure. The standby is stopped, the others go on; the primary takes so many
commands over order sessions of its public API, and ends its trading day now and then, as a market
round the clock should (a day's order ids are remembered until it ends). Then the standby starts,
while clients go on with single orders. Within GOAL_S it must be in sync and have applied what the
primary has, with the same digests, and clients must have been served meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from chaos.bulk import PROBE, set_up, trade_a_day
from chaos.checker import Checker, Violation
from chaos.cluster import Cluster, View
from chaos.history import History
from chaos.journal_reader import chain_digest, first_index, last_index
from chaos.load import SYMBOLS
from chaos.probe import Probe
from chaos.process import NodeDied

COMMANDS = 10_000_000
GOAL_S = 60.0
LIMIT_S = 600.0
DAY_COMMANDS = 1_000_000
CLIENT_S = 60.0
LEVEL_ENTRIES = 50
"""Under load a follower is never at the very end."""

LOOK_S, TELL_S = 0.1, 5.0
ANSWER_S = 2.0
"""Longest time without an answer while the standby catches up."""


@dataclass(slots=True)
class BehindSummary:
    """What a run found.

    Attributes:
        commands: that the standby lacked.
        entries, log_bytes: of the log that it lacked.
        load_s: seconds in which the primary took them.
        in_sync_s: seconds from the standby's start until the register listed it again.
        level_s: the same until it had also applied what the primary has.
        by_snapshot: whether its log now begins after a snapshot, not at the first entry.
        gap_s: longest time without an answer meanwhile.
        memory_bytes: of each node at the end, resident.
        violations: nothing else counts.
        seconds: of the whole run.
    """

    commands: int = 0
    entries: int = 0
    log_bytes: int = 0
    load_s: float = 0.0
    in_sync_s: float = 0.0
    level_s: float = 0.0
    by_snapshot: bool = False
    gap_s: float = 0.0
    memory_bytes: dict[str, int] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    seconds: float = 0.0


async def _run(
    directory: Path, commands: int, day: int, tell: Callable[[str], None]
) -> BehindSummary:
    began = time.monotonic()
    summary, checker = BehindSummary(commands=commands), Checker()
    with Cluster(directory) as cluster:
        try:
            cluster.start()
            view = await cluster.wait_whole()
            await set_up(cluster)
            for name in (_standby(cluster, view), "dr"):
                cluster.processes[name].kill()
            data_dir = cluster.processes[view.primary].data_dir
            first, size = last_index(data_dir), _size(data_dir)
            loading = time.monotonic()
            for done in range(0, commands, day):
                await trade_a_day(cluster, done, min(day, commands - done))
                summary.load_s = time.monotonic() - loading
                tell(f"{done + day} commands in {summary.load_s:.0f} s")
            summary.entries = last_index(data_dir) - first
            summary.log_bytes = _size(data_dir) - size
            tell(
                f"{commands} commands in {summary.entries} entries, {summary.log_bytes >> 20} MiB "
                f"of log, in {summary.load_s:.0f} s; now {_standby(cluster, view)} starts"
            )
            await _catch_up(cluster, view, summary, checker, tell)
        finally:
            await cluster.close()
    summary.violations = checker.violations
    summary.seconds = time.monotonic() - began
    return summary


def _standby(cluster: Cluster, view: View) -> str:
    return next(name for name in cluster.data_names if name != view.primary)


def _size(data_dir: Path) -> int:
    return (data_dir / "log" / "data.mdb").stat().st_size


async def _catch_up(
    cluster: Cluster,
    view: View,
    summary: BehindSummary,
    checker: Checker,
    tell: Callable[[str], None],
) -> None:
    name = _standby(cluster, view)
    probe = Probe(cluster.endpoints, PROBE, SYMBOLS[0], History(), access=cluster.access)
    probing = asyncio.create_task(probe.run())
    began = time.monotonic()
    cluster.processes[name].start()
    said = began
    while True:
        now = await cluster.look()
        if name in now.in_sync and not summary.in_sync_s:
            summary.in_sync_s = time.monotonic() - began
        if summary.in_sync_s and _is_level(now, view.primary, name):
            break
        if not cluster.processes[name].is_running:
            raise NodeDied(f"{name} ended: {cluster.processes[name].last_output()}")
        if time.monotonic() - began > LIMIT_S:
            checker.found("I12", f"{name} is not level after {LIMIT_S:g} s")
            break
        if time.monotonic() - said > TELL_S and name in now.nodes:
            said = time.monotonic()
            node = now.nodes[name]
            tell(f"{said - began:.0f} s: {name} at {node.applied_seq}/{node.durable_seq}")
        await asyncio.sleep(LOOK_S)
    summary.level_s = time.monotonic() - began
    times = [answer.at for answer in probe.answers if answer.at >= began - 1]
    probe.stop()
    await probing
    await _compare(cluster, view, summary, checker)
    summary.gap_s = max(
        (after - before for before, after in pairwise(times)), default=summary.level_s
    )
    if summary.level_s > GOAL_S:
        checker.found("I12", f"{name} took {summary.level_s:.1f} s, goal {GOAL_S:g} s")
    if summary.gap_s > ANSWER_S:
        checker.found("I12", f"{summary.gap_s:.2f} s without an answer meanwhile")


def _is_level(view: View, primary: str, name: str) -> bool:
    if primary not in view.nodes or name not in view.nodes:
        return False
    return view.nodes[primary].applied_seq - view.nodes[name].applied_seq < LEVEL_ENTRIES


# Both at the same entry, or one a little later: digests are held against each other where equal.
async def _compare(cluster: Cluster, view: View, summary: BehindSummary, checker: Checker) -> None:
    name = _standby(cluster, view)
    deadline = time.monotonic() + CLIENT_S
    while True:
        told = {}
        for one in (view.primary, name):
            endpoint = cluster.processes[one].endpoint
            async with cluster.access.operator(endpoint, CLIENT_S, serving_only=False) as client:
                told[one] = await client.digest()
        first, second = told.values()
        if first.log_index == second.log_index:
            break
        if time.monotonic() > deadline:
            checker.found("I12", f"{name} does not come level: {first.log_index} {told}")
            return
        await asyncio.sleep(LOOK_S)
    own = (first.state_digest, first.events_digest)
    if own != (second.state_digest, second.events_digest):
        checker.found("I3", f"at entry {first.log_index} {view.primary} and {name} differ")
    data_dirs = [cluster.processes[one].data_dir for one in (view.primary, name)]
    if len({chain_digest(one, first.log_index) for one in data_dirs}) > 1:
        checker.found("I7", f"the logs differ at or below entry {first.log_index}")
    summary.by_snapshot = first_index(data_dirs[1]) > first_index(data_dirs[0])
    nodes = (await cluster.look()).nodes
    summary.memory_bytes = {one: int(nodes[one].memory_bytes) for one in (view.primary, name)}


def run(
    directory: Path, *, commands: int, tell: Callable[[str], None], day: int = DAY_COMMANDS
) -> BehindSummary:
    """Run to the end; the directory is absent or empty, and is kept. `day`: commands of a day."""
    return asyncio.run(_run(directory, commands, day, tell))
