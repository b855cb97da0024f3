"""The register of one: kept in the node's own meta store, refused when it is not its own."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from replication.register import (
    REGISTER_KEY,
    RegisterError,
    RegisterStatus,
    RegisterValue,
    SingleRegister,
)
from storage.memory import MemoryMeta

FIRST = RegisterValue("c1", version=1, epoch=1, primary="n1", in_sync={"n1": 1})


def test_a_register_of_another_cluster_is_refused() -> None:
    meta = MemoryMeta()
    SingleRegister(meta, "n1", "c1").compare_and_set(0, FIRST)
    with pytest.raises(RegisterError, match="'c1', this node of 'c2'"):
        SingleRegister(meta, "n1", "c2")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"cluster_id": 1}',
        b'{"cluster_id": "c1", "version": "1"}',
        b'{"cluster_id": "c1", "leader": "n1"}',
    ],
)
def test_bytes_that_are_no_register_value_are_refused(raw: bytes) -> None:
    meta = MemoryMeta()
    meta.put_many({REGISTER_KEY: raw})
    with pytest.raises(RegisterError, match="cannot be read"):
        SingleRegister(meta, "n1", "c1")


def test_the_value_is_readable_json() -> None:
    meta = MemoryMeta()
    assert SingleRegister(meta, "n1", "c1").compare_and_set(0, FIRST)
    assert meta.get(REGISTER_KEY) == (
        b'{"cluster_id":"c1","generation":1,"version":1,"epoch":1,"primary":"n1",'
        b'"in_sync":{"n1":1},"fenced":{},"on_single_copy":"continue","single_copy_accepted":false}'
    )


def test_its_only_voter_is_this_node() -> None:
    register = SingleRegister(MemoryMeta(), "n1", "c1")
    assert register.status() == RegisterStatus(healthy=True, voters=1, leader="n1")
    register.close()
    assert register.read() == RegisterValue("c1")


class FullDisk(MemoryMeta):
    """A meta store that cannot be written."""

    def put_many(self, values: Mapping[str, bytes]) -> None:
        raise OSError(28, "No space left on device")


def test_a_change_that_could_not_be_written_did_not_happen() -> None:
    register = SingleRegister(FullDisk(), "n1", "c1")
    seen: list[RegisterValue] = []
    register.watch(seen.append)
    with pytest.raises(OSError, match="No space"):
        register.compare_and_set(0, FIRST)
    assert register.read() == RegisterValue("c1")
    assert seen == []
