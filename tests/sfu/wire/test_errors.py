from __future__ import annotations

from sfu.wire.errors import WireError
from sfu.wire.sdp import SdpError


def test_one_family() -> None:
    assert issubclass(WireError, ValueError)
    assert issubclass(SdpError, WireError)
