"""The native codec gives what the Python codec gives: equal records, equal answers, equal errors.

Messages are drawn from the whole range of every field, then broken: bytes changed, cut, doubled,
unknown fields put in. Answers are compared over the events of random markets.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from exchange.api.v1 import common_pb2
from exchange.api.v1 import order_service_pb2 as pb
from exchange.engine.build import AUTO, build_engine
from exchange.errors import ClientFault
from exchange.feeds.directory import Directory
from exchange.gateway.codec_choice import BUILT_CODECS, NATIVE, build_codec
from exchange.gateway.order_codec import (
    OrderCodec,
    PythonOrderCodec,
    RefusedCommand,
    SessionMessage,
)
from exchange.model.batch import EventBatch, Outcome
from exchange.model.codec import encode_command, encode_entry
from exchange.model.event import Trade
from tests.exchange.engine.native.whole_market import WholeMarket
from tests.recorder import START_NS

pytestmark = pytest.mark.skipif(
    NATIVE not in BUILT_CODECS, reason="the native codec is not built: no C++20 compiler"
)
MESSAGES = int(os.environ.get("LOCKSTEP_FUZZ_COMMANDS", "120000")) // 24
NUMBERS = (0, 1, 2, 3, 5, 7, 8, 9, 32, 127, 128, 65_535, 65_536, 1 << 31, 1 << 32, 1 << 62)
SIGNED = (*NUMBERS, -1, -(1 << 31), -(1 << 63), (1 << 63) - 1)
TEXTS = ("", "a", "m1", "m2", "S1", "S2", "x" * 36, "x" * 37, "\x7f", "a\nb", "ä", "\x00", "I1")


class Market:
    """A market that runs on random commands, and its names."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.engine = build_engine(AUTO)
        self.directory = Directory()
        self.market = WholeMarket(self.chance)
        self.ts_ns = START_NS
        for command in self.market.desk.opening():
            self.apply([encode_command(command)])

    def apply(self, records: list[bytes]) -> EventBatch:
        """One entry; its events."""
        self.ts_ns += self.market.leap_ns()
        index = self.engine.applied_index + 1
        entry = encode_entry(index, 1, self.ts_ns, len(records), b"".join(records))
        batch = EventBatch(self.engine.apply(entry))
        self.directory.on_batch(batch)
        live = self.engine.orders(0, 0, 0, 200, live=True)
        self.market.trader.live = [
            (view.order.member_id, view.order.order_id, view.order.cl_ord_id) for view in live
        ]
        return batch

    def some(self) -> EventBatch:
        """An entry of a few random commands."""
        return self.apply([self.market.record(self.ts_ns) for _ in range(12)])

    def text(self) -> str:
        """A name that may be known, or an odd one."""
        known = [one.symbol for one in self.directory.instruments()]
        known += [one.name for one in self.directory.accounts(0)]
        return self.chance.choice((*TEXTS, *known))

    def message(self) -> bytes:
        """A message of a few commands."""
        chance = self.chance
        request = pb.OrderSessionRequest()
        if chance.random() < 0.1:
            request.logon.cancel_on_disconnect = chance.random() < 0.5
        for _ in range(chance.randint(0, 6)):
            command = request.commands.add(request_no=chance.choice((0, 1, 300, (1 << 64) - 1)))
            kind = chance.choice(("submit", "cancel", "replace", "mass_cancel", ""))
            if kind:
                part = getattr(command, kind)
                part.SetInParent()
                self._fill(part, sane=chance.random() < 0.6)
        return request.SerializeToString()

    def _fill(self, message: Any, *, sane: bool) -> None:
        chance = self.chance
        for field in message.DESCRIPTOR.fields:
            if chance.random() < 0.3:
                continue
            if field.message_type is not None:
                part = getattr(message, field.name)
                if chance.random() < 0.4:
                    part.SetInParent()
                    self._fill(part, sane=sane)
            elif field.type == field.TYPE_STRING:
                text = self.text()
                is_plain = text.isascii() and text.isprintable() and len(text) <= 36
                setattr(message, field.name, "c1" if sane and not is_plain else text)
            elif field.type in {field.TYPE_ENUM, field.TYPE_INT32}:
                setattr(
                    message, field.name, chance.choice((0, 1, 2, 3, *((9, -1) if not sane else ())))
                )
            elif field.type == field.TYPE_INT64:
                numbers = NUMBERS[:12] if sane else SIGNED
                fitting = [number for number in numbers if number < 1 << 63]
                setattr(message, field.name, chance.choice(fitting))
            else:
                bound = 32 if field.type == field.TYPE_UINT32 else 64
                fitting = [number for number in NUMBERS if number < 1 << bound]
                setattr(message, field.name, chance.choice(fitting[:9] if sane else fitting))


def _broken(raw: bytes, chance: random.Random) -> bytes:
    """The message with something wrong, or something that only looks wrong."""
    data = bytearray(raw)
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(data))
        match chance.randrange(7):
            case 0:
                data = data[:at]
            case 1:
                del data[at : at + chance.randint(1, 3)]
            case 2:
                data[at:at] = bytes(chance.choices(range(256), k=chance.randint(1, 3)))
            case 3 if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
            case 4 if data:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            case 5:
                data += data[at:]
            case _:
                data += chance.choice(ODD_FIELDS)
    return bytes(data)


