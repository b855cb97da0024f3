"""A second node under the name of one that runs: with an empty directory, or with a copy.

Room: what happens when a machine is cloned, or an old one is started again beside its successor.
The twin has the name, the certificate and the keys; only its addresses are others. It must not
count: who leads and who is in sync stay as they are, clients are served, and somebody names it.
"""

from __future__ import annotations

import asyncio
import shutil
from typing import Final

from chaos.cluster import ClusterProcess
from chaos.fault import Bent, Broken, Fault, Step

TWIN: Final = "n1"
"""Dials the other data node, so it is met; who leads is drawn by what happened before."""

SEEN_S: Final = 20.0
STAY_S: Final = 2.0
ANSWER_S: Final = 3.0
LOOK_S: Final = 0.1
NAMED: Final = f"another process is linked here under the name {TWIN!r}"


def _twin(*, cloned: bool) -> Step:
    async def inject(bent: Bent) -> None:
        if cloned:
            await _clone(bent)
        view = await bent.cluster.wait_whole()
        twin = bent.cluster.add_twin(TWIN)
        twin.start()
        await _is_named(bent, twin)
        await asyncio.sleep(STAY_S)
        await bent.answers_within(ANSWER_S, f"while there are two {TWIN}")
        now = await bent.cluster.look()
        before, after = (view.primary, view.in_sync), (now.primary, now.in_sync)
        if before != after:
            raise Broken(f"a second {TWIN} changed who leads and who is in sync: {before}, {after}")

    return inject


# A copy of a stopped node; the node goes on from where it was.
async def _clone(bent: Bent) -> None:
    process = bent.process(TWIN)
    process.kill()
    copy = bent.cluster.twin_directory(TWIN) / "data"
    await asyncio.to_thread(shutil.copytree, process.data_dir, copy)
    process.start()


# The twin's own status tells why its links are refused.
async def _is_named(bent: Bent, twin: ClusterProcess) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SEEN_S
    told = ""
    access = bent.cluster.access
    async with access.operator(twin.endpoint, SEEN_S, serving_only=False) as client:
        while loop.time() < deadline:
            status = await client.status()
            told = "; ".join(alarm for node in status.nodes for alarm in node.alarms)
            if NAMED in told:
                return
            await asyncio.sleep(LOOK_S)
    raise Broken(f"nobody says that there are two {TWIN}: {told!r}")


async def _end(bent: Bent) -> None:
    bent.cluster.end_twins()
    bent.cluster.start()


TWINS = (
    Fault("twin_empty", _twin(cloned=False), _end),
    Fault("twin_cloned", _twin(cloned=True), _end),
)
"""Every fault of a second node with a name that is taken."""
