"""Identifiers are plain values at run time: they cross JSON and dictionaries unchanged."""

import json

from sfu.ids import FeedId, PeerId, SessionId, SlotName, Ssrc


def test_identifiers_are_their_values() -> None:
    assert json.dumps([PeerId("p"), SessionId("s"), FeedId("f"), SlotName("main"), Ssrc(7)]) == '["p", "s", "f", "main", 7]'
    assert {SlotName("main"): 1}["main"] == 1  # type: ignore[index]
