"""The loss of the last but one copy of the log, in each mode of `on_single_copy`.

Room: faults that set the mode, take the standby away and look at what is promised then
(RELIABILITY 5.1, rule 8); undone, the mode is "continue" again.

| mode  | promised once the standby is gone                                                      |
|-------|----------------------------------------------------------------------------------------|
| pause | no answer and an alarm that says why, until the standby is back, or an operator accepts |
|       | a single copy                                                                          |
| spare | no answer until the dr node holds everything and is in sync; then answers, each of     |
|       | them on two disks; also after the primary was killed and started again                 |
"""

from __future__ import annotations

import asyncio
from typing import Final

from chaos.fault import Bent, Broken, Fault
from chaos.journal_reader import last_index
from exchange.client import AsyncClient

CALL_S: Final = 10.0
SETTLE_S: Final = 0.3
"""Answers that were under way when the standby died."""

SILENT_S: Final = 2.0
"""Longer than the primary's patience with a silent member."""

ANSWER_S: Final = 10.0
"""Longest wait for answers once there are two copies again; a node starts meanwhile."""

LOOKS: Final = 10
COPIES: Final = 2
CONTINUE, PAUSE, SPARE = "continue", "pause", "spare"


async def _set_mode(bent: Bent, mode: str) -> None:
    async with _operator(bent) as client:
        await client.set_on_single_copy(mode, reason="chaos")


# A primary that waits for copies does not serve orders, and still takes an operator's word.
def _operator(bent: Bent) -> AsyncClient:
    endpoint = bent.process(bent.view.primary).endpoint
    return bent.cluster.access.operator(endpoint, CALL_S, serving_only=False)


async def _nothing_is_answered(bent: Bent, why: str) -> None:
    await asyncio.sleep(SETTLE_S)
    before = bent.answered()
    await asyncio.sleep(SILENT_S)
    if bent.answered() != before:
        raise Broken(f"{bent.answered() - before} answers on one copy of the log, {why}")
    told = " ".join((await bent.cluster.look()).nodes[bent.view.primary].alarms)
    if "one copy" not in told and "acknowledgements wait" not in told:
        raise Broken(f"the primary does not say why it waits, {why}: alarms {told!r}")


# What was answered so far is on two disks now, and was when it was answered: logs only grow here.
async def _answers_are_on_two_disks(bent: Bent) -> None:
    for _ in range(LOOKS):
        await bent.answers_within(ANSWER_S, "although there are two copies")
        index = bent.newest_answer()
        ends = {
            name: await asyncio.to_thread(last_index, bent.process(name).data_dir)
            for name in bent.cluster.log_names
        }
        if sum(end >= index for end in ends.values()) < COPIES:
            raise Broken(f"entry {index} is answered, and the logs end at {ends}")


async def _pause(bent: Bent) -> None:
    await _set_mode(bent, PAUSE)
    bent.process(bent.standby).kill()
    await _nothing_is_answered(bent, "mode pause")


async def _degrade(bent: Bent) -> None:
    await _pause(bent)
    async with _operator(bent) as client:
        await client.degrade(reason="chaos: one copy is accepted")
    await bent.answers_within(ANSWER_S, "after a single copy was accepted")


async def _spare(bent: Bent) -> None:
    await _set_mode(bent, SPARE)
    bent.process("dr").kill()
    bent.process(bent.standby).kill()
    await _nothing_is_answered(bent, "mode spare, and no spare is there")
    bent.process("dr").start()
    await _answers_are_on_two_disks(bent)
    view = await bent.cluster.look()
    if view.in_sync != {bent.view.primary, "dr"}:
        raise Broken(f"in sync are {sorted(view.in_sync)}, not {bent.view.primary} and dr")


async def _spare_and_restart(bent: Bent) -> None:
    await _set_mode(bent, SPARE)
    bent.process(bent.standby).kill()
    await _answers_are_on_two_disks(bent)
    primary = bent.process(bent.view.primary)
    primary.kill()
    primary.start()
    await _answers_are_on_two_disks(bent)


async def _whole_and_continue(bent: Bent) -> None:
    """Start who is missing; answers come again in the mode that was set, then it is taken back."""
    bent.cluster.start()
    await _answers_are_on_two_disks(bent)
    await _continue(bent)


async def _continue(bent: Bent) -> None:
    bent.cluster.start()
    await bent.cluster.wait_whole()
    await _set_mode(bent, CONTINUE)


COPY_LOSSES = (
    Fault("lost_copy_pause", _pause, _whole_and_continue),
    Fault("lost_copy_degrade", _degrade, _continue),  # one copy was accepted until it is whole
    Fault("lost_copy_spare", _spare, _whole_and_continue),
    Fault("lost_copy_spare_restart", _spare_and_restart, _whole_and_continue),
)
"""Every fault that takes the last but one copy away."""
