"""Pictures and sounds that decode: libvpx, libx264-like streams and Opus by PyAV, cut into RTP as publishers do it."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import av
import numpy as np

from sfu.tap_wire import TappedPacket
from sfu.wire.codecs import is_keyframe_start

PAYLOAD_BYTES = 400


@cache
def vp8(count: int, size: tuple[int, int] = (64, 48), shade: int = 100, every: int = 1000) -> tuple[bytes, ...]:
    """Frames of VP8, the first and every so many a key frame."""
    return _encoded("libvpx", count, size, shade, {"deadline": "realtime", "lag-in-frames": "0", "g": str(every)})


@cache
def h264(count: int, size: tuple[int, int] = (64, 48)) -> tuple[tuple[bytes, ...], ...]:
    """NAL units of frames of H.264, with parameter sets before every key frame."""
    frames = _encoded("libx264", count, size, 100, {"tune": "zerolatency", "g": "5", "sc_threshold": "0"})
    return tuple(tuple(unit for unit in frame.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit) for frame in frames)


def _encoded(codec: str, count: int, size: tuple[int, int], shade: int, options: dict[str, str]) -> tuple[bytes, ...]:
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.time_base, encoder.framerate, encoder.options = Fraction(1, 25), Fraction(25), options
    frames = []
    for number in range(count):
        pixels = np.full((size[1], size[0], 3), (shade + number) % 256, np.uint8)
        pixels[: size[1] // 2] = np.random.default_rng(number).integers(0, 256, (size[1] // 2, size[0], 3))
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(frames)


def vp8_packets(frame: bytes, index: int, timestamp: int, size: int = PAYLOAD_BYTES) -> list[TappedPacket]:
    """A frame as RTP (RFC 7741): descriptors of one octet, as the node leaves them."""
    cut = [frame[at : at + size] for at in range(0, len(frame), size)]
    payloads = [bytes([0x10 if place == 0 else 0x00]) + piece for place, piece in enumerate(cut)]
    return _packets("VP8", payloads, index, timestamp)


def h264_packets(units: tuple[bytes, ...], index: int, timestamp: int, size: int = PAYLOAD_BYTES) -> list[TappedPacket]:
    """A frame as RTP (RFC 6184): small units in a STAP-A, large ones in FU-A."""
    payloads = []
    small = [unit for unit in units if unit[0] & 0x1F in {6, 7, 8}]
    if small:
        payloads.append(bytes([24]) + b"".join(len(unit).to_bytes(2, "big") + unit for unit in small))
    for unit in units:
        if unit in small:
            continue
        if len(unit) <= size:
            payloads.append(unit)
            continue
        body = unit[1:]
        cut = [body[at : at + size] for at in range(0, len(body), size)]
        for place, piece in enumerate(cut):
            flags = 0x80 * (place == 0) | 0x40 * (place == len(cut) - 1)
            payloads.append(bytes([unit[0] & 0xE0 | 28, flags | unit[0] & 0x1F]) + piece)
    return _packets("H264", payloads, index, timestamp)


def _packets(codec: str, payloads: list[bytes], index: int, timestamp: int) -> list[TappedPacket]:
    last = len(payloads) - 1
    return [
        TappedPacket(index + place, timestamp, place == last, is_keyframe_start(codec, payload), payload)
        for place, payload in enumerate(payloads)
    ]


@cache
def tone(hz: float, count: int, layout: str = "mono") -> tuple[bytes, ...]:
    """Packets of 20 ms of a tone; the first few are the encoder's own delay."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = 48_000, layout, "s16", 48_000
    encoder.time_base, encoder.options = Fraction(1, 48_000), {"application": "voip"}
    channels = 2 if layout == "stereo" else 1
    packets = []
    for number in range(count + 3):
        at = (np.arange(960) + number * 960) / 48_000
        samples = np.repeat((np.sin(2 * np.pi * hz * at) * 8_000).astype(np.int16), channels)
        frame = av.AudioFrame.from_ndarray(samples[None, :], "s16", layout)
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(packets[:count])
