"""What this node may do at this moment: lead, read, or neither; the event loop's copy of it.

Room: the log's view as the gateway meets it. The committer tells of every change in log order, so
that a session is dropped after the last answer of its leadership, never before. No protocol: who
leads is decided in `replication`. Event loop thread only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from exchange.errors import NotLeader, NotServing
from exchange.sequencer.ports import LogView, ReplicatedLog

PRIMARY = "primary"


class Leadership:
    """Role of this node and who waits for it to change.

    Args:
        log: of this node.
        endpoint_of: HOST:PORT of a node's API by its name, "" when unknown.
    """

    def __init__(self, log: ReplicatedLog, endpoint_of: Callable[[str], str]) -> None:
        self._log = log
        self._endpoint_of = endpoint_of
        self._view = log.view
        self._open_since = 0
        self._changed = asyncio.Event()

    @property
    def changed(self) -> asyncio.Event:
        """Set at the next change of view or opening; ask again for the one after."""
        return self._changed

    @property
    def view(self) -> LogView:
        """Role, epoch and primary, as far as they have reached the event loop."""
        return self._view

    @property
    def is_open(self) -> bool:
        """Whether this node leads and the first entry of its leadership is committed."""
        return self._view.role == PRIMARY and self._open_since == self._view.since

    @property
    def may_trade(self) -> bool:
        """Whether commands are taken here now."""
        return self.is_open and self._log.may_serve

    @property
    def may_read(self) -> bool:
        """Whether what is read here means something: a leader without lease may be deposed."""
        view = self._log.view
        if view.role == PRIMARY:
            return self._log.may_serve
        return view.role not in {"fenced", "stopped"}

    def follow(self, view: LogView) -> None:
        """The committer has seen a new view."""
        self._view = view
        self._tell()

    def opened(self, since: int) -> None:
        """The first entry of the leadership that began in epoch `since` is committed and told."""
        self._open_since = since
        self._tell()

    def refuse_commands(self) -> None:
        """Raise NotLeader, or NotServing while the lease is lost; else do nothing."""
        view = self._log.view
        if view.role != PRIMARY:
            raise NotLeader(view.primary, self._endpoint_of(view.primary), view.epoch)
        if self._log.pause:
            raise NotServing("SINGLE_COPY_PAUSED", self._log.pause)
        if not self._log.may_serve:
            raise NotServing(
                "NO_LEASE",
                "this node leads but does not hear from the others, so it takes no commands; "
                "another node may take over, or this one goes on shortly",
            )

    def refuse_reads(self) -> None:
        """Raise NotServing when what could be read here may be overtaken without a sign."""
        if self.may_read:
            return
        role = self._log.view.role
        if role == PRIMARY:
            raise NotServing("NO_LEASE", "this node does not hear from the others; ask another one")
        raise NotServing(
            "NODE_FENCED", f"this node is {role}: it answers no reads; ask another one"
        )

    def named(self, error: NotLeader) -> NotLeader:
        """The same error with the address of the leader that it names."""
        return NotLeader(error.leader_id, self._endpoint_of(error.leader_id), error.epoch)

    async def until_open(self) -> None:
        """Return once this node leads and its first entry is committed."""
        while not self.is_open:
            await self._changed.wait()

    async def until_lost(self) -> NotLeader:
        """Return, once the leadership of this moment is over, who leads then."""
        since = self._view.since
        while self._view.role == PRIMARY and self._view.since == since:
            await self._changed.wait()
        view = self._view
        return NotLeader(view.primary, self._endpoint_of(view.primary), view.epoch)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
