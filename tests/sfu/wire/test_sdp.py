from __future__ import annotations

import contextlib
import time

import pytest

from sfu.wire.sdp import MAX_MEDIA_LINES, MAX_OFFER_BYTES, ExtensionMap, Offer, Rid, SdpError, parse_offer
from tests.data import captures

SHA256 = ":".join(["AB"] * 32)

SESSION = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"]
TRANSPORT = ["a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuv", f"a=fingerprint:sha-256 {SHA256}", "a=setup:actpass"]
VIDEO = ["m=video 9 UDP/TLS/RTP/SAVPF 96", "c=IN IP4 0.0.0.0", "a=mid:0", "a=rtcp-mux", "a=rtpmap:96 VP8/90000"]


def text(*extra: str, session: list[str] = SESSION, transport: list[str] = TRANSPORT, media: list[str] = VIDEO) -> str:
    return "\r\n".join([*session, *media, *transport, *extra, ""])


def parse(*extra: str) -> Offer:
    return parse_offer(text(*extra))


def test_the_smallest_offer() -> None:
    offer = parse()
    assert (offer.ice_ufrag, offer.ice_pwd, offer.setup) == ("abcd", "abcdefghijklmnopqrstuv", "actpass")
    assert offer.fingerprints == (("sha-256", SHA256),)
    assert offer.bundle == ("0",)
    (line,) = offer.lines
    assert (line.kind, line.mid, line.direction, line.is_rtp, line.has_rtcp_mux, line.has_rtcp_rsize) == (
        "video",
        "0",
        "sendrecv",
        True,
        True,
        False,
    )
    assert [(codec.payload_type, codec.name, codec.clock_rate) for codec in line.codecs] == [(96, "VP8", 90_000)]


def test_line_feeds_alone_and_no_last_line_end() -> None:
    assert parse_offer(text().replace("\r\n", "\n")) == parse()
    assert parse_offer(text().removesuffix("\r\n")) == parse()
    assert parse_offer(text() + "\r\n\r\n") == parse()


@pytest.mark.parametrize("name", captures.offer_names())
def test_every_capture_is_read(name: str) -> None:
    offer = parse_offer(captures.offer(name))
    assert offer.setup == "actpass"
    assert offer.bundle == tuple(line.mid for line in offer.lines)
    assert all(line.has_rtcp_mux for line in offer.lines if line.is_rtp)


