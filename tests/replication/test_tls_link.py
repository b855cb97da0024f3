"""Links between nodes: who may speak, what arrives, and what ends a connection."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from replication.link_frames import (
    DATA,
    HELLO,
    LINK_PROTOCOL,
    Hello,
    cluster_hash,
    pack_frame,
    pack_greeting,
)
from replication.link_identity import LinkIdentity
from replication.links import LinkError
from tests.replication.link_desk import Node, Pki, settings_of

Make = Callable[..., Node]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def make() -> Iterator[Make]:
    """Make nodes that are stopped at the end."""
    nodes: list[Node] = []

    def build(node: str, peers: dict[str, int], identity: LinkIdentity | None, **more: Any) -> Node:
        nodes.append(Node(settings_of(node, peers, identity, **more)))
        nodes[-1].start()
        return nodes[-1]

    yield build
    for node in nodes:
        node.endpoint.stop()


def pair(make: Make, pki: Pki, **more: Any) -> tuple[Node, Node]:
    """Two linked nodes; n1 dials n2."""
    n2 = make("n2", {"n1": 1}, pki.identity("n2"), **more)
    n1 = make("n1", {"n2": n2.endpoint.port}, pki.identity("n1"), **more)
    n1.heard.wait(lambda: bool(n1.heard.ups()))
    n2.heard.wait(lambda: bool(n2.heard.ups()))
    return n1, n2


@pytest.mark.parametrize("size", [0, 1, 64, 65_536, 262_145, 5_000_000])
def test_frames_arrive_whole_and_in_order(make: Make, pki: Pki, size: int) -> None:
    n1, n2 = pair(make, pki)
    sent = [bytes([number]) * size for number in range(1, 8)]
    assert all(n1.links.send("n2", frame) for frame in sent)
    assert all(n2.links.send("n1", frame) for frame in sent)
    for heard in (n1.heard, n2.heard):
        heard.wait_frames(7)
        assert heard.frames() == sent
    assert n1.links.peers()["n2"].queued_bytes == 0


def test_a_node_of_another_ca_is_not_believed(make: Make, pki: Pki, tmp_path: Path) -> None:
    stranger = Pki(tmp_path / "other").identity("n1")
    n2 = make("n2", {"n1": 1}, pki.identity("n2"))
    n1 = make("n1", {"n2": n2.endpoint.port}, stranger)
    assert "certificate" in n1.wait_problem("n2", "CERTIFICATE").lower()
    assert n2.heard.calls == []


def test_a_dialer_without_a_certificate_is_not_greeted(make: Make, pki: Pki) -> None:
    n2 = make("n2", {"n1": 1}, pki.identity("n2"))
    context = ssl.create_default_context(cafile=str(pki.folder / "ca.pem"))
    context.check_hostname = False
    answer = b"nothing yet"
    raw = socket.create_connection(("127.0.0.1", n2.endpoint.port), timeout=5)
    with contextlib.suppress(ssl.SSLError, ConnectionError), context.wrap_socket(raw) as tls:
        tls.sendall(hello_frame())
        answer = tls.recv(100)
    assert answer in {b"", b"nothing yet"}
    assert n2.heard.calls == []


def hello_frame(**more: Any) -> bytes:
    told = {
        "protocol": LINK_PROTOCOL,
        "cluster": cluster_hash("c1"),
        "node": "n1",
        "peer": "n2",
        "purpose": "log",
        "boot": 5,
    }
    return pack_greeting(HELLO, Hello(**{**told, **more}))


def test_a_certificate_of_another_name_is_refused(make: Make, pki: Pki) -> None:
    n2 = make("n2", {"n1": 1}, pki.identity("n2"))
    n1 = make("n1", {"n2": n2.endpoint.port}, pki.identity("n3"))
    assert "the certificate names n3, not 'n1'" in n1.wait_problem("n2", "refuses")
    assert n2.heard.calls == []


def test_an_acceptor_with_another_name_is_refused(make: Make, pki: Pki) -> None:
    n3 = make("n2", {"n1": 1}, pki.identity("n3"))
    n1 = make("n1", {"n2": n3.endpoint.port}, pki.identity("n1"))
    assert "names n3, not 'n2'" in n1.wait_problem("n2", "certificate")


def test_only_the_uri_names_a_node(make: Make, pki: Pki) -> None:
    n2 = make("n2", {"d1": 1}, pki.identity("n2"))
    d1 = make("d1", {"n2": n2.endpoint.port}, pki.identity("d1", "DNS:d1,URI:operator:d1"))
    assert "the certificate names nobody" in d1.wait_problem("n2", "refuses")


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"cluster_id": "c2"}, "belongs to cluster 'c1'"),
        ({"node": "n0"}, "'n0' is not a node that 'n2' knows"),
    ],
)
def test_a_stranger_is_refused_by_name(
    make: Make, pki: Pki, more: dict[str, Any], part: str
) -> None:
    n2 = make("n2", {"n1": 1}, pki.identity("n2"))
    name = more.pop("node", "n1")
    n1 = make(name, {"n2": n2.endpoint.port}, pki.identity(name), **more)
    assert part in n1.wait_problem("n2", "refuses")
    assert n2.heard.calls == []


def test_a_second_process_under_one_name_is_refused_while_the_first_lives(
    make: Make, pki: Pki
) -> None:
    first, n2 = pair(make, pki)
    second = make("n1", {"n2": n2.endpoint.port}, pki.identity("n1"))
    assert "another process is linked" in second.wait_problem("n2", "refuses")
    assert n2.heard.ups() == [1]
    first.endpoint.stop()
    second.heard.wait(lambda: second.heard.ups() == [1])
    n2.heard.wait(lambda: n2.heard.ups() == [1, 2])


def test_a_restarted_process_takes_its_place_again(make: Make, pki: Pki) -> None:
    first, n2 = pair(make, pki)
    first.endpoint.stop()
    again = make("n1", {"n2": n2.endpoint.port}, pki.identity("n1"))
    again.heard.wait(lambda: again.heard.ups() == [1])
    n2.heard.wait(lambda: n2.heard.ups() == [1, 2])
    assert [call[0] for call in n2.heard.calls] == ["up", "down", "up"]
    assert n2.links.send("n1", b"hello again")
    again.heard.wait(lambda: again.heard.frames() == [b"hello again"])


def test_a_connection_of_the_same_process_replaces_the_old_one(make: Make, pki: Pki) -> None:
    n2 = make("n2", {"n1": 1}, None)
    one, _ = dial(n2)
    n2.heard.wait(lambda: n2.heard.ups() == [1])
    other, _ = dial(n2)
    n2.heard.wait(lambda: n2.heard.ups() == [1, 2])
    assert n2.heard.downs() == ["replaced by a newer connection"]
    other.sendall(pack_frame(DATA, b"x"))
    n2.heard.wait(lambda: n2.heard.frames() == [b"x"])
    one.close()
    other.close()


def dial(node: Node, **more: Any) -> tuple[socket.socket, bytes]:
    """Connect by hand and greet; plain links only."""
    sock = socket.create_connection(("127.0.0.1", node.endpoint.port), timeout=5)
    sock.sendall(hello_frame(**more))
    return sock, sock.recv(4096)


@pytest.mark.parametrize(
    ("sent", "part"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "unknown kind"),
        (pack_frame(DATA, b"x" * 100)[:-1] + b"y", "wrong checksum"),
        (pack_frame(DATA, b"x" * 1001), "at most 1000"),
        (b"\xff\xff\xff\xff" + bytes(4) + bytes([DATA]), "at most 1000"),
        (bytes(8) + bytes([DATA]), "bytes, at most"),
        (hello_frame(), "after the greeting"),
    ],
)
def test_what_is_no_frame_ends_the_connection(make: Make, sent: bytes, part: str) -> None:
    n2 = make("n2", {"n1": 1}, None, frame_bytes_max=1000)
    sock, _ = dial(n2)
    sock.sendall(sent)
    n2.heard.wait(lambda: bool(n2.heard.downs()))
    assert part in n2.heard.downs()[0]
    assert n2.heard.frames() == []
    sock.close()


@pytest.mark.parametrize("sent", [b"\x00" * 50, b"garbage of a stranger", b""])
def test_garbage_in_the_greeting_is_closed_unanswered(make: Make, pki: Pki, sent: bytes) -> None:
    n2 = make("n2", {"n1": 1}, pki.identity("n2"), greeting_s=0.3)
    with socket.create_connection(("127.0.0.1", n2.endpoint.port), timeout=5) as sock:
        sock.sendall(sent)
        answer = sock.recv(4096)
        assert answer == b"" or answer[0] == 21  # the end, or a TLS alert
    assert n2.heard.calls == []


def test_strangers_cannot_keep_a_peer_out(make: Make, pki: Pki) -> None:
    n2 = make("n2", {"n1": 1}, pki.identity("n2"), greeting_s=0.3)
    port = n2.endpoint.port
    strangers = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(60)]
    n1 = make("n1", {"n2": port}, pki.identity("n1"))
    n1.heard.wait(lambda: bool(n1.heard.ups()))
    for sock in strangers:
        sock.close()


def test_a_frame_over_the_limit_is_not_sent(make: Make, pki: Pki) -> None:
    n1, n2 = pair(make, pki, frame_bytes_max=1000)
    assert not n1.links.send("n2", b"x" * 1001)
    assert n1.links.send("n2", b"x" * 1000)
    n2.heard.wait(lambda: n2.heard.frames() == [b"x" * 1000])


def test_a_slow_peer_costs_a_bounded_queue(make: Make, pki: Pki) -> None:
    n1, n2 = pair(make, pki, queue_bytes_max=1_000_000)
    n2.heard.gate.clear()
    frame = b"x" * 100_000
    accepted = 0
    while n1.links.send("n2", frame):
        accepted += 1
        assert accepted < 1000  # socket buffers, then the queue; never without bound
    assert n1.links.peers()["n2"].queued_bytes <= 1_100_000
    n2.heard.gate.set()
    n2.heard.wait(lambda: len(n2.heard.frames()) == accepted)
    assert n1.heard.downs() == []


def test_a_peer_that_is_slow_in_its_handler_is_not_taken_for_dead(make: Make, pki: Pki) -> None:
    n1, n2 = pair(make, pki, silence_s=0.3, ping_s=0.05)
    n2.heard.gate.clear()
    assert n1.links.send("n2", b"x")
    time.sleep(1.0)  # the rule is about time that passes
    n2.heard.gate.set()
    n2.heard.wait(lambda: n2.heard.frames() == [b"x"])
    assert n1.heard.downs() == n2.heard.downs() == []


def test_a_half_open_connection_is_found_by_its_silence(make: Make) -> None:
    n2 = make("n2", {"n1": 1}, None, silence_s=0.3, ping_s=0.05)
    sock, _ = dial(n2)  # and says nothing more, as after the power of its machine is lost
    began = time.monotonic()
    n2.heard.wait(lambda: bool(n2.heard.downs()))
    assert n2.heard.downs() == ["nothing heard for 0.3 s"]
    assert 0.2 < time.monotonic() - began < 2.0
    sock.close()


def test_an_idle_link_stays_up(make: Make, pki: Pki) -> None:
    n1, n2 = pair(make, pki, silence_s=0.3, ping_s=0.05)
    time.sleep(1.0)  # the rule is about time that passes
    assert n1.heard.downs() == n2.heard.downs() == []
    assert n1.links.peers()["n2"].connected


def test_nothing_is_sent_to_a_peer_that_is_not_there(make: Make, pki: Pki) -> None:
    n1 = make("n1", {"n2": 1}, pki.identity("n1"))
    assert not n1.links.send("n2", b"x")
    assert n1.wait_problem("n2", "127.0.0.1:1")
    with pytest.raises(KeyError):
        n1.links.send("n9", b"x")


def test_after_stop_no_handler_is_called(make: Make, pki: Pki) -> None:
    n1, n2 = pair(make, pki)
    n2.links.stop()
    told = list(n2.heard.calls)
    assert told[-1][0] == "down"
    n1.heard.wait(lambda: bool(n1.heard.downs()))
    assert not n1.links.send("n2", b"x")
    assert not n2.links.send("n1", b"x")
    assert n2.heard.calls == told


def test_plain_links_are_for_the_loopback_only() -> None:
    settings = settings_of("n1", {"n2": 1}, None)
    object.__setattr__(settings, "peers", {"n2": ("192.0.2.1", 7102)})
    with pytest.raises(LinkError, match="not loopback"):
        Node(settings)


def test_an_identity_that_cannot_be_read_is_refused(pki: Pki, tmp_path: Path) -> None:
    pki.identity("n1")
    pki.identity("n2")
    with pytest.raises(LinkError, match="cannot be used"):
        LinkIdentity(tmp_path / "no.pem", pki.folder / "n1.key", pki.folder / "ca.pem")
    with pytest.raises(LinkError, match="cannot be used"):
        LinkIdentity(pki.folder / "n1.pem", pki.folder / "n2.key", pki.folder / "ca.pem")


def test_a_peer_may_have_links_of_two_purposes(pki: Pki, make: Make) -> None:
    n2 = Node(settings_of("n2", {"n1": 1}, pki.identity("n2")))
    n1 = Node(settings_of("n1", {"n2": n2.endpoint.port}, pki.identity("n1")))
    second = {node: node.endpoint.links("register") for node in (n1, n2)}
    heard = {node: type(node.heard)() for node in (n1, n2)}
    for node in (n1, n2):
        node.start()
        second[node].start(heard[node])
    heard[n1].wait(lambda: bool(heard[n1].ups()))
    n1.heard.wait(lambda: bool(n1.heard.ups()))
    assert second[n1].send("n2", b"register")
    assert n1.links.send("n2", b"log")
    heard[n2].wait(lambda: heard[n2].frames() == [b"register"])
    n2.heard.wait(lambda: n2.heard.frames() == [b"log"])
    for node in (n1, n2):
        node.endpoint.stop()
