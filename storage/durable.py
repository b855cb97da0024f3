"""Durable small files: written whole or not at all, and still there after power loss.

Room: the write, flush, rename, flush-the-directory sequence, in one place.
"""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(path: Path, content: bytes) -> None:
    """Replace `path` by `content`; after return the new content survives power loss.

    A reader, or a start after a crash, sees the old content or the new one, never a part.
    Raises OSError.
    """
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    fsync_directory(path.parent)


def fsync_directory(path: Path) -> None:
    """Flush a directory, so that names created or renamed in it survive. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
