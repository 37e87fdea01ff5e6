"""RTP packets: RFC 3550 section 5.1, with the header extensions of RFC 8285.

Nothing of a packet is lost between :meth:`RtpPacket.parse` and :meth:`RtpPacket.serialize`: extension elements that nobody
here knows are kept, and so is the block of a profile other than the two of RFC 8285 (as one element with the id 0).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.wire.errors import WireError
from sfu.wire.extensions import parse_block, serialize_block

MAX_PACKET_BYTES = 1500
"""An Ethernet frame's payload: nothing larger can have arrived unfragmented, and no buffer behind this takes more."""

HEADER_BYTES = 12
"""The fixed header of RFC 3550 section 5.1, without CSRCs and extension."""

_VERSION = 2
_FIXED = struct.Struct("!BBHII")
_WORD = struct.Struct("!I")
_EXTENSION = struct.Struct("!HH")


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One RTP packet.

    ``timestamp`` counts in units of the payload's clock rate. ``extensions`` are (id, data) in their order on the wire;
    ``extension_profile`` is the 16 bits in front of the block, ``None`` when there is no block. ``padding_bytes`` counts
    the padding behind the payload including its count byte (RFC 3550 section 5.1, P), ``payload`` is without it.
    """

    marker: bool
    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    csrcs: tuple[int, ...] = ()
    extension_profile: int | None = None
    extensions: tuple[tuple[int, bytes], ...] = ()
    payload: bytes = b""
    padding_bytes: int = 0

    @classmethod
    def parse(cls, data: bytes) -> RtpPacket:
        """Read one packet, which is the whole datagram after SRTP was removed.

        Raises:
            WireError: too long, too short, another version, an extension or a padding that does not fit.
        """
        if len(data) > MAX_PACKET_BYTES:
            raise WireError(f"RTP: {len(data)} bytes, more than {MAX_PACKET_BYTES}")
        if len(data) < HEADER_BYTES:
            raise WireError(f"RTP: {len(data)} bytes, less than a header")
        first, second, sequence_number, timestamp, ssrc = _FIXED.unpack_from(data)
        if first >> 6 != _VERSION:
            raise WireError(f"RTP: version {first >> 6}")
        position = HEADER_BYTES
        csrc_count = first & 0x0F
        if len(data) < position + 4 * csrc_count:
            raise WireError("RTP: the CSRC list is cut off")
        csrcs = struct.unpack_from(f"!{csrc_count}I", data, position) if csrc_count else ()
        position += 4 * csrc_count
        profile: int | None = None
        extensions: tuple[tuple[int, bytes], ...] = ()
        if first & 0x10:
            if len(data) < position + 4:
                raise WireError("RTP: the extension header is cut off")
            profile, words = _EXTENSION.unpack_from(data, position)
            position += 4
            if len(data) < position + 4 * words:
                raise WireError("RTP: the extension block is cut off")
            extensions = parse_block(profile, data[position : position + 4 * words])
            position += 4 * words
        padding_bytes = 0
        if first & 0x20:
            padding_bytes = data[-1] if len(data) > position else 0
            if not 0 < padding_bytes <= len(data) - position:
                raise WireError("RTP: the padding count does not fit the payload")
        return cls(
            marker=bool(second & 0x80),
            payload_type=second & 0x7F,
            sequence_number=sequence_number,
            timestamp=timestamp,
            ssrc=ssrc,
            csrcs=csrcs,
            extension_profile=profile,
            extensions=extensions,
            payload=data[position : len(data) - padding_bytes],
            padding_bytes=padding_bytes,
        )

    def serialize(self) -> bytes:
        """The packet's bytes. Without an ``extension_profile``, elements get the shortest form of RFC 8285 that holds them.

        Raises:
            WireError: a field is out of its range, or an extension element does not fit the profile's form.
        """
        if len(self.csrcs) > 15:
            raise WireError("RTP: more than 15 CSRCs")
        if not 0 <= self.payload_type <= 0x7F:
            raise WireError("RTP: the payload type is out of range")
        if not 0 <= self.padding_bytes <= 0xFF:
            raise WireError("RTP: the padding count is out of range")
        block = serialize_block(self.extension_profile, self.extensions)
        first = _VERSION << 6 | bool(self.padding_bytes) << 5 | bool(block) << 4 | len(self.csrcs)
        try:
            fixed = _FIXED.pack(first, self.marker << 7 | self.payload_type, self.sequence_number, self.timestamp, self.ssrc)
            csrcs = b"".join(_WORD.pack(csrc) for csrc in self.csrcs)
        except struct.error as error:
            raise WireError("RTP: a header field is out of range") from error
        padding = bytes(self.padding_bytes - 1) + bytes([self.padding_bytes]) if self.padding_bytes else b""
        return b"".join((fixed, csrcs, block, self.payload, padding))


def parse(data: bytes) -> RtpPacket:
    """The same as :meth:`RtpPacket.parse`."""
    return RtpPacket.parse(data)


def peek_payload_type_and_ssrc(data: bytes) -> tuple[int, int]:
    """Payload type and SSRC, which SRTP leaves readable: enough to refuse a packet before any cipher runs.

    Raises:
        WireError: shorter than a header, longer than :data:`MAX_PACKET_BYTES` or not version 2.
    """
    if not HEADER_BYTES <= len(data) <= MAX_PACKET_BYTES or data[0] >> 6 != _VERSION:
        raise WireError("RTP: not a packet of version 2")
    return data[1] & 0x7F, int.from_bytes(data[8:12], "big")
