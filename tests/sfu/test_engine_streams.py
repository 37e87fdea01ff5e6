"""Browsers behind TCP connections: the same engine, another outlet, and connections that end."""

from __future__ import annotations

import pytest

from sfu.events import PeerGone
from sfu.ice import CONSENT_TIMEOUT_S
from sfu.ids import Address, is_stream
from tests.sfu.world import PublishingBrowser, WatchingBrowser, World


@pytest.fixture(autouse=True, params=["reference", "native"])
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test twice: with and without an intake beside the engine, which hears of UDP only."""
    monkeypatch.setattr(World, "core", request.param)


def programme(*, publisher: str = "tcp:", viewer: str = "tcp:") -> tuple[World, PublishingBrowser, WatchingBrowser]:
    """A center and a viewer, each behind its transport, connected."""
    world = World()
    world.plan(main=("center",), center=("center",))
    world.transport = publisher
    center = world.publish("center")
    world.transport = viewer
    watching = world.watch("viewer-1")
    world.run(0.3)
    assert center.outbound is not None
    assert watching.inbound is not None
    return world, center, watching


def play(world: World, center: PublishingBrowser, seconds: float = 1.0) -> None:
    world.every(0.033, round(seconds / 0.033), lambda _: center.frame())
    world.every(0.02, round(seconds / 0.02), center.sound)
    world.run(seconds + 0.3)


def reappear(world: World, browser: WatchingBrowser, address: Address) -> None:
    """The browser checks from another address from now on."""
    del world.browsers[browser.address]
    browser.address = address
    world.browsers[address] = browser
    browser.check()


@pytest.mark.parametrize(("publisher", "viewer"), [("tcp:", "tcp:"), ("tcp:", ""), ("", "tcp:")])
def test_picture_and_sound_whatever_the_transports(publisher: str, viewer: str) -> None:
    world, center, watching = programme(publisher=publisher, viewer=viewer)
    assert is_stream(watching.address) == bool(viewer)
    play(world, center)
    assert watching.payloads("main") == [packet.payload for packet in center.sent.values()]
    assert watching.payloads("center") == [b"sound%d" % n for n in range(50)]
    assert watching.foreign_answers == 0, "the address in an answer is the one without its transport"


def test_a_lost_packet_is_sent_again_by_the_connection() -> None:
    world, center, watching = programme()
    center.frame()
    world.run(0.1)
    world.streams.is_full = True
    center.frame()
    world.run(0.02)
    world.streams.is_full = False
    assert world.streams.refused > 0
    center.frame()
    world.run(1.0)
    assert watching.payloads("main") == [packet.payload for packet in center.sent.values()]
    assert world.engine.counters["resent"] == 4


def test_a_viewer_that_moves_from_tcp_to_udp_goes_on() -> None:
    world, center, watching = programme()
    play(world, center, 0.5)
    reappear(world, watching, ("192.0.2.200", 33_333))
    world.run(0.1)
    before = len(watching.payloads("main"))
    play(world, center, 0.5)
    assert len(watching.payloads("main")) == before + 4 * 15
    assert watching.peer.viewer is not None
    assert {leg.outlet for leg in watching.peer.viewer.legs} == {None}


def test_when_its_connection_ends_a_viewer_goes_on_by_its_next_one() -> None:
    world, center, watching = programme()
    play(world, center, 0.5)
    first = watching.address
    watching.is_checking = False
    world.engine.lose_address(first, world.now)
    assert not world.engine.knows(first)
    sent = world.sent_to[first]
    play(world, center, 0.5)
    assert world.sent_to[first] == sent, "nothing is sent to where nobody is"
    watching.is_checking = True
    reappear(world, watching, ("tcp:192.0.2.77", 44_444))
    world.run(0.1)
    before = len(watching.payloads("main"))
    center.frame()
    world.run(0.3)
    assert len(watching.payloads("main")) > before
    assert not [event for event in world.events if isinstance(event, PeerGone)]


def test_when_its_connection_ends_another_address_takes_over_at_once() -> None:
    world, center, watching = programme(viewer="")
    udp = watching.address
    second = ("tcp:192.0.2.77", 44_444)
    world.inject(watching.ice.check(nominate=True), second)
    assert watching.peer.transport.address == second
    world.engine.lose_address(second, world.now)
    assert watching.peer.transport.address == udp
    play(world, center, 0.5)
    assert watching.payloads("main") == [packet.payload for packet in center.sent.values()]


def test_without_another_check_the_peer_ends_by_consent() -> None:
    world, _, watching = programme()
    watching.is_checking = False
    world.engine.lose_address(watching.address, world.now)
    world.run(CONSENT_TIMEOUT_S - 1.5)
    assert not [event for event in world.events if isinstance(event, PeerGone)]
    world.run(3.0)
    assert [event.reason for event in world.events if isinstance(event, PeerGone)] == ["consent_lost"]


def test_an_unknown_address_is_nobodys_loss() -> None:
    world, _, watching = programme()
    world.engine.lose_address(("tcp:203.0.113.9", 9), world.now)
    assert world.engine.knows(watching.address)
    assert not world.engine.knows(("tcp:203.0.113.9", 9))


def test_a_publisher_over_tcp_that_loses_its_connection_is_silent_and_ends() -> None:
    world, center, _ = programme(viewer="")
    play(world, center, 0.3)
    center.is_checking = False
    world.engine.lose_address(center.address, world.now)
    play(world, center, 0.3)
    assert world.engine.counters["dropped_unknown_address"] > 0
    world.run(CONSENT_TIMEOUT_S + 1)
    assert [event.reason for event in world.events if isinstance(event, PeerGone)] == ["consent_lost"]
