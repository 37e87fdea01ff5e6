"""What the recorder is handed: the feeds of a recorded plan and no others, in whatever order, and key frames when it needs
them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.dispatch import Dispatcher
from sfu.fanout import ReferenceFanout
from sfu.ids import FeedId, Kind, SessionId, SlotName
from sfu.packets import SourcePacket
from sfu.plan import Plan
from sfu.router import BurstBudget, SessionRoutes
from sfu.selector import Level
from sfu.source import Source
from sfu.tap import KEYFRAME_S, Tap
from sfu.tap_wire import TapError, TappedBatch, TappedPacket, TappedPlan, batch_bytes, parse, plan_bytes
from tests.sfu.kit import ListOutlet

MAIN = SessionId("main")
CENTER, POINT, OTHER = FeedId("center"), FeedId("point:26740"), FeedId("point:00001")
SLOTS = {SlotName("main"): (POINT, CENTER), SlotName("center"): (CENTER,), SlotName("monitor1"): (POINT,)}
CALLS = {SlotName("monitor1"): ("c1", "Phường 10")}


class World:
    """A session's routes with a tap that keeps what it is handed."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.has_room = True
        self.tap = Tap(self.send)
        self.dispatcher = Dispatcher(ReferenceFanout(ListOutlet()))
        self.dispatcher.record, self.dispatcher.record_news = self.tap.take, self.tap.tell
        self.routes = SessionRoutes(MAIN, self.dispatcher, BurstBudget())
        self.sources: dict[tuple[FeedId, Kind], Source] = {}
        self.version = 0

    def send(self, message: bytes) -> bool:
        if self.has_room:
            self.messages.append(message)
        return self.has_room

    def plan(self, *, recorded: bool) -> None:
        self.version += 1
        self.routes.set_plan(Plan(MAIN, self.version, SLOTS, recording=CALLS if recorded else None), 0.0)

    def feed(self, feed: FeedId, kind: Kind) -> Source:
        rate, codec = (90_000, "VP8") if kind == "video" else (48_000, "opus")
        source = Source(kind=kind, codec=codec, clock_rate_hz=rate, keyframe_interval_s=1.0)
        self.sources[feed, kind] = source
        self.routes.set_source(feed, kind, source, 0.0)
        return source

    def say(self, source: Source, index: int, *, is_key: bool = False, now: float = 1.0) -> None:
        packet = SourcePacket(index, index * 100, marker=True, payload=b"x", is_keyframe_start=is_key)
        self.dispatcher.submit(source, (packet,), now)

    def batches(self) -> list[TappedBatch]:
        return [message for message in map(parse, self.messages) if isinstance(message, TappedBatch)]

    def plans(self) -> list[TappedPlan]:
        return [message for message in map(parse, self.messages) if isinstance(message, TappedPlan)]


def test_nothing_is_handed_over_of_a_session_that_is_not_recorded() -> None:
    world = World()
    picture = world.feed(CENTER, "video")
    world.plan(recorded=False)
    world.say(picture, 1, is_key=True)
    world.tap.beat([world.routes], 2.0)
    assert world.messages == []
    assert not picture.requests.is_wanted


def test_the_feeds_of_the_plan_are_handed_over_from_the_word_on() -> None:
    world = World()
    picture, other, sound = world.feed(CENTER, "video"), world.feed(OTHER, "video"), world.feed(POINT, "audio")
    world.plan(recorded=True)
    assert picture.requests.is_wanted, "a file begins with a key frame"
    assert not other.requests.is_wanted
    for source in (picture, other, sound):
        world.say(source, 1, is_key=True)
    assert [(batch.feed, batch.kind) for batch in world.batches()] == [(CENTER, "video"), (POINT, "audio")]
    assert world.batches()[0].packets == (TappedPacket(1, 100, marker=True, is_keyframe_start=True, payload=b"x"),)
    world.plan(recorded=False)
    world.say(picture, 2)
    assert len(world.batches()) == 2
    assert world.plans()[-1].recording is None


def test_the_plan_comes_before_the_key_frame_that_it_asks_for() -> None:
    world = World()
    center, point = world.feed(CENTER, "video"), world.feed(POINT, "video")
    world.plan(recorded=True)
    world.say(point, 1, is_key=True)
    world.say(center, 1, is_key=True)
    before = len(world.messages)
    world.routes.set_source(POINT, "video", None, 1.0)
    (news,) = [parse(message) for message in world.messages[before:]]
    assert isinstance(news, TappedPlan)
    assert news.live["video"] == {CENTER}
    assert center.requests.is_wanted, "its picture is shown now"


