"""The node without its sockets: publisher to viewer over a lossy network, and what must not get through."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sfu import engine as engine_module
from sfu.engine import Engine, EngineError
from sfu.events import FeedFlowing, FeedStopped, PeerConnected, PeerGone
from sfu.faults import FAULTS_MAX
from sfu.ice import CONSENT_TIMEOUT_S
from sfu.ids import FeedId, PeerId, SessionId, SlotName
from sfu.plan import Plan
from sfu.rounds import TICK_S
from sfu.sessions import IDLE_SESSIONS_MAX
from sfu.wire import rtcp
from tests.harness.ice_client import IceClient
from tests.harness.netem import Conditions
from tests.sfu.kit import CORES, KEY_PAYLOAD
from tests.sfu.world import IDENTITY, MAIN, PublishingBrowser, WatchingBrowser, World

STRANGER = ("203.0.113.66", 6666)


@pytest.fixture(autouse=True, params=CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test twice: the engine takes every datagram, or the intake in C takes it first."""
    monkeypatch.setattr(World, "core", request.param)


def programme(seed: int = 1, **kwargs: object) -> tuple[World, PublishingBrowser, WatchingBrowser]:
    """A center and a viewer, connected, with the center in all slots."""
    world = World(seed)
    world.plan(main=("center",), center=("center",))
    center, viewer = world.publish("center"), world.watch("viewer-1", **kwargs)  # type: ignore[arg-type]
    world.run(0.3)
    assert center.outbound is not None
    assert viewer.inbound is not None
    return world, center, viewer


@pytest.mark.parametrize("profiles", [None, b"SRTP_AES128_CM_SHA1_80"])
def test_a_publishers_picture_and_sound_reach_a_viewer(profiles: bytes | None) -> None:
    world, center, viewer = programme(profiles=profiles)
    world.every(0.033, 30, lambda _: center.frame())
    world.every(0.02, 50, center.sound)
    world.run(1.5)
    assert viewer.payloads("main") == [packet.payload for packet in center.sent.values()]
    assert viewer.payloads("center") == [b"sound%d" % n for n in range(50)]
    assert [type(event) for event in world.events] == [PeerConnected, PeerConnected, FeedFlowing, FeedFlowing]
    counters = world.engine.counters
    assert not {name for name in counters if name.startswith(("srtp_", "malformed", "dropped", "fault"))}
    assert world.engine.gauges()["viewers"] == 1


@pytest.mark.parametrize("seed", range(3))
def test_with_five_percent_loss_each_way_everything_arrives_or_is_given_up(seed: int) -> None:
    world, center, viewer = programme(seed)
    center.frame()
    world.run(0.2)
    world.network.conditions = Conditions(delay_s=0.02, jitter_s=0.004, loss=0.05, duplication=0.01)
    world.every(0.033, 300, lambda _: center.frame(6))
    world.run(11.0)
    world.network.conditions = Conditions(delay_s=0.02)
    center.frame()  # shows what is missing at the very end
    world.run(2.0)
    sent = [packet.payload for packet in center.sent.values()]
    got = viewer.payloads("main")
    missing = len(sent) - len(got)
    assert len(sent) == 4 + 1800 + 4
    assert world.network.lost > 100
    assert center.nacked > 50
    assert world.counter("resent") > 50
    assert [p for p in sent if p in set(got)] == got  # in order, and nothing that was not sent
    if missing:
        assert viewer.given_up or center.plis
    assert missing <= 3


def test_what_the_publisher_does_not_repair_costs_a_key_frame() -> None:
    world, center, viewer = programme()
    center.answers_nacks = False
    center.frame()
    world.run(0.1)
    world.network.conditions = Conditions(delay_s=0.01, loss=1.0)
    center.frame()
    world.network.conditions = Conditions(delay_s=0.01)
    world.every(0.033, 60, lambda _: center.frame())
    world.run(2.5)
    assert center.plis
    assert any(payload.startswith(KEY_PAYLOAD) for payload in viewer.payloads("main")[4:])


def test_a_switch_changes_at_the_key_frame_and_goes_on_in_numbers_and_time() -> None:
    world, center, viewer = programme()
    point = world.publish("point:1")
    world.run(0.3)
    for browser in (center, point):
        world.every(0.033, 90, lambda _, browser=browser: browser.frame())  # type: ignore[misc]
    world.run(1.0)
    world.plan(main=("point:1", "center"), center=("center",))
    world.run(1.0)
    world.plan(main=("center",), center=("center",))
    world.run(1.5)
    (got,) = [packets for packets in viewer.got.values() if packets]
    indices = sorted(got)
    assert indices == list(range(indices[0], indices[-1] + 1))
    times = [got[index].timestamp for index in indices]
    ahead = [(after - before) & 0xFFFFFFFF for before, after in pairwise(times)]
    assert all(step < 20_000 for step in ahead)
    owners = ["point" if got[index].payload in {p.payload for p in point.sent.values()} else "center" for index in indices]
    assert {"point", "center"} == set(owners)
    viewer_leg = viewer.peer.viewer.legs[0] if viewer.peer.viewer else None
    assert viewer_leg is not None
    for stretch in viewer_leg.stretches:
        first = got.get(stretch.first)
        if first is not None:
            assert first.payload.startswith(KEY_PAYLOAD)


