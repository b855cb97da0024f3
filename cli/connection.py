"""Which exchange `exctl` talks to, and as whom.

Room: settings from flags, environment, the configuration file and the local exchange, in this
order: flag > `EXCTL_*` > context > default. Secrets never come from flags: a token is read from
EXCTL_TOKEN or from a file.

`~/.config/exctl/config.toml` (or $XDG_CONFIG_HOME/exctl/config.toml, or EXCTL_CONFIG):

    current = "paper"                  # context that is taken when none is named; optional

    [contexts.paper]
    endpoints = "127.0.0.1:7001"
    operator = "ann"                   # open mode only
    member = "alice"                   # open mode only
    token_file = "/home/ann/.exchange-token"
    cacert = "ca.pem"
    cert = "ann.pem"
    key = "ann.key"
    timeout = 5
    output = "json"

Default endpoint: of the exchange that `exchange up` runs in ./var/data, else 127.0.0.1:7001.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.local_exchange import DEFAULT_DATA, DEFAULT_PORT, read_endpoint

if TYPE_CHECKING:
    from exchange.client import AsyncClient, Client, Tls

TIMEOUT_S = 5.0
KEYS = frozenset(
    {
        "endpoints",
        "member",
        "operator",
        "token_file",
        "cacert",
        "cert",
        "key",
        "timeout",
        "output",
    }
)


@dataclass(frozen=True, slots=True)
class Connection:
    """Where to and as whom; everything resolved but the files, which are read on use."""

    endpoints: str
    timeout_s: float
    output: str
    member: str | None
    operator: str | None
    token: str | None
    tls: Mapping[str, str]

    def client(
        self,
        *,
        member: str | None = None,
        endpoint: str | None = None,
        serving_only: bool = True,
        timeout_s: float | None = None,
    ) -> AsyncClient:
        """A client; on the running event loop. Raises UsageError for a wrong endpoint or file.

        Args:
            member: whose orders, instead of the configured member.
            endpoint: only this one.
            serving_only: only nodes that serve orders.
            timeout_s: seconds, if that is less than configured.
        """
        from exchange.client import AsyncClient

        try:
            return AsyncClient(
                endpoint or self.endpoints,
                member=member or self.member,
                operator=self.operator,
                token=self.token,
                tls=self._tls(),
                timeout=min(self.timeout_s, timeout_s or self.timeout_s),
                serving_only=serving_only,
            )
        except ValueError as error:
            raise click.UsageError(str(error)) from error

    def blocking_client(self, endpoint: str) -> Client:
        """A blocking client of one node, whether or not it serves orders; as `client`."""
        from exchange.client import Client

        try:
            return Client(
                endpoint,
                member=self.member,
                operator=self.operator,
                token=self.token,
                tls=self._tls(),
                timeout=self.timeout_s,
                serving_only=False,
            )
        except ValueError as error:
            raise click.UsageError(str(error)) from error

    def _tls(self) -> Tls | None:
        from exchange.client import Tls

        if not self.tls:
            return None
        files = {name: _read(path, name) for name, path in self.tls.items()}
        return Tls(files.get("cacert"), files.get("key"), files.get("cert"))


def resolve(given: Mapping[str, Any]) -> Connection:
    """The connection of a command.

    Args:
        given: values from flags and EXCTL_* by name; absent or None = not given.

    Raises:
        UsageError: the configuration file or a file that it names is wrong.
    """
    context = _context(given.get("context"))

    def setting(name: str, default: Any = None) -> Any:
        value = given.get(name)
        return context.get(name, default) if value is None else value

    token = os.environ.get("EXCTL_TOKEN")
    token_file = setting("token_file")
    if not token and token_file:
        token = _read(token_file, "token_file").decode("utf-8", "replace").strip()
    try:
        timeout_s = float(setting("timeout", TIMEOUT_S))
    except (TypeError, ValueError):
        raise click.UsageError(f"timeout {setting('timeout')!r} is not a number") from None
    tls = {name: str(setting(name)) for name in ("cacert", "cert", "key") if setting(name)}
    if ("cert" in tls) != ("key" in tls):
        raise click.UsageError("--cert and --key go together: give both or none")
    return Connection(
        endpoints=str(setting("endpoints") or _local_endpoint()),
        timeout_s=timeout_s,
        output=str(setting("output", "table")),
        member=setting("member"),
        operator=setting("operator"),
        token=token or None,
        tls=tls,
    )


def config_path() -> Path:
    """Where the configuration file is looked for."""
    named = os.environ.get("EXCTL_CONFIG")
    if named:
        return Path(named)
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "exctl" / "config.toml"


def _context(name: str | None) -> Mapping[str, Any]:
    path = config_path()
    try:
        config = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if name is None:
            return {}
        raise click.UsageError(f"there is no context {name!r}: {path} does not exist") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from error
    name = name or config.get("current")
    if name is None:
        return {}
    contexts = config.get("contexts", {})
    found = contexts.get(name) if isinstance(contexts, dict) else None
    if not isinstance(found, dict):
        names = ", ".join(contexts) if isinstance(contexts, dict) else ""
        raise click.UsageError(f"{path}: there is no context {name!r}; it has: {names or 'none'}")
    unknown = found.keys() - KEYS
    if unknown:
        raise click.UsageError(f"{path}: context {name}: unknown keys {', '.join(sorted(unknown))}")
    return found


def _local_endpoint() -> str:
    told = read_endpoint(DEFAULT_DATA)
    return told.endpoint if told is not None else f"127.0.0.1:{DEFAULT_PORT}"


def _read(path: str, what: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise click.UsageError(f"{what} {path}: {error.strerror}") from error
