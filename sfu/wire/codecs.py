"""What the service knows of each codec it forwards: its name, its clock and where its key frames begin.

Names are the encoding names of SDP in the spelling of their RFCs; compare SDP text with :func:`canonical_name`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sfu.wire import h264, vp8

OPUS = "opus"
VP8 = "VP8"
H264 = "H264"

CLOCK_RATES: Mapping[str, int] = MappingProxyType({OPUS: 48_000, VP8: 90_000, H264: 90_000})
"""Timestamp units per second: RFC 7587 section 4.1, RFC 7741 section 4.1, RFC 6184 section 5.1."""

KINDS: Mapping[str, str] = MappingProxyType({OPUS: "audio", VP8: "video", H264: "video"})
"""The kind of media line a codec belongs to."""

KEYFRAME_DETECTORS: Mapping[str, Callable[[bytes], bool]] = MappingProxyType(
    {VP8: vp8.is_keyframe_start, H264: h264.is_keyframe_start}
)
"""Codec name to what tells the first packet of a key frame by its payload. Opus has none: each packet stands alone."""

_CANONICAL = {name.lower(): name for name in CLOCK_RATES}


def canonical_name(name: str) -> str | None:
    """The spelling used here of a codec's name, whose case SDP does not distinguish; ``None`` for a codec not served."""
    return _CANONICAL.get(name.lower())


def is_keyframe_start(codec: str, payload: bytes) -> bool:
    """Whether a receiver can begin with this packet: always for audio, the first packet of a key frame for video."""
    detector = KEYFRAME_DETECTORS.get(codec)
    return detector is None or detector(payload)
