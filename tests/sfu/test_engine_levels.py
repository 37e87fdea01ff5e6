"""Levels over the whole engine: reports in, another layer or only sound out, and what signaling is told."""

from __future__ import annotations

import pytest

from sfu.engine import LATE_S, EngineError
from sfu.events import ViewerLevel
from sfu.ids import PeerId
from sfu.numbers import layer_numbers
from sfu.selector import Level
from sfu.viewer import Viewer
from sfu.wire import rtcp
from tests.sfu.world import MAIN, PublishingBrowser, WatchingBrowser, World


def programme() -> tuple[World, PublishingBrowser, WatchingBrowser]:
    """A center with picture and sound, and one viewer of both."""
    world = World()
    world.plan(main=("center",), center=("center",))
    center = world.publish("center")
    viewer = world.watch("viewer", owner="point:1")
    world.run(1.0)
    return world, center, viewer


def play(world: World, center: PublishingBrowser, seconds: float) -> None:
    """Sends for so long."""
    begun = center.sequence
    world.every(0.04, round(seconds / 0.04), lambda _: center.frame(2))
    world.every(0.02, round(seconds / 0.02), lambda n: center.sound(begun + n))
    world.run(seconds)


def report(viewer: WatchingBrowser, lost: float) -> None:
    """What a browser reports of all its slots, of some hundred packets a second."""
    assert viewer.peer.viewer is not None
    highest = round(100 * viewer.world.now)
    blocks = tuple(rtcp.ReportBlock(leg.ssrc, round(lost * 256), 0, highest) for leg in viewer.peer.viewer.legs)
    viewer.send_rtcp(rtcp.ReceiverReport(9, blocks))


def levels(world: World) -> list[tuple[str, bool]]:
    return [(event.level, event.is_wish) for event in world.events if isinstance(event, ViewerLevel)]


def test_under_heavy_loss_only_the_sound_goes_on_and_the_picture_comes_back() -> None:
    world, center, viewer = programme()
    play(world, center, 1.0)
    for _ in range(3):
        report(viewer, 0.4)
        play(world, center, 1.0)
    assert levels(world) == [("sound", False)]
    event = next(event for event in world.events if isinstance(event, ViewerLevel))
    assert (event.session, event.peer, event.owner) == (MAIN, PeerId("viewer"), "point:1")
    pictures, sounds = len(viewer.payloads("main")), len(viewer.payloads("center"))
    play(world, center, 1.0)
    assert len(viewer.payloads("main")) == pictures
    assert len(viewer.payloads("center")) == sounds + 50
    for _ in range(12):
        report(viewer, 0.0)
        play(world, center, 1.0)
    assert levels(world)[1:] == [("quarter", False), ("full", False)]
    assert len(viewer.payloads("main")) > pictures + 50, "the only layer there is"
    assert world.engine.counters["level_sound"] == 1


def test_who_asks_for_sound_alone_gets_that_until_it_asks_for_more() -> None:
    world, center, viewer = programme()
    play(world, center, 0.5)
    world.engine.limit(PeerId("viewer"), Level.SOUND, world.now)
    pictures = len(viewer.payloads("main"))
    play(world, center, 0.5)
    assert len(viewer.payloads("main")) == pictures
    world.engine.limit(PeerId("viewer"), Level.FULL, world.now)
    play(world, center, 0.5)
    assert len(viewer.payloads("main")) > pictures
    assert levels(world) == [("sound", True), ("full", False)]


def test_a_wish_from_before_the_handshake_is_kept() -> None:
    world = World()
    world.plan(main=("center",), center=("center",))
    center = world.publish("center")
    viewer = world.watch("viewer")
    world.engine.limit(PeerId("viewer"), Level.SOUND, world.now)
    world.run(1.0)
    play(world, center, 0.5)
    assert viewer.payloads("main") == []
    assert viewer.payloads("center") != []
    assert levels(world) == [("sound", True)]


def test_publishers_and_strangers_have_no_level() -> None:
    world, center, _ = programme()
    with pytest.raises(EngineError) as refused:
        world.engine.limit(center.peer.id, Level.SOUND, world.now)
    assert refused.value.code == "not_a_viewer"
    with pytest.raises(EngineError) as refused:
        world.engine.limit(PeerId("nobody"), Level.SOUND, world.now)
    assert refused.value.code == "unknown_peer"


