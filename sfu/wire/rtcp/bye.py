"""Goodbyes: RFC 3550 section 6.6."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.wire.errors import WireError
from sfu.wire.rtcp.header import Raw, pack_ssrcs, serialize_raw

PACKET_TYPE = 203


@dataclass(frozen=True, slots=True)
class Bye:
    """Sources that end, with the optional reason as bytes (``b""`` without one)."""

    ssrcs: tuple[int, ...] = ()
    reason: bytes = b""

    @classmethod
    def from_raw(cls, raw: Raw) -> Bye:
        """Read the body of a packet of :data:`PACKET_TYPE`.

        Raises:
            WireError: the list of sources or the reason is cut off.
        """
        end = 4 * raw.count
        if len(raw.body) < end:
            raise WireError("RTCP BYE: the sources are cut off")
        ssrcs = struct.unpack_from(f"!{raw.count}I", raw.body) if raw.count else ()
        reason = b""
        if len(raw.body) > end:
            length = raw.body[end]
            if len(raw.body) < end + 1 + length:
                raise WireError("RTCP BYE: the reason is cut off")
            reason = raw.body[end + 1 : end + 1 + length]
        return cls(ssrcs, reason)

    def serialize(self) -> bytes:
        """The packet's bytes.

        Raises:
            WireError: more than 31 sources, or a reason longer than 255 bytes.
        """
        if len(self.reason) > 255:
            raise WireError("RTCP BYE: the reason is too long")
        body = pack_ssrcs(self.ssrcs)
        if self.reason:
            body += bytes([len(self.reason)]) + self.reason
            body += bytes(-len(body) % 4)
        return serialize_raw(PACKET_TYPE, len(self.ssrcs), body)
