from __future__ import annotations

import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtcp import Fir, parse_compound
from sfu.wire.rtcp.header import Raw


def test_both_ways() -> None:
    data = bytes.fromhex("84ce0006" + "00000001" + "00000000" + "11111111" + "07000000" + "22222222" + "ff000000")
    packet = Fir(1, ((0x11111111, 7), (0x22222222, 255)))
    assert parse_compound(data) == [packet]
    assert packet.serialize() == data


def test_malformed() -> None:
    for body in (bytes(4), bytes(8), bytes(12), bytes(20)):
        with pytest.raises(WireError):
            Fir.from_raw(Raw(206, 4, body))
    for packet in (Fir(1, ()), Fir(1, ((1, 256),)), Fir(1, ((1 << 32, 0),))):
        with pytest.raises(WireError):
            packet.serialize()