def test_what_many_ask_for_again_is_paced_and_all_of_it_comes() -> None:
    world, center, _ = programme()
    crowd = [world.watch(f"w{n}") for n in range(12)]
    world.run(1.0)
    play(world, center, 1.0)
    before = {one.address: world.sent_to[one.address] for one in crowd}
    for one in crowd:
        one.is_asking = False
        ssrc = next(ssrc for ssrc, packets in one.got.items() if len(packets) > 30)
        one.send_rtcp(rtcp.Nack(9, ssrc, tuple(index & 0xFFFF for index in sorted(one.got[ssrc])[-40:])))
    world.run(0.0125)
    counted = world.engine.counters["resent"]
    assert 0 < counted <= 300, "a tick's share a tick"
    world.run(0.1)
    assert world.engine.counters["resent"] == 12 * 40
    assert all(world.sent_to[one.address] > before[one.address] for one in crowd)


def test_a_node_behind_its_time_says_so_to_itself() -> None:
    world, _, _ = programme()
    assert world.now >= world.engine._late_until
    late = world.engine.next_timeout() + LATE_S * 2
    world.engine.handle_timeout(late)
    assert world.engine._late_until > late


def fall(world: World, center: PublishingBrowser, viewer: WatchingBrowser) -> Viewer:
    """Two bad reports take the only layer that there is: its line is paced from then on."""
    play(world, center, 1.0)
    for lost in (0.4, 0.4):
        report(viewer, lost)
        play(world, center, 1.0)
    assert viewer.peer.viewer is not None
    return viewer.peer.viewer


def test_who_fell_is_sent_its_pictures_at_their_pace_until_its_line_carries_all() -> None:
    world, center, viewer = programme()
    one = fall(world, center, viewer)
    assert one.line is not None
    assert [leg.outlet for leg in one.legs if leg.kind == "video"] == [one.line]
    assert [leg.outlet for leg in one.legs if leg.kind == "audio"] == [None], "sound goes past it"
    while one.level is Level.SOUND:
        report(viewer, 0.0)
        play(world, center, 1.0)
    pictures = len(viewer.payloads("main"))
    center.frame(4)
    world.run(0.2)
    assert len(viewer.payloads("main")) == pictures + 4, "what was paced comes, decrypted and whole"
    while one.is_short:
        report(viewer, 0.0)
        play(world, center, 1.0)
    assert one.line is None
    assert [leg.outlet for leg in one.legs] == [None, None]
    pictures = len(viewer.payloads("main"))
    center.frame(4)
    world.run(0.2)
    assert len(viewer.payloads("main")) == pictures + 4


def test_what_is_asked_for_again_does_not_wait_behind_a_key_frame() -> None:
    world, center, viewer = programme()
    one = fall(world, center, viewer)
    while one.level is Level.SOUND:
        report(viewer, 0.0)
        play(world, center, 1.0)
    center.frame(2)
    world.run(0.2)
    ssrc = one.legs[0].ssrc
    newest = max(viewer.got[ssrc])
    center.frame(60, size=1000)
    world.run(0.025)
    assert one.line is not None
    assert one.line.waiting_bytes > 20_000
    before = viewer.replays
    viewer.send_rtcp(rtcp.Nack(9, ssrc, (newest & 0xFFFF,)))
    world.run(0.05)
    assert viewer.replays == before + 1, "it came again"
    assert one.line.waiting_bytes > 10_000, "before what was sent earlier"


def test_a_viewer_that_left_is_sent_nothing_more() -> None:
    world, center, viewer = programme()
    fall(world, center, viewer)
    assert layer_numbers(world.engine.peers())["viewers_paced"] == 1
    world.engine.leave(PeerId("viewer"), "left", world.now)
    world.run(0.1)
    sent = world.sent_to[viewer.address]
    play(world, center, 1.0)
    assert world.sent_to[viewer.address] == sent
    assert layer_numbers(world.engine.peers())["viewers_paced"] == 0


def test_who_goes_on_by_a_connection_has_no_line_of_its_own_any_more() -> None:
    world, center, viewer = programme()
    one = fall(world, center, viewer)
    assert one.line is not None
    viewer.peer.transport.lose_address(viewer.address, world.now)
    stream = ("tcp:192.0.2.200", 4000)
    world.browsers[stream] = viewer
    viewer.address = stream
    viewer.check()
    play(world, center, 1.0)
    assert one.line is None
    assert {leg.outlet for leg in one.legs} == {world.streams}
    assert layer_numbers(world.engine.peers())["viewers_paced"] == 0


def test_a_connection_is_not_paced() -> None:
    world = World()
    world.transport = "tcp:"
    world.plan(main=("center",), center=("center",))
    viewer = world.watch("viewer", owner="point:1")
    world.transport = ""
    center = world.publish("center")
    world.run(1.0)
    one = fall(world, center, viewer)
    assert one.is_short
    assert one.line is None
    assert {leg.outlet for leg in one.legs} == {world.streams}
