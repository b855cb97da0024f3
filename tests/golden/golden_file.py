"""How golden files are written and read; and whether they are to be written anew.

Room: the file formats. A `.hex` file is for eyes and diffs: a line with what it decodes to, then
the bytes, 32 a line. A `.log` file holds entries, each as u32 length (little-endian) and bytes.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from pathlib import Path

GOLDEN = Path(__file__).parent
REWRITE = os.environ.get("LOCKSTEP_REWRITE_GOLDEN") == "1"
BYTES_A_LINE = 32

_LENGTH = struct.Struct("<I")


def write_hex(path: Path, meaning: str, data: bytes) -> None:
    """Write bytes with the one line that says what they mean."""
    lines = [data[at : at + BYTES_A_LINE].hex() for at in range(0, len(data), BYTES_A_LINE)]
    path.write_text("\n".join([f"# {meaning}", *lines, ""]), encoding="utf-8")


def read_hex(path: Path) -> tuple[str, bytes]:
    """The meaning and the bytes of a `.hex` file."""
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    return first.removeprefix("# "), bytes.fromhex("".join(lines))


def write_log(path: Path, entries: Iterable[bytes]) -> None:
    """Write entries one after the other."""
    path.write_bytes(b"".join(_LENGTH.pack(len(entry)) + entry for entry in entries))


def read_log(path: Path) -> list[bytes]:
    """The entries of a `.log` file."""
    data = path.read_bytes()
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        entries.append(data[at : at + length])
        at += length
    return entries
