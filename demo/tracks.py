"""Camera and microphone of a simulated client: aiortc tracks that pace themselves."""

from __future__ import annotations

import asyncio
import fractions
import time

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from demo.picture import Painter
from demo.sound import FRAME_SAMPLES, SAMPLE_RATE_HZ, Hum

VIDEO_CLOCK_HZ = 90_000


class _Pace:
    """Gives the number of the next frame and waits for its moment; after a hold-up it skips, and does not rush."""

    def __init__(self, frames_per_s: float) -> None:
        self._frames_per_s = frames_per_s
        self._start_s: float | None = None
        self._next = 0

    async def wait(self) -> int:
        now_s = time.monotonic()
        if self._start_s is None:
            self._start_s = now_s
        due = int((now_s - self._start_s) * self._frames_per_s)
        if due > self._next + self._frames_per_s:  # more than a second late
            self._next = due
        number, self._next = self._next, self._next + 1
        await asyncio.sleep(max(0.0, self._start_s + number / self._frames_per_s - now_s))
        return number


class Camera(MediaStreamTrack):
    """Films a painter."""

    kind = "video"

    def __init__(self, painter: Painter, frames_per_s: int = 15) -> None:
        super().__init__()
        self._painter = painter
        self._frames_per_s = frames_per_s
        self._pace = _Pace(frames_per_s)

    async def recv(self) -> av.VideoFrame:
        """The next picture, at its time."""
        if self.readyState != "live":
            raise MediaStreamError
        number = await self._pace.wait()
        frame = av.VideoFrame.from_ndarray(self._painter.paint(number / self._frames_per_s), format="bgr24")
        frame.pts = number * VIDEO_CLOCK_HZ // self._frames_per_s
        frame.time_base = fractions.Fraction(1, VIDEO_CLOCK_HZ)
        return frame


class Microphone(MediaStreamTrack):
    """Hears a hum."""

    kind = "audio"

    def __init__(self, hum: Hum) -> None:
        super().__init__()
        self._hum = hum
        self._pace = _Pace(SAMPLE_RATE_HZ / FRAME_SAMPLES)

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms of sound, at their time."""
        if self.readyState != "live":
            raise MediaStreamError
        number = await self._pace.wait()
        frame = av.AudioFrame.from_ndarray(self._hum.next_frame(), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.pts = number * FRAME_SAMPLES
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE_HZ)
        return frame
