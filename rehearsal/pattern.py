"""What simulated publishers send: payloads whose every byte follows from a few numbers that they carry themselves.

A payload is a codec's beginning (an Opus TOC byte; a VP8 payload descriptor and, on a frame's first packet, a VP8 frame
header), a block with the publisher, the packet's number and the time of sending, a CRC over that block, and pseudo-random
bytes that follow from the number. A receiver writes the same payload anew and compares: nothing can change unseen, and nothing
has to be remembered of what was sent, so that publisher and receivers may be different processes.
"""

from __future__ import annotations

import hashlib
import zlib
from struct import Struct, pack
from typing import Literal, NamedTuple

Kind = Literal["audio", "video"]

_BLOCK = Struct("!4sIQQIIHHB")
_CRC = Struct("!I")
BLOCK_BYTES = _BLOCK.size + _CRC.size
_MAGIC = {"video": b"DCRv", "audio": b"DCRa"}
_OPUS_TOC = b"\x78"
"""Hybrid, full band, 20 ms, mono, one frame (RFC 6716 §3.1)."""
_VP8_FIRST, _VP8_LATER = b"\x10", b"\x00"
"""Payload descriptors: S bit on a frame's first packet, partition 0 (RFC 7741 §4.2)."""
_VP8_KEY = b"\x10\x00\x00\x9d\x01\x2a" + pack("<HH", 1280, 720)
"""A key frame's header: P = 0, shown, start code, 1280 × 720 (RFC 6386 §9.1)."""
_VP8_DELTA = b"\x11\x00\x00"
_VP8_FIRST_KEY, _VP8_FIRST_DELTA = _VP8_FIRST + _VP8_KEY, _VP8_FIRST + _VP8_DELTA
LEAST_BYTES = 1 + len(_VP8_KEY) + BLOCK_BYTES
"""The shortest payload that has room for everything."""
MOST_BYTES = 1400
_POOL = hashlib.shake_128(b"Diem Cau rehearsal").digest(8192 + MOST_BYTES)


class ChangedError(ValueError):
    """A payload that no simulated publisher wrote so."""


class Block(NamedTuple):
    """What a packet says of itself.

    Attributes:
        publisher: who sent it, below 2^32.
        number: the packet's place among all of its kind that the publisher sent, from 0; grows by one.
        sent_ns: monotonic nanoseconds at sending.
        frame: number of its frame; of sound, the packet's own.
        timestamp: the publisher's RTP timestamp.
        place, of: which of how many packets of its frame it is.
        is_key: whether the frame is a key frame.
    """

    publisher: int
    number: int
    sent_ns: int
    frame: int
    timestamp: int
    place: int
    of: int
    is_key: bool


def write(kind: Kind, block: Block, size_bytes: int) -> bytes:
    """The payload for a block, ``size_bytes`` long (:data:`LEAST_BYTES` to :data:`MOST_BYTES`)."""
    start = _start(kind, is_first=not block.place, is_key=block.is_key)
    body = _BLOCK.pack(_MAGIC[kind], *block)
    begin = _pool_place(block.publisher, block.number)
    rest = size_bytes - len(start) - BLOCK_BYTES
    return start + body + _CRC.pack(zlib.crc32(body)) + _POOL[begin : begin + rest]


def _start(kind: Kind, *, is_first: bool, is_key: bool) -> bytes:
    if kind == "audio":
        return _OPUS_TOC
    return _VP8_FIRST_KEY if is_first and is_key else _VP8_FIRST_DELTA if is_first else _VP8_LATER


def _pool_place(publisher: int, number: int) -> int:
    return (number * 7919 + publisher * 131) & 8191


def read(kind: Kind, payload: bytes) -> Block:
    """What a payload says, after every byte of it was compared with what it has to be.

    Raises:
        ChangedError: it is not what its publisher wrote.
    """
    if not LEAST_BYTES <= len(payload) <= MOST_BYTES:
        raise ChangedError("a length that no publisher sends")
    at = 1
    if kind == "video" and payload[0] == _VP8_FIRST[0]:
        at += len(_VP8_DELTA) if payload[1] & 1 else len(_VP8_KEY)
    magic, publisher, number, sent_ns, frame, timestamp, place, of, is_key = _BLOCK.unpack_from(payload, at)
    behind = at + BLOCK_BYTES
    begin = _pool_place(publisher, number)
    if (
        magic != _MAGIC[kind]
        or is_key > 1
        or payload[:at] != _start(kind, is_first=not place, is_key=is_key == 1)
        or payload[behind - _CRC.size : behind] != _CRC.pack(zlib.crc32(payload[at : behind - _CRC.size]))
        or payload[behind:] != _POOL[begin : begin + len(payload) - behind]
    ):
        raise ChangedError("bytes differ from what was published")
    return Block(publisher, number, sent_ns, frame, timestamp, place, of, is_key == 1)
