"""What a node knows of itself for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.errors import OperatorFault
from exchange.node_facts import NodeFacts
from storage.data_directory import DataDirectory


def test_an_incarnation_belongs_to_a_directory(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "a", create=True) as data:
        facts = NodeFacts(data.meta, 1)
        assert facts.incarnation > 0
        assert (facts.generation, facts.promised, facts.is_promoted) == (1, 0, False)
        facts.promise(7)
        assert NodeFacts(data.meta, 1).incarnation == facts.incarnation
    with DataDirectory.open(tmp_path / "a", create=False) as data:
        assert NodeFacts(data.meta, 1).promised == 7
    with DataDirectory.open(tmp_path / "b", create=True) as data:
        assert NodeFacts(data.meta, 1).incarnation != facts.incarnation


def test_a_directory_of_an_older_generation_is_refused_by_name(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "a", create=True) as data:
        NodeFacts(data.meta, 1)
        with pytest.raises(OperatorFault, match=r"generation 1.*generation = 2.*Move the"):
            NodeFacts(data.meta, 2)


def test_a_promoted_node_keeps_its_generation_whatever_is_configured(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "a", create=True) as data:
        NodeFacts(data.meta, 1).begin_generation(2, b"{}", "register")
        again = NodeFacts(data.meta, 1)
        assert (again.generation, again.is_promoted) == (2, True)
        assert data.meta.get("register") == b"{}"
