"""The contract of the order codec, for each one that is built."""

from __future__ import annotations

import pytest

from exchange.api.v1 import order_service_pb2 as pb
from exchange.engine.reference.engine import ReferenceEngine
from exchange.errors import OperatorFault
from exchange.feeds.directory import Directory
from exchange.gateway.codec_choice import BUILT_CODECS, build_codec
from exchange.gateway.order_codec import OrderCodec
from exchange.model.batch import EventBatch, Outcome
from exchange.model.codec import (
    command_records,
    decode_command,
    encode_command,
    encode_entry,
)
from exchange.model.command import CreateInstrument, CreateMember, NewOrder, OpenSession
from exchange.model.enums import AssetClass, OrdType, Side, StpMode, TimeInForce
from exchange.model.instrument import Instrument
from tests.exchange.gateway.venue import PX, limit

ABC = Instrument(
    0, "ABC", AssetClass.EQUITY, "USD", "XEXC", PX // 100, 1, 0, 1, 1000, 0, 0, 0, 1, StpMode.ALLOW
)


class _Market:
    def __init__(self) -> None:
        self.engine = ReferenceEngine()
        self.directory = Directory()
        self.apply(
            b"".join(
                (
                    encode_command(CreateMember(name="m1", request_id="1", operator="op")),
                    encode_command(CreateInstrument(instrument=ABC, request_id="2", operator="op")),
                    encode_command(OpenSession(instrument_id=0, request_id="3", operator="op")),
                )
            ),
            3,
        )

    def apply(self, body: bytes, count: int) -> Outcome:
        index = self.engine.applied_index + 1
        batch = EventBatch(self.engine.apply(encode_entry(index, 1, index, count, body)))
        self.directory.on_batch(batch)
        return Outcome(batch, 0, count)


def _request(count: int) -> bytes:
    commands = [
        pb.OrderCommand(request_no=100 + number, submit=limit(f"o{number}", "buy", 1, 10))
        for number in range(count)
    ]
    return pb.OrderSessionRequest(commands=commands).SerializeToString()


@pytest.fixture(params=BUILT_CODECS)
def codec(request: pytest.FixtureRequest) -> OrderCodec:
    """Each codec in turn."""
    return build_codec(request.param)


def test_decoded_records_are_the_commands_with_their_session(codec: OrderCodec) -> None:
    market = _Market()
    message = codec.decode(_request(2), 1, 7, market.directory)

    entry = encode_entry(1, 1, 1, message.record_count, message.body)
    records = command_records(entry)
    assert [record.session_id for record in records] == [7, 7]
    assert decode_command(records[0]) == NewOrder(
        1, 1, 1, Side.BUY, OrdType.LIMIT, TimeInForce.DAY, 0, 0, 1, 10 * PX, 0, "o0"
    )
    assert (list(message.request_nos), message.logon, message.refused) == ([100, 101], None, [])


def test_parts_joined_are_one_response_with_results_in_order(codec: OrderCodec) -> None:
    """Serialized messages that are concatenated merge: that is what the session relies on."""
    market = _Market()
    message = codec.decode(_request(50), 1, 0, market.directory)
    outcome = market.apply(message.body, message.record_count)
    whole = codec.encode(message, outcome, 1, market.directory, bytes_max=1 << 20)
    split = codec.encode(message, outcome, 1, market.directory, bytes_max=500)

    assert len(whole) == 1
    assert len(split) > 3
    response = pb.OrderSessionResponse.FromString(b"".join(split))
    assert response == pb.OrderSessionResponse.FromString(whole[0])
    assert [result.request_no for result in response.results] == list(range(100, 150))


def test_reports_of_another_member_are_not_told(codec: OrderCodec) -> None:
    market = _Market()
    message = codec.decode(_request(1), 1, 0, market.directory)
    outcome = market.apply(message.body, message.record_count)
    (part,) = codec.encode(message, outcome, 2, market.directory, bytes_max=1 << 20)

    (result,) = pb.OrderSessionResponse.FromString(part).results
    assert not result.reports


def test_a_command_that_cannot_be_translated_does_not_stop_the_others(codec: OrderCodec) -> None:
    """SPEC.md: its result is a fault that names the field; the others are carried out."""
    market = _Market()
    commands = [
        pb.OrderCommand(request_no=1, submit=limit("a", "buy", 1, 10)),
        pb.OrderCommand(request_no=2, submit=pb.NewOrder(cl_ord_id="b", symbol="ABC")),
        pb.OrderCommand(request_no=3),
        pb.OrderCommand(request_no=4, mass_cancel=pb.MassCancel(cl_ord_id="all")),
    ]
    raw = pb.OrderSessionRequest(commands=commands).SerializeToString()
    message = codec.decode(raw, 1, 0, market.directory)
    assert [(row.position, row.field) for row in message.refused] == [(1, "side"), (2, "command")]
    assert (message.record_count, set(message.mass_cancels)) == (2, {3})

    outcome = market.apply(message.body, message.record_count)
    (part,) = codec.encode(message, outcome, 1, market.directory, bytes_max=1 << 20)
    results = pb.OrderSessionResponse.FromString(part).results
    assert [result.request_no for result in results] == [1, 2, 3, 4]
    assert [bool(result.fault.reason) for result in results] == [False, True, True, False]
    assert results[3].mass_cancel_report.canceled_count == 1


def test_a_name_that_is_not_built_here_is_refused() -> None:
    with pytest.raises(OperatorFault, match="no codec is named"):
        build_codec("rust")
