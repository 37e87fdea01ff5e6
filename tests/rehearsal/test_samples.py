"""The reader of a sampled point: what is good, and everything that must not pass for good."""

from __future__ import annotations

import random

import pytest

from rehearsal.control import GCM
from rehearsal.measures import SampleCounts
from rehearsal.samples import SampleReader
from sfu.wire.rtcp import Nack, ReceiverReport, ReportBlock, parse_compound
from tests.rehearsal.media import SHA1_80, Leg, key_pair

MAIN, SOUND = 0xAAAA, 0xBBBB


class Bench:
    """A reader, a picture and a sound for it."""

    def __init__(self, profile: str = GCM, seed: int = 1) -> None:
        ours, theirs = key_pair(profile)
        self.counts = SampleCounts()
        self.reader = SampleReader(ours, {MAIN: ("main", "video", 96), SOUND: ("center", "audio", 111)}, self.counts, seed)
        self.picture = Leg(theirs, MAIN)
        self.sound = Leg(theirs, SOUND, "audio", 111, step=960)
        self.now = 100.0

    def take(self, *packets: bytes, after_s: float = 0.0) -> None:
        self.now += after_s
        for packet in packets:
            self.reader.receive(packet, int(self.now * 1e9), self.now)

    def bad(self) -> dict[str, int]:
        return dict(self.counts.bad_by_reason)

    def asked_for(self) -> list[int]:
        packets = self.reader.nacks(1, self.now)
        return [
            number
            for packet in (parse_compound(packets) if packets else [])
            if isinstance(packet, Nack)
            for number in packet.lost
        ]


@pytest.mark.parametrize("profile", [GCM, SHA1_80])
def test_a_good_stream_over_both_wraps(profile: str) -> None:
    bench = Bench(profile)
    for number in range(200):
        bench.take(bench.picture.packet(number), bench.sound.packet(number))
    assert bench.bad() == {}
    assert (bench.counts.video_packets, bench.counts.audio_packets, bench.reader.received) == (200, 200, 400)
    assert bench.counts.lost == 0


def test_every_changed_byte_of_the_datagram_is_bad() -> None:
    bench = Bench()
    bench.take(bench.picture.packet(0))
    packet = bench.picture.packet(1)
    places = [*range(12), *random.Random(1).sample(range(12, len(packet)), 60), len(packet) - 1]
    for place in places:
        bench.take(packet[:place] + bytes([packet[place] ^ 4]) + packet[place + 1 :])
    assert bench.counts.bad == len(places)
    assert bench.counts.packets == 1
    bench.take(packet)
    assert bench.counts.packets == 2


@pytest.mark.parametrize("place", [0, 1, 5, 20, 60, 1167])
def test_a_byte_changed_before_it_was_sealed_is_bad(place: int) -> None:
    bench = Bench()
    bench.take(bench.picture.packet(0), bench.picture.packet(1, damage=place))
    assert bench.bad() == {"changed": 1}
    assert bench.counts.packets == 1


def test_a_packet_that_comes_twice_is_bad() -> None:
    bench = Bench()
    packet = bench.picture.packet(0)
    bench.take(packet, packet, bench.picture.packet(1))
    assert bench.bad() == {"duplicate": 1}
    assert bench.counts.packets == 2


def test_another_packet_under_a_number_is_bad() -> None:
    bench = Bench()
    packets = [bench.picture.packet(number) for number in (0, 1, 2, 4)]
    bench.take(*packets)
    assert bench.bad() == {"order": 1}


def test_an_older_packet_is_bad() -> None:
    bench = Bench()
    bench.take(*(bench.picture.packet(number) for number in range(10)), bench.picture.packet(5))
    assert bench.bad() == {"order": 1}


def test_markers_and_timestamps_belong_to_their_frames() -> None:
    bench = Bench()
    bench.take(bench.picture.packet(0), bench.picture.packet(1, marker=1))
    assert bench.bad() == {"marker": 1}
    bench = Bench()
    bench.take(bench.sound.packet(0), bench.sound.packet(1, timestamp=17))
    assert bench.bad() == {"timestamp": 1}


def test_nobody_else_is_heard() -> None:
    bench = Bench()
    bench.take(bench.picture.packet(0, ssrc=0xCCCC), b"\x80\x60", bench.sound.packet(0)[:30])
    other = Leg(key_pair()[1], MAIN)
    bench.take(other.packet(0))
    assert bench.bad() == {"unexpected": 2, "auth": 2}
    assert bench.counts.packets == 0


def test_one_publisher_after_another() -> None:
    bench = Bench()
    bench.take(*(bench.picture.packet(number) for number in range(10)))
    bench.take(*(bench.picture.packet(number, publisher=7) for number in range(50, 60)), after_s=1.0)
    bench.take(*(bench.picture.packet(number) for number in range(400, 410)), after_s=1.0)
    assert bench.bad() == {}
    assert bench.counts.packets == 30
    assert bench.reader.publishers == {(0, "main"): pytest.approx(100.0), (7, "main"): pytest.approx(101.0)}
    bench.reader.forget_publisher(0)
    assert bench.reader.publishers == {(7, "main"): pytest.approx(101.0)}


