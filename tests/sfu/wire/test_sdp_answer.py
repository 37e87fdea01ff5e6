from __future__ import annotations

import pytest

from sfu.wire.sdp_answer import AnswerCodec, AnswerLine, AnswerTransport, RejectedLine, candidate_lines, write_answer

TRANSPORT = AnswerTransport("ufrag", "p" * 22, "AB:CD", "passive", (("192.0.2.1", 10000), ("2001:db8::1", 10000)), "node-1")
VP8 = AnswerCodec(96, "VP8/90000", feedback=("nack", "nack pli"))
LINE = AnswerLine("video", "UDP/TLS/RTP/SAVPF", "0", "sendonly", (VP8,))


def lines_of(*lines: AnswerLine | RejectedLine, has_bundle: bool = True, mixed: bool = False) -> list[str]:
    text = write_answer(7, TRANSPORT, lines, has_bundle=has_bundle, allows_mixed_extensions=mixed)
    assert text.endswith("\r\n")
    assert text.replace("\r\n", "").isprintable()
    return text.split("\r\n")[:-1]


def test_a_whole_answer() -> None:
    line = AnswerLine(
        "video",
        "UDP/TLS/RTP/SAVPF",
        "0",
        "sendonly",
        (VP8, AnswerCodec(97, "H264/90000", "packetization-mode=1")),
        extensions=(("3", "urn:x"),),
        has_rtcp_rsize=True,
        ssrc=42,
        msid="programme main-video",
    )
    assert lines_of(line, RejectedLine("application", "UDP/DTLS/SCTP", "webrtc-datachannel", "1")) == [
        "v=0",
        "o=- 7 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "a=ice-lite",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        "c=IN IP4 0.0.0.0",
        "a=candidate:1 1 udp 2130706431 192.0.2.1 10000 typ host",
        "a=candidate:2 1 udp 2130706175 2001:db8::1 10000 typ host",
        "a=end-of-candidates",
        "a=ice-ufrag:ufrag",
        "a=ice-pwd:pppppppppppppppppppppp",
        "a=fingerprint:sha-256 AB:CD",
        "a=setup:passive",
        "a=mid:0",
        "a=extmap:3 urn:x",
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 nack",
        "a=rtcp-fb:96 nack pli",
        "a=rtpmap:97 H264/90000",
        "a=fmtp:97 packetization-mode=1",
        "a=msid:programme main-video",
        "a=ssrc:42 cname:node-1",
        "a=ssrc:42 msid:programme main-video",
        "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=mid:1",
        "a=inactive",
    ]


def test_every_line_taken_has_the_transport() -> None:
    rejected = RejectedLine("video", "UDP/TLS/RTP/SAVPF", "96", "x")
    second = AnswerLine("audio", "UDP/TLS/RTP/SAVPF", "2", "inactive", (AnswerCodec(111, "opus/48000/2"),))
    written = lines_of(rejected, LINE, second)
    assert "a=group:BUNDLE 0 2" in written
    for one in ("a=end-of-candidates", "a=ice-ufrag:ufrag", "a=setup:passive", "a=fingerprint:sha-256 AB:CD"):
        assert written.count(one) == 2
        assert written.index(one) > written.index("m=video 9 UDP/TLS/RTP/SAVPF 96")


def test_options() -> None:
    line = AnswerLine(
        "video",
        "UDP/TLS/RTP/SAVPF",
        "0",
        "recvonly",
        (VP8,),
        rids=("h", "l"),
        has_simulcast=True,
        max_bps=2_500_500,
        ptime_ms=60,
        allows_mixed_extensions=True,
    )
    written = lines_of(line, has_bundle=False)
    assert not any(one.startswith(("a=group", "a=ssrc", "a=msid")) for one in written)
    wanted = {
        "a=rid:h recv",
        "a=rid:l recv",
        "a=simulcast:recv h;l",
        "b=AS:2500",
        "b=TIAS:2500500",
        "a=ptime:60",
        "a=maxptime:60",
    }
    assert wanted <= set(written)
    assert written.index("a=extmap-allow-mixed") > written.index("a=mid:0")
    session_wide = lines_of(LINE, mixed=True)
    assert session_wide.index("a=extmap-allow-mixed") < session_wide.index("c=IN IP4 0.0.0.0")


def test_tcp_stands_behind_udp_and_below_it() -> None:
    """RFC 6544 §4.5; the foundations differ, for pairs of one must not be frozen by those of the other."""
    candidates = [("tcp:192.0.2.1", 10000), ("192.0.2.1", 10000), ("tcp:2001:db8::1", 10000), ("2001:db8::1", 10000)]
    lines = candidate_lines(candidates)
    assert lines == [
        "a=candidate:1 1 udp 2130706431 192.0.2.1 10000 typ host",
        "a=candidate:2 1 udp 2130706175 2001:db8::1 10000 typ host",
        "a=candidate:3 1 tcp 1518280447 192.0.2.1 10000 typ host tcptype passive",
        "a=candidate:4 1 tcp 1518280191 2001:db8::1 10000 typ host tcptype passive",
        "a=end-of-candidates",
    ]


def test_an_address_has_to_be_one() -> None:
    with pytest.raises(ValueError, match="not appear to be"):
        candidate_lines([("tcp:localhost", 1)])
    with pytest.raises(ValueError, match="not appear to be"):
        candidate_lines([("localhost", 1)])
