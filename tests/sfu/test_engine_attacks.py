"""What must not get through the engine: the table of attacks on services like this one, over the same little world."""

from __future__ import annotations

import random
import struct

import pytest

from sfu.addresses import ADDRESS_HELD_S
from sfu.engine import CONNECT_S
from sfu.wire import rtcp
from sfu.wire.rtp import RtpPacket
from tests.harness.ice_client import IceClient
from tests.sfu.kit import CORES, DELTA_PAYLOAD
from tests.sfu.test_engine import STRANGER, programme
from tests.sfu.world import PublishingBrowser, World


@pytest.fixture(autouse=True, params=CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test twice: the engine takes every datagram, or the intake in C takes it first."""
    monkeypatch.setattr(World, "core", request.param)


def test_media_from_an_address_that_nobody_checked_from_goes_nowhere() -> None:
    """RTP bleed and inject (CVE-2025-53399): not even the publisher's own packets count from another port."""
    world, center, viewer = programme()
    center.frame()
    world.run(0.2)
    got, sent = len(viewer.payloads("main")), dict(world.sent_to)
    assert center.outbound is not None
    packet = RtpPacket(True, 96, center.sequence + 1 & 0xFFFF, center.timestamp, 5000, payload=DELTA_PAYLOAD)
    world.inject(center.outbound.protect(packet.serialize()), STRANGER)
    world.inject(packet.serialize(), STRANGER)
    world.inject(center.outbound.protect_rtcp(rtcp.serialize_compound([rtcp.ReceiverReport(1, ())])), STRANGER)
    world.inject(b"\x16\xfe\xfd" + bytes(60), STRANGER)
    world.run(0.1)
    assert world.counter("dropped_unknown_address") == 4
    assert len(viewer.payloads("main")) == got
    assert STRANGER not in world.sent_to
    assert set(world.sent_to) == set(sent)


def test_a_wrong_key_a_replay_and_a_viewers_media_change_nothing() -> None:
    world, center, viewer = programme()
    center.frame()
    world.run(0.2)
    packet = RtpPacket(True, 96, center.sequence + 1 & 0xFFFF, center.timestamp, 5000, payload=DELTA_PAYLOAD).serialize()
    assert viewer.outbound is not None
    assert center.outbound is not None
    world.inject(viewer.outbound.protect(packet), center.address)
    real = center.outbound.protect(packet)
    for _ in range(3):
        world.inject(real, center.address)
    world.inject(viewer.outbound.protect(packet), viewer.address)
    world.run(0.1)
    assert [world.counter(name) for name in ("srtp_auth", "srtp_replay", "dropped_rtp")] == [1, 2, 1]
    assert len(viewer.payloads("main")) == 5


def test_malformed_packets_stay_with_whom_they_came_from() -> None:
    """GHSA-f26w-gh5m-qq77 and its like: authentic, but nonsense within."""
    world, center, viewer = programme()
    point = world.publish("point:1")
    world.run(0.3)
    center.frame()
    world.run(0.1)
    header = struct.pack("!BBHII", 0x80, 96, 1, 1, 5000)
    corpus = [
        bytes([0xA0]) + header[1:],  # padding bit, nothing to count
        bytes([0xA0]) + header[1:] + b"\x00",  # zero padding
        bytes([0xA0]) + header[1:] + b"abc\xff",  # more padding than packet
        bytes([0x90]) + header[1:],  # extension bit, no extension
        bytes([0x90]) + header[1:] + b"\xbe\xde\xff\xff",  # longer than the packet
        bytes([0x90]) + header[1:] + b"\xbe\xde\x00\x01\x3f\x01\x02\x03",  # an element longer than its block
        bytes([0x90]) + header[1:] + b"\x10\x00\x00\x01\x03\xff\x00\x00",
        bytes([0x8F]) + header[1:] + bytes(8),  # fifteen sources announced, two there
        header + b"",
        header + b"\x90",  # a VP8 descriptor that ends at once
        header + b"\x90\xff\xff",
    ]
    assert point.outbound is not None
    sequence = 100
    for data in corpus:
        for ssrc in (5000, 77):
            sequence += 1
            forged = data[:2] + struct.pack("!HII", sequence, 1, ssrc) + data[12:]
            try:
                sealed = point.outbound.protect(forged)
            except Exception:  # noqa: BLE001 (libsrtp itself refuses some)
                sealed = forged + bytes(16)
            world.inject(sealed, point.address)
    generator = random.Random(7)
    for _ in range(400):
        sequence += 1
        body = generator.randbytes(generator.randrange(40))
        first = 0x80 | generator.choice([0, 0x10, 0x20, 0x30])
        world.inject(
            _protected(point, bytes([first, generator.choice([96, 97])]) + struct.pack("!HII", sequence, 1, 5001) + body),
            point.address,
        )
        world.inject(generator.randbytes(generator.randrange(1, 60)), generator.choice([point.address, viewer.address, STRANGER]))
    for data in _rtcp_corpus(generator):
        world.inject(point.outbound.protect_rtcp(data), point.address)
        assert viewer.outbound is not None
        world.inject(viewer.outbound.protect_rtcp(data), viewer.address)
    world.run(0.1)
    assert world.counter("malformed_rtp") >= 10
    assert world.counter("malformed_rtcp") >= 4
    assert world.counter("faults") == 0
    before = len(viewer.payloads("main"))
    center.frame()
    world.run(0.1)
    assert len(viewer.payloads("main")) == before + 4


def _protected(browser: PublishingBrowser, data: bytes) -> bytes:
    assert browser.outbound is not None
    try:
        return browser.outbound.protect(data)
    except Exception:  # noqa: BLE001
        return data + bytes(16)


def _rtcp_corpus(generator: random.Random) -> list[bytes]:
    corpus = [
        b"\x81\xc9\x00\x01" + bytes(4),  # one block announced, none there
        b"\x81\xcd\x00\x02" + bytes(8),  # NACK without a pair
        b"\x80\xc8\x00\x01" + bytes(4),  # SR without its middle
        b"\x80\xc9\xff\xff" + bytes(4),
        b"\x9f\xca\x00\x01" + bytes(4),
        b"\xa0\xc9\x00\x01" + b"\xff\xff\xff\xff",
    ]
    return corpus + [
        bytes([0x80 | generator.randrange(64)]) + generator.randbytes(generator.randrange(7, 60)) for _ in range(100)
    ]


def test_datagrams_longer_than_a_frame_and_empty_ones_are_dropped() -> None:
    world, center, _ = programme()
    for data in (b"", bytes(1501), b"\x80\x60" + bytes(1499), b"\x80"):
        world.inject(data, center.address)
    assert world.counter("dropped_size") == 3
    assert world.counter("dropped_unknown_kind") == 1


def test_an_unknown_ufrag_is_dropped_before_any_hmac(monkeypatch: pytest.MonkeyPatch) -> None:
    world, center, _ = programme()
    stray = IceClient("nobody", "x" * 24, "clnt").check()
    own = center.ice.check()
    checked: list[bytes] = []
    monkeypatch.setattr("sfu.wire.stun.is_authentic", lambda data, *_: checked.append(data))
    for _ in range(100):
        world.inject(stray, STRANGER)
    assert (world.counter("dropped_unknown_ufrag"), checked) == (100, [])
    world.inject(own, center.address)
    answered = world.counter("stun_answered")
    assert (len(checked), world.core) in {(1, "reference"), (0, "native")}
    assert answered > (1 if world.core == "native" else 0)
    assert STRANGER not in world.sent_to


def test_nobody_is_sent_more_than_it_sent_before_it_is_known() -> None:
    world, center, viewer = programme()
    center.frame()
    sent = 0
    forged = IceClient(viewer.ice.remote_ufrag, "w" * 24, "clnt").check()
    for data in (forged, b"\x16\xfe\xfd" + bytes(200), bytes([0x80, 96]) + bytes(100), forged):
        sent += len(data)
        world.inject(data, STRANGER)
    real = viewer.ice.check(nominate=False)
    world.inject(real, STRANGER)  # authentic: it is answered, but with no more than it sent
    world.run(0.05)
    assert 0 < world.sent_to[STRANGER] <= len(real)


def test_a_check_with_a_forged_source_does_not_turn_anothers_media_away() -> None:
    """The source address of a datagram proves nothing: another peer's authentic check from a publisher's address."""
    world, center, viewer = programme()
    attacker = world.watch("viewer-evil")
    world.run(0.3)
    center.frame()
    world.run(0.1)
    world.inject(attacker.ice.check(nominate=False), center.address)
    assert world.counter("address_held") > 0
    world.run(0.1)
    assert (center.foreign_answers, viewer.foreign_answers) == (1, 0)
    center.frame()
    world.run(0.1)
    assert len(viewer.payloads("main")) == 8
    # Where the former peer is silent, the address passes on: a browser took the port again.
    center.is_checking = False
    world.run(ADDRESS_HELD_S + CONNECT_S / 4)
    world.inject(attacker.ice.check(nominate=False), center.address)
    center.frame()
    world.run(0.1)
    assert len(viewer.payloads("main")) == 8
