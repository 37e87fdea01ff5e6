"""A viewer's reports and wishes, and the reports it gets."""

from __future__ import annotations

import pytest

from sfu.ids import FeedId, PeerId, SessionId
from sfu.selector import Level
from sfu.viewer import RESENDS_PER_S, SENDER_REPORT_S, LineQuality, Resend, Viewer
from sfu.wire import rtcp
from tests.sfu.kit import frame, leg, packet, source

NTP_OFFSET_S = 3_900_000_000.0


def viewer() -> Viewer:
    legs = (leg(ssrc=1), leg("audio", ssrc=2))
    return Viewer(peer=PeerId("p"), session=SessionId("s"), owner=FeedId("point:1"), legs=legs, cname="x")


def test_a_nack_names_a_leg_and_its_numbers() -> None:
    one = viewer()
    assert one.receive_rtcp([rtcp.Nack(9, 1, (5, 6)), rtcp.Nack(9, 77, (5,))], 0.0, 0.0) == [
        Resend(one.legs[0], 5),
        Resend(one.legs[0], 6),
    ]


def test_requests_to_send_again_have_a_budget_each_second() -> None:
    one = viewer()
    flood = rtcp.Nack(9, 1, tuple(range(1000)))
    assert len(one.receive_rtcp([flood, flood], 10.0, 0.0)) == RESENDS_PER_S[Level.FULL]
    assert one.receive_rtcp([flood], 10.9, 0.0) == []
    assert one.resends_over_budget == 3000 - RESENDS_PER_S[Level.FULL]
    assert len(one.receive_rtcp([flood], 11.0, 0.0)) == RESENDS_PER_S[Level.FULL]


def test_a_line_that_was_given_less_gets_fewer_repeats_and_none_of_what_was_taken_away() -> None:
    one, first, second = viewer(), source(), source()
    picture = one.legs[0]
    picture.attach(first, 10, 0, 1.0)
    first.follow(tuple(packet(index, 0) for index in range(10, 20)), 1.0)
    before = (10 + picture.sequence_delta) & 0xFFFF
    picture.attach(second, 500, 0, 1.5)
    since = (500 + picture.sequence_delta) & 0xFFFF
    both = rtcp.Nack(9, 1, (before, before + 1, since))
    assert len(one.receive_rtcp([both], 2.0, 0.0)) == 3, "a good line gets both"
    for now in (3.0, 4.0):
        one.receive_quality(0.9, 40, now)
    assert one.level is not Level.FULL
    assert one.receive_rtcp([both], 5.0, 0.0) == [Resend(picture, since)]
    flood = rtcp.Nack(9, 1, tuple(since + i for i in range(1000)))
    assert len(one.receive_rtcp([flood], 6.0, 0.0)) == RESENDS_PER_S[one.level] < RESENDS_PER_S[Level.FULL]
    assert one.receive_rtcp([rtcp.Nack(9, 2, (5,))], 7.0, 0.0), "sound is always repeated"


@pytest.mark.parametrize("wish", [rtcp.Pli(9, 1), rtcp.Fir(9, ((1, 0),))])
def test_a_wish_for_a_key_frame_reaches_the_legs_source(wish: rtcp.RtcpPacket) -> None:
    one, feed = viewer(), source()
    one.receive_rtcp([wish], 0.0, 0.0)
    feed.wait(one.legs[0])
    feed.follow(frame(1, 0, 1, key=True), 0.0)
    assert not feed.requests.is_wanted
    one.receive_rtcp([wish], 0.0, 0.0)
    assert feed.requests.is_wanted


def test_sound_has_no_key_frames() -> None:
    one, feed = viewer(), source("audio")
    feed.wait(one.legs[1])
    feed.follow((packet(1),), 0.0)
    one.receive_rtcp([rtcp.Pli(9, 2), rtcp.Pli(9, 99)], 0.0, 0.0)
    assert not feed.requests.is_wanted


def block(ssrc: int, lost: int = 0, last_sr: int = 0, delay: int = 0, highest: int = 0) -> rtcp.ReportBlock:
    return rtcp.ReportBlock(ssrc, lost, 0, highest, 0, last_sr, delay)


