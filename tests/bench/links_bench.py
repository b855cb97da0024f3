"""The links between nodes: a round trip, a stream, and what TLS adds to both.

Two processes on one machine. The plain link differs by TLS only, so it is the floor.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from replication.tls_link import LinkSettings, TlsEndpoint, TlsLinks
from tests.bench.figures import Report
from tests.bench.links_peer import ECHO, QUERY, SWALLOW, identity_in
from tests.replication.link_desk import Pki

SMALL_BYTES = 64
LARGE_BYTES = 64 * 1024
WAIT_S = 30.0


def bench_links(report: Report, directory: Path, *, quick: bool) -> None:
    """`links.{plain,tls}.*`: round trip of 64 bytes, rate of 64 KiB frames."""
    pki = Pki(directory / "pki")
    for name in ("n1", "n2"):
        pki.identity(name)
    trips, frames, runs = (500, 500, 1) if quick else (5_000, 4_000, 5)
    for kind, folder in (("plain", "plain"), ("tls", str(pki.folder))):
        with linked(folder) as (links, waiter):
            waiter.round_trips(links, trips // 10)
            note = f"{SMALL_BYTES} bytes there and back"
            report.latency(f"links.{kind}.rtt", waiter.round_trips(links, trips), note)
            rates = [waiter.stream(links, frames) for _ in range(runs)]
            report.rate(f"links.{kind}.stream", rates, "MB/s", f"frames of {LARGE_BYTES} bytes")


class Waiter:
    """Handler of the near end: hands the newest frame to the thread that measures."""

    def __init__(self) -> None:
        self.up = threading.Event()
        self._came = threading.Event()
        self._frame = b""

    def on_up(self, peer: str, generation: int) -> None:
        """The link is there."""
        self.up.set()

    def on_frame(self, peer: str, generation: int, frame: bytes) -> None:
        """An answer."""
        self._frame = frame
        self._came.set()

    def on_pause(self, peer: str, generation: int) -> None:
        """Nothing is gathered."""

    def on_down(self, peer: str, generation: int, why: str) -> None:
        """The far end is gone; whoever waits runs into its time limit."""

    def round_trips(self, links: TlsLinks, count: int) -> list[int]:
        """Nanoseconds of each of `count` round trips, one after the other."""
        frame = ECHO + bytes(SMALL_BYTES - 1)
        samples = []
        for _ in range(count):
            began = time.perf_counter_ns()
            self._ask(links, frame)
            samples.append(time.perf_counter_ns() - began)
        return samples

    def stream(self, links: TlsLinks, count: int) -> float:
        """Megabytes a second of `count` large frames, until the far end has read them all."""
        before = int(self._ask(links, QUERY))
        frame = SWALLOW + bytes(LARGE_BYTES - 1)
        began = time.perf_counter()
        for _ in range(count):
            while not links.send("n2", frame):
                time.sleep(0.0005)
        after = int(self._ask(links, QUERY))
        if after - before != count:
            raise AssertionError(f"{after - before} of {count} frames arrived")
        return count * LARGE_BYTES / 1e6 / (time.perf_counter() - began)

    def _ask(self, links: TlsLinks, frame: bytes) -> bytes:
        self._came.clear()
        while not links.send("n2", frame):
            time.sleep(0.0005)
        if not self._came.wait(WAIT_S):
            raise AssertionError(f"no answer within {WAIT_S} s: {links.peers()}")
        return self._frame


@contextlib.contextmanager
def linked(folder: str) -> Iterator[tuple[TlsLinks, Waiter]]:
    """Node n1 here, linked to n2 in another process."""
    command = [sys.executable, "-m", "tests.bench.links_peer", folder, "1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdout is None or process.stdin is None:
            raise AssertionError("the pipes were asked for")
        port = int(process.stdout.readline())
        settings = LinkSettings(
            node="n1",
            cluster_id="bench",
            listen=("127.0.0.1", 0),
            peers={"n2": ("127.0.0.1", port)},
            identity=identity_in(folder, "n1"),
        )
        endpoint = TlsEndpoint(settings)
        links, waiter = endpoint.links("log"), Waiter()
        endpoint.start()
        links.start(waiter)
        try:
            if not waiter.up.wait(WAIT_S):
                raise AssertionError(f"not linked: {links.peers()}")
            yield links, waiter
        finally:
            endpoint.stop()
            process.stdin.close()
