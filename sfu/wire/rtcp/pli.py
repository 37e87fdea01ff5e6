"""Picture loss indication: RFC 4585 section 6.3.1. The common way to ask for a key frame."""

from __future__ import annotations

from dataclasses import dataclass

from sfu.wire.rtcp.feedback import PAYLOAD_FEEDBACK, serialize_feedback, split_feedback
from sfu.wire.rtcp.header import Raw

MESSAGE_TYPE = 1


@dataclass(frozen=True, slots=True)
class Pli:
    """``sender_ssrc`` cannot decode ``media_ssrc`` any more."""

    sender_ssrc: int
    media_ssrc: int

    @classmethod
    def from_raw(cls, raw: Raw) -> Pli:
        """Read a payload-specific feedback message of :data:`MESSAGE_TYPE`.

        Raises:
            WireError: cut off.
        """
        sender_ssrc, media_ssrc, _ = split_feedback(raw, "PLI")
        return cls(sender_ssrc, media_ssrc)

    def serialize(self) -> bytes:
        """The packet's bytes.

        Raises:
            WireError: a field is out of range.
        """
        return serialize_feedback(PAYLOAD_FEEDBACK, MESSAGE_TYPE, self.sender_ssrc, self.media_ssrc)
