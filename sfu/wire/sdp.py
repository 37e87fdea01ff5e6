"""SDP offers (RFC 8866) as WHIP and WHEP clients send them, read into plain values.

Only what an answer or the transport needs is read: media lines, codecs, extensions, streams, ICE and DTLS. Everything else,
candidates included, is skipped unread. What is kept was checked against its grammar, so nothing that reaches an
:class:`Offer` can break out of a line when it is written again; and of an offer's text only mids and rids, payload types and
extension ids are ever written again (:mod:`sfu.wire.sdp_answer`).

Messages of :class:`SdpError` name the line and the rule, and never repeat the client's text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar, cast

from sfu.wire.errors import WireError

MAX_OFFER_BYTES = 64 * 1024
"""A center's viewer with 13 lines sends 42 KB (Chromium 156)."""

MAX_MEDIA_LINES = 16
"""A center's viewer has 6 video and 7 audio slots; the next power of two."""

MAX_LINE_CHARACTERS = 2048
"""A line of an offer seldom passes 200 bytes; the longest are ``a=fmtp`` of H.264 parameter sets."""

MAX_SSRCS = 32
"""Named in one media line: three layers with RTX need 6."""

MAX_RIDS = 8
"""Layers of one media line."""

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
Setup = Literal["active", "passive", "actpass", "holdconn"]

