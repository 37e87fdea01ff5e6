"""The common header of every RTCP packet: RFC 3550 section 6.4.1, and the splitting of a compound (section 6.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.wire.errors import WireError

MAX_COMPOUND_BYTES = 1500
"""The same bound as RTP's: one unfragmented datagram."""

_VERSION = 2
_HEADER = struct.Struct("!BBH")


@dataclass(frozen=True, slots=True)
class Raw:
    """One packet of a compound before its own parser sees it: header fields, and the body without header and padding.

    ``count`` is the five bits behind the padding bit: a number of items or, in feedback, the message type (FMT).
    """

    packet_type: int
    count: int
    body: bytes


def split_compound(data: bytes) -> list[Raw]:
    """Cut a datagram at the length fields of its packets.

    Raises:
        WireError: empty or too long, another version, a length that leaves the datagram, padding that does not fit or that
            another packet follows (RFC 3550 section 6.4.1: only the last one is padded).
    """
    if not data or len(data) > MAX_COMPOUND_BYTES:
        raise WireError(f"RTCP: {len(data)} bytes in a datagram")
    packets: list[Raw] = []
    position = 0
    while position < len(data):
        if position + 4 > len(data):
            raise WireError("RTCP: a header is cut off")
        first, packet_type, words = _HEADER.unpack_from(data, position)
        end = position + 4 + 4 * words
        if first >> 6 != _VERSION:
            raise WireError(f"RTCP: version {first >> 6}")
        if end > len(data):
            raise WireError("RTCP: a packet is longer than its datagram")
        body = data[position + 4 : end]
        if first & 0x20:
            if end != len(data):
                raise WireError("RTCP: padding before another packet")
            padding_bytes = body[-1] if body else 0
            if not 0 < padding_bytes <= len(body) or padding_bytes % 4:
                raise WireError("RTCP: the padding count does not fit")
            body = body[: len(body) - padding_bytes]
        packets.append(Raw(packet_type, first & 0x1F, body))
        position = end
    return packets


def serialize_raw(packet_type: int, count: int, body: bytes) -> bytes:
    """One packet with its header; never padded.

    Raises:
        WireError: a field is out of range, or the body is not a multiple of four bytes.
    """
    if not 0 <= count <= 31 or not 0 <= packet_type <= 255:
        raise WireError("RTCP: a header field is out of range")
    if len(body) % 4 or len(body) > 4 * 0xFFFF:
        raise WireError("RTCP: a body of this length does not fit")
    return _HEADER.pack(_VERSION << 6 | count, packet_type, len(body) // 4) + body


def pack(layout: struct.Struct, *values: int) -> bytes:
    """``layout.pack``, with :class:`WireError` for a value that does not fit its field."""
    try:
        return layout.pack(*values)
    except struct.error as error:
        raise WireError("RTCP: a field is out of range") from error


def pack_ssrcs(ssrcs: tuple[int, ...]) -> bytes:
    """SSRCs as a list of 32-bit words.

    Raises:
        WireError: one is not an unsigned 32-bit number.
    """
    return pack(struct.Struct(f"!{len(ssrcs)}I"), *ssrcs)
