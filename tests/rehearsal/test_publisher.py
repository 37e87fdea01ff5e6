"""A simulated publisher in virtual time: how much it sends, when, and what it does when it is asked."""

from __future__ import annotations

import datetime as dt
import itertools

import pylibsrtp
import pytest

from rehearsal import pattern
from rehearsal.control import ControlCipher, policy
from rehearsal.handshake import Identity
from rehearsal.pattern import Block
from rehearsal.peers import PeerState
from rehearsal.publisher import Publisher, Rates
from sfu.wire.rtcp import Nack, Pli, ReceiverReport, SenderReport, parse_compound, serialize_compound
from sfu.wire.rtp import RtpPacket
from tests.rehearsal.media import key_pair

IDENTITY = Identity(dt.datetime.now(dt.UTC))


class Studio:
    """A connected publisher and the node's ends of its ciphers."""

    def __init__(self, rates: Rates = Rates()) -> None:  # noqa: B008
        self.now = 50.0
        self.peer = Publisher(
            1, "ufrg", "p" * 24, IDENTITY, 12345 << 90 | 99, publisher=7, clock_ns=lambda: int(self.now * 1e9), ntp_offset_s=1e9
        )
        self.peer.keys, theirs = key_pair()
        self.peer._control = ControlCipher(self.peer.keys)
        self.peer.state = PeerState.CONNECTED
        self.inbound = pylibsrtp.Session(policy(theirs, inbound=True))
        self.control = ControlCipher(theirs)
        self.peer.start(rates, self.now)

    def play(self, seconds: float) -> list[tuple[float, RtpPacket]]:
        """All that is sent in so many seconds."""
        end, packets = self.now + seconds, []
        while (at := self.peer.next_media_at()) < end:
            self.now = max(self.now, at)
            packets += [(self.now, RtpPacket.parse(self.inbound.unprotect(data))) for data in self.peer.media(self.now)]
        self.now = end
        return packets

    def tell(self, *packets: Pli | Nack) -> None:
        self.peer.receive(self.control.seal(serialize_compound([ReceiverReport(1, ()), *packets])), self.now)

    def video_ssrc(self) -> int:
        return self.peer.sending.video_ssrc


def blocks(packets: list[tuple[float, RtpPacket]], payload_type: int) -> list[Block]:
    kind: pattern.Kind = "video" if payload_type == 96 else "audio"
    return [pattern.read(kind, packet.payload) for _, packet in packets if packet.payload_type == payload_type]


def test_ten_seconds_of_a_center() -> None:
    studio = Studio()
    packets = studio.play(9.99)
    video, audio = blocks(packets, 96), blocks(packets, 111)
    assert [block.number for block in video] == list(range(1015))  # 200 frames, the first a key frame of 20
    assert [block.number for block in audio] == list(range(500))
    assert {len(packet.payload) for _, packet in packets if packet.payload_type == 96} == {1168}
    assert {len(packet.payload) for _, packet in packets if packet.payload_type == 111} == {160}
    assert [block.number for block in video if block.is_key] == list(range(20))
    assert studio.peer.sent().packets == 1515
    assert (studio.peer.keyframes, studio.peer.late_frames) == (1, 0)
    assert {block.publisher for block in video} == {7}
    times = [packet.timestamp for _, packet in packets if packet.payload_type == 96 and packet.marker]
    assert {b - a & 0xFFFFFFFF for a, b in itertools.pairwise(times)} == {4500}
    assert sum(block.is_key for block in blocks(studio.play(1.0), 96)) == 20


@pytest.mark.parametrize(("video_pps", "audio_pps"), [(0, 50), (7, 0), (130, 25), (3000, 50)])
def test_any_rate(video_pps: int, audio_pps: int) -> None:
    studio = Studio(Rates(video_pps, audio_pps, keyframe_packets=0))
    packets = studio.play(3.999)
    assert len(blocks(packets, 96)) == 4 * video_pps
    assert len(blocks(packets, 111)) == 4 * audio_pps


def test_key_frames_when_asked_and_at_most_one_a_second() -> None:
    studio = Studio()
    studio.play(0.2)
    for _ in range(30):
        studio.tell(Pli(1, studio.video_ssrc()))
        studio.play(0.1)
    assert studio.peer.keyframe_requests == 30
    assert studio.peer.keyframes == 4


def test_what_was_lost_is_sent_again_as_it_was() -> None:
    studio = Studio()
    packets = studio.play(0.5)
    lost = [packet.sequence_number for _, packet in packets if packet.payload_type == 96][3:5]
    studio.tell(Nack(1, studio.video_ssrc(), (*lost, 9)))
    again = studio.peer.datagrams_to_send()
    assert [int.from_bytes(data[2:4], "big") for data in again] == lost
    assert studio.peer.sent().resent_packets == 2
    with pytest.raises(pylibsrtp.Error, match="replay"):
        studio.inbound.unprotect(again[0])


def test_a_late_publisher_leaves_out_what_is_past() -> None:
    studio = Studio()
    studio.play(1.0)
    studio.now += 5.0
    packets = studio.peer.media(studio.now)
    assert len(packets) <= 6
    assert studio.peer.late_frames > 0
    assert studio.peer.next_media_at() > studio.now - 0.06


def test_after_a_pause_it_goes_on_with_a_key_frame() -> None:
    studio = Studio()
    before = studio.play(1.5)
    studio.peer.stop()
    assert studio.play(1.0) == []
    studio.peer.start(Rates(), studio.now)
    after = studio.play(0.2)
    video = blocks(after, 96)
    assert video[0].is_key
    assert video[0].number == blocks(before, 96)[-1].number + 1
    last, first = (
        packets[0].timestamp
        for packets in ([p for _, p in before if p.payload_type == 96][-1:], [p for _, p in after if p.payload_type == 96])
    )
    assert (first - last & 0xFFFFFFFF) / 90_000 == pytest.approx(1.05, abs=0.03)


def test_sender_reports_pair_the_clocks() -> None:
    studio = Studio()
    packets = studio.play(1.01)
    sealed = studio.peer.report(studio.now)
    assert sealed is not None
    reports = [report for report in parse_compound(studio.control.open(sealed)) if isinstance(report, SenderReport)]
    assert len(reports) == 2
    for report in reports:
        of_stream = [(at, packet) for at, packet in packets if packet.ssrc == report.ssrc]
        at, packet = of_stream[-1]
        clock_hz = 90_000 if packet.payload_type == 96 else 48_000
        assert (report.rtp_timestamp - packet.timestamp & 0xFFFFFFFF) / clock_hz == pytest.approx(studio.now - at, abs=0.001)
        assert report.ntp >> 32 == int(1e9 + studio.now)
        assert report.packet_count == len(of_stream)
