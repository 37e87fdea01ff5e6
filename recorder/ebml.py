"""EBML, what Matroska is written in (RFC 8794): elements of an id, a length and a content."""

from __future__ import annotations

import struct
from typing import Final

UNKNOWN_SIZE: Final = b"\x01\xff\xff\xff\xff\xff\xff\xff"
"""A length of eight bytes that says: until the end of what holds it (section 6.2)."""
VOID: Final = 0xEC


class EbmlError(ValueError):
    """No valid EBML here, or it is cut."""


def size_bytes(size: int, width: int = 0) -> bytes:
    """A length, as short as it goes or in so many bytes (section 6.1)."""
    if not width:
        width = next(width for width in range(1, 9) if size < (1 << 7 * width) - 1)
    return (size | 1 << 7 * width).to_bytes(width, "big")


def id_bytes(number: int) -> bytes:
    """An id carries its own length marker already."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def master(number: int, *children: bytes) -> bytes:
    """An element of elements, or of raw bytes."""
    content = b"".join(children)
    return id_bytes(number) + size_bytes(len(content)) + content


def uint(number: int, value: int) -> bytes:
    """An unsigned integer (section 7.2)."""
    return master(number, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def double(number: int, value: float) -> bytes:
    """A float of eight bytes (section 7.3)."""
    return master(number, struct.pack(">d", value))


def text(number: int, value: str) -> bytes:
    """A string (sections 7.4 and 7.5)."""
    return master(number, value.encode())


def void(length: int) -> bytes:
    """An element that says nothing and is ``length`` bytes long in all, from 9 on (section 11.3.2)."""
    return id_bytes(VOID) + size_bytes(length - 9, 8) + bytes(length - 9)


def read_header(data: bytes, at: int) -> tuple[int, int, int]:
    """The id, the content's length (-1: unknown) and where the content begins.

    Raises:
        EbmlError: cut, or no element.
    """
    number, position = _read_number(data, at, 4, keep_marker=True)
    size, position = _read_number(data, position, 8, keep_marker=False)
    width = position - at - len(id_bytes(number))
    return number, -1 if size == (1 << 7 * width) - 1 else size, position


def _read_number(data: bytes, at: int, most: int, *, keep_marker: bool) -> tuple[int, int]:
    if at >= len(data) or not data[at]:
        raise EbmlError(f"no element at byte {at}")
    width = 9 - data[at].bit_length()
    if width > most or at + width > len(data):
        raise EbmlError(f"element cut at byte {at}")
    value = int.from_bytes(data[at : at + width], "big")
    return value if keep_marker else value & (1 << 7 * width) - 1, at + width
