"""The sockets between nodes: mutual TLS, names from certificates, one connection per purpose.

Room: listening, dialing and greeting. What a connection does is `link_channel.py`, what a link
remembers over connections `link_peer.py`, the bytes `link_frames.py`.

    endpoint = TlsEndpoint(LinkSettings(node="n1", cluster_id="c1", listen=("127.0.0.1", 7101),
                                        peers={"n2": ("127.0.0.1", 7102)}, identity=identity))
    register_links = endpoint.links("register", peers=("n2", "a1"))
    log_links = endpoint.links("log")
    endpoint.start(); register_links.start(handler); ...; endpoint.stop()

Of two nodes the one whose name sorts first dials, so there is never a second connection to
choose from. Without an identity (tests) every address must be loopback, or LinkError.

A connection is greeted within `greeting_s` or closed; at most GREETING_MAX wait for that, further
ones are closed unread. Refused by name: another cluster, another protocol version, a node that is
not configured, a certificate of another name, a second process under a linked name.
"""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from replication.link_channel import Channel, ChannelClosed
from replication.link_frames import (
    HELLO,
    LINK_PROTOCOL,
    REFUSE,
    WELCOME,
    FrameError,
    FrameReader,
    Hello,
    Refusal,
    Welcome,
    cluster_hash,
    pack_greeting,
    unpack_hello,
    unpack_refusal,
    unpack_welcome,
)
from replication.link_identity import LinkIdentity
from replication.link_peer import Busy, PeerLink
from replication.links import (
    FRAME_BYTES_MAX,
    QUEUE_BYTES_MAX,
    LinkError,
    LinkHandler,
    LinkState,
)

GREETING_MAX: Final = 16
"""Connections that may be in their greeting at a time; bounds what strangers can hold."""

STOP_POLL_S: Final = 0.02
"""How often `stop` looks for a connection that was just being made."""

Address = tuple[str, int]


class Refused(Exception):
    """A greeting that is not accepted; the text is told to the other side."""


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """What an endpoint needs to know.

    Attributes:
        node: own name, as in the certificate.
        cluster_id: both sides must have the same.
        listen: host and port; port 0 = a free one.
        peers: name -> host and port where it is reached; all that may link here.
        identity: certificate, key and CA; None = plain, loopback only.
        boot: made anew by every start of the process.
        ping_s: a connection is never silent for longer.
        silence_s: a connection that is, is closed (half-open, or a stopped process).
        retry_s: pause between two attempts to connect.
        greeting_s: how long handshake and greeting may take.
    """

    node: str
    cluster_id: str
    listen: Address
    peers: Mapping[str, Address]
    identity: LinkIdentity | None = None
    boot: int = field(default_factory=lambda: secrets.randbits(63) | 1)
    frame_bytes_max: int = FRAME_BYTES_MAX
    queue_bytes_max: int = QUEUE_BYTES_MAX
    ping_s: float = 0.2
    silence_s: float = 1.0
    retry_s: float = 0.2
    greeting_s: float = 2.0


