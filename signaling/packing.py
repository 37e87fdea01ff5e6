"""Large records as the store keeps them: JSON, compressed. A day of the whole country shrinks to a fourth."""

from __future__ import annotations

import json
import zlib
from typing import Final

from signaling.store import Json

MAX_BYTES: Final = 64 * 1024 * 1024
"""Largest record unpacked: ten times what the largest file makes; more is somebody's bomb."""


def pack(record: Json) -> bytes:
    """A record's bytes."""
    return zlib.compress(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode())


def unpack(data: bytes) -> Json:
    """The record of some bytes; raises ``ValueError``, whatever they are."""
    opener = zlib.decompressobj()
    try:
        text = opener.decompress(data, MAX_BYTES)
    except zlib.error as error:
        raise ValueError(f"not compressed: {error}") from None
    if not opener.eof:
        raise ValueError("cut off, or too large")
    try:
        record = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(record, dict):
        raise ValueError("not an object")
    return record
