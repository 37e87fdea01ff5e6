from __future__ import annotations

import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtcp import Bye, parse_compound
from sfu.wire.rtcp.header import Raw


@pytest.mark.parametrize("packet", [Bye(), Bye((1,)), Bye((1, 2), b"camera off"), Bye((1,), b"abc"), Bye((1,), b"x" * 255)])
def test_both_ways(packet: Bye) -> None:
    assert parse_compound(packet.serialize()) == [packet]


def test_bytes() -> None:
    assert Bye((0x11223344,), b"end").serialize().hex() == "81cb00021122334403656e64"


@pytest.mark.parametrize(("count", "body"), [(1, b""), (2, bytes(4)), (1, b"\0\0\0\x01\x04abc"), (0, b"\x04abc")])
def test_cut_off(count: int, body: bytes) -> None:
    with pytest.raises(WireError):
        Bye.from_raw(Raw(203, count, body))


def test_what_does_not_fit() -> None:
    for packet in (Bye((1,) * 32), Bye((1,), bytes(256)), Bye((-1,))):
        with pytest.raises(WireError):
            packet.serialize()
