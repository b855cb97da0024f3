"""What is done to a cluster: one fault a function, named, with what it must lead to and its undo.

Room: the table of faults, and those of processes and links; the others are in `disk_faults.py`,
`clock_faults.py`, `copy_faults.py`, `twin_faults.py` and `namespace_faults.py`. A fault knows
processes and network, no order. Each leaves the cluster able to get whole again once undone.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable

from chaos.clock_faults import CLOCKS
from chaos.copy_faults import COPY_LOSSES
from chaos.disk_faults import DISKS
from chaos.fault import NETWORK, Bent, Fault, Step, nothing, restart
from chaos.namespace_faults import IN_NAMESPACES
from chaos.twin_faults import TWINS

PAUSE_S_MIN, PAUSE_S_MAX = 1.5, 3.0
"""Of a primary: longer than the others' patience."""

SHORT_S_MIN, SHORT_S_MAX = 0.3, 1.5
TRANSFER_S = 10.0
CLOCK_S = 3600.0


async def _kill(bent: Bent, *names: str) -> None:
    # One after the other, each within a fraction of a millisecond; waiting for their ends later
    # would let the first be seen dead before the last is.
    for name in names:
        bent.cluster.processes[name].kill()


def _killing(which: Callable[[Bent], str]) -> Step:
    async def inject(bent: Bent) -> None:
        await _kill(bent, which(bent))

    return inject


async def _kill_all(bent: Bent) -> None:
    await _kill(bent, *bent.cluster.processes)


async def _storm(bent: Bent) -> None:
    """Each node, in any order, several times, at moments that may fall into a recovery."""
    names = list(bent.cluster.processes) * 2
    bent.chance.shuffle(names)
    for name in names:
        bent.cluster.processes[name].kill()
        bent.cluster.start()
        await asyncio.sleep(bent.chance.uniform(0.05, 0.6))


def _wiping(which: Callable[[Bent], str]) -> Step:
    """A disk is replaced: the node comes back under its old name with an empty directory."""

    async def inject(bent: Bent) -> None:
        process = bent.cluster.processes[which(bent)]
        process.kill()
        await asyncio.to_thread(shutil.rmtree, process.data_dir)

    return inject


async def _pause_primary(bent: Bent) -> None:
    bent.cluster.processes[bent.view.primary].pause()


async def _resume_primary(bent: Bent) -> None:
    await asyncio.sleep(bent.chance.uniform(0, PAUSE_S_MAX - PAUSE_S_MIN))
    bent.cluster.processes[bent.view.primary].resume()


async def _pause_standby(bent: Bent) -> None:
    bent.cluster.processes[bent.standby].pause()
    await asyncio.sleep(bent.chance.uniform(SHORT_S_MIN, SHORT_S_MAX))
    bent.cluster.processes[bent.standby].resume()


def _network(what: Callable[[Bent], None]) -> Step:
    async def inject(bent: Bent) -> None:
        what(bent)

    return inject


def _isolate_primary(bent: Bent) -> None:
    bent.network.isolate(bent.view.primary)


def _deafen_primary(bent: Bent) -> None:
    bent.network.deafen(bent.view.primary)


def _mute_primary(bent: Bent) -> None:
    bent.network.mute(bent.view.primary)


async def _part_standby(bent: Bent) -> None:
    bent.network.isolate(bent.standby)
    await asyncio.sleep(bent.chance.uniform(SHORT_S_MIN, 2 * SHORT_S_MAX))


async def _isolate_arbiter(bent: Bent) -> None:
    bent.network.isolate("arbiter")
    await asyncio.sleep(bent.chance.uniform(SHORT_S_MIN, SHORT_S_MAX))


async def _part_data_nodes(bent: Bent) -> None:
    bent.network.part([bent.view.primary], [bent.standby])
    await asyncio.sleep(bent.chance.uniform(SHORT_S_MIN, 2 * SHORT_S_MAX))


async def _flap(bent: Bent) -> None:
    network = bent.network
    for _ in range(5):
        network.isolate(bent.view.primary)
        await asyncio.sleep(bent.chance.uniform(0.05, 0.5))
        network.heal()
        await asyncio.sleep(bent.chance.uniform(0.02, 0.3))


async def _reconnect_storm(bent: Bent) -> None:
    network = bent.network
    pairs = [(a, b) for a in network.names for b in network.names if a < b]
    for _ in range(20):
        network.cut(bent.chance.sample(pairs, 2))
        await asyncio.sleep(bent.chance.uniform(0.01, 0.1))


