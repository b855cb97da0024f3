"""Every administrative RPC takes one course: operator, key, log, header, poss_dup."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message_factory import GetMessageClass

from exchange.api.v1 import admin_service_pb2, dark_service_pb2, risk_service_pb2
from tests.exchange.gateway.venue import M1, OPERATOR, Venue, refused

SERVICES = {
    "admin": admin_service_pb2.DESCRIPTOR.services_by_name["AdminService"],
    "risk": risk_service_pb2.DESCRIPTOR.services_by_name["RiskService"],
    "dark": dark_service_pb2.DESCRIPTOR.services_by_name["DarkService"],
}
COMMANDS = [
    (stub, method)
    for stub, service in SERVICES.items()
    for method in service.methods
    if "request_id" in method.input_type.fields_by_name
]


def test_there_are_commands_in_every_service() -> None:
    assert {stub for stub, _ in COMMANDS} == set(SERVICES)
    assert len(COMMANDS) > 25


@pytest.mark.parametrize(("stub", "method"), COMMANDS, ids=[m.name for _, m in COMMANDS])
async def test_a_command_asks_first_who_calls_and_then_for_its_key(
    venue: Venue, stub: str, method: Any
) -> None:
    """R1.5, R10.1: nothing of the request is looked at before."""
    call = getattr(getattr(venue, stub), method.name)
    request = GetMessageClass(method.input_type)(request_id="k" * 37)
    before = venue.core.applied_index
    if stub != "admin":  # where nobody proves who calls, AdminService takes all for operators
        assert (await refused(call(request, metadata=M1))).reason == "OPERATOR_REQUIRED"
    got = await refused(call(request, metadata=OPERATOR))
    assert (got.reason, got.metadata["field"]) == ("INVALID_FIELD", "request_id")
    assert venue.core.applied_index == before


async def test_a_repeat_is_answered_with_its_own_place_in_the_log(venue: Venue) -> None:
    request = risk_service_pb2.EmergencyCloseRequest(request_id="e", reason="drill")
    first = await venue.risk.EmergencyClose(request, metadata=OPERATOR)
    again = await venue.risk.EmergencyClose(request, metadata=OPERATOR)

    assert (first.poss_dup, again.poss_dup) == (False, True)
    assert again.header.log_index > first.header.log_index
    assert first.header.node == again.header.node == "n1"
