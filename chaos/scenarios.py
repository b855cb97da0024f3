"""Failures of real exchanges, done to ours by name (RELIABILITY section 3).

Room: one scenario per event: what happened there, what is done here, what must hold besides the
judge's invariants. They run as rounds of `cluster_run.py`; those that end a generation are in
`dr_move.py`.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, NamedTuple

from chaos.fault import Bent, Broken, Fault, Step, nothing, restart
from chaos.faults import FAULTS
from chaos.load import SYMBOLS
from chaos.other_build import OTHER_VERSION
from chaos.process import SERVE
from exchange.client import AsyncClient, ClientError
from exchange.client.streams import ResumingStream
from exchange.model.enums import Phase

OTHER_BUILD = (sys.executable, "-m", "chaos.other_build")
OTHER_BUILD_S = 3.0
MEET_S = 30.0
AUCTION_S = 1.0
CLIENTS = 60
"""Of the reconnect storm, 20 times each; the real one met 2.6 times the tested rate."""

CLIENT_S = 30.0
THROTTLED_S = 3.0
RUN_S, STAND_S = 0.01, 0.09
"""Ten times slower: it runs a tenth of the time."""


class Scenario(NamedTuple):
    """One event.

    Attributes:
        event: what happened, in one sentence.
        faults: what is done here, in order.
    """

    event: str
    faults: tuple[Fault, ...]


def _operator(bent: Bent) -> AsyncClient:
    return bent.cluster.operator(CLIENT_S)


async def _other_build(bent: Bent) -> None:
    """The standby comes back as another build: it must not count, and trading goes on."""
    standby = bent.cluster.processes[bent.standby]
    standby.kill()
    standby.serve_with(OTHER_BUILD)
    standby.start()
    told = await _refusal_of(bent)
    await asyncio.sleep(OTHER_BUILD_S)
    view = await bent.cluster.look()
    if bent.standby in view.in_sync:
        raise Broken(f"{bent.standby} of another build is in sync")
    if view.primary != bent.view.primary:
        raise Broken(f"{bent.view.primary} led, now {view.primary!r}")
    if OTHER_VERSION not in told:
        raise Broken(f"nobody names the version {OTHER_VERSION}: {told!r}")


async def _refusal_of(bent: Bent) -> str:
    """What primary and standby say of each other once they have met; "" = nothing in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + MEET_S
    while loop.time() < deadline:
        view = await bent.cluster.look()
        told = "; ".join(alarm for node in view.nodes.values() for alarm in node.alarms)
        if OTHER_VERSION in told:
            return told
        await asyncio.sleep(0.1)
    return ""


async def _right_build(bent: Bent) -> None:
    standby = bent.cluster.processes[bent.standby]
    standby.kill()
    standby.serve_with(SERVE)
    standby.start()


async def _auction_storm(bent: Bent) -> None:
    """A call auction under a storm of orders and cancels; the primary dies in the middle of it."""
    async with _operator(bent) as operator:
        await operator.set_phase(SYMBOLS[1], Phase.VOLATILITY_AUCTION)
        await asyncio.sleep(AUCTION_S)
        bent.cluster.processes[bent.view.primary].kill()
        await asyncio.sleep(AUCTION_S / 2)
        await operator.set_phase(SYMBOLS[1], Phase.CONTINUOUS)
        state = await operator.trading_state(SYMBOLS[1])
    if state.phase != Phase.CONTINUOUS.value:
        raise Broken(f"{SYMBOLS[1]} is in phase {state.phase} after the auction")


async def _rolling_restart(bent: Bent) -> None:
    """Node by node, as for a new release; the primary hands over before its turn."""
    order = ["dr", "arbiter", bent.standby]
    for name in order:
        await _stop_and_start(bent, name)
    async with _operator(bent) as operator:
        await operator.transfer_primary(bent.standby, reason="rolling upgrade")
    await _stop_and_start(bent, bent.view.primary)


async def _stop_and_start(bent: Bent, name: str) -> None:
    process = bent.cluster.processes[name]
    status = await asyncio.to_thread(process.stop)
    if status:
        raise Broken(f"{name} ended with status {status}: {process.last_output()}")
    process.start()
    await bent.cluster.wait_whole()


