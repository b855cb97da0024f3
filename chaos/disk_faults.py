"""Disks that are slow, hang, fail or fill up beneath a node that runs, and what must be seen of it.

Room: faults by the shim (`shim.py`); no root. What holds besides the judge's invariants:

| disk of | slow: 300 ms a flush | hangs                   | fails (EIO), full (ENOSPC)   |
|---------|----------------------|-------------------------|------------------------------|
| primary | clients get answers  | another leads; it comes | it ends with status 70 and   |
|         |                      | back without a restart  | says why; another leads      |
| others  | clients get answers  | clients get answers     | the same; clients get answers|
"""

from __future__ import annotations

import asyncio
import errno
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from chaos.cluster import ClusterProcess
from chaos.fault import SHIM, Bent, Broken, Fault, Step, nothing
from chaos.shim import Levers
from exchange.client import OutcomeUnknownError, RefusedError

SLOW_MS: Final = 300
"""A flush of a disk that other machines share, at its worst."""

SLOW_S: Final = 3.0
HUNG_S: Final = 3.0
ANSWER_S: Final = 5.0
"""Longest wait for an answer where one of the other disks is bad: shrink, and some."""

FAULT_STATUS: Final = 70
END_S: Final = 20.0
TRANSFERS, DECIDE_S = 5, 0.5

Which = Callable[[Bent], str]
Do = Callable[[Levers], None]


def _primary(bent: Bent) -> str:
    return bent.view.primary


def _standby(bent: Bent) -> str:
    return bent.standby


def _dr(_: Bent) -> str:
    return "dr"


def _arbiter(_: Bent) -> str:
    return "arbiter"


async def _decide(bent: Bent) -> None:
    """Give an arbiter something to write: the register changes, by the votes of the data nodes."""
    async with bent.cluster.operator(END_S) as client:
        for _ in range(TRANSFERS):
            # Where the arbiter led the register, the others first elect one of them; a switch that
            # was given up for lost may still have come about.
            with suppress(OutcomeUnknownError, RefusedError):
                await client.transfer_primary(bent.standby, reason="the arbiter's disk is bad")
            await asyncio.sleep(DECIDE_S)
            if (await bent.cluster.look()).primary == bent.standby:
                return
    raise Broken(f"{TRANSFERS} planned switches did not bring {bent.standby} to lead")


def _slow(which: Which, provoke: Step = nothing) -> Step:
    """Every flush takes long for a while; clients are served all the same."""

    async def inject(bent: Bent) -> None:
        process = bent.process(which(bent))
        process.levers.slow_disk(SLOW_MS)
        await provoke(bent)
        await asyncio.sleep(SLOW_S)
        await bent.answers_within(ANSWER_S, f"with a slow disk of {process.node.name}")
        _was_met(process)

    return inject


def _hang(which: Which, provoke: Step = nothing) -> Step:
    """No flush returns, and clients are served all the same."""

    async def inject(bent: Bent) -> None:
        process = bent.process(which(bent))
        process.levers.hang_disk()
        await provoke(bent)
        await bent.answers_within(ANSWER_S, f"while the disk of {process.node.name} hangs")
        await asyncio.sleep(HUNG_S)
        await bent.answers_within(ANSWER_S, f"while the disk of {process.node.name} hangs")
        _was_met(process)

    return inject


def _hang_leader(which: Which) -> Step:
    async def inject(bent: Bent) -> None:
        bent.process(which(bent)).levers.hang_disk()

    return inject


def _release(which: Which) -> Step:
    """The disk answers again: the same process must come back by itself."""

    async def undo(bent: Bent) -> None:
        process = bent.process(which(bent))
        _was_met(process)
        if not process.is_running:
            raise Broken(f"{process.node.name} ended while its disk hung: {process.last_output()}")
        process.levers.heal()

    return undo


def _break(which: Which, do: Do) -> Step:
    """Writing fails from now on."""

    async def inject(bent: Bent) -> None:
        do(bent.process(which(bent)).levers)

    return inject


def _break_other(which: Which, do: Do, provoke: Step = nothing) -> Step:
    """The same on a node that does not lead: clients do not notice for long."""

    async def inject(bent: Bent) -> None:
        process = bent.process(which(bent))
        do(process.levers)
        await provoke(bent)
        await asyncio.sleep(SLOW_S / 3)
        await bent.answers_within(ANSWER_S, f"after the disk of {process.node.name} failed")

    return inject


def _replaced(which: Which) -> Step:
    """It stopped itself and said why; then it is started on a good disk, with its data."""

    async def undo(bent: Bent) -> None:
        process = bent.process(which(bent))
        await has_stopped_itself(process)
        _was_met(process)
        process.levers.heal()
        bent.cluster.start()

    return undo


async def has_stopped_itself(process: ClusterProcess) -> None:
    """Wait for fail-stop. Raises Broken where the node goes on, or ends otherwise."""
    try:
        status = await asyncio.to_thread(process.wait, END_S)
    except subprocess.TimeoutExpired as error:
        raise Broken(f"{process.node.name} goes on although its disk failed") from error
    if status != FAULT_STATUS:
        raise Broken(f"{process.node.name} ended with status {status}: {process.last_output()}")
    _, _, why = process.last_output().rpartition("stopped itself")
    if str(process.data_dir.resolve()) not in why:
        raise Broken(f"{process.node.name} does not name its disk: {process.last_output()}")


def _was_met(process: ClusterProcess) -> None:
    if process.levers.disk_hits == 0:
        raise Broken(f"no write of {process.node.name} met the fault: the shim is not beneath it")


def _healed(which: Which) -> Step:
    async def undo(bent: Bent) -> None:
        bent.process(which(bent)).levers.heal()

    return undo


def _flushes_fail(levers: Levers) -> None:
    levers.fail_flushes(errno.EIO)


def _writes_fail(levers: Levers) -> None:
    levers.fail_writes(errno.EIO)


def _family(which: Which, name: str, provoke: Step = nothing) -> list[Fault]:
    """The faults of the disk of a node that does not lead."""
    return [
        Fault(f"slow_disk_{name}", _slow(which, provoke), _healed(which), needs=SHIM),
        Fault(f"hung_disk_{name}", _hang(which, provoke), _release(which), needs=SHIM),
        Fault(
            f"failing_disk_{name}",
            _break_other(which, _flushes_fail, provoke),
            _replaced(which),
            needs=SHIM,
        ),
    ]


DISKS = (
    Fault("slow_disk_primary", _slow(_primary), _healed(_primary), needs=SHIM),
    Fault(
        "hung_disk_primary",
        _hang_leader(_primary),
        _release(_primary),
        switches=True,
        needs=SHIM,
    ),
    Fault(
        "failing_disk_primary",
        _break(_primary, _flushes_fail),
        _replaced(_primary),
        switches=True,
        needs=SHIM,
    ),
    Fault(
        "failing_writes_primary",
        _break(_primary, _writes_fail),
        _replaced(_primary),
        switches=True,
        needs=SHIM,
    ),
    Fault(
        "no_space_primary",
        _break(_primary, Levers.fill_disk),
        _replaced(_primary),
        switches=True,
        needs=SHIM,
    ),
    *_family(_standby, "standby"),
    Fault(
        "no_space_standby",
        _break_other(_standby, Levers.fill_disk),
        _replaced(_standby),
        needs=SHIM,
    ),
    *_family(_dr, "dr"),
    *_family(_arbiter, "arbiter", _decide),
)
"""Every fault of a disk."""
