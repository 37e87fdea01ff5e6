"""The common form of feedback messages: RFC 4585 section 6.1."""

from __future__ import annotations

import struct

from sfu.wire.errors import WireError
from sfu.wire.rtcp.header import Raw, pack, serialize_raw

TRANSPORT_FEEDBACK = 205
"""RTPFB."""

PAYLOAD_FEEDBACK = 206
"""PSFB."""

_SSRCS = struct.Struct("!II")


def split_feedback(raw: Raw, what: str) -> tuple[int, int, bytes]:
    """``(sender_ssrc, media_ssrc, control information)`` of a feedback message.

    Raises:
        WireError: shorter than the two SSRCs.
    """
    if len(raw.body) < _SSRCS.size:
        raise WireError(f"RTCP {what}: cut off")
    sender_ssrc, media_ssrc = _SSRCS.unpack_from(raw.body)
    return sender_ssrc, media_ssrc, raw.body[_SSRCS.size :]


def serialize_feedback(packet_type: int, message_type: int, sender_ssrc: int, media_ssrc: int, control: bytes = b"") -> bytes:
    """One feedback message.

    Raises:
        WireError: a field is out of range.
    """
    return serialize_raw(packet_type, message_type, pack(_SSRCS, sender_ssrc, media_ssrc) + control)
