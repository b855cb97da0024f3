"""The dr node takes over: a site is lost, another generation begins, the old nodes come back.

Room: two events in one run, because the second needs the first. CME, 27 November 2025: the other
site was not used; here it is promoted and measured. NYSE, 24 January 2023: a recovery system that
had been left running told the primary an old day's state; here nodes of the old generation come
back, with everything they know, and nothing of it may be heard.

Held against: what the dr node acknowledged is in its log, once; what the old primary acknowledged
is lost at most up to the bound that was printed; nobody of the old generation leads or answers;
failing back, as the documents say it is done, loses nothing more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chaos.checker import Checker, Violation
from chaos.cluster import Cluster, ClusterProcess
from chaos.history import History
from chaos.journal_reader import entries
from chaos.load import SYMBOLS, TICK
from chaos.probe import Probe
from exchange.client import AsyncClient, ClientError, instrument

MEMBER = "p1"
STEADY_S = 1.0
STALE_S = 40.0
"""Longest wait for the old nodes to start and to hear of the new generation."""

CLIENT_S = 30.0
PROMOTE_S = 30.0


@dataclass(slots=True)
class DrSummary:
    """What a run found.

    Attributes:
        acknowledged_before, acknowledged_after: answers of the old and of the new generation.
        kept: newest log index of the old generation that is kept.
        bound: what the dr node said would be lost.
        lost: commands that the old primary acknowledged and the new log has not.
        promoted_s: from asking for the promotion to the first answer of the new primary.
        roles: what each old node said of itself after it came back, or how it ended.
        led_at_last: who led after failing back.
        violations: nothing else counts.
        seconds: of the whole run.
    """

    acknowledged_before: int = 0
    acknowledged_after: int = 0
    kept: int = 0
    bound: str = ""
    lost: int = 0
    promoted_s: float = 0.0
    roles: dict[str, str] = field(default_factory=dict)
    led_at_last: str = ""
    violations: list[Violation] = field(default_factory=list)
    seconds: float = 0.0


async def _run(directory: Path, tell: Callable[[str], None]) -> DrSummary:
    summary, checker = DrSummary(), Checker()
    before, after = History(), History()
    began = time.monotonic()
    with Cluster(directory) as cluster:
        try:
            cluster.start()
            await cluster.wait_whole()
            await _set_up(cluster)
            await _trade(Probe(cluster.endpoints, MEMBER, SYMBOLS[0], before), STEADY_S)
            for name in cluster.processes.keys() - {"dr"}:
                cluster.processes[name].kill()
            await _promote(cluster, summary)
            tell(f"promoted in {summary.promoted_s:.2f} s; bound: {summary.bound}")
            later = Probe(cluster.processes["dr"].endpoint, f"{MEMBER}-later", SYMBOLS[0], after)
            trading = asyncio.create_task(later.run())
            await asyncio.sleep(STEADY_S)
            cluster.start()  # the old site comes back with all it knows
            await _look_at_the_old(cluster, summary, checker)
            later.stop()
            await trading
            nodes = {answer.node for answer in later.answers}
            if nodes != {"dr"}:
                checker.found("I4", f"{sorted(nodes)} answered in the new generation")
            await _judge(cluster, checker, (before, after), summary)
            if not checker.violations:
                await _fail_back(cluster, checker, after, summary)
        except ClientError as error:
            checker.found("I12", f"a client met {error.reason}: {error.message}")
        finally:
            await cluster.close()
    summary.violations = checker.violations
    summary.seconds = time.monotonic() - began
    tell(
        f"{summary.acknowledged_before} acknowledged before, {summary.lost} of them lost; "
        f"{summary.acknowledged_after} after; old nodes: {summary.roles}"
    )
    return summary


async def _set_up(cluster: Cluster) -> None:
    async with AsyncClient(cluster.endpoints, operator="chaos", timeout=CLIENT_S) as operator:
        for name in (MEMBER, f"{MEMBER}-later"):
            await operator.create_member(name, request_id=f"member-{name}")
        new = instrument(SYMBOLS[0], "equity", currency="USD", mic="XLCK", tick_size=TICK)
        await operator.create_instrument(new, request_id="instrument")
        await operator.open_session(request_id="open")


async def _trade(probe: Probe, seconds: float) -> None:
    running = asyncio.create_task(probe.run())
    await asyncio.wait([running], timeout=seconds)
    probe.stop()
    await running


# The operator's way: read the bound, accept it, promote.
async def _promote(cluster: Cluster, summary: DrSummary) -> None:
    endpoint = cluster.processes["dr"].endpoint
    async with AsyncClient(
        endpoint, operator="chaos", timeout=PROMOTE_S, serving_only=False
    ) as operator:
        deadline = time.monotonic() + PROMOTE_S
        while True:
            told = await operator.dr_status()
            summary.bound = told.loss_bound
            asked = time.monotonic()
            try:
                done = await operator.promote_dr(
                    accepted_log_index=told.durable_seq, reason="the site is lost"
                )
            except ClientError as error:
                # It heard the primary a moment ago: the operator is told to wait, and does.
                if error.reason != "PRIMARY_IS_ALIVE" or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.2)
                continue
            await operator.list_instruments()
            summary.promoted_s = time.monotonic() - asked
            summary.kept = int(done.log_index)
            return


async def _look_at_the_old(cluster: Cluster, summary: DrSummary, checker: Checker) -> None:
    old = [cluster.processes[name] for name in cluster.data_names]
    deadline = time.monotonic() + STALE_S
    while True:
        view = await cluster.look()
        if all(map(_says_it_is_over, old)) or time.monotonic() > deadline:
            break
        await asyncio.sleep(0.2)
    for name in sorted(cluster.processes.keys() - {"dr"}):
        node, process = view.nodes.get(name), cluster.processes[name]
        ended = f"ended with status {process.exit_status}"
        summary.roles[name] = ended if node is None else node.role
        if process.node.kind == "data" and not _says_it_is_over(process):
            checker.found("I12", f"{name} does not say that its generation is over")
        if node is not None and (node.role == "primary" or node.may_serve):
            checker.found("I4", f"{name} of the old generation serves as {node.role}")


def _says_it_is_over(process: ClusterProcess) -> bool:
    return "GENERATION_OLD" in process.last_output()


async def _judge(
    cluster: Cluster, checker: Checker, told: tuple[History, History], summary: DrSummary
) -> None:
    before, after = told
    dr = cluster.processes["dr"]
    async with AsyncClient(dr.endpoint, operator="chaos", timeout=CLIENT_S) as operator:
        digest = await operator.digest()
    log = await asyncio.to_thread(entries, dr.data_dir, 1, digest.log_index)
    await asyncio.to_thread(checker.replay, log)
    checker.check_digest(digest.log_index, digest.state_digest, digest.events_digest)
    checker.check_acknowledged(after.since(0))
    old = before.since(0)
    survived = [one for one in old if max(f.log_index for f in one.answers[0]) <= summary.kept]
    checker.check_acknowledged(survived)
    summary.lost = len(old) - len(survived)
    summary.acknowledged_before = len(old)
    summary.acknowledged_after = after.acknowledged_count


# The operator's way back (cli/README.md): the node that led goes on as a data node, one of the old
# data nodes follows as dr, the old directories are set aside, and leadership is handed over.
async def _fail_back(
    cluster: Cluster, checker: Checker, after: History, summary: DrSummary
) -> None:
    await asyncio.to_thread(cluster.processes["dr"].stop)
    for name in cluster.processes.keys() - {"dr"}:
        cluster.processes[name].kill()
        cluster.processes[name].set_data_aside()
    cluster.reconfigure({"dr": "data", "n2": "dr"}, generation=2)
    cluster.start()
    view = await cluster.wait_whole()
    if view.primary != "dr":
        checker.found("I1", f"{view.primary} leads the new generation, without its history")
    async with AsyncClient(cluster.endpoints, operator="chaos", timeout=CLIENT_S) as operator:
        await operator.transfer_primary("n1", reason="failing back")
    view = await cluster.wait_primary(above=view.epoch)
    summary.led_at_last = view.primary
    async with AsyncClient(cluster.endpoints, member=f"{MEMBER}-later") as member:
        known = {order.cl_ord_id for order in await member.list_orders()}
    for sent in after.since(0):
        if sent.key.cl_ord_id not in known:
            checker.found("I1", f"{sent.key} was acknowledged by the dr node and is gone")


def run(directory: Path, *, tell: Callable[[str], None]) -> DrSummary:
    """Run to the end; the directory is absent or empty, and is kept."""
    return asyncio.run(_run(directory, tell))
