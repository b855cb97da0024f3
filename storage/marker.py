"""The marker file `LOCKSTEP`: says that a directory is ours, of which format and cluster.

Room: encodes, checks and writes one small JSON file. Invariant: the file is byte for byte the
canonical encoding of its fields, so that any flipped byte is found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.durable import write_durably
from storage.errors import CorruptionError, DataDirectoryAccessError, ForeignDataError
from storage.format import crc32c

MARKER_FILE: Final = "LOCKSTEP"
MAGIC: Final = "lockstep data directory"
FORMAT_VERSION: Final = 1
"""Version of the whole directory layout; a newer one is refused by name."""

_ACTION: Final = (
    "Refused. If the directory is known to be this cluster's, restore the file from a copy of it; "
    "otherwise choose another directory."
)


@dataclass(frozen=True, slots=True)
class Marker:
    """What the marker says: format version, and the cluster's id ("" = not bound to one)."""

    format_version: int
    cluster_id: str

    def encode(self) -> bytes:
        """Return the canonical bytes of the file."""
        fields: dict[str, object] = {
            "cluster_id": self.cluster_id,
            "format_version": self.format_version,
            "magic": MAGIC,
        }
        fields["crc32c"] = f"{crc32c(json.dumps(fields, sort_keys=True).encode()):08x}"
        return (json.dumps(fields, indent=2, sort_keys=True) + "\n").encode()


def write_marker(directory: Path, marker: Marker) -> None:
    """Write the marker durably. Raises OSError."""
    write_durably(directory / MARKER_FILE, marker.encode())


def read_marker(directory: Path) -> Marker | None:
    """Return the marker of a directory, or None when there is none.

    Raises:
        CorruptionError: the file is damaged.
        ForeignDataError: it is of a format this version does not read.
        DataDirectoryAccessError: it cannot be read.
    """
    path = directory / MARKER_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataDirectoryAccessError(directory, str(error)) from error
    try:
        fields = json.loads(content)
        marker = Marker(int(fields["format_version"]), str(fields["cluster_id"]))
    except (ValueError, KeyError, TypeError) as error:
        raise _corrupt(path, f"it cannot be read as a marker ({error})") from error
    if marker.encode() != content:
        raise _corrupt(path, "its bytes are not those of its fields")
    if marker.format_version != FORMAT_VERSION:
        raise ForeignDataError(
            directory,
            f"it is of format version {marker.format_version}, this program reads {FORMAT_VERSION}",
            "Use the program version that wrote it, or another directory.",
        )
    return marker


def _corrupt(path: Path, what: str) -> CorruptionError:
    return CorruptionError(str(path), "", "", what=what, action=_ACTION)
