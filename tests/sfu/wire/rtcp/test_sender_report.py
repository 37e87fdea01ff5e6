from __future__ import annotations

import pytest
from aiortc.rtp import RtcpPacket, RtcpSrPacket

from sfu.wire.errors import WireError
from sfu.wire.rtcp import ReportBlock, SenderReport, parse_compound
from sfu.wire.rtcp.header import Raw
from sfu.wire.rtp import RtpPacket
from tests.data import captures

FIXED = "80c80006 8e226896 eeaca9af9b9e279d b1a171ca 00000013 00002a16".replace(" ", "")  # Chromium


def test_fields() -> None:
    (report,) = parse_compound(bytes.fromhex(FIXED))
    assert report == SenderReport(0x8E226896, 0xEEACA9AF9B9E279D, 0xB1A171CA, 19, 10774)
    assert report.serialize() == bytes.fromhex(FIXED)
    assert report.middle_ntp == 0xA9AF9B9E


def test_blocks() -> None:
    report = SenderReport(1, 2, 3, 4, 5, (ReportBlock(6, 7, 8), ReportBlock(9)))
    assert parse_compound(report.serialize()) == [report]


def test_a_profile_extension_behind_the_blocks_is_not_looked_at() -> None:
    body = bytes.fromhex(FIXED)[4:] + b"more"
    assert SenderReport.from_raw(Raw(200, 0, body)).octet_count == 10774


def test_cut_off() -> None:
    for count, body in ((0, bytes(20)), (1, bytes(24)), (1, bytes(44)), (31, bytes(700))):
        with pytest.raises(WireError):
            SenderReport.from_raw(Raw(200, count, body))


def test_what_does_not_fit() -> None:
    for report in (SenderReport(1, 1 << 64, 0, 0, 0), SenderReport(1, 0, 0, 0, 0, (ReportBlock(1),) * 32)):
        with pytest.raises(WireError):
            report.serialize()


def test_another_implementation_reads_the_same() -> None:
    report = SenderReport(1, 2 << 32, 3, 4, 5, (ReportBlock(6, 7, -8, 9, 10, 11, 12),))
    (theirs,) = RtcpPacket.parse(report.serialize())
    assert isinstance(theirs, RtcpSrPacket)
    assert (theirs.ssrc, theirs.sender_info.ntp_timestamp, theirs.sender_info.octet_count) == (1, 2 << 32, 5)
    assert (theirs.reports[0].packets_lost, theirs.reports[0].dlsr) == (-8, 12)


def test_clocks_of_a_browser_run_together() -> None:
    video_ssrc = next(
        packet.ssrc for packet in map(RtpPacket.parse, captures.packets("chromium-vp8", "rtp")) if packet.payload_type == 96
    )
    reports = [
        packet
        for data in captures.packets("chromium-vp8", "rtcp")
        for packet in parse_compound(data)
        if isinstance(packet, SenderReport) and packet.ssrc == video_ssrc
    ]
    first, last = reports[0], reports[-1]
    ntp_s = (last.ntp - first.ntp) / 2**32
    assert ntp_s > 1
    assert (last.rtp_timestamp - first.rtp_timestamp) / 90_000 == pytest.approx(ntp_s, abs=0.01)
