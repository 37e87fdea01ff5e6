"""Lines in an envelope: packed, with what they are about on the outside and a checksum over both.

The first line is JSON: ``{"format": 1, "about": {…}, "sha256": …}``; the packed lines follow. The checksum tells damage, not
forgery: whoever can write into the store can write the log as well.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

from bridge.errors import corrupt_record
from bridge.snapshot import Lines

FORMAT: Final = 1
MAX_UNPACKED_BYTES: Final = 512 * 1024 * 1024
"""A session of 10,603 points with ten roll calls is 16 MB."""
LEVEL: Final = 1
"""Of zlib: 16 MB become 2.6 in 0.12 s; level 6 takes four times as long for a fifth less."""

About = Mapping[str, str | int]


def seal(about: About, lines: Lines) -> bytes:
    """Give the envelope. Most of the work is done without Python's lock: do it in a thread."""
    packed = zlib.compress(b"\n".join(lines), LEVEL)
    return json.dumps({"format": FORMAT, "about": about, "sha256": _sum(about, packed)}).encode() + b"\n" + packed


def unseal(sealed: bytes) -> tuple[About, Lines]:
    """Give what is on the outside, and the lines.

    Raises:
        BridgeError: ``corrupt_record``, and nothing else, whatever the bytes are.
    """
    head, _, packed = sealed.partition(b"\n")
    try:
        envelope: Any = json.loads(head)
        about, checksum, form = envelope["about"], envelope["sha256"], envelope["format"]
        if form != FORMAT or not isinstance(about, dict) or checksum != _sum(about, packed):
            raise ValueError("checksum")
        unpacking = zlib.decompressobj()
        lines = unpacking.decompress(packed, MAX_UNPACKED_BYTES)
        if not unpacking.eof:
            raise ValueError("length")
    except (ValueError, KeyError, TypeError, zlib.error, RecursionError) as error:
        raise corrupt_record(f"snapshot: {error!r}") from error
    return about, lines.split(b"\n")


def _sum(about: About, packed: bytes) -> str:
    whole = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    whole.update(packed)
    return whole.hexdigest()
