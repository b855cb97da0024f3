"""The machine that measured: figures mean nothing without it."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from typing import Any

import grpc
import psutil

import exchange


def machine(directory: Path) -> dict[str, Any]:
    """What the figures depend on.

    Args:
        directory: where the data of the run is written; its file system is named.
    """
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cpu": _cpu_model(),
        "cpus": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "load_1min": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "file_system": _file_system(directory),
        "python": platform.python_version(),
        "grpcio": grpc.__version__,
        "lockstep": exchange.__version__,
    }


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _file_system(directory: Path) -> str:
    resolved = directory.resolve()
    mounts = [
        part
        for part in psutil.disk_partitions(all=True)
        if resolved.is_relative_to(part.mountpoint)
    ]
    if not mounts:
        return "unknown"
    mount = max(mounts, key=lambda part: len(part.mountpoint))
    return f"{mount.fstype} on {mount.device}"
