"""Receiver estimated maximum bitrate: draft-alvestrand-rmcat-remb section 2.2."""

from __future__ import annotations

from dataclasses import dataclass

from sfu.wire.errors import WireError
from sfu.wire.rtcp.feedback import PAYLOAD_FEEDBACK, serialize_feedback, split_feedback
from sfu.wire.rtcp.header import Raw, pack_ssrcs

MESSAGE_TYPE = 15
"""Application layer feedback (RFC 4585 section 6.4); REMB's own four letters follow."""

IDENTIFIER = b"REMB"

_MANTISSA_BITS = 18
_MAX_EXPONENT = 63


@dataclass(frozen=True, slots=True)
class Remb:
    """``sender_ssrc`` believes that all of ``ssrcs`` together may have ``bitrate_bps``.

    The wire keeps 18 significant bits: serializing rounds down to what they hold.
    """

    sender_ssrc: int
    bitrate_bps: int
    ssrcs: tuple[int, ...]

    @classmethod
    def from_raw(cls, raw: Raw) -> Remb:
        """Read an application layer feedback message that :func:`is_remb`.

        Raises:
            WireError: not REMB, cut off, or with another number of SSRCs than it says.
        """
        sender_ssrc, _, control = split_feedback(raw, "REMB")
        if len(control) < 8 or control[:4] != IDENTIFIER:
            raise WireError("RTCP REMB: cut off")
        count, rate = control[4], int.from_bytes(control[5:8], "big")
        if len(control) != 8 + 4 * count:
            raise WireError("RTCP REMB: the list of SSRCs does not fit")
        ssrcs = tuple(int.from_bytes(control[at : at + 4], "big") for at in range(8, len(control), 4))
        return cls(sender_ssrc, (rate & (1 << _MANTISSA_BITS) - 1) << (rate >> _MANTISSA_BITS), ssrcs)

    def serialize(self) -> bytes:
        """The packet's bytes.

        Raises:
            WireError: more than 255 SSRCs, or a bitrate that no exponent of six bits reaches.
        """
        exponent = max(0, self.bitrate_bps.bit_length() - _MANTISSA_BITS)
        if self.bitrate_bps < 0 or exponent > _MAX_EXPONENT or len(self.ssrcs) > 255:
            raise WireError("RTCP REMB: a field is out of range")
        rate = exponent << _MANTISSA_BITS | self.bitrate_bps >> exponent
        control = IDENTIFIER + bytes([len(self.ssrcs)]) + rate.to_bytes(3, "big") + pack_ssrcs(self.ssrcs)
        return serialize_feedback(PAYLOAD_FEEDBACK, MESSAGE_TYPE, self.sender_ssrc, 0, control)


def is_remb(raw: Raw) -> bool:
    """Whether an application layer feedback message carries REMB's identifier behind the two SSRCs."""
    return raw.body[8:12] == IDENTIFIER
