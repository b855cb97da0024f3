"""Whatever bytes and whatever messages come: a status with its reason, and the server stays up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc import aio

from exchange.api.v1 import (
    admin_service_pb2,
    cluster_service_pb2,
    dark_service_pb2,
    market_data_service_pb2,
    order_service_pb2,
    reference_data_service_pb2,
    risk_service_pb2,
)
from exchange.gateway.status import REASONS
from exchange.model.reject import RejectReason
from tests.exchange.gateway.venue import M1, OPERATOR, Venue, refusal

MODULES: tuple[Any, ...] = (
    admin_service_pb2,
    cluster_service_pb2,
    dark_service_pb2,
    market_data_service_pb2,
    order_service_pb2,
    reference_data_service_pb2,
    risk_service_pb2,
)
ROUNDS = 40
KNOWN_REASONS = {*REASONS, *(reason.name for reason in RejectReason)}
TEXTS = ("", "m1", "m2", "ABC", "a1", "local", "x" * 40, "ä\n", "\x00", "9" * 60, "-1", "1")
NUMBERS = (0, 1, 2, 3, 99, -1, 255, 256, 65_536, (1 << 31) - 1, 1 << 40, (1 << 63) - 1, -(1 << 63))


class Tried(NamedTuple):
    """How a call ended."""

    code: str
    reason: str


def _methods() -> Iterator[MethodDescriptor]:
    for module in MODULES:
        for service in module.DESCRIPTOR.services_by_name.values():
            yield from service.methods


def _fill(message: Message, chance: random.Random, depth: int = 0) -> Message:
    """Set a random part of the fields to values from the edges of their types."""
    for field in message.DESCRIPTOR.fields:
        if chance.random() < 0.35 or depth > 3:
            continue
        if field.message_type is not None:
            if field.is_repeated:
                for _ in range(chance.randrange(4)):
                    _fill(getattr(message, field.name).add(), chance, depth + 1)
            else:
                _fill(getattr(message, field.name), chance, depth + 1)
        elif field.is_repeated:
            getattr(message, field.name).extend(
                _scalar(field, chance) for _ in range(chance.randrange(4))
            )
        else:
            setattr(message, field.name, _scalar(field, chance))
    return message


def _scalar(field: Any, chance: random.Random) -> Any:
    number = chance.choice((*NUMBERS, chance.randrange(12)))
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            return chance.choice(TEXTS)
        case FieldDescriptor.CPPTYPE_BOOL:
            return chance.random() < 0.5
        case FieldDescriptor.CPPTYPE_UINT32:
            return number & 0xFFFF_FFFF
        case FieldDescriptor.CPPTYPE_UINT64:
            return number & 0xFFFF_FFFF_FFFF_FFFF
        case FieldDescriptor.CPPTYPE_INT64:
            return number
        case _:
            return max(-(1 << 31), min(number, (1 << 31) - 1))


async def _try(venue: Venue, method: MethodDescriptor, raws: list[bytes], metadata: Any) -> Tried:
    path = f"/{method.containing_service.full_name}/{method.name}"
    channel: Any = venue.channel  # without serializers it takes and gives bytes
    try:
        async with asyncio.timeout(10):
            if not method.server_streaming:
                await channel.unary_unary(path)(raws[0], metadata=metadata)
            elif not method.client_streaming:
                call = channel.unary_stream(path)(raws[0], metadata=metadata)
                await call.read()
                call.cancel()
            else:
                stream = channel.stream_stream(path)(metadata=metadata)
                for raw in raws:
                    await stream.write(raw)
                await stream.done_writing()
                while await stream.read() is not aio.EOF:
                    pass
    except aio.AioRpcError as error:
        if "SendMessageOperation" in (error.debug_error_string() or ""):
            return Tried("ENDED", "")  # ours: written to a stream that the server has ended
        told = refusal(error)
        return Tried(told.code.name, told.reason)
    except asyncio.InvalidStateError:  # written to a stream that the server has ended
        return Tried("ENDED", "")
    return Tried("OK", "")


async def _is_well(venue: Venue) -> None:
    """A member can still trade, and the engine has lost nothing of its order."""
    await venue.admin.CreateMember(
        admin_service_pb2.CreateMemberRequest(request_id="after-fuzz", name="after-fuzz")
    )
    metadata = (("lockstep-member", "after-fuzz"),)
    reports = await venue.submit("last", "buy", 1, 10, metadata)
    assert len(reports) == 1
    assert venue.core.applied_index == reports[0].log_index


@pytest.mark.parametrize("method", list(_methods()), ids=lambda method: method.name)
async def test_random_messages_get_an_answer_with_a_reason(
    venue: Venue, method: MethodDescriptor, seed: int
) -> None:
    chance = random.Random(seed)
    request_class = GetMessageClass(method.input_type)
    for _ in range(ROUNDS):
        raws = [_fill(request_class(), chance).SerializeToString() for _ in range(3)]
        tried = await _try(venue, method, raws, chance.choice((M1, OPERATOR)))
        assert tried.reason in {*KNOWN_REASONS, ""}
        assert tried.code not in {"INTERNAL", "UNKNOWN", "DEADLINE_EXCEEDED"}
    await _is_well(venue)


@pytest.mark.parametrize("method", list(_methods()), ids=lambda method: method.name)
async def test_random_bytes_get_an_answer_with_a_reason(
    venue: Venue, method: MethodDescriptor, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        raws = [chance.randbytes(chance.choice((0, 1, 7, 60, 3000))) for _ in range(2)]
        tried = await _try(venue, method, raws, chance.choice((M1, OPERATOR)))
        assert tried.reason in {*KNOWN_REASONS, ""}
        assert tried.code not in {"INTERNAL", "UNKNOWN", "DEADLINE_EXCEEDED"}
    await _is_well(venue)


async def test_bytes_that_are_no_message_are_named_so(venue: Venue) -> None:
    for method in _methods():
        if not method.input_type.fields:
            continue
        tried = await _try(venue, method, [b"\xff\xff\xff"], OPERATOR)
        expected = "MEMBER_REQUIRED" if method.name == "OrderSession" else "MALFORMED_MESSAGE"
        assert tried.reason == expected, method.name
    session = order_service_pb2.DESCRIPTOR.services_by_name["OrderService"].methods_by_name[
        "OrderSession"
    ]
    assert (await _try(venue, session, [b"\xff\xff\xff"], M1)).reason == "MALFORMED_MESSAGE"
