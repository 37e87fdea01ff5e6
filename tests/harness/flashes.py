"""A picture and a sound that belong together: a white flash and a beep at the same moments; and where they are in a recording."""

from __future__ import annotations

import fractions
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
from aiortc import RTCRtpSender

from tests.harness.service import Service
from tests.harness.webrtc import SAMPLE_RATE_HZ, PlainPicture, Rgb, TestPublisher, Tone, dominant_hz

EVERY_S = 1.0
FLASH_S = 0.2
FRAMES_PER_S = 15


def _time_of(frame: av.VideoFrame | av.AudioFrame) -> fractions.Fraction:
    return (frame.pts or 0) * (frame.time_base or fractions.Fraction(0))


class _Together:
    """The moment at which both tracks of a publisher begin: each alone would begin when it is first asked."""

    def __init__(self) -> None:
        self._began_s: float | None = None

    def began_s(self) -> float:
        """The moment, which is now when nobody has asked before."""
        self._began_s = self._began_s or time.monotonic()
        return self._began_s


NTP_EPOCH_S = 2_208_988_800
"""Seconds from NTP's epoch to Unix's."""


class _TruthfulSender(RTCRtpSender):
    """aiortc's, whose reports pair RTP time with the moment of capture (RFC 3550 §6.4.1), as browsers' do.

    aiortc's own pair it with the moment at which the packet went out: how long encoding took, and how late the loop was, would
    look as if sound and picture had been captured apart.
    """

    together: _Together
    origin: int | None

    @classmethod
    def instead_of(cls, sender: RTCRtpSender, together: _Together) -> None:
        """Makes a sender one of these; ``together`` is when what it sends began."""
        made: Any = sender
        made.__class__, made.together, made.origin = cls, together, None

    def _sent_rtp(self) -> int:
        return int(self.__dict__.get("sent_rtp", 0))

    def _note_rtp(self, timestamp: int) -> None:
        self.__dict__["sent_rtp"] = timestamp
        if getattr(self, "origin", 0) is None:
            self.origin = timestamp

    def _captured_ntp(self) -> int:
        if self.origin is None:
            return 0
        rate_hz = 90_000 if self.kind == "video" else SAMPLE_RATE_HZ
        passed_s = (self._sent_rtp() - self.origin & 0xFFFF_FFFF) / rate_hz
        at_s = self.together.began_s() + passed_s + time.time() - time.monotonic() + NTP_EPOCH_S
        return round(at_s * 2**32)

    def _note_ntp(self, ntp: int) -> None:
        """When it went out does not matter."""


# What aiortc keeps to itself, by the name that Python gives it.
setattr(_TruthfulSender, "_RTCRtpSender__rtp_timestamp", property(_TruthfulSender._sent_rtp, _TruthfulSender._note_rtp))  # noqa: B010
setattr(_TruthfulSender, "_RTCRtpSender__ntp_timestamp", property(_TruthfulSender._captured_ntp, _TruthfulSender._note_ntp))  # noqa: B010


class FlashingPicture(PlainPicture):
    """One colour; white for a fifth of every second."""

    def __init__(self, colour: Rgb, together: _Together) -> None:
        super().__init__(colour)
        self._together = together

    async def recv(self) -> av.VideoFrame:
        """The next picture, at its time."""
        self._start_s = self._together.began_s()
        frame = await super().recv()
        if float(_time_of(frame)) % EVERY_S >= FLASH_S:
            return frame
        white = av.VideoFrame.from_ndarray(np.full((self._height, self._width, 3), 255, np.uint8), format="rgb24")
        white.pts, white.time_base = frame.pts, frame.time_base
        return white


