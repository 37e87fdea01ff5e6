from __future__ import annotations

import itertools
import re

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

from sfu.negotiation import (
    PublisherAnswer,
    PublisherLine,
    Terms,
    ViewerAnswer,
    negotiate_publisher,
    negotiate_viewer,
)
from sfu.wire import extensions as ext
from sfu.wire.sdp import SdpError, parse_offer
from tests.data import captures

VIDEO_SLOTS = ("main", "inset")
AUDIO_SLOTS = ("center", "guest1", "guest2")
FINGERPRINT = ":".join(["0F"] * 32)


def terms(**changes: object) -> Terms:
    counter = itertools.count(1000)
    values: dict[str, object] = {
        "ufrag": "serverufrag",
        "pwd": "serverpasswordserverpw",
        "fingerprint_sha256": FINGERPRINT,
        "candidates": (("127.0.0.1", 10000),),
        "cname": "node-1",
        "new_ssrc": lambda: next(counter),
        "publisher_max_bps": 2_500_000,
        "audio_ptime_ms": 0,
    }
    return Terms(**{**values, **changes})  # type: ignore[arg-type]


def viewer(sdp: str, video: tuple[str, ...] = VIDEO_SLOTS, audio: tuple[str, ...] = AUDIO_SLOTS) -> ViewerAnswer:
    return negotiate_viewer(parse_offer(sdp), terms(), video, audio)


def publisher(sdp: str, **changes: object) -> PublisherAnswer:
    return negotiate_publisher(parse_offer(sdp), terms(**changes))


def sections(sdp: str) -> list[list[str]]:
    """The answer's session part and media lines, after a check of what every answer keeps to."""
    assert sdp.endswith("\r\n")
    assert re.fullmatch(r"(?:[a-z]=[\x21-\x7e][\x20-\x7e]*\r\n)+", sdp)
    parts = [part.split("\r\n") for part in sdp.removesuffix("\r\n").split("\r\nm=")]
    return [parts[0], *([f"m={part[0]}", *part[1:]] for part in parts[1:])]


def make(*media: str, session: tuple[str, ...] = (), setup: str = "actpass") -> str:
    """An offer of media sections, each given as attribute lines without what every section has."""
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", *session]
    lines.append(" ".join(["a=group:BUNDLE", *(str(index) for index in range(len(media)))]))
    for index, section in enumerate(media):
        first, *rest = section.split("\n")
        lines += [
            first,
            f"a=mid:{index}",
            "a=rtcp-mux",
            "a=ice-ufrag:abcd",
            "a=ice-pwd:abcdefghijklmnopqrstuv",
            f"a=setup:{setup}",
        ]
        lines += [f"a=fingerprint:sha-256 {FINGERPRINT}", *rest]
    return "\r\n".join([*lines, ""])


VP8 = "m=video 9 UDP/TLS/RTP/SAVPF 96\na=rtpmap:96 VP8/90000"
VP9 = "m=video 9 UDP/TLS/RTP/SAVPF 98\na=rtpmap:98 VP9/90000"
OPUS = "m=audio 9 UDP/TLS/RTP/SAVPF 111\na=rtpmap:111 opus/48000/2"
DATA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"


def h264(*formats: str) -> str:
    numbers = " ".join(str(97 + index) for index in range(len(formats)))
    lines = [f"m=video 9 UDP/TLS/RTP/SAVPF {numbers}"]
    for index, parameters in enumerate(formats):
        lines += [f"a=rtpmap:{97 + index} H264/90000", f"a=fmtp:{97 + index} {parameters}"]
    return "\n".join(lines)


