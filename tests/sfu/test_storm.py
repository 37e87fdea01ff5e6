"""A nation joins within a minute, in virtual time: what the publisher is asked for, what newcomers are sent, how long they wait.

The routes, the dispatcher, the source and the publisher are the real ones; the fan-out counts and encrypts nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from sfu.dispatch import Dispatcher
from sfu.fanout import PreparedFrame, ReferenceFanout
from sfu.ids import FeedId, SessionId, SlotName
from sfu.keyframe import CACHE_PACKETS
from sfu.legs import Leg
from sfu.plan import Plan
from sfu.router import BURST_PACKETS_PER_S, BurstBudget, SessionRoutes
from sfu.srtp import Suite
from sfu.wire import rtcp
from sfu.wire.rtp import RtpPacket
from tests.sfu.kit import DELTA_PAYLOAD, KEY_PAYLOAD, REST_PAYLOAD, ListOutlet, leg, session_keys
from tests.sfu.test_publisher import publisher, sent, video_line

NATION = 9_811
PACKET_BYTES = 1_168
RETURN_S = 0.1
"""From our request until the publisher's next frame may be a key frame: a line of 80 ms and an encoder."""
NATURAL_KEYFRAME_S = 10.0
KEYS = session_keys(Suite.AES_128_GCM)


class CountingFanout(ReferenceFanout):
    """Counts packets to legs; knows who has begun."""

    def __init__(self) -> None:
        super().__init__(ListOutlet())
        self.packets = 0
        self.burst_packets: list[int] = []
        self.has_begun: set[Leg] = set()

    def send_frame(self, frame: PreparedFrame, legs: Sequence[Leg]) -> None:
        self.packets += len(frame.packets) * len(legs)
        if len(legs) == 1 and legs[0] not in self.has_begun:
            self.burst_packets.append(len(frame.packets))
        self.has_begun.update(legs)


@dataclass
class Storm:
    """One run. ``waits_s`` are the newcomers', from connected to the first packet of their first picture."""

    per_frame: int = 5
    frames_per_s: int = 20
    keyframe_packets: int = 20
    seed: int = 1
    requests: list[float] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    fanout: CountingFanout = field(default_factory=CountingFanout)

    def __post_init__(self) -> None:
        self.publisher = publisher(video_line((50,)))
        self.dispatcher = Dispatcher(self.fanout)
        self.routes = SessionRoutes(SessionId("main"), self.dispatcher, BurstBudget())
        assert self.routes.set_plan(Plan(SessionId("main"), 1, {SlotName("main"): (FeedId("center"),)}), 0.0)
        self.waiting: dict[Leg, float] = {}
        self.sequence = 65_000
        self.next_keyframe_at = 0.0

    def run(self, joins: int, seconds: float) -> Storm:
        dice = random.Random(self.seed)
        coming = sorted(1.0 + dice.random() * seconds for _ in range(joins))
        coming.reverse()
        for number in range(int((seconds + 4.0) * self.frames_per_s)):
            now = number / self.frames_per_s
            while coming and coming[-1] <= now:
                self._join(len(coming), coming.pop())
            self._take_requests(now)
            self._frame(now)
        assert not coming
        assert not self.waiting, "everybody has a picture"
        assert len(self.waits_s) == joins
        return self

    def _join(self, number: int, now: float) -> None:
        made = leg(ssrc=number + 1, suite=None)
        made.open(Suite.AES_128_GCM, KEYS)
        made.address = ("192.0.2.1", 4000)
        self.waiting[made] = now
        self.routes.add(made, now)
        self._note_begun(now)
        self._take_requests(now)

    def _take_requests(self, now: float) -> None:
        if sent(self.publisher, now, rtcp.Pli):
            self.requests.append(now)
            self.next_keyframe_at = min(self.next_keyframe_at, now + RETURN_S)

    def _frame(self, now: float) -> None:
        is_key = now >= self.next_keyframe_at
        if is_key:
            self.next_keyframe_at = now + NATURAL_KEYFRAME_S
        count = self.keyframe_packets if is_key else self.per_frame
        for i in range(count):
            self.sequence += 1
            start = (KEY_PAYLOAD if is_key else DELTA_PAYLOAD) if i == 0 else REST_PAYLOAD
            packet = RtpPacket(i == count - 1, 96, self.sequence & 0xFFFF, int(now * 90_000), 50, payload=start + bytes(8))
            received = self.publisher.receive_rtp(packet, PACKET_BYTES, now)
            assert received is not None
            source, arrivals = received
            if self.routes.source(FeedId("center"), "video") is not source:
                self.routes.set_source(FeedId("center"), "video", source, now)
            for batch in arrivals.batches:
                self.dispatcher.submit(source, batch, now)
        while self.dispatcher.run():
            pass
        self._note_begun(now)

    def _note_begun(self, now: float) -> None:
        for made in [one for one in self.waiting if one in self.fanout.has_begun]:
            self.waits_s.append(now - self.waiting.pop(made))

    @property
    def shortest_between_requests_s(self) -> float:
        return min(later - earlier for earlier, later in zip(self.requests, self.requests[1:], strict=False))


@pytest.mark.parametrize("seconds", [60.0, 24.5])
def test_a_nation_joins_within_a_minute_or_as_fast_as_the_door_lets_it(seconds: float) -> None:
    storm = Storm().run(NATION, seconds)
    assert len(storm.requests) <= seconds + 2
    assert storm.shortest_between_requests_s >= 1.0 - 1e-6
    waits_s = sorted(storm.waits_s)
    assert waits_s[-1] <= 0.5
    assert sum(waits_s) / NATION <= 0.1
    bursts = storm.fanout.burst_packets
    assert len(bursts) >= 0.6 * NATION, "most begin at once"
    assert max(bursts) <= CACHE_PACKETS
    assert sum(bursts) <= BURST_PACKETS_PER_S * (seconds + 1)
    assert sum(bursts) <= 0.05 * storm.fanout.packets, "what newcomers are sent is little beside what everybody is"


def test_a_heavy_picture_whose_cache_is_short_lived_asks_no_more_often() -> None:
    """250 packets a second, key frames of 60: 90 packets are 0.12 s behind a key frame, so that nearly all wait for the next."""
    storm = Storm(per_frame=10, frames_per_s=25, keyframe_packets=60).run(NATION, 60.0)
    assert len(storm.requests) <= 62
    assert storm.shortest_between_requests_s >= 1.0 - 1e-6
    assert max(storm.waits_s) <= 1.5
    assert sum(storm.fanout.burst_packets) <= 0.02 * storm.fanout.packets


def test_a_nation_at_one_moment_waits_for_one_key_frame() -> None:
    storm = Storm().run(NATION, 0.01)
    assert len(storm.requests) <= 2
    assert max(storm.waits_s) <= 1.2
    assert sum(storm.fanout.burst_packets) <= BURST_PACKETS_PER_S


def test_nobody_comes_and_nothing_is_asked_for() -> None:
    storm = Storm().run(1, 1.0)
    assert len(storm.requests) <= 1
