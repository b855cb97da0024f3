"""The lock of a data directory: one process writes, others are refused by name.

Room: one file `lock` that holds the pid of the holder, and `flock` on it. The kernel drops the
lock when the process ends, however it ends; the file stays. Offline readers do not take it.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Final

from storage.errors import DataDirectoryBusyError

LOCK_FILE: Final = "lock"

_ATTEMPTS: Final = 4
_ATTEMPT_S: Final = 0.01


class DirectoryLock:
    """A held lock; made by `acquire`, given up by `release`."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    @classmethod
    def acquire(cls, directory: Path) -> DirectoryLock:
        """Take the lock of `directory` within some 40 ms.

        Raises:
            DataDirectoryBusyError: another process (or this one, already) holds it.
            OSError: the file cannot be made or written.
        """
        fd = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            _lock(fd)
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError as error:
            os.close(fd)
            raise DataDirectoryBusyError(directory, holder(directory)) from error
        except OSError:
            os.close(fd)
            raise
        return cls(fd)

    def release(self) -> None:
        """Give the lock up."""
        os.close(self._fd)


def _lock(fd: int) -> None:
    for _ in range(_ATTEMPTS):  # `is_held` of an offline reader holds it for microseconds
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_ATTEMPT_S)
        else:
            return
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def holder(directory: Path) -> int:
    """Return the pid that the lock file names; 0 when there is none."""
    try:
        text = (directory / LOCK_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return 0
    return int(text) if text.isdecimal() else 0


def is_held(directory: Path) -> bool:
    """Return whether a process holds the lock now. Raises OSError."""
    try:
        fd = os.open(directory / LOCK_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
