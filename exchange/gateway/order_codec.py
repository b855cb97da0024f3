"""The codec of the order session: raw gRPC bytes <-> command records and event batches.

Room: the port `OrderCodec` and its implementation on the generated protobuf classes. A session
message is handed over as it came and the answer is given as it goes, so that a codec in native code
can take the place of this one; this one is its specification (DESIGN section 4).

A command that cannot be translated gets a `CommandFault` as its result; the other commands of the
message are carried out. Results stand in the order of the commands. Protobuf's own rule that
concatenated messages merge lets answers of one log entry be joined without being read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from google.protobuf.message import DecodeError

from exchange.api.v1 import order_service_pb2 as pb
from exchange.errors import ClientFault
from exchange.feeds.directory import Directory
from exchange.gateway.field_checks import malformed
from exchange.gateway.reports import Reporter
from exchange.gateway.translate_orders import order_command
from exchange.model.batch import Outcome
from exchange.model.codec import EventRecord, encode_command

PYTHON = "python"


class RefusedCommand(NamedTuple):
    """A command that never reached the log, by its position in the message."""

    position: int
    reason: str
    message: str
    field: str
    retry_after_ms: int


class SessionMessage(NamedTuple):
    """A decoded message of a client.

    Attributes:
        logon: None, or whether it asks for cancel-on-disconnect.
        request_nos: of all commands, in order; a list, or a view of u64.
        body: command records of those that were not refused, one after the other.
        record_count: records in `body`.
        refused: by position, ascending.
        mass_cancels: positions of mass cancels, whose refusal has its own report.
    """

    logon: bool | None
    request_nos: Sequence[int] | memoryview[int]
    body: bytes
    record_count: int
    refused: list[RefusedCommand]
    mass_cancels: frozenset[int]


class OrderCodec(Protocol):
    """Bytes in, bytes out; no state. Event loop thread only."""

    @property
    def name(self) -> str:
        """As GetStatus shows it."""

    def decode(
        self, raw: bytes, member_id: int, session_id: int, directory: Directory
    ) -> SessionMessage:
        """A message of a client; ClientFault MALFORMED_MESSAGE if it is none."""

    def encode(
        self,
        message: SessionMessage,
        outcome: Outcome | None,
        member_id: int,
        directory: Directory,
        *,
        bytes_max: int,
    ) -> list[bytes]:
        """The results of a message as serialized parts of an OrderSessionResponse, in order.

        Args:
            message: as decoded.
            outcome: of its records; None if there were none.
            member_id: whose reports to tell.
            directory: names.
            bytes_max: a part is closed once it has this many bytes; one result may exceed it.
        """


class PythonOrderCodec:
    """The codec on the generated protobuf classes."""

    name = PYTHON

    def decode(
        self, raw: bytes, member_id: int, session_id: int, directory: Directory
    ) -> SessionMessage:
        """As OrderCodec.decode."""
        try:
            request = pb.OrderSessionRequest.FromString(raw)
        except DecodeError as error:
            raise malformed("OrderSessionRequest", error) from error
        request_nos: list[int] = []
        records: list[bytes] = []
        refused: list[RefusedCommand] = []
        mass_cancels: set[int] = set()
        for position, item in enumerate(request.commands):
            request_nos.append(item.request_no)
            try:
                command = order_command(item, member_id, directory)
            except ClientFault as error:
                refused.append(
                    RefusedCommand(position, error.reason, error.message, error.field, 0)
                )
                continue
            if item.HasField("mass_cancel"):
                mass_cancels.add(position)
            records.append(encode_command(command, session_id))
        return SessionMessage(
            request.logon.cancel_on_disconnect if request.HasField("logon") else None,
            request_nos,
            b"".join(records),
            len(records),
            refused,
            frozenset(mass_cancels),
        )

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
        writer = _ResultWriter(outcome, member_id, Reporter(directory))
        refused = {row.position: row for row in message.refused}
        parts: list[bytes] = []
        response = pb.OrderSessionResponse()
        size = submitted = 0
        for position, request_no in enumerate(message.request_nos):
            result = response.results.add(request_no=request_no)
            row = refused.get(position)
            if row is not None:
                result.fault.reason = row.reason
                result.fault.message = row.message
                result.fault.field = row.field
                result.fault.retry_after_ms = row.retry_after_ms
            else:
                writer.write(result, submitted, is_mass_cancel=position in message.mass_cancels)
                submitted += 1
            size += result.ByteSize()
            if size >= bytes_max:
                parts.append(response.SerializeToString())
                response, size = pb.OrderSessionResponse(), 0
        if response.results:
            parts.append(response.SerializeToString())
        return parts


class _ResultWriter:
    def __init__(self, outcome: Outcome | None, member_id: int, reporter: Reporter) -> None:
        self._outcome = outcome
        self._member_id = member_id
        self._reporter = reporter

    def write(self, result: pb.CommandResult, submitted: int, *, is_mass_cancel: bool) -> None:
        if self._outcome is None:
            return
        head = self._outcome.batch.head
        for record in self._outcome.of(submitted):
            place = (record, self._member_id, head.log_index, head.ts_ns)
            if is_mass_cancel and not result.HasField("mass_cancel_report"):
                report = mass_cancel_answer(self._reporter, *place)
                if report is not None:
                    result.mass_cancel_report.CopyFrom(report)
                    continue
            result.reports.extend(self._reporter.reports(*place))


def mass_cancel_answer(
    reporter: Reporter, record: EventRecord, member_id: int, log_index: int, ts_ns: int
) -> pb.MassCancelReport | None:
    """The acknowledgement or refusal of a mass cancel, if this event is it."""
    return reporter.mass_cancel_report(
        record, member_id, log_index, ts_ns
    ) or reporter.refused_mass_cancel(record, member_id, log_index, ts_ns)
