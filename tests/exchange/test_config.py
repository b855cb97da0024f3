"""Each wrong setting is refused with its name; nothing is guessed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from exchange.address import is_loopback, parse_address
from exchange.config import (
    AuthConfig,
    LimitsConfig,
    NodeConfig,
    SnapshotConfig,
    TlsConfig,
    check_config,
    load_config,
)
from exchange.errors import OperatorFault
from exchange.model.codec import ENTRY_BYTES_MAX, ENTRY_COMMANDS_MAX

FULL = """
data_dir = "/var/lib/lockstep"
node_name = "n2"
listen = "10.0.0.1:7001"
cluster_id = "prod"
engine = "reference"
codec = "python"
durability = "metasync_off"
log_map_bytes = 1_000_000
index_map_bytes = 2_000_000
reflection = false
metrics_listen = "127.0.0.1:9100"
[auth]
mode = "token"
token_file = "/etc/lockstep/tokens.toml"
[tls]
certificate_file = "c.pem"
key_file = "k.pem"
client_ca_file = "ca.pem"
[limits]
entry_commands = 100
entry_bytes = 200_000
pending_commands = 300
pending_bytes = 400_000
message_bytes = 500_000
session_commands = 60
deadline_s_max = 7
disk_reserve_bytes = 0
[snapshots]
every_commands = 5
keep = 2
"""


def load(tmp_path: Path, text: str) -> NodeConfig:
    path = tmp_path / "node.toml"
    path.write_text(text)
    return load_config(path)


def test_every_setting_arrives(tmp_path: Path) -> None:
    assert load(tmp_path, FULL) == NodeConfig(
        data_dir="/var/lib/lockstep",
        node_name="n2",
        listen="10.0.0.1:7001",
        cluster_id="prod",
        engine="reference",
        codec="python",
        durability="metasync_off",
        log_map_bytes=1_000_000,
        index_map_bytes=2_000_000,
        reflection=False,
        metrics_listen="127.0.0.1:9100",
        auth=AuthConfig("token", "/etc/lockstep/tokens.toml"),
        tls=TlsConfig("c.pem", "k.pem", "ca.pem"),
        limits=LimitsConfig(100, 200_000, 300, 400_000, 500_000, 60, 7, 0),
        snapshots=SnapshotConfig(5, 2),
    )


def test_the_example_of_all_settings_leaves_none_out(tmp_path: Path) -> None:
    config = load(tmp_path, FULL)
    for struct in (config, config.auth, config.tls, config.limits, config.snapshots):
        for field in msgspec.structs.fields(struct):
            one_value = field.name in {"engine", "cluster", "chaos"}  # two: test_cluster_config.py
            assert getattr(struct, field.name) != field.default or one_value


def test_a_data_directory_is_all_that_must_be_given(tmp_path: Path) -> None:
    config = load(tmp_path, 'data_dir = "d"')
    assert config == NodeConfig(data_dir="d")
    assert config.listen_address() == ("127.0.0.1", 7001)
    assert config.is_loopback()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "data_dir"),
        ('data_dir = "d"\nlisen = "x"', "lisen"),
        ('data_dir = "d"\n[limits]\nentries = 1', r"entries.*\$.limits"),
        ("data_dir = 3", r"\$.data_dir"),
        ('data_dir = "d"\nreflection = "yes"', r"\$.reflection"),
        ('data_dir = "d"\ndurability = "none"', r"\$.durability"),
        ('data_dir = "d"\nlog_map_bytes = 0', r"\$.log_map_bytes"),
        ('data_dir = "d"\n[auth]\nmode = "any"', r"\$.auth.mode"),
        ('data_dir = "d"\n[limits]\npending_bytes = -1', r"\$.limits.pending_bytes"),
        ('data_dir = "d"\n[limits]\ndisk_reserve_bytes = -1', r"\$.limits.disk_reserve_bytes"),
        ('data_dir = "d"\n[limits]\ndeadline_s_max = 1.5', r"\$.limits.deadline_s_max"),
        ('data_dir = "d"\n[snapshots]\nkeep = 0', r"\$.snapshots.keep"),
        ("data_dir = ", "is not TOML"),
        ('data_dir = "d"\ndata_dir = "e"', "is not TOML"),
    ],
)
def test_what_the_file_gets_wrong_is_named_with_the_file(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(OperatorFault, match=words) as raised:
        load(tmp_path, text)
    assert str(raised.value).startswith(str(tmp_path / "node.toml"))


def test_a_file_that_is_not_there_or_no_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(OperatorFault, match=rf"{re.escape(str(path))}: cannot be read"):
            load_config(path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_bytes(b'data_dir = "\xff"')
    with pytest.raises(OperatorFault, match="is not TOML"):
        load_config(path)


TOKEN = AuthConfig("token", "t.toml")
TLS = TlsConfig("c.pem", "k.pem")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"data_dir": ""}, "data_dir"),
        ({"node_name": ""}, "node_name"),
        ({"node_name": "N1"}, "node_name"),
        ({"node_name": "-n"}, "node_name"),
        ({"node_name": "n" * 33}, "node_name"),
        ({"node_name": "n1\n"}, "node_name"),
        ({"listen": "7001"}, "listen"),
        ({"listen": ":7001"}, "listen"),
        ({"listen": "localhost:"}, "listen"),
        ({"listen": "localhost:http"}, "listen"),
        ({"listen": "localhost:-1"}, "listen"),
        ({"listen": "localhost:65536"}, "listen"),
        ({"metrics_listen": "9100"}, "metrics_listen"),
        ({"metrics_listen": "0.0.0.0:9100"}, "metrics_listen.*loopback"),
        ({"tls": TlsConfig("c.pem", "")}, "tls.certificate_file and tls.key_file"),
        ({"tls": TlsConfig("", "k.pem")}, "tls.certificate_file and tls.key_file"),
        ({"tls": TlsConfig(client_ca_file="ca.pem")}, "tls.client_ca_file needs"),
        ({"auth": AuthConfig("token")}, "auth.token_file"),
        ({"listen": "0.0.0.0:7001", "tls": TLS}, "anyone could trade"),
        ({"listen": "exchange.example:7001", "tls": TLS}, "anyone could trade"),
        ({"listen": "0.0.0.0:7001", "auth": TOKEN}, "no TLS"),
        ({"limits": LimitsConfig(session_commands=4097)}, "limits.session_commands = 4097"),
        (
            {"limits": LimitsConfig(entry_commands=ENTRY_COMMANDS_MAX + 1)},
            f"limits.entry_commands = {ENTRY_COMMANDS_MAX + 1} exceeds {ENTRY_COMMANDS_MAX}",
        ),
        (
            {"limits": LimitsConfig(entry_bytes=ENTRY_BYTES_MAX + 1)},
            f"limits.entry_bytes = {ENTRY_BYTES_MAX + 1} exceeds {ENTRY_BYTES_MAX}",
        ),
        (
            {"limits": LimitsConfig(pending_commands=4095)},
            "exceeds limits.pending_commands = 4095",
        ),
        ({"limits": LimitsConfig(pending_bytes=1000)}, "exceeds limits.pending_bytes = 1000"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(OperatorFault, match=words):
        check_config(NodeConfig(**{"data_dir": "d", **settings}))


@pytest.mark.parametrize(
    "settings",
    [
        {"listen": "0.0.0.0:7001", "auth": TOKEN, "tls": TLS},
        {"listen": "0.0.0.0:7001", "tls": TlsConfig("c.pem", "k.pem", "ca.pem")},
        {"listen": "[::1]:0"},
        {"listen": "localhost:65535"},
        {"limits": LimitsConfig(entry_commands=ENTRY_COMMANDS_MAX, entry_bytes=ENTRY_BYTES_MAX)},
    ],
)
def test_settings_that_fit_each_other_pass(settings: dict[str, Any]) -> None:
    check_config(NodeConfig(**{"data_dir": "d", **settings}))


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    assert parse_address("listen", "[::1]:7001") == ("::1", 7001)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),  # noqa: S104 - judged here, not listened on
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_what_is_reachable_from_this_machine_only(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
