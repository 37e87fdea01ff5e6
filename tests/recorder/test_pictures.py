"""From packets to pictures: in any order, with losses, to frames that decode."""

from __future__ import annotations

import random

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.h264 import sps_size
from recorder.pictures import WAIT_S, Depacketizer, Picture
from sfu.tap_wire import TappedPacket
from sfu.wire.errors import WireError
from tests.recorder.kit import h264, h264_packets, vp8, vp8_packets

STEP = 3_600


def stream(codec: str, count: int) -> list[list[TappedPacket]]:
    """The packets of each frame."""
    index, frames = 1_000, []
    for number in range(count):
        if codec == "VP8":
            packets = vp8_packets(vp8(20, every=5)[number], index, number * STEP)
        else:
            packets = h264_packets(h264(20)[number], index, number * STEP)
        frames.append(packets)
        index += len(packets)
    return frames


def decode(codec: str, pictures: list[Picture]) -> int:
    """How many pictures a decoder gives, having raised nothing."""
    decoder = av.CodecContext.create("vp8" if codec == "VP8" else "h264", "r")
    if codec == "H264":
        decoder.extradata = pictures[0].private
    return sum(len(decoder.decode(av.Packet(picture.data))) for picture in pictures) + len(decoder.decode(None))


@pytest.mark.parametrize("codec", ["VP8", "H264"])
@given(seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_packets_in_disorder_give_every_picture(codec: str, seed: int) -> None:
    dice = random.Random(seed)
    frames = stream(codec, 20)
    flat = [packet for frame in frames for packet in frame]
    for place in range(1, len(flat) - 1):  # none of them is moved far, and the first stays
        if dice.random() < 0.3:
            flat[place], flat[place + 1] = flat[place + 1], flat[place]
    depacketizer = Depacketizer(codec)
    if not flat[0].is_keyframe_start:
        return
    pictures = [picture for packet in flat for picture in depacketizer.receive((packet,), 1.0)]
    assert [picture.timestamp for picture in pictures] == [number * STEP for number in range(20)]
    assert [picture.is_key for picture in pictures] == [number % 5 == 0 for number in range(20)]
    assert pictures[0].size == (64, 48)
    assert decode(codec, pictures) == 20
    assert depacketizer.lost == 0


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_a_loss_costs_the_pictures_up_to_the_next_key_frame(codec: str) -> None:
    frames = stream(codec, 20)
    depacketizer = Depacketizer(codec)
    pictures, now = [], 1.0
    for number, frame in enumerate(frames):
        now += 0.04
        kept = frame[1:] if number == 7 else frame
        pictures += depacketizer.receive(tuple(kept), now)
    pictures += depacketizer.handle_timeout(now + WAIT_S)
    seen = [picture.timestamp // STEP for picture in pictures]
    assert seen == [*range(7), *range(10, 20)]
    assert decode(codec, pictures) == len(seen)


def test_what_is_repaired_in_time_is_no_loss() -> None:
    frames = stream("VP8", 10)
    depacketizer = Depacketizer("VP8")
    late = frames[2].pop(0)
    pictures, now = [], 1.0
    for frame in frames[:6]:
        now += 0.04
        pictures += depacketizer.receive(tuple(frame), now)
    assert len(pictures) == 2
    pictures += depacketizer.receive((late,), now)
    assert len(pictures) == 6


def test_nothing_comes_before_the_first_key_frame() -> None:
    frames = stream("VP8", 12)
    depacketizer = Depacketizer("VP8")
    pictures = [picture for frame in frames[2:] for picture in depacketizer.receive(tuple(frame), 1.0)]
    assert [picture.timestamp // STEP for picture in pictures] == list(range(5, 12))


@given(st.lists(st.tuples(st.integers(0, 30), st.binary(max_size=40), st.booleans(), st.booleans()), max_size=40))
@pytest.mark.parametrize("codec", ["VP8", "H264", "AV1"])
def test_whatever_comes_nothing_is_raised(codec: str, sent: list[tuple[int, bytes, bool, bool]]) -> None:
    depacketizer = Depacketizer(codec)
    for number, (index, payload, marker, is_key) in enumerate(sent):
        for picture in depacketizer.receive((TappedPacket(index, index // 3, marker, is_key, payload),), number * 0.1):
            assert codec != "AV1"
            assert picture.timestamp == picture.timestamp
    depacketizer.handle_timeout(1e6)


@pytest.mark.parametrize("size", [(64, 48), (320, 180), (1280, 720), (1920, 1080)])
def test_the_size_of_h264(size: tuple[int, int]) -> None:
    """1080 is no multiple of 16: the rest is cropped (H.264 section 7.4.2.1.1)."""
    sps = next(unit for unit in h264(1, size)[0] if unit[0] & 0x1F == 7)
    assert sps_size(sps) == size


@given(st.binary(max_size=60))
def test_any_sps_gives_a_size_or_one_kind_of_error(data: bytes) -> None:
    try:
        width, height = sps_size(data)
    except WireError:
        return
    assert width > 0
    assert height > 0
