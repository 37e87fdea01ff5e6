"""The line that shows how far a play is, and on what machine it was played."""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path

import pytest

import rehearsal.machine
from rehearsal.machine import machine
from rehearsal.progress import line_of, show
from rehearsal.record import Second
from rehearsal.run import Status
from tests.harness.virtual_time import run_virtually

SECOND = Second(31.0, "meeting", 5, 60, 1_471_650.0, {"node": 0.9, "signaling": 0.1}, 0.25, 12.3, 4.0)
STATUS = Status("meeting", 20.0, 30.0, 31.0, 5, 5, 60, 60, 0, SECOND, 2, 5, 0)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line() -> None:
    line = line_of(STATUS)
    for part in (
        "31 s",
        "họp / meeting 11/30 s",
        "WS 5/5",
        "media 60/60",
        "1.472M pkt/s",
        "CPU 1.00+0.25",
        "p99 12.3 ms",
        "calls 2/5",
    ):
        assert part in line
    assert "FAILED" not in line
    assert "BAD" not in line
    worse = line_of(Status(phase="join", points=60, joined=3, failed=2, bad_packets=7))
    assert "FAILED 2" in worse
    assert "BAD 7" in worse
    assert "CPU" not in worse


async def _shown(stream: io.StringIO, seconds: float) -> str:
    task = asyncio.create_task(show(lambda: STATUS, stream))
    await asyncio.wait({task}, timeout=seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return stream.getvalue()


def test_a_file_gets_a_line_every_five_seconds() -> None:
    text = run_virtually(_shown(io.StringIO(), 21))
    assert text == (line_of(STATUS) + "\n") * 4


def test_a_terminal_has_one_line_that_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = run_virtually(_shown(Terminal(), 2.2))
    assert "\n" not in text
    assert text.count("\r") == 5, "four times drawn, and cleared at the end"
    assert text.endswith("\r\x1b[K")
    assert all(len(part.replace("\x1b[K", "")) <= 39 for part in text.split("\r"))


def test_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = machine()
    assert facts["cores"] == len(os.sched_getaffinity(0))
    assert facts["memory_gib"] > 0.1
    assert facts["cpu"]
    monkeypatch.setattr(rehearsal.machine, "_MEMINFO", tmp_path / "nothing")
    monkeypatch.setattr(rehearsal.machine, "_CPUINFO", tmp_path / "nothing")
    facts = machine()
    assert "memory_gib" not in facts
    assert facts["cpu"]
