"""How far a play is, on the standard error: one line drawn anew on a terminal, a line every few seconds anywhere else."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from typing import Final, TextIO

from rehearsal.plot import short
from rehearsal.run import Status

REDRAW_S: Final = 0.5
LINE_S: Final = 5.0
PHASES: Final = {
    "before": "trước / before",
    "arrive": "đến / arriving",
    "join": "vào / joining",
    "idle": "yên / quiet",
    "start": "bắt đầu / starting",
    "meeting": "họp / meeting",
    "end": "kết thúc / ending",
}


def line_of(status: Status) -> str:
    """The status as one line."""
    last = status.last
    in_phase_s = max(0.0, status.now_s - status.phase_began_s)
    length = f"/{status.phase_s:g}" if status.phase_s is not None else ""
    parts = [f"{status.now_s:4.0f} s", f"{PHASES[status.phase]} {in_phase_s:.0f}{length} s"]
    if status.desks:
        parts.append(f"WS {status.live}/{status.desks}")
    parts.append(f"media {status.joined}/{status.points}")
    if status.failed:
        parts.append(f"FAILED {status.failed}")
    if last is not None:
        if last.delivered_pps:
            parts.append(f"{short(round(last.delivered_pps))} pkt/s")
        if last.cpu is not None:
            parts.append(f"CPU {sum(last.cpu.values()):.2f}+{last.own_cpu:.2f}")
        delays = [delay for delay in (last.video_p99_ms, last.audio_p99_ms) if delay is not None]
        if delays:
            parts.append(f"p99 {max(delays):g} ms")
    if status.calls:
        parts.append(f"calls {status.calls_done}/{status.calls}")
    if status.bad_packets:
        parts.append(f"BAD {status.bad_packets}")
    return "  ".join(parts)


async def show(status: Callable[[], Status], stream: TextIO) -> None:
    """Show until cancelled; on a terminal the line is ended then."""
    is_terminal = stream.isatty()
    try:
        while True:
            await asyncio.sleep(REDRAW_S if is_terminal else LINE_S)
            line = line_of(status())
            if is_terminal:
                stream.write(f"\r{line[: shutil.get_terminal_size().columns - 1]}\x1b[K")
            else:
                stream.write(f"{line}\n")
            stream.flush()
    finally:
        if is_terminal:
            stream.write("\r\x1b[K")
            stream.flush()
