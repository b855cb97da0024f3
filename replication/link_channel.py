"""One connection of a link: a socket, TLS over memory buffers, a bounded queue to the peer.

Room: everything about one connected socket. It knows no peers, purposes or reconnects.

Threads: one reader calls `receive`, any thread calls `send`, the connection's own writer thread
drains what the kernel did not take at once. An SSL object may not be used by two threads at a
time, so `_lock` guards it together with the order of ciphertext; no blocking call is made under
it. A frame that fits is encrypted and handed to the kernel on the caller's thread, which saves
the wake-up of another one.
"""

from __future__ import annotations

import collections
import contextlib
import select
import socket
import ssl
import threading
import time
from typing import Final

from replication.link_identity import LinkIdentity, names_of

RECEIVE_BYTES: Final = 256 * 1024
SLICE_BYTES: Final = 256 * 1024
"""Longest piece that is encrypted in one go, and longest frame sent on the caller's thread."""


class ChannelClosed(Exception):
    """The connection ended; the text says why."""


class Channel:
    """A connected socket that carries bytes, encrypted unless `identity` is None."""

    def __init__(
        self,
        sock: socket.socket,
        identity: LinkIdentity | None,
        *,
        server_side: bool,
        queue_bytes_max: int,
    ) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._queue_bytes_max = queue_bytes_max
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        if identity is not None:
            self._tls = identity.session(self._incoming, self._outgoing, server_side=server_side)
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._backlog: collections.deque[memoryview] = collections.deque()
        self._unsent = b""
        self._queued = 0
        self._closed = ""
        self._writer: threading.Thread | None = None
        self.sent_ns = self.received_ns = time.monotonic_ns()

    def handshake(self, seconds: float) -> frozenset[str]:
        """Shake hands within `seconds`; the names in the peer's certificate, empty without TLS.

        Before `start_writer` only. Raises OSError (which ssl.SSLError and a timeout are) and
        ChannelClosed.
        """
        if self._tls is None:
            return frozenset()
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._sock.sendall(self._outgoing.read())
                self._incoming.write(self._receive_before(deadline))
                continue
            except ssl.SSLError:
                with contextlib.suppress(OSError):  # the alert is a courtesy
                    self._sock.sendall(self._outgoing.read())
                raise
            self._sock.sendall(self._outgoing.read())
            return names_of(self._tls.getpeercert())

    def receive_before(self, deadline: float) -> bytes:
        """Bytes of the peer, at least one unless only TLS's own came; as `receive`, bounded."""
        came_with_handshake = self._decrypted(b"")
        return came_with_handshake or self._decrypted(self._receive_before(deadline))

    def start_writer(self, name: str) -> None:
        """Begin to drain the queue on a thread of its own; from now on reads wait for ever."""
        self._sock.settimeout(None)
        self._writer = threading.Thread(target=self._write_on, name=name, daemon=True)
        self._writer.start()

    def receive(self) -> bytes:
        """Wait for bytes of the peer. Reader thread only. Raises ChannelClosed, OSError."""
        data = self._sock.recv(RECEIVE_BYTES)
        if not data:
            raise ChannelClosed(self._closed or "closed by the peer")
        self.received_ns = time.monotonic_ns()
        return self._decrypted(data)

    def send(self, data: bytes) -> bool:
        """Queue bytes, in order; False when closed or when the queue would pass its bound."""
        with self._lock:
            if self._closed or self._queued + len(data) > self._queue_bytes_max:
                return False
            self.sent_ns = time.monotonic_ns()
            if self._unsent or self._backlog or len(data) > SLICE_BYTES:
                self._queued += len(data)
                view = memoryview(data)
                for begin in range(0, len(data), SLICE_BYTES):
                    self._backlog.append(view[begin : begin + SLICE_BYTES])
                self._work.notify()
                return True
            return self._push(self._encrypted(data))

    def close(self, why: str) -> None:
        """End the connection; wakes reader and writer. The first reason counts."""
        with self._lock:
            if not self._closed:
                self._closed = why
            self._work.notify_all()
        with contextlib.suppress(OSError):  # not connected any more
            self._sock.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Wait for the writer and give the socket back; after `close`, reader thread only."""
        if self._writer is not None:
            self._writer.join()
        self._sock.close()
        with self._lock:
            self._backlog.clear()
            self._unsent = b""
            self._queued = 0

    @property
    def closed(self) -> str:
        """Why it was closed here; "" while it was not."""
        return self._closed

    @property
    def queued_bytes(self) -> int:
        """Bytes that wait for the peer to read."""
        return self._queued + len(self._unsent)

    def _receive_before(self, deadline: float) -> bytes:
        self._sock.settimeout(max(deadline - time.monotonic(), 0.001))
        data = self._sock.recv(RECEIVE_BYTES)
        if not data:
            raise ChannelClosed("closed by the peer during the greeting")
        self.received_ns = time.monotonic_ns()
        return data

    def _decrypted(self, data: bytes) -> bytes:
        if self._tls is None:
            return data
        pieces = []
        with self._lock:
            self._incoming.write(data)
            while self._incoming.pending or self._tls.pending():
                try:
                    piece = self._tls.read(RECEIVE_BYTES)
                except ssl.SSLWantReadError:
                    break
                except ssl.SSLZeroReturnError:
                    raise ChannelClosed("closed by the peer") from None
                if not piece:
                    break
                pieces.append(piece)
            if self._outgoing.pending and not self._closed:  # TLS answers, e.g. a key update
                self._push(self._outgoing.read())
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _encrypted(self, data: bytes | memoryview) -> bytes:
        if self._tls is None:
            return bytes(data)
        self._tls.write(data)
        return self._outgoing.read()

    # Under the lock. What the kernel does not take waits for the writer.
    def _push(self, ciphertext: bytes) -> bool:
        if self._unsent:
            self._unsent += ciphertext
            return True
        try:
            taken = self._sock.send(ciphertext, socket.MSG_DONTWAIT)
        except BlockingIOError:
            taken = 0
        except OSError as error:
            self._closed = self._closed or f"cannot send: {error}"
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
            return False
        if taken < len(ciphertext):
            self._unsent = ciphertext[taken:]
            self._work.notify()
        return True

    def _write_on(self) -> None:
        poller = select.poll()
        poller.register(self._sock, select.POLLOUT)
        while True:
            with self._lock:
                while not (self._unsent or self._backlog or self._closed):
                    self._work.wait()
                if self._closed:
                    return
            poller.poll(1000)
            with self._lock:
                if self.closed:
                    return
                if self._unsent:
                    waiting, self._unsent = self._unsent, b""
                    self._push(waiting)
                elif self._backlog:
                    piece = self._backlog.popleft()
                    self._queued -= len(piece)
                    self._push(self._encrypted(piece))