def test_after_a_switch_a_nack_for_the_old_picture_is_answered_with_the_old_packet() -> None:
    world, center, viewer = programme()
    point = world.publish("point:1")
    world.run(0.3)
    center.frame()
    world.run(0.1)
    old = dict(next(packets for packets in viewer.got.values() if packets))
    world.plan(main=("point:1",), center=())
    point.frame()
    world.run(0.1)
    ssrc = next(ssrc for ssrc, packets in viewer.got.items() if packets)
    assert len(viewer.got[ssrc]) == 8
    before = world.sent_to[viewer.address]
    viewer.send_rtcp(rtcp.Nack(9, ssrc, (*(index & 0xFFFF for index in old), 77)))
    world.run(0.1)  # WatchingBrowser fails where a number comes with another packet
    assert world.sent_to[viewer.address] > before
    assert world.counter("resent") == 4
    assert world.counter("resend_missed") == 1


def test_a_viewer_never_gets_its_own_feed_and_others_do() -> None:
    world = World()
    world.plan(main=("point:1", "center"))
    center, point = world.publish("center"), world.publish("point:1")
    own, other = world.watch("viewer-1", "point:1"), world.watch("viewer-2")
    world.run(0.3)
    for browser in (center, point):
        world.every(0.033, 30, lambda _, browser=browser: browser.frame())  # type: ignore[misc]
    world.run(1.2)
    points = {packet.payload for packet in point.sent.values()} - {packet.payload for packet in center.sent.values()}
    assert own.payloads("main")
    own_leg, other_leg = (browser.peer.viewer.legs[0] for browser in (own, other) if browser.peer.viewer)
    assert own_leg.source is not other_leg.source
    assert {stretch.source for stretch in own_leg.stretches} == {
        center.peer.publisher.best("video") if center.peer.publisher else 0
    }
    assert points or other.payloads("main")


def test_a_thousand_wishes_are_one_request_a_second() -> None:
    world, center, viewer = programme()
    center.frame()
    world.run(0.2)
    center.on_rtcp = lambda packets: center.plis.extend(world.now for p in packets if isinstance(p, rtcp.Pli))  # type: ignore[method-assign]
    ssrc = next(ssrc for ssrc, packets in viewer.got.items() if packets)
    world.every(0.003, 1000, lambda _: viewer.send_rtcp(rtcp.Pli(9, ssrc)))
    world.every(0.1, 30, lambda _: center.frame())
    world.run(3.0)
    gaps = [after - before for before, after in pairwise(center.plis)]
    assert 2 <= len(center.plis) <= 4
    assert min(gaps) >= 1.0 - 1e-6


def test_the_newer_publisher_of_a_feed_replaces_the_older_when_it_sends() -> None:
    world, first, viewer = programme()
    first.frame()
    world.run(0.2)
    second = world.publish("center", "publisher-2")
    world.run(0.3)
    assert not any(isinstance(event, PeerGone) for event in world.events)
    second.frame()
    world.run(0.2)
    gone = [event for event in world.events if isinstance(event, PeerGone)]
    assert gone == [PeerGone(MAIN, PeerId("publisher-center"), "replaced")]
    second.wants_key = True
    second.frame()
    world.run(0.2)
    assert viewer.payloads("main")[-1] in {packet.payload for packet in second.sent.values()}
    assert [feed.peer for feed in world.engine.feeds()] == ["publisher-2"]


def test_an_older_publisher_that_begins_late_is_the_one_that_goes() -> None:
    world = World()
    old = world.publish("center", "publisher-1")
    world.run(0.3)
    new = world.publish("center", "publisher-2")
    world.run(0.3)
    new.frame()
    world.run(0.1)
    old.frame()
    world.run(0.1)
    assert [event for event in world.events if isinstance(event, PeerGone)] == [PeerGone(MAIN, PeerId("publisher-1"), "replaced")]
    assert [feed.peer for feed in world.engine.feeds()] == ["publisher-2"]


