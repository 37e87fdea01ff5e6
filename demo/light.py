"""A receiver that counts packets and decodes only a key frame now and then.

aiortc's own receiver decodes every frame in a thread of its own: two dozen viewers would need several cores. This one
keeps the statistics that its reports need, and proves about twice a minute that what arrives is a picture.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import random
import time
from collections.abc import Iterator
from typing import Any

import av
from aiortc import RTCRtpReceiver
from aiortc.codecs import vpx
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import AnyRtcpPacket, RtcpReceiverInfo, RtcpRrPacket, RtpPacket

from demo.picture import Bgr, field_colour

LOOK_EVERY_S = 30.0
REPORT_EVERY_S = 1.0

# The module in which RTCPeerConnection finds the class of its receivers.
_factory: Any = importlib.import_module("aiortc.rtcpeerconnection")

# A 720p key frame is some 60 KiB; what is bigger than this is no key frame of the demo.
MAX_KEY_FRAME_BYTES = 512 * 1024


class KeyFrameCollector:
    """Puts together one VP8 key frame from the packets of a stream (RFC 7741), and nothing else.

    `add` gives the frame's bytes when its last packet came; a gap drops the frame.
    """

    def __init__(self) -> None:
        self._data = b""
        self._next_sequence_number: int | None = None

    def add(self, sequence_number: int, payload: bytes, *, is_last: bool) -> bytes | None:
        """Takes the next packet as it arrived; a payload that is not VP8 ends the frame at hand."""
        try:
            descriptor, data = vpx.VpxPayloadDescriptor.parse(payload)
        except ValueError:
            self._next_sequence_number = None
            return None
        if descriptor.partition_start == 1 and descriptor.partition_id == 0:
            # RFC 6386, 9.1: the lowest bit of the first byte is 0 in key frames.
            is_key_frame = bool(data) and data[0] & 1 == 0
            self._data = data if is_key_frame else b""
            self._next_sequence_number = (sequence_number + 1) & 0xFFFF if is_key_frame else None
        elif sequence_number == self._next_sequence_number and len(self._data) + len(data) <= MAX_KEY_FRAME_BYTES:
            self._data += data
            self._next_sequence_number = (sequence_number + 1) & 0xFFFF
        else:
            self._next_sequence_number = None
        if is_last and self._next_sequence_number is not None:
            self._next_sequence_number = None
            return self._data
        return None


class LightReceiver(RTCRtpReceiver):
    """In the place of aiortc's receiver: counts, reports loss, looks at a key frame every 30 s.

    Attributes:
        packets: how many packets of media came.
        last_packet_at: when the last one came (monotonic seconds), or None.
        seen: size and colour of the field of the last key frame that was looked at, or None.
    """

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        super().__init__(kind, transport)
        self.packets = 0
        self.last_packet_at: float | None = None
        self.seen: tuple[int, int, Bgr] | None = None
        self._kind = kind
        self._codec_names: dict[int, str] = {}
        self._clock_rates_hz: dict[int, int] = {}
        self._streams: dict[int, StreamStatistics] = {}
        self._collector = KeyFrameCollector()
        self._look_at = 0.0
        self._report_ssrc: int | None = None
        self._reporter: asyncio.Task[None] | None = None

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Starts; called by the peer connection once it is connected."""
        if self._reporter is None:
            for codec in parameters.codecs:
                if codec.payloadType is not None:
                    self._codec_names[codec.payloadType] = codec.name
                    self._clock_rates_hz[codec.payloadType] = codec.clockRate
            self.transport._register_rtp_receiver(self, parameters)  # noqa: SLF001 (the place of aiortc's own class)
            self._reporter = asyncio.create_task(self._report())

    async def stop(self) -> None:
        """Ends; called by the peer connection when it closes."""
        if self._reporter is not None:
            self.transport._unregister_rtp_receiver(self)  # noqa: SLF001
            self._reporter.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reporter

    def _handle_disconnect(self) -> None:
        pass

    def _set_rtcp_ssrc(self, ssrc: int) -> None:
        self._report_ssrc = ssrc

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        pass

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:  # noqa: ARG002
        clock_rate_hz = self._clock_rates_hz.get(packet.payload_type)
        if clock_rate_hz is None:
            return
        self.packets += 1
        now_s = time.monotonic()
        self.last_packet_at = now_s
        stream = self._streams.get(packet.ssrc)
        if stream is None:
            stream = self._streams[packet.ssrc] = StreamStatistics(clock_rate_hz)
        stream.add(packet)
        if self._kind == "video" and now_s >= self._look_at and self._codec_names[packet.payload_type] == "VP8":
            frame = self._collector.add(packet.sequence_number, packet.payload, is_last=bool(packet.marker))
            if frame is not None:
                self._look_at = now_s + LOOK_EVERY_S
                self.seen = look_at(frame)

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_EVERY_S * random.uniform(0.5, 1.5))  # RFC 3550, 6.2: never in step
            if self._streams and self._report_ssrc is not None:
                reports = [
                    RtcpReceiverInfo(
                        ssrc=ssrc,
                        fraction_lost=stream.fraction_lost,
                        packets_lost=stream.packets_lost,
                        highest_sequence=stream.max_seq or 0,
                        jitter=stream.jitter,
                        lsr=0,
                        dlsr=0,
                    )
                    for ssrc, stream in self._streams.items()
                ]
                with contextlib.suppress(ConnectionError):
                    report = RtcpRrPacket(ssrc=self._report_ssrc, reports=reports)
                    await self.transport._send_rtp(bytes(report))  # noqa: SLF001


def look_at(key_frame: bytes) -> tuple[int, int, Bgr] | None:
    """Decodes one VP8 key frame: its width, its height and the colour of its field; None when it cannot be decoded."""
    try:
        frames: list[Any] = vpx.Vp8Decoder().decode(JitterFrame(key_frame, 0))
    except av.FFmpegError:
        return None
    if not frames:
        return None
    image = frames[-1].to_ndarray(format="bgr24")
    return image.shape[1], image.shape[0], field_colour(image)


@contextlib.contextmanager
def light_receivers() -> Iterator[None]:
    """While it is open, new peer connections of this process get light receivers (`with` around `addTransceiver`)."""
    theirs = _factory.RTCRtpReceiver
    _factory.RTCRtpReceiver = LightReceiver
    try:
        yield
    finally:
        _factory.RTCRtpReceiver = theirs
