"""Looking for faces in a process of its own, so that stills and sheets never wait for it: they have one core, chairs another.

The network holds Python's lock while it looks, some five to twenty milliseconds; a thread would not do. The other process is this
module as a program: a still in by stdin, its score out by stdout, one at a time. It ends when its stdin does, so that it outlives
nobody, not even one that was killed; one that broke is started again at the next look.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import sys
import time
from typing import IO, Final

import structlog

from stills.faces import best_finder, best_name

log: Final = structlog.get_logger("stills")

LOOK_WITHIN_S: Final = 10.0
"""A look takes hundredths of a second; the first one loads the network."""
_SIZE: Final = struct.Struct(">I")
_FOUND: Final = struct.Struct(">BQ")
"""The best face's score, and the processor time of the process so far in microseconds."""


class Seeker:
    """Finds faces elsewhere. ``cpu_s`` is the processor time of the processes that did so.

    Several may ask at once: their stills wait in the pipe, so that the other process need not wait for this one between two.
    """

    def __init__(self) -> None:
        self.name = best_name()
        self._process: asyncio.subprocess.Process | None = None
        self._starting, self._reading = asyncio.Lock(), asyncio.Lock()
        self._earlier_cpu_s = self._cpu_s = 0.0

    @property
    def cpu_s(self) -> float:
        """Seconds."""
        return self._earlier_cpu_s + self._cpu_s

    async def find(self, jpeg: bytes) -> int | None:
        """The score of the best face, 0 to 100; None when the process broke, which is started again at the next look."""
        process: asyncio.subprocess.Process | None = None
        try:
            async with asyncio.timeout(LOOK_WITHIN_S):
                process = await self._started()
                if process.stdin is None or process.stdout is None:
                    raise BrokenPipeError("a process without pipes")
                process.stdin.write(_SIZE.pack(len(jpeg)) + jpeg)
                async with self._reading:  # first come, first served, and nothing is awaited since it was written
                    score, cpu_us = _FOUND.unpack(await process.stdout.readexactly(_FOUND.size))
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            log.warning("stills_seeker_broke", reason=type(error).__name__)
            if process is None or process is self._process:
                await self.close()
            return None
        self._cpu_s = cpu_us / 1e6
        return int(score)

    async def _started(self) -> asyncio.subprocess.Process:
        """The process, which is started where there is none."""
        if self._process is None:
            async with self._starting:
                if self._process is None:
                    pipe, command = asyncio.subprocess.PIPE, (sys.executable, "-m", "stills.seeker")
                    self._process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        return self._process

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        self._earlier_cpu_s, self._cpu_s = self.cpu_s, 0.0
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()
            with contextlib.suppress(OSError):  # of a still that it did not take: else nobody asks, and the event loop complains
                await process.stdin.wait_closed()


def seek(stills: IO[bytes], scores: IO[bytes]) -> None:
    """Answer every still with its score until there are no more."""
    finder = best_finder()
    while len(head := stills.read(_SIZE.size)) == _SIZE.size:
        jpeg = stills.read(_SIZE.unpack(head)[0])
        scores.write(_FOUND.pack(finder.find(jpeg), int(time.process_time() * 1e6)))
        scores.flush()


if __name__ == "__main__":
    seek(sys.stdin.buffer, sys.stdout.buffer)
