"""What a servicer method knows of the call it answers.

Room: one small value; made by `dispatch.py`, after authentication.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.errors import NotServing
from exchange.gateway.principal import Principal
from exchange.gateway.shutdown import Shutdown


class Call(NamedTuple):
    """The caller, and whether the server is stopping."""

    principal: Principal
    shutdown: Shutdown

    def end_of_stream(self) -> NotServing:
        """The error with which a stream ends when the server stops or may not be read any more."""
        if self.shutdown.begun:
            return NotServing("STOPPING", "this node is stopping; reconnect and resume")
        return NotServing(
            "NO_LEASE", "this node has lost touch with the others; reconnect to one and resume"
        )
