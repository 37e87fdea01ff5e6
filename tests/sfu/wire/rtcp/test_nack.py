from __future__ import annotations

import random

import pytest
from aiortc.rtp import RtcpPacket, RtcpRtpfbPacket

from sfu.wire.errors import WireError
from sfu.wire.rtcp import Nack, parse_compound
from sfu.wire.rtcp.header import Raw
from sfu.wire.rtcp.nack import pack_pairs


def test_one_packet() -> None:
    data = Nack(1, 2, (0x1234,)).serialize()
    assert data.hex() == "81cd0003" + "00000001" + "00000002" + "12340000"


def test_a_bitmask_counts_from_its_lowest_bit() -> None:
    (packet,) = parse_compound(bytes.fromhex("81cd0003" + "00000001" + "00000002" + "00648005"))
    assert packet == Nack(1, 2, (100, 101, 103, 116))


@pytest.mark.parametrize(
    ("lost", "pairs"),
    [
        ((), []),
        ((5,), [(5, 0)]),
        ((5, 6), [(5, 1)]),
        ((5, 21), [(5, 0x8000)]),
        ((5, 22), [(5, 0), (22, 0)]),
        ((65535, 0, 15), [(65535, 0x8001)]),
        (tuple(range(100, 117)), [(100, 0xFFFF)]),
        ((7, 7), [(7, 0)]),
        ((9, 8), [(9, 0), (8, 0)]),
    ],
)
def test_pairs(lost: tuple[int, ...], pairs: list[tuple[int, int]]) -> None:
    assert pack_pairs(lost) == pairs


def test_any_set_survives_and_another_implementation_reads_the_same() -> None:
    source = random.Random(4585)
    for _ in range(200):
        start, count = source.randrange(65536), source.randrange(1, 60)
        lost = tuple(sorted(source.sample(range(200), count)))
        wanted = tuple((start + one) & 0xFFFF for one in lost)
        data = Nack(3, 4, wanted).serialize()
        assert parse_compound(data) == [Nack(3, 4, wanted)]
        (theirs,) = RtcpPacket.parse(data)
        assert isinstance(theirs, RtcpRtpfbPacket)
        assert tuple(theirs.lost) == wanted


def test_the_most_that_a_datagram_names() -> None:
    lost = tuple(range(372 * 17))
    (packet,) = parse_compound(Nack(1, 2, lost).serialize())
    assert packet == Nack(1, 2, lost)
    assert len(lost) == 6324


@pytest.mark.parametrize("body", [bytes(7), bytes(8), bytes(8) + b"\0\x01"])
def test_malformed(body: bytes) -> None:
    with pytest.raises(WireError):
        Nack.from_raw(Raw(205, 1, body))


def test_what_does_not_fit() -> None:
    for packet in (Nack(1, 2, ()), Nack(1, 2, (65536,)), Nack(1 << 32, 2, (1,))):
        with pytest.raises(WireError):
            packet.serialize()
