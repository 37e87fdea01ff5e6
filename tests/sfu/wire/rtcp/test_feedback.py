from __future__ import annotations

import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtcp.feedback import serialize_feedback, split_feedback
from sfu.wire.rtcp.header import Raw


def test_both_ways() -> None:
    data = serialize_feedback(206, 1, 0x11111111, 0x22222222, b"fci.")
    assert data.hex() == "81ce0003" + "11111111" + "22222222" + b"fci.".hex()
    assert split_feedback(Raw(206, 1, data[4:]), "PLI") == (0x11111111, 0x22222222, b"fci.")


def test_cut_off() -> None:
    with pytest.raises(WireError, match="PLI"):
        split_feedback(Raw(206, 1, bytes(7)), "PLI")


def test_what_does_not_fit() -> None:
    for arguments in ((206, 32, 0, 0, b""), (206, 1, 1 << 32, 0, b""), (206, 1, 0, -1, b""), (206, 1, 0, 0, b"abc")):
        with pytest.raises(WireError):
            serialize_feedback(*arguments)
