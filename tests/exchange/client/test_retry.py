"""Which call is repeated, and what the error says at the end (the table of `retry.py`)."""

from __future__ import annotations

import pytest

from exchange.client import ClientError, OutcomeUnknownError, UnavailableError
from exchange.client.errors import Fault, OverloadedError, ServerFaultError, error_of
from exchange.client.retry import BACKOFF_S_MAX, Attempts

LOST = Fault("UNAVAILABLE", "UNAVAILABLE", "connection lost")
LATE = Fault("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", "late")
RESET = Fault("INTERNAL", "INTERNAL", "RST_STREAM")
STOPPING = Fault("UNAVAILABLE", "STOPPING", "stopping", is_of_exchange=True)
FULL = Fault("RESOURCE_EXHAUSTED", "QUEUE_FULL", "full", is_of_exchange=True, retry_after_s=0.5)
DISK = Fault("RESOURCE_EXHAUSTED", "DISK_NEARLY_FULL", "disk", is_of_exchange=True)
BROKEN = Fault("INTERNAL", "INTERNAL", "bug", is_of_exchange=True)
INVALID = Fault("INVALID_ARGUMENT", "INVALID_FIELD", "bad", is_of_exchange=True)
DENIED = Fault("PERMISSION_DENIED", "NOT_YOURS", "no", is_of_exchange=True)


def end_of(*faults: Fault, key: str = "k") -> ClientError:
    """The error of a call that met these faults, one second apart, within three seconds."""
    attempts = Attempts(key, deadline=3.0)
    for second, fault in enumerate(faults):
        attempts.sent += 1
        try:
            attempts.wait_s(fault, float(second))
        except ClientError as error:
            assert fault is faults[-1], "it gave up too early"
            return error
    raise AssertionError("it did not give up")


@pytest.mark.parametrize("fault", [LOST, LATE, RESET, STOPPING, FULL])
def test_what_may_be_better_later_is_repeated(fault: Fault) -> None:
    assert 0 < Attempts("k", deadline=60.0).wait_s(fault, 0.0) < 1


@pytest.mark.parametrize("fault", [INVALID, DENIED, DISK, BROKEN])
def test_what_will_not_be_better_is_not_repeated(fault: Fault) -> None:
    with pytest.raises(ClientError):
        Attempts("", deadline=60.0).wait_s(fault, 0.0)


@pytest.mark.parametrize("fault", [LOST, LATE, RESET])
def test_a_command_that_may_have_taken_effect_is_unknown(fault: Fault) -> None:
    error = end_of(fault, fault, fault, fault)

    assert isinstance(error, OutcomeUnknownError)
    assert (error.key, error.keys, error.attempts) == ("k", ("k",), 4)


def test_a_read_is_unavailable() -> None:
    assert isinstance(end_of(LOST, LATE, LOST, LOST, key=""), UnavailableError)


def test_a_command_that_was_never_admitted_is_not_unknown() -> None:
    assert isinstance(end_of(STOPPING, STOPPING, STOPPING, STOPPING), UnavailableError)
    assert isinstance(end_of(FULL, FULL, FULL, FULL), OverloadedError)


def test_one_doubtful_attempt_leaves_the_doubt() -> None:
    assert isinstance(end_of(LOST, STOPPING, STOPPING, STOPPING), OutcomeUnknownError)
    assert isinstance(end_of(LOST, DISK), OutcomeUnknownError)
    assert isinstance(end_of(LOST, DENIED), OutcomeUnknownError)


def test_an_answer_of_the_log_ends_the_doubt() -> None:
    assert end_of(LOST, INVALID).reason == "INVALID_FIELD"


def test_a_command_on_which_the_exchange_failed_is_unknown() -> None:
    assert isinstance(end_of(BROKEN), OutcomeUnknownError)
    assert isinstance(end_of(BROKEN, key=""), ServerFaultError)


def test_waits_grow_to_a_bound_and_heed_the_exchange() -> None:
    attempts = Attempts("k", deadline=1e9)
    waits = [attempts.wait_s(LOST, 0.0) for _ in range(20)]

    assert waits[0] < 0.05
    assert max(waits) <= BACKOFF_S_MAX
    assert Attempts("k", deadline=60.0).wait_s(FULL, 0.0) >= 0.5


def test_an_unforeseen_status_is_the_servers_fault() -> None:
    assert isinstance(error_of(Fault("DATA_LOSS", "DATA_LOSS", "?")), ServerFaultError)
