"""SDP answers, written. Every word comes from constants, numbers and tokens that :mod:`sfu.wire.sdp` has checked."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from sfu.ids import Address, is_stream, without_transport
from sfu.wire.sdp import Direction

_HOST_TYPE_PREFERENCE = 126
"""RFC 8445 section 5.1.2.2."""
_TCP_PRIORITY = 1_518_280_447
"""Of the first TCP candidate: type preference 90, below every UDP candidate of ours (RFC 6544 section 4.2), so that UDP wins
where both work. The rest of the number is what browsers give a passive candidate of their own."""


@dataclass(frozen=True, slots=True)
class AnswerCodec:
    """One payload type: ``encoding`` is ``VP8/90000``, ``parameters`` the text of its fmtp (``""``: no line)."""

    payload_type: int
    encoding: str
    parameters: str = ""
    feedback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One media line that is taken. Directions are ours; ``extensions`` are (id with its direction, URI)."""

    kind: str
    protocol: str
    mid: str
    direction: Direction
    codecs: tuple[AnswerCodec, ...]
    extensions: tuple[tuple[str, str], ...] = ()
    has_rtcp_rsize: bool = False
    allows_mixed_extensions: bool = False
    ssrc: int | None = None
    msid: str = ""
    rids: tuple[str, ...] = ()
    has_simulcast: bool = False
    max_bps: int | None = None
    ptime_ms: int | None = None


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """One media line that is refused: port 0, its kind, protocol and first format repeated (RFC 3264 section 6)."""

    kind: str
    protocol: str
    format: str
    mid: str


@dataclass(frozen=True, slots=True)
class AnswerTransport:
    """Our end of the one transport. ``setup`` is ``passive`` or ``active``; ``fingerprint`` is SHA-256, hex pairs with colons."""

    ufrag: str
    pwd: str
    fingerprint: str
    setup: str
    candidates: tuple[Address, ...]
    cname: str


def write_answer(
    session_id: int,
    transport: AnswerTransport,
    lines: Sequence[AnswerLine | RejectedLine],
    *,
    has_bundle: bool,
    allows_mixed_extensions: bool,
) -> str:
    """The answer's text, lines ended by CR LF.

    ICE, DTLS and candidates stand on every line that is taken and not only on the bundle's tagged one (RFC 8843 section
    7.3): clients look in different places, and aiortc takes the candidates of whichever line of a transport comes last.
    """
    taken = [line for line in lines if isinstance(line, AnswerLine)]
    text = ["v=0", f"o=- {session_id} 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    if has_bundle:
        text.append(" ".join(["a=group:BUNDLE", *(line.mid for line in taken)]))
    text.append("a=ice-lite")
    if allows_mixed_extensions:
        text.append("a=extmap-allow-mixed")
    for line in lines:
        if isinstance(line, RejectedLine):
            text += [f"m={line.kind} 0 {line.protocol} {line.format}", "c=IN IP4 0.0.0.0", f"a=mid:{line.mid}", "a=inactive"]
        else:
            text += _taken_line(line, transport)
    return "\r\n".join([*text, ""])


def _taken_line(line: AnswerLine, transport: AnswerTransport) -> list[str]:
    payload_types = " ".join(str(codec.payload_type) for codec in line.codecs)
    text = [f"m={line.kind} 9 {line.protocol} {payload_types}", "c=IN IP4 0.0.0.0"]
    if line.max_bps is not None:
        # RFC 8866 section 5.8 (kilobits) and RFC 3890 (bits, without transport overhead): clients know one or the other.
        text += [f"b=AS:{max(1, line.max_bps // 1000)}", f"b=TIAS:{line.max_bps}"]
    text += candidate_lines(transport.candidates)
    text += [
        f"a=ice-ufrag:{transport.ufrag}",
        f"a=ice-pwd:{transport.pwd}",
        f"a=fingerprint:sha-256 {transport.fingerprint}",
        f"a=setup:{transport.setup}",
        f"a=mid:{line.mid}",
    ]
    text += [f"a=extmap:{identifier} {uri}" for identifier, uri in line.extensions]
    text += ["a=extmap-allow-mixed"] if line.allows_mixed_extensions else []
    text += [f"a={line.direction}", "a=rtcp-mux"]
    text += ["a=rtcp-rsize"] if line.has_rtcp_rsize else []
    for codec in line.codecs:
        text += _codec_lines(codec)
    return text + _stream_lines(line, transport.cname)


def _codec_lines(codec: AnswerCodec) -> list[str]:
    text = [f"a=rtpmap:{codec.payload_type} {codec.encoding}"]
    text += [f"a=rtcp-fb:{codec.payload_type} {feedback}" for feedback in codec.feedback]
    if codec.parameters:
        text.append(f"a=fmtp:{codec.payload_type} {codec.parameters}")
    return text


def _stream_lines(line: AnswerLine, cname: str) -> list[str]:
    text: list[str] = []
    if line.ptime_ms is not None:
        text += [f"a=ptime:{line.ptime_ms}", f"a=maxptime:{line.ptime_ms}"]
    text += [f"a=rid:{rid} recv" for rid in line.rids]
    if line.has_simulcast:
        text.append(f"a=simulcast:recv {';'.join(line.rids)}")
    if line.ssrc is not None:
        # msid of the line (RFC 8830) for those that know it, and of the SSRC (RFC 5576) for those that came before it.
        text += [f"a=msid:{line.msid}", f"a=ssrc:{line.ssrc} cname:{cname}", f"a=ssrc:{line.ssrc} msid:{line.msid}"]
    return text


def candidate_lines(candidates: Sequence[Address]) -> list[str]:
    """Host candidates in our order of preference (RFC 8839 section 5.1), and the mark that no more will come.

    UDP stands before TCP whatever the order given: some clients try what stands first and nothing else. TCP candidates are
    passive (RFC 6544 section 4.5): the browser connects to us.
    """
    over_udp = [candidate for candidate in candidates if not is_stream(candidate)]
    over_tcp = [without_transport(candidate) for candidate in candidates if is_stream(candidate)]
    lines = []
    for place, (host, port) in enumerate(over_udp):
        # RFC 8445 section 5.1.2.1, component 1
        priority = _HOST_TYPE_PREFERENCE << 24 | (0xFFFF - place) << 8 | 255
        lines.append(f"a=candidate:{place + 1} 1 udp {priority} {ipaddress.ip_address(host)} {port} typ host")
    for place, (host, port) in enumerate(over_tcp):
        foundation, priority = len(over_udp) + place + 1, _TCP_PRIORITY - (place << 8)
        where = f"{ipaddress.ip_address(host)} {port}"
        lines.append(f"a=candidate:{foundation} 1 tcp {priority} {where} typ host tcptype passive")
    return [*lines, "a=end-of-candidates"]
