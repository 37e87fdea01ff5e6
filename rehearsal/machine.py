"""On what a rehearsal was played: figures mean nothing without it."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any, Final

_CPUINFO: Final = Path("/proc/cpuinfo")
_MEMINFO: Final = Path("/proc/meminfo")


def machine() -> dict[str, Any]:
    """Processor, cores that this process may use, memory, system, load before it began. What cannot be read is left out."""
    facts: dict[str, Any] = {
        "cpu": _field(_CPUINFO, "model name") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
    }
    memory = _field(_MEMINFO, "MemTotal")
    if memory:
        facts["memory_gib"] = round(int(memory.split()[0]) / (1 << 20), 1)
    return facts


def version() -> str:
    """Of the package that is installed; ``unknown`` where it is not."""
    try:
        return metadata.version("diemcau")
    except metadata.PackageNotFoundError:
        return "unknown"


def _field(path: Path, name: str) -> str:
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == name), "")
