"""Compressed records, whole and damaged."""

from __future__ import annotations

import json
import zlib

import pytest

from signaling import packing
from signaling.packing import pack, unpack

RECORD = {"by": "center:Hà Nội", "parts": [{"values": {str(code): code % 7 for code in range(20_000, 31_000)}}]}


def test_there_and_back_and_smaller() -> None:
    packed = pack(RECORD)
    assert unpack(packed) == RECORD
    assert len(packed) * 3 < len(json.dumps(RECORD))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        pack(RECORD)[:-1],
        zlib.compress(b"[]"),
        zlib.compress(b"{"),
        zlib.compress(b"\xff"),
        zlib.compress(b"[" * 200_000),
    ],
)
def test_what_is_no_record(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"cut off|not compressed|not an object|Expecting|decode|deep"):
        unpack(data)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MAX_BYTES", 1000)
    with pytest.raises(ValueError, match="too large"):
        unpack(zlib.compress(b"{" + b" " * 2000 + b"}"))
