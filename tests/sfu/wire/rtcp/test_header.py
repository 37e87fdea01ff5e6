from __future__ import annotations

import struct

import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtcp.header import MAX_COMPOUND_BYTES, Raw, pack, pack_ssrcs, serialize_raw, split_compound

RR = bytes.fromhex("80c90001 00000001".replace(" ", ""))


def test_a_compound_is_cut_at_its_lengths() -> None:
    assert split_compound(RR + bytes.fromhex("84cc000211111111616263 64".replace(" ", ""))) == [
        Raw(201, 0, b"\0\0\0\x01"),
        Raw(204, 4, b"\x11\x11\x11\x11abcd"),
    ]


def test_padding_of_the_last_packet_is_taken_off() -> None:
    assert split_compound(RR + bytes.fromhex("a0c900020000000100000004")) == [
        Raw(201, 0, b"\0\0\0\x01"),
        Raw(201, 0, b"\0\0\0\x01"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        RR[:3],
        RR[:7],
        RR + b"\x80",
        RR + RR[:7],
        b"\x40" + RR[1:],
        bytes.fromhex("80c9ffff00000001"),
        bytes.fromhex("a0c9000200000001000000 04".replace(" ", "")) + RR,  # padding before another packet
        bytes.fromhex("a0c900020000000100000000"),
        bytes.fromhex("a0c900020000000100000003"),
        bytes.fromhex("a0c90002000000010000000c"),
        bytes.fromhex("a0c90000"),
        RR * 188,  # 1,504 bytes
    ],
)
def test_malformed(data: bytes) -> None:
    with pytest.raises(WireError):
        split_compound(data)


def test_the_longest_compound() -> None:
    assert len(split_compound(RR * (MAX_COMPOUND_BYTES // 8))) == 187


def test_serialize_raw() -> None:
    assert serialize_raw(201, 0, b"\0\0\0\x01") == RR
    for packet_type, count, body in ((256, 0, b""), (201, 32, b""), (201, -1, b""), (201, 0, b"abc"), (201, 0, bytes(262144))):
        with pytest.raises(WireError):
            serialize_raw(packet_type, count, body)


def test_fields_out_of_range() -> None:
    with pytest.raises(WireError):
        pack(struct.Struct("!B"), 256)
    with pytest.raises(WireError):
        pack_ssrcs((1 << 32,))
    assert pack_ssrcs((1, 2)) == bytes.fromhex("0000000100000002")
