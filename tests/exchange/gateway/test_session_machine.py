"""The session machine without I/O: its states and its bounds."""

from __future__ import annotations

import pytest

from exchange.errors import ClientFault
from exchange.gateway.order_codec import SessionMessage
from exchange.gateway.session_machine import SessionMachine, SessionState


def _commands(count: int) -> SessionMessage:
    return SessionMessage(None, list(range(count)), b"", count, [], frozenset())


def _logon(*, cancels: bool = False, count: int = 0) -> SessionMessage:
    return _commands(count)._replace(logon=cancels)


def _machine() -> SessionMachine:
    return SessionMachine(commands_max=10, message_bytes_max=100)


@pytest.mark.parametrize("cancels", [True, False])
def test_logon_comes_first_and_alone(cancels: bool) -> None:
    machine = _machine()
    for wrong in (_commands(1), _commands(0), _logon(count=1)):
        with pytest.raises(ClientFault, match="logon"):
            machine.log_on(wrong)
        assert machine.state is SessionState.AWAIT_LOGON

    assert machine.log_on(_logon(cancels=cancels)) is cancels
    assert machine.state is SessionState.ACTIVE
    with pytest.raises(ClientFault, match="has its logon"):
        machine.take(_logon())


def test_reading_stops_at_the_bound_and_goes_on_below_it() -> None:
    machine = _machine()
    machine.log_on(_logon())
    taken = 0
    for _ in range(100):
        if machine.may_read:
            machine.take(_commands(7))
            taken += 7
    assert machine.in_flight_max <= taken < machine.in_flight_max + machine.commands_max

    for _ in range(taken // 7):
        machine.answered(_commands(7))
    assert (machine.in_flight, machine.may_read) == (0, True)


def test_bounds_of_a_message_are_inclusive() -> None:
    machine = _machine()
    machine.log_on(_logon())
    machine.take(_commands(10))
    machine.check_size(100)
    with pytest.raises(ClientFault, match="11 commands"):
        machine.take(_commands(11))
    with pytest.raises(ClientFault, match="101 bytes"):
        machine.check_size(101)
    assert machine.in_flight == 10
