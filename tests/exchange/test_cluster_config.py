"""A [cluster] section that contradicts itself is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.cluster_config import ClusterTimings
from exchange.config import NodeConfig, load_config
from exchange.errors import OperatorFault

NODES = """
[[cluster.nodes]]
name = "n1"
kind = "data"
api = "127.0.0.1:7001"
peer = "127.0.0.1:7101"
[[cluster.nodes]]
name = "n2"
kind = "data"
api = "127.0.0.1:7002"
peer = "127.0.0.1:7102"
[[cluster.nodes]]
name = "arbiter"
kind = "arbiter"
api = "127.0.0.1:7003"
peer = "127.0.0.1:7103"
[[cluster.nodes]]
name = "dr"
kind = "dr"
api = "127.0.0.1:7004"
peer = "127.0.0.1:7104"
"""
HEAD = """
data_dir = "d"
node_name = "n1"
cluster_id = "demo"
"""
CLUSTER = """
[cluster]
kind = "data"
on_single_copy = "spare"
generation = 2
peer_listen = "127.0.0.1:9101"
[cluster.tls]
cert = "n1.pem"
key = "n1.key"
ca = "ca.pem"
"""
FULL = HEAD + CLUSTER + "[cluster.timings]\nheartbeat_ms = 20\n" + NODES


def load(tmp_path: Path, text: str) -> NodeConfig:
    path = tmp_path / "node.toml"
    path.write_text(text, "utf-8")
    return load_config(path)


def test_a_cluster_is_read_with_every_setting(tmp_path: Path) -> None:
    cluster = load(tmp_path, FULL).cluster
    assert cluster is not None
    assert (cluster.kind, cluster.on_single_copy, cluster.generation) == ("data", "spare", 2)
    assert cluster.timings == ClusterTimings(heartbeat_ms=20)
    assert cluster.voters == ("n1", "n2", "arbiter")
    assert cluster.data_names == ("n1", "n2")
    assert [node.name for node in cluster.peers_of("n1")] == ["n2", "arbiter", "dr"]
    assert cluster.listen_for_peers("n1") == ("127.0.0.1", 9101)
    assert cluster.api_of("n2") == "127.0.0.1:7002"
    assert cluster.api_of("n9") == ""
    assert cluster.is_loopback


def test_peers_are_met_at_the_nodes_own_address_by_default(tmp_path: Path) -> None:
    text = FULL.replace('peer_listen = "127.0.0.1:9101"', "")
    cluster = load(tmp_path, text).cluster
    assert cluster is not None
    assert cluster.listen_for_peers("n1") == ("127.0.0.1", 7101)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('cluster_id = "demo"', "", "cluster_id"),
        ('node_name = "n1"', 'node_name = "n7"', "'n7' is not in cluster.nodes (n1, n2"),
        ('[cluster]\nkind = "data"', '[cluster]\nkind = "dr"', "cluster.nodes says 'n1' is 'data'"),
        ('name = "n2"', 'name = "n1"', "'n1' is there twice"),
        ('name = "n2"', 'name = "N 2"', "'N 2' must be 1 to 32"),
        ('kind = "arbiter"', 'kind = "dr"', "2 data nodes and 0 arbiters"),
        ('name = "n2"\nkind = "data"', 'name = "n2"\nkind = "dr"', "1 data nodes and 1 arbiters"),
        ("127.0.0.1:7102", "127.0.0.1:7001", "cluster.nodes n1.api already"),
        ("127.0.0.1:7102", "127.0.0.1:0", "so not 0"),
        ("127.0.0.1:7102", "nowhere", "is not HOST:PORT"),
        ("127.0.0.1:9101", "nowhere", "cluster.peer_listen"),
        ('ca = "ca.pem"', 'ca = ""', "exctl pki init"),
        ("heartbeat_ms = 20", "heartbeat_ms = 200", "less than 3 heartbeats"),
        ("heartbeat_ms = 20", "lease_ms = 900", "lease_ms = 900 must be less than grace_ms = 900"),
        ("heartbeat_ms = 20", "shrink_ms = 300", "suspect_ms = 400 must be less than shrink_ms"),
        ("heartbeat_ms = 20", "heartbeat_ms = 1", "heartbeat_ms"),
        ('on_single_copy = "spare"', 'on_single_copy = "maybe"', "on_single_copy"),
        ("generation = 2", "generation = 0", "generation"),
        ("generation = 2", "primary = 1", "primary"),
    ],
)
def test_what_contradicts_itself_is_refused_by_name(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in FULL
    with pytest.raises(OperatorFault) as refused:
        load(tmp_path, FULL.replace(old, new, 1))
    assert told in str(refused.value)


def test_faults_on_purpose_are_for_the_loopback_only(tmp_path: Path) -> None:
    chaos = FULL + '[chaos]\nclock_offset_file = "offset"\n'
    assert load(tmp_path, chaos).chaos.clock_offset_file == "offset"
    with pytest.raises(OperatorFault, match="chaos is for tests"):
        load(tmp_path, chaos.replace("127.0.0.1:7104", "10.0.0.4:7104"))
