"""Publisher and viewer over aiortc that decode everything: pictures as colours, sounds as frequencies."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import time
from typing import Any, Self
from urllib.parse import urljoin

import aiohttp
import aioice.ice
import av
import numpy as np
from aiortc import MediaStreamTrack, RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from tests.harness.service import Service
from tests.harness.wait import until

Rgb = tuple[int, int, int]

SAMPLE_RATE_HZ = 48_000
FRAMES_PER_S = 15
VIDEO_SLOTS = {"point": ("main", "inset"), "console": ("main", "inset", "monitor1", "monitor2", "monitor3", "monitor4")}
AUDIO_SLOTS = {
    "point": ("center", "guest1", "guest2"),
    "console": ("center", "guest1", "guest2", "monitor1", "monitor2", "monitor3", "monitor4"),
}

# aioice leaves loopback out of its candidates; tests talk over nothing else.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def is_near(colour: Rgb | None, wanted: Rgb, tolerance: int = 28) -> bool:
    """Whether two colours are the same for an eye that looks at compressed video."""
    return colour is not None and all(abs(a - b) <= tolerance for a, b in zip(colour, wanted, strict=True))


def dominant_hz(samples: np.ndarray[Any, Any]) -> float:
    """The strongest frequency of samples of one channel at 48 kHz; 0 for silence."""
    if len(samples) < 4800 or float(np.abs(samples).max()) < 200:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * SAMPLE_RATE_HZ / len(samples))


class _Paced(MediaStreamTrack):
    def __init__(self) -> None:
        super().__init__()
        self._start_s: float | None = None
        self._number = 0

    async def _next(self, per_s: float) -> int:
        if self.readyState != "live":
            raise MediaStreamError
        self._start_s = self._start_s or time.monotonic()
        number, self._number = self._number, self._number + 1
        await asyncio.sleep(max(0.0, self._start_s + number / per_s - time.monotonic()))
        return number


class PlainPicture(_Paced):
    """A picture of one colour; along its lower edge a bar moves, or noise boils where it shall cost packets."""

    kind = "video"

    def __init__(self, colour: Rgb, width: int = 320, height: int = 180, noise_lines: int = 0) -> None:
        super().__init__()
        self._colour, self._width, self._height, self._noise_lines = colour, width, height, noise_lines
        self._rng = np.random.default_rng(1)

    async def recv(self) -> av.VideoFrame:
        """The next picture, at its time."""
        number = await self._next(FRAMES_PER_S)
        pixels = np.empty((self._height, self._width, 3), np.uint8)
        pixels[:] = self._colour
        if self._noise_lines:
            pixels[-self._noise_lines :] = self._rng.integers(0, 256, (self._noise_lines, self._width, 1), np.uint8)
        else:
            left = number * 8 % self._width
            pixels[-8:, left : left + 24] = 255
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = number * 90_000 // FRAMES_PER_S, fractions.Fraction(1, 90_000)
        return frame


class Tone(_Paced):
    """A sine."""

    kind = "audio"

    def __init__(self, hz: float) -> None:
        super().__init__()
        self._hz = hz

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms, at their time."""
        number = await self._next(50)
        at_s = (number * 960 + np.arange(960)) / SAMPLE_RATE_HZ
        samples = (np.sin(2 * np.pi * self._hz * at_s) * 8000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE_HZ, number * 960, fractions.Fraction(1, SAMPLE_RATE_HZ)
        return frame


class RefusedError(AssertionError):
    """The service answered the offer with another status than 201."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status


class _Peer:
    def __init__(self, service: Service, kind: str, token: str) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.answer = ""
        self.resource = ""
        self._endpoint = f"{service.base_url}/{kind}/{service.session}"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def __aenter__(self) -> Self:
        try:
            await self.open()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Offers, takes the answer, waits until it is connected."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        headers = self._headers | {"Content-Type": "application/sdp"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(self._endpoint, data=self.connection.localDescription.sdp, headers=headers) as response,
        ):
            self.answer = await response.text()
            if response.status != 201:
                await self.connection.close()
                raise RefusedError(response.status, self.answer)
            self.resource = urljoin(self._endpoint, response.headers["Location"])
        await self.connection.setRemoteDescription(RTCSessionDescription(self.answer, "answer"))
        await until("connected", lambda: self.connection.connectionState == "connected")

    async def close(self) -> int:
        """DELETE, then closes; gives the status of the DELETE (0: nothing to delete or no service)."""
        status = 0
        if self.resource:
            with contextlib.suppress(aiohttp.ClientError):
                async with aiohttp.ClientSession() as http, http.delete(self.resource, headers=self._headers) as response:
                    status = response.status
        self.resource = ""
        await self.connection.close()
        return status


class TestPublisher(_Peer):
    """Sends one colour and one tone over WHIP."""

    __test__ = False

    def __init__(self, service: Service, token: str, colour: Rgb, hz: float, noise_lines: int = 0) -> None:
        super().__init__(service, "whip", token)
        self.connection.addTrack(PlainPicture(colour, noise_lines=noise_lines))
        self.connection.addTrack(Tone(hz))


class TestVoice(_Peer):
    """Sends one tone over WHIP as a console's voice for single points."""

    __test__ = False

    def __init__(self, service: Service, token: str, hz: float) -> None:
        super().__init__(service, "whip", token)
        self._endpoint += "?feed=talk"
        self.connection.addTrack(Tone(hz))


class _Ear:
    """Keeps the last half second of a sound."""

    def __init__(self) -> None:
        self.samples = np.zeros(0)
        self.frames = 0
        self.newest_at_s = 0.0

    def take(self, frame: av.AudioFrame) -> None:
        """Takes the next frame (aiortc decodes Opus to interleaved stereo at 48 kHz)."""
        pcm = frame.to_ndarray().reshape(-1, len(frame.layout.channels)).mean(axis=1)
        self.samples = np.concatenate([self.samples, pcm])[-SAMPLE_RATE_HZ // 2 :]
        self.frames += 1
        self.newest_at_s = time.monotonic()


class TestViewer(_Peer):
    """Receives the slots of a point or of a console over WHEP and decodes them all."""

    __test__ = False

    def __init__(self, service: Service, token: str, lines: str = "point") -> None:
        super().__init__(service, "whep", token)
        self._names = {"video": VIDEO_SLOTS[lines], "audio": AUDIO_SLOTS[lines]}
        self._pictures: dict[str, Any] = {}
        self._frames: dict[str, int] = {}
        self._ears: dict[str, _Ear] = {}
        self._readers: list[asyncio.Task[None]] = []
        for kind, names in self._names.items():
            for _ in names:
                self.connection.addTransceiver(kind, direction="recvonly")

    async def open(self) -> None:
        """Joins, and begins to decode."""
        await super().open()
        numbers = {"video": 0, "audio": 0}
        for transceiver in self.connection.getTransceivers():
            name = self._names[transceiver.kind][numbers[transceiver.kind]]
            numbers[transceiver.kind] += 1
            if transceiver.receiver.track is not None:
                self._readers.append(asyncio.create_task(self._read(name, transceiver.receiver.track)))

    async def close(self) -> int:
        """Leaves."""
        status = await super().close()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        return status

    def colour(self, slot: str) -> Rgb | None:
        """The colour in the middle of the newest picture of `slot`; None before the first."""
        picture = self._pictures.get(slot)
        if picture is None:
            return None
        pixels = picture.to_ndarray(format="rgb24")
        height, width = pixels.shape[:2]
        middle = pixels[height * 2 // 5 : height * 3 // 5, width * 2 // 5 : width * 3 // 5]
        red, green, blue = (round(float(x)) for x in middle.reshape(-1, 3).mean(axis=0))
        return red, green, blue

    def frames(self, slot: str) -> int:
        """How many pictures of `slot` were decoded."""
        return self._frames.get(slot, 0)

    def tone_hz(self, slot: str) -> float:
        """The strongest frequency of the last half second of `slot`; 0 for silence."""
        ear = self._ears.get(slot)
        return dominant_hz(ear.samples) if ear is not None else 0.0

    def tones_now(self, within_s: float = 0.5) -> list[float]:
        """The frequencies of the programme's slots in which sound came lately, lowest first; silence is none."""
        since_s = time.monotonic() - within_s
        ears = [self._ears[slot] for slot in AUDIO_SLOTS["point"] if slot in self._ears]
        return sorted(hz for hz in (dominant_hz(ear.samples) for ear in ears if ear.newest_at_s >= since_s) if hz)

    async def sees(self, slot: str, colour: Rgb, within_s: float = 30) -> None:
        """Waits until `slot` shows `colour`."""
        await until(
            f"{slot} shows {colour}", lambda: is_near(self.colour(slot), colour) or self._fail(self.colour(slot)), within_s
        )

    async def hears(self, slot: str, hz: float, within_s: float = 30) -> None:
        """Waits until the strongest frequency of `slot` is `hz`."""
        await until(
            f"{slot} sounds with {hz} Hz", lambda: abs(self.tone_hz(slot) - hz) < 8 or self._fail(self.tone_hz(slot)), within_s
        )

    @staticmethod
    def _fail(seen: object) -> bool:
        raise AssertionError(repr(seen))

    async def _read(self, slot: str, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, av.AudioFrame):
                    self._ears.setdefault(slot, _Ear()).take(frame)
                else:
                    self._pictures[slot] = frame
                    self._frames[slot] = self._frames.get(slot, 0) + 1