class TestViewer:
    def test_slots_go_to_lines_of_their_kind_in_order(self) -> None:
        answer = viewer(captures.offer("chromium-viewer-point"))
        assert [(line.mid, line.kind, line.slot) for line in answer.lines] == [
            ("0", "video", "main"),
            ("1", "video", "inset"),
            ("2", "video", None),
            ("3", "audio", "center"),
            ("4", "audio", "guest1"),
            ("5", "audio", "guest2"),
        ]
        assert [line.ssrc for line in answer.lines] == [1000, 1001, 0, 1002, 1003, 1004]
        assert answer.dtls_role == "server"

    def test_directions_follow_the_slots(self) -> None:
        _, *lines = sections(viewer(captures.offer("chromium-viewer-point")).sdp)
        directions = [next(one for one in line if one in {"a=sendonly", "a=inactive", "a=recvonly"}) for line in lines]
        assert directions == ["a=sendonly"] * 2 + ["a=inactive"] + ["a=sendonly"] * 3

    def test_a_center_with_monitors(self) -> None:
        monitors = tuple(f"monitor{number}" for number in range(1, 5))
        answer = viewer(captures.offer("chromium-viewer-center"), (*VIDEO_SLOTS, *monitors), (*AUDIO_SLOTS, *monitors))
        assert all(line.slot for line in answer.lines)
        streams = re.findall(r"a=msid:(\S+) (\S+)", answer.sdp)
        assert streams[0] == ("programme", "main-video")
        assert ("monitor3", "monitor3-video") in streams
        assert ("monitor3", "monitor3-audio") in streams
        assert len({track for _, track in streams}) == 13
        assert len(answer.sdp) < 12_000

    def test_both_codecs_and_no_retransmission_stream(self) -> None:
        answer = viewer(captures.offer("chromium-viewer-point"))
        assert answer.lines[0].payload_types == {"VP8": 96, "H264": 108}
        assert answer.lines[3].payload_types == {"opus": 111}
        assert "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f" in answer.sdp
        for word in ("transport-cc", "goog-remb", "rtx", "red", "ulpfec", "transport-wide"):
            assert word not in answer.sdp
        for word in ("nack", "nack pli", "ccm fir"):
            assert f"a=rtcp-fb:96 {word}\r\n" in answer.sdp

    def test_extensions_that_both_know(self) -> None:
        video, audio = viewer(captures.offer("chromium-viewer-extensions")).lines
        assert video.extension_ids == {
            ext.VIDEO_ORIENTATION_URI: 3,
            ext.PLAYOUT_DELAY_URI: 5,
            ext.VIDEO_CONTENT_TYPE_URI: 6,
            ext.COLOR_SPACE_URI: 8,
            ext.ABS_CAPTURE_TIME_URI: 13,
        }
        assert audio.extension_ids == {ext.AUDIO_LEVEL_URI: 14, ext.ABS_CAPTURE_TIME_URI: 13}

    def test_audio_nack_where_it_is_offered(self) -> None:
        assert "rtcp-fb" not in viewer(make(OPUS)).sdp
        assert "a=rtcp-fb:111 nack\r\n" in viewer(make(f"{OPUS}\na=rtcp-fb:111 nack\na=rtcp-fb:111 transport-cc")).sdp

    def test_each_ssrc_is_named_with_its_stream(self) -> None:
        sdp = viewer(make(VP8, OPUS)).sdp
        assert "a=ssrc:1000 cname:node-1\r\na=ssrc:1000 msid:programme main-video\r\n" in sdp
        assert "a=ssrc:1001 cname:node-1\r\na=ssrc:1001 msid:programme center-audio\r\n" in sdp

    def test_a_line_that_only_sends_gets_no_slot(self) -> None:
        answer = viewer(make(f"{VP8}\na=sendonly", f"{VP8}\na=recvonly", f"{VP8}\na=inactive", f"{VP8}\na=sendrecv"))
        assert [line.slot for line in answer.lines] == [None, "main", None, "inset"]

    def test_a_line_without_a_served_codec_is_refused_and_takes_no_slot(self) -> None:
        answer = viewer(make(VP9, VP8, DATA))
        assert [(line.mid, line.slot) for line in answer.lines] == [("1", "main")]
        head, first, second, third = sections(answer.sdp)
        assert first[0] == "m=video 0 UDP/TLS/RTP/SAVPF 98"
        assert second[0] == "m=video 9 UDP/TLS/RTP/SAVPF 96"
        assert third[0] == "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"
        assert "a=group:BUNDLE 1" in head
        assert "a=end-of-candidates" in second

    def test_nothing_to_serve(self) -> None:
        for sdp in (make(VP9), make(DATA), make(f"{VP8}\na=sendonly"), captures.offer("aiortc-publisher")):
            with pytest.raises(SdpError, match="no line of the offer receives"):
                viewer(sdp)

    def test_a_slot_name_is_checked(self) -> None:
        with pytest.raises(ValueError, match="slot"):
            viewer(make(VP8), ("main\r\na=x",))


