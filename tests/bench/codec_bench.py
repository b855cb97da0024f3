"""The gateway's codecs alone: request bytes to command records, events to report bytes."""

from __future__ import annotations

import time
from typing import NamedTuple

from exchange.api.v1 import order_service_pb2 as pb
from exchange.engine.build import AUTO, build_engine
from exchange.feeds.directory import Directory
from exchange.gateway.codec_choice import BUILT_CODECS, build_codec
from exchange.gateway.order_codec import PYTHON, OrderCodec
from exchange.model.batch import EventBatch, Outcome
from exchange.model.codec import encode_command, encode_entry
from exchange.model.command import Command, CreateInstrument, CreateMember, OpenSession
from tests.bench.figures import Report
from tests.bench.served_node import MEMBERS, SYMBOL, OrderFlow
from tests.bench.workload import START_NS, plain_instrument

RUNS = 30
SIZE = 1000
RESPONSE_BYTES_MAX = 1 << 20


class _Rates(NamedTuple):
    decoded: list[float]
    encoded: list[float]


def bench_codec(report: Report, *, quick: bool) -> None:
    """`codec.{decode,encode}.*` of the codec that a node chooses; `codec.python.*` beside it."""
    runs = 2 if quick else RUNS
    chosen = BUILT_CODECS[-1]
    rates = _measure(build_codec(chosen), runs)
    note = f"{chosen}, messages of {SIZE} new orders"
    report.rate("codec.decode.orders_per_s", rates.decoded, note=note)
    report.rate("codec.encode.reports_per_s", rates.encoded, note=note)
    if chosen != PYTHON:
        python = _measure(build_codec(PYTHON), min(runs, 5))
        report.rate("codec.python.decode.orders_per_s", python.decoded, note="its oracle")
        report.rate("codec.python.encode.reports_per_s", python.encoded, note="its oracle")


def _measure(codec: OrderCodec, runs: int) -> _Rates:
    directory, engine = Directory(), build_engine(AUTO)
    setup: list[Command] = [
        *(CreateMember(name, name, "op") for name in MEMBERS),
        CreateInstrument(plain_instrument(SYMBOL), "i", "op"),
        OpenSession(0, "open", "op"),
    ]
    body = b"".join(encode_command(command) for command in setup)
    engine.apply(encode_entry(1, 1, START_NS, len(setup), body))
    directory.load(engine)
    flow = OrderFlow("c", 1)
    rates = _Rates([], [])
    for index in range(2, 2 + runs):
        raw = _request(flow)
        began = time.perf_counter()
        message = codec.decode(raw, 1, 0, directory)
        rates.decoded.append(SIZE / (time.perf_counter() - began))
        entry = encode_entry(index, 1, START_NS + index, message.record_count, message.body)
        outcome = Outcome(EventBatch(engine.apply(entry)), 0, message.record_count)
        began = time.perf_counter()
        parts = codec.encode(message, outcome, 1, directory, bytes_max=RESPONSE_BYTES_MAX)
        took_s = time.perf_counter() - began
        rates.encoded.append(_report_count(parts) / took_s)
    return rates


def _request(flow: OrderFlow) -> bytes:
    orders = enumerate(flow.take(SIZE))
    commands = [pb.OrderCommand(request_no=number, submit=order) for number, order in orders]
    return pb.OrderSessionRequest(commands=commands).SerializeToString()


def _report_count(parts: list[bytes]) -> int:
    response = pb.OrderSessionResponse.FromString(b"".join(parts))
    return sum(len(result.reports) for result in response.results)
