from __future__ import annotations

import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtcp import Unknown, parse_compound


@pytest.mark.parametrize(
    "data", ["80c00000", "9fcf0001aabbccdd", "8fcd0002" + "00000001" + "00000002", "82cc0002" + "00000001" + "6e616d65"]
)
def test_kept_as_it_is(data: str) -> None:
    (packet,) = parse_compound(bytes.fromhex(data))
    assert isinstance(packet, Unknown)
    assert packet.serialize().hex() == data


def test_what_does_not_fit() -> None:
    with pytest.raises(WireError):
        Unknown(207, 0, b"abc").serialize()
