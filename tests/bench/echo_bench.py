"""The transport alone: a message to a bare gRPC server in another process and back."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from tests.bench.echo_server import STREAM, UNARY
from tests.bench.figures import Report

MESSAGE = bytes(100)
"""About the size of one order with its envelope."""

WARM_UP = 100


@contextmanager
def echo_server() -> Iterator[str]:
    """A bare gRPC server in a process of its own; its HOST:PORT."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.echo_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        if server.stdout is None or server.stdin is None:
            raise RuntimeError("the echo server has no pipes")
        yield f"127.0.0.1:{int(server.stdout.readline())}"
        server.stdin.close()


def bench_echo(report: Report, *, quick: bool) -> None:
    """`echo.stream`, `echo.unary`, `echo.unary_sync`: one message at a time."""
    rounds = 500 if quick else 3_000
    with echo_server() as target:
        stream, unary = asyncio.run(_measure(target, rounds))
        report.latency("echo.stream", stream, "grpc.aio, 100 bytes")
        report.latency("echo.unary", unary, "grpc.aio, 100 bytes")
        report.latency("echo.unary_sync", _measure_sync(target, rounds), "blocking, 100 bytes")


async def _measure(target: str, rounds: int) -> tuple[list[int], list[int]]:
    stream_ns, unary_ns = [], []
    async with grpc.aio.insecure_channel(target) as channel:
        call: grpc.aio.StreamStreamCall[bytes, bytes] = channel.stream_stream(STREAM)()
        for _ in range(WARM_UP + rounds):
            began = time.perf_counter_ns()
            await call.write(MESSAGE)
            await call.read()
            stream_ns.append(time.perf_counter_ns() - began)
        await call.done_writing()
        unary: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(UNARY)
        for _ in range(WARM_UP + rounds):
            began = time.perf_counter_ns()
            await unary(MESSAGE)
            unary_ns.append(time.perf_counter_ns() - began)
    return stream_ns[WARM_UP:], unary_ns[WARM_UP:]


def _measure_sync(target: str, rounds: int) -> list[int]:
    samples = []
    with grpc.insecure_channel(target) as channel:
        unary: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(UNARY)
        for _ in range(WARM_UP + rounds):
            began = time.perf_counter_ns()
            unary(MESSAGE)
            samples.append(time.perf_counter_ns() - began)
    return samples[WARM_UP:]
