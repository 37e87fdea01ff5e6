"""A simulated publisher without its socket: frames and sounds on a steady clock, key frames when asked, repeats for NACKs.

Pictures come as frames of equal packets, sound as one packet every 20 ms. A key frame is a frame of more packets: the first one,
one every ten seconds, and one for a request, at most one a second. What is sent is what :mod:`rehearsal.pattern` writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct

import pylibsrtp

from rehearsal import pattern
from rehearsal.control import policy
from rehearsal.handshake import Identity
from rehearsal.measures import Sent
from rehearsal.offers import AUDIO_PAYLOAD_TYPE, VIDEO_PAYLOAD_TYPE, Sending
from rehearsal.pattern import Block
from rehearsal.peers import Peer
from sfu.wire import rtcp
from sfu.wire.errors import WireError

FRAMES_PER_S = 20
VIDEO_PAYLOAD_BYTES = 1168
"""The floor's packet: 1,180 bytes with the RTP header, 1,196 sealed."""
AUDIO_PAYLOAD_BYTES = 160
"""64 kb/s in packets of 20 ms."""
KEYFRAME_PACKETS = 20
KEYFRAME_EVERY_S = 10.0
KEYFRAME_LEAST_S = 1.0
LATE_S = 0.02
BEHIND_MAX_S = 0.5
"""Further behind than this, frames are left out instead of being sent all at once."""
HISTORY_PACKETS = 1024
VIDEO_CLOCK_HZ, AUDIO_CLOCK_HZ = 90_000, 48_000
_RTP = Struct("!BBHII")
_SENDER_REPORT = Struct("!BBHIQIII")


@dataclass(frozen=True, slots=True)
class Rates:
    """What a publisher sends a second: packets of picture (in 20 frames) and of sound; 0 is none."""

    video_pps: int = 100
    audio_pps: int = 50
    keyframe_packets: int = KEYFRAME_PACKETS

    @property
    def frames_per_s(self) -> int:
        """20, or as many as there are packets."""
        return min(FRAMES_PER_S, self.video_pps)


class _Stream:
    """RTP state of picture or sound."""

    __slots__ = ("first_timestamp", "kept", "last_at", "numbers", "octets", "payload_type", "sequence", "ssrc", "timestamp")

    def __init__(self, ssrc: int, payload_type: int, first: int) -> None:
        self.ssrc, self.payload_type = ssrc, payload_type
        self.sequence = first & 0x7FFF  # below 2^15, so that no receiver can be wrong about the first rollover
        self.first_timestamp = self.timestamp = first * 65_537 & 0xFFFFFFFF
        self.last_at: float | None = None
        self.numbers = self.octets = 0
        self.kept: dict[int, bytes] = {}


