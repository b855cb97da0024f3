"""What several nodes tell about one cluster, put together.

Room: asking every endpoint and merging the answers; nothing is printed here. A node tells best of
itself; of one that does not answer, what the primary tells is taken, and it is not healthy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from exchange.client import ClientError, parse_endpoints
from exchange.client.messages import GetStatusResponse, NodeStatus, Register

if TYPE_CHECKING:
    from cli.connection import Connection

ASK_S = 1.5
"""A node that is up answers within milliseconds; the others are to be seen soon."""

DOWN = "down"


class ClusterView(NamedTuple):
    """What the endpoints said: answers in their order, errors by endpoint."""

    answers: Sequence[GetStatusResponse]
    errors: dict[str, ClientError]

    @property
    def nodes(self) -> list[NodeStatus]:
        """Each node once, by name."""
        found = {answer.nodes[0].name: answer.nodes[0] for answer in self.answers}
        for answer in self._newest_first():
            for node in answer.nodes[1:]:
                if node.name not in found:
                    found[node.name] = self._heard_of(node, answer.nodes[0].name)
        return [found[name] for name in sorted(found)]

    @property
    def newest(self) -> GetStatusResponse:
        """The answer of the node that knows most: with the register's newest version."""
        return self._newest_first()[0]

    @property
    def register(self) -> Register | None:
        """As the node with the newest version knows it; None for a single node."""
        return self.newest.register if self.newest.HasField("register") else None

    @property
    def who_steers(self) -> str:
        """Endpoint to ask for a change: the primary, else a data node that answers; "" = none."""
        answering = {answer.nodes[0].name: answer.nodes[0] for answer in self.answers}
        primary = self.newest.register.primary
        if primary in answering:
            return answering[primary].endpoint
        return next((node.endpoint for node in answering.values() if node.kind == "data"), "")

    @property
    def is_healthy(self) -> bool:
        """Whether every endpoint answers and no node is unwell."""
        return not self.errors and all(node.healthy for node in self.nodes)

    def _newest_first(self) -> list[GetStatusResponse]:
        return sorted(
            self.answers,
            key=lambda answer: (answer.register.version, answer.header.epoch),
            reverse=True,
        )

    def _heard_of(self, node: NodeStatus, teller: str) -> NodeStatus:
        told = NodeStatus()
        told.CopyFrom(node)
        if node.endpoint in self.errors:
            told.role, told.healthy, told.pid = DOWN, False, 0
            told.alarms.append(f"does not answer at {node.endpoint}")
        elif not node.connected:
            told.healthy = False
            told.alarms.append(f"{teller} has no link to it")
        return told


async def ask_all(connection: Connection) -> ClusterView:
    """Ask every endpoint for its status, at the same time."""
    errors: dict[str, ClientError] = {}

    async def ask(endpoint: str) -> GetStatusResponse | None:
        async with connection.client(
            endpoint=endpoint, serving_only=False, timeout_s=ASK_S
        ) as client:
            try:
                return await client.status()
            except ClientError as error:
                errors[endpoint] = error
                return None

    endpoints = parse_endpoints(connection.endpoints)
    told = await asyncio.gather(*map(ask, endpoints))
    return ClusterView([answer for answer in told if answer is not None], errors)
