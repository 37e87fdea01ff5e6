from __future__ import annotations

import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtcp import ReceiverReport, ReportBlock, parse_compound
from sfu.wire.rtcp.header import Raw

CHROMIUM = "81c900078e2268967909914c0000000000004eba00000061a9b044620000745e"


def test_fields() -> None:
    (report,) = parse_compound(bytes.fromhex(CHROMIUM))
    block = ReportBlock(0x7909914C, 0, 0, 0x4EBA, 0x61, 0xA9B04462, 0x745E)
    assert report == ReceiverReport(0x8E226896, (block,))
    assert report.serialize() == bytes.fromhex(CHROMIUM)


def test_without_blocks() -> None:
    assert ReceiverReport(1).serialize().hex() == "80c9000100000001"
    assert parse_compound(bytes.fromhex("80c9000100000001")) == [ReceiverReport(1)]


def test_cut_off() -> None:
    for count, body in ((0, b""), (0, b"abc"), (1, bytes(24))):
        with pytest.raises(WireError):
            ReceiverReport.from_raw(Raw(201, count, body))


def test_what_does_not_fit() -> None:
    with pytest.raises(WireError):
        ReceiverReport(1 << 32).serialize()