class TlsLinks:
    """The links of one purpose; made by `TlsEndpoint.links`. Fulfils `Links`."""

    def __init__(
        self, endpoint: TlsEndpoint, purpose: str, peers: Iterable[str], settings: LinkSettings
    ) -> None:
        self.purpose = purpose
        self._endpoint = endpoint
        self._settings = settings
        self._peers = {
            peer: PeerLink(
                peer,
                "{}:{}".format(*settings.peers[peer]) if settings.node < peer else "",
                settings.frame_bytes_max,
                silence_ns=int(settings.silence_s * 1e9),
                dials=settings.node < peer,
            )
            for peer in peers
        }
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def send(self, peer: str, frame: bytes) -> bool:
        """As `Links.send`."""
        return self._peers[peer].send(frame)

    def start(self, handler: LinkHandler) -> None:
        """As `Links.start`."""
        for link in self._peers.values():
            link.handler = handler
        for link in self._peers.values():
            if link.dials:
                thread = threading.Thread(
                    target=self._dial_on,
                    args=(link,),
                    name=f"link-{self.purpose}-{link.peer}",
                    daemon=True,
                )
                self._threads.append(thread)
                thread.start()

    def stop(self) -> None:
        """As `Links.stop`."""
        self._stopping.set()
        for link in self._peers.values():
            link.close("stopped")
            while not link.wait_free(STOP_POLL_S):
                link.close("stopped")  # one that came up in between
            link.handler = None
        for thread in self._threads:
            while thread.is_alive():
                for link in self._peers.values():
                    link.close("stopped")
                thread.join(STOP_POLL_S)

    def peers(self) -> Mapping[str, LinkState]:
        """As `Links.peers`."""
        return {peer: link.state() for peer, link in self._peers.items()}

    def accept(self, channel: Channel, hello: Hello, reader: FrameReader) -> None:
        """Carry a connection that a peer dialed, until it ends. Raises Refused."""
        link = self._peers.get(hello.node)
        if link is None or self._stopping.is_set():
            raise Refused(f"no links for {self.purpose!r} with {hello.node!r} here")
        welcome = pack_greeting(WELCOME, Welcome(self._settings.node, self._settings.boot))
        try:
            link.carry(channel, hello.boot, reader, welcome)
        except Busy as busy:
            raise Refused(str(busy)) from busy

    def watch(self, now_ns: int, *, stood_still: bool) -> None:
        """Ping and look for silence on every link; on the endpoint's ticker."""
        for link in self._peers.values():
            if stood_still:
                link.forgive(now_ns)
            link.watch(now_ns, int(self._settings.ping_s * 1e9))

    def _dial_on(self, link: PeerLink) -> None:
        while not self._stopping.is_set():
            try:
                self._dial(link)
            except (Refused, ChannelClosed, FrameError, Busy) as problem:
                link.problem = str(problem)
            except OSError as error:
                link.problem = f"{link.endpoint}: {error}"
            self._stopping.wait(self._settings.retry_s)

    def _dial(self, link: PeerLink) -> None:
        settings = self._settings
        address = settings.peers[link.peer]
        sock = socket.create_connection(address, timeout=settings.greeting_s)
        channel = self._endpoint.channel(sock, server_side=False)
        try:
            deadline = time.monotonic() + settings.greeting_s
            names = channel.handshake(settings.greeting_s)
            if settings.identity is not None and link.peer not in names:
                raise Refused(_other_name(link.peer, names))
            hello = Hello(
                protocol=LINK_PROTOCOL,
                cluster=cluster_hash(settings.cluster_id),
                node=settings.node,
                peer=link.peer,
                purpose=self.purpose,
                boot=settings.boot,
            )
            channel.send(pack_greeting(HELLO, hello))
            reader = FrameReader(settings.frame_bytes_max)
            boot = _welcomed(channel, reader, deadline, link.peer)
            channel.start_writer(f"link-{self.purpose}-{link.peer}-writer")
            if self._stopping.is_set():
                return
            link.carry(channel, boot, reader, b"")
        finally:
            channel.close("given up")
            channel.release()


