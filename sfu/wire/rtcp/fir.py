"""Full intra request: RFC 5104 section 4.3.1. The other way to ask for a key frame."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.wire.errors import WireError
from sfu.wire.rtcp.feedback import PAYLOAD_FEEDBACK, serialize_feedback, split_feedback
from sfu.wire.rtcp.header import Raw, pack

MESSAGE_TYPE = 4

_ENTRY = struct.Struct("!IB3x")


@dataclass(frozen=True, slots=True)
class Fir:
    """``sender_ssrc`` asks each stream of ``entries``, (ssrc, command number), for a key frame.

    The command number (8 bits) tells a new request from a repeated one. The media SSRC of the common header is 0 and is
    not kept (RFC 5104 section 4.3.1.2).
    """

    sender_ssrc: int
    entries: tuple[tuple[int, int], ...]

    @classmethod
    def from_raw(cls, raw: Raw) -> Fir:
        """Read a payload-specific feedback message of :data:`MESSAGE_TYPE`.

        Raises:
            WireError: no entry at all, or one is cut off.
        """
        sender_ssrc, _, control = split_feedback(raw, "FIR")
        if not control or len(control) % _ENTRY.size:
            raise WireError("RTCP FIR: the list is not made of entries")
        return cls(sender_ssrc, tuple((ssrc, number) for ssrc, number in _ENTRY.iter_unpack(control)))

    def serialize(self) -> bytes:
        """The packet's bytes.

        Raises:
            WireError: no entry, or a field out of range.
        """
        if not self.entries:
            raise WireError("RTCP FIR: nothing is asked for")
        control = b"".join(pack(_ENTRY, ssrc, number) for ssrc, number in self.entries)
        return serialize_feedback(PAYLOAD_FEEDBACK, MESSAGE_TYPE, self.sender_ssrc, 0, control)
