"""Frames of RFC 4571: any cut of the bytes gives the same datagrams."""

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.errors import WireError
from sfu.wire.framing import FRAME_MAX_BYTES, FrameReader, frame

datagrams = st.lists(st.binary(max_size=80) | st.binary(min_size=FRAME_MAX_BYTES, max_size=FRAME_MAX_BYTES), max_size=8)


def rfc_4571(*payloads: bytes) -> bytes:
    """Frames written here once more."""
    return b"".join(len(payload).to_bytes(2, "big") + payload for payload in payloads)


@given(datagrams, st.lists(st.integers(0, 4000), max_size=12))
def test_any_cut_gives_the_same_datagrams(sent: list[bytes], cuts: list[int]) -> None:
    stream = rfc_4571(*sent)
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    reader, received = FrameReader(), []
    for first, last in itertools.pairwise(places):
        received += reader.receive(stream[first:last])
        assert reader.waiting_bytes < 2 + FRAME_MAX_BYTES
    assert received == [one for one in sent if one]
    assert reader.waiting_bytes == 0


def test_byte_by_byte() -> None:
    reader = FrameReader()
    stream = rfc_4571(b"first", b"", b"second")
    assert [one for byte in stream for one in reader.receive(bytes([byte]))] == [b"first", b"second"]


@pytest.mark.parametrize("length", [FRAME_MAX_BYTES + 1, 0xFFFF])
def test_a_frame_that_is_too_long_is_refused_by_its_length_alone(length: int) -> None:
    reader = FrameReader()
    assert reader.receive(rfc_4571(b"good")) == [b"good"]
    with pytest.raises(WireError, match=str(length)):
        reader.receive(struct.pack("!H", length))


def test_one_datagram_is_framed() -> None:
    assert frame(b"abc", 0) == b"\x00\x03abc"
    assert frame(b"abc", 3) == b"\x00\x03abc"
    assert frame(b"", 0) == b"\x00\x00"


@given(st.binary(min_size=1, max_size=400), st.integers(1, 150))
def test_segments_are_framed_one_by_one(data: bytes, segment_bytes: int) -> None:
    pieces = [data[at : at + segment_bytes] for at in range(0, len(data), segment_bytes)]
    assert frame(data, segment_bytes) == rfc_4571(*pieces)


def test_what_two_bytes_cannot_say_is_refused() -> None:
    assert len(frame(bytes(0xFFFF), 0)) == 0xFFFF + 2
    with pytest.raises(WireError, match="65536"):
        frame(bytes(0x10000), 0)
