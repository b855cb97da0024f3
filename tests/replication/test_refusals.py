"""Whom a node will not work with, and when it stops: each by name (issue: bad input)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from replication import effects as e
from replication.messages import Envelope, Heartbeat, Hello
from replication.timing import MS
from tests.replication.lab import Lab, Node


def pair() -> Lab:
    lab = Lab("a", "b").settle()
    lab.write(3)
    lab.run(60)
    return lab


def hello_from(node: Node, **fields: object) -> Envelope:
    """What the node last said of itself, changed."""
    said = [
        effect.envelope
        for effect in node.told
        if isinstance(effect, e.Send) and isinstance(effect.envelope.body, Hello)
    ][-1]
    outer = {name: value for name, value in fields.items() if name in Envelope.__struct_fields__}
    inner = {name: value for name, value in fields.items() if name not in outer}
    assert isinstance(said.body, Hello)
    body = msgspec.structs.replace(said.body, **inner)
    return msgspec.structs.replace(said, body=body, **outer)


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("WRONG_CLUSTER", {"cluster": 1}),
        ("SCHEMA_VERSION", {"schema": 99}),
        ("SOFTWARE_VERSION", {"software": "2.0.0"}),
        ("NAME_MISMATCH", {"name": "x"}),
        ("KIND_MISMATCH", {"kind": "dr"}),
        ("GENERATION_OLD", {"generation": 0}),
    ],
)
def test_a_peer_is_refused_by_name_and_the_others_go_on(
    code: str, fields: dict[str, object]
) -> None:
    lab = pair()
    a = lab["a"]
    envelope = hello_from(lab["b"], **fields)
    link = lab.links[frozenset({"a", "b"})]
    a.told.clear()
    a.perform(a.replica.on_message(lab.now, "b", link, envelope))
    lab.run(100)
    (close,) = [effect for effect in a.told if isinstance(effect, e.CloseLink)]
    assert close.why.startswith(code)
    assert f"{code}_b" in a.replica.status(lab.now).alarms
    assert not a.halted
    lab.link_all()
    lab.run(100)
    assert f"{code}_b" not in a.replica.status(lab.now).alarms


def test_a_node_that_is_not_configured_is_refused() -> None:
    lab = pair()
    a = lab["a"]
    envelope = hello_from(lab["b"], name="x")
    a.perform(a.replica.on_link_up(lab.now, "x", 99))
    a.told.clear()
    a.perform(a.replica.on_message(lab.now, "x", 99, envelope))
    a.perform(a.replica.on_tick(lab.now + 100 * MS))
    assert any(isinstance(x, e.CloseLink) and x.why.startswith("UNKNOWN_NODE") for x in a.told)


def test_two_nodes_under_one_name_are_noticed() -> None:
    lab = pair()
    a = lab["a"]
    link = lab.links[frozenset({"a", "b"})]
    for boot in (7, 8):
        a.perform(a.replica.on_message(lab.now, "b", link, hello_from(lab["b"], boot_id=boot)))
    a.told.clear()
    a.perform(a.replica.on_message(lab.now, "b", link, hello_from(lab["b"], boot_id=7)))
    a.perform(a.replica.on_tick(lab.now + 100 * MS))
    assert any(isinstance(x, e.CloseLink) and x.why.startswith("SAME_NAME") for x in a.told)


def beat_as_primary(lab: Lab, sender: str, epoch: int) -> Envelope:
    cluster = hello_from(lab[sender]).cluster
    return Envelope(cluster, 1, epoch, sender, Heartbeat(0, lab.now, 0, 0, 1))


def test_a_lower_epoch_is_refused() -> None:
    """Rule 4."""
    lab = pair()
    lab.kill("a")
    lab.run(500)
    lab.restart("a")
    b = lab["b"]
    link = lab.links[frozenset({"a", "b"})]
    b.told.clear()
    b.perform(b.replica.on_message(lab.now, "a", link, hello_from(lab["a"])))
    b.perform(b.replica.on_message(lab.now, "a", link, beat_as_primary(lab, "a", 1)))
    refused = [x for x in b.told if isinstance(x, e.Send) and "STALE_EPOCH" in str(x.envelope)]
    assert refused
    assert b.replica.role.role == "primary"


def test_two_primaries_in_one_epoch_stop_whoever_sees_them() -> None:
    """Rule 4."""
    lab = pair()
    a = lab["a"]
    link = lab.links[frozenset({"a", "b"})]
    epoch = a.replica.role.epoch
    a.perform(a.replica.on_message(lab.now, "b", link, beat_as_primary(lab, "b", epoch)))
    assert a.stopped() == "TWO_PRIMARIES"
    assert a.replica.role.role == "stopped"


def test_a_node_whose_committed_entries_would_be_cut_stops() -> None:
    """Rule 6: two logs that are not of one history."""
    lab = pair()
    lab.kill("a")
    lab.kill("b")
    b = lab["b"]
    b.journal.truncate_suffix(2, lab.quarantine, "by hand")
    b.journal.append([(2, b"another"), (3, b"history")])
    lab.restart("a")
    lab.run(300)
    b.stored_committed = 3
    lab.restart("b")
    lab.run(300)
    assert b.stopped() == "COMMITTED_ENTRIES_WOULD_BE_CUT"
    assert not lab["a"].halted


def test_a_peer_on_a_link_that_stayed_is_asked_again() -> None:
    """The link of a refused peer is closed when the transport gets to it, perhaps never."""
    lab = pair()
    lab.closes_links = False
    lab.ask("a", "fence", "b")
    lab.cut("a", "b")
    lab.link_all()
    lab.run(1_000)
    assert "FENCED_b" in lab["a"].replica.status(lab.now).alarms
    closes = [x for x in lab["a"].told if isinstance(x, e.CloseLink)]
    assert 1 <= len(closes) <= 6
    lab.ask("a", "unfence", "b")
    lab.run(1_500)
    assert lab.register.in_sync == {"a": 1, "b": 2}
    assert "FENCED_b" not in lab["a"].replica.status(lab.now).alarms


def wrong(index: int) -> bytes:
    return bytes([index % 251]) * 16


def right(index: int) -> bytes:
    return index.to_bytes(16, "big")


def applied(node: Node, index: int, digest: Callable[[int], bytes]) -> None:
    node.perform(node.replica.on_applied(node.lab.now, index, digest(index)))


def test_a_follower_that_computes_something_else_stops_and_says_where() -> None:
    """Rule 11."""
    lab = pair()
    lab.write(40)
    for index in range(1, 41):
        applied(lab["a"], index, right)
        applied(lab["b"], index, right if index < 15 else wrong)
        lab.deliver()
    (halt,) = [x for x in lab["b"].told if isinstance(x, e.Halt)]
    assert halt.code == "STATE_DIFFERS"
    assert "after entry 20" in halt.text
    assert "were at 10" in halt.text
    assert not lab["a"].halted


def test_a_report_that_comes_before_the_primary_is_there_waits_for_it() -> None:
    lab = pair()
    lab.write(20)
    applied(lab["b"], 10, wrong)
    lab.deliver()
    assert not lab["b"].stopped()
    for index in range(1, 11):
        applied(lab["a"], index, right)
    lab.deliver()
    assert lab["b"].stopped() == "STATE_DIFFERS"


def test_the_lease_ends_with_the_link_and_with_silence() -> None:
    """Rule 10."""
    lab = pair()
    assert lab["a"].replica.may_serve(lab.now)
    lab.cut("a", "b", seen=False)
    lab.run(400)
    assert lab["a"].replica.may_serve(lab.now)
    lab.run(250)
    assert not lab["a"].replica.may_serve(lab.now)

    lab = pair()
    lab.cut("a", "b")
    assert not lab["a"].replica.may_serve(lab.now)


def test_the_lease_ends_without_the_register() -> None:
    lab = pair()
    a = lab["a"]
    a.perform(a.replica.on_register_health(lab.now, healthy=False))
    assert not a.replica.may_serve(lab.now)
    assert "REGISTER" in a.replica.status(lab.now).alarms


def test_no_takeover_within_the_grace_of_a_lease() -> None:
    lab = pair()
    lab.cut("a", "b", seen=False)
    began = lab.now
    while lab.register.primary == "a":
        lab.run(10)
    assert lab.now - began >= 850 * MS


def test_a_primary_whose_disk_hangs_hands_over() -> None:
    """Gray failure: alive, but its log is not flushed."""
    lab = pair()
    lab["a"].disk_stuck = True
    lab["a"].propose(b"hangs")
    lab.run(2_500)
    assert lab.register.primary == "b"
    assert lab["b"].entries()[-1] == b"hangs"


def test_a_standby_whose_disk_hangs_is_left_out() -> None:
    lab = pair()
    lab["b"].disk_stuck = True
    lab["a"].propose(b"waits")
    lab.run(1_500)
    assert lab.register.in_sync == {"a": 1}
    assert lab["a"].replica.committed_index == 4
