"""Sender reports: RFC 3550 section 6.4.1."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.wire.errors import WireError
from sfu.wire.rtcp.header import Raw, pack, serialize_raw
from sfu.wire.rtcp.report_block import ReportBlock, parse_blocks, serialize_blocks

PACKET_TYPE = 200

_LAYOUT = struct.Struct("!IQIII")


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What a sender sent, and the pair of clocks that ties its timestamps to time.

    ``ntp`` is the 64-bit NTP timestamp as one integer (seconds since 1900 in the upper 32 bits), ``rtp_timestamp`` the same
    instant in the stream's units. Packet and octet counts wrap at 32 bits; octets are payload only.
    """

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packet_count: int
    octet_count: int
    blocks: tuple[ReportBlock, ...] = ()

    @classmethod
    def from_raw(cls, raw: Raw) -> SenderReport:
        """Read the body of a packet of :data:`PACKET_TYPE`.

        Raises:
            WireError: shorter than its fields and blocks.
        """
        if len(raw.body) < _LAYOUT.size:
            raise WireError("RTCP SR: cut off")
        ssrc, ntp, rtp_timestamp, packet_count, octet_count = _LAYOUT.unpack_from(raw.body)
        return cls(ssrc, ntp, rtp_timestamp, packet_count, octet_count, parse_blocks(raw.body, _LAYOUT.size, raw.count))

    def serialize(self) -> bytes:
        """The packet's bytes.

        Raises:
            WireError: a field is out of range.
        """
        body = pack(_LAYOUT, self.ssrc, self.ntp, self.rtp_timestamp, self.packet_count, self.octet_count)
        return serialize_raw(PACKET_TYPE, len(self.blocks), body + serialize_blocks(self.blocks))

    @property
    def middle_ntp(self) -> int:
        """The middle 32 bits of :attr:`ntp`: what a receiver's report block gives back as ``last_sr``."""
        return self.ntp >> 16 & 0xFFFFFFFF