class Publisher(Peer):
    """Sends from :meth:`start` to :meth:`stop`: call :meth:`media` when :meth:`next_media_at` has come.

    Args:
        publisher: what its packets say who they are from.
        clock_ns: monotonic nanoseconds, for the time of sending that each packet carries.
        ntp_offset_s: what to add to monotonic seconds for seconds since 1900.
        The others: see :class:`rehearsal.peers.Peer`.
    """

    __slots__ = (
        "_audio",
        "_clock_ns",
        "_frame",
        "_history",
        "_is_keyframe_wanted",
        "_keyframe_at",
        "_ntp_offset_s",
        "_session",
        "_sound",
        "_started_at",
        "_video",
        "audio_packets",
        "first_media_at",
        "keyframe_requests",
        "keyframes",
        "late_frames",
        "publisher",
        "rates",
        "resent_packets",
        "video_packets",
    )

    def __init__(
        self,
        number: int,
        ufrag: str,
        pwd: str,
        identity: Identity,
        random_bits: int,
        *,
        publisher: int,
        clock_ns: Callable[[], int],
        ntp_offset_s: float,
    ) -> None:
        super().__init__(number, ufrag, pwd, identity, random_bits)
        self.publisher = publisher
        self.rates = Rates()
        self._clock_ns, self._ntp_offset_s = clock_ns, ntp_offset_s
        self._video = _Stream(self.ssrc ^ 0x55555555, VIDEO_PAYLOAD_TYPE, random_bits >> 96 & 0xFFFF)
        self._audio = _Stream(self.ssrc ^ 0x33333333, AUDIO_PAYLOAD_TYPE, random_bits >> 112 & 0xFFFF)
        self._session: pylibsrtp.Session | None = None
        self._started_at: float | None = None
        self._frame = self._sound = 0
        self._keyframe_at = float("-inf")
        self._is_keyframe_wanted = True
        self._history: dict[tuple[int, int], bytes] = {}
        self.first_media_at: float | None = None
        self.video_packets = self.audio_packets = self.keyframes = self.keyframe_requests = 0
        self.resent_packets = self.late_frames = 0

    @property
    def sending(self) -> Sending:
        """For its offer."""
        return Sending(self._video.ssrc, self._audio.ssrc, f"rehearsal{self.publisher}")

    def sent(self) -> Sent:
        """What it has sent so far."""
        return Sent(
            self.video_packets,
            self.audio_packets,
            self.keyframes,
            self.keyframe_requests,
            self.resent_packets,
            self.late_frames,
        )

    # -- media

    def start(self, rates: Rates, now: float) -> None:
        """Send from now on; the first frame is a key frame.

        Raises:
            RuntimeError: not connected yet.
        """
        if self.keys is None:
            raise RuntimeError("a publisher sends once it is connected")
        if self._session is None:
            self._session = pylibsrtp.Session(policy(self.keys, inbound=False))
        self.rates, self._started_at = rates, now
        self._frame = self._sound = 0
        self._is_keyframe_wanted = True
        for stream, clock_hz in ((self._video, VIDEO_CLOCK_HZ), (self._audio, AUDIO_CLOCK_HZ)):
            if stream.last_at is not None:
                # A pause is a pause in timestamps too.
                stream.first_timestamp = stream.timestamp + max(1, round((now - stream.last_at) * clock_hz))

    def stop(self) -> None:
        """Send no more."""
        self._started_at = None

    def next_media_at(self) -> float:
        """When :meth:`media` has something; infinite while stopped."""
        if self._started_at is None:
            return float("inf")
        return min(self._frame_at(), self._sound_at())

    def _frame_at(self) -> float:
        rate = self.rates.frames_per_s
        return (self._started_at or 0.0) + self._frame / rate if rate else float("inf")

    def _sound_at(self) -> float:
        rate = self.rates.audio_pps
        return (self._started_at or 0.0) + self._sound / rate if rate else float("inf")

    def media(self, now: float) -> list[bytes]:
        """The sealed packets that are due; at most one frame and one sound, so call it again while something is."""
        packets: list[bytes] = []
        if self._started_at is None or self._session is None:
            return packets
        if self._sound_at() <= now:
            self._catch_up(now, self._sound_at())
            timestamp = self._audio.first_timestamp + self._sound * AUDIO_CLOCK_HZ // self.rates.audio_pps
            block = (self._sound, timestamp & 0xFFFFFFFF, 0, 1, False)
            packets.append(self._packet("audio", self._audio, block, AUDIO_PAYLOAD_BYTES, has_marker=False))
            self._audio.last_at = now
            self.audio_packets += 1
            self._sound += 1
        if self._frame_at() <= now:
            self._catch_up(now, self._frame_at())
            packets += self._next_frame(now)
        if packets and self.first_media_at is None:
            self.first_media_at = now
        return packets

    def _catch_up(self, now: float, due_at: float) -> None:
        self.late_frames += now - due_at > LATE_S
        if now - due_at > BEHIND_MAX_S and self._started_at is not None:
            self._started_at += now - due_at

    def _next_frame(self, now: float) -> list[bytes]:
        rates, frame = self.rates, self._frame
        is_key = now - self._keyframe_at >= (KEYFRAME_LEAST_S if self._is_keyframe_wanted else KEYFRAME_EVERY_S)
        count = (frame + 1) * rates.video_pps // rates.frames_per_s - frame * rates.video_pps // rates.frames_per_s
        if is_key:
            count = max(count, rates.keyframe_packets)
            self._keyframe_at, self._is_keyframe_wanted = now, False
            self.keyframes += 1
        timestamp = self._video.first_timestamp + frame * VIDEO_CLOCK_HZ // rates.frames_per_s & 0xFFFFFFFF
        packets = [
            self._packet(
                "video", self._video, (frame, timestamp, place, count, is_key), VIDEO_PAYLOAD_BYTES, has_marker=place == count - 1
            )
            for place in range(count)
        ]
        self._video.last_at = now
        self.video_packets += count
        self._frame += 1
        return packets

    def _packet(
        self, kind: pattern.Kind, stream: _Stream, block: tuple[int, int, int, int, bool], size_bytes: int, *, has_marker: bool
    ) -> bytes:
        frame, timestamp, place, count, is_key = block
        made = Block(self.publisher, stream.numbers, self._clock_ns(), frame, timestamp, place, count, is_key)
        header = _RTP.pack(0x80, stream.payload_type | has_marker << 7, stream.sequence, timestamp, stream.ssrc)
        sealed = bytes(self._session.protect(header + pattern.write(kind, made, size_bytes)))  # type: ignore[union-attr]
        stream.kept[stream.sequence] = sealed
        if len(stream.kept) > HISTORY_PACKETS:
            del stream.kept[next(iter(stream.kept))]
        stream.timestamp = timestamp
        stream.numbers += 1
        stream.octets += size_bytes
        stream.sequence = stream.sequence + 1 & 0xFFFF
        return sealed

    # -- reports

    def _receive_reports(self, compound: bytes, now: float) -> None:
        super()._receive_reports(compound, now)
        try:
            packets = rtcp.parse_compound(compound)
        except WireError:
            return
        wants_keyframe = False
        for packet in packets:
            if isinstance(packet, rtcp.Pli | rtcp.Fir):
                wants_keyframe = True
            elif isinstance(packet, rtcp.Nack):
                self._repeat(packet)
        if wants_keyframe:
            self.keyframe_requests += 1
            self._is_keyframe_wanted = True

    def _repeat(self, nack: rtcp.Nack) -> None:
        for stream in (self._video, self._audio):
            if stream.ssrc == nack.media_ssrc:
                again = [stream.kept[sequence] for sequence in nack.lost if sequence in stream.kept]
                self._out += again
                self.resent_packets += len(again)

    def report(self, now: float) -> bytes | None:
        """A sealed sender report for each stream that sends; before that the report of one who watches."""
        if self._control is None or self.first_media_at is None:
            return super().report(now)
        ntp = int((now + self._ntp_offset_s) * 2**32) & 0xFFFFFFFFFFFFFFFF
        compound = b""
        streams = ((self._video, VIDEO_CLOCK_HZ, self._frame_at()), (self._audio, AUDIO_CLOCK_HZ, self._sound_at()))
        for stream, clock_hz, next_at in streams:
            if stream.numbers:
                # The timestamp of this moment: that of the last packet, which was due one step before the next one.
                step_s = 1 / (self.rates.frames_per_s if clock_hz == VIDEO_CLOCK_HZ else self.rates.audio_pps or 1)
                ahead = round((now - (next_at - step_s)) * clock_hz) if self._started_at is not None else 0
                timestamp = stream.timestamp + ahead & 0xFFFFFFFF
                compound += _SENDER_REPORT.pack(
                    0x80, 200, 6, stream.ssrc, ntp, timestamp, stream.numbers & 0xFFFFFFFF, stream.octets & 0xFFFFFFFF
                )
        self.reports_sent += 1
        return self._control.seal(compound)