async def _stop_all(bent: Bent) -> None:
    """The end of the day: every node is stopped in good order, and started the next morning."""
    processes = bent.cluster.processes.values()
    for status in await asyncio.gather(*(asyncio.to_thread(one.stop) for one in processes)):
        if status:
            raise Broken(f"a node ended with status {status}")


async def _client_storm(bent: Bent) -> None:
    """Clients that connect, read everything from the beginning and go, all at once; a failover."""

    async def come_and_go(number: int) -> None:
        member = ("s1", "s2", "u1")[number % 3]
        for _ in range(20):
            client = bent.cluster.access.member(bent.cluster.endpoints, member, CLIENT_S)
            async with client, client.executions(start_seq=1) as reports:
                await _read_rising(reports)

    storm = asyncio.gather(*(come_and_go(number) for number in range(CLIENTS)))
    await asyncio.sleep(1)
    bent.cluster.processes[bent.view.primary].kill()
    try:
        await asyncio.wait_for(storm, CLIENT_S)
    except (ClientError, TimeoutError) as error:
        raise Broken(f"the storm did not get through: {error!r}") from error


async def _read_rising(reports: ResumingStream[Any]) -> None:
    last_seq, last_time = 0, 0
    for _ in range(20):
        try:
            report = await asyncio.wait_for(anext(reports), 2)
        except TimeoutError:
            return  # that is all there is so far
        at = report.transact_time.ToNanoseconds()
        if report.exec_id < last_seq or at < last_time:
            raise Broken(f"execution {report.exec_id} at {at} after {last_seq} at {last_time}")
        last_seq, last_time = report.exec_id, at


async def _throttle(bent: Bent) -> None:
    """The primary gets a tenth of its time; the operator moves trading away from it."""
    process = bent.cluster.processes[bent.view.primary]

    async def crawl() -> None:
        while True:
            process.pause()
            await asyncio.sleep(STAND_S)
            process.resume()
            await asyncio.sleep(RUN_S)

    crawling = asyncio.create_task(crawl())
    try:
        await asyncio.sleep(THROTTLED_S)
        view = await bent.cluster.look()
        if view.primary in {bent.view.primary, ""}:
            async with _operator(bent) as operator:
                await _move_away(operator, bent)
    finally:
        crawling.cancel()
        await asyncio.wait([crawling])
        process.resume()


# A node that slow may lose its place by itself before the operator's word arrives.
async def _move_away(operator: AsyncClient, bent: Bent) -> None:
    try:
        await operator.transfer_primary(bent.standby, reason="cooling failed")
    except ClientError:
        view = await bent.cluster.wait_primary(above=bent.view.epoch)
        if view.primary == bent.view.primary:
            raise


def _round(name: str, inject: Step, undo: Step = nothing, *, switches: bool = False) -> Fault:
    return Fault(name, inject, undo, switches=switches)


SCENARIOS = {
    "knight": Scenario(
        "Knight 2012: one of eight servers ran old code; 4 million executions in 45 minutes.",
        (_round("knight", _other_build, _right_build),),
    ),
    "facebook": Scenario(
        "Facebook on Nasdaq 2012: cancels during an auction kept it from ending; the backup was "
        "patched and switched to in the middle.",
        (_round("facebook", _auction_storm, restart, switches=True),),
    ),
    "nyse2015": Scenario(
        "NYSE 8 July 2015: a release on one unit did not fit the others; 3.5 hours.",
        (
            _round("nyse2015: another build", _other_build, _right_build),
            _round("nyse2015: rolling upgrade", _rolling_restart),
        ),
    ),
    "tokyo": Scenario(
        "Tokyo 1 October 2020: a device failed half, the switch-over did not happen; a whole day.",
        (FAULTS["full_disk"], FAULTS["pause_primary"], FAULTS["transfer"]),
    ),
    "sip": Scenario(
        "Nasdaq SIP 22 August 2013: a storm of reconnects broke the failover; old quotes came "
        "again with new times.",
        (_round("sip", _client_storm, restart, switches=True),),
    ),
    "cme-slow": Scenario(
        "CME 27 November 2025: machines died slowly of heat; the other site was not used.",
        (_round("cme-slow", _throttle),),
    ),
    "lse": Scenario(
        "LSE 16 August 2019: the start of the day failed after an upgrade; 100 minutes.",
        (_round("lse", _stop_all, restart),),
    ),
}
