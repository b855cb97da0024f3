"""The gateway's codec alone: request bytes to command records, events to report bytes."""

from __future__ import annotations

import time

from exchange.api.v1 import order_service_pb2 as pb
from exchange.engine.build import build_engine
from exchange.feeds.directory import Directory
from exchange.gateway.order_codec import PythonOrderCodec, SessionMessage
from exchange.model.batch import EventBatch, Outcome
from exchange.model.codec import encode_command, encode_entry
from exchange.model.command import Command, CreateInstrument, CreateMember, OpenSession
from tests.bench.figures import Report
from tests.bench.served_node import MEMBERS, SYMBOL, OrderFlow
from tests.bench.workload import START_NS, plain_instrument

RUNS = 5
SIZE = 1000
RESPONSE_BYTES_MAX = 1 << 20


def bench_codec(report: Report, *, quick: bool) -> None:
    """`codec.decode.*`, `codec.encode.*`, messages of 1000 new orders."""
    codec, directory, engine = PythonOrderCodec(), Directory(), build_engine("reference")
    setup: list[Command] = [
        *(CreateMember(name, name, "op") for name in MEMBERS),
        CreateInstrument(plain_instrument(SYMBOL), "i", "op"),
        OpenSession(0, "open", "op"),
    ]
    body = b"".join(encode_command(command) for command in setup)
    engine.apply(encode_entry(1, 1, START_NS, len(setup), body))
    directory.load(engine)
    flow = OrderFlow("c", 1)
    decode_s: list[float] = []
    encode_s: list[float] = []
    for index in range(2, 2 + (2 if quick else RUNS)):
        raw = _request(flow)
        began = time.perf_counter()
        message = codec.decode(raw, 1, 0, directory)
        decode_s.append(time.perf_counter() - began)
        entry = encode_entry(index, 1, START_NS + index, message.record_count, message.body)
        outcome = Outcome(EventBatch(engine.apply(entry)), 0, message.record_count)
        encode_s.append(_encode_s(codec, message, outcome, directory))
    report.rate("codec.decode.orders_per_s", [SIZE / s for s in decode_s], note=codec.name)
    report.rate(
        "codec.encode.orders_per_s",
        [SIZE / s for s in encode_s],
        note=f"{codec.name}, event batch to the reports of all its orders",
    )


def _request(flow: OrderFlow) -> bytes:
    orders = enumerate(flow.take(SIZE))
    commands = [pb.OrderCommand(request_no=number, submit=order) for number, order in orders]
    return pb.OrderSessionRequest(commands=commands).SerializeToString()


def _encode_s(
    codec: PythonOrderCodec, message: SessionMessage, outcome: Outcome, directory: Directory
) -> float:
    began = time.perf_counter()
    codec.encode(message, outcome, 1, directory, bytes_max=RESPONSE_BYTES_MAX)
    return time.perf_counter() - began
