from __future__ import annotations

import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtp import parse
from sfu.wire.vp8 import Vp8Descriptor, is_keyframe_start, keyframe_size, without_numbers
from tests.data import captures

KEY = bytes.fromhex("503f009d012a80026801")  # the header of a key frame of 640 x 360 (size bits are not looked at)


def test_the_shortest_descriptor() -> None:
    descriptor = Vp8Descriptor.parse(b"\x10\x00")
    assert descriptor == Vp8Descriptor(True, 0, True, None, 0, None, None, False, None, 1)


def test_every_optional_field() -> None:
    descriptor = Vp8Descriptor.parse(bytes.fromhex("b5f0923407e9") + b"\0")
    assert descriptor.starts_partition
    assert descriptor.partition == 5
    assert not descriptor.is_reference
    assert (descriptor.picture_id, descriptor.picture_id_bits) == (0x1234, 15)
    assert descriptor.tl0_picture_index == 7
    assert (descriptor.temporal_id, descriptor.is_layer_sync, descriptor.key_index) == (3, True, 9)
    assert descriptor.size_bytes == 6


def test_a_picture_id_of_seven_bits() -> None:
    descriptor = Vp8Descriptor.parse(bytes.fromhex("908012ff"))
    assert (descriptor.picture_id, descriptor.picture_id_bits, descriptor.size_bytes) == (0x12, 7, 3)


def test_a_layer_byte_says_only_what_its_flags_say() -> None:
    only_temporal = Vp8Descriptor.parse(bytes.fromhex("9020e9ff"))
    assert (only_temporal.temporal_id, only_temporal.key_index) == (3, None)
    only_key = Vp8Descriptor.parse(bytes.fromhex("9010e9ff"))
    assert (only_key.temporal_id, only_key.is_layer_sync, only_key.key_index) == (None, False, 9)


@pytest.mark.parametrize("text", ["", "10", "90", "9080", "908012", "908092", "90809234", "90c01207", "90f0923407e9"])
def test_nothing_behind_the_descriptor(text: str) -> None:
    with pytest.raises(WireError):
        Vp8Descriptor.parse(bytes.fromhex(text))
    assert not is_keyframe_start(bytes.fromhex(text))


@pytest.mark.parametrize("descriptor", ["10", "908012", "90809234", "b0f0923407e9"])
def test_key_frame_behind_any_descriptor(descriptor: str) -> None:
    payload = bytes.fromhex(descriptor) + KEY
    assert is_keyframe_start(payload)
    assert keyframe_size(payload) == (640, 360)


@pytest.mark.parametrize(
    "payload",
    [
        b"\x00" + KEY,  # not the start of a partition
        b"\x11" + KEY,  # a later partition
        b"\x10\x51" + KEY[1:],  # P is set: an inter frame
        b"\x10" + KEY[:3] + b"\x9d\x01\x2b" + KEY[6:],  # another start code
    ],
)
def test_no_key_frame(payload: bytes) -> None:
    assert not is_keyframe_start(payload)
    assert keyframe_size(payload) is None


def test_a_key_frame_too_short_for_its_size() -> None:
    assert is_keyframe_start(b"\x10" + KEY[:9])
    assert keyframe_size(b"\x10" + KEY[:9]) is None


def test_what_a_browser_sends() -> None:
    packets = [parse(data) for data in captures.packets("chromium-vp8", "rtp")]
    video = [packet for packet in packets if packet.payload_type == 96]
    starts = [packet for packet in video if is_keyframe_start(packet.payload)]
    assert starts == [video[0]]
    assert keyframe_size(video[0].payload) == (640, 360)
    frames: dict[int, int | None] = {}
    for packet in video:
        descriptor = Vp8Descriptor.parse(packet.payload)
        assert descriptor.picture_id_bits == 15
        assert frames.setdefault(packet.timestamp, descriptor.picture_id) == descriptor.picture_id
    first = frames[video[0].timestamp]
    assert first is not None
    assert list(frames.values()) == [(first + index) & 0x7FFF for index in range(len(frames))]
    assert len(frames) > 3


@pytest.mark.parametrize(
    ("descriptor", "first"),
    [
        ("10", "10"),
        ("9080 05", "10"),
        ("9080 8005", "10"),
        ("9040 07", "10"),
        ("9020 c0", "10"),
        ("9010 03", "10"),
        ("90f0 8005 07 c3", "10"),
        ("b0f0 05 07 c3", "30"),
        ("81f0 8005 07 c3", "01"),
    ],
)
def test_without_numbers_only_the_first_octet_is_left(descriptor: str, first: str) -> None:
    data = bytes.fromhex("100200 9d012a 40012c01")
    assert without_numbers(bytes.fromhex(descriptor) + data) == bytes.fromhex(first) + data
    plain = Vp8Descriptor.parse(without_numbers(bytes.fromhex(descriptor) + data))
    full = Vp8Descriptor.parse(bytes.fromhex(descriptor) + data)
    assert (plain.starts_partition, plain.partition, plain.is_reference) == (
        full.starts_partition,
        full.partition,
        full.is_reference,
    )
    assert (plain.picture_id, plain.tl0_picture_index, plain.temporal_id, plain.key_index) == (None,) * 4


@pytest.mark.parametrize("text", ["", "90", "9080", "9080 80", "9080 8005", "90f0 8005 07", "90f0 8005 07 c3", "9000"])
def test_what_ends_inside_its_descriptor_stays_as_it_is(text: str) -> None:
    assert without_numbers(bytes.fromhex(text)) == bytes.fromhex(text)
