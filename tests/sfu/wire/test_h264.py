from __future__ import annotations

import pytest

from sfu.wire.h264 import is_keyframe_start
from sfu.wire.rtp import parse
from tests.data import captures

SPS, PPS, IDR, IDR_NEXT_SLICE, SLICE = b"\x67\x42\xe0\x1f", b"\x68\xce\x3c\x80", b"\x65\xb8\x00", b"\x65\x5c\x00", b"\x41\x9a\x00"


def stap_a(*units: bytes) -> bytes:
    return b"\x78" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (SPS, True),
        (IDR, True),
        (PPS, False),
        (SLICE, False),
        (IDR_NEXT_SLICE, False),
        (b"\x06\x05\x01", False),  # SEI
        (b"\x09\xf0", False),  # access unit delimiter
        (stap_a(SPS, PPS), True),
        (stap_a(b"\x09\xf0", SPS, PPS, IDR), True),
        (stap_a(PPS, IDR), True),
        (stap_a(PPS, SLICE), False),
        (b"\x7c\x85" + IDR[1:], True),  # FU-A, first fragment of an IDR slice
        (b"\x7c\x05" + IDR[1:], False),  # a middle fragment
        (b"\x7c\x45" + IDR[1:], False),  # the last fragment
        (b"\x7c\x85" + IDR_NEXT_SLICE[1:], False),
        (b"\x5c\x81" + SLICE[1:], False),
        (b"\x7c\x87" + SPS[1:], True),
        (b"", False),
        (b"\x65", False),
        (b"\x67", False),
        (b"\x7c", False),
        (b"\x7c\x85", False),
        (b"\x78", False),
        (b"\x78\x00", False),
        (b"\x78\x00\x04\x67", False),  # longer than the packet
        (b"\x78\x00\x00\x00\x00\x67", False),  # empty units
        (b"\x78\x00\x01\x67", False),  # an SPS without content
    ],
)
def test_payloads(payload: bytes, expected: bool) -> None:
    assert is_keyframe_start(payload) is expected


def test_what_a_browser_sends() -> None:
    packets = [parse(data) for data in captures.packets("chromium-h264", "rtp")]
    payload_types = {packet.payload_type for packet in packets} - {111}
    video_type = next(one for one in payload_types if any(p.payload_type == one and not p.padding_bytes for p in packets))
    video = [packet for packet in packets if packet.payload_type == video_type]
    starts = {packet.timestamp for packet in video if is_keyframe_start(packet.payload)}
    assert is_keyframe_start(video[0].payload)
    assert starts == {video[0].timestamp}