class TestPublisher:
    def test_simulcast(self) -> None:
        answer = publisher(captures.offer("chromium-publisher-simulcast"), audio_ptime_ms=60)
        video, audio = answer.lines
        assert video == PublisherLine(
            mid="0",
            kind="video",
            codec="VP8",
            payload_type=96,
            rtx_payload_type=97,
            clock_rate=90_000,
            ssrcs=(),
            rtx_of={},
            rids=("h", "m", "l"),
            extension_ids={
                ext.ABS_SEND_TIME_URI: 2,
                ext.VIDEO_ORIENTATION_URI: 3,
                ext.VIDEO_CONTENT_TYPE_URI: 6,
                ext.COLOR_SPACE_URI: 8,
                ext.MID_URI: 9,
                ext.RID_URI: 10,
                ext.REPAIRED_RID_URI: 11,
            },
        )
        assert (audio.codec, audio.payload_type, audio.clock_rate, audio.rids) == ("opus", 111, 48_000, ())
        assert audio.extension_ids == {ext.AUDIO_LEVEL_URI: 12, ext.ABS_SEND_TIME_URI: 2, ext.MID_URI: 9}
        _, video_lines, audio_lines = sections(answer.sdp)
        assert {"a=rid:h recv", "a=rid:m recv", "a=rid:l recv", "a=simulcast:recv h;m;l", "a=recvonly"} <= set(video_lines)
        assert {"b=AS:2500", "b=TIAS:2500000", "a=rtcp-fb:96 goog-remb", "a=fmtp:97 apt=96"} <= set(video_lines)
        assert {"a=recvonly", "a=ptime:60", "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=0"} <= set(audio_lines)
        assert "transport-cc" not in answer.sdp

    def test_streams_named_by_ssrc(self) -> None:
        for name in ("chromium-publisher-single", "aiortc-publisher"):
            sdp = captures.offer(name)
            pair = re.search(r"a=ssrc-group:FID (\d+) (\d+)", sdp)
            assert pair
            video = next(line for line in publisher(sdp).lines if line.kind == "video")
            assert video.ssrcs == (int(pair[1]),)
            assert video.rtx_of == {int(pair[2]): int(pair[1])}
            assert video.rids == ()

    def test_a_sim_group_orders_the_layers(self) -> None:
        groups = ["a=ssrc-group:SIM 3 2 1", "a=ssrc-group:FID 1 11", "a=ssrc-group:FID 3 13", "a=ssrc-group:FEC-FR 2 22"]
        ssrcs = [f"a=ssrc:{number} cname:x" for number in (1, 11, 2, 22, 3, 13)]
        rtx = ["a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96", "a=rtcp-fb:96 nack"]
        section = "\n".join(["m=video 9 UDP/TLS/RTP/SAVPF 96 97", "a=rtpmap:96 VP8/90000", *rtx, *groups, *ssrcs])
        (video,) = publisher(make(section)).lines
        assert video.ssrcs == (3, 2, 1)
        assert video.rtx_of == {11: 1, 13: 3}

    def test_no_retransmission_without_nack(self) -> None:
        section = "m=video 9 UDP/TLS/RTP/SAVPF 96 97\na=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96"
        (video,) = publisher(make(f"{section}\na=ssrc-group:FID 1 2\na=ssrc:1\na=ssrc:2")).lines
        assert (video.rtx_payload_type, video.ssrcs, video.rtx_of) == (None, (1,), {})

    def test_vp8_before_h264(self) -> None:
        both = "m=video 9 UDP/TLS/RTP/SAVPF 97 96\na=rtpmap:96 VP8/90000\na=rtpmap:97 H264/90000\na=fmtp:97 packetization-mode=1"
        (video,) = publisher(make(both)).lines
        assert (video.codec, video.payload_type) == ("VP8", 96)

    @pytest.mark.parametrize(
        ("formats", "chosen"),
        [
            (("packetization-mode=1;profile-level-id=64001f", "packetization-mode=1;profile-level-id=42e01f"), 98),
            (("packetization-mode=1;profile-level-id=64001f", "packetization-mode=1;profile-level-id=42001f"), 98),
            (("packetization-mode=1;profile-level-id=42001f", "packetization-mode=1;profile-level-id=42E01F"), 98),
            (("packetization-mode=0;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=64001f"), 98),
            (("packetization-mode=2;profile-level-id=42e01f", "packetization-mode=0;profile-level-id=42e01f"), 98),
            (("profile-level-id=42e01f", "packetization-mode=0"), 97),
        ],
    )
    def test_the_h264_that_most_can_decode(self, formats: tuple[str, str], chosen: int) -> None:
        (video,) = publisher(make(h264(*formats))).lines
        assert (video.codec, video.payload_type) == ("H264", chosen)

    @pytest.mark.parametrize("profile", ["42e01f\x80", "42e01", "zzzzzz", "42e01f/x", ""])
    def test_a_malformed_profile_is_not_repeated(self, profile: str) -> None:
        sdp = publisher(make(h264(f"packetization-mode=1;profile-level-id={profile}"))).sdp
        assert "a=fmtp:97 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n" in sdp

    def test_stereo(self) -> None:
        assert "useinbandfec=1;usedtx=0;stereo=1" in publisher(make(f"{OPUS}\na=fmtp:111 sprop-stereo=1")).sdp
        for parameters in ("sprop-stereo=0", "stereo=1"):
            assert "stereo" not in publisher(make(f"{OPUS}\na=fmtp:111 {parameters}")).sdp

    def test_firefox_names_its_layers_twice(self) -> None:
        video, audio = publisher(captures.offer("firefox-publisher-simulcast")).lines
        assert video.rids == ("h", "m", "l")
        assert len(video.ssrcs) == 3
        assert [video.rtx_of[repair] for repair in video.rtx_of] == list(video.ssrcs)
        assert ext.RID_URI in video.extension_ids
        assert ext.PLAYOUT_DELAY_URI not in video.extension_ids
        assert (audio.codec, audio.payload_type) == ("opus", 109)

    def test_an_answer_turns_extension_directions_round(self) -> None:
        assert f"a=extmap:9/recvonly {ext.RID_URI}\r\n" in publisher(captures.offer("firefox-publisher-simulcast")).sdp

    def test_one_line_of_each_kind(self) -> None:
        answer = publisher(make(f"{VP8}\na=recvonly", f"{VP8}\na=sendonly", VP8, OPUS, OPUS))
        assert [line.mid for line in answer.lines] == ["1", "3"]
        assert re.findall(r"a=(recvonly|inactive|sendonly|sendrecv)", answer.sdp) == [
            "inactive",
            "recvonly",
            "inactive",
            "recvonly",
            "inactive",
        ]

    def test_layers_bound_to_another_codec_are_left_out(self) -> None:
        rids = "a=rid:a send pt=96\na=rid:b send pt=120\na=rid:c recv\na=rid:d send max-width=320\na=simulcast:send b;a;c;d"
        (video,) = publisher(make(f"{VP8}\n{rids}")).lines
        assert video.rids == ("a", "d")

    def test_a_lone_rid_without_simulcast(self) -> None:
        answer = publisher(make(f"{VP8}\na=rid:only send"))
        assert answer.lines[0].rids == ("only",)
        assert "a=rid:only recv" in answer.sdp
        assert "a=simulcast" not in answer.sdp

    def test_nothing_to_receive(self) -> None:
        for sdp in (make(VP9), make(f"{VP8}\na=recvonly"), captures.offer("chromium-viewer-point")):
            with pytest.raises(SdpError, match="no line of the offer sends"):
                publisher(sdp)

    def test_gstreamer(self) -> None:
        """webrtcbin: mids in words, its second line bundle-only on port 0, upper-case OPUS, few attributes."""
        for name, codec in (("whip-client-vp8", "VP8"), ("whip-client-h264", "H264")):
            answer = publisher(captures.offer(name))
            assert [(line.mid, line.codec, line.payload_type) for line in answer.lines] == [
                ("video0", codec, 96),
                ("audio1", "opus", 100),
            ]
            assert all(len(line.ssrcs) == 1 and not line.extension_ids for line in answer.lines)
            assert "m=audio 9 UDP/TLS/RTP/SAVPF 100\r\n" in answer.sdp
            assert "a=rtpmap:100 opus/48000/2\r\n" in answer.sdp

    def test_every_layer_of_an_encoder_with_simulcast_is_taken(self) -> None:
        """OBS stops where a layer that it offers is missing from the answer."""
        rtx = "a=rtpmap:98 rtx/90000\na=fmtp:98 apt=97\na=rtcp-fb:97 nack\na=rtcp-fb:97 nack pli"
        ids = f"a=extmap:1 {ext.MID_URI}\na=extmap:2 {ext.RID_URI}\na=extmap:3 {ext.REPAIRED_RID_URI}"
        rids = "a=rid:0 send\na=rid:1 send\na=rid:2 send\na=rid:3 send\na=simulcast:send 0;1;2;3"
        section = h264("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f").replace(
            "SAVPF 97", "SAVPF 97 98"
        )
        answer = publisher(make(f"{OPUS}\na=sendonly", f"{section}\n{rtx}\n{ids}\n{rids}\na=sendonly"))
        assert answer.lines[1].rids == ("0", "1", "2", "3")
        assert answer.lines[1].rtx_payload_type == 98
        assert answer.lines[1].extension_ids == {ext.MID_URI: 1, ext.RID_URI: 2, ext.REPAIRED_RID_URI: 3}
        assert "a=simulcast:recv 0;1;2;3\r\n" in answer.sdp

    def test_an_encoder_that_wants_to_be_the_server(self) -> None:
        """FFmpeg's WHIP muxer: H.264 and stereo Opus, passive, and at most 8,192 bytes of answer."""
        sdp = make(
            "m=audio 9 UDP/TLS/RTP/SAVPF 111\na=sendonly\na=msid:FFmpeg audio\na=rtpmap:111 opus/48000/2\na=ssrc:1 cname:FFmpeg",
            h264("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c01e")
            + "\na=sendonly\na=ssrc:2 cname:FFmpeg",
            setup="passive",
        )
        answer = publisher(sdp)
        assert answer.dtls_role == "client"
        assert answer.sdp.count("a=setup:active\r\n") == 2
        assert [(line.codec, line.ssrcs) for line in answer.lines] == [("opus", (1,)), ("H264", (2,))]
        assert "profile-level-id=42c01e" in answer.sdp
        assert len(answer.sdp) <= 8192


