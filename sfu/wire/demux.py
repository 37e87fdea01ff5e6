"""What a datagram is, from its first two bytes (RFC 7983 §7, RFC 5761 §4).

One UDP port carries STUN, DTLS, SRTP and SRTCP of every peer. The first byte separates the protocols; within 128 to 191 the
second byte separates RTCP from RTP, because RTP payload types 64 to 95 are never negotiated. Nothing is parsed here and nothing
is learned by trying a parser and catching what it raises.
"""

from __future__ import annotations

from enum import IntEnum

MIN_STUN_BYTES = 20
"""A STUN header (RFC 8489 §5)."""
MIN_DTLS_BYTES = 13
"""A DTLS 1.2 record header (RFC 6347 §4.1)."""
MIN_RTP_BYTES = 12
"""A fixed RTP header (RFC 3550 §5.1)."""
MIN_RTCP_BYTES = 8
"""The first word and the sender's SSRC of an RTCP packet (RFC 3550 §6.4)."""


class Kind(IntEnum):
    """The protocol of a datagram."""

    OTHER = 0
    STUN = 1
    DTLS = 2
    RTP = 3
    RTCP = 4


_MIN_BYTES = {
    Kind.OTHER: 0,
    Kind.STUN: MIN_STUN_BYTES,
    Kind.DTLS: MIN_DTLS_BYTES,
    Kind.RTP: MIN_RTP_BYTES,
    Kind.RTCP: MIN_RTCP_BYTES,
}


def _by_first_byte(first: int) -> Kind:
    """The ranges of RFC 7983 §7; ZRTP (16-19) and TURN channels (64-79) are nothing to an SFU."""
    if first <= 3:
        return Kind.STUN
    if 20 <= first <= 63:
        return Kind.DTLS
    if 128 <= first <= 191:
        return Kind.RTP
    return Kind.OTHER


_FIRST = tuple(_by_first_byte(first) for first in range(256))


def classify(data: bytes) -> Kind:
    """The kind of a datagram; OTHER is dropped.

    A datagram too short for the header of its protocol is OTHER, so that a later reader may index that header without asking.
    RTCP is a second byte of 192 to 223: packet types whose low seven bits are 64 to 95 (RFC 5761 §4).
    """
    size = len(data)
    if size < MIN_RTCP_BYTES:
        return Kind.OTHER
    kind = _FIRST[data[0]]
    if kind is Kind.RTP and 192 <= data[1] <= 223:
        return Kind.RTCP
    return kind if size >= _MIN_BYTES[kind] else Kind.OTHER
