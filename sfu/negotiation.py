"""Negotiation: an offer and our terms in, an answer and what it settled out. A pure function for each kind of peer.

A *viewer* receives: its receiving lines get our slots in order, each slot one SSRC of ours for as long as the peer lives.
A *publisher* sends: its first sending line of each kind is received, one codec, all simulcast layers.

Both answers follow RFC 3264 and RFC 8829 section 5.3: one answer line for each offered line in the offer's order, and one
transport for all of them (RFC 8843). What the answer leaves out is in RTP.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sfu.wire import extensions as ext
from sfu.wire.answer_template import AnswerTemplate, hole
from sfu.wire.codecs import CLOCK_RATES, H264, KINDS, OPUS, VP8, canonical_name
from sfu.wire.sdp import REVERSED, Codec, ExtensionMap, MediaLine, Offer, SdpError
from sfu.wire.sdp_answer import AnswerCodec, AnswerLine, AnswerTransport, RejectedLine, write_answer

DtlsRole = Literal["server", "client"]

PROGRAMME_STREAM = "programme"
"""The media stream of every slot but the monitors: their picture and sound are played in step."""

_VIEWER_EXTENSIONS = {
    "audio": (ext.AUDIO_LEVEL_URI, ext.ABS_CAPTURE_TIME_URI),
    "video": (
        ext.VIDEO_ORIENTATION_URI,
        ext.ABS_CAPTURE_TIME_URI,
        ext.PLAYOUT_DELAY_URI,
        ext.VIDEO_CONTENT_TYPE_URI,
        ext.COLOR_SPACE_URI,
    ),
}
_PUBLISHER_EXTENSIONS = {
    "audio": (ext.MID_URI, ext.ABS_SEND_TIME_URI, ext.AUDIO_LEVEL_URI, ext.ABS_CAPTURE_TIME_URI),
    "video": (
        ext.MID_URI,
        ext.RID_URI,
        ext.REPAIRED_RID_URI,
        ext.ABS_SEND_TIME_URI,
        ext.ABS_CAPTURE_TIME_URI,
        ext.VIDEO_ORIENTATION_URI,
        ext.VIDEO_CONTENT_TYPE_URI,
        ext.COLOR_SPACE_URI,
    ),
}
_VIEWER_FEEDBACK = {"audio": ("nack",), "video": ("nack", "nack pli", "ccm fir")}
_PUBLISHER_FEEDBACK = {"audio": ("nack",), "video": ("nack", "nack pli", "ccm fir", "goog-remb")}

_PREFERENCE = {"audio": (OPUS,), "video": (VP8, H264)}

_PROFILE = re.compile(r"[0-9A-Fa-f]{6}")
_SLOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_DEFAULT_PROFILE = "42001f"


@dataclass(frozen=True, slots=True)
class Side:
    """What of our side is the same for all peers. ``fingerprint_sha256`` is hex, with or without colons."""

    fingerprint_sha256: str
    candidates: tuple[tuple[str, int], ...]
    cname: str


@dataclass(frozen=True, slots=True)
class Terms:
    """Our side of a negotiation.

    ``fingerprint_sha256`` is hex, with or without colons. ``new_ssrc`` gives an SSRC that this peer does not use yet, once
    for every slot given out. ``audio_ptime_ms`` asks publishers for so long Opus packets (0: as they like).
    """

    ufrag: str
    pwd: str
    fingerprint_sha256: str
    candidates: tuple[tuple[str, int], ...]
    cname: str
    new_ssrc: Callable[[], int]
    publisher_max_bps: int
    audio_ptime_ms: int = 0


@dataclass(frozen=True, slots=True)
class ViewerLine:
    """A line that a viewer receives on, or an inactive one (``slot`` ``None``, ``ssrc`` 0).

    ``payload_types`` gives the viewer's payload type for each codec name of :mod:`sfu.wire.codecs` that it takes;
    ``extension_ids`` gives its id for each extension URI that we may send.
    """

    mid: str
    kind: str
    slot: str | None
    ssrc: int
    payload_types: dict[str, int]
    extension_ids: dict[str, int]


@dataclass(frozen=True, slots=True)
class ViewerSettlement:
    """What is settled with every viewer whose offer has the same shape (:mod:`sfu.wire.sdp_shape`).

    Attributes:
        lines: as in the answer, without SSRCs (all 0): each viewer gets its own, for the lines with a slot in their order.
        template: the answer, with holes for what each viewer gets for itself.
    """

    lines: tuple[ViewerLine, ...]
    dtls_role: DtlsRole
    template: AnswerTemplate

    def answer(self, ufrag: str, pwd: str, ssrcs: Sequence[int]) -> str:
        """The answer to one viewer: our credentials for it, and an SSRC for each slot.

        Raises:
            KeyError: fewer SSRCs than slots.
        """
        values = {f"ssrc{place}": str(ssrc) for place, ssrc in enumerate(ssrcs)}
        return self.template.fill({**values, "ufrag": ufrag, "pwd": pwd, "session": str(_session_id(ufrag))})


@dataclass(frozen=True, slots=True)
class ViewerAnswer:
    """What a viewer and we agreed on; refused lines are not in ``lines``."""

    lines: tuple[ViewerLine, ...]
    sdp: str
    dtls_role: DtlsRole


@dataclass(frozen=True, slots=True)
class PublisherLine:
    """A line that we receive on.

    ``ssrcs`` are its streams as the offer names them, without those that repair (``rtx_of`` maps these to what they repair);
    Chromium names none where its streams are told by ``rids`` (in the offer's order), Firefox names both, and some clients
    neither: then the mid and the payload type have to do.
    """

    mid: str
    kind: str
    codec: str
    payload_type: int
    rtx_payload_type: int | None
    clock_rate: int
    ssrcs: tuple[int, ...]
    rtx_of: dict[int, int]
    rids: tuple[str, ...]
    extension_ids: dict[str, int]


@dataclass(frozen=True, slots=True)
class PublisherAnswer:
    """What a publisher and we agreed on; refused and inactive lines are not in ``lines``."""

    lines: tuple[PublisherLine, ...]
    sdp: str
    dtls_role: DtlsRole


def settle_viewer(offer: Offer, side: Side, video_slots: Sequence[str], audio_slots: Sequence[str]) -> ViewerSettlement:
    """What a viewer's offer settles whoever sends it: slots go to its receiving lines of their kind in order; further lines are
    answered inactive.

    Raises:
        SdpError: nothing of the offer can be served, or it wants no transport that we have.
        ValueError: a slot's name is not a word (our caller's fault).
    """
    free = {"video": list(video_slots), "audio": list(audio_slots)}
    if not all(_SLOT.fullmatch(slot) for slots in free.values() for slot in slots):
        raise ValueError("a slot's name has to be letters, digits, hyphen and underscore")
    role = _dtls_role(offer)
    lines: list[ViewerLine] = []
    answer: list[AnswerLine | RejectedLine] = []
    given = 0
    for line in offer.lines:
        codecs = _choose_codecs(line) if _is_usable(line, offer) else []
        if not codecs:
            answer.append(_rejected(line))
            continue
        slots = free[line.kind]
        slot = slots.pop(0) if slots and line.direction in {"recvonly", "sendrecv"} else None
        accepted = _accept_extensions(line, offer, _VIEWER_EXTENSIONS[line.kind], "recvonly")
        lines.append(
            ViewerLine(
                mid=line.mid,
                kind=line.kind,
                slot=slot,
                ssrc=0,
                payload_types={name: codec.payload_type for name, codec in codecs},
                extension_ids={one.uri: one.identifier for one in accepted},
            )
        )
        answer.append(
            AnswerLine(
                kind=line.kind,
                protocol=line.protocol,
                mid=line.mid,
                direction="sendonly" if slot else "inactive",
                codecs=tuple(_viewer_codec(name, codec) for name, codec in codecs),
                extensions=_answer_extensions(accepted),
                has_rtcp_rsize=line.has_rtcp_rsize,
                allows_mixed_extensions=line.allows_mixed_extensions and not offer.allows_mixed_extensions,
                ssrc=hole(f"ssrc{given}") if slot else None,
                msid=_msid(slot, line.kind) if slot else "",
            )
        )
        given += slot is not None
    if not given:
        raise SdpError("no line of the offer receives a codec that is sent here: VP8 or H264 (packetization-mode 1), opus")
    text = _write(offer, side, role, answer, ufrag=hole("ufrag"), pwd=hole("pwd"), session_id=hole("session"))
    return ViewerSettlement(tuple(lines), role, AnswerTemplate(text))


def negotiate_viewer(offer: Offer, terms: Terms, video_slots: Sequence[str], audio_slots: Sequence[str]) -> ViewerAnswer:
    """Answer a viewer, as :func:`settle_viewer` says.

    Raises:
        SdpError: nothing of the offer can be served, or it wants no transport that we have.
        ValueError: a slot's name is not a word (our caller's fault).
    """
    settled = settle_viewer(offer, _side(terms), video_slots, audio_slots)
    lines = tuple(replace(line, ssrc=terms.new_ssrc()) if line.slot else line for line in settled.lines)
    sdp = settled.answer(terms.ufrag, terms.pwd, [line.ssrc for line in lines if line.slot])
    return ViewerAnswer(lines, sdp, settled.dtls_role)


def negotiate_publisher(offer: Offer, terms: Terms) -> PublisherAnswer:
    """Answer a publisher: its first sending line of each kind is received, any further line answered inactive.

    Raises:
        SdpError: nothing of the offer can be received, or it wants no transport that we have.
    """
    role = _dtls_role(offer)
    lines: list[PublisherLine] = []
    answer: list[AnswerLine | RejectedLine] = []
    for line in offer.lines:
        codecs = _choose_codecs(line) if _is_usable(line, offer) else []
        if not codecs:
            answer.append(_rejected(line))
            continue
        name, codec = codecs[0]
        is_received = line.direction in {"sendonly", "sendrecv"} and all(other.kind != line.kind for other in lines)
        accepted = _accept_extensions(line, offer, _PUBLISHER_EXTENSIONS[line.kind], "sendonly")
        rtx = _rtx_of(line, codec)
        rids = _sent_rids(line, codec) if is_received else ()
        if is_received:
            ssrcs, rtx_of = _streams(line, has_rtx=rtx is not None)
            lines.append(
                PublisherLine(
                    mid=line.mid,
                    kind=line.kind,
                    codec=name,
                    payload_type=codec.payload_type,
                    rtx_payload_type=rtx.payload_type if rtx else None,
                    clock_rate=CLOCK_RATES[name],
                    ssrcs=ssrcs,
                    rtx_of=rtx_of,
                    rids=rids,
                    extension_ids={one.uri: one.identifier for one in accepted},
                )
            )
        answer.append(
            AnswerLine(
                kind=line.kind,
                protocol=line.protocol,
                mid=line.mid,
                direction="recvonly" if is_received else "inactive",
                codecs=_publisher_codecs(name, codec, rtx),
                extensions=_answer_extensions(accepted),
                has_rtcp_rsize=line.has_rtcp_rsize,
                allows_mixed_extensions=line.allows_mixed_extensions and not offer.allows_mixed_extensions,
                rids=rids,
                has_simulcast=bool(rids and line.simulcast_send),
                max_bps=terms.publisher_max_bps if is_received and line.kind == "video" else None,
                ptime_ms=terms.audio_ptime_ms if terms.audio_ptime_ms and line.kind == "audio" else None,
            )
        )
    if not lines:
        raise SdpError("no line of the offer sends a codec that is received here: VP8 or H264, opus")
    text = _write(offer, _side(terms), role, answer, ufrag=terms.ufrag, pwd=terms.pwd, session_id=_session_id(terms.ufrag))
    return PublisherAnswer(tuple(lines), text, role)


def _dtls_role(offer: Offer) -> DtlsRole:
    """RFC 5763 section 5: who offers actpass or active is the client, so that its first flight needs no round trip more."""
    if offer.setup == "holdconn":
        raise SdpError("a=setup:holdconn asks for no connection")
    return "client" if offer.setup == "passive" else "server"


def _is_usable(line: MediaLine, offer: Offer) -> bool:
    """Whether the line may be taken: RTP over DTLS, not turned off, RTCP on the same port and in the one bundle.

    Without any bundle only the first line can have the one transport.
    """
    in_bundle = line.mid in offer.bundle if offer.bundle else line.index == 0
    return line.is_rtp and not line.is_disabled and line.has_rtcp_mux and in_bundle


def _choose_codecs(line: MediaLine) -> list[tuple[str, Codec]]:
    """The served codecs of a line, at most one payload type for each, in our order of preference."""
    chosen: list[tuple[str, Codec]] = []
    for name in _PREFERENCE[line.kind]:
        offered = [codec for codec in line.codecs if canonical_name(codec.name) == name and _is_served(name, codec)]
        if offered:
            chosen.append((name, min(offered, key=_h264_rank) if name == H264 else offered[0]))
    return chosen


def _is_served(name: str, codec: Codec) -> bool:
    if codec.clock_rate != CLOCK_RATES[name]:
        return False
    if name == OPUS:
        return codec.channels == 2  # always written so (RFC 7587 section 7), mono too
    return name != H264 or codec.parameters.get("packetization-mode", "0") in {"0", "1"}


def _h264_profile(codec: Codec) -> str:
    """profile-level-id, 42001f where it is missing or malformed."""
    profile = codec.parameters.get("profile-level-id", "")
    return profile.lower() if _PROFILE.fullmatch(profile) else _DEFAULT_PROFILE


def _h264_rank(codec: Codec) -> tuple[bool, int]:
    """Lowest first: packetization-mode 1, then constrained baseline (what every decoder takes), baseline, any other."""
    profile = _h264_profile(codec)
    is_constrained = profile.startswith("42") and bool(int(profile[2:4], 16) & 0x40)
    rank = 0 if is_constrained else 1 if profile.startswith("42") else 2
    return codec.parameters.get("packetization-mode", "0") != "1", rank


def _h264_parameters(codec: Codec) -> str:
    mode = "1" if codec.parameters.get("packetization-mode") == "1" else "0"
    return f"level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={_h264_profile(codec)}"


def _accepted_feedback(codec: Codec, served: Iterable[str]) -> tuple[str, ...]:
    return tuple(feedback for feedback in served if feedback in codec.feedback)


def _encoding(name: str) -> str:
    return f"{name}/{CLOCK_RATES[name]}" + ("/2" if name == OPUS else "")


def _viewer_codec(name: str, codec: Codec) -> AnswerCodec:
    parameters = {H264: _h264_parameters(codec), OPUS: "minptime=10;useinbandfec=1"}.get(name, "")
    feedback = _accepted_feedback(codec, _VIEWER_FEEDBACK[KINDS[name]])
    return AnswerCodec(codec.payload_type, _encoding(name), parameters, feedback)


def _publisher_codecs(name: str, codec: Codec, rtx: Codec | None) -> tuple[AnswerCodec, ...]:
    parameters = ""
    if name == H264:
        parameters = _h264_parameters(codec)
    elif name == OPUS:
        # sprop-stereo says what the offerer will send, stereo only what it would like to get (RFC 7587 section 6.1).
        stereo = ";stereo=1" if codec.parameters.get("sprop-stereo") == "1" else ""
        parameters = f"minptime=10;useinbandfec=1;usedtx=0{stereo}"
    feedback = _accepted_feedback(codec, _PUBLISHER_FEEDBACK[KINDS[name]])
    chosen = AnswerCodec(codec.payload_type, _encoding(name), parameters, feedback)
    if rtx is None:
        return (chosen,)
    return chosen, AnswerCodec(rtx.payload_type, f"rtx/{CLOCK_RATES[name]}", f"apt={codec.payload_type}")


def _rtx_of(line: MediaLine, codec: Codec) -> Codec | None:
    """The payload type that retransmits the chosen one (RFC 4588 section 8.6), where loss can be reported at all."""
    if "nack" not in codec.feedback:
        return None
    wanted = str(codec.payload_type)
    return next((one for one in line.codecs if one.name.lower() == "rtx" and one.parameters.get("apt") == wanted), None)


def _streams(line: MediaLine, *, has_rtx: bool) -> tuple[tuple[int, ...], dict[int, int]]:
    """The line's media SSRCs, those of a SIM group in its order, and RTX SSRC to media SSRC from the FID groups (RFC 5576)."""
    pairs = [ssrcs for semantics, ssrcs in line.ssrc_groups if semantics == "FID" and len(ssrcs) == 2]
    repairs = {ssrc for semantics, ssrcs in line.ssrc_groups if semantics in {"FID", "FEC-FR"} for ssrc in ssrcs[1:]}
    simulcast = next((ssrcs for semantics, ssrcs in line.ssrc_groups if semantics == "SIM"), ())
    ordered = dict.fromkeys((*simulcast, *line.ssrcs))
    media = tuple(ssrc for ssrc in ordered if ssrc not in repairs)
    return media, {repair: ssrc for ssrc, repair in pairs if ssrc in media} if has_rtx else {}


