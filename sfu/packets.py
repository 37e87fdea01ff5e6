"""A packet as the node keeps it: decrypted, unwrapped, free of everything that belonged to the publisher's connection alone.

A publisher's packet is taken apart once. What every receiver of the same *wire profile* (same payload type and extension ids)
gets is built once per frame as a :class:`Body`; only sequence number, timestamp, SSRC and the cipher differ per receiver.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sfu.wire import extensions

HEADER = struct.Struct("!BBHII")
"""Fixed RTP header (RFC 3550 §5.1): flags, marker and payload type, sequence number, timestamp, SSRC."""

PER_HOP_EXTENSIONS = frozenset(
    {
        extensions.ABS_SEND_TIME_URI,
        extensions.MID_URI,
        extensions.RID_URI,
        extensions.REPAIRED_RID_URI,
    }
)
"""Extensions that speak of one connection (its clock, its lines) and would be false on another."""

PADDING_REACH_BYTES = 16
"""How much a packet is padded at most to equal its neighbours: libwebrtc splits a frame "about equally", so a few bytes do."""


@dataclass(frozen=True, slots=True)
class SourcePacket:
    """One RTP packet of a source.

    Attributes:
        index: unwrapped sequence number; only its low 16 bits were on the wire.
        timestamp: unwrapped RTP timestamp.
        marker: the marker bit: last packet of a video frame, first of an audio talk spurt.
        payload: payload, with the padding of ``padding_bytes`` at its end.
        padding_bytes: RTP padding (RFC 3550 §5.1), counted in ``payload``.
        extensions: header extensions by URI, per-hop ones already removed.
        is_keyframe_start: whether this packet begins a key frame.
    """

    index: int
    timestamp: int
    marker: bool
    payload: bytes
    padding_bytes: int = 0
    extensions: tuple[tuple[str, bytes], ...] = ()
    is_keyframe_start: bool = False

    @property
    def size(self) -> int:
        """Bytes of payload and of extension data: what decides whether two packets are equally long on the wire."""
        return len(self.payload) + sum(len(data) + 1 for _, data in self.extensions)


@dataclass(frozen=True, slots=True)
class Body:
    """What is the same for every receiver of one wire profile: flags and payload type, extension block, payload."""

    flags: int
    marker_and_payload_type: int
    extension_block: bytes
    payload: bytes
    index: int
    timestamp: int

    @property
    def plain_bytes(self) -> int:
        """Length of the RTP packet before SRTP."""
        return 12 + len(self.extension_block) + len(self.payload)


@dataclass(frozen=True)
class WireProfile:
    """What a receiver negotiated for one line: its payload type for the codec and its extension ids by URI (RFC 8285).

    Receivers with equal profiles share the bodies built from a frame; equality is by value.
    """

    payload_type: int
    extension_ids: tuple[tuple[str, int], ...] = ()
    _ids: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, payload_type: int, extension_ids: Mapping[str, int]) -> WireProfile:
        """Builds the profile of a negotiated line, without the extensions that never cross a hop."""
        kept = tuple(sorted((uri, number) for uri, number in extension_ids.items() if uri not in PER_HOP_EXTENSIONS))
        return _profile(payload_type, kept)

    def body(self, packet: SourcePacket) -> Body:
        """Builds the part of ``packet`` that all receivers of this profile share. The same packet gives the same bytes,
        always: a retransmission must repeat what was sent, or a cipher would use one nonce for two texts."""
        elements = tuple((self._ids[uri], data) for uri, data in packet.extensions if uri in self._ids)
        block = extensions.serialize_block(None, elements) if elements else b""
        flags = 0x80 | (0x20 if packet.padding_bytes else 0) | (0x10 if block else 0)
        return Body(
            flags, (0x80 if packet.marker else 0) | self.payload_type, block, packet.payload, packet.index, packet.timestamp
        )


@lru_cache(maxsize=1024)
def _profile(payload_type: int, extension_ids: tuple[tuple[str, int], ...]) -> WireProfile:
    """One object for equal profiles, so that the fan-out mostly compares by identity; browsers of one make negotiate the same."""
    return WireProfile(payload_type, extension_ids, dict(extension_ids))


def equalize(packets: Sequence[SourcePacket]) -> list[SourcePacket]:
    """Pads the packets of one frame to one length where a few bytes do it, so that they leave as one GSO run.

    ``UDP_SEGMENT`` wants equal segments, only the last may be shorter. Padding is RTP padding, its last byte its own count
    (RFC 3550 §5.1). The result is what is kept in the history: it never changes afterwards.
    """
    if len(packets) < 2:
        return list(packets)
    longest = max(packet.size for packet in packets)
    equal: list[SourcePacket] = []
    for position, packet in enumerate(packets):
        missing = longest - packet.size
        is_last = position == len(packets) - 1
        if missing == 0 or is_last or missing > PADDING_REACH_BYTES or packet.padding_bytes:
            equal.append(packet)
            continue
        padded = packet.payload + bytes(missing - 1) + bytes([missing])
        equal.append(
            SourcePacket(
                packet.index, packet.timestamp, packet.marker, padded, missing, packet.extensions, packet.is_keyframe_start
            )
        )
    return equal
