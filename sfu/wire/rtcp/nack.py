"""Generic NACK: RFC 4585 section 6.2.1."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from sfu.wire.errors import WireError
from sfu.wire.rtcp.feedback import TRANSPORT_FEEDBACK, serialize_feedback, split_feedback
from sfu.wire.rtcp.header import Raw, pack

MESSAGE_TYPE = 1

_PAIR = struct.Struct("!HH")


@dataclass(frozen=True, slots=True)
class Nack:
    """Packets of ``media_ssrc`` that ``sender_ssrc`` misses, as 16-bit sequence numbers in the order asked.

    One datagram of :data:`~sfu.wire.rtcp.header.MAX_COMPOUND_BYTES` names at most 6,324 of them: 372 pairs of 17.
    """

    sender_ssrc: int
    media_ssrc: int
    lost: tuple[int, ...]

    @classmethod
    def from_raw(cls, raw: Raw) -> Nack:
        """Read a transport feedback message of :data:`MESSAGE_TYPE`.

        Raises:
            WireError: no pair at all, or a pair is cut off.
        """
        sender_ssrc, media_ssrc, control = split_feedback(raw, "NACK")
        if not control or len(control) % _PAIR.size:
            raise WireError("RTCP NACK: the list is not made of pairs")
        lost: list[int] = []
        for first, bitmask in _PAIR.iter_unpack(control):
            lost.append(first)
            lost.extend((first + bit + 1) & 0xFFFF for bit in range(16) if bitmask >> bit & 1)
        return cls(sender_ssrc, media_ssrc, tuple(lost))

    def serialize(self) -> bytes:
        """The packet's bytes; numbers that lie together share a pair.

        Raises:
            WireError: nothing is lost, or a field is out of range.
        """
        if not self.lost:
            raise WireError("RTCP NACK: nothing is asked for")
        control = b"".join(pack(_PAIR, first, bitmask) for first, bitmask in pack_pairs(self.lost))
        return serialize_feedback(TRANSPORT_FEEDBACK, MESSAGE_TYPE, self.sender_ssrc, self.media_ssrc, control)


def pack_pairs(lost: Iterable[int]) -> list[tuple[int, int]]:
    """The (PID, BLP) pairs that name these sequence numbers: bit *i* of BLP (from the lowest, 0) is PID + *i* + 1.

    Numbers join the pair before them while they are 1 to 16 ahead of its PID, across the wrap too; so ascending input
    gives the fewest pairs, and any input is named completely.
    """
    pairs: list[tuple[int, int]] = []
    for sequence_number in lost:
        if pairs:
            first, bitmask = pairs[-1]
            ahead = (sequence_number - first) & 0xFFFF
            if ahead <= 16:
                pairs[-1] = (first, bitmask | (1 << ahead >> 1 if ahead else 0))
                continue
        pairs.append((sequence_number, 0))
    return pairs
