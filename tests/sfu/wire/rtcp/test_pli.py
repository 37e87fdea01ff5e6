from __future__ import annotations

import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtcp import Pli, parse_compound
from sfu.wire.rtcp.header import Raw


def test_both_ways() -> None:
    data = bytes.fromhex("81ce0002" + "00000001" + "8e226896")
    assert parse_compound(data) == [Pli(1, 0x8E226896)]
    assert Pli(1, 0x8E226896).serialize() == data


def test_malformed() -> None:
    with pytest.raises(WireError):
        Pli.from_raw(Raw(206, 1, bytes(4)))
    with pytest.raises(WireError):
        Pli(-1, 2).serialize()
