"""What a receiver says about one stream: the report block of RFC 3550 section 6.4.1, part of SR and RR."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.wire.errors import WireError
from sfu.wire.rtcp.header import pack

BLOCK_BYTES = 24

MAX_BLOCKS = 31
"""The header's count has five bits."""

_LAYOUT = struct.Struct("!IIIIII")
_MIN_LOST, _MAX_LOST = -(1 << 23), (1 << 23) - 1


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """Reception of ``ssrc`` as its receiver sees it.

    ``fraction_lost`` is 0 to 255 (of 256) since the last report, ``cumulative_lost`` is signed (duplicates count against
    it), ``highest_sequence`` has the count of wraps in its upper 16 bits, ``jitter`` is in timestamp units, ``last_sr`` is
    the middle 32 bits of the last SR's NTP time (0: none yet) and ``delay_since_last_sr`` counts 1/65,536 s.
    """

    ssrc: int
    fraction_lost: int = 0
    cumulative_lost: int = 0
    highest_sequence: int = 0
    jitter: int = 0
    last_sr: int = 0
    delay_since_last_sr: int = 0

    def serialize(self) -> bytes:
        """The block's 24 bytes; the cumulative loss is clamped to 24 bits as RFC 3550 appendix A.3 asks.

        Raises:
            WireError: another field is out of range.
        """
        if not 0 <= self.fraction_lost <= 0xFF:
            raise WireError("RTCP: the fraction lost is out of range")
        lost = max(_MIN_LOST, min(self.cumulative_lost, _MAX_LOST)) & 0xFFFFFF
        return pack(
            _LAYOUT,
            self.ssrc,
            self.fraction_lost << 24 | lost,
            self.highest_sequence,
            self.jitter,
            self.last_sr,
            self.delay_since_last_sr,
        )


def parse_blocks(body: bytes, position: int, count: int) -> tuple[ReportBlock, ...]:
    """``count`` blocks from ``position`` on; bytes behind them are a profile's own extension and are not looked at.

    Raises:
        WireError: the body is shorter than its blocks.
    """
    if len(body) < position + BLOCK_BYTES * count:
        raise WireError("RTCP: the report blocks are cut off")
    return tuple(_parse_block(body, position + BLOCK_BYTES * index) for index in range(count))


def serialize_blocks(blocks: tuple[ReportBlock, ...]) -> bytes:
    """The blocks one behind the other.

    Raises:
        WireError: more than :data:`MAX_BLOCKS`, or a field out of range.
    """
    if len(blocks) > MAX_BLOCKS:
        raise WireError("RTCP: more than 31 report blocks")
    return b"".join(block.serialize() for block in blocks)


def _parse_block(body: bytes, position: int) -> ReportBlock:
    ssrc, losses, highest_sequence, jitter, last_sr, delay = _LAYOUT.unpack_from(body, position)
    lost = losses & 0xFFFFFF
    return ReportBlock(
        ssrc=ssrc,
        fraction_lost=losses >> 24,
        cumulative_lost=lost - (1 << 24) if lost > _MAX_LOST else lost,
        highest_sequence=highest_sequence,
        jitter=jitter,
        last_sr=last_sr,
        delay_since_last_sr=delay,
    )