class TestTransport:
    def test_ice_and_dtls_are_on_every_line_taken(self) -> None:
        head, *lines = sections(viewer(captures.offer("chromium-viewer-point")).sdp)
        assert {"a=ice-lite", "a=group:BUNDLE 0 1 2 3 4 5", "a=extmap-allow-mixed"} <= set(head)
        wanted = {
            "a=ice-ufrag:serverufrag",
            "a=ice-pwd:serverpasswordserverpw",
            f"a=fingerprint:sha-256 {FINGERPRINT}",
            "a=setup:passive",
            "a=rtcp-mux",
            "a=rtcp-rsize",
        }
        for line in lines:
            assert wanted <= set(line)
        assert [sum("candidate:" in one for one in line) for line in lines] == [1] * 6

    def test_a_fingerprint_without_colons(self) -> None:
        assert f"a=fingerprint:sha-256 {FINGERPRINT}\r\n" in publisher(make(VP8), fingerprint_sha256="0f" * 32).sdp

    @pytest.mark.parametrize(
        ("setup", "role", "ours"),
        [("actpass", "server", "passive"), ("active", "server", "passive"), ("passive", "client", "active")],
    )
    def test_roles(self, setup: str, role: str, ours: str) -> None:
        answer = publisher(make(VP8, setup=setup))
        assert answer.dtls_role == role
        assert f"a=setup:{ours}\r\n" in answer.sdp

    def test_holdconn(self) -> None:
        with pytest.raises(SdpError, match="holdconn"):
            publisher(make(VP8, setup="holdconn"))

    def test_lines_that_cannot_share_the_transport_are_refused(self) -> None:
        outside = make(OPUS, VP8).replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 1")
        no_mux = make(OPUS, VP8).replace("a=mid:0\r\na=rtcp-mux", "a=mid:0")
        turned_off = make(OPUS, VP8).replace("m=audio 9", "m=audio 0")
        plain = make(OPUS.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), VP8)
        for sdp in (outside, no_mux, turned_off, plain):
            answer = publisher(sdp)
            assert [line.mid for line in answer.lines] == ["1"]
            assert sections(answer.sdp)[1][0].startswith("m=audio 0 ")

    def test_without_a_bundle_the_first_line_is_served(self) -> None:
        answer = publisher(make(VP8, OPUS).replace("a=group:BUNDLE 0 1\r\n", ""))
        assert [line.mid for line in answer.lines] == ["0"]
        assert "BUNDLE" not in answer.sdp
        assert "m=audio 0 " in answer.sdp

    def test_the_same_terms_give_the_same_answer(self) -> None:
        offer = captures.offer("chromium-viewer-point")
        assert viewer(offer) == viewer(offer)
        first = publisher(make(VP8)).sdp.split("\r\n")[1]
        assert first != publisher(make(VP8), ufrag="another").sdp.split("\r\n")[1]


