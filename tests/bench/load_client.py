"""Load on order sessions from a process of its own that is not itself the limit.

    python -m tests.bench.load_client --endpoint HOST:PORT --size 1000 --messages 50 --window 8

Requests are made and serialised before the clock starts, and go out as bytes; of an answer only
its results are counted. One stream a member, `--window` messages in flight on each (closed loop),
or `--per-s` messages begun a second on all of them together (open loop; a latency then counts from
the time a message was due). Prints one line of JSON a run (`Run`). After the clock has stopped
every answer is read whole: a run in which one command was not carried out fails.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from exchange.api.v1 import order_service_pb2 as pb
from tests.bench.served_node import MEMBERS, OrderFlow

SESSION = "/exchange.api.v1.OrderService/OrderSession"
MEMBER_KEY = "lockstep-member"
RECEIVE_BYTES_MAX = 64 << 20
RESULTS_FIELD = 3
NS_PER_S = 1_000_000_000


class Run(NamedTuple):
    """One measured run; `latencies_ns`: of messages, from the write to the last of its results."""

    orders: int
    seconds: float
    cpu_seconds: float
    latencies_ns: list[int]

    @property
    def rate(self) -> float:
        """Acknowledged orders a second."""
        return self.orders / self.seconds


class Load(NamedTuple):
    """What to send: `messages` of `size` orders on each stream; `per_s` 0 = closed loop."""

    size: int
    messages: int
    window: int
    per_s: float = 0.0
    runs: int = 1
    seed: int = 1


def run_load(endpoint: str, load: Load) -> list[Run]:
    """Put a load on a node from a process of its own. RuntimeError with its words if it fails."""
    options = [f"--{key.replace('_', '-')}={value}" for key, value in load._asdict().items()]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load_client", f"--endpoint={endpoint}", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the load failed: {done.stderr}")
    return [Run(**json.loads(line)) for line in done.stdout.splitlines()]


def _counting_class() -> Any:
    """A message class that takes results as they are, undecoded: reading it only counts them."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="bench/counted.proto", package="bench")
    counted = file.message_type.add(name="Counted")
    kind, repeated = field.TYPE_BYTES, field.LABEL_REPEATED
    counted.field.add(name="results", number=RESULTS_FIELD, type=kind, label=repeated)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("bench.Counted"))


_Counted = _counting_class()


