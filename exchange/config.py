"""The configuration of one node: every bound and every choice, named, with its default.

Room: one frozen `NodeConfig`, read once from TOML. Nothing else in the project reads settings from
files or the environment. Unknown keys, wrong types and values out of range are refused by name.

    node_name = "n1"
    data_dir = "/var/lib/lockstep"
    listen = "127.0.0.1:7001"
    [auth]
    mode = "token"
    token_file = "/etc/lockstep/tokens.toml"
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from exchange.address import is_loopback, parse_address
from exchange.cluster_config import NODE_NAME, ClusterConfig, check_cluster
from exchange.errors import OperatorFault
from exchange.model.codec import ENTRY_BYTES_MAX, ENTRY_COMMANDS_MAX

Positive = Annotated[int, msgspec.Meta(ge=1)]


class AuthConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may call.

    `open`: callers name their member in metadata and are believed; loopback only. `token`: bearer
    tokens from `token_file`. With `tls.client_ca_file` a client certificate names its principal.
    """

    mode: Literal["open", "token"] = "open"
    token_file: str = ""


class TlsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PEM files of the server; empty = no TLS, which only loopback allows."""

    certificate_file: str = ""
    key_file: str = ""
    client_ca_file: str = ""


class LimitsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds; what happens at each stands beside it.

    Attributes:
        entry_commands, entry_bytes: of one log entry; the next one takes the rest.
        pending_commands, pending_bytes: admitted, not answered; then RESOURCE_EXHAUSTED.
        message_bytes: of one gRPC message; larger ones are refused by the transport.
        session_commands: commands in one OrderSession message; then INVALID_ARGUMENT.
        deadline_s_max: a unary call without or with a longer deadline gets this one.
        disk_reserve_bytes: below this much free disk only what lowers risk is admitted.
    """

    entry_commands: Positive = 4096
    entry_bytes: Positive = 1 << 20
    pending_commands: Positive = 65_536
    pending_bytes: Positive = 16 << 20
    message_bytes: Positive = 1 << 20
    session_commands: Positive = 4096
    deadline_s_max: Positive = 60
    disk_reserve_bytes: Annotated[int, msgspec.Meta(ge=0)] = 256 << 20


class SnapshotConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When state is stored: every so many commands, the newest `keep` are kept."""

    every_commands: Positive = 1_000_000
    keep: Positive = 3


class ChaosConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Faults on purpose, for tests; refused unless everything is on the loopback.

    clock_offset_file: a file whose decimal number of nanoseconds is added to the wall clock that
        stamps entries, read anew for every entry; "" or an absent file = the true time.
    """

    clock_offset_file: str = ""


class NodeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One node.

    Attributes:
        data_dir: where the log and everything else is; made if it is not there.
        listen: HOST:PORT of the public API; port 0 = any free one.
        cluster_id: must match the data directory; "" = whatever is there, or a new one.
        engine: "auto" (the native engine where it is built), "reference" or "native".
        codec: of order sessions: "auto" (the native codec where it is built), "python" or "native".
        durability: "sync" = an acknowledged entry survives power loss; "metasync_off" = the last
            one may not (`storage/README.md`).
        reflection: whether gRPC reflection lists the services.
        metrics_listen: HOST:PORT of the Prometheus endpoint /metrics, loopback only; "" = none.
        cluster: who else belongs to it; None = one node with a register of one (`--single`).
    """

    data_dir: str
    node_name: str = "n1"
    listen: str = "127.0.0.1:7001"
    cluster_id: str = ""
    engine: str = "auto"
    codec: str = "auto"
    durability: Literal["sync", "metasync_off"] = "sync"
    log_map_bytes: Positive = 64 << 30
    index_map_bytes: Positive = 64 << 30
    reflection: bool = True
    metrics_listen: str = ""
    auth: AuthConfig = AuthConfig()
    tls: TlsConfig = TlsConfig()
    limits: LimitsConfig = LimitsConfig()
    snapshots: SnapshotConfig = SnapshotConfig()
    cluster: ClusterConfig | None = None
    chaos: ChaosConfig = ChaosConfig()

    def listen_address(self) -> tuple[str, int]:
        """Host and port of the API. Raises OperatorFault if `listen` is not HOST:PORT."""
        return parse_address("listen", self.listen)

    def is_loopback(self) -> bool:
        """Whether the API is reachable from this machine only."""
        return is_loopback(self.listen_address()[0])


def load_config(path: Path) -> NodeConfig:
    """Read and check a TOML file.

    Raises:
        OperatorFault: absent, not TOML, an unknown key, a wrong type, or settings that contradict
            each other; the message names the file and the key.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise OperatorFault(f"{path}: cannot be read: {error.strerror}") from error
    try:
        config = msgspec.convert(tomllib.loads(raw.decode("utf-8")), NodeConfig)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OperatorFault(f"{path}: is not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise OperatorFault(f"{path}: {error}") from error
    check_config(config)
    return config


def check_config(config: NodeConfig) -> None:
    """Refuse settings that contradict each other, by name. Raises OperatorFault."""
    if not NODE_NAME.fullmatch(config.node_name):
        raise OperatorFault(
            f"node_name = {config.node_name!r} must be 1 to 32 of a-z 0-9 -, beginning with a "
            "letter or digit"
        )
    if not config.data_dir:
        raise OperatorFault('data_dir = "" names no directory; give the path of one')
    config.listen_address()
    if config.metrics_listen and not is_loopback(
        parse_address("metrics_listen", config.metrics_listen)[0]
    ):
        raise OperatorFault(
            f"metrics_listen = {config.metrics_listen!r} has neither TLS nor authentication, so it "
            "must be a loopback address; put a proxy in front of it"
        )
    tls = config.tls
    if bool(tls.certificate_file) != bool(tls.key_file):
        raise OperatorFault("tls.certificate_file and tls.key_file go together: give both or none")
    if tls.client_ca_file and not tls.certificate_file:
        raise OperatorFault("tls.client_ca_file needs tls.certificate_file and tls.key_file")
    if config.auth.mode == "token" and not config.auth.token_file:
        raise OperatorFault('auth.mode = "token" needs auth.token_file')
    if not config.is_loopback():
        if config.auth.mode == "open" and not tls.client_ca_file:
            raise OperatorFault(
                f"listen = {config.listen!r} is reachable from outside and auth.mode is open, so "
                'anyone could trade; set auth.mode = "token" or tls.client_ca_file'
            )
        if not tls.certificate_file:
            raise OperatorFault(
                f"listen = {config.listen!r} is reachable from outside and has no TLS; set "
                "tls.certificate_file and tls.key_file"
            )
    _check_limits(config.limits)
    if config.cluster is not None:
        check_cluster(config.cluster, config.node_name, config.cluster_id)
    on_loopback = config.is_loopback() and (config.cluster is None or config.cluster.is_loopback)
    if config.chaos != ChaosConfig() and not on_loopback:
        raise OperatorFault(
            "chaos is for tests: every address of node and cluster must be loopback"
        )


# Each pair: the first may not exceed the second.
def _check_limits(limits: LimitsConfig) -> None:
    ladder = (
        ("entry_commands", ENTRY_COMMANDS_MAX, "the log format allows no more"),
        ("entry_bytes", ENTRY_BYTES_MAX, "the log format allows no more"),
        ("session_commands", "entry_commands", "one message must fit one entry"),
        ("entry_commands", "pending_commands", "a full entry would never be admitted"),
        ("entry_bytes", "pending_bytes", "a full entry would never be admitted"),
    )
    for key, bound, why in ladder:
        value = getattr(limits, key)
        most = getattr(limits, bound) if isinstance(bound, str) else bound
        if value > most:
            name = f"limits.{bound} = {most}" if isinstance(bound, str) else str(most)
            raise OperatorFault(f"limits.{key} = {value} exceeds {name}: {why}")
