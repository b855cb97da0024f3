"""The schema of the stream: what is sent is what comes, anything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replication import messages as m
from replication.register import RegisterValue
from replication.register_change import RegisterChange
from replication.timing import Timing

DIGEST = bytes(range(16))
BODIES: list[m.Body] = [
    m.Hello(1, "1.2.3", "a", "data", 7, 8, 9, True, 0, 5, DIGEST, 4, False, ""),
    m.Refused("FENCED", "why", 3),
    m.Probe(4),
    m.ProbeReply(4, b""),
    m.Sync(1, 5, DIGEST, 6, DIGEST),
    m.Append(1, 5, DIGEST, [b"", b"entry"], DIGEST, 4),
    m.Heartbeat(1, 123, 5, 4, 3),
    m.Ack(1, 5, DIGEST, 123, 4),
    m.DigestReport(1_000, DIGEST),
    m.DigestVerdict(1_000, DIGEST, 0),
    m.SnapshotOffer(1, 5, DIGEST, 3, b"manifest", -1, 0, DIGEST),
    m.SnapshotPull(1, 5, 0),
    m.SnapshotChunk(1, 5, 0, b"data"),
    m.TransferOffer(5, DIGEST, True),
    m.TransferRefused("no"),
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_a_message_comes_as_it_was_sent(body: m.Body) -> None:
    envelope = m.Envelope(2**64 - 1, 1, 2, "a", body)
    assert m.decode(m.encode(envelope)) == envelope


def test_every_message_is_tried() -> None:
    assert {type(body) for body in BODIES} == set(m.Message.__subclasses__())


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_a_frame_that_is_cut_short_is_refused(body: m.Body) -> None:
    frame = m.encode(m.Envelope(1, 1, 2, "a", body))
    for end in range(len(frame)):
        with pytest.raises(m.ProtocolError):
            m.decode(frame[:end])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(frame: bytes) -> None:
    try:
        envelope = m.decode(frame)
    except m.ProtocolError:
        return
    assert isinstance(envelope, m.Envelope)


def test_a_frame_above_the_bound_is_refused() -> None:
    with pytest.raises(m.ProtocolError, match="at most"):
        m.decode(bytes(m.FRAME_BYTES_MAX + 1))


def test_a_change_of_unknown_outcome_is_asked_again_until_the_register_shows_it() -> None:
    """Rule 2."""
    change = RegisterChange()
    old = RegisterValue("c1", version=4)
    first = change.propose(old, 0, "shrink", in_sync={"a": 1})
    assert (first.expected_version, first.new.version) == (4, 5)
    assert change.again(10, 100) is None
    change.outcome(first.token, is_unknown=True)
    second = change.again(150, 100)
    assert second is not None
    assert (second.expected_version, second.new) == (4, first.new)
    assert change.settle(old) is None
    settled = change.settle(first.new)
    assert settled is not None
    assert settled[1]
    assert change.pending is None


def test_a_change_that_another_one_overtook_has_lost() -> None:
    change = RegisterChange()
    asked = change.propose(RegisterValue("c1", version=4), 0, "shrink", in_sync={"a": 1})
    settled = change.settle(RegisterValue("c1", version=5, primary="b"))
    assert settled is not None
    assert not settled[1]
    change.propose(asked.new, 0, "one")
    with pytest.raises(ValueError, match="still under way"):
        change.propose(asked.new, 0, "two")


@pytest.mark.parametrize(
    ("times", "why"),
    [({"lease": 0}, "above 0"), ({"suspect": 100}, "three"), ({"grace": 600_000_000}, "grace")],
)
def test_times_that_contradict_each_other_are_refused(times: dict[str, int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Timing(**times)
