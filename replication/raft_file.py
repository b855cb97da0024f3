"""The file under the register's journal: append durably, replace whole, read at the start.

Room: system calls and nothing else; what the bytes mean is `raft_journal.py`. After an error of
`append` or `replace` the file may hold a part; the journal then stops, and the next start finds
the torn end.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from storage.durable import fsync_directory, write_durably


class JournalFile(Protocol):
    """What the journal needs of a disk. One thread. Every method raises OSError."""

    @property
    def name(self) -> str:
        """Where it is, for error texts."""

    def read(self) -> bytes:
        """All of it; empty when it does not exist yet."""

    def append(self, data: bytes) -> None:
        """Write at the end; durable on return."""

    def replace(self, content: bytes) -> None:
        """Put `content` in its place, whole or not at all; durable on return."""

    def close(self) -> None:
        """Release what it holds."""


class DiskFile:
    """A file on disk. Raises OSError when it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        is_new = not path.exists()
        self._fd = self._opened()
        if is_new:
            fsync_directory(path.parent)

    @property
    def name(self) -> str:
        """Its path."""
        return str(self._path)

    def read(self) -> bytes:
        """As `JournalFile.read`."""
        return self._path.read_bytes()

    def append(self, data: bytes) -> None:
        """As `JournalFile.append`."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]
        os.fdatasync(self._fd)

    def replace(self, content: bytes) -> None:
        """As `JournalFile.replace`."""
        write_durably(self._path, content)
        os.close(self._fd)
        self._fd = self._opened()

    def close(self) -> None:
        """Close the descriptor; idempotent."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _opened(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
