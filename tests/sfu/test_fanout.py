"""What leaves, against libsrtp: headers, extensions, runs of equal packets, wraps. Every test for each core."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.fanout import RUN_BYTES_MAX, RUN_PACKETS_MAX, PreparedFrame
from sfu.legs import Leg
from sfu.packets import SourcePacket, WireProfile, equalize
from sfu.source import Source
from sfu.srtp import Suite
from sfu.wire import extensions
from sfu.wire.rtp import RtpPacket
from tests.sfu.kit import (
    BOTH_SUITES,
    CORES,
    EXTENSION_IDS,
    VIDEO_PT,
    CoreName,
    ListOutlet,
    fanout_of,
    frame,
    leg,
    opener,
    packet,
    source,
)

pytestmark = pytest.mark.parametrize("core", CORES)


class Stage:
    """One source, its followers, and what leaves."""

    def __init__(self, core: CoreName, *legs: Leg) -> None:
        self.outlet = ListOutlet()
        self.fanout = fanout_of(core, self.outlet)
        self.source: Source = source()
        self.legs = legs

    def send(self, packets: tuple[SourcePacket, ...], now: float = 1.0) -> None:
        for one in self.legs:
            if one.source is None:
                self.source.wait(one)
        self.give(self.source, packets, now)

    def give(self, feed: Source, packets: tuple[SourcePacket, ...], now: float) -> None:
        frame = PreparedFrame(packets)
        self.fanout.send_frame(frame, self.fanout.take(feed, frame, feed.follow(packets, now)))
        self.fanout.drain()

    def resend(self, one: Leg, wanted: SourcePacket) -> bool:
        assert one.profile is not None
        is_sent = self.fanout.send_single(wanted, one, one.sequence_delta, one.timestamp_delta, one.profile)
        self.fanout.drain()
        return is_sent


@pytest.mark.parametrize("suite", BOTH_SUITES)
def test_libsrtp_opens_what_leaves_and_every_field_is_the_legs(core: CoreName, suite: Suite) -> None:
    one = leg(suite=suite, ssrc=0xAABBCCDD, first_sequence=0xFFF, first_timestamp=0xFFFF_FF00)
    stage, session = Stage(core, one), opener(suite)
    orientation = ((extensions.VIDEO_ORIENTATION_URI, b"\x01"), (extensions.MID_URI, b"0"))
    sent = (
        packet(65_536, 90_000, key=True, extensions=orientation),
        packet(65_537, 90_000, marker=True, payload=b"\x00rest"),
    )
    stage.send(sent)
    read = [RtpPacket.parse(session.unprotect(datagram)) for datagram in stage.outlet.take()]
    assert [(p.ssrc, p.sequence_number, p.timestamp, p.payload_type, p.marker) for p in read] == [
        (0xAABBCCDD, 0x1000, 0xFFFF_FF00, VIDEO_PT, False),
        (0xAABBCCDD, 0x1001, 0xFFFF_FF00, VIDEO_PT, True),
    ]
    assert read[0].extensions == ((EXTENSION_IDS[extensions.VIDEO_ORIENTATION_URI], b"\x01"),)
    assert (read[1].extension_profile, read[1].extensions) == (None, ())
    assert [p.payload for p in read] == [p.payload for p in sent]


@pytest.mark.parametrize("suite", BOTH_SUITES)
def test_sequence_and_rollover_counter_wrap_twice(core: CoreName, suite: Suite) -> None:
    one = leg(suite=suite, first_sequence=0x7FFE)
    stage, session = Stage(core, one), opener(suite)
    sequences = []
    for step in range(20):
        stage.send((packet(70_000 + step * 0x2000, step * 3000, key=step == 0, marker=True),))
        (datagram,) = stage.outlet.take()
        sequences.append(RtpPacket.parse(session.unprotect(datagram)).sequence_number)
    assert sequences == [(0x7FFF + step * 0x2000) & 0xFFFF for step in range(20)]
    assert sum(after < before for before, after in pairwise(sequences)) == 2


def test_timestamps_wrap(core: CoreName) -> None:
    one = leg(first_timestamp=0xFFFF_FFFF)
    stage, session = Stage(core, one), opener(Suite.AES_128_GCM)
    stage.send((packet(1, 10, key=True),))
    stage.send((packet(2, 3010),))
    assert [RtpPacket.parse(session.unprotect(d)).timestamp for d in stage.outlet.take()] == [0xFFFF_FFFF, 2999]


def test_a_frame_is_one_message_with_the_last_packet_shorter(core: CoreName) -> None:
    stage = Stage(core, leg())
    stage.send(tuple(packet(i, 0, key=i == 0, payload=bytes(1000 if i < 3 else 500)) for i in range(4)))
    (message,) = stage.outlet.messages
    assert message.segment_bytes == 12 + 1000 + 16
    assert [len(d) for d in message.datagrams()] == [1028, 1028, 1028, 528]


def test_a_longer_packet_begins_a_new_run(core: CoreName) -> None:
    stage = Stage(core, leg())
    sizes = [900, 900, 901, 901, 100, 100, 900]
    stage.send(tuple(packet(i, 0, key=i == 0, payload=bytes(size)) for i, size in enumerate(sizes)))
    runs = [[len(d) - 28 for d in message.datagrams()] for message in stage.outlet.messages]
    assert runs == [[900, 900], [901, 901, 100], [100], [900]]


def test_padding_makes_libwebrtcs_frame_one_run(core: CoreName) -> None:
    stage = Stage(core, leg())
    packets = tuple(packet(i, 0, key=i == 0, payload=bytes(1000 + (i >= 2))) for i in range(5))
    stage.send(tuple(equalize(packets)))
    assert len(stage.outlet.messages) == 1
    read = [RtpPacket.parse(opener(Suite.AES_128_GCM).unprotect(d)) for d in stage.outlet.take()]
    assert [len(p.payload) for p in read] == [1000, 1000, 1001, 1001, 1001]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([1, 30, 31, 700, 1180, 1200]), min_size=1, max_size=130))
def test_runs_keep_order_and_the_kernels_limits(core: CoreName, sizes: list[int]) -> None:
    """``UDP_SEGMENT``: at most 64 segments, 65,507 bytes in all, equal but for a shorter last one."""
    stage = Stage(core, leg())
    stage.send(tuple(packet(i, 0, key=i == 0, payload=bytes([i & 0xFF]) * size) for i, size in enumerate(sizes)))
    session, read = opener(Suite.AES_128_GCM), []
    for message in stage.outlet.messages:
        datagrams = message.datagrams()
        assert len(message.data) <= RUN_BYTES_MAX + RUN_PACKETS_MAX * 16 <= 65_507
        assert len(datagrams) <= RUN_PACKETS_MAX <= 64
        assert (message.segment_bytes > 0) == (len(datagrams) > 1)
        assert len({len(d) for d in datagrams[:-1]}) <= 1
        read += [RtpPacket.parse(session.unprotect(d)) for d in datagrams]
    assert [len(p.payload) for p in read] == sizes
    assert stage.fanout.counters.packets == len(sizes)
    assert stage.fanout.counters.messages == len(stage.outlet.messages)
    assert stage.fanout.counters.bytes == sum(len(m.data) for m in stage.outlet.messages)


def test_profiles_share_bodies_and_differ_where_they_negotiated_differently(core: CoreName) -> None:
    other = WireProfile.of(120, {extensions.VIDEO_ORIENTATION_URI: 11})
    legs = [leg(ssrc=1), leg(ssrc=2), leg(ssrc=3, profiles={"VP8": other})]
    stage = Stage(core, *legs)
    sent = PreparedFrame(frame(1, 0, 2, key=True))
    first = legs[0].profiles["VP8"]
    assert sent.runs(first) is sent.runs(WireProfile.of(VIDEO_PT, EXTENSION_IDS))
    stage.send((packet(1, 0, key=True, extensions=((extensions.VIDEO_ORIENTATION_URI, b"\x02"),)),))
    read = {p.ssrc: p for p in (RtpPacket.parse(opener(Suite.AES_128_GCM).unprotect(d)) for d in stage.outlet.take())}
    assert {ssrc: (p.payload_type, p.extensions) for ssrc, p in read.items()} == {
        1: (VIDEO_PT, ((3, b"\x02"),)),
        2: (VIDEO_PT, ((3, b"\x02"),)),
        3: (120, ((11, b"\x02"),)),
    }


def test_legs_that_are_not_open_get_nothing(core: CoreName) -> None:
    keyless, addressless, closed, fine = leg(ssrc=1, suite=None), leg(ssrc=2), leg(ssrc=3), leg(ssrc=4)
    keyless.address = ("192.0.2.9", 9)
    addressless.address = None
    stage = Stage(core, keyless, addressless, closed, fine)
    stage.source.wait(closed)
    closed.close()
    stage.send(frame(1, 0, 1, key=True))
    assert [d[8:12] for d in stage.outlet.take()] == [b"\0\0\0\4"]


def test_refusals_are_counted_by_kind_and_hold_nobody_up(core: CoreName) -> None:
    stage, audio = Stage(core), source("audio")
    stage.outlet.is_full = True
    video_leg, audio_leg = leg(), leg("audio", ssrc=2)
    stage.source.wait(video_leg)
    audio.wait(audio_leg)
    batch = frame(1, 0, 3, key=True)
    stage.give(stage.source, batch, 0.0)
    stage.give(audio, (packet(5),), 0.0)
    counters = stage.fanout.counters
    assert (counters.refused_video, counters.refused_audio, counters.packets) == (3, 1, 0)
    stage.resend(video_leg, batch[0])
    stage.resend(audio_leg, packet(5))
    counters = stage.fanout.counters
    assert (counters.refused_video, counters.refused_audio, counters.packets) == (4, 2, 0)
    stage.outlet.is_full = False
    stage.give(stage.source, frame(4, 3000, 2), 0.1)
    assert len(stage.outlet.take()) == 2


def test_a_single_is_the_bytes_of_the_frame(core: CoreName) -> None:
    one = leg()
    stage = Stage(core, one)
    sent = frame(1, 0, 3, key=True, size=300)
    stage.send(sent)
    before = stage.outlet.take()
    assert all(stage.resend(one, wanted) for wanted in sent)
    assert stage.outlet.take() == before
    assert one.profile is not None
    assert not stage.fanout.send_single(sent[0], leg(suite=None), 0, 0, one.profile)


def test_a_leg_with_an_outlet_of_its_own_leaves_by_it(core: CoreName) -> None:
    near, far = leg(ssrc=1), leg(ssrc=2)
    own = ListOutlet()
    far.outlet = own
    stage = Stage(core, near, far)
    stage.send(frame(1, 0, 2, key=True))
    assert stage.resend(far, packet(1))
    assert [d[11] for d in stage.outlet.take()] == [1, 1]
    assert [d[11] for d in own.take()] == [2, 2, 2]
