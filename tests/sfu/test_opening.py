"""What is refused of a known peer's datagrams, and how it is counted; the rest goes through the engine's tests."""

from __future__ import annotations

from collections import Counter

from sfu.opening import open_rtcp, open_rtp, read_rtcp
from sfu.wire import rtcp
from tests.sfu.world import World


def test_rtp() -> None:
    world = World()
    center, viewer = world.publish("center"), world.watch("viewer-1")
    early: Counter[str] = Counter()
    assert open_rtp(center.peer, bytes([0x80, 96]) + bytes(40), early) is None, "there are no keys yet"
    world.run(0.3)
    counters: Counter[str] = Counter()
    assert open_rtp(viewer.peer, bytes([0x80, 96]) + bytes(40), counters) is None, "a viewer sends none"
    assert open_rtp(center.peer, bytes([0x80, 77]) + bytes(40), counters) is None, "not negotiated"
    assert open_rtp(center.peer, bytes([0x80, 96]) + bytes(40), counters) is None, "not authentic"
    assert (early, counters) == ({"dropped_rtp": 1}, {"dropped_rtp": 2, "srtp_auth": 1})


def test_rtcp() -> None:
    world = World()
    center = world.publish("center")
    counters: Counter[str] = Counter()
    assert open_rtcp(center.peer, bytes([0x80, 200]) + bytes(40), counters) is None
    world.run(0.3)
    assert open_rtcp(center.peer, bytes([0x80, 200]) + bytes(40), counters) is None
    assert counters == {"dropped_rtcp": 1, "srtp_auth": 1}
    assert center.outbound is not None
    plain = rtcp.serialize_compound([rtcp.ReceiverReport(9, ())])
    assert open_rtcp(center.peer, center.outbound.protect_rtcp(plain), counters) == plain


def test_compounds() -> None:
    counters: Counter[str] = Counter()
    assert read_rtcp(rtcp.serialize_compound([rtcp.ReceiverReport(9, ())]), counters) == [rtcp.ReceiverReport(9, ())]
    assert read_rtcp(b"\x80\xc9\x00", counters) == []
    assert counters == {"rtcp_in": 1, "malformed_rtcp": 1}
