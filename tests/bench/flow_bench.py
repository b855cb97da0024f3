"""The recorded order flow (`tests/real_flow.py`) through the public API, events a second.

Order session, 1000 commands a message, IN_FLIGHT messages at a time, fsync on. The rate counts the
events of the recording, of which a few give no command.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from pathlib import Path

from chaos.process import NodeProcess
from tests.bench.figures import Report
from tests.flow_replay import messages_of, replay, set_up
from tests.real_flow import EVENTS, make_tape, read_events, recording

SIZE = 1000
IN_FLIGHT = 8


def bench_flow(report: Report, directory: Path, *, quick: bool) -> None:
    """`flow.replay.events_per_s` and `flow.restart_s`."""
    path = recording()
    if path is None:
        report.skip("flow.replay.events_per_s", "ob-analytics is not installed (make setup)")
        return
    events = 10_000 if quick else EVENTS
    tape = make_tape(read_events(path, events))
    messages = messages_of(tape.commands, itertools.repeat(SIZE))
    node = NodeProcess(directory / "flow")
    node.start()
    try:
        node.wait_serving()
        asyncio.run(set_up(node.endpoint))
        began = time.perf_counter()
        asyncio.run(replay(node.endpoint, messages, IN_FLIGHT))
        rate = events / (time.perf_counter() - began)
        report.rate("flow.replay.events_per_s", [rate], note=f"{events} events, 1000 a message")
        node.kill()
        began = time.perf_counter()
        node.start()
        node.wait_serving()
        note = f"after kill -9, {len(tape.commands)} commands in the log"
        report.value("flow.restart_s", [time.perf_counter() - began], "s", note=note)
        node.stop()
    finally:
        node.kill()