def _sent_rids(line: MediaLine, codec: Codec) -> tuple[str, ...]:
    """The layers to receive: those of ``a=simulcast:send``, else a lone ``a=rid``; without those bound to another codec."""
    sent = {
        rid.identifier
        for rid in line.rids
        if rid.direction == "send" and (not rid.payload_types or codec.payload_type in rid.payload_types)
    }
    order = line.simulcast_send or tuple(rid.identifier for rid in line.rids)
    return tuple(dict.fromkeys(rid for rid in order if rid in sent))


def _accept_extensions(
    line: MediaLine, offer: Offer, served: Sequence[str], direction: Literal["sendonly", "recvonly"]
) -> tuple[ExtensionMap, ...]:
    """The offered extensions that both sides know and that flow in the direction (the offerer's).

    Ids above 14 exist only in the two-byte form, which is mixed with the other only where that was offered (RFC 8285
    section 6); 15 never stands for anything, and ids above 255 only ask for another (section 7).
    """
    highest = 255 if line.allows_mixed_extensions or offer.allows_mixed_extensions else 14
    accepted: dict[str, ExtensionMap] = {}
    for one in line.extensions:
        fits = 1 <= one.identifier <= highest and one.identifier != 15
        if fits and one.uri in served and one.direction in {None, direction, "sendrecv"}:
            accepted.setdefault(one.uri, one)
    return tuple(accepted.values())