def test_round_trip_time_is_from_our_report_and_their_delay() -> None:
    one = viewer()
    reported_at = NTP_OFFSET_S + 100.0
    middle = int(reported_at * 65536) & 0xFFFFFFFF
    report = rtcp.ReceiverReport(9, (block(1, 64, middle, int(0.5 * 65536)), block(99, 255)))
    one.receive_rtcp([report], 0.0, reported_at + 0.58)
    assert one.quality.lost == 0.25
    assert one.quality.rtt_ms == pytest.approx(80, abs=0.5)
    one.receive_rtcp([rtcp.ReceiverReport(9, (block(2, 0),))], 1.0, reported_at + 2)
    assert one.quality.lost == 0.0
    assert one.quality.rtt_ms == pytest.approx(80, abs=0.5)


def test_reports_of_others_and_impossible_times_say_nothing() -> None:
    one = viewer()
    one.receive_rtcp([rtcp.ReceiverReport(9, (block(99, 255),))], 0.0, NTP_OFFSET_S)
    assert one.quality == LineQuality()
    future = int((NTP_OFFSET_S + 5) * 65536) & 0xFFFFFFFF
    one.receive_rtcp([rtcp.SenderReport(9, 0, 0, 0, 0, (block(1, 0, future, 0),))], 0.0, NTP_OFFSET_S)
    assert one.quality == LineQuality(0.0, None)


def test_no_report_of_what_was_never_sent() -> None:
    one = viewer()
    assert one.report(1.0, NTP_OFFSET_S + 1) == b""
    assert one.report_at == 1.0 + SENDER_REPORT_S


def test_a_sender_report_pairs_the_legs_time_and_counts_what_was_sent() -> None:
    one, feed = viewer(), source()
    feed.wait(one.legs[0])
    sent = frame(1, 90_000, 3, key=True)
    feed.follow(sent, 10.0)
    data = one.report(10.5, NTP_OFFSET_S + 10.5)
    report, description = rtcp.parse_compound(data)
    assert isinstance(report, rtcp.SenderReport)
    assert report.ssrc == 1
    assert report.ntp >> 32 == int(NTP_OFFSET_S) + 10
    assert report.rtp_timestamp == (90_000 + 45_000 + one.legs[0].timestamp_delta) & 0xFFFFFFFF
    assert (report.packet_count, report.octet_count) == (3, sum(len(p.payload) for p in sent))
    assert isinstance(description, rtcp.SourceDescription)
    assert description == rtcp.SourceDescription.of_cname(1, "x")
    assert rtcp.serialize_compound([report, description]) == data


def pairs(one: Viewer, now: float) -> dict[int, float]:
    """For each leg: the NTP time at which its RTP time is zero on the wire's clock, from its report."""
    rates = {1: 90_000, 2: 48_000}
    return {
        p.ssrc: p.ntp / 2**32 - (p.rtp_timestamp - one.legs[p.ssrc - 1].timestamp_delta & 0xFFFFFFFF) / rates[p.ssrc]
        for p in rtcp.parse_compound(one.report(now, NTP_OFFSET_S + now))
        if isinstance(p, rtcp.SenderReport)
    }


def test_lips_stay_in_step_over_a_switch() -> None:
    """Sound and picture of one publisher: equal capture times have equal NTP times, before and after a switch."""
    one = viewer()
    now = 10.0
    for start in (100.0, 700.0):  # two publishers, each with a clock of its own
        video, audio = source(), source("audio")
        for feed, which in ((video, 0), (audio, 1)):
            feed.wait(one.legs[which])
        # captured at `start` on the publisher's clock; the picture took 120 ms longer to come
        audio.follow((packet(1, int(start * 48_000)),), now)
        video.follow(frame(1, int(start * 90_000), 1, key=True), now + 0.12)
        audio.receive_sender_report(now - 0.02, int(start * 48_000) & 0xFFFFFFFF)
        video.receive_sender_report(now - 0.02, int(start * 90_000) & 0xFFFFFFFF)
        found = pairs(one, now + 1)
        assert found[1] == pytest.approx(found[2], abs=0.001)
        assert found[1] == pytest.approx(NTP_OFFSET_S + now - 0.02 - start, abs=0.001)
        now += 30


def test_reporting_lets_go_of_former_sources() -> None:
    one, first, second = viewer(), source(), source()
    for feed in (first, second):
        feed.wait(one.legs[0])
        feed.follow(frame(1, 0, 1, key=True), 1.0)
    assert len(one.legs[0].stretches) == 2
    one.report(20.0, NTP_OFFSET_S + 20)
    assert [stretch.source for stretch in one.legs[0].stretches] == [second]