RTP_PROTOCOLS = frozenset(
    {"UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "TCP/DTLS/RTP/SAVP", "RTP/SAVPF", "RTP/SAVP"}
)
"""All that RFC 8829 section 5.1.2 wants accepted for RTP over DTLS, whatever the transport is in the end."""

REVERSED: Mapping[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
"""What the other side calls a direction (RFC 3264 section 6.1)."""

_FINGERPRINT_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}

_INTEGER = re.compile(r"[0-9]{1,10}")
_TOKEN = re.compile(r"[!#-'*+\-.0-9A-Z^_`a-z{|}~]{1,64}")  # RFC 8866 section 9, token
_PROTOCOL = re.compile(r"[A-Za-z0-9/._-]{1,64}")
_RID = re.compile(r"[A-Za-z0-9_-]{1,32}")  # RFC 8851 section 10
ICE_UFRAG_GRAMMAR = r"[A-Za-z0-9+/]{4,256}"  # RFC 8839 section 5.4
ICE_PWD_GRAMMAR = r"[A-Za-z0-9+/]{22,256}"  # noqa: S105
_ICE_UFRAG = re.compile(ICE_UFRAG_GRAMMAR)
_ICE_PWD = re.compile(ICE_PWD_GRAMMAR)
_HEX_PAIRS = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*")
_RTPMAP = re.compile(r"([A-Za-z0-9_.-]{1,64})/([0-9]{1,10})(?:/([0-9]{1,3}))?")
_EXTMAP = re.compile(r"([0-9]{1,10})(?:/(sendrecv|sendonly|recvonly|inactive))?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # all but TAB, LF and CR

_KINDS = frozenset({"audio", "video", "text", "application", "message", "image"})
_DIRECTIONS: frozenset[str] = frozenset(REVERSED)
_SETUPS = frozenset({"active", "passive", "actpass", "holdconn"})


class SdpError(WireError):
    """An offer that cannot be read or answered; the message may be shown to whoever sent it."""


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload type of a media line (``a=rtpmap``, ``a=fmtp``, ``a=rtcp-fb``). Parameter names are in lower case."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)
    feedback: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ExtensionMap:
    """An ``a=extmap`` (RFC 8285 section 5): id, URI, and the offerer's direction for it (``None``: that of its line)."""

    identifier: int
    uri: str
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Rid:
    """An ``a=rid`` (RFC 8851): a layer, and the payload types it is restricted to (empty: all of the line)."""

    identifier: str
    direction: Literal["send", "recv"]
    payload_types: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MediaLine:
    """One ``m=`` section. Attributes that an offer may state once for all are filled in from its session part.

    ``ssrc_groups`` are (semantics, SSRCs) of RFC 5576; ``simulcast_send`` are the rids that the offerer can send at once,
    in its order, the first of each list of alternatives (RFC 8853 section 5.1).
    """

    index: int
    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    mid: str
    direction: Direction
    codecs: tuple[Codec, ...]
    extensions: tuple[ExtensionMap, ...]
    ssrcs: tuple[int, ...]
    ssrc_groups: tuple[tuple[str, tuple[int, ...]], ...]
    rids: tuple[Rid, ...]
    simulcast_send: tuple[str, ...]
    has_rtcp_mux: bool
    has_rtcp_rsize: bool
    allows_mixed_extensions: bool
    is_disabled: bool

    @property
    def is_rtp(self) -> bool:
        """Whether the line is audio or video over DTLS-SRTP."""
        return self.kind in {"audio", "video"} and self.protocol in RTP_PROTOCOLS


@dataclass(frozen=True, slots=True)
class Offer:
    """A whole offer. ICE and DTLS are those of the line that a bundle's transport is negotiated with (RFC 8843 section 7.2).

    ``fingerprints`` are (algorithm, upper-case hex pairs with colons), SHA-256 or stronger only, at least one.
    """

    lines: tuple[MediaLine, ...]
    bundle: tuple[str, ...]
    ice_ufrag: str
    ice_pwd: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: Setup
    allows_mixed_extensions: bool


@dataclass(slots=True)
class _Section:
    """What has been read of the session part or of one media line so far."""

    kind: str = ""
    port: int = 0
    protocol: str = ""
    formats: tuple[str, ...] = ()
    mid: str | None = None
    direction: Direction | None = None
    rtpmaps: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    parameters: dict[int, dict[str, str]] = field(default_factory=dict)
    feedback: dict[int | None, set[str]] = field(default_factory=dict)
    extensions: dict[int, ExtensionMap] = field(default_factory=dict)
    ssrcs: dict[int, None] = field(default_factory=dict)
    ssrc_groups: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    rids: dict[str, Rid] = field(default_factory=dict)
    simulcast_send: tuple[str, ...] = ()
    flags: set[str] = field(default_factory=set)
    bundle: tuple[str, ...] | None = None
    ice_ufrag: str | None = None
    ice_pwd: str | None = None
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    has_weak_fingerprint: bool = False
    setup: Setup | None = None


def parse_offer(text: str) -> Offer:
    """Read an offer.

    Raises:
        SdpError: too long, malformed in a part that matters here, or without what an answer needs.
    """
    session, media = _read_sections(text)
    if not media:
        raise SdpError("the offer has no media line")
    mids = [section.mid for section in media]
    if any(mid is None for mid in mids):
        raise SdpError("a media line has no a=mid")
    if len(set(mids)) != len(mids):
        raise SdpError("two media lines have the same a=mid")
    bundle = session.bundle or ()
    if not set(bundle) <= set(mids) or len(set(bundle)) != len(bundle):
        raise SdpError("a=group:BUNDLE names a line that is not there, or names one twice")
    if "ice-lite" in session.flags:
        raise SdpError("the offer is ICE-lite, and so is this service: nobody would check the path")
    order = {mid: place for place, mid in enumerate(bundle)}
    transports = sorted(media, key=lambda section: order.get(str(section.mid), len(order)))
    fingerprints = _first(transports, session, lambda section: section.fingerprints or None)
    if fingerprints is None:
        weak = any(section.has_weak_fingerprint for section in (session, *media))
        raise SdpError("a=fingerprint has to be sha-256 or stronger" if weak else "the offer has no a=fingerprint")
    ufrag = _first(transports, session, lambda section: section.ice_ufrag)
    pwd = _first(transports, session, lambda section: section.ice_pwd)
    if ufrag is None or pwd is None:
        raise SdpError("the offer has no a=ice-ufrag or no a=ice-pwd")
    return Offer(
        lines=tuple(_media_line(index, section, session) for index, section in enumerate(media)),
        bundle=bundle,
        ice_ufrag=ufrag,
        ice_pwd=pwd,
        fingerprints=tuple(dict.fromkeys(fingerprints)),
        # Without a=setup an offer means active (RFC 4145 section 4.1).
        setup=_first(transports, session, lambda section: section.setup) or "active",
        allows_mixed_extensions="extmap-allow-mixed" in session.flags,
    )


_Value = TypeVar("_Value")


def _first(media: list[_Section], session: _Section, get: Callable[[_Section], _Value | None]) -> _Value | None:
    """The attribute of the first media section that has it, else the session's."""
    return next((value for section in (*media, session) if (value := get(section)) is not None), None)


def _read_sections(text: str) -> tuple[_Section, list[_Section]]:
    if len(text) > MAX_OFFER_BYTES or len(text.encode("utf-8", "replace")) > MAX_OFFER_BYTES:
        raise SdpError(f"the offer is longer than {MAX_OFFER_BYTES} bytes")
    if _CONTROL.search(text):
        raise SdpError("the offer has control characters")
    session = _Section()
    media: list[_Section] = []
    # Only LF ends a line: str.splitlines would also see ends in characters that are no control characters (U+2028).
    for number, line in enumerate(text.rstrip("\r\n").split("\n"), start=1):
        try:
            _read_line(line.removesuffix("\r"), number, session, media)
        except SdpError as error:
            raise SdpError(f"line {number}: {error}") from None
    return session, media


def _read_line(line: str, number: int, session: _Section, media: list[_Section]) -> None:
    if "\r" in line:
        raise SdpError("a carriage return inside a line")
    if len(line) > MAX_LINE_CHARACTERS:
        raise SdpError(f"longer than {MAX_LINE_CHARACTERS} characters")
    if number == 1 and line != "v=0":
        raise SdpError("an offer begins with v=0")
    if line[1:2] != "=":
        raise SdpError("not of the form <type>=<value>")
    if line[0] == "m":
        if len(media) == MAX_MEDIA_LINES:
            raise SdpError(f"more than {MAX_MEDIA_LINES} media lines")
        media.append(_media_section(line[2:]))
    elif line[0] == "a":
        _read_attribute(media[-1] if media else session, line[2:])


def _read_attribute(section: _Section, attribute: str) -> None:
    name, _, value = attribute.partition(":")
    reader = _ATTRIBUTES.get(name)
    if reader is not None:
        reader(section, value)
    elif name in _FLAGS:
        section.flags.add(name)
    elif name in _DIRECTIONS:
        section.direction = cast("Direction", name)


def _media_section(value: str) -> _Section:
    kind, _, rest = value.partition(" ")
    port, _, rest = rest.partition(" ")
    protocol, *formats = rest.split(" ")
    if kind not in _KINDS:
        raise SdpError("an unknown kind of media")
    if not _PROTOCOL.fullmatch(protocol):
        raise SdpError("a malformed protocol")
    if not formats or len(formats) > 128 or not all(_TOKEN.fullmatch(one) for one in formats):
        raise SdpError("a malformed list of formats")
    section = _Section(kind=kind, port=_integer(port.partition("/")[0], 0xFFFF), protocol=protocol, formats=tuple(formats))
    if "RTP/" in protocol and len({_integer(one, 127) for one in formats}) != len(formats):
        raise SdpError("a payload type is there twice")
    return section


def _integer(text: str, highest: int) -> int:
    if not _INTEGER.fullmatch(text) or int(text) > highest:
        raise SdpError(f"not a number from 0 to {highest}")
    return int(text)


def _words(text: str) -> list[str]:
    """The words between spaces; one empty word where there is none. (``str.split()`` would split at more than spaces.)"""
    return [word for word in text.split(" ") if word] or [""]


def _read_mid(section: _Section, value: str) -> None:
    if not _TOKEN.fullmatch(value):
        raise SdpError("a=mid is not a token")
    if section.mid is not None:
        raise SdpError("a second a=mid")
    section.mid = value


def _read_group(section: _Section, value: str) -> None:
    semantics, *mids = _words(value)
    if semantics != "BUNDLE":
        return
    if section.kind or section.bundle is not None or not all(_TOKEN.fullmatch(mid) for mid in mids):
        raise SdpError("a malformed or second a=group:BUNDLE")
    section.bundle = tuple(mids)


def _read_rtpmap(section: _Section, value: str) -> None:
    payload_type, _, encoding = value.partition(" ")
    match = _RTPMAP.fullmatch(encoding.strip())
    if not match:
        raise SdpError("a malformed a=rtpmap")
    name, clock_rate, channels = match.groups()
    section.rtpmaps[_integer(payload_type, 127)] = (name, _integer(clock_rate, 0x7FFFFFFF), int(channels or 1))


def _read_fmtp(section: _Section, value: str) -> None:
    payload_type, _, parameters = value.partition(" ")
    read = section.parameters.setdefault(_integer(payload_type, 127), {})
    for parameter in parameters.split(";"):
        name, is_pair, content = parameter.partition("=")
        if is_pair:
            read[name.strip().lower()] = content.strip()


def _read_feedback(section: _Section, value: str) -> None:
    payload_type, _, feedback = value.partition(" ")
    key = None if payload_type == "*" else _integer(payload_type, 127)
    section.feedback.setdefault(key, set()).add(" ".join(_words(feedback)))


def _read_extmap(section: _Section, value: str) -> None:
    head, _, rest = value.partition(" ")
    match = _EXTMAP.fullmatch(head)
    uri = rest.split(" ")[0]
    if not match or not uri:
        raise SdpError("a malformed a=extmap")
    identifier = int(match[1])
    if identifier in section.extensions:
        raise SdpError("two a=extmap have the same id")
    section.extensions[identifier] = ExtensionMap(identifier, uri, cast("Direction | None", match[2]))


def _read_ssrc(section: _Section, value: str) -> None:
    section.ssrcs[_integer(value.partition(" ")[0], 0xFFFFFFFF)] = None
    if len(section.ssrcs) > MAX_SSRCS:
        raise SdpError(f"more than {MAX_SSRCS} SSRCs in one media line")


def _read_ssrc_group(section: _Section, value: str) -> None:
    semantics, *ssrcs = _words(value)
    if not _TOKEN.fullmatch(semantics) or len(ssrcs) > MAX_SSRCS or len(section.ssrc_groups) >= MAX_SSRCS:
        raise SdpError("a malformed a=ssrc-group")
    section.ssrc_groups.append((semantics, tuple(_integer(ssrc, 0xFFFFFFFF) for ssrc in ssrcs)))


def _read_rid(section: _Section, value: str) -> None:
    identifier, _, rest = value.partition(" ")
    direction, _, restrictions = rest.partition(" ")
    if not _RID.fullmatch(identifier) or direction not in {"send", "recv"}:
        raise SdpError("a malformed a=rid")
    if identifier in section.rids or len(section.rids) == MAX_RIDS:
        raise SdpError(f"an a=rid is there twice, or there are more than {MAX_RIDS}")
    payload_types: tuple[int, ...] = ()
    for restriction in restrictions.split(";"):
        name, _, content = restriction.strip().partition("=")
        if name == "pt":
            payload_types = tuple(_integer(one, 127) for one in content.split(","))
    section.rids[identifier] = Rid(identifier, cast('Literal["send", "recv"]', direction), payload_types)


def _read_simulcast(section: _Section, value: str) -> None:
    words = _words(value)
    if len(words) not in {2, 4}:
        raise SdpError("a malformed a=simulcast")
    for direction, streams in zip(words[::2], words[1::2], strict=True):
        # Layers are divided by ";", alternatives of one by ",", and "~" marks one that begins paused (RFC 8853 section 5.1).
        rids = tuple(stream.split(",")[0].removeprefix("~") for stream in streams.split(";"))
        if direction not in {"send", "recv"} or len(rids) > MAX_RIDS or not all(_RID.fullmatch(rid) for rid in rids):
            raise SdpError("a malformed a=simulcast")
        if direction == "send":
            section.simulcast_send = rids


def _read_ice_ufrag(section: _Section, value: str) -> None:
    if not _ICE_UFRAG.fullmatch(value):
        raise SdpError("a malformed a=ice-ufrag")
    section.ice_ufrag = value


def _read_ice_pwd(section: _Section, value: str) -> None:
    if not _ICE_PWD.fullmatch(value):
        raise SdpError("a malformed a=ice-pwd")
    section.ice_pwd = value


def _read_fingerprint(section: _Section, value: str) -> None:
    algorithm, _, digest = value.partition(" ")
    algorithm, digest = algorithm.lower(), digest.strip()
    expected_bytes = _FINGERPRINT_BYTES.get(algorithm)
    if expected_bytes is None:
        section.has_weak_fingerprint = True
        return
    if not _HEX_PAIRS.fullmatch(digest) or len(digest) != 3 * expected_bytes - 1:
        raise SdpError("a malformed a=fingerprint")
    if len(section.fingerprints) == MAX_RIDS:
        raise SdpError("too many a=fingerprint")
    section.fingerprints.append((algorithm, digest.upper()))


def _read_setup(section: _Section, value: str) -> None:
    if value not in _SETUPS:
        raise SdpError("a malformed a=setup")
    section.setup = cast("Setup", value)


_FLAGS = frozenset({"rtcp-mux", "rtcp-rsize", "ice-lite", "bundle-only", "extmap-allow-mixed"})

_ATTRIBUTES: Mapping[str, Callable[[_Section, str], None]] = {
    "mid": _read_mid,
    "group": _read_group,
    "rtpmap": _read_rtpmap,
    "fmtp": _read_fmtp,
    "rtcp-fb": _read_feedback,
    "extmap": _read_extmap,
    "ssrc": _read_ssrc,
    "ssrc-group": _read_ssrc_group,
    "rid": _read_rid,
    "simulcast": _read_simulcast,
    "ice-ufrag": _read_ice_ufrag,
    "ice-pwd": _read_ice_pwd,
    "fingerprint": _read_fingerprint,
    "setup": _read_setup,
}


def _media_line(index: int, section: _Section, session: _Section) -> MediaLine:
    flags = section.flags | session.flags
    extensions = section.extensions or session.extensions
    return MediaLine(
        index=index,
        kind=section.kind,
        port=section.port,
        protocol=section.protocol,
        formats=section.formats,
        mid=str(section.mid),
        direction=section.direction or session.direction or "sendrecv",
        codecs=_codecs(section),
        extensions=tuple(extensions.values()),
        ssrcs=tuple(section.ssrcs),
        ssrc_groups=tuple(section.ssrc_groups),
        rids=tuple(section.rids.values()),
        simulcast_send=section.simulcast_send,
        has_rtcp_mux="rtcp-mux" in flags,
        has_rtcp_rsize="rtcp-rsize" in flags,
        allows_mixed_extensions="extmap-allow-mixed" in flags,
        # Port 0 turns a line off (RFC 3264 section 5.1), except where it only says "in the bundle or not at all".
        is_disabled=section.port == 0 and "bundle-only" not in section.flags,
    )


def _codecs(section: _Section) -> tuple[Codec, ...]:
    """The line's codecs in its order of preference; a payload type without ``a=rtpmap`` (static ones) is left out."""
    codecs: list[Codec] = []
    for text in section.formats:
        payload_type = int(text) if _INTEGER.fullmatch(text) else -1
        if payload_type not in section.rtpmaps:
            continue
        name, clock_rate, channels = section.rtpmaps[payload_type]
        feedback = section.feedback.get(payload_type, set()) | section.feedback.get(None, set())
        parameters = section.parameters.get(payload_type, {})
        codecs.append(Codec(payload_type, name, clock_rate, channels, parameters, frozenset(feedback)))
    return tuple(codecs)