def test_chromium_publisher() -> None:
    offer = parse_offer(captures.offer("chromium-publisher-simulcast"))
    video, audio = offer.lines
    assert offer.allows_mixed_extensions
    assert video.rids == (Rid("h", "send"), Rid("m", "send"), Rid("l", "send"))
    assert video.simulcast_send == ("h", "m", "l")
    assert video.has_rtcp_rsize
    assert video.ssrcs == ()
    assert len(audio.ssrcs) == 1
    vp8 = video.codecs[0]
    assert vp8.name == "VP8"
    assert vp8.feedback == {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"}
    rtx = video.codecs[1]
    assert (rtx.name, dict(rtx.parameters)) == ("rtx", {"apt": "96"})
    h264 = video.codecs[2]
    assert h264.parameters["packetization-mode"] == "1"
    opus = audio.codecs[0]
    assert (opus.name, opus.clock_rate, opus.channels) == ("opus", 48_000, 2)
    assert ExtensionMap(9, "urn:ietf:params:rtp-hdrext:sdes:mid") in video.extensions


def test_chromium_center_has_thirteen_lines() -> None:
    offer = parse_offer(captures.offer("chromium-viewer-center"))
    assert [line.kind for line in offer.lines] == ["video"] * 6 + ["audio"] * 7
    assert {line.direction for line in offer.lines} == {"recvonly"}


def test_aiortc_publisher() -> None:
    video, audio = parse_offer(captures.offer("aiortc-publisher")).lines
    (pair,) = video.ssrc_groups
    assert pair[0] == "FID"
    assert set(pair[1]) == set(video.ssrcs)
    assert len(audio.ssrcs) == 1


def test_all_strong_fingerprints_are_kept() -> None:
    offer = parse_offer(captures.offer("aiortc-viewer"))
    assert [algorithm for algorithm, _ in offer.fingerprints] == ["sha-256", "sha-384", "sha-512"]


def test_attributes_of_the_session_hold_for_all_lines() -> None:
    """Firefox states ICE and DTLS once, in the session's part."""
    session = [*SESSION, *TRANSPORT, "a=recvonly", "a=extmap:3 urn:x", "a=extmap-allow-mixed"]
    offer = parse_offer(text(session=session, transport=[]))
    assert (offer.ice_ufrag, offer.setup, offer.fingerprints) == ("abcd", "actpass", (("sha-256", SHA256),))
    assert offer.lines[0].direction == "recvonly"
    assert offer.lines[0].extensions == (ExtensionMap(3, "urn:x"),)
    assert offer.lines[0].allows_mixed_extensions


def test_a_bundles_transport_is_that_of_its_first_line() -> None:
    second = [*(line.replace("a=mid:0", "a=mid:1") for line in VIDEO), "a=ice-ufrag:other", "a=ice-pwd:otherotherotherotherot"]
    for bundle, expected in (("0 1", "abcd"), ("1 0", "other"), ("1", "other")):
        session = [*SESSION[:4], f"a=group:BUNDLE {bundle}"]
        assert parse_offer(text(*second, session=session)).ice_ufrag == expected


def test_setup() -> None:
    for setup in ("active", "passive", "actpass", "holdconn"):
        assert parse_offer(text(transport=[*TRANSPORT[:3], f"a=setup:{setup}"])).setup == setup
    assert parse_offer(text(transport=TRANSPORT[:3])).setup == "active"


def test_a_line_of_port_zero() -> None:
    off = text(media=[VIDEO[0].replace(" 9 ", " 0 "), *VIDEO[1:]])
    assert parse_offer(off).lines[0].is_disabled
    assert not parse_offer(off + "a=bundle-only\r\n").lines[0].is_disabled
    assert not parse().lines[0].is_disabled


def test_simulcast_alternatives_and_pauses() -> None:
    offer = parse("a=rid:a send", "a=rid:b send pt=96,97;max-width=640", "a=rid:c recv", "a=simulcast:send ~a,b;b recv c")
    (line,) = offer.lines
    assert line.simulcast_send == ("a", "b")
    assert line.rids == (Rid("a", "send"), Rid("b", "send", (96, 97)), Rid("c", "recv"))


def test_feedback_for_every_payload_type() -> None:
    assert parse("a=rtcp-fb:* nack  pli", "a=rtcp-fb:96 nack").lines[0].codecs[0].feedback == {"nack", "nack pli"}


def test_candidates_and_unknown_lines_are_not_read() -> None:
    assert parse("a=candidate:x y z", "b=AS:x", "a=rtcp:none", "a=unknown:\x80\u2028\u0085", "k=clear:x", "a=") == parse()


MALFORMED = {
    "v=0": "x\r\n" + text(),
    "no media line": "\r\n".join(SESSION),
    "no a=mid": text(media=VIDEO[:2]),
    "second a=mid": text("a=mid:1"),
    "same a=mid": text(*VIDEO),
    "BUNDLE": text(session=[*SESSION[:4], "a=group:BUNDLE 0 1"]),
    "names one twice": text(session=[*SESSION[:4], "a=group:BUNDLE 0 0"]),
    "ICE-lite": text(session=[*SESSION, "a=ice-lite"]),
    "no a=fingerprint": text(transport=TRANSPORT[:2]),
    "sha-256 or stronger": text(transport=[*TRANSPORT[:2], "a=fingerprint:sha-1 " + ":".join(["AB"] * 20)]),
    "malformed a=fingerprint": text("a=fingerprint:sha-256 " + ":".join(["AB"] * 31)),
    "no a=ice-ufrag": text(transport=TRANSPORT[1:]),
    "no a=ice-pwd": text(transport=[TRANSPORT[0], *TRANSPORT[2:]]),
    "malformed a=ice-ufrag": text("a=ice-ufrag:abc"),
    "malformed a=ice-pwd": text("a=ice-pwd:short"),
    "malformed a=setup": text("a=setup:both"),
    "form <type>": text("no type"),
    "unknown kind": text(media=["m=vid\u00e9o 9 UDP/TLS/RTP/SAVPF 96", *VIDEO[1:]]),
    "malformed protocol": text(media=["m=video 9 UDP\x80 96", *VIDEO[1:]]),
    "list of formats": text(media=["m=video 9 UDP/TLS/RTP/SAVPF", *VIDEO[1:]]),
    "payload type is there twice": text(media=["m=video 9 UDP/TLS/RTP/SAVPF 96 096", *VIDEO[1:]]),
    "from 0 to 127": text(media=["m=video 9 UDP/TLS/RTP/SAVPF 128", *VIDEO[1:]]),
    "from 0 to 65535": text(media=["m=video 65536 UDP/TLS/RTP/SAVPF 96", *VIDEO[1:]]),
    "malformed a=rtpmap": text("a=rtpmap:96 VP8"),
    "malformed a=extmap": text("a=extmap:x urn:x"),
    "two a=extmap": text("a=extmap:1 urn:x", "a=extmap:1 urn:y"),
    "from 0 to 4294967295": text("a=ssrc:4294967296 cname:x"),
    "more than 32 SSRCs": text(*(f"a=ssrc:{index}" for index in range(33))),
    "malformed a=ssrc-group": text("a=ssrc-group:"),
    "a=ssrc-group": text("a=ssrc-group:F\u0130D 1 2"),
    "malformed a=rid": text("a=rid:h"),
    "a=rid is there twice": text("a=rid:h send", "a=rid:h send"),
    "more than 8": text(*(f"a=rid:{index} send" for index in range(9))),
    "malformed a=simulcast": text("a=simulcast:send"),
    "longer than 2048": text("a=x:" + "y" * 2048),
    "control characters": text("a=x:\x00"),
}


@pytest.mark.parametrize("message", MALFORMED)
def test_malformed_offers_say_what_is_wrong(message: str) -> None:
    with pytest.raises(SdpError, match=message):
        parse_offer(MALFORMED[message])


def test_a_message_names_the_line_and_never_repeats_the_clients_text() -> None:
    with pytest.raises(SdpError) as caught:
        parse("a=mid:<script>")
    assert str(caught.value) == "line 15: a=mid is not a token"


@pytest.mark.parametrize("digits", ["\u0661\u0662", "1_0", "+1", " 1", "0x1", ""])
def test_numbers_are_ascii_digits(digits: str) -> None:
    with pytest.raises(SdpError):
        parse(f"a=ssrc:{digits}")


INJECTIONS = [
    "0\ra=x",
    "0\x0ba=x",
    "0\x0ca=x",
    "0\x00",
    "0\x1b[31m",
    "0\x7f",
    "0\u2028a=x",
    "0\u0085a=x",
    "0 x",
    "0\tx",
    "\u202e0",
    "\uff10",
]


@pytest.mark.parametrize("value", INJECTIONS)
@pytest.mark.parametrize(
    "attribute", ["a=mid:{}", "a=rid:{} send", "a=simulcast:send {}", "a=ice-ufrag:abcd{}", "a=group:BUNDLE {}"]
)
def test_nothing_but_tokens_gets_in(attribute: str, value: str) -> None:
    media = [*VIDEO[:2], *VIDEO[3:]] if "mid" in attribute else VIDEO
    session = SESSION[:4] if "group" in attribute else SESSION
    extra = attribute.format(value)
    broken = text(session=[*session, extra], media=media) if "group" in attribute else text(extra, session=session, media=media)
    if attribute == "a=group:BUNDLE {}" and value in {"0 x", "0\tx"}:
        assert "BUNDLE" in broken  # two mids, one of them unknown
    with pytest.raises(SdpError):
        parse_offer(broken)


def test_a_megabyte_is_refused_at_once() -> None:
    start = time.process_time()
    for body in ("a" * 1_000_000, "\n" * 1_000_000, "\u20ac" * 30_000, text() + "a=x\r\n" * 200_000):
        with pytest.raises(SdpError, match=f"longer than {MAX_OFFER_BYTES}"):
            parse_offer(body)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "filler",
    ["\n", "a=\n", "a=ssrc:1\n", "a=fmtp:96 a=b\n", "a=rtcp-fb:96 x\n", "a=rid:a send\n", "a=group:X\n", "a=ssrc-group:X\n"],
)
def test_the_longest_offers_cost_little(filler: str) -> None:
    body = text()
    body += filler * ((MAX_OFFER_BYTES - len(body)) // len(filler) - 1) + "a=end"
    start = time.process_time()
    with contextlib.suppress(SdpError):
        parse_offer(body)
    assert time.process_time() - start < 1


def test_too_many_media_lines() -> None:
    lines = [line.replace("a=mid:0", f"a=mid:{index}") for index in range(100) for line in VIDEO]
    with pytest.raises(SdpError, match=f"more than {MAX_MEDIA_LINES} media lines"):
        parse_offer(text(media=lines))


@pytest.mark.parametrize("name", ["chromium-publisher-simulcast", "aiortc-viewer"])
def test_a_cut_off_offer_is_refused_or_read_whole_lines_only(name: str) -> None:
    whole = captures.offer(name)
    for length in range(0, len(whole), 7):
        try:
            offer = parse_offer(whole[:length])
        except SdpError:
            continue
        assert offer.ice_ufrag in whole
        assert len(offer.lines) >= 1
