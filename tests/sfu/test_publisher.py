"""A publisher's streams: which SSRC is what, what is asked of it, which layer is shown, and when it has stopped."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sfu.ids import FeedId, PeerId, SessionId
from sfu.losses import FIRST_DELAY_S
from sfu.negotiation import PublisherLine
from sfu.publisher import COMPOUND_BYTES, LAYER_SILENT_S, REPORT_S, SILENT_S, SSRCS_MAX, Publisher, levels_of
from sfu.selector import Level
from sfu.source import Source
from sfu.wire import extensions, rtcp
from sfu.wire.rtp import RtpPacket
from tests.sfu.kit import DELTA_PAYLOAD, KEY_PAYLOAD

MID, RID, REPAIRED, SENT_AT = 4, 10, 11, 2
IDS = {
    extensions.MID_URI: MID,
    extensions.RID_URI: RID,
    extensions.REPAIRED_RID_URI: REPAIRED,
    extensions.ABS_SEND_TIME_URI: SENT_AT,
}


def video_line(ssrcs: tuple[int, ...] = (), rtx_of: dict[int, int] | None = None, rids: tuple[str, ...] = ()) -> PublisherLine:
    return PublisherLine("0", "video", "VP8", 96, 97, 90_000, ssrcs, rtx_of or {}, rids, IDS)


AUDIO = PublisherLine("1", "audio", "opus", 111, None, 48_000, (), {}, (), {extensions.MID_URI: MID})


def publisher(*lines: PublisherLine) -> Publisher:
    return Publisher(
        peer=PeerId("p"),
        session=SessionId("s"),
        feed=FeedId("center"),
        lines=lines or (video_line(), AUDIO),
        report_ssrc=1,
        ceiling_bps=2_500_000,
        keyframe_interval_s=1.0,
        joined_at=0.0,
    )


def rtp(
    ssrc: int, sequence: int, pt: int = 96, timestamp: int = 0, payload: bytes = DELTA_PAYLOAD, **elements: bytes
) -> RtpPacket:
    ids = {"mid": MID, "rid": RID, "repaired": REPAIRED, "sent_at": SENT_AT}
    found = tuple((ids[name], data) for name, data in elements.items())
    return RtpPacket(True, pt, sequence, timestamp, ssrc, extensions=found, payload=payload)


def take(one: Publisher, packet: RtpPacket, now: float = 1.0) -> Source | None:
    received = one.receive_rtp(packet, 1000, now)
    if received is None:
        return None
    source, arrivals = received
    for batch in arrivals.batches:
        if source.may_forward(batch):
            source.follow(batch, now)
    return source


def sent(one: Publisher, now: float, kind: type) -> list[rtcp.RtcpPacket]:
    one.handle_timeout(now)
    return [packet for compound in one.reports_to_send() for packet in compound if isinstance(packet, kind)]


def test_an_ssrc_the_offer_named_needs_no_extension() -> None:
    one = publisher(video_line((50,)), video_line((60,), rids=()), AUDIO)
    assert take(one, rtp(60, 1)) is not None
    assert one.best("video") is one.sources()[0]


def test_an_unnamed_ssrc_is_placed_by_mid_or_by_a_payload_type_of_one_line_alone() -> None:
    one = publisher()
    assert take(one, rtp(9, 1, 111)) is one.best("audio")
    assert take(one, rtp(8, 1, mid=b"0")) is one.best("video")
    twin = PublisherLine("2", "video", "VP8", 96, 97, 90_000, (), {}, (), IDS)
    two = publisher(video_line(), twin)
    assert take(two, rtp(8, 1)) is None
    assert two.ignored_packets == 1
    assert take(two, rtp(8, 2, mid=b"2")) is not None


def test_what_was_not_negotiated_is_not_even_decrypted() -> None:
    one = publisher()
    assert [pt for pt in range(128) if one.is_payload_type(pt)] == [96, 97, 111]


def test_layers_are_told_by_rid_and_the_first_that_flows_is_shown() -> None:
    one = publisher(video_line(rids=("h", "m", "l")))
    low = take(one, rtp(3, 1, mid=b"0", rid=b"l"))
    assert one.best("video") is low
    assert one.changed_kinds() == {"video"}
    high = take(one, rtp(1, 1, mid=b"0", rid=b"h"))
    assert high is not low
    assert one.best("video") is high
    assert one.changed_kinds() == {"video"}
    take(one, rtp(2, 1, mid=b"0", rid=b"m"))
    assert one.changed_kinds() == {"video"}
    assert [level for level, _ in one.layers("video")] == [Level.FULL, Level.HALF, Level.QUARTER]
    assert [source for _, source in one.layers("video")][::2] == [high, low]
    take(one, rtp(2, 2, mid=b"0", rid=b"m"))
    assert one.changed_kinds() == set()
    assert take(one, rtp(4, 1, mid=b"0", rid=b"x")) is None
    assert take(one, rtp(5, 1, mid=b"0")) is None
    assert take(one, rtp(3, 2)) is low  # the extensions come on the first packets only


def test_a_layer_that_is_turned_off_gives_way_soon_and_a_stream_alone_later() -> None:
    one = publisher(video_line(rids=("h", "l")), AUDIO)
    high = take(one, rtp(1, 1, mid=b"0", rid=b"h"), 1.0)
    for tick in range(10):
        low = take(one, rtp(3, 1 + tick, mid=b"0", rid=b"l"), 1.0 + tick * 0.1)
    one.handle_timeout(1.0 + LAYER_SILENT_S - 0.01)
    assert one.best("video") is high
    one.handle_timeout(1.9 + 0.01)
    assert one.best("video") is low
    one.handle_timeout(1.9 + SILENT_S - 0.01)
    assert one.best("video") is low
    one.handle_timeout(1.9 + SILENT_S + 0.01)
    assert one.best("video") is None
    assert "video" in one.changed_kinds()
    assert take(one, rtp(1, 2), 9.0) is one.best("video") is high


def test_retransmissions_by_the_offers_groups() -> None:
    """RFC 4588 §4: the original sequence number is in front of the payload."""
    one = publisher(video_line((50,), {51: 50}))
    source = take(one, rtp(50, 10, payload=KEY_PAYLOAD))
    take(one, rtp(50, 12, timestamp=3000))
    received = one.receive_rtp(rtp(51, 700, 97, payload=b"\x00\x0b" + DELTA_PAYLOAD), 500, 1.05)
    assert received is not None
    assert received[0] is source
    assert received[1].late is not None
    assert (received[1].late.index & 0xFFFF, received[1].late.payload) == (11, DELTA_PAYLOAD)
    assert sent(one, 2.0, rtcp.Nack) == []


def test_retransmissions_by_repaired_rid() -> None:
    one = publisher(video_line(rids=("h", "l")))
    assert take(one, rtp(91, 1, 97, payload=b"\0\1x", mid=b"0", repaired=b"l")) is None
    low = take(one, rtp(3, 1, mid=b"0", rid=b"l"))
    take(one, rtp(1, 1, mid=b"0", rid=b"h"))
    assert take(one, rtp(91, 1, 97, payload=b"\0\1x", mid=b"0", repaired=b"l")) is low
    assert take(one, rtp(91, 2, 97, payload=b"")) is low  # a bandwidth probe of nothing but padding
    assert take(one, rtp(91, 3, 97, payload=b"\0\1")) is low
    assert take(one, rtp(92, 3, 97, payload=b"\0\1x", mid=b"0")) is None  # of which layer?


def test_a_payload_type_of_the_other_kind_on_a_known_ssrc_is_ignored() -> None:
    one = publisher(video_line((50,), {51: 50}))
    source = take(one, rtp(50, 10))
    take(one, rtp(51, 1, 97, payload=b"\0\1x"))
    assert take(one, rtp(50, 11, 97)) is None
    assert take(one, rtp(51, 12, 96)) is source  # no original sequence number: nothing is made of it
    assert [p.index & 0xFFFF for p in source.history.since(0)] == [1, 10] if source else False


def test_a_new_ssrc_is_a_new_source_and_the_old_one_does_not_come_back() -> None:
    one = publisher()
    first = take(one, rtp(50, 10))
    one.changed_kinds()
    second = take(one, rtp(52, 3))
    assert second is not first
    assert one.best("video") is second
    assert one.changed_kinds() == {"video"}
    for sequence in range(11, 20):
        assert take(one, rtp(50, sequence)) is None
    assert one.best("video") is second
    assert one.sources() == [second]


def test_several_ssrcs_of_a_line_without_rids_do_not_replace_each_other() -> None:
    one = publisher(video_line((50, 52, 54)))
    first = take(one, rtp(50, 1))
    assert take(one, rtp(52, 1)) is None
    assert take(one, rtp(50, 2)) is first


def test_ssrcs_are_bounded() -> None:
    one = publisher()
    taken = [take(one, rtp(1000 + n, 1)) is not None for n in range(SSRCS_MAX + 10)]
    assert taken == [True] * SSRCS_MAX + [False] * 10
    assert len(one.sources()) == 1


# -- feedback


def test_a_loss_is_asked_for_after_five_milliseconds() -> None:
    one = publisher(video_line((50,)))
    take(one, rtp(50, 10), 0.1)
    take(one, rtp(50, 13, timestamp=3000), 0.1)
    assert one.next_timeout() == pytest.approx(0.1 + FIRST_DELAY_S)
    assert sent(one, 0.1 + FIRST_DELAY_S, rtcp.Nack) == [rtcp.Nack(1, 50, (11, 12))]


def test_scattered_losses_are_shared_out_to_datagrams() -> None:
    one = publisher(video_line(rids=("h", "m", "l")))
    for n, rid in enumerate((b"h", b"m", b"l")):
        for sequence in range(18 * 260):
            if sequence % 18 != 17:  # so far apart that each is a pair of its own
                take(one, rtp(50 + n, sequence, timestamp=sequence, mid=b"0", rid=rid), 0.1)
    one.handle_timeout(0.4)
    compounds = one.reports_to_send()
    assert len(compounds) == 3
    for compound in compounds:
        assert isinstance(compound[0], rtcp.ReceiverReport)
        assert len(rtcp.serialize_compound(compound)) <= COMPOUND_BYTES + 8
    named = [p for compound in compounds for p in compound if isinstance(p, rtcp.Nack)]
    assert [len(p.lost) for p in named] == [250, 250, 250]
    assert one.next_timeout() <= 0.4


def test_a_key_frame_is_asked_for_once_a_second() -> None:
    one = publisher(video_line((50,)))
    source = take(one, rtp(50, 10), 0.1)
    assert source is not None
    asked = []
    for tick in range(35):
        now = 1.0 + tick / 10
        source.received_at = now
        for _ in range(1000):
            source.requests.want()
        asked += [now] * len(sent(one, now, rtcp.Pli))
    assert asked == pytest.approx([1.0, 2.0, 3.0, 4.0])


def test_reports_every_half_second_begin_with_a_receiver_report_and_have_a_remb() -> None:
    one = publisher(video_line((50,)), AUDIO)
    assert one.next_timeout() == REPORT_S
    one.handle_timeout(REPORT_S)
    assert one.reports_to_send() == []  # nobody to report on
    take(one, rtp(50, 10), 0.6)
    take(one, rtp(60, 10, 111), 0.6)
    one.handle_timeout(1.0)
    (compound,) = one.reports_to_send()
    report, remb = compound
    assert isinstance(report, rtcp.ReceiverReport)
    assert [block.ssrc for block in report.blocks] == [50, 60]
    assert isinstance(remb, rtcp.Remb)
    assert remb.ssrcs == (50,)
    assert 150_000 <= remb.bitrate_bps <= 2_500_000


def test_sound_and_picture_share_one_clock() -> None:
    """RTP time of both, at one moment of this node, is what the publisher's own clock says (RFC 3550 §6.4.1)."""
    one = publisher(video_line((50,)), AUDIO)
    video = take(one, rtp(50, 1, timestamp=90_000, payload=KEY_PAYLOAD), 10.0)
    audio = take(one, rtp(60, 1, 111, timestamp=48_000), 10.0)
    assert video is not None
    assert audio is not None
    one.receive_rtcp(rtcp.SenderReport(50, 5000 << 32, 90_000, 1, 1, ()), 10.05)
    one.receive_rtcp(rtcp.SenderReport(60, (5000 << 32) + (1 << 31), 48_000 + 24_000, 1, 1, ()), 10.75)  # 200 ms later on the way
    v, a = video.timestamp_at(12.0), audio.timestamp_at(12.0)
    assert v is not None
    assert a is not None
    assert abs(v / 90_000 - a / 48_000) < 1e-3
    assert one.changed_kinds() == {"audio", "video"}
    one.receive_rtcp(rtcp.Bye((50,)), 11.0)  # no harm


