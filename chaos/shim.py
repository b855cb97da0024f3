"""A bad disk and a wrong clock for a node that runs: the shim beneath it, and the levers on it.

Room: building `shim.cpp` with the machine's C++ compiler, the environment that loads it into a
process, and the page of memory that says what it does (layout in `shim.cpp`). No root. Without a
compiler there is no shim, and `missing()` says why; what needs it is then left out, with that text.
"""

from __future__ import annotations

import mmap
import os
import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("shim.cpp")
COMPILERS: Final = ("c++", "g++", "clang++")
FLAGS: Final = ("-std=c++20", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC")
BUILD_S: Final = 120
PAGE_BYTES: Final = 4096
NS_PER_MS: Final = 1_000_000
NS_PER_S: Final = 1_000_000_000
_WORD: Final = struct.Struct("<q")
_SYNC_DELAY, _SYNC_HANG, _SYNC_ERRNO, _WRITE_ERRNO, _NO_SPACE, _CLOCK = range(0, 48, 8)
_DISK_HITS, _CLOCK_HITS = 48, 56


def missing() -> str:
    """Why the shim cannot be had on this machine; "" = it can."""
    if os.name != "posix" or not Path("/proc/self/fd").is_dir():
        return "the shim needs Linux"
    if _compiler() is None:
        return f"the shim needs a C++ compiler ({', '.join(COMPILERS)})"
    return ""


def build(directory: Path) -> Path:
    """The library, built anew in `directory`. Raises OSError if the compiler refuses."""
    compiler = _compiler()
    if compiler is None:
        raise OSError(missing())
    library = directory.resolve() / "shim.so"
    done = subprocess.run(
        [compiler, *FLAGS, "-o", str(library), str(SOURCE), "-ldl"],
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        check=False,
    )
    if done.returncode:
        raise OSError(f"{compiler} does not build {SOURCE.name}:\n{done.stderr}")
    return library


class Levers:
    """What the shim does to one process; every change holds from its next call on.

    Args:
        library: as `build` gave it.
        page: the control page's file; made here, and kept over restarts of the process.
        under: only files below this directory are touched.
    """

    def __init__(self, library: Path, page: Path, under: Path) -> None:
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "LOCKSTEP_SHIM_CONTROL": str(page.resolve()),
            "LOCKSTEP_SHIM_UNDER": str(under.resolve()),
        }
        page.write_bytes(bytes(PAGE_BYTES))
        with page.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), PAGE_BYTES)

    def slow_disk(self, delay_ms: int) -> None:
        """Every flush takes so much longer."""
        self._set(_SYNC_DELAY, delay_ms * NS_PER_MS)

    def hang_disk(self) -> None:
        """No flush returns until `heal`."""
        self._set(_SYNC_HANG, 1)

    def fail_flushes(self, code: int) -> None:
        """Every flush fails with this errno."""
        self._set(_SYNC_ERRNO, code)

    def fail_writes(self, code: int) -> None:
        """Every write fails with this errno."""
        self._set(_WRITE_ERRNO, code)

    def fill_disk(self) -> None:
        """No file can grow any more: ENOSPC; what is allocated can still be written."""
        self._set(_NO_SPACE, 1)

    def bend_clock(self, offset_s: float) -> None:
        """The wall clock that the process reads is off by so much; 0 = the true time again."""
        self._set(_CLOCK, int(offset_s * NS_PER_S))

    def heal(self) -> None:
        """A good disk and the true time; the counts begin anew."""
        self._page[:] = bytes(PAGE_BYTES)

    @property
    def disk_hits(self) -> int:
        """Writes and flushes that met a fault since `heal`."""
        return self._get(_DISK_HITS)

    @property
    def clock_hits(self) -> int:
        """Readings of the wall clock that were bent since `heal`."""
        return self._get(_CLOCK_HITS)

    def close(self) -> None:
        """Let the page go; the process keeps what it maps."""
        self._page.close()

    # One aligned store: the process sees the old value or the new one.
    def _set(self, offset: int, value: int) -> None:
        _WORD.pack_into(self._page, offset, value)

    def _get(self, offset: int) -> int:
        value: int = _WORD.unpack_from(self._page, offset)[0]
        return value


def _compiler() -> str | None:
    return next(filter(None, map(shutil.which, COMPILERS)), None)
