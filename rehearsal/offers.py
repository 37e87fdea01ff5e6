"""Offers as Chromium writes them for the pages of this service, and what a client needs to know of the answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

POINT_SLOTS = (("main", "inset"), ("center", "guest1", "guest2"))
"""Names of what a point receives, pictures and sounds, in the order of its offer's lines."""
_MONITORS = ("monitor1", "monitor2", "monitor3", "monitor4")
CONSOLE_SLOTS = (("main", "inset", *_MONITORS), ("center", "guest1", "guest2", *_MONITORS))

VIDEO_PAYLOAD_TYPE, AUDIO_PAYLOAD_TYPE = 96, 111
_H264_PAYLOAD_TYPE = 108

_VIDEO_EXTENSIONS = (
    "1 urn:ietf:params:rtp-hdrext:toffset",
    "2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "3 urn:3gpp:video-orientation",
    "4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    "6 http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
    "7 http://www.webrtc.org/experiments/rtp-hdrext/video-timing",
    "8 http://www.webrtc.org/experiments/rtp-hdrext/color-space",
    "9 urn:ietf:params:rtp-hdrext:sdes:mid",
    "10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
)
_AUDIO_EXTENSIONS = (
    "14 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "9 urn:ietf:params:rtp-hdrext:sdes:mid",
)
_FEEDBACK = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")


@dataclass(frozen=True, slots=True)
class Sending:
    """What a publisher's offer announces: SSRCs of its picture and sound, and a CNAME."""

    video_ssrc: int
    audio_ssrc: int
    cname: str


def viewer_offer(ufrag: str, pwd: str, fingerprint: str, session: int, slots: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    """A receiving offer with a line for each slot.

    Args:
        ufrag, pwd: the client's ICE credentials.
        fingerprint: SHA-256 of its certificate.
        session: a number below 2^63 that differs from offer to offer.
        slots: names of pictures and sounds; only their number is written.
    """
    kinds = ("video",) * len(slots[0]) + ("audio",) * len(slots[1])
    return _offer(ufrag, pwd, fingerprint, session, kinds, "recvonly", None)


def publisher_offer(ufrag: str, pwd: str, fingerprint: str, session: int, sending: Sending) -> str:
    """An offer that sends one picture and one sound."""
    return _offer(ufrag, pwd, fingerprint, session, ("audio", "video"), "sendonly", sending)


def _offer(
    ufrag: str, pwd: str, fingerprint: str, session: int, kinds: tuple[str, ...], direction: str, sending: Sending | None
) -> str:
    text = _template(kinds, direction, sending is not None).replace("{ufrag}", ufrag).replace("{pwd}", pwd)
    text = text.replace("{fingerprint}", fingerprint).replace("{session}", str(session))
    if sending is not None:
        text = text.replace("{cname}", sending.cname).replace("{video-ssrc}", str(sending.video_ssrc))
        text = text.replace("{audio-ssrc}", str(sending.audio_ssrc))
    return text


@cache
def _template(kinds: tuple[str, ...], direction: str, has_streams: bool) -> str:
    lines = [
        "v=0",
        "o=- {session} 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        " ".join(["a=group:BUNDLE", *(str(mid) for mid in range(len(kinds)))]),
        "a=extmap-allow-mixed",
        "a=msid-semantic: WMS" + (" {cname}" if has_streams else ""),
    ]
    for mid, kind in enumerate(kinds):
        is_video = kind == "video"
        types = f"{VIDEO_PAYLOAD_TYPE} {_H264_PAYLOAD_TYPE}" if is_video else f"{AUDIO_PAYLOAD_TYPE}"
        lines += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {types}",
            "c=IN IP4 0.0.0.0",
            "a=rtcp:9 IN IP4 0.0.0.0",
            "a=ice-ufrag:{ufrag}",
            "a=ice-pwd:{pwd}",
            "a=ice-options:trickle",
            "a=fingerprint:sha-256 {fingerprint}",
            "a=setup:actpass",
            f"a=mid:{mid}",
            *(f"a=extmap:{extension}" for extension in (_VIDEO_EXTENSIONS if is_video else _AUDIO_EXTENSIONS)),
            f"a={direction}",
            *([f"a=msid:{{cname}} {kind}"] if has_streams else []),
            "a=rtcp-mux",
            "a=rtcp-rsize",
            *(_video_codecs() if is_video else _audio_codecs()),
            *(
                [f"a=ssrc:{{{kind}-ssrc}} cname:{{cname}}", f"a=ssrc:{{{kind}-ssrc}} msid:{{cname}} {kind}"]
                if has_streams
                else []
            ),
        ]
    return "\r\n".join([*lines, ""])


