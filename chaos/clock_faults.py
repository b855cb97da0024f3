"""Wall clocks that jump by an hour on a node that runs, by the shim (`shim.py`); no root.

Room: these faults, and what must hold besides the judge's invariants (I5: the log's time never goes
back): nobody loses leadership over a wall clock, and clients are served at every hour. All that the
node reads jumps, gRPC included; a jump of the stamps alone, on a primary that is then killed, are
`clock_forward` and `clock_back` in `faults.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from chaos.fault import SHIM, Bent, Broken, Fault, Step

HOUR_S: Final = 3600.0
STAY_S: Final = 0.8
"""At each hour: longer than a lease."""

ANSWER_S: Final = 1.0
"""Longest time without an answer while a clock jumps: nothing is broken."""


def _swing(which: Callable[[Bent], tuple[str, ...]]) -> Step:
    """An hour forth, two back, one forth again; who leads does not change."""

    async def inject(bent: Bent) -> None:
        names = which(bent)
        for offset_s in (HOUR_S, -HOUR_S, 0.0):
            for name in names:
                bent.process(name).levers.bend_clock(offset_s)
            told = f"with the clock of {' and '.join(names)} {offset_s:+.0f} s off"
            await bent.answers_within(ANSWER_S, told)
            await asyncio.sleep(STAY_S)
            await bent.answers_within(ANSWER_S, told)
        for name in names:
            if bent.process(name).levers.clock_hits == 0:
                raise Broken(f"{name} did not read the clock that jumped")
        view = await bent.cluster.wait_primary()
        before = bent.view.primary, bent.view.epoch
        if (view.primary, view.epoch) != before:
            raise Broken(f"a clock jumped: {before} led, now {(view.primary, view.epoch)}")

    return inject


async def _true_time(bent: Bent) -> None:
    for process in bent.cluster.processes.values():
        process.levers.heal()


CLOCKS = (
    Fault("clock_swing_primary", _swing(lambda bent: (bent.view.primary,)), _true_time, needs=SHIM),
    Fault("clock_swing_standby", _swing(lambda bent: (bent.standby,)), _true_time, needs=SHIM),
    Fault("clock_swing_arbiter", _swing(lambda _: ("arbiter",)), _true_time, needs=SHIM),
    Fault(
        "clock_swing_all",
        _swing(lambda bent: tuple(bent.cluster.processes)),
        _true_time,
        needs=SHIM,
    ),
)
"""Every fault of a clock by the shim."""