def test_another_publisher_does_not_begin_in_the_middle_of_a_frame() -> None:
    bench = Bench()
    bench.take(bench.picture.packet(0), bench.picture.packet(52, publisher=7))
    assert bench.bad() == {"order": 1}


def test_the_same_publisher_does_not_go_back() -> None:
    bench = Bench()
    bench.take(*(bench.picture.packet(number) for number in range(20)), bench.picture.packet(10))
    assert bench.bad() == {"order": 1}


def test_what_is_missing_is_asked_for_and_then_lost() -> None:
    bench = Bench()
    packets = [bench.picture.packet(number) for number in range(8)]
    bench.take(*packets[:3], *packets[5:])
    assert bench.asked_for() == []
    bench.take(after_s=0.03)
    first = 65_530 + 3
    assert bench.asked_for() == [first & 0xFFFF, first + 1 & 0xFFFF]
    assert bench.asked_for() == []
    bench.take(packets[4], after_s=0.05)
    assert (bench.counts.retransmitted, bench.counts.nacks) == (1, 2)
    bench.take(after_s=0.1)
    assert bench.asked_for() == [first & 0xFFFF]
    bench.take(packets[4])
    assert bench.counts.retransmitted == 2
    bench.take(after_s=1.0)
    bench.reader.handle_timeout(bench.now)
    assert bench.counts.lost == 1
    assert bench.bad() == {}


def test_as_many_repeats_as_were_asked_for_are_no_duplicates() -> None:
    bench = Bench()
    packets = [bench.picture.packet(number) for number in range(4)]
    bench.take(packets[0], *packets[2:])
    for _ in range(3):
        bench.take(after_s=0.15)
        assert len(bench.asked_for()) == 1
    bench.take(*[packets[1]] * 4)
    assert (bench.bad(), bench.counts.retransmitted) == ({}, 4)
    bench.take(packets[1])
    assert bench.bad() == {"duplicate": 1}


def test_a_great_gap_is_lost_at_once() -> None:
    bench = Bench()
    bench.take(bench.picture.packet(0))
    for number in range(1, 2001):
        bench.picture.packet(number)
    bench.take(bench.picture.packet(2001))
    assert bench.counts.lost == 2000
    assert bench.asked_for() == []


def test_what_this_process_did_not_read_is_nobody_elses_loss() -> None:
    bench = Bench()
    packets = [bench.picture.packet(number) for number in range(40)]
    bench.take(*packets[:3], packets[4], after_s=0.1)
    bench.reader.excuse()
    bench.take(*packets[20:22], after_s=0.1)
    assert bench.asked_for() == []
    assert bench.counts.unread == 1 + 15
    bench.reader.is_excused = False
    bench.take(packets[25], after_s=2.0)
    bench.reader.handle_timeout(bench.now)
    assert (bench.counts.lost, bench.bad()) == (0, {})
    bench.take(after_s=2.0)
    bench.reader.handle_timeout(bench.now)
    assert (bench.counts.lost, bench.counts.unread) == (3, 16)


def test_pretended_losses_are_asked_for_and_come() -> None:
    bench = Bench(seed=3)
    bench.reader.loss = 0.1
    history = {}
    for number in range(400):
        sequence = bench.picture.sequence & 0xFFFF
        history[sequence] = packet = bench.picture.packet(number)
        bench.take(packet, after_s=0.01)
        bench.take(*(history[asked] for asked in bench.asked_for()))
        bench.reader.handle_timeout(bench.now)
    assert 20 < bench.counts.pretended_lost < 80
    assert bench.counts.retransmitted > 20
    assert bench.bad() == {}
    assert bench.counts.lost == 0
    blocks = report_of(bench)
    assert blocks[MAIN].fraction_lost < 256 * 0.1


def report_of(bench: Bench) -> dict[int, ReportBlock]:
    data = bench.reader.report_blocks({MAIN: (0x1234, bench.now - 0.5)}, bench.now)
    (report,) = parse_compound(bytes([0x80 | len(data) // 24, 201, 0, 1 + len(data) // 4]) + bytes(4) + data)
    assert isinstance(report, ReceiverReport)
    return {block.ssrc: block for block in report.blocks}


def test_reports_say_what_was_lost() -> None:
    bench = Bench()
    packets = [bench.picture.packet(number) for number in range(20)]
    bench.take(*packets[:10], *packets[15:])
    block = report_of(bench)[MAIN]
    assert (block.fraction_lost, block.cumulative_lost) == (64, 5)
    assert (block.highest_sequence & 0xFFFF, block.last_sr, block.delay_since_last_sr) == (65_530 + 19 & 0xFFFF, 0x1234, 32_768)
    assert report_of(bench)[MAIN].fraction_lost == 0
    assert SOUND not in report_of(bench)


def test_delays_are_of_what_was_sent_since() -> None:
    bench = Bench()
    now_ns = int(bench.now * 1e9)
    bench.take(bench.picture.packet(0, sent_ns=now_ns - 8_000_000_000))  # of the cache
    bench.take(bench.picture.packet(1, sent_ns=now_ns + 1_000_000), after_s=0.004)
    assert bench.counts.video_delay.count == 1
    assert bench.counts.video_delay.percentile(0.5) == pytest.approx(3.0, abs=0.11)
    assert bench.counts.audio_delay.count == 0
    assert bench.reader.first_packet_at == pytest.approx(100.0)