async def _slow(bent: Bent) -> None:
    bent.network.delay(bent.chance.uniform(5, 40))
    await asyncio.sleep(bent.chance.uniform(1, 2))


async def _heal(bent: Bent) -> None:
    bent.network.heal()


async def _fill_disk(bent: Bent) -> None:
    bent.cluster.processes[bent.view.primary].fill_disk()


async def _end_and_restart(bent: Bent) -> None:
    process = bent.cluster.processes[bent.view.primary]
    await asyncio.to_thread(process.wait)  # it stopped itself: nothing more can be written
    bent.cluster.start()


def _jump(seconds: float) -> Step:
    """The primary's clock jumps, and soon after the others have to go on from there."""

    async def inject(bent: Bent) -> None:
        process = bent.cluster.processes[bent.view.primary]
        process.bend_clock(seconds)
        await asyncio.sleep(SHORT_S_MIN)
        process.kill()

    return inject


async def _true_time_and_restart(bent: Bent) -> None:
    for process in bent.cluster.processes.values():
        process.bend_clock(0)
    bent.cluster.start()


async def _transfer(bent: Bent) -> None:
    async with bent.cluster.operator(TRANSFER_S) as client:
        await client.transfer_primary(bent.standby, reason="planned switch")


FAULTS = {
    fault.name: fault
    for fault in (
        Fault(
            "kill_primary",
            _killing(lambda bent: bent.view.primary),
            restart,
            switches=True,
            weight=6,
        ),
        Fault("kill_standby", _killing(lambda bent: bent.standby), restart, weight=3),
        Fault("kill_arbiter", _killing(lambda _: "arbiter"), restart, weight=2),
        Fault("kill_dr", _killing(lambda _: "dr"), restart),
        Fault("kill_all", _kill_all, restart),
        Fault("wipe_standby", _wiping(lambda bent: bent.standby), restart),
        Fault("wipe_dr", _wiping(lambda _: "dr"), restart),
        Fault("wipe_primary", _wiping(lambda bent: bent.view.primary), restart, switches=True),
        Fault("restart_storm", _storm, restart),
        Fault("pause_primary", _pause_primary, _resume_primary, switches=True, weight=2),
        Fault("pause_standby", _pause_standby, nothing),
        Fault("transfer", _transfer, nothing, switches=True, weight=2),
        Fault("full_disk", _fill_disk, _end_and_restart, switches=True),
        Fault("clock_forward", _jump(CLOCK_S), _true_time_and_restart, switches=True),
        Fault("clock_back", _jump(-CLOCK_S), _true_time_and_restart, switches=True),
        Fault(
            "isolate_primary",
            _network(_isolate_primary),
            _heal,
            switches=True,
            needs=NETWORK,
            weight=4,
        ),
        Fault(
            "deafen_primary",
            _network(_deafen_primary),
            _heal,
            switches=True,
            needs=NETWORK,
            weight=2,
        ),
        Fault(
            "mute_primary",
            _network(_mute_primary),
            _heal,
            switches=True,
            needs=NETWORK,
            weight=2,
        ),
        Fault("isolate_standby", _part_standby, _heal, needs=NETWORK),
        Fault("isolate_arbiter", _isolate_arbiter, _heal, needs=NETWORK),
        Fault("part_data_nodes", _part_data_nodes, _heal, needs=NETWORK),
        Fault("flap", _flap, _heal, needs=NETWORK),
        Fault("reconnect_storm", _reconnect_storm, _heal, needs=NETWORK),
        Fault("slow_network", _slow, _heal, needs=NETWORK),
        *DISKS,
        *CLOCKS,
        *COPY_LOSSES,
        *IN_NAMESPACES,
        *TWINS,
    )
}
STAMPS = ("clock_forward", "clock_back")
"""Of the clock that stamps entries alone; nodes take such a clock on the loopback only."""

KILLS = ("kill_primary", "kill_standby", "kill_arbiter", "kill_dr", "kill_all", "restart_storm")
BAD_DISKS = tuple(fault.name for fault in DISKS)
BAD_CLOCKS = tuple(fault.name for fault in CLOCKS)
NAMESPACED = tuple(fault.name for fault in IN_NAMESPACES)
DOUBLES = tuple(fault.name for fault in TWINS)
LOST_COPIES = tuple(fault.name for fault in COPY_LOSSES)
PARTITIONS = tuple(name for name, fault in FAULTS.items() if fault.needs == NETWORK)