def test_a_feed_that_falls_silent_stops_and_flows_again() -> None:
    world, center, _ = programme()
    center.frame()
    center.sound(1)
    world.run(5.0)
    stopped = [event for event in world.events if isinstance(event, FeedStopped)]
    assert {(event.kind, event.reason) for event in stopped} == {("video", "silent"), ("audio", "silent")}
    assert world.engine.feeds() == []
    center.frame()
    world.run(0.1)
    assert isinstance(world.events[-1], FeedFlowing)


def test_reports_go_both_ways_and_give_a_round_trip_time() -> None:
    world, center, viewer = programme()
    world.every(0.033, 60, lambda _: center.frame())
    world.run(1.8)
    (report,) = [p for p in viewer.received_rtcp if isinstance(p, rtcp.SenderReport)]
    assert report.packet_count > 0
    middle = report.ntp >> 16 & 0xFFFFFFFF
    block = rtcp.ReportBlock(report.ssrc, 0, 0, 0, 0, middle, 0)
    at = world.now
    viewer.send_rtcp(rtcp.ReceiverReport(9, (block,)))
    world.run(0.1)
    quality = viewer.peer.viewer.quality if viewer.peer.viewer else None
    assert quality is not None
    assert quality.rtt_ms is not None
    sent_at = report.ntp / 2**32 - 2_208_988_800
    assert quality.rtt_ms == pytest.approx((at + 0.01 - sent_at) * 1000, abs=5)
    center.send_rtcp(rtcp.SenderReport(5000, int((world.now + 7) * 2**32), center.timestamp, 1, 1, ()))
    world.run(1.0)
    blocks = [b for p in center.received_rtcp if isinstance(p, rtcp.ReceiverReport) for b in p.blocks if b.ssrc == 5000]
    assert blocks[-1].highest_sequence & 0xFFFF == center.sequence
    assert blocks[-1].last_sr != 0
    assert any(isinstance(p, rtcp.Remb) for p in center.received_rtcp)


# -- who goes, and what stays


@pytest.mark.parametrize(("has_checked", "reason"), [(False, "connect_timeout"), (True, "dtls_timeout")])
def test_peers_that_never_connect_go_and_leave_nothing_behind(has_checked: bool, reason: str) -> None:
    world = World()
    before = _sizes(world.engine)
    world.network.conditions = Conditions(loss=0.0 if has_checked else 1.0)
    browser = world.watch("viewer-1")
    browser.is_checking = False
    world.network.conditions = Conditions(loss=1.0)
    world.run(60.0)
    assert [event.reason for event in world.events if isinstance(event, PeerGone)] == [reason]
    assert _sizes(world.engine) == before | {"_sessions": 1}


def _sizes(engine: Engine) -> dict[str, int]:
    names = ("_peers", "_by_ufrag", "_addresses", "_publishing", "_sessions", "_feeds")
    rounds = engine._rounds
    counts = {
        "turns": len(rounds),
        "soon": len(rounds.soon),
        "half_open": len(rounds.half_open),
        "populated": engine._sessions.populated,
    }
    return {name: len(getattr(engine, name)) for name in names} | counts


def test_everybody_who_leaves_leaves_nothing_behind() -> None:
    world, center, viewer = programme()
    world.every(0.033, 10, lambda _: center.frame())
    world.run(1.0)
    world.engine.restart(viewer.peer.id, "newufrag", "n" * 24, world.now)
    world.engine.restart(viewer.peer.id, "newerufr", "n" * 24, world.now)
    for browser in (center, viewer):
        world.engine.leave(browser.peer.id, "left", world.now)
    world.run(0.1)
    assert _sizes(world.engine) == dict.fromkeys(_sizes(world.engine), 0) | {"_sessions": 1}
    with pytest.raises(EngineError) as caught:
        world.engine.leave(viewer.peer.id, "left", world.now)
    assert caught.value.code == "unknown_peer"
    with pytest.raises(EngineError):
        world.engine.restart(viewer.peer.id, "newufrag", "n" * 24, world.now)
    legs = viewer.peer.viewer.legs if viewer.peer.viewer else ()
    assert not any(leg.is_open or leg.source or leg.pending for leg in legs)


def test_plans_of_sessions_without_peers_are_bounded() -> None:
    world, _, _ = programme()
    for number in range(IDLE_SESSIONS_MAX * 3):
        plan = Plan(SessionId(f"s{number}"), 1, {SlotName("main"): (FeedId("center"),)})
        world.engine.set_plan(plan, world.now)
    sessions = world.engine.sessions()
    assert len(sessions) <= IDLE_SESSIONS_MAX + 1
    assert MAIN in sessions
    assert f"s{IDLE_SESSIONS_MAX * 3 - 1}" in sessions


def test_a_consent_that_is_withdrawn_ends_a_peer() -> None:
    world, center, viewer = programme()
    viewer.is_checking = False
    world.every(0.1, 500, lambda _: center.frame(1))
    world.run(50.0)
    assert PeerGone(MAIN, PeerId("viewer-1"), "consent_lost") in world.events
    sent = world.sent_to[viewer.address]
    world.run(1.0)
    assert world.sent_to[viewer.address] == sent


