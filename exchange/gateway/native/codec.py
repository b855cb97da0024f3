"""The order codec in native code: the same answers as the Python codec, which stays its oracle.

Room: keeps the table of names up to date and hands messages over. What the native code does not
take (malformed bytes, groups, text beyond ASCII, busts and corrections) goes to the Python codec as
it came, so that errors have one wording.
"""

from __future__ import annotations

from array import array

from exchange.api.v1 import order_service_pb2 as pb
from exchange.errors import ClientFault
from exchange.feeds.directory import Directory
from exchange.gateway.codec_choice import NATIVE
from exchange.gateway.native._codec import Codec
from exchange.gateway.order_codec import PythonOrderCodec, RefusedCommand, SessionMessage
from exchange.gateway.translate_orders import order_command
from exchange.model.batch import Outcome
from exchange.model.instrument import Instrument
from exchange.model.reject import TEXT


class NativeOrderCodec:
    """As OrderCodec; beside names and the newest batches it keeps nothing between calls."""

    name = NATIVE

    def __init__(self) -> None:
        self._python = PythonOrderCodec()
        self._directory: Directory | None = None
        self._named_count = 0
        self._codec = _codec_with_reasons()

    def decode(
        self, raw: bytes, member_id: int, session_id: int, directory: Directory
    ) -> SessionMessage:
        """As OrderCodec.decode."""
        self._learn(directory)
        found = self._codec.decode(raw, member_id, session_id)
        if found is None:
            return self._python.decode(raw, member_id, session_id, directory)
        logon, request_nos, body, count, odd, mass_cancels = found
        refused: list[RefusedCommand] = []
        for position, command in odd:
            fault = _fault_of(command, member_id, directory)
            if fault is None:  # the two disagree: the specification decides
                return self._python.decode(raw, member_id, session_id, directory)
            refused.append(RefusedCommand(position, fault.reason, fault.message, fault.field, 0))
        numbers = memoryview(request_nos).cast("Q")
        return SessionMessage(logon, numbers, body, count, refused, mass_cancels)

    def encode(
        self,
        message: SessionMessage,
        outcome: Outcome | None,
        member_id: int,
        directory: Directory,
        *,
        bytes_max: int,
    ) -> list[bytes]:
        """As OrderCodec.encode."""
        self._learn(directory)
        numbers = message.request_nos
        parts = self._codec.encode(
            numbers if isinstance(numbers, memoryview) else array("Q", numbers).tobytes(),
            message.refused,
            message.mass_cancels,
            outcome.batch.raw if outcome else None,
            outcome.first_command_no if outcome else 0,
            member_id,
            bytes_max,
        )
        if parts is None:
            return self._python.encode(message, outcome, member_id, directory, bytes_max=bytes_max)
        return parts

    def _learn(self, directory: Directory) -> None:
        if directory is not self._directory:
            self._codec, self._directory, self._named_count = _codec_with_reasons(), directory, 0
        if directory.named_count == self._named_count:
            return
        for one in directory.named_from(self._named_count):
            if isinstance(one, Instrument):
                self._codec.instrument(one.instrument_id, one.symbol)
            else:
                self._codec.account(one.account_id, one.member_id, one.name)
        self._named_count = directory.named_count


def _codec_with_reasons() -> Codec:
    codec = Codec()
    for reason, text in TEXT.items():
        codec.reason(int(reason), text)
    return codec


def _fault_of(command: bytes, member_id: int, directory: Directory) -> ClientFault | None:
    try:
        order_command(pb.OrderCommand.FromString(command), member_id, directory)
    except ClientFault as fault:
        return fault
    return None
