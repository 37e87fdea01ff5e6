from __future__ import annotations

import pytest
from aiortc.rtp import RtcpPacket, RtcpSdesPacket

from sfu.wire.errors import WireError
from sfu.wire.rtcp import SourceChunk, SourceDescription, parse_compound
from sfu.wire.rtcp.header import Raw
from tests.data import captures


@pytest.mark.parametrize("length", range(9))
def test_every_alignment(length: int) -> None:
    description = SourceDescription.of_cname(0x11223344, "a" * length)
    data = description.serialize()
    assert len(data) % 4 == 0
    assert data[-1] == 0  # at least one null ends the list
    assert parse_compound(data) == [description]


def test_two_chunks_and_unknown_items() -> None:
    description = SourceDescription(
        (SourceChunk(1, ((1, b"abc"), (8, b"\x03privx"))), SourceChunk(2), SourceChunk(3, ((6, b""),)))
    )
    assert parse_compound(description.serialize()) == [description]
    assert [chunk.cname for chunk in description.chunks] == [b"abc", None, None]


def test_bytes() -> None:
    assert SourceDescription.of_cname(1, "ab").serialize().hex() == "81ca0003" + "00000001" + "0102616200000000"
    (theirs,) = RtcpPacket.parse(SourceDescription.of_cname(1, "node-1").serialize())
    assert isinstance(theirs, RtcpSdesPacket)
    assert theirs.chunks[0].items == [(1, b"node-1")]


@pytest.mark.parametrize(
    ("count", "body"),
    [
        (1, b""),
        (1, b"\0\0\0\x01"),
        (1, b"\0\0\0\x01\x01"),
        (1, b"\0\0\0\x01\x01\x05abc"),
        (1, b"\0\0\0\x01\x01\x02ab"),
        (2, b"\0\0\0\x01\0\0\0\0"),
    ],
)
def test_cut_off(count: int, body: bytes) -> None:
    with pytest.raises(WireError):
        SourceDescription.from_raw(Raw(202, count, body))


def test_what_does_not_fit() -> None:
    for chunks in (
        (SourceChunk(1, ((1, bytes(256)),)),),
        (SourceChunk(1, ((0, b""),)),),
        (SourceChunk(1 << 32),),
        (SourceChunk(1),) * 32,
    ):
        with pytest.raises(WireError):
            SourceDescription(chunks).serialize()


def test_a_browser_names_its_streams_alike() -> None:
    names = {
        chunk.cname
        for data in captures.packets("chromium-vp8", "rtcp")
        for packet in parse_compound(data)
        if isinstance(packet, SourceDescription)
        for chunk in packet.chunks
    }
    assert len(names) == 1
    assert len(names.pop() or b"") == 16
