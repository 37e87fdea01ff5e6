from __future__ import annotations

import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtcp.report_block import ReportBlock, parse_blocks, serialize_blocks

DATA = bytes.fromhex("11223344 40fffffe 0001beef 00000050 a9b04462 00010000".replace(" ", ""))
BLOCK = ReportBlock(0x11223344, 0x40, -2, 0x0001BEEF, 0x50, 0xA9B04462, 65536)


def test_both_ways() -> None:
    assert parse_blocks(b"xx" + DATA + DATA, 2, 2) == (BLOCK, BLOCK)
    assert serialize_blocks((BLOCK, BLOCK)) == DATA * 2
    assert parse_blocks(b"", 0, 0) == ()


@pytest.mark.parametrize(
    ("lost", "wire"), [(0x7FFFFF, "7fffff"), (0x800000, "7fffff"), (-0x800000, "800000"), (-0x800001, "800000")]
)
def test_the_cumulative_loss_is_clamped(lost: int, wire: str) -> None:
    data = ReportBlock(1, cumulative_lost=lost).serialize()
    assert data[5:8].hex() == wire
    assert parse_blocks(data, 0, 1)[0].cumulative_lost == max(-0x800000, min(lost, 0x7FFFFF))


def test_cut_off() -> None:
    with pytest.raises(WireError):
        parse_blocks(DATA, 1, 1)
    with pytest.raises(WireError):
        parse_blocks(DATA, 0, 2)


def test_what_does_not_fit() -> None:
    for block in (ReportBlock(1, fraction_lost=256), ReportBlock(-1), ReportBlock(1, jitter=1 << 32)):
        with pytest.raises(WireError):
            block.serialize()
    with pytest.raises(WireError):
        serialize_blocks((BLOCK,) * 32)