class LoadStream:
    """One order session of one member; `run` it once or often, one after the other.

    Args:
        channel: to the node.
        member: who trades.
        seed: of the orders; part of their names, so that another process uses others.
    """

    def __init__(self, channel: grpc.aio.Channel, member: str, seed: int) -> None:
        opened: Any = channel.stream_stream(SESSION)
        self._call = opened(metadata=((MEMBER_KEY, member),))
        self._flow = OrderFlow(f"{member}-{seed}-", seed)
        self._answers: list[bytes] = []

    async def log_on(self) -> None:
        """Open the session. RuntimeError if it is refused."""
        await self._call.write(pb.OrderSessionRequest(logon=pb.Logon()).SerializeToString())
        first = pb.OrderSessionResponse.FromString(await self._read())
        if not first.HasField("logon"):
            raise RuntimeError(f"no logon: {first}")

    def make(self, messages: int, size: int) -> list[bytes]:
        """Serialised requests of `size` orders each."""
        made = []
        for _ in range(messages):
            request = pb.OrderSessionRequest()
            for number, order in enumerate(self._flow.take(size), 1):
                request.commands.add(request_no=number).submit.CopyFrom(order)
            made.append(request.SerializeToString())
        return made

    async def run(self, tape: Sequence[bytes], load: Load, share: float) -> list[int]:
        """Send all; nanoseconds of each message.

        Args:
            share: of the open loop's rate, that this stream takes.
        """
        self._answers.clear()
        sent: deque[int] = deque()
        waiting = iter(tape)
        if load.per_s:
            sending = asyncio.create_task(self._when_due(waiting, sent, load.per_s * share))
            latencies = await self._answered(len(tape), load.size, sent, iter(()))
            await sending
            return latencies
        for raw in itertools.islice(waiting, load.window):
            sent.append(time.perf_counter_ns())
            await self._call.write(raw)
        return await self._answered(len(tape), load.size, sent, waiting)

    async def _answered(
        self, messages: int, size: int, sent: deque[int], waiting: Iterator[bytes]
    ) -> list[int]:
        latencies: list[int] = []
        results = 0
        while len(latencies) < messages:
            answer = await self._read()
            self._answers.append(answer)
            results += len(_Counted.FromString(answer).results)
            now = time.perf_counter_ns()
            while results >= size:
                results -= size
                latencies.append(now - sent.popleft())
                for raw in itertools.islice(waiting, 1):
                    sent.append(time.perf_counter_ns())
                    await self._call.write(raw)
        return latencies

    async def _when_due(self, waiting: Iterator[bytes], sent: deque[int], per_s: float) -> None:
        began = time.perf_counter_ns()
        for number, raw in enumerate(waiting):
            due_ns = began + int(number * NS_PER_S / per_s)
            wait_s = (due_ns - time.perf_counter_ns()) / NS_PER_S
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            sent.append(due_ns)
            await self._call.write(raw)

    async def _read(self) -> bytes:
        answer = await self._call.read()
        if answer is grpc.aio.EOF:
            raise RuntimeError(f"the stream ended: {await self._call.details()}")
        raw: bytes = answer
        return raw

    def check(self, expected: int) -> None:
        """Every command of the last run was carried out, else RuntimeError."""
        carried_out = 0
        for answer in self._answers:
            for result in pb.OrderSessionResponse.FromString(answer).results:
                if not result.reports:
                    raise RuntimeError(f"not carried out: {result}")
                carried_out += 1
        if carried_out != expected:
            raise RuntimeError(f"{carried_out} results for {expected} commands")

    async def close(self) -> None:
        """Log off."""
        await self._call.done_writing()


async def measure(endpoint: str, load: Load) -> None:
    """Run and print."""
    options = [
        ("grpc.use_local_subchannel_pool", 1),  # a connection for each stream
        ("grpc.max_receive_message_length", RECEIVE_BYTES_MAX),
    ]
    channels = [grpc.aio.insecure_channel(endpoint, options=options) for _ in MEMBERS]
    streams = [
        LoadStream(channel, member, load.seed + number)
        for number, (channel, member) in enumerate(zip(channels, MEMBERS, strict=True))
    ]
    for stream in streams:
        await stream.log_on()
    for _ in range(load.runs):
        tapes = [stream.make(load.messages, load.size) for stream in streams]
        began, cpu_began = time.perf_counter(), time.process_time()
        parts = await asyncio.gather(
            *(
                stream.run(tape, load, 1 / len(streams))
                for stream, tape in zip(streams, tapes, strict=True)
            )
        )
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
        for stream in streams:
            stream.check(load.messages * load.size)
        orders = len(streams) * load.messages * load.size
        run = Run(orders, seconds, cpu_seconds, [sample for part in parts for sample in part])
        sys.stdout.write(json.dumps(run._asdict()) + "\n")
        sys.stdout.flush()
    for stream in streams:
        await stream.close()
    for channel in channels:
        await channel.close()


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser("python -m tests.bench.load_client", description=__doc__)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--size", type=int, required=True, help="commands in a message")
    parser.add_argument("--messages", type=int, required=True, help="of each stream in a run")
    parser.add_argument("--window", type=int, required=True, help="in flight on a stream")
    parser.add_argument("--per-s", type=float, default=0.0, help="messages a second; 0 = closed")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = vars(parser.parse_args())
    asyncio.run(measure(options.pop("endpoint"), Load(**options)))


if __name__ == "__main__":
    main()
