"""SubscribeExecutions: a member's reports from a sequence number on, never conflated.

Room: history first, then live batches, many reports a message, a heartbeat when idle. A reader that
falls behind the feed's bound is cut with SLOW_READER and the sequence number to resume from.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from exchange.api.v1 import order_service_pb2 as pb
from exchange.feeds.executions import ExecutionBatch
from exchange.gateway.call import Call
from exchange.gateway.field_checks import fault
from exchange.gateway.header import response_header
from exchange.gateway.live_reader import Idle, next_or_idle
from exchange.gateway.ports import Core
from exchange.gateway.principal import EVERY_MEMBER, readable_member_id
from exchange.gateway.reports import Reporter

RECORDS_PER_MESSAGE = 1024
"""Events told in one message: about 300 KB, far below the 4 MiB that clients take."""


class ExecutionStream:
    """Answers SubscribeExecutions."""

    def __init__(self, core: Core, *, heartbeat_s: float) -> None:
        self._core = core
        self._writer = Reporter(core.directory)
        self._heartbeat_s = heartbeat_s

    async def SubscribeExecutions(
        self, request: pb.SubscribeExecutionsRequest, call: Call
    ) -> AsyncIterator[pb.SubscribeExecutionsResponse]:
        """Reports of one member in order of exec_id; SLOW_READER or SEQ_NOT_AVAILABLE end it."""
        core = self._core
        member_id = readable_member_id(call.principal, request.member, core.directory)
        if member_id == EVERY_MEMBER:
            raise fault("member", "an operator names whose executions")
        start_seq = request.start_seq
        subscribed_at = core.last_seq
        subscription = core.executions.subscribe(member_id, start_seq)
        try:
            told = start_seq - 1 if start_seq else subscribed_at
            yield self._message(member_id, [], told)
            async for batch in subscription.history():
                for message in self._messages(member_id, [batch]):
                    yield message
            if told < subscribed_at:
                yield self._message(member_id, [], subscribed_at)
            while True:
                got = await next_or_idle(
                    subscription.live, lambda: core.last_seq, self._heartbeat_s
                )
                if isinstance(got, Idle):
                    message = self._message(member_id, [], got.seq)
                    message.heartbeat = True
                    yield message
                    continue
                if not got:
                    raise call.end_of_stream()
                for message in self._messages(member_id, got):
                    yield message
        finally:
            subscription.close()

    def _messages(
        self, member_id: int, batches: Sequence[ExecutionBatch]
    ) -> list[pb.SubscribeExecutionsResponse]:
        messages: list[pb.SubscribeExecutionsResponse] = []
        chunk: list[ExecutionBatch] = []
        count = 0
        for batch in batches:
            for start in range(0, len(batch.records), RECORDS_PER_MESSAGE):
                records = batch.records[start : start + RECORDS_PER_MESSAGE]
                if count and count + len(records) > RECORDS_PER_MESSAGE:
                    messages.append(self._message(member_id, chunk, chunk[-1].records[-1].seq))
                    chunk, count = [], 0
                chunk.append(ExecutionBatch(batch.log_index, batch.ts_ns, records))
                count += len(records)
        if chunk:
            messages.append(self._message(member_id, chunk, chunk[-1].records[-1].seq))
        return messages

    def _message(
        self, member_id: int, batches: Sequence[ExecutionBatch], seq: int
    ) -> pb.SubscribeExecutionsResponse:
        message = pb.SubscribeExecutionsResponse(header=response_header(self._core), seq=seq)
        for batch in batches:
            for record in batch.records:
                place = (record, member_id, batch.log_index, batch.ts_ns)
                report = self._writer.mass_cancel_report(*place)
                if report is not None:
                    message.mass_cancel_reports.append(report)
                else:
                    message.reports.extend(self._writer.reports(*place))
        return message
