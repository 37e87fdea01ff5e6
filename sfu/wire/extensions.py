"""RTP header extensions: the one-byte and two-byte forms of RFC 8285, and the elements this service reads.

An element is ``(id, data)``; ids mean what the two sides negotiated in SDP (``a=extmap``), so they differ from peer to peer
and are rewritten on the way through (:func:`rewrite`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

from sfu.wire.errors import WireError

ONE_BYTE_PROFILE = 0xBEDE
"""RFC 8285 section 4.2."""

TWO_BYTE_PROFILE = 0x1000
"""RFC 8285 section 4.3; the low four bits are "appbits", for the application."""

AUDIO_LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
"""RFC 6464."""
MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
"""RFC 8843 section 15."""
RID_URI = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
"""RFC 8852."""
REPAIRED_RID_URI = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
"""RFC 8852: the RID of the stream which an RTX stream repairs."""
VIDEO_ORIENTATION_URI = "urn:3gpp:video-orientation"
"""3GPP TS 26.114 section 7.4.5."""
ABS_SEND_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
ABS_CAPTURE_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
PLAYOUT_DELAY_URI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
VIDEO_CONTENT_TYPE_URI = "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type"
COLOR_SPACE_URI = "http://www.webrtc.org/experiments/rtp-hdrext/color-space"

_HEADER = struct.Struct("!HH")
_MAX_BLOCK_WORDS = 0xFFFF

Element = tuple[int, bytes]


def is_two_byte_profile(profile: int) -> bool:
    """Whether the profile field says two-byte form, whatever its appbits."""
    return profile & 0xFFF0 == TWO_BYTE_PROFILE


def parse_block(profile: int, block: bytes) -> tuple[Element, ...]:
    """The elements of an extension block (without its 4-byte header), in order, padding left out.

    A block of a profile that is not of RFC 8285 comes back whole, as one element with the id 0 (none when it is empty).

    Raises:
        WireError: an element is longer than what is left of the block.
    """
    if profile == ONE_BYTE_PROFILE:
        return _parse_one_byte(block)
    if is_two_byte_profile(profile):
        return _parse_two_byte(block)
    return ((0, block),) if block else ()


def _parse_one_byte(block: bytes) -> tuple[Element, ...]:
    elements: list[Element] = []
    position = 0
    while position < len(block):
        first = block[position]
        if first == 0:  # padding
            position += 1
            continue
        identifier, length = first >> 4, (first & 0x0F) + 1
        if identifier in {0, 15}:
            # RFC 8285 section 4.2: 15 is reserved, 0 is padding only; reading ends, what came before counts.
            break
        position += 1
        if position + length > len(block):
            raise WireError("RTP extension: an element is longer than its block")
        elements.append((identifier, block[position : position + length]))
        position += length
    return tuple(elements)


def _parse_two_byte(block: bytes) -> tuple[Element, ...]:
    elements: list[Element] = []
    position = 0
    while position < len(block):
        identifier = block[position]
        if identifier == 0:  # padding: one byte, no length (RFC 8285 section 4.3)
            position += 1
            continue
        if position + 2 > len(block):
            raise WireError("RTP extension: an element's length is cut off")
        length = block[position + 1]
        position += 2
        if position + length > len(block):
            raise WireError("RTP extension: an element is longer than its block")
        elements.append((identifier, block[position : position + length]))
        position += length
    return tuple(elements)


def _fits_one_byte(elements: Iterable[Element]) -> bool:
    return all(1 <= identifier <= 14 and 1 <= len(data) <= 16 for identifier, data in elements)


def serialize_block(profile: int | None, elements: Sequence[Element]) -> bytes:
    """The block with its 4-byte header, padded to a multiple of four.

    With the profile ``None`` the one-byte form is used where every element fits it, else the two-byte form, and no elements
    give ``b""``. With a profile its form is kept, and no elements give an empty block.

    Raises:
        WireError: an element does not fit the form, or the block is too long.
    """
    if profile is None:
        if not elements:
            return b""
        profile = ONE_BYTE_PROFILE if _fits_one_byte(elements) else TWO_BYTE_PROFILE
    if profile == ONE_BYTE_PROFILE:
        if not _fits_one_byte(elements):
            raise WireError("RTP extension: an element does not fit the one-byte form")
        body = b"".join(bytes([identifier << 4 | len(data) - 1]) + data for identifier, data in elements)
    elif is_two_byte_profile(profile):
        if not all(1 <= identifier <= 255 and len(data) <= 255 for identifier, data in elements):
            raise WireError("RTP extension: an element does not fit the two-byte form")
        body = b"".join(bytes([identifier, len(data)]) + data for identifier, data in elements)
    else:
        if len(elements) > 1 or any(identifier != 0 for identifier, _ in elements):
            raise WireError("RTP extension: a foreign profile holds one raw block")
        body = elements[0][1] if elements else b""
        if len(body) % 4:
            raise WireError("RTP extension: a raw block is not a multiple of four bytes")
    body += bytes(-len(body) % 4)
    if not 0 <= profile <= 0xFFFF or len(body) // 4 > _MAX_BLOCK_WORDS:
        raise WireError("RTP extension: the block does not fit its header")
    return _HEADER.pack(profile, len(body) // 4) + body


def rewrite(elements: Iterable[Element], id_map: Mapping[int, int]) -> bytes:
    """The block, header included, for a receiver with other ids: elements are renamed, those without a name left out.

    One-byte form where every kept element fits, else two-byte form; ``b""`` when nothing is kept (then the X bit of the
    RTP header has to be zero).

    Raises:
        WireError: a mapped id is not 1 to 255, or the element is longer than 255 bytes.
    """
    return serialize_block(None, [(id_map[identifier], data) for identifier, data in elements if identifier in id_map])


def find(elements: Iterable[Element], identifier: int | None) -> bytes | None:
    """The data of the first element with this id; ``None`` without one (or when the id itself is ``None``: not negotiated)."""
    if identifier is None:
        return None
    return next((data for found, data in elements if found == identifier), None)


def decode_audio_level(data: bytes) -> tuple[bool, int]:
    """``(voice, level)`` of RFC 6464: the sender's voice activity flag, and the level in -dBov (0 loudest, 127 silence).

    The two-byte form may carry a zero byte behind (RFC 6464 section 3), which is ignored.

    Raises:
        WireError: not one or two bytes.
    """
    if len(data) not in {1, 2}:
        raise WireError("audio level: not one byte")
    return bool(data[0] & 0x80), data[0] & 0x7F


def decode_abs_send_time(data: bytes) -> float:
    """Send time in seconds modulo 64, from 24 bits of 6.18 fixed point.

    Raises:
        WireError: not three bytes.
    """
    if len(data) != 3:
        raise WireError("abs-send-time: not three bytes")
    return int.from_bytes(data, "big") / (1 << 18)


def _decode_token(data: bytes, extra: str, what: str) -> str:
    text = data.decode("ascii", "replace")
    if not text or not all(c.isascii() and (c.isalnum() or c in extra) for c in text):
        raise WireError(f"{what}: not a token")
    return text


def decode_mid(data: bytes) -> str:
    """The media line's identification tag (RFC 8843 section 15; an SDP token).

    Raises:
        WireError: empty, or with a character that no token has.
    """
    return _decode_token(data, "!#$%&'*+-.^_`{|}~", "mid")


def decode_rid(data: bytes) -> str:
    """The stream's RID, also for the repaired RID (RFC 8852 section 3; hyphen and underscore as RFC 8851 allows).

    Raises:
        WireError: empty, or with a character that no RID has.
    """
    return _decode_token(data, "-_", "rid")