def _video_codecs() -> list[str]:
    lines = []
    for payload_type, name in ((VIDEO_PAYLOAD_TYPE, "VP8"), (_H264_PAYLOAD_TYPE, "H264")):
        lines.append(f"a=rtpmap:{payload_type} {name}/90000")
        lines += [f"a=rtcp-fb:{payload_type} {feedback}" for feedback in _FEEDBACK]
    return [*lines, f"a=fmtp:{_H264_PAYLOAD_TYPE} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"]


def _audio_codecs() -> list[str]:
    return [
        f"a=rtpmap:{AUDIO_PAYLOAD_TYPE} opus/48000/2",
        f"a=rtcp-fb:{AUDIO_PAYLOAD_TYPE} transport-cc",
        f"a=fmtp:{AUDIO_PAYLOAD_TYPE} minptime=10;useinbandfec=1",
    ]


class AnswerError(ValueError):
    """An answer that this client cannot use; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says.

    Attributes:
        ufrag, pwd, fingerprint: the other side's.
        host, port: its first UDP candidate with an IPv4 address: the points have no others.
        ssrcs: the SSRC of every line that sends, by the line's place in the offer.
    """

    ufrag: str
    pwd: str
    fingerprint: str
    host: str
    port: int
    ssrcs: dict[int, int]


def read_answer(sdp: str) -> Answer:
    """Read what of an answer matters here.

    Raises:
        AnswerError: credentials, a fingerprint or such a candidate are missing, or DTLS would be the other way round.
    """
    found: dict[str, str] = {}
    for name in _WANTED:
        begin = sdp.find(f"\n{name}:")
        if begin >= 0:
            found[name] = sdp[begin + len(name) + 2 : _end_of_line(sdp, begin + 1)]
    words = _CANDIDATE.search(sdp)
    candidate = None if words is None else (words[1], int(words[2]))
    ssrcs: dict[int, int] = {}
    for number, section in enumerate(sdp.split("\nm=")[1:]):
        begin = section.find("\na=ssrc:")
        if begin >= 0:
            ssrcs[number] = int(section[begin + 8 : _end_of_line(section, begin + 1)].split()[0])
    missing = [name for name in _WANTED if name not in found]
    if missing or candidate is None:
        raise AnswerError(f"the answer has no {', '.join(missing) or 'UDP candidate with an IPv4 address'}")
    algorithm, _, fingerprint = found["a=fingerprint"].partition(" ")
    if algorithm.lower() != "sha-256":
        raise AnswerError(f"the answer's fingerprint is {algorithm}, not sha-256")
    if found["a=setup"] != "passive":
        raise AnswerError(f"the answer wants to be DTLS {found['a=setup']}; the points are clients")
    return Answer(found["a=ice-ufrag"], found["a=ice-pwd"], fingerprint, *candidate, ssrcs)


_WANTED = ("a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup")
_CANDIDATE = re.compile(r"^a=candidate:\S+ \d+ udp \d+ (\d{1,3}(?:\.\d{1,3}){3}) (\d{1,5}) ", re.IGNORECASE | re.MULTILINE)


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1] == "\r" else end
