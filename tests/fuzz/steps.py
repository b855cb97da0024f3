"""What two engines are put through, as values: entries, and moments at which they are compared.

Room: steps, and the file that holds some: a line each, `entry TS_NS RECORD...` (records in hex) or
the name of a check. A file is replayed by `make fuzz REPLAY=file`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from exchange.model.codec import command_records, decode_command, encode_entry
from exchange.model.layout import CodecError


class Check(StrEnum):
    """A moment at which the states are compared."""

    COMPARE = "compare"
    NATIVE_RESTORED = "native-restored"
    REFERENCE_RESTORED = "reference-restored"


class Entry(NamedTuple):
    """Command records that are applied as one entry at a time."""

    ts_ns: int
    records: tuple[bytes, ...]


Step = Entry | Check


def write_steps(path: Path, steps: Iterable[Step]) -> None:
    """Write a file that `read_steps` reads; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{_line(step)}\n" for step in steps), encoding="ascii")


def read_steps(path: Path) -> list[Step]:
    """The steps of a file. Raises ValueError for a line that is none."""
    return [_step(line) for line in path.read_text(encoding="ascii").splitlines() if line]


def told(steps: Iterable[Step]) -> Iterator[str]:
    """Steps in words, a line each command."""
    for number, step in enumerate(steps, 1):
        if isinstance(step, Check):
            yield f"{number:4} {step.value}"
            continue
        if not step.records:
            yield f"{number:4} {step.ts_ns} nothing"
        for record in step.records:
            yield f"{number:4} {step.ts_ns} {_command(record)}"


def _line(step: Step) -> str:
    if isinstance(step, Check):
        return step.value
    return " ".join(["entry", str(step.ts_ns), *(record.hex() for record in step.records)])


def _step(line: str) -> Step:
    first, *rest = line.split()
    if first != "entry":
        return Check(first)
    return Entry(int(rest[0]), tuple(bytes.fromhex(record) for record in rest[1:]))


def _command(record: bytes) -> str:
    try:
        (row,) = command_records(encode_entry(1, 1, 0, 1, record))
        return f"{decode_command(row)} over session {row.session_id}"
    except CodecError as error:
        return f"{record.hex()}: {error}"
