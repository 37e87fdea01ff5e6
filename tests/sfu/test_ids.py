"""Identifiers are plain values at run time: they cross JSON and dictionaries unchanged."""

import json

from sfu.ids import FeedId, PeerId, SessionId, SlotName, Ssrc, is_stream, without_transport


def test_identifiers_are_their_values() -> None:
    assert json.dumps([PeerId("p"), SessionId("s"), FeedId("f"), SlotName("main"), Ssrc(7)]) == '["p", "s", "f", "main", 7]'
    assert {SlotName("main"): 1}["main"] == 1  # type: ignore[index]


def test_the_far_end_of_a_tcp_connection_is_an_address_of_its_own() -> None:
    for host in ("192.0.2.7", "2001:db8::7"):
        over_udp, over_tcp = (host, 40_000), ("tcp:" + host, 40_000)
        assert over_udp != over_tcp
        assert [is_stream(over_udp), is_stream(over_tcp)] == [False, True]
        assert without_transport(over_udp) == without_transport(over_tcp) == over_udp