def report_loss(one: Viewer, now: float, picture: int | None = None, sound: int | None = None) -> Level | None:
    """A report with so many 256ths lost; the level that it brings."""
    highest = 1000 + round(100 * now)
    blocks = [block(ssrc, lost, highest=highest) for ssrc, lost in ((1, picture), (2, sound)) if lost is not None]
    one.receive_rtcp([rtcp.ReceiverReport(9, tuple(blocks))], now, NTP_OFFSET_S)
    return one.take_level(now)


def test_losses_of_the_picture_bring_a_lower_layer_of_what_is_shown() -> None:
    one, feed = viewer(), source()
    feed.levels = (Level.FULL, Level.HALF, Level.QUARTER)
    feed.wait(one.legs[0])
    assert not one.is_watched
    assert report_loss(one, 1.0, 40, 0) is None
    assert one.is_watched
    assert report_loss(one, 2.0, 40, 0) is Level.HALF
    assert one.take_level(2.0) is None, "told once"
    assert (one.level, one.is_watched) == (Level.HALF, True)


def test_a_packet_of_sound_lost_is_not_a_bad_line_while_there_is_a_picture() -> None:
    one = viewer()
    for now in range(10):
        assert report_loss(one, now, 5, 120) is None


def test_without_pictures_the_sound_tells_when_they_may_come_back() -> None:
    one = viewer()
    for now in range(3):
        report_loss(one, now, 110, 110)
    assert one.level is Level.SOUND
    for now in range(4, 30):
        assert report_loss(one, now, 0, 110) is None, "nothing is sent of the picture: its block says nothing"
    assert [report_loss(one, now, 0, 0) for now in range(30, 38)].count(Level.QUARTER) == 1


def test_what_a_viewer_asks_for_is_the_most_it_gets() -> None:
    one = viewer()
    one.limit = Level.QUARTER
    assert one.take_level(0.0) is Level.QUARTER
    for now in range(3):
        report_loss(one, now, 110)
    assert one.level is Level.SOUND
    one.limit = Level.FULL
    assert one.level is Level.SOUND, "its line carries no more"


def test_a_node_that_is_late_takes_no_round_trip_for_a_queue() -> None:
    one, feed = viewer(), source()
    feed.levels = (Level.FULL, Level.HALF)
    feed.wait(one.legs[0])
    for now, behind_s in enumerate((0.0, 1.0, 1.0, 1.0)):
        sent = int((NTP_OFFSET_S + now) * 65536) & 0xFFFFFFFF
        report = rtcp.ReceiverReport(9, (block(1, 0, sent, 0),))
        one.receive_rtcp([report], now, NTP_OFFSET_S + now + 0.05 + behind_s, is_late=behind_s > 0)
    assert one.quality.rtt_ms == pytest.approx(50, abs=1)
    assert one.take_level(4.0) is None


def test_a_storm_of_small_reports_is_one_report_a_second() -> None:
    """What Chromium sends while it misses packets: each request to send again carries a report of a few packets, or of none."""
    one, feed = viewer(), source()
    feed.levels = (Level.FULL, Level.HALF, Level.QUARTER)
    feed.wait(one.legs[0])
    highest, told = 1000, []
    for number in range(60):
        now = 10.0 + 0.05 * number
        is_loss = number % 5 == 4
        highest += 8 if is_loss else 0
        parts = (
            rtcp.ReceiverReport(9, (block(1, 205 if is_loss else 0, highest=highest),)),
            rtcp.Nack(9, 1, (highest & 0xFFFF,)),
        )
        one.receive_rtcp(parts, now, NTP_OFFSET_S)
        told.append(one.take_level(now))
    fallen = [round(0.05 * number, 1) for number, level in enumerate(told) if level is not None]
    assert len(fallen) == 1
    assert fallen[0] < 2.5, "two seconds of reports, though four in five said that nothing was lost"
    assert one.level is Level.QUARTER, "four packets in five were lost"


def test_reports_that_the_intake_has_read_are_not_read_again() -> None:
    one = viewer()
    parts = (rtcp.ReceiverReport(9, (block(1, 255, highest=9),)), rtcp.Nack(9, 1, (5,)))
    assert one.receive_rtcp(parts, 1.0, NTP_OFFSET_S, are_reports_known=True) == [Resend(one.legs[0], 5)]
    assert one.quality == LineQuality()
