"""What the service's processes have used: CPU and memory, from what a technician on its machine can read.

Two ways, in this order. The *supervisor* (`diemcau serve`) writes its number into the data folder; its children are found below
it in `/proc`, the private Valkey among them, and read there, which costs the service nothing. Where there is no supervisor on
this machine (systemd runs the processes, or they are elsewhere), `/metrics` tells of the signaling process that answers and of
its media node, and of nobody else. Which of the two it was is said in the result.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

PROC: Final = Path("/proc")
LOCK_FILE: Final = "serve.lock"
"""In the data folder; its content is the supervisor's process number."""
PARTS: Final = ("signaling", "node", "valkey")
_SAMPLE: Final = re.compile(r"^(diemcau_(?:node_)?(?:cpu_seconds(?:_total)?|resident_bytes)) (\S+)$", re.MULTILINE)


class UsageUnknownError(Exception):
    """The service's processes cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process has used.

    Attributes:
        cpu_s: CPU time of all its threads since it began.
        rss_bytes: its memory in RAM now.
        identity: changes when another process took its place, so that two readings cannot be compared.
    """

    cpu_s: float
    rss_bytes: int
    identity: str


Reading = Mapping[str, Usage]
"""By the part of the service: `signaling`, `node`, `valkey`."""


class Meter(Protocol):
    """Reads the service's processes."""

    @property
    def how(self) -> str:
        """`proc` or `metrics`."""
        ...

    def read(self) -> Reading:
        """What each part has used until now; raises `UsageUnknownError`."""
        ...


class ProcMeter:
    """The children of the supervisor of a data folder, by `/proc`."""

    how: Final = "proc"

    def __init__(self, data_dir: Path, proc: Path = PROC) -> None:
        self._data_dir, self._proc = data_dir, proc
        self._tick_s = 1.0 / os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")

    def read(self) -> Reading:
        """See `Meter`."""
        supervisor = self._supervisor()
        found: dict[str, Usage] = {}
        for pid in self._below(supervisor):
            part = self._part(pid)
            if part is not None and (usage := self._usage(pid)) is not None:
                found[part] = usage
        if not {"signaling", "node"} <= found.keys():
            missing = ", ".join(part for part in ("signaling", "node") if part not in found)
            raise UsageUnknownError(f"process {supervisor} of {self._data_dir / LOCK_FILE} has no child {missing}")
        return found

    def _supervisor(self) -> int:
        path = self._data_dir / LOCK_FILE
        try:
            return int(path.read_text().strip())
        except (OSError, ValueError) as error:
            raise UsageUnknownError(f"{path} names no process: {error}") from None

    def _below(self, pid: int) -> list[int]:
        """The children of a process, of all of its threads."""
        try:
            lists = [(task / "children").read_text() for task in (self._proc / str(pid) / "task").iterdir()]
        except OSError as error:
            raise UsageUnknownError(f"process {pid} cannot be read: {error}") from None
        return [int(word) for text in lists for word in text.split()]

    def _part(self, pid: int) -> str | None:
        try:
            words = (self._proc / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return None
        if any(name in words[0] for name in ("valkey-server", "redis-server")):
            return "valkey"
        return next((word for word in words[1:] if word in PARTS), None)

    def _usage(self, pid: int) -> Usage | None:
        try:
            line = (self._proc / str(pid) / "stat").read_text()
        except OSError:
            return None
        fields = line.rpartition(")")[2].split()  # from the third on: the second may hold blanks (proc(5))
        ticks = int(fields[11]) + int(fields[12])
        return Usage(ticks * self._tick_s, int(fields[21]) * self._page, f"{pid}:{fields[19]}")


class MetricsMeter:
    """`/metrics` of the signaling process that answers, and of its media node. `scrape` gives the page, or raises OSError."""

    how: Final = "metrics"

    def __init__(self, scrape: Callable[[], str]) -> None:
        self._scrape = scrape

    def read(self) -> Reading:
        """See `Meter`."""
        try:
            found = dict(_SAMPLE.findall(self._scrape()))
        except OSError as error:
            raise UsageUnknownError(f"/metrics does not answer: {error}") from None
        try:
            return {
                "signaling": _told(found["diemcau_cpu_seconds_total"], found["diemcau_resident_bytes"]),
                "node": _told(found["diemcau_node_cpu_seconds"], found["diemcau_node_resident_bytes"]),
            }
        except (KeyError, ValueError) as error:
            raise UsageUnknownError(f"/metrics does not say {error}") from None


def _told(cpu: str, memory: str) -> Usage:
    return Usage(float(cpu), int(float(memory)), "metrics")


def find_meter(data_dir: Path, scrape: Callable[[], str]) -> tuple[Meter | None, str]:
    """Choose the way that works now; with a sentence that says what did not, empty when the better one did.

    Nothing is chosen where neither works.
    """
    reasons = []
    for meter in (ProcMeter(data_dir), MetricsMeter(scrape)):
        try:
            meter.read()
        except UsageUnknownError as error:
            reasons.append(str(error))
        else:
            return meter, "; ".join(reasons)
    return None, "; ".join(reasons)


def cpu_between(before: Reading, after: Reading) -> dict[str, float] | None:
    """CPU seconds by part between two readings; None when a process is another one than before, or went back."""
    spent: dict[str, float] = {}
    for part, now in after.items():
        then = before.get(part)
        if then is None or then.identity != now.identity or now.cpu_s < then.cpu_s:
            return None
        spent[part] = now.cpu_s - then.cpu_s
    return spent if spent.keys() == before.keys() else None
