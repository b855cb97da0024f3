"""The order session as a machine without I/O: what may come when, and how much.

Everything that decides about a session's course lives here; the streams and tasks around it are
`order_session.py`.

    AWAIT_LOGON --logon--> ACTIVE --end--> ENDED

| state       | logon                      | commands              |
|-------------|----------------------------|-----------------------|
| AWAIT_LOGON | first message only, alone  | LOGON_EXPECTED        |
| ACTIVE      | LOGON_REPEATED             | up to the bounds      |

Invariant: 0 <= in_flight; reading stops while in_flight >= in_flight_max, so a session holds at
most in_flight_max + commands_max - 1 commands.
"""

from __future__ import annotations

from enum import Enum

from exchange.errors import ClientFault
from exchange.gateway.field_checks import check_size
from exchange.gateway.order_codec import SessionMessage

IN_FLIGHT_MESSAGES = 4
"""Full messages that may be unanswered: enough to keep the log busy while answers travel."""


class SessionState(Enum):
    """Where a session stands."""

    AWAIT_LOGON = "await_logon"
    ACTIVE = "active"
    ENDED = "ended"


class SessionMachine:
    """One order session.

    Args:
        commands_max: commands in one message.
        message_bytes_max: bytes of one message.
    """

    def __init__(self, *, commands_max: int, message_bytes_max: int) -> None:
        self.commands_max = commands_max
        self.message_bytes_max = message_bytes_max
        self.in_flight_max = IN_FLIGHT_MESSAGES * commands_max
        self.state = SessionState.AWAIT_LOGON
        self.in_flight = 0

    def check_size(self, size: int) -> None:
        """Raise ClientFault MESSAGE_TOO_LARGE for a message of too many bytes."""
        check_size(size, self.message_bytes_max)

    def log_on(self, message: SessionMessage) -> bool:
        """Take the first message; whether it asks for cancel-on-disconnect."""
        if message.logon is None:
            raise ClientFault("LOGON_EXPECTED", "the first message must hold `logon`")
        if message.request_nos:
            raise ClientFault(
                "LOGON_EXPECTED", "`logon` stands alone; send commands after LogonAck"
            )
        self.state = SessionState.ACTIVE
        return message.logon

    def take(self, message: SessionMessage) -> None:
        """Take a message of commands into flight."""
        if message.logon is not None:
            raise ClientFault("LOGON_REPEATED", "this session has its logon; open another stream")
        count = len(message.request_nos)
        if count > self.commands_max:
            raise ClientFault(
                "TOO_MANY_COMMANDS",
                f"{count} commands in one message; a session takes {self.commands_max}",
            )
        self.in_flight += count

    def answered(self, message: SessionMessage) -> None:
        """The results of a message went out."""
        self.in_flight -= len(message.request_nos)

    @property
    def may_read(self) -> bool:
        """Whether the next message may be read from the stream."""
        return self.in_flight < self.in_flight_max

    def end(self) -> None:
        """The stream ended, however."""
        self.state = SessionState.ENDED