def test_a_viewers_first_report_lets_its_ssl_object_go_and_a_publishers_stays() -> None:
    world, center, viewer = programme()
    assert viewer.peer.transport.holds_object
    viewer.send_rtcp()
    center.frame()
    world.run(0.1)
    assert not viewer.peer.transport.holds_object
    assert center.peer.transport.holds_object
    center.frame()
    world.run(0.1)
    assert len(viewer.payloads("main")) == 8


def test_consent_is_missed_when_it_runs_out_and_not_a_round_later() -> None:
    world, _, viewer = programme()
    viewer.is_checking = False
    world.run(0.1)
    checked_at = viewer.peer.transport.checked_at(viewer.address)
    assert checked_at is not None
    world.run(checked_at + CONSENT_TIMEOUT_S - world.now - 0.01)
    assert not [event for event in world.events if isinstance(event, PeerGone)]
    assert viewer.peer.id in world.engine._rounds.soon
    world.run(0.01 + 2 * TICK_S)
    assert [event.reason for event in world.events if isinstance(event, PeerGone)] == ["consent_lost"]
    assert viewer.peer.id not in world.engine._rounds.soon


def test_an_ice_restart_keeps_media_and_moves_the_address() -> None:
    world, center, viewer = programme()
    center.frame()
    world.run(0.1)
    ufrag, pwd = world.engine.restart(viewer.peer.id, "clnt", "r" * 24, world.now)
    moved = ("192.0.2.77", 7777)
    del world.browsers[viewer.address]
    viewer.address, viewer.ice = moved, IceClient(ufrag, pwd, "clnt")
    world.browsers[moved] = viewer
    viewer.check()
    world.run(0.1)
    center.frame()
    world.run(0.1)
    assert len(viewer.payloads("main")) == 8


def test_what_cannot_be_held_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.watch("viewer-1")
    with pytest.raises(EngineError) as caught:
        world.watch("viewer-1")
    assert caught.value.code == "duplicate_peer"
    monkeypatch.setattr(engine_module, "HALF_OPEN_MAX", 1)
    with pytest.raises(EngineError) as caught:
        world.watch("viewer-2")
    assert caught.value.code == "busy"
    assert world.counter("joins_refused") == 1


# -- an exception stays where it happened


def test_a_fault_in_one_datagram_is_counted_and_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    world, center, viewer = programme()
    engine = world.engine

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    assert viewer.peer.viewer is not None
    monkeypatch.setattr(type(viewer.peer.viewer), "receive_rtcp", broken)
    assert viewer.outbound is not None
    data = viewer.outbound.protect_rtcp(rtcp.serialize_compound([rtcp.ReceiverReport(1, ())]))
    engine.receive_datagram(data, viewer.address, world.now)
    for _ in range(50):
        engine._addresses._peers[STRANGER] = object()  # type: ignore[assignment]
        engine.receive_datagram(bytes([0x80, 96]) + bytes(30), STRANGER, world.now)
    del engine._addresses._peers[STRANGER]
    faults = engine.faults()
    assert engine.counters["faults"] == 51
    assert "a mistake of ours" in faults[0]
    assert 1 <= len(faults) <= FAULTS_MAX
    assert engine.faults() == []
    center.frame()
    world.run(0.1)
    assert len(viewer.payloads("main")) == 4


def test_a_fault_in_one_peers_time_does_not_take_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    world, center, viewer = programme()
    point = world.publish("point:1")
    world.run(0.3)
    publisher = center.peer.publisher
    assert publisher is not None

    def broken(_: float) -> list[object]:
        raise ZeroDivisionError

    monkeypatch.setattr(publisher, "handle_timeout", broken)
    monkeypatch.setattr(type(viewer.peer.viewer), "report", lambda *_: 1 / 0)
    point.frame()
    world.engine.receive_datagram(b"", STRANGER, world.now)
    for _ in range(60):
        world.now += 0.05
        for datagram in world.network.deliver(world.now):
            world.engine.receive_datagram(datagram.data, datagram.source, world.now)
        world.engine.handle_timeout(world.now)
    kinds = {address for _, address in world.engine.datagrams_to_send()}
    assert point.address in kinds  # its reports went on
    assert world.counter("faults") > 10
    assert world.engine.faults()


def test_identities_of_the_world_are_what_the_offer_says() -> None:
    """The harness itself: a browser with another certificate does not connect."""
    world = World()
    browser = world.watch("viewer-1")
    assert browser.dtls.role == "client"
    assert IDENTITY.fingerprint().count(":") == 31
