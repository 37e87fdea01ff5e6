"""H.264 in RTP (RFC 6184): where a key frame begins."""

from __future__ import annotations

_IDR = 5
_SPS = 7
_STAP_A = 24
_FU_A = 28


def is_keyframe_start(payload: bytes) -> bool:
    """Whether a decoder can begin at this packet: an SPS, or the first slice of an IDR picture.

    Looked for in single NAL unit packets (RFC 6184 section 5.6), in STAP-A aggregates (5.7.1) and in the first fragment of
    FU-A (5.8). Where SPS and IDR travel in packets of their own both answer true: the frame begins at the first packet of
    that timestamp. Later slices of a picture (``first_mb_in_slice`` not 0, H.264 section 7.3.3) answer false.

    Malformed payloads are no key frames; nothing is raised.
    """
    if not payload:
        return False
    kind = payload[0] & 0x1F
    if kind == _STAP_A:
        return _aggregate_starts(payload)
    if kind == _FU_A:
        # the FU header: S, E, R and the type of the fragmented unit
        return len(payload) > 2 and bool(payload[1] & 0x80) and _unit_starts(payload[1] & 0x1F, payload[2])
    return len(payload) > 1 and _unit_starts(kind, payload[1])


def _unit_starts(kind: int, first_byte: int) -> bool:
    # first_mb_in_slice opens the slice header as ue(v): a set first bit is the value 0.
    return kind == _SPS or (kind == _IDR and bool(first_byte & 0x80))


def _aggregate_starts(payload: bytes) -> bool:
    position = 1
    while position + 2 < len(payload):
        size = int.from_bytes(payload[position : position + 2], "big")
        unit = payload[position + 2 : position + 2 + size]
        if len(unit) < size or size == 0:
            return False
        if size > 1 and _unit_starts(unit[0] & 0x1F, unit[1]):
            return True
        position += 2 + size
    return False
