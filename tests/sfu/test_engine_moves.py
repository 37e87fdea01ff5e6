"""A viewer that goes from one session to another: its slots change by the ordinary rule, nothing else of it does."""

from __future__ import annotations

from collections.abc import Container
from itertools import pairwise

import pytest

from sfu.engine import EngineError
from sfu.events import PeerGone
from sfu.ids import FeedId, PeerId, SessionId, SlotName
from sfu.plan import Plan
from tests.sfu.kit import CORES, KEY_PAYLOAD
from tests.sfu.world import MAIN, PublishingBrowser, WatchingBrowser, World

OTHER = SessionId("other")
VIEWER = PeerId("viewer-1")


@pytest.fixture(autouse=True, params=CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test twice: the engine takes every datagram, or the intake in C takes it first."""
    monkeypatch.setattr(World, "core", request.param)


def two_sessions(owner: str | None = None) -> tuple[World, PublishingBrowser, PublishingBrowser, WatchingBrowser]:
    """Two sessions with a center each, and a viewer that begins in ``main``."""
    world = World()
    for session in (MAIN, OTHER):
        world.plan(session, main=("point:1", "center"), center=("center",))
    first, second = world.publish("center"), world.publish("center", "publisher-other", session=OTHER)
    second.sequence, second.timestamp = 7, 0xFFFF_0000
    viewer = world.watch(VIEWER, owner)
    world.run(0.3)
    return world, first, second, viewer


def show(world: World, *browsers: PublishingBrowser, frames: int = 30) -> None:
    for browser in browsers:
        world.every(0.033, frames, lambda _, browser=browser: browser.frame(size=len(browser.peer.id)))  # type: ignore[misc]


def sizes(viewer: WatchingBrowser) -> list[int]:
    """How long each packet's payload is: which publisher sent it."""
    return [len(payload) for payload in viewer.payloads("main")]


def test_the_slots_follow_the_other_plan_from_a_key_frame_on_and_numbers_go_on() -> None:
    world, first, second, viewer = two_sessions()
    show(world, first, second, frames=60)
    world.every(0.02, 100, first.sound)
    world.every(0.02, 100, lambda n: second.sound(10_000 + n))
    world.run(1.0)
    world.engine.move(VIEWER, OTHER, world.now)
    joins, connected = (world.engine.counters[name] for name in ("joins", "connected"))
    world.run(1.5)
    sent_by_first = {packet.payload for packet in first.sent.values()}
    sent_by_second = {packet.payload for packet in second.sent.values()}
    picture = viewer.payloads("main")
    change = next(n for n, payload in enumerate(picture) if payload in sent_by_second)
    assert change > 20
    assert set(picture[:change]) <= sent_by_first
    assert set(picture[change:]) <= sent_by_second
    assert len(picture) - change > 20
    assert picture[change].startswith(KEY_PAYLOAD)
    sound = viewer.payloads("center")
    assert sound[0] == b"sound0"
    assert sound[-1] == b"sound10099"
    for packets in viewer.got.values():
        assert sorted(packets) == list(range(min(packets), max(packets) + 1))
        times = [packets[index].timestamp for index in sorted(packets)]
        assert all((after - before) & 0xFFFFFFFF < 90_000 for before, after in pairwise(times))
    assert len(viewer.got) == 2, "one SSRC a slot, before and after"
    assert (world.counter("joins"), world.counter("connected")) == (joins, connected)


def test_a_viewer_that_had_no_picture_begins_with_the_other_sessions_cached_key_frame() -> None:
    world, _, second, viewer = two_sessions()
    show(world, second, frames=3)
    world.run(0.3)
    assert not sizes(viewer)
    world.engine.move(VIEWER, OTHER, world.now)
    world.run(0.1)
    assert viewer.payloads("main") == [packet.payload for packet in second.sent.values()]
    assert world.engine.gauges()["cached_starts"] == 1


def test_many_who_are_moved_share_one_request_for_a_key_frame() -> None:
    world, first, second, _ = two_sessions()
    others = [world.watch(f"viewer-{n}") for n in range(2, 12)]
    world.run(0.3)
    show(world, first, second, frames=90)
    world.run(1.5)
    before = len(second.plis)
    for viewer in others:
        world.engine.move(viewer.peer.id, OTHER, world.now)
    world.run(0.5)
    assert len(second.plis) == before + 1
    sent = {packet.payload for packet in second.sent.values()}
    assert all(viewer.payloads("main")[-1] in sent for viewer in others)


def test_without_a_plan_the_slots_are_silent_until_one_comes() -> None:
    world, first, _, viewer = two_sessions()
    show(world, first, frames=60)
    world.run(0.5)
    world.engine.move(VIEWER, SessionId("new"), world.now)
    world.run(0.1)
    got = len(sizes(viewer))
    world.run(0.5)
    assert len(sizes(viewer)) == got > 0
    late = world.publish("center", "publisher-of-the-new", session=SessionId("new"))
    world.plan(SessionId("new"), main=("center",))
    world.run(0.3)
    show(world, late)
    world.run(1.2)
    assert set(viewer.payloads("main")[got:]) <= {packet.payload for packet in late.sent.values()}
    assert len(sizes(viewer)) > got


def test_the_plan_and_the_feeds_of_the_session_it_left_are_not_its_affair_any_more() -> None:
    world, first, second, viewer = two_sessions()
    show(world, first, second)
    world.run(0.5)
    world.engine.move(VIEWER, OTHER, world.now)
    world.plan(MAIN, main=("center",))
    point = world.publish("point:1")
    world.run(0.3)
    show(world, point, second, frames=10)
    world.run(0.5)
    world.engine.leave(first.peer.id, "left", world.now)
    show(world, second, frames=10)
    world.run(0.5)
    assert not set(viewer.payloads("main")) & {packet.payload for packet in point.sent.values()}
    leg = viewer.peer.viewer.legs[0] if viewer.peer.viewer else None
    assert leg is not None
    assert leg.source is not None
    assert leg.source is (second.peer.publisher.best("video") if second.peer.publisher else None)


def test_nobody_gets_its_own_feed_in_the_other_session_either() -> None:
    world, first, second, viewer = two_sessions("point:1")
    own = world.publish("point:1", "publisher-own", session=OTHER)
    stranger = world.watch("viewer-2")
    world.run(0.3)
    for peer in (VIEWER, PeerId("viewer-2")):
        world.engine.move(peer, OTHER, world.now)
    show(world, first, second, own)
    world.run(1.2)
    assert set(sizes(viewer)) == set(map(len, (packet.payload for packet in second.sent.values())))
    assert not set(viewer.payloads("main")) & {packet.payload for packet in own.sent.values()}
    assert set(stranger.payloads("main")) & {packet.payload for packet in own.sent.values()}


def test_a_viewer_may_be_moved_before_it_is_connected() -> None:
    world, _, second, _ = two_sessions()
    early = world.watch("viewer-2")
    world.engine.move(early.peer.id, OTHER, world.now)
    world.run(0.3)
    show(world, second, frames=5)
    world.run(0.5)
    assert early.payloads("main") == [packet.payload for packet in second.sent.values()]


def test_moving_to_where_it_is_does_nothing_and_back_before_the_key_frame_changes_nothing() -> None:
    world, first, second, viewer = two_sessions()
    show(world, first, second, frames=3)
    world.run(0.3)
    assert viewer.peer.viewer is not None
    leg = viewer.peer.viewer.legs[0]
    before = (leg.source, leg.pending, leg.sequence_delta, leg.stretches.copy())
    world.engine.move(VIEWER, MAIN, world.now)
    assert world.counter("moved") == 0
    assert (leg.source, leg.pending, leg.sequence_delta, leg.stretches) == before
    world.engine.move(VIEWER, OTHER, world.now)
    assert leg.pending is not None
    world.engine.move(VIEWER, MAIN, world.now)
    assert world.counter("moved") == 2
    assert (leg.source, leg.pending, leg.sequence_delta, leg.stretches) == before


def test_what_cannot_be_moved_is_refused_and_makes_no_session() -> None:
    world, first, _, _ = two_sessions()
    for peer, code in ((PeerId("nobody"), "unknown_peer"), (first.peer.id, "not_a_viewer")):
        with pytest.raises(EngineError) as caught:
            world.engine.move(peer, SessionId("new"), world.now)
        assert caught.value.code == code
    assert not world.engine.serves(SessionId("new"))
    assert first.peer.session == MAIN


def test_a_moved_viewer_leaves_from_where_it_is_and_leaves_nothing_behind() -> None:
    world, first, second, viewer = two_sessions()
    show(world, first, second)
    world.run(1.2)
    world.engine.move(VIEWER, OTHER, world.now)
    for browser in (first, second):
        world.engine.leave(browser.peer.id, "left", world.now)
    world.engine.leave(VIEWER, "left", world.now)
    world.run(0.1)
    assert PeerGone(OTHER, VIEWER, "left") in world.events
    assert world.engine._sessions.populated == 0
    assert all(world.engine._sessions.routes(session).is_empty for session in (MAIN, OTHER))
    assert viewer.peer.viewer is not None
    assert not any(leg.is_open or leg.source or leg.pending for leg in viewer.peer.viewer.legs)


def test_a_move_looks_at_one_viewers_legs_whatever_the_number_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    world, _, _, viewer = two_sessions()
    for number in range(2, 40):
        world.watch(f"viewer-{number}")
    for number in range(50):
        world.engine.set_plan(Plan(SessionId(f"s{number}"), 1, {}), world.now)
    world.run(0.3)
    asked: list[SlotName] = []
    feed_for = Plan.feed_for

    def count(plan: Plan, slot: SlotName, owner: FeedId | None, live: Container[FeedId]) -> FeedId | None:
        asked.append(slot)
        return feed_for(plan, slot, owner, live)

    monkeypatch.setattr(Plan, "feed_for", count)
    world.engine.move(VIEWER, OTHER, world.now)
    assert viewer.peer.viewer is not None
    assert asked == [leg.slot for leg in viewer.peer.viewer.legs] == ["main", "center"]
