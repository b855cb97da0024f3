"""The search sees what it is there to see: each rule taken away is caught (invariant I14).

Rules whose absence needs a rarer schedule are proven one by one in `test_raft_transport.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from replication.raft_journal import LEVEL, RaftJournal
from replication.raft_messages import Append
from replication.raft_transport import RaftTransport
from tests.replication.register_search import search

Patch = Callable[[pytest.MonkeyPatch], None]


def cut_without_conflict(patch: pytest.MonkeyPatch) -> None:
    """Hand every message on as it came: pysyncobj cuts what follows, matching or not."""

    def as_it_came(self: RaftTransport, message: Append) -> dict[str, Any]:
        self._journal.applied_index = 0  # nor does the journal stop it
        last = message.prev_index + len(message.entries)
        return self._append_dictionary(
            message, last, message.prev_index, list(message.entries), term=message.prev_term
        )

    patch.setattr(RaftTransport, "_compared", as_it_came)


def send_before_sync(patch: pytest.MonkeyPatch) -> None:
    """Keep what was not synced in memory only, and tell of it all the same."""
    synced = RaftJournal.sync
    calls = 0

    def seldom(self: RaftJournal) -> None:
        nonlocal calls
        calls += 1
        if calls % 50 == 0:
            synced(self)

    patch.setattr(RaftJournal, "sync", seldom)


def let_an_emptied_voter_vote(patch: pytest.MonkeyPatch) -> None:
    """Take it back without probation."""

    def at_once(self: RaftJournal, standing: int) -> None:
        self.standing = LEVEL

    patch.setattr(RaftJournal, "set_standing", at_once)


@pytest.mark.parametrize(
    ("mutant", "load", "seeds"),
    [
        (cut_without_conflict, "order", range(30, 40)),  # seed 32; the first of 0 to 60
        (send_before_sync, "register", range(10)),
        (let_an_emptied_voter_vote, "emptied", range(20)),
    ],
)
def test_a_rule_taken_away_is_caught(
    monkeypatch: pytest.MonkeyPatch, mutant: Patch, load: str, seeds: range
) -> None:
    mutant(monkeypatch)
    assert any(search(seed, load, is_ours=True).lost for seed in seeds)
