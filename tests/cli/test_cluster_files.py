"""A cluster is laid out whole or not at all, and every node reads its own part."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from cli import cluster_files
from cli.cluster_files import (
    DEMO_KINDS,
    PEER_OFFSET,
    PortTaken,
    is_cluster,
    lay_out,
    node_toml,
    read_nodes,
)
from cli.ports import can_bind, free_port, free_ports
from exchange.config import load_config


def test_every_node_has_a_valid_configuration_and_the_same_cluster(tmp_path: Path) -> None:
    data = tmp_path / "data"
    nodes = lay_out(data, 0, tables={"snapshots": {"keep": 2}})
    configs = [load_config(node.config) for node in nodes]
    assert [config.node_name for config in configs] == [name for name, _ in DEMO_KINDS]
    assert {config.cluster_id for config in configs} == {configs[0].cluster_id}
    assert {config.snapshots.keep for config in configs} == {2}
    for node, config in zip(nodes, configs, strict=True):
        assert config.cluster is not None
        assert config.cluster.kind == node.kind
        assert config.listen == node.api
        assert {one.api for one in config.cluster.nodes} == {one.api for one in nodes}
        for path in (config.cluster.tls.cert, config.cluster.tls.key, config.cluster.tls.ca):
            assert Path(path).is_file()
    assert is_cluster(data)
    assert read_nodes(data) == nodes
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_ports_follow_the_first_one(tmp_path: Path) -> None:
    first = free_port()
    nodes = lay_out(tmp_path / "data", first)
    assert [node.api for node in nodes] == [f"127.0.0.1:{first + n}" for n in range(4)]
    assert nodes[0].peer == f"127.0.0.1:{first + PEER_OFFSET}"


def test_a_taken_port_is_named_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} is taken"):
            lay_out(tmp_path / "data", port)
        assert not can_bind(port)
    assert not list(tmp_path.iterdir())


def test_a_start_that_is_interrupted_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(cluster_files, "node_toml", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lay_out(tmp_path / "data", 0)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "mine").write_text("x", "utf-8")
    with pytest.raises(OSError, match="not empty"):
        lay_out(data, 0)
    assert [path.name for path in data.iterdir()] == ["mine"]


def test_a_way_over_a_relay_is_in_one_nodes_configuration_only(tmp_path: Path) -> None:
    nodes = lay_out(tmp_path / "data", 0)
    relay = f"127.0.0.1:{free_port()}"
    text = node_toml(nodes[0], nodes, tmp_path / "data/pki", "demo", peers={"n2": relay})
    nodes[0].config.write_text(text, "utf-8")
    cluster = load_config(nodes[0].config).cluster
    assert cluster is not None
    assert cluster.node("n2").peer == relay
    assert cluster.node("n1").peer == nodes[0].peer


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20
