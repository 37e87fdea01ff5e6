"""From an offer to a peer: legs and streams as agreed, numbers that are random where they must be."""

from __future__ import annotations

import re

import pytest

from sfu.ids import FeedId, PeerId, SlotName
from sfu.join import Joiner, ssrc_source
from sfu.wire import extensions
from sfu.wire.sdp import SdpError
from tests.data.captures import offer as captured
from tests.sfu.world import CERTIFICATE, MAIN, NODE

JOINER = Joiner(CERTIFICATE, (NODE,), 2_500_000, 1.0)
VIDEO = [SlotName("main"), SlotName("inset")]
AUDIO = [SlotName("center"), SlotName("guest1"), SlotName("guest2")]


def test_a_browsers_lines_become_legs_in_order() -> None:
    peer, answer = JOINER.viewer(
        peer=PeerId("p"),
        session=MAIN,
        owner=FeedId("point:1"),
        offer=captured("chromium-viewer-point"),
        video=VIDEO,
        audio=AUDIO,
        now=5.0,
    )
    assert peer.viewer is not None
    legs = peer.viewer.legs
    assert [(leg.kind, leg.slot) for leg in legs] == [("video", s) for s in VIDEO] + [("audio", s) for s in AUDIO]
    assert {leg.owner for leg in legs} == {"point:1"}
    assert [leg.clock_rate_hz for leg in legs] == [90_000] * 2 + [48_000] * 3
    assert set(legs[0].profiles) == {"VP8", "H264"}
    announced = {int(ssrc) for ssrc in re.findall(r"a=ssrc:(\d+)", answer)}
    assert {leg.ssrc for leg in legs} == announced
    for leg in legs:
        for profile in leg.profiles.values():
            assert extensions.MID_URI not in dict(profile.extension_ids)
    assert peer.joined_at == 5.0
    assert not any(leg.is_open for leg in legs)


def test_first_numbers_are_random_and_sequence_starts_low() -> None:
    """RFC 3550 §5.1; below 2^15, or a receiver that misses the first packets guesses the rollover counter wrong."""
    starts = set()
    for number in range(8):
        peer, _ = JOINER.viewer(
            peer=PeerId(f"p{number}"),
            session=MAIN,
            owner=None,
            offer=captured("aiortc-viewer"),
            video=VIDEO,
            audio=AUDIO,
            now=0.0,
        )
        assert peer.viewer is not None
        for leg in peer.viewer.legs:
            assert 0 <= leg._last_index < 1 << 15
            starts.add((leg._last_index, leg._last_timestamp))
    assert len(starts) > 20


def test_a_publisher_keeps_the_lines_that_were_agreed_on() -> None:
    peer, answer = JOINER.publisher(
        peer=PeerId("p"), session=MAIN, feed=FeedId("center"), offer=captured("chromium-publisher-simulcast"), now=1.0
    )
    assert peer.publisher is not None
    (video,) = [line for line in peer.publisher.lines if line.kind == "video"]
    assert len(video.rids) == 3
    assert "a=simulcast:recv" in answer
    assert str(NODE[1]) in answer


def test_an_offer_that_cannot_be_met_is_an_sdp_error() -> None:
    with pytest.raises(SdpError):
        JOINER.viewer(peer=PeerId("p"), session=MAIN, owner=None, offer="nonsense", video=VIDEO, audio=[], now=0.0)
    with pytest.raises(SdpError):
        JOINER.publisher(peer=PeerId("p"), session=MAIN, feed=FeedId("f"), offer=captured("aiortc-viewer"), now=0.0)


def test_ssrcs_are_never_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter([0, 7, 7, 7, 9])
    monkeypatch.setattr("sfu.join.secrets.randbits", lambda _: next(numbers))
    new_ssrc = ssrc_source()
    assert [new_ssrc(), new_ssrc()] == [7, 9]


@pytest.mark.parametrize(("feed", "wanted"), [("center", ["60"]), ("point:1", [])])
def test_the_center_alone_is_asked_for_long_packets_of_sound(feed: str, wanted: list[str]) -> None:
    """A third of the packets to ten thousand viewers; a point that answers a call should rather be heard at once."""
    joiner = Joiner(CERTIFICATE, (NODE,), 2_500_000, 1.0, audio_ptime_ms=60)
    offered = captured("chromium-publisher-simulcast")
    for asking, expected in ((joiner, wanted), (JOINER, [])):
        _, answer = asking.publisher(peer=PeerId("p"), session=MAIN, feed=FeedId(feed), offer=offered, now=5.0)
        assert re.findall(r"a=ptime:(\d+)", answer) == expected
