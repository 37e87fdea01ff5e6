"""From RTP as it arrives to a source's packets, and what is asked for again."""

from sfu.inbound import FIRST_CYCLE, InboundTrack
from sfu.losses import FIRST_DELAY_S, MISSING_MAX, RETRIES, RETRY_S
from sfu.source import NOTHING, Source
from sfu.wire import extensions
from sfu.wire.rtp import RtpPacket
from tests.sfu.kit import DELTA_PAYLOAD, KEY_PAYLOAD, source


def rtp(sequence: int, timestamp: int = 0, payload: bytes = DELTA_PAYLOAD, *, marker: bool = True, **more: object) -> RtpPacket:
    return RtpPacket(marker, 96, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 7, payload=payload, **more)  # type: ignore[arg-type]


def track(kind: str = "video") -> tuple[InboundTrack, Source]:
    one = source("audio" if kind == "audio" else "video")
    return InboundTrack(7, one, {3: extensions.VIDEO_ORIENTATION_URI, 4: extensions.MID_URI}), one


def released(one: InboundTrack, feed: Source, packet: RtpPacket, now: float = 1.0) -> list[int]:
    arrivals = one.receive(packet, now)
    found = []
    for batch in arrivals.batches:
        if feed.may_forward(batch):
            feed.follow(batch, now)
            found += [p.index for p in batch]
    return found


def test_numbers_are_unwrapped_and_extensions_named() -> None:
    one, feed = track()
    assert released(one, feed, rtp(0xFFFF, 0xFFFF_FFFF, KEY_PAYLOAD, extensions=((3, b"\1"), (4, b"0"), (9, b"?")))) == [0x1FFFF]
    assert released(one, feed, rtp(0, 2999)) == [0x20000]
    first, second = feed.history.get(0x1FFFF), feed.history.get(0x20000)
    assert first is not None
    assert second is not None
    assert first.extensions == ((extensions.VIDEO_ORIENTATION_URI, b"\1"),)
    assert (first.is_keyframe_start, second.is_keyframe_start) == (True, False)
    assert second.timestamp - first.timestamp == 3000


def test_a_packet_from_before_the_first_is_no_negative_number() -> None:
    one, feed = track()
    released(one, feed, rtp(5, payload=KEY_PAYLOAD))
    late = one.receive(rtp(0xFFF0), 1.0).late
    assert late is not None
    assert late.index == FIRST_CYCLE - 16


def test_a_gap_is_asked_for_and_a_retransmission_fills_it() -> None:
    one, feed = track()
    released(one, feed, rtp(10, payload=KEY_PAYLOAD))
    released(one, feed, rtp(13, 3000))
    assert one.next_timeout() == 1.0 + FIRST_DELAY_S
    assert one.missing(1.0 + FIRST_DELAY_S) == [11, 12]
    arrivals = one.receive_repaired(rtp(900, 0, b"\x00repaired"), 11, 1.05)
    assert arrivals.late is not None
    assert (arrivals.late.index, arrivals.late.payload) == (FIRST_CYCLE + 11, b"\x00repaired")
    assert one.missing(1.0 + FIRST_DELAY_S + RETRY_S) == [12]
    block = one.report(2.0)
    assert block is not None
    assert block.cumulative_lost == 2  # a retransmission does not hide the loss


def test_what_is_given_up_costs_a_key_frame_and_the_cache() -> None:
    one, feed = track()
    released(one, feed, rtp(10, payload=KEY_PAYLOAD))
    released(one, feed, rtp(12, 3000))
    now = 1.0
    for _ in range(RETRIES + 2):
        now += RETRY_S + FIRST_DELAY_S
        one.missing(now)
    assert one.given_up == 1
    assert feed.requests.is_wanted
    assert feed.cache.start() is None


def test_sound_that_is_given_up_asks_for_nothing() -> None:
    one, feed = track("audio")
    released(one, feed, rtp(10))
    released(one, feed, rtp(12, 960))
    now = 1.0
    for _ in range(RETRIES + 2):
        now += 0.1
        one.missing(now)
    assert one.given_up == 1
    assert not feed.requests.is_wanted


def test_over_a_gap_too_large_the_sources_numbers_go_on_and_the_picture_waits() -> None:
    one, feed = track()
    assert released(one, feed, rtp(10, payload=KEY_PAYLOAD)) == [FIRST_CYCLE + 10]
    assert released(one, feed, rtp(11 + MISSING_MAX + 1, 90_000)) == []
    assert feed.is_starved
    assert feed.requests.is_wanted
    assert one.receive(rtp(12, 0), 1.0) is NOTHING  # from before: it has no number any more
    assert one.missing(2.0) == []
    again = released(one, feed, rtp(11 + MISSING_MAX + 2, 93_000, KEY_PAYLOAD))
    assert again == [FIRST_CYCLE + 12]
    assert one.missing(3.0) == []
    block = one.report(2.0)
    assert block is not None
    assert block.highest_sequence == FIRST_CYCLE + 11 + MISSING_MAX + 2  # the publisher's own numbers
    assert one.receive(rtp(11 + MISSING_MAX + 2, 93_000), 1.0) is NOTHING


def test_sound_goes_on_over_any_gap() -> None:
    one, feed = track("audio")
    assert released(one, feed, rtp(10)) == [FIRST_CYCLE + 10]
    assert released(one, feed, rtp(10 + 20_000)) == [FIRST_CYCLE + 11]
    assert released(one, feed, rtp(10 + 40_000)) == [FIRST_CYCLE + 12]


def test_a_packet_of_nothing_but_padding_keeps_its_number() -> None:
    """libwebrtc pads on the media SSRC where no RTX was negotiated; without the number receivers would see a loss."""
    one, feed = track()
    released(one, feed, rtp(10, payload=KEY_PAYLOAD))
    one.receive(rtp(11, 0, b"", marker=False, padding_bytes=200), 1.0)
    assert released(one, feed, rtp(12, 3000)) == [FIRST_CYCLE + 11, FIRST_CYCLE + 12]
    padding = feed.history.get(FIRST_CYCLE + 11)
    assert padding is not None
    assert padding.payload == b""
    assert one.missing(2.0) == []


def test_duplicates_and_reordering_ask_for_nothing() -> None:
    one, feed = track()
    for sequence in (10, 12, 11, 12, 11):
        released(one, feed, rtp(sequence, sequence, KEY_PAYLOAD))
    assert one.missing(9.0) == []


def test_a_sender_report_reaches_our_report() -> None:
    one, feed = track()
    released(one, feed, rtp(10, 5000, KEY_PAYLOAD), 10.0)
    one.receive_sender_report(0x11_2233_4455_6677, 10.0)
    block = one.report(10.0)
    assert block is not None
    assert block.last_sr == 0x2233_4455


def test_what_an_encoder_counts_is_taken_off_its_packets() -> None:
    """Picture id and TL0PICIDX of two layers, or of two cameras, have nothing to do with one another."""
    one, feed = track()
    numbered = b"\x90\xe0\x80\x05\x07\x00"
    assert released(one, feed, rtp(5, payload=numbered + KEY_PAYLOAD[1:])) == [FIRST_CYCLE + 5]
    kept = feed.history.get(FIRST_CYCLE + 5)
    assert kept is not None
    assert (kept.payload, kept.is_keyframe_start) == (KEY_PAYLOAD, True)
    other = InboundTrack(7, source(codec="H264"), {})
    (batch,) = other.receive(rtp(5, payload=numbered), 1.0).batches
    assert batch[0].payload == numbered