class TestExtensions:
    def ids(self, *lines: str) -> tuple[dict[str, int], str]:
        answer = publisher(make("\n".join([VP8, *lines])))
        return answer.lines[0].extension_ids, answer.sdp

    def test_ids_above_fourteen_need_mixed_forms(self) -> None:
        assert self.ids(f"a=extmap:16 {ext.MID_URI}")[0] == {}
        found, sdp = self.ids(f"a=extmap:16 {ext.MID_URI}", "a=extmap-allow-mixed")
        assert found == {ext.MID_URI: 16}
        assert "a=extmap-allow-mixed\r\n" in sdp

    @pytest.mark.parametrize("identifier", [0, 15, 256, 4096])
    def test_ids_that_mean_nothing(self, identifier: int) -> None:
        assert self.ids(f"a=extmap:{identifier} {ext.MID_URI}", "a=extmap-allow-mixed")[0] == {}

    def test_directions(self) -> None:
        lines = (
            f"a=extmap:1/sendonly {ext.MID_URI}",
            f"a=extmap:2/recvonly {ext.RID_URI}",
            f"a=extmap:3/sendrecv {ext.ABS_SEND_TIME_URI}",
        )
        found, sdp = self.ids(*lines)
        assert found == {ext.MID_URI: 1, ext.ABS_SEND_TIME_URI: 3}
        assert f"a=extmap:1/recvonly {ext.MID_URI}\r\n" in sdp
        assert f"a=extmap:3/sendrecv {ext.ABS_SEND_TIME_URI}\r\n" in sdp

    def test_the_first_of_two_ids_for_one_uri(self) -> None:
        assert self.ids(f"a=extmap:4 {ext.MID_URI}", f"a=extmap:5 {ext.MID_URI}")[0] == {ext.MID_URI: 4}