class TlsEndpoint:
    """The listening socket of a node and the links of all its purposes.

    Raises LinkError for plain links beyond the loopback, OSError when the address is taken.
    """

    def __init__(self, settings: LinkSettings) -> None:
        if settings.identity is None:
            _check_loopback(settings)
        self._settings = settings
        self._links: dict[str, TlsLinks] = {}
        self._stopping = threading.Event()
        self._greeting = threading.Semaphore(GREETING_MAX)
        self._open: set[Channel] = set()
        self._open_lock = threading.Lock()
        self._listener = socket.create_server(settings.listen, backlog=GREETING_MAX)
        self._threads = [
            threading.Thread(target=self._accept_on, name="link-accept", daemon=True),
            threading.Thread(target=self._tick_on, name="link-ticker", daemon=True),
        ]

    @property
    def port(self) -> int:
        """The port that is listened on."""
        port: int = self._listener.getsockname()[1]
        return port

    def links(self, purpose: str, peers: Iterable[str] | None = None) -> TlsLinks:
        """The links of a purpose, to some peers or to all; before `start`."""
        chosen = self._settings.peers if peers is None else peers
        made = TlsLinks(self, purpose, chosen, self._settings)
        self._links[purpose] = made
        return made

    def start(self) -> None:
        """Begin to accept; connections are refused until their purpose is started too."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop all links and give the port back; idempotent."""
        self._stopping.set()
        with contextlib.suppress(OSError):  # already closed
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for links in self._links.values():
            links.stop()
        with self._open_lock:
            waiting = list(self._open)
        for channel in waiting:
            channel.close("stopped")
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def channel(self, sock: socket.socket, *, server_side: bool) -> Channel:
        """A connection on a connected socket."""
        settings = self._settings
        return Channel(
            sock,
            settings.identity,
            server_side=server_side,
            queue_bytes_max=settings.queue_bytes_max,
        )

    def _accept_on(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, address = self._listener.accept()
            except OSError:
                # Out of descriptors or a connection that was gone at once: the listener stays.
                self._stopping.wait(self._settings.retry_s)
                continue
            if not self._greeting.acquire(blocking=False):
                sock.close()
                continue
            name = f"link-from-{address[0]}:{address[1]}"
            threading.Thread(target=self._accepted, args=(sock,), name=name, daemon=True).start()

    def _accepted(self, sock: socket.socket) -> None:
        settings = self._settings
        in_greeting = True
        channel = self.channel(sock, server_side=True)
        with self._open_lock:
            self._open.add(channel)
        try:
            deadline = time.monotonic() + settings.greeting_s
            reader = FrameReader(settings.frame_bytes_max)
            names = channel.handshake(settings.greeting_s)
            hello = unpack_hello(_first_frame(channel, reader, deadline, HELLO))
            links = self._admit(hello, names)
            self._greeting.release()
            in_greeting = False
            channel.start_writer(f"link-{hello.purpose}-{hello.node}-writer")
            links.accept(channel, hello, reader)
        except Refused as refused:
            channel.send(pack_greeting(REFUSE, Refusal(str(refused)[:1000])))
            self._linger(channel)
        except (OSError, FrameError, ChannelClosed):
            # A stranger, or a peer that gave up; a peer tells its own side of it in `problem`.
            pass
        finally:
            if in_greeting:
                self._greeting.release()
            channel.close("given up")
            channel.release()
            with self._open_lock:
                self._open.discard(channel)

    def _admit(self, hello: Hello, names: frozenset[str]) -> TlsLinks:
        settings = self._settings
        if hello.protocol != LINK_PROTOCOL:
            raise Refused(f"link protocol {hello.protocol}, {settings.node!r} has {LINK_PROTOCOL}")
        if hello.cluster != cluster_hash(settings.cluster_id):
            raise Refused(f"{settings.node!r} belongs to cluster {settings.cluster_id!r}")
        if hello.peer != settings.node:
            raise Refused(f"this is {settings.node!r}, not {hello.peer!r}: see its peer address")
        if hello.node not in settings.peers:
            raise Refused(f"{hello.node!r} is not a node that {settings.node!r} knows")
        if settings.identity is not None and hello.node not in names:
            raise Refused(_other_name(hello.node, names))
        links = self._links.get(hello.purpose)
        if links is None:
            raise Refused(f"{settings.node!r} has no links for {hello.purpose!r}")
        return links

    # The refusal must arrive before the connection is reset.
    def _linger(self, channel: Channel) -> None:
        deadline = time.monotonic() + self._settings.retry_s
        with contextlib.suppress(OSError, ChannelClosed):
            while time.monotonic() < deadline:
                channel.receive_before(deadline)

    def _tick_on(self) -> None:
        period = self._settings.ping_s / 2
        before = time.monotonic_ns()
        while not self._stopping.wait(period):
            now = time.monotonic_ns()
            stood_still = now - before > int((period + self._settings.silence_s / 3) * 1e9)
            before = now
            for links in list(self._links.values()):
                links.watch(now, stood_still=stood_still)


def _first_frame(channel: Channel, reader: FrameReader, deadline: float, *kinds: int) -> bytes:
    while True:
        for kind, body in reader.feed(channel.receive_before(deadline)):
            if kind == REFUSE:
                raise Refused(unpack_refusal(body).why)
            if kind not in kinds:
                raise FrameError(f"frame of kind {kind} in the greeting")
            return body


def _welcomed(channel: Channel, reader: FrameReader, deadline: float, peer: str) -> int:
    try:
        welcome = unpack_welcome(_first_frame(channel, reader, deadline, WELCOME))
    except Refused as refused:
        raise Refused(f"{peer!r} refuses: {refused}") from refused
    if welcome.node != peer:
        raise Refused(f"{welcome.node!r} answers where {peer!r} should: see its peer address")
    return welcome.boot


def _other_name(expected: str, names: frozenset[str]) -> str:
    return (
        f"the certificate names {', '.join(sorted(names)) or 'nobody'}, not {expected!r}: "
        "`exctl pki show` prints it"
    )


def _check_loopback(settings: LinkSettings) -> None:
    for host, port in (settings.listen, *settings.peers.values()):
        try:
            is_loopback = ipaddress.ip_address(host).is_loopback
        except ValueError:
            is_loopback = host == "localhost"
        if not is_loopback:
            raise LinkError(f"{host}:{port} is not loopback: links beyond it need an identity")
