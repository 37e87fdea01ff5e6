"""What the head of a JPEG says of it, read without decoding anything. Pure.

JPEG is ITU-T T.81 (ISO/IEC 10918-1): a run of marker segments (annex B.1.1), whose frame header (B.2.2) names process, precision
and size. Taken is what a browser's canvas makes: the baseline process (SOF0), 8 bits, one or three components. A progressive
picture is refused: decoding one costs several times as much, and no canvas makes one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SOI: Final = b"\xff\xd8"
EOI: Final = b"\xff\xd9"
_SOF0: Final = 0xC0
_SOS: Final = 0xDA
_OTHER_PROCESSES: Final = frozenset(range(0xC1, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF1 to SOF15; C4, C8 and CC are tables and extensions (T.81 table B.1)."""
_ALONE: Final = frozenset({0x01, 0xD8, 0xD9, *range(0xD0, 0xD8)})
"""TEM, SOI, EOI and RSTm have no length; before the scan none of them has any business here."""
MAX_SEGMENTS: Final = 64
"""Markers before the scan. A canvas writes some ten."""


class NotAStillError(ValueError):
    """These bytes are not the JPEG that was asked for. The text says why and holds none of them."""


@dataclass(frozen=True, slots=True)
class Head:
    """The frame header of a baseline JPEG: size in pixels, number of colour components."""

    width: int
    height: int
    components: int


def read_head(data: bytes) -> Head:
    """Read the frame header; the picture's data between the scan's header and the end is not looked at.

    Raises:
        NotAStillError: no baseline JPEG with 8 bits and one or three components, or one without an end.
    """
    if data[:2] != SOI:
        raise NotAStillError("does not begin as a JPEG does")
    if data[-2:] != EOI or len(data) < 4:
        raise NotAStillError("does not end as a JPEG does")
    head: Head | None = None
    for marker, at, size in _segments(data, len(data) - 2):
        if marker in _OTHER_PROCESSES:
            raise NotAStillError("is not baseline")
        if marker == _SOF0:
            if head is not None:
                raise NotAStillError("has two frame headers")
            head = _frame(data[at + 4 : at + 2 + size])
        elif marker == _SOS:
            break
    if head is None:
        raise NotAStillError("has no frame header")
    return head


def _segments(data: bytes, end: int) -> Iterator[tuple[int, int, int]]:
    """Marker, place and length of the segments from the second marker on; who reads on after the scan's header reads the scan."""
    at = 2
    for _ in range(MAX_SEGMENTS):
        while at + 4 <= end and data[at] == data[at + 1] == 0xFF:  # fill bytes: B.1.1.2
            at += 1
        if at + 4 > end or data[at] != 0xFF:
            raise NotAStillError("a marker is missing")
        marker, size = data[at + 1], (data[at + 2] << 8) | data[at + 3]
        if marker in _ALONE or marker == 0 or size < 2 or at + 2 + size > end:
            raise NotAStillError("a segment is broken")
        yield marker, at, size
        at += 2 + size
    raise NotAStillError("has too many segments")


def _frame(segment: bytes) -> Head:
    """B.2.2: precision, lines, samples a line, components, and three bytes for each of these."""
    if len(segment) < 6 or len(segment) != 6 + 3 * segment[5]:
        raise NotAStillError("has a broken frame header")
    if segment[0] != 8 or segment[5] not in {1, 3}:
        raise NotAStillError("has samples of another kind")
    return Head(int.from_bytes(segment[3:5]), int.from_bytes(segment[1:3]), segment[5])


def check_still(data: bytes, *, width: int, height: int, most_bytes: int) -> None:
    """Check what a point sent, as cheaply as it can be.

    Raises:
        NotAStillError: too large, no baseline JPEG, or of another size.
    """
    if len(data) > most_bytes:
        raise NotAStillError(f"is larger than {most_bytes} bytes")
    head = read_head(data)
    if (head.width, head.height) != (width, height):
        raise NotAStillError(f"is not {width} by {height}")
