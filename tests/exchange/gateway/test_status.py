"""The one table from errors to status: complete, documented, and each reason reachable."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from exchange.api.v1 import order_service_pb2
from exchange.errors import (
    ClientFault,
    InvariantViolation,
    NotLeader,
    NotServing,
    OutcomeUnknown,
    Overloaded,
)
from exchange.feeds.subscription import HistoryGone, SlowReader
from exchange.gateway.status import REASONS, answer, code_of_refusal
from exchange.model.reject import RejectReason

ROOT = Path(__file__).parents[3]
SPEC = (ROOT / "proto" / "SPEC.md").read_text()
ROW = re.compile(r"^\| `([A-Z_]+)` \| ([A-Z_]+) \|", re.MULTILINE)


def test_specification_lists_every_reason_with_its_status() -> None:
    listed = {name: StatusCode[code] for name, code in ROW.findall(SPEC)}
    refusals = {name: code for name, code in listed.items() if name not in REASONS}

    assert {name: code for name, code in listed.items() if name in REASONS} == REASONS
    assert refusals == {name: code_of_refusal(RejectReason[name]) for name in refusals}
    administration = {reason.name for reason in RejectReason if reason >= 600}
    assert administration <= set(listed)


def test_gateway_reasons_and_reject_reasons_share_no_name_with_another_code() -> None:
    for reason in RejectReason:
        assert reason.name not in REASONS


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (ClientFault("INVALID_FIELD", "x", field="price"), "INVALID_ARGUMENT", "INVALID_FIELD"),
        (ClientFault("UNKNOWN_ORDER", "x"), "NOT_FOUND", "UNKNOWN_ORDER"),
        (ClientFault("LIMIT_REACHED", "x"), "FAILED_PRECONDITION", "LIMIT_REACHED"),
        (Overloaded("QUEUE_FULL", "x"), "RESOURCE_EXHAUSTED", "QUEUE_FULL"),
        (Overloaded("DISK_NEARLY_FULL", "x"), "RESOURCE_EXHAUSTED", "DISK_NEARLY_FULL"),
        (Overloaded("EVENT_INDEX_BEHIND", "x"), "RESOURCE_EXHAUSTED", "EVENT_INDEX_BEHIND"),
        (SlowReader(7), "RESOURCE_EXHAUSTED", "SLOW_READER"),
        (HistoryGone(1, 5, 9), "OUT_OF_RANGE", "SEQ_NOT_AVAILABLE"),
        (NotServing("STOPPING", "x"), "UNAVAILABLE", "STOPPING"),
        (NotServing("NOTHING_TO_SNAPSHOT", "x"), "UNAVAILABLE", "NOTHING_TO_SNAPSHOT"),
        (NotLeader("n2", "127.0.0.1:7002", 4), "UNAVAILABLE", "NOT_LEADER"),
        (ClientFault("REGISTER_CHANGED", "x"), "ABORTED", "REGISTER_CHANGED"),
        (ClientFault("UNKNOWN_NODE", "x", field="node"), "NOT_FOUND", "UNKNOWN_NODE"),
        (OutcomeUnknown("x"), "UNAVAILABLE", "OUTCOME_UNKNOWN"),
        (TimeoutError(), "DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"),
        (InvariantViolation("X"), "INTERNAL", "INTERNAL"),
        (ValueError("secret"), "INTERNAL", "INTERNAL"),
    ],
)
def test_error_has_its_status(error: Exception, code: str, reason: str) -> None:
    told = answer(error)

    assert (told.code, told.reason) == (StatusCode[code], reason)
    assert "secret" not in told.message
    assert Status.FromString(told.details).code == told.code.value[0]


def test_field_and_wait_are_told_as_details() -> None:
    fault = Status.FromString(answer(ClientFault("INVALID_FIELD", "bad", field="price")).details)
    full = Status.FromString(answer(Overloaded("QUEUE_FULL", "x", retry_after_ms=1250)).details)
    request, retry = BadRequest(), RetryInfo()

    assert fault.details[1].Unpack(request)
    assert request.field_violations[0].field == "price"
    assert full.details[1].Unpack(retry)
    assert (retry.retry_delay.seconds, retry.retry_delay.nanos) == (1, 250_000_000)


def test_long_messages_fit_the_headers() -> None:
    told = answer(ClientFault("INVALID_FIELD", "x" * 100_000, field="price"))

    assert len(told.message) <= 1000
    assert len(told.details) < 4096


def test_service_config_retries_unavailable_only_and_names_existing_methods() -> None:
    config = json.loads((ROOT / "proto" / "service_config.json").read_text())
    methods = order_service_pb2.DESCRIPTOR.services_by_name["OrderService"].methods_by_name

    policies = [row["retryPolicy"] for row in config["methodConfig"] if "retryPolicy" in row]
    assert {code for policy in policies for code in policy["retryableStatusCodes"]} == {
        "UNAVAILABLE"
    }
    assert all(policy["maxAttempts"] <= 5 for policy in policies)
    streams = {row["method"] for row in config["methodConfig"][1]["name"]}
    assert {name for name, method in methods.items() if method.server_streaming} <= streams


def test_not_leader_says_who_leads() -> None:
    told = Status.FromString(answer(NotLeader("n2", "127.0.0.1:7002", 4)).details)
    info = ErrorInfo()

    assert told.details[0].Unpack(info)
    assert dict(info.metadata) == {
        "leader_id": "n2",
        "leader_endpoint": "127.0.0.1:7002",
        "epoch": "4",
    }
    assert "no node leads now" in str(NotLeader("", "", 4))
