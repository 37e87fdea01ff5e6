"""What signaling hears: plain values, and every event has a line of its own."""

import json
from dataclasses import FrozenInstanceError, asdict
from typing import get_args

import pytest

from sfu.control_wire import event_line
from sfu.events import FeedFlowing, FeedStopped, NodeEvent, PeerConnected, PeerGone, ViewerLevel
from sfu.ids import FeedId, PeerId, SessionId

SESSION, PEER, FEED = SessionId("main"), PeerId("p"), FeedId("center")
EVENTS: list[NodeEvent] = [
    PeerConnected(SESSION, PEER),
    PeerGone(SESSION, PEER, "left"),
    FeedFlowing(SESSION, FEED, "video", PEER),
    FeedStopped(SESSION, FEED, "audio", PEER, "silent"),
    ViewerLevel(SESSION, PEER, FeedId("point:1"), "sound", is_wish=False),
]


def test_every_event_has_a_line() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(NodeEvent))
    lines = [json.loads(event_line(event)) for event in EVENTS]
    assert [line.pop("event") for line in lines] == [
        "peer_connected",
        "peer_gone",
        "feed_flowing",
        "feed_stopped",
        "viewer_level",
    ]
    assert lines == [asdict(event) for event in EVENTS]


def test_events_are_facts() -> None:
    with pytest.raises(FrozenInstanceError):
        EVENTS[0].peer = PeerId("other")  # type: ignore[misc]