def test_a_beat_repeats_the_plan_and_asks_for_a_key_frame_now_and_then() -> None:
    world = World()
    picture = world.feed(CENTER, "video")
    world.plan(recorded=True)
    world.say(picture, 1, is_key=True, now=1.0)
    assert not world.tap.beat([world.routes], 2.0)
    assert not picture.requests.is_wanted
    assert world.tap.beat([world.routes], 1.0 + KEYFRAME_S)
    assert picture.requests.is_wanted
    assert [plan.recording for plan in world.plans()] == [{"monitor1": ("c1", "Phường 10")}] * 3


def test_what_finds_no_room_is_counted_and_costs_a_key_frame() -> None:
    world = World()
    picture = world.feed(CENTER, "video")
    world.plan(recorded=True)
    world.say(picture, 1, is_key=True)
    assert not picture.requests.is_wanted
    world.has_room = False
    world.say(picture, 2)
    assert world.tap.counters["recorded_packets_dropped"] == 1
    assert picture.requests.is_wanted


def test_the_end_is_told_again_until_it_was_told() -> None:
    world = World()
    world.feed(CENTER, "video")
    world.plan(recorded=True)
    world.has_room = False
    world.plan(recorded=False)
    world.has_room = True
    world.tap.beat([world.routes], 1.0)
    assert world.plans()[-1].recording is None
    told = len(world.messages)
    world.tap.beat([world.routes], 2.0)
    assert len(world.messages) == told


def test_only_the_best_layer_is_handed_over() -> None:
    world = World()
    full, half = (Source(kind="video", codec="VP8", clock_rate_hz=90_000, keyframe_interval_s=1.0) for _ in range(2))
    world.plan(recorded=True)
    world.routes.set_layers(CENTER, "video", ((Level.FULL, full), (Level.HALF, half)), 0.0)
    world.say(full, 1, is_key=True)
    world.say(half, 1, is_key=True)
    assert len(world.batches()) == 1
    world.routes.set_layers(CENTER, "video", ((Level.HALF, half),), 0.0)
    assert half.requests.is_wanted
    world.say(half, 2, is_key=True)
    assert len({batch.source for batch in world.batches()}) == 2


packets = st.builds(
    SourcePacket,
    st.integers(0, 2**40),
    st.integers(0, 2**40),
    st.booleans(),
    st.binary(max_size=1500),
    is_keyframe_start=st.booleans(),
)


@given(st.lists(packets, min_size=1, max_size=16), st.none() | st.tuples(st.floats(0, 1e6), st.integers(0, 2**40)))
def test_a_batch_comes_back(sent: list[SourcePacket], reported: tuple[float, int] | None) -> None:
    read = parse(batch_bytes((MAIN, POINT), "video", "VP8", 7, 90_000, 12.5, reported, sent))
    assert isinstance(read, TappedBatch)
    assert (read.session, read.feed, read.kind, read.codec, read.source) == (MAIN, POINT, "video", "VP8", 7)
    assert (read.clock_rate_hz, read.arrived_s, read.reported) == (90_000, 12.5, reported)
    assert [(each.index, each.timestamp, each.marker, each.payload) for each in read.packets] == [
        (each.index, each.timestamp, each.marker, each.payload) for each in sent
    ]


def test_padding_is_taken_off() -> None:
    read = parse(batch_bytes((MAIN, POINT), "video", "VP8", 7, 90_000, 1.0, None, [SourcePacket(1, 1, True, b"ab\0\2", 2)]))
    assert isinstance(read, TappedBatch)
    assert read.packets[0].payload == b"ab"


@given(st.binary(max_size=300))
def test_whatever_comes_one_kind_of_error(data: bytes) -> None:
    for first in (b"", b"P", b"S"):
        try:
            parse(first + data)
        except TapError:
            continue


@pytest.mark.parametrize("cut", range(1, 40))
def test_what_is_cut_is_no_message(cut: int) -> None:
    whole = batch_bytes((MAIN, POINT), "audio", "opus", 1, 48_000, 1.0, None, [SourcePacket(1, 1, False, b"sound")])
    with pytest.raises(TapError):
        parse(whole[:-cut])
    plan = plan_bytes(Plan(MAIN, 1, SLOTS, recording=CALLS), {"audio": {CENTER}, "video": set()})
    with pytest.raises(TapError):
        parse(plan[:-cut])