class TestInjection:
    def test_of_an_offers_text_only_checked_tokens_come_back(self) -> None:
        marker = "zzMARKERzz"
        section = "\n".join(
            [
                "m=video 9 UDP/TLS/RTP/SAVPF 96",
                "a=rtpmap:96 vp8/90000",
                f"a=fmtp:96 x={marker}",
                f"a=rtcp-fb:96 {marker}",
                f"a=extmap:1 urn:{marker}",
                f"a=extmap:2 {ext.MID_URI} {marker}",
                f"a=msid:{marker} {marker}",
                f"a=ssrc:1 cname:{marker}",
                f"a=candidate:{marker}",
                f"a=x-{marker}:{marker}",
            ]
        )
        sdp = make(section, session=(f"i={marker}", f"a=tool:{marker}"))
        assert marker not in viewer(sdp).sdp
        assert marker not in publisher(sdp).sdp

    @pytest.mark.parametrize("value", ["0\r\na=x", "0\n", "0\ra", "\u2028", "0;a", "a b"])
    def test_tokens_cannot_end_a_line(self, value: str) -> None:
        for line in (f"a=rid:{value} send", f"a=simulcast:send {value}"):
            try:
                answer = publisher(make(f"{VP8}\na=rid:h send\n{line}"))
            except SdpError:
                continue
            sections(answer.sdp)
            assert set(answer.lines[0].rids) <= {"h", "0", "a"}


async def test_aiortc_accepts_the_answer_to_a_viewer() -> None:
    peer = RTCPeerConnection()
    try:
        for kind in ("video", "video", "video", "audio", "audio", "audio"):
            peer.addTransceiver(kind, direction="recvonly")
        await peer.setLocalDescription(await peer.createOffer())
        answer = viewer(peer.localDescription.sdp)
        await peer.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        assert peer.signalingState == "stable"
        directions = [transceiver.currentDirection for transceiver in peer.getTransceivers()]
        assert directions == ["recvonly", "recvonly", "inactive", "recvonly", "recvonly", "recvonly"]
    finally:
        await peer.close()


async def test_aiortc_accepts_the_answer_to_a_publisher() -> None:
    peer = RTCPeerConnection()
    try:
        for track in (VideoStreamTrack(), AudioStreamTrack()):
            peer.addTransceiver(track, direction="sendonly")
        await peer.setLocalDescription(await peer.createOffer())
        answer = publisher(peer.localDescription.sdp, audio_ptime_ms=60)
        await peer.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        assert peer.signalingState == "stable"
        assert [transceiver.currentDirection for transceiver in peer.getTransceivers()] == ["sendonly", "sendonly"]
        assert [line.codec for line in answer.lines] == ["VP8", "opus"]
    finally:
        await peer.close()