def test_bandwidth_hears_of_abs_send_time_and_of_nothing_malformed() -> None:
    one = publisher(video_line((50,)))
    for n in range(30):
        take(one, rtp(50, n, timestamp=n, sent_at=(n * 2000).to_bytes(3, "big")), 0.1 + n / 100)
        take(one, rtp(50, n, timestamp=n, sent_at=b"\1"), 0.1 + n / 100)
        take(one, rtp(50, n, timestamp=n, mid=b"\xff\xfe"), 0.1 + n / 100)
    assert sent(one, 1.0, rtcp.Remb)


@pytest.mark.parametrize(
    ("rids", "levels"),
    [
        (("q", "h", "f"), {"f": 0, "h": 1, "q": 2}),
        (("h", "f"), {"f": 0, "h": 1}),
        (("0", "1", "2"), {"0": 0, "1": 1, "2": 2}),
        (("hi", "mid", "lo", "tiny"), {"hi": 0, "mid": 1, "lo": 2, "tiny": 2}),
        (("fh",), {"fh": 0}),
    ],
)
def test_which_layer_is_the_best(rids: tuple[str, ...], levels: dict[str, int]) -> None:
    assert levels_of(rids) == levels


def test_requests_for_key_frames_of_all_layers_are_held_to_one_a_second() -> None:
    """libvpx answers one with a key frame in every layer."""
    one = publisher(video_line(rids=("q", "h", "f")), AUDIO)
    layers = [take(one, rtp(n, 1, mid=b"0", rid=rid), 1.0) for n, rid in enumerate((b"q", b"h", b"f"), 1)]
    asked: list[tuple[float, int]] = []
    for step in range(300):
        now = 1.0 + step * 0.01
        for n, layer in enumerate(layers):
            assert layer is not None
            layer.received_at = now
            if step % (7 + n) == 0:
                layer.requests.want()
        one.handle_timeout(now)
        plis = [p for compound in one.reports_to_send() for p in compound if isinstance(p, rtcp.Pli)]
        asked += [(now, pli.media_ssrc) for pli in plis]
        assert one.next_timeout() > now, "it does not turn on the spot"
    moments = sorted({at for at, _ in asked})
    assert len(moments) == 3
    assert min(later - sooner for sooner, later in pairwise(moments)) >= 0.999
    assert {ssrc for _, ssrc in asked} == {1, 2, 3}, "those that are due together leave together"