ODD_FIELDS = (
    b"\x98\x06\x01",  # field 99, varint
    b"\x9a\x06\x02ab",  # field 99, bytes
    b"\x99\x06" + b"x" * 8,  # field 99, fixed64
    b"\x9d\x06" + b"x" * 4,  # field 99, fixed32
    b"\x9b\x06\x9c\x06",  # field 99, an empty group
    b"\x10\x05",  # `commands` as a varint
    b"\x12\x02\x08\x01",  # a command without a kind
    b"\x12\x04\x12\x00\x12\x00",  # `submit` twice
    b"\x12\x04\x12\x00\x1a\x00",  # `submit`, then `cancel`
    b"\x12\x0d\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x12\x00",  # the largest request_no
    b"\x12\x0d\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x12\x00",  # more than 64 bits
    b"\x92\x80\x00\x02\x08\x01",  # a key in more bytes than it needs
    b"\x12\x83\x00\x08\x81\x00",  # the same of a length and a number
    b"\x00\x01",  # field number 0
    b"\x0f\x01",  # wire type 7
)


def _decoded(codec: OrderCodec, raw: bytes, member_id: int, directory: Directory) -> Any:
    try:
        message = codec.decode(raw, member_id, 7, directory)
    except ClientFault as fault:
        return (fault.reason, fault.message, fault.field)
    return message._replace(request_nos=list(message.request_nos))


def _takes_itself(native: OrderCodec, raw: bytes, member_id: int, directory: Directory) -> bool:
    try:
        return isinstance(native.decode(raw, member_id, 7, directory).request_nos, memoryview)
    except ClientFault:
        return False


@pytest.mark.parametrize("run", range(4))
def test_messages_are_read_alike(run: int, seed: int) -> None:
    """Records, faults and refusals; what is not a message is refused in the same words."""
    market = Market(seed + run)
    python, native = PythonOrderCodec(), build_codec(NATIVE)
    taken = refused = by_itself = 0
    for number in range(MESSAGES):
        if number % 500 == 0:
            market.some()
        raw = market.message()
        if market.chance.random() < 0.5:
            raw = _broken(raw, market.chance)
        member_id = market.chance.randint(0, 3)
        expected = _decoded(python, raw, member_id, market.directory)
        assert _decoded(native, raw, member_id, market.directory) == expected, raw.hex()
        by_itself += _takes_itself(native, raw, member_id, market.directory)
        taken += isinstance(expected, SessionMessage) and expected.record_count > 0
        refused += not isinstance(expected, SessionMessage)
    assert taken > MESSAGES // 20
    assert refused > MESSAGES // 20
    assert by_itself > MESSAGES // 3, "what is compared is mostly the Python codec with itself"


def test_random_bytes_are_read_alike(seed: int) -> None:
    """Bytes that were never a message."""
    chance = random.Random(seed)
    python, native, directory = PythonOrderCodec(), build_codec(NATIVE), Directory()
    for _ in range(MESSAGES):
        raw = bytes(
            chance.choices((8, 10, 16, 18, 26, 0, 1, 2, 3, 128, 255), k=chance.randint(0, 20))
        )
        assert _decoded(native, raw, 1, directory) == _decoded(python, raw, 1, directory), raw.hex()


def _answers(market: Market) -> Iterator[tuple[SessionMessage, Outcome | None]]:
    """Messages of any shape over the events of one entry."""
    chance = market.chance
    batch = market.some()
    first = chance.randint(0, 6)
    count = chance.randint(0, 12 - first)
    refused = {chance.randint(0, count) for _ in range(chance.randint(0, 2))}
    total = count + len(refused)
    rows = [
        RefusedCommand(position, "INVALID_FIELD", "größe: " + "x" * chance.randint(0, 200), "f", 9)
        for position in sorted(refused)
    ]
    mass = frozenset(chance.sample(range(total), k=chance.randint(0, min(total, 3))))
    numbers = [chance.choice((0, 1, 1 << 40)) for _ in range(total)]
    message = SessionMessage(None, numbers, b"", count, rows, mass)
    yield message, Outcome(batch, first, count)
    yield message, None


@pytest.mark.parametrize("run", range(4))
def test_answers_are_written_alike(run: int, seed: int) -> None:
    """Byte for byte, for every member, however small the parts are."""
    market = Market(seed + 100 + run)
    python, native = PythonOrderCodec(), build_codec(NATIVE)
    reports = trades = 0
    for _ in range(MESSAGES // 20):
        for message, outcome in _answers(market):
            for member_id in (1, 2, 3):
                bytes_max = market.chance.choice((1, 300, 1 << 20))
                args = (message, outcome, member_id, market.directory)
                expected = python.encode(*args, bytes_max=bytes_max)
                assert native.encode(*args, bytes_max=bytes_max) == expected
                reports += sum(map(len, expected))
            if outcome is not None:
                trades += sum(type(one.event) is Trade for one in outcome.all())
    assert reports > 0
    assert trades > 0


def test_new_names_are_known_at_once() -> None:
    """A directory that grows, and another one in its place."""
    native = build_codec(NATIVE)
    raw = pb.OrderSessionRequest(
        commands=[
            pb.OrderCommand(
                submit=pb.NewOrder(
                    cl_ord_id="a",
                    symbol="S1",
                    side=common_pb2.SIDE_BUY,
                    ord_type=common_pb2.ORD_TYPE_LIMIT,
                )
            )
        ]
    ).SerializeToString()
    python = PythonOrderCodec()
    for seed in (1, 2):
        market = Market(seed)
        for directory in (Directory(), market.directory):
            expected = python.decode(raw, 1, 0, directory).body
            assert native.decode(raw, 1, 0, directory).body == expected
