"""Source descriptions: RFC 3550 section 6.5."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.wire.errors import WireError
from sfu.wire.rtcp.header import Raw, pack, serialize_raw

PACKET_TYPE = 202

CNAME = 1
"""The item type of the canonical name (RFC 3550 section 6.5.1)."""

_SSRC = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class SourceChunk:
    """The items of one source, as (type, bytes) in their order; unknown types are kept."""

    ssrc: int
    items: tuple[tuple[int, bytes], ...] = ()

    @property
    def cname(self) -> bytes | None:
        """The canonical name, ``None`` when the chunk has none."""
        return next((value for kind, value in self.items if kind == CNAME), None)


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """Names of sources."""

    chunks: tuple[SourceChunk, ...] = ()

    @classmethod
    def of_cname(cls, ssrc: int, cname: str) -> SourceDescription:
        """The one that every compound carries: one source and its canonical name."""
        return cls((SourceChunk(ssrc, ((CNAME, cname.encode()),)),))

    @classmethod
    def from_raw(cls, raw: Raw) -> SourceDescription:
        """Read the body of a packet of :data:`PACKET_TYPE`.

        Raises:
            WireError: a chunk or an item is cut off.
        """
        chunks: list[SourceChunk] = []
        position = 0
        for _ in range(raw.count):
            chunk, position = _parse_chunk(raw.body, position)
            chunks.append(chunk)
        return cls(tuple(chunks))

    def serialize(self) -> bytes:
        """The packet's bytes.

        Raises:
            WireError: more than 31 chunks, or an item longer than 255 bytes.
        """
        return serialize_raw(PACKET_TYPE, len(self.chunks), b"".join(_serialize_chunk(chunk) for chunk in self.chunks))


def _parse_chunk(body: bytes, position: int) -> tuple[SourceChunk, int]:
    if position + 4 > len(body):
        raise WireError("RTCP SDES: a chunk is cut off")
    (ssrc,) = _SSRC.unpack_from(body, position)
    position += 4
    items: list[tuple[int, bytes]] = []
    while True:
        if position >= len(body):
            raise WireError("RTCP SDES: a chunk has no end")
        kind = body[position]
        if kind == 0:
            # one to four null bytes end the list and align the next chunk (RFC 3550 section 6.5)
            return SourceChunk(ssrc, tuple(items)), position + 4 - position % 4
        if position + 2 > len(body) or position + 2 + body[position + 1] > len(body):
            raise WireError("RTCP SDES: an item is cut off")
        end = position + 2 + body[position + 1]
        items.append((kind, body[position + 2 : end]))
        position = end


def _serialize_chunk(chunk: SourceChunk) -> bytes:
    data = pack(_SSRC, chunk.ssrc)
    for kind, value in chunk.items:
        if not 1 <= kind <= 255 or len(value) > 255:
            raise WireError("RTCP SDES: an item does not fit")
        data += bytes([kind, len(value)]) + value
    return data + bytes(4 - len(data) % 4)