class Beep(Tone):
    """A tone for a fifth of every second, and silence."""

    def __init__(self, hz: float, together: _Together) -> None:
        super().__init__(hz)
        self._together = together

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms, at their time."""
        self._start_s = self._together.began_s()
        frame = await super().recv()
        if float(_time_of(frame)) % EVERY_S < FLASH_S:
            return frame
        silent = av.AudioFrame.from_ndarray(np.zeros((1, frame.samples), np.int16), format="s16", layout="mono")
        silent.sample_rate, silent.pts, silent.time_base = SAMPLE_RATE_HZ, frame.pts, frame.time_base
        return silent


class FlashingPublisher(TestPublisher):
    """Sends flashes and beeps over WHIP."""

    def __init__(self, service: Service, token: str, colour: Rgb, hz: float) -> None:
        super().__init__(service, token, colour, hz)
        together = _Together()
        picture, beep = FlashingPicture(colour, together), Beep(hz, together)
        for sender in self.connection.getSenders():
            _TruthfulSender.instead_of(sender, together)
            sender.replaceTrack(picture if sender.kind == "video" else beep)


class Recorded:
    """A recording, decoded: what colour it shows and what it sounds like at which time."""

    def __init__(self, path: Path) -> None:
        self.pictures: list[tuple[float, Rgb]] = []
        self.chapters: list[str] = []
        voices: list[Any] = []
        with av.open(str(path)) as file:
            self.duration_s = (file.duration or 0) / av.time_base
            self.chapters = [chapter["metadata"]["title"] for chapter in file.chapters()]
            for packet in file.demux():
                for frame in packet.decode():
                    if isinstance(frame, av.VideoFrame):
                        self.pictures.append((float(frame.time), _middle(frame)))
                    elif isinstance(frame, av.AudioFrame):
                        voices.append(frame.to_ndarray())
        self.sound = np.concatenate(voices, axis=1) if voices else np.zeros((6, 0))
        """Channels by samples, from the file's beginning: front left, right, center, low, back left, right."""

    def colour_at(self, at_s: float) -> Rgb | None:
        """What is shown at a time."""
        return next((colour for when, colour in reversed(self.pictures) if when <= at_s), None)

    def hz_at(self, at_s: float, channel: int, for_s: float = 0.5) -> float:
        """The strongest frequency of a channel from a time on; 0 for silence."""
        first = round(at_s * SAMPLE_RATE_HZ)
        return dominant_hz(self.sound[channel][first : first + round(for_s * SAMPLE_RATE_HZ)] * 32767)

    def flashes(self, from_s: float = 0.0, until_s: float = float("inf")) -> list[float]:
        """When the picture turned white."""
        found, was_white = [], True
        for at_s, colour in self.pictures:
            is_white = min(colour) > 200
            if is_white and not was_white and from_s <= at_s < until_s:
                found.append(at_s)
            was_white = is_white
        return found

    def beeps(self, channel: int, from_s: float = 0.0, until_s: float = float("inf")) -> list[float]:
        """When a channel began to sound after a silence."""
        steps = np.abs(self.sound[channel][: self.sound.shape[1] // 240 * 240]).reshape(-1, 240).max(axis=1) > 0.05
        found, silent = [], 0
        for number, is_loud in enumerate(steps):
            if is_loud and silent >= 60 and from_s <= number * 0.005 < until_s:  # 0.3 s of silence before
                found.append(number * 0.005)
            silent = 0 if is_loud else silent + 1
        return found


def _middle(frame: av.VideoFrame) -> Rgb:
    pixels = frame.to_ndarray(format="rgb24")
    height, width = pixels.shape[:2]
    red, green, blue = pixels[height // 3 : height // 2, width // 3 : width // 2].reshape(-1, 3).mean(axis=0)
    return round(float(red)), round(float(green)), round(float(blue))


def offsets(flashes: list[float], beeps: list[float]) -> list[float]:
    """For each flash by how much its beep is later, in seconds; flashes without one near them are left out."""
    near = [(flash, min(beeps, key=lambda beep: abs(beep - flash))) for flash in flashes if beeps]
    return [beep - flash for flash, beep in near if abs(beep - flash) < EVERY_S / 2]
