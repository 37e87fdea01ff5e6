"""RTCP packets that this service does not read, kept as they are."""

from __future__ import annotations

from dataclasses import dataclass

from sfu.wire.rtcp.header import Raw, serialize_raw


@dataclass(frozen=True, slots=True)
class Unknown:
    """Header fields and body of a packet of another type (APP, XR, transport-wide feedback, what comes later)."""

    packet_type: int
    count: int
    body: bytes

    @classmethod
    def from_raw(cls, raw: Raw) -> Unknown:
        """Keep the packet as it is."""
        return cls(raw.packet_type, raw.count, raw.body)

    def serialize(self) -> bytes:
        """The packet's bytes.

        Raises:
            WireError: a field is out of range, or the body is not a multiple of four bytes.
        """
        return serialize_raw(self.packet_type, self.count, self.body)