def _answer_extensions(accepted: Iterable[ExtensionMap]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"{one.identifier}/{REVERSED[one.direction]}" if one.direction else str(one.identifier), one.uri) for one in accepted
    )


def _msid(slot: str, kind: str) -> str:
    """Stream and track (RFC 8830): a monitor is a stream of its own, all else belongs to the programme."""
    return f"{slot if slot.startswith('monitor') else PROGRAMME_STREAM} {slot}-{kind}"


def _rejected(line: MediaLine) -> RejectedLine:
    return RejectedLine(line.kind, line.protocol, line.formats[0], line.mid)


def _side(terms: Terms) -> Side:
    return Side(terms.fingerprint_sha256, terms.candidates, terms.cname)


def _session_id(ufrag: str) -> int:
    """A number that differs from peer to peer and fits 63 bits (RFC 8829 section 5.2.1), without a source of randomness here."""
    return int.from_bytes(hashlib.sha256(ufrag.encode()).digest()[:8], "big") >> 1


def _write(
    offer: Offer,
    side: Side,
    role: DtlsRole,
    lines: Sequence[AnswerLine | RejectedLine],
    *,
    ufrag: str,
    pwd: str,
    session_id: int | str,
) -> str:
    digest = bytes.fromhex(side.fingerprint_sha256.replace(":", ""))
    transport = AnswerTransport(
        ufrag=ufrag,
        pwd=pwd,
        fingerprint=digest.hex(":").upper(),
        setup="passive" if role == "server" else "active",
        candidates=side.candidates,
        cname=side.cname,
    )
    return write_answer(
        session_id, transport, lines, has_bundle=bool(offer.bundle), allows_mixed_extensions=offer.allows_mixed_extensions
    )
