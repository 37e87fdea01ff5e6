"""The package's own two functions: whole datagrams in and out."""

from __future__ import annotations

import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtcp import (
    Nack,
    Pli,
    ReceiverReport,
    Remb,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    parse_compound,
    serialize_compound,
)
from tests.data import captures


def test_packets_stay_in_order() -> None:
    packets: list[RtcpPacket] = [
        ReceiverReport(1, (ReportBlock(2),)),
        SourceDescription.of_cname(1, "node"),
        Remb(1, 1 << 20, (2,)),
        Nack(1, 2, (7, 8)),
        Pli(1, 2),
    ]
    assert parse_compound(serialize_compound(packets)) == packets


def test_a_reduced_size_packet() -> None:
    assert parse_compound(Pli(1, 2).serialize()) == [Pli(1, 2)]


def test_one_malformed_packet_spoils_the_datagram() -> None:
    with pytest.raises(WireError):
        parse_compound(ReceiverReport(1).serialize() + bytes.fromhex("81cd000100000001"))


def test_nothing_and_too_much() -> None:
    with pytest.raises(WireError):
        serialize_compound([])
    with pytest.raises(WireError):
        serialize_compound([ReceiverReport(1, (ReportBlock(2),) * 31)] * 3)


@pytest.mark.parametrize("name", ["chromium-vp8", "chromium-h264"])
def test_what_a_browser_sends_comes_out_as_it_went_in(name: str) -> None:
    datagrams = captures.packets(name, "rtcp")
    kinds = set()
    for data in datagrams:
        packets = parse_compound(data)
        kinds |= {type(packet) for packet in packets}
        assert serialize_compound(packets) == data
    assert {SenderReport, ReceiverReport, SourceDescription} <= kinds
