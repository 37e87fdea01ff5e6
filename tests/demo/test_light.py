import fractions

import av
import numpy as np
import pytest
from aiortc import RTCPeerConnection
from aiortc.codecs.vpx import Vp8Encoder

from demo.light import MAX_KEY_FRAME_BYTES, KeyFrameCollector, LightReceiver, light_receivers, look_at


def payloads_of(colour: tuple[int, int, int], frames: int = 2) -> list[list[bytes]]:
    """The RTP payloads of `frames` frames by aiortc's encoder: a key frame, then differences."""
    encoder = Vp8Encoder()
    noise = np.random.default_rng(1).integers(0, 60, (360, 640, 3), np.uint8)
    result = []
    for number in range(frames):
        pixels = noise.copy()
        pixels[200:, 400:] = colour
        frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
        frame.pts, frame.time_base = number * 6000, fractions.Fraction(1, 90_000)
        result.append(encoder.encode(frame)[0])
    return result


def feed(collector: KeyFrameCollector, payloads: list[bytes], start: int = 65_534, skip: int | None = None) -> bytes | None:
    frame = None
    for number, payload in enumerate(payloads):
        if number != skip:
            is_last = number == len(payloads) - 1
            frame = collector.add((start + number) & 0xFFFF, payload, is_last=is_last) or frame
    return frame


def test_a_key_frame_is_collected_and_seen() -> None:
    key_frame, _ = payloads_of((30, 200, 90))
    assert len(key_frame) > 3, "one packet would prove nothing"
    frame = feed(KeyFrameCollector(), key_frame)
    assert frame is not None
    seen = look_at(frame)
    assert seen is not None
    assert seen[:2] == (640, 360)
    assert all(abs(a - b) < 12 for a, b in zip(seen[2], (30, 200, 90), strict=True))


def test_a_difference_frame_is_not() -> None:
    collector = KeyFrameCollector()
    _, difference = payloads_of((30, 200, 90))
    assert feed(collector, difference) is None


@pytest.mark.parametrize("lost", [0, 1, -1])
def test_a_key_frame_with_a_gap_is_dropped_and_the_next_one_taken(lost: int) -> None:
    collector = KeyFrameCollector()
    key_frame, difference = payloads_of((30, 200, 90))
    assert feed(collector, key_frame, skip=lost % len(key_frame)) is None
    assert feed(collector, difference, start=100) is None
    assert feed(collector, key_frame, start=200) is not None


def test_what_is_not_vp8_is_ignored() -> None:
    collector = KeyFrameCollector()
    for rubbish in (b"", b"\x90", b"\x90\x80", b"\xff" * 20):
        assert collector.add(1, rubbish, is_last=True) is None


def test_a_frame_without_end_does_not_fill_the_memory() -> None:
    collector = KeyFrameCollector()
    collector.add(0, b"\x10" + bytes(1200), is_last=False)
    for number in range(1, MAX_KEY_FRAME_BYTES // 1000):
        collector.add(number & 0xFFFF, b"\x00" + bytes(1200), is_last=False)
    assert len(collector._data) <= MAX_KEY_FRAME_BYTES


def test_rubbish_is_no_picture() -> None:
    assert look_at(b"\x00" * 50) is None


async def test_only_connections_made_inside_get_light_receivers() -> None:
    inside, outside = RTCPeerConnection(), RTCPeerConnection()
    with light_receivers():
        inside.addTransceiver("video", direction="recvonly")
    outside.addTransceiver("video", direction="recvonly")
    assert isinstance(inside.getReceivers()[0], LightReceiver)
    assert not isinstance(outside.getReceivers()[0], LightReceiver)
    await inside.close()
    await outside.close()
