"""What only namespaces allow: a node that nobody reaches, lost packets, disks that are full.

Room: faults that need root (`namespaces.py`, `namespace_site.py`). A partition there drops packets:
connections find out by their own timers, and what was under way is lost, not late.
"""

from __future__ import annotations

import asyncio
from typing import Final

from chaos.disk_faults import has_stopped_itself
from chaos.fault import NAMESPACES, Bent, Fault, Step
from chaos.namespace_site import fill, make_room
from chaos.namespaces import NamespaceNetwork

BAD_LINK_S: Final = 3.0
ANSWER_S: Final = 5.0
FULL_S: Final = 1.0


def _of(bent: Bent) -> NamespaceNetwork:
    if not isinstance(bent.network, NamespaceNetwork):
        raise TypeError("this fault needs network namespaces")
    return bent.network


async def _cut_off(bent: Bent) -> None:
    """Neither nodes nor clients reach the primary."""
    _of(bent).cut_off(bent.view.primary)


async def _lose(bent: Bent) -> None:
    _of(bent).lose()
    await _clients_are_served(bent, "while a tenth of the packets is lost")


async def _narrow(bent: Bent) -> None:
    _of(bent).narrow()
    await _clients_are_served(bent, "over links of 2 Mbit/s")


async def _clients_are_served(bent: Bent, why: str) -> None:
    await asyncio.sleep(BAD_LINK_S)
    await bent.answers_within(ANSWER_S, why)


async def _heal(bent: Bent) -> None:
    _of(bent).heal()


async def _fill_primary(bent: Bent) -> None:
    fill(bent.cluster.disks[bent.view.primary])


async def _fill_standby(bent: Bent) -> None:
    """Clients do not notice for long."""
    fill(bent.cluster.disks[bent.standby])
    await asyncio.sleep(FULL_S)
    await bent.answers_within(ANSWER_S, f"after the disk of {bent.standby} was full")


def _emptied(*, of_primary: bool) -> Step:
    """It stopped itself; then there is room again, and it is started."""

    async def undo(bent: Bent) -> None:
        name = bent.view.primary if of_primary else bent.standby
        await has_stopped_itself(bent.process(name))
        make_room(bent.cluster.disks[name])
        bent.cluster.start()

    return undo


IN_NAMESPACES = (
    Fault("cut_off_primary", _cut_off, _heal, switches=True, needs=NAMESPACES, weight=3),
    Fault("lossy_network", _lose, _heal, needs=NAMESPACES),
    Fault("narrow_network", _narrow, _heal, needs=NAMESPACES),
    Fault(
        "disk_full_primary",
        _fill_primary,
        _emptied(of_primary=True),
        switches=True,
        needs=NAMESPACES,
    ),
    Fault("disk_full_standby", _fill_standby, _emptied(of_primary=False), needs=NAMESPACES),
)
"""Every fault that needs namespaces."""
