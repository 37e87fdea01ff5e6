"""Whatever the text: an offer is read or refused with SdpError, and an answer never holds more than it should."""

from __future__ import annotations

import random
import re

import pytest

from sfu.negotiation import negotiate_publisher, negotiate_viewer
from sfu.wire.errors import WireError
from sfu.wire.sdp import SdpError, parse_offer
from tests.data import captures
from tests.fuzz.mutations import mutated
from tests.sfu.test_negotiation import terms

RUNS = 400
"""For each capture; an offer is some 300 lines long."""

ANSWER = re.compile(r"(?:[vost]=[\x20-\x7e]+\r\n){4}(?:[mcba]=[\x21-\x7e][\x20-\x7e]*\r\n)+")

PIECES = [
    "a=mid:0",
    "a=mid:",
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "m=audio 0 RTP/SAVPF 111",
    "a=rid:h send pt=96",
    "a=simulcast:send h;m",
]
PIECES += [
    "a=group:BUNDLE",
    "a=group:BUNDLE 0 1 2",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=fmtp:96 apt=96",
    "a=rtpmap:96 H264/90000",
]
PIECES += [
    "a=ssrc-group:FID 1 2",
    "a=ssrc:1 cname:x",
    "a=setup:passive",
    "a=rtcp-fb:* nack",
    "\r",
    "\x00",
    "\u2028",
    "\u0660",
    "a=",
    "=",
    "",
    "a=ice-lite",
]


def check(text: str) -> bool:
    try:
        offer = parse_offer(text)
    except SdpError:
        return False
    for negotiate in (
        lambda: negotiate_publisher(offer, terms()),
        lambda: negotiate_viewer(offer, terms(), ("main", "inset"), ("center", "guest1")),
    ):
        try:
            answer = negotiate()
        except WireError:
            continue
        assert ANSWER.fullmatch(answer.sdp)
        assert answer.sdp.count("\r\nm=") == len(offer.lines)
        assert {line.mid for line in answer.lines} <= {line.mid for line in offer.lines}
    return True


@pytest.mark.parametrize("name", captures.offer_names())
def test_lines_shuffled_dropped_doubled_and_put_in(name: str) -> None:
    source = random.Random(8866)
    whole = captures.offer(name).split("\r\n")
    read = 0
    for _ in range(RUNS // 4):
        lines = list(whole)
        for _ in range(source.randint(1, 6)):
            at = source.randrange(len(lines))
            kind = source.randrange(5)
            if kind == 0:
                del lines[at]
            elif kind == 1:
                lines.insert(at, lines[source.randrange(len(lines))])
            elif kind == 2:
                lines.insert(at, source.choice(PIECES))
            elif kind == 3:
                other = source.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            else:
                head, colon, _ = lines[at].partition(":")
                lines[at] = head + colon + source.choice(PIECES)
        read += check("\r\n".join(lines))
    assert read > 0


def test_bytes_changed() -> None:
    seeds = [captures.offer(name).encode() for name in captures.offer_names()]
    results = [check(data.decode("utf-8", "surrogateescape")) for data in mutated(seeds, RUNS, 3264)]
    assert not all(results)
