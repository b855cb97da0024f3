"""How the clients of a run prove who they are: by open metadata on the loopback, by tokens and TLS.

Room: one value that makes clients of either kind; everything in a run that calls the API gets its
clients here. A run's tokens are its own, drawn when it is laid out.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from exchange.client import AsyncClient, Tls

OPERATOR = "chaos"
TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Access:
    """The way in.

    tls: None = open metadata, without TLS.
    tokens: name of a member or operator -> bearer token; "" of those who have none.
    """

    tls: Tls | None = None
    tokens: Mapping[str, str] = field(default_factory=dict)

    def member(self, endpoints: str, name: str, timeout_s: float) -> AsyncClient:
        """A client for a member's orders and executions; on the running event loop."""
        if self.tls is None:
            return AsyncClient(endpoints, member=name, timeout=timeout_s)
        return AsyncClient(endpoints, token=self.tokens[name], tls=self.tls, timeout=timeout_s)

    def operator(
        self, endpoints: str, timeout_s: float, *, serving_only: bool = True
    ) -> AsyncClient:
        """A client for the operator; `serving_only`: only nodes that serve orders."""
        name = OPERATOR if self.tls is None else None
        return AsyncClient(
            endpoints,
            operator=name,
            token=self.tokens.get(OPERATOR),
            tls=self.tls,
            timeout=timeout_s,
            serving_only=serving_only,
        )


OPEN = Access()
"""Names are believed: the loopback."""


def draw_tokens(members: Iterable[str]) -> tuple[dict[str, str], str]:
    """Tokens for the operator and these members, and the token file that a node reads."""
    roles = {OPERATOR: "operator"} | dict.fromkeys(members, "member")
    tokens = {name: secrets.token_urlsafe(TOKEN_BYTES) for name in roles}
    rows = [
        f'[[token]]\nname = "{name}"\nrole = "{role}"\n'
        f'sha256 = "{hashlib.sha256(tokens[name].encode()).hexdigest()}"\n'
        for name, role in roles.items()
    ]
    return tokens, "".join(rows)
