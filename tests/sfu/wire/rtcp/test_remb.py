from __future__ import annotations

import pytest
from aiortc.rtp import unpack_remb_fci

from sfu.wire.errors import WireError
from sfu.wire.rtcp import Remb, Unknown, parse_compound
from sfu.wire.rtcp.header import Raw


def test_both_ways() -> None:
    data = bytes.fromhex("8fce0005" + "00000001" + "00000000" + "52454d42" + "010e6a1b" + "11111111")
    (packet,) = parse_compound(data)
    assert packet == Remb(1, 0x26A1B << 3, (0x11111111,))
    assert packet.serialize() == data


@pytest.mark.parametrize("bitrate_bps", [0, 1, 262_143, 262_144, 2_500_000, 1_000_000_007, (1 << 81) - 1])
def test_rates_keep_18_bits_rounded_down(bitrate_bps: int) -> None:
    data = Remb(1, bitrate_bps, (2, 3)).serialize()
    (packet,) = parse_compound(data)
    assert isinstance(packet, Remb)
    assert packet.ssrcs == (2, 3)
    assert bitrate_bps * (1 - 2**-17) <= packet.bitrate_bps <= bitrate_bps
    assert unpack_remb_fci(data[12:]) == (packet.bitrate_bps, [2, 3])


def test_other_application_feedback_is_kept() -> None:
    data = bytes.fromhex("8fce0003" + "00000001" + "00000000" + "4f544852")
    (packet,) = parse_compound(data)
    assert packet == Unknown(206, 15, data[4:])


@pytest.mark.parametrize("control", ["52454d42", "52454d4201000001", "52454d420000000100000002", "52454d4202000001" + "00000001"])
def test_malformed(control: str) -> None:
    with pytest.raises(WireError):
        Remb.from_raw(Raw(206, 15, bytes(8) + bytes.fromhex(control)))


def test_what_does_not_fit() -> None:
    for packet in (Remb(1, -1, ()), Remb(1, 1 << 81, ()), Remb(1, 1, (1,) * 256), Remb(1, 1, (1 << 32,))):
        with pytest.raises(WireError):
            packet.serialize()
