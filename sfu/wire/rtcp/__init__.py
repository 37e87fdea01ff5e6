"""RTCP: compound packets in and out (RFC 3550 section 6.1), one module for each packet type."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sfu.wire.errors import WireError
from sfu.wire.rtcp import bye, feedback, fir, nack, pli, receiver_report, remb, sender_report, source_description
from sfu.wire.rtcp.bye import Bye
from sfu.wire.rtcp.fir import Fir
from sfu.wire.rtcp.header import MAX_COMPOUND_BYTES, Raw, split_compound
from sfu.wire.rtcp.nack import Nack
from sfu.wire.rtcp.pli import Pli
from sfu.wire.rtcp.receiver_report import ReceiverReport
from sfu.wire.rtcp.remb import Remb
from sfu.wire.rtcp.report_block import ReportBlock
from sfu.wire.rtcp.sender_report import SenderReport
from sfu.wire.rtcp.source_description import SourceChunk, SourceDescription
from sfu.wire.rtcp.unknown import Unknown

__all__ = [
    "MAX_COMPOUND_BYTES",
    "Bye",
    "Fir",
    "Nack",
    "Pli",
    "ReceiverReport",
    "Remb",
    "ReportBlock",
    "RtcpPacket",
    "SenderReport",
    "SourceChunk",
    "SourceDescription",
    "Unknown",
    "parse_compound",
    "serialize_compound",
]

RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Bye | Nack | Pli | Fir | Remb | Unknown

_BY_TYPE: dict[int, Callable[[Raw], RtcpPacket]] = {
    sender_report.PACKET_TYPE: SenderReport.from_raw,
    receiver_report.PACKET_TYPE: ReceiverReport.from_raw,
    source_description.PACKET_TYPE: SourceDescription.from_raw,
    bye.PACKET_TYPE: Bye.from_raw,
}

_BY_FEEDBACK: dict[tuple[int, int], Callable[[Raw], RtcpPacket]] = {
    (feedback.TRANSPORT_FEEDBACK, nack.MESSAGE_TYPE): Nack.from_raw,
    (feedback.PAYLOAD_FEEDBACK, pli.MESSAGE_TYPE): Pli.from_raw,
    (feedback.PAYLOAD_FEEDBACK, fir.MESSAGE_TYPE): Fir.from_raw,
}


def parse_compound(data: bytes) -> list[RtcpPacket]:
    """All packets of one datagram (SRTCP removed), in order; types that are not read here come as :class:`Unknown`.

    Reduced-size packets (RFC 5506) are taken: nothing asks that the first be a report.

    Raises:
        WireError: any one packet is malformed; then none of the datagram is used.
    """
    return [_parse(raw) for raw in split_compound(data)]


def _parse(raw: Raw) -> RtcpPacket:
    reader = _BY_TYPE.get(raw.packet_type) or _BY_FEEDBACK.get((raw.packet_type, raw.count))
    if reader is not None:
        return reader(raw)
    if (raw.packet_type, raw.count) == (feedback.PAYLOAD_FEEDBACK, remb.MESSAGE_TYPE) and remb.is_remb(raw):
        return Remb.from_raw(raw)
    return Unknown.from_raw(raw)


def serialize_compound(packets: Iterable[RtcpPacket]) -> bytes:
    """The packets one behind the other, as one datagram.

    The caller begins with an SR or RR and an SDES unless reduced size was negotiated (RFC 3550 section 6.1, RFC 5506).

    Raises:
        WireError: nothing to send, a field out of range, or more than :data:`MAX_COMPOUND_BYTES`.
    """
    data = b"".join(packet.serialize() for packet in packets)
    if not data or len(data) > MAX_COMPOUND_BYTES:
        raise WireError(f"RTCP: a compound of {len(data)} bytes")
    return data
