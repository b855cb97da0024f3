"""Who the shell of the replication tells: what must be durable, what others must know, what ends.

Room: the hooks that the composition root fills, and the two errors of the shell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from replication.link_frames import FrameError
from replication.register import ConsensusRegister, RegisterValue


class ReplicationHalt(Exception):
    """The protocol stops this node (fail-stop); the text says why and what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class LinkRefused(FrameError):
    """Ends the link whose frame is being handled, as an unreadable frame does."""


class Hooks(NamedTuple):
    """Who is told what; any thread, none may block but `install`.

    Attributes:
        promise: store the promised epoch; durable on return.
        cut: quarantine the log from an index on, because of a reason; durable on return.
        install: run the given installation of a snapshot while nobody applies entries; blocks.
        new_generation: store generation and register of a promoted DR node; gives its register.
        membership: the register changed under this leadership, and by what.
        alarm: raise an alarm by name, or end it with "".
        fault: the node must stop.
    """

    promise: Callable[[int], None]
    cut: Callable[[int, str], None]
    install: Callable[[Callable[[], str]], str]
    new_generation: Callable[[RegisterValue], ConsensusRegister]
    membership: Callable[[RegisterValue, str], None]
    alarm: Callable[[str, str], None]
    fault: Callable[[BaseException], None]
