"""Receiver reports: RFC 3550 section 6.4.2."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.wire.errors import WireError
from sfu.wire.rtcp.header import Raw, pack, serialize_raw
from sfu.wire.rtcp.report_block import ReportBlock, parse_blocks, serialize_blocks

PACKET_TYPE = 201

_LAYOUT = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """What ``ssrc`` received, one block a stream; without blocks it only says that the receiver is there."""

    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()

    @classmethod
    def from_raw(cls, raw: Raw) -> ReceiverReport:
        """Read the body of a packet of :data:`PACKET_TYPE`.

        Raises:
            WireError: shorter than its blocks.
        """
        if len(raw.body) < _LAYOUT.size:
            raise WireError("RTCP RR: cut off")
        (ssrc,) = _LAYOUT.unpack_from(raw.body)
        return cls(ssrc, parse_blocks(raw.body, _LAYOUT.size, raw.count))

    def serialize(self) -> bytes:
        """The packet's bytes.

        Raises:
            WireError: a field is out of range.
        """
        body = pack(_LAYOUT, self.ssrc) + serialize_blocks(self.blocks)
        return serialize_raw(PACKET_TYPE, len(self.blocks), body)
