"""From packets to pictures: VP8 (RFC 7741) and H.264 (RFC 6184), put in order, gaps waited for and then given up.

A picture after a gap would show damage until the next key frame, so nothing is given before that; the file holds a gap in time
instead, and the player holds the picture before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from recorder import h264
from sfu.tap_wire import TappedPacket
from sfu.wire.codecs import H264, VP8
from sfu.wire.errors import WireError
from sfu.wire.vp8 import Vp8Descriptor, keyframe_size

WAIT_S: Final = 0.4
"""What the node's repair of a lost packet takes: NACK after 5 ms, again every 60 ms; what comes later was given up there as
well."""
HELD_MAX: Final = 2_000
"""Packets held behind a gap; some seconds of a picture. Beyond, the gap is given up at once."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame as it goes into a file.

    Attributes:
        timestamp: unwrapped RTP time.
        is_key: whether a player can begin here.
        data: VP8 as it is; H.264 as NAL units, each after its length in four bytes.
        size: of a key frame, width and height in pixels, where it says so.
        private: of an H.264 key frame, what the file's head needs to know of it.
    """

    timestamp: int
    is_key: bool
    data: bytes
    size: tuple[int, int] | None = None
    private: bytes = b""


class Depacketizer:
    """One source's packets in, its pictures out, in order. A new source wants a new one."""

    def __init__(self, codec: str) -> None:
        """``codec`` as the node names it; of others than VP8 and H.264 nothing comes out."""
        self.codec = codec
        self.lost = 0
        """Pictures that were cut by a gap, or came after one and before the next key frame."""
        self._held: dict[int, TappedPacket] = {}
        self._next: int | None = None
        self._gap_since: float | None = None
        self._unit: list[TappedPacket] = []
        self._waits_for_key = True
        self._parameters = h264.Parameters()

    def receive(self, packets: tuple[TappedPacket, ...], now: float) -> list[Picture]:
        """Takes packets in any order and gives the pictures they complete."""
        for packet in packets:
            if self._next is None:
                if not packet.is_keyframe_start:
                    continue  # nothing can begin before a key frame does
                self._next = packet.index
            if packet.index >= self._next:
                self._held.setdefault(packet.index, packet)
        return self._advance(now)

    def handle_timeout(self, now: float) -> list[Picture]:
        """Gives up a gap that was not filled in time."""
        return self._advance(now)

    def _advance(self, now: float) -> list[Picture]:
        done: list[Picture] = []
        while self._next is not None:
            packet = self._held.pop(self._next, None)
            if packet is not None:
                self._next += 1
                self._gap_since = None
                picture = self._take(packet)
                if picture is not None:
                    done.append(picture)
            elif not self._held:
                self._gap_since = None
                break
            elif self._gap_since is None:
                self._gap_since = now
                break
            elif now - self._gap_since < WAIT_S and len(self._held) < HELD_MAX:
                break
            else:
                self._skip()
        return done

    def _skip(self) -> None:
        """Goes on behind the gap: at the next key frame that is held, else at the next packet."""
        begins = [index for index, packet in self._held.items() if packet.is_keyframe_start]
        self._next = min(begins or self._held)
        self._held = {index: packet for index, packet in self._held.items() if index >= self._next}
        self._gap_since = None
        self._unit.clear()
        self._waits_for_key = True
        self.lost += 1

    def _take(self, packet: TappedPacket) -> Picture | None:
        """Adds a packet, in order; a picture ends with its marker, or where the next one's time begins."""
        if not packet.payload:
            return None  # padding alone
        picture = None
        if self._unit and packet.timestamp != self._unit[0].timestamp:
            picture = self._finish()
        self._unit.append(packet)
        return (self._finish() or picture) if packet.marker else picture

    def _finish(self) -> Picture | None:
        unit, self._unit = self._unit, []
        picture = self._vp8(unit) if self.codec == VP8 else self._h264(unit) if self.codec == H264 else None
        if picture is None or (self._waits_for_key and not picture.is_key):
            self._waits_for_key |= picture is None
            self.lost += 1
            return None
        self._waits_for_key = False
        return picture

    @staticmethod
    def _vp8(unit: list[TappedPacket]) -> Picture | None:
        try:
            heads = [Vp8Descriptor.parse(packet.payload) for packet in unit]
        except WireError:
            return None
        if not heads[0].starts_partition or heads[0].partition:
            return None
        data = b"".join(packet.payload[head.size_bytes :] for packet, head in zip(unit, heads, strict=True))
        is_key = not data[0] & 1
        return Picture(unit[0].timestamp, is_key, data, keyframe_size(unit[0].payload) if is_key else None)

    def _h264(self, unit: list[TappedPacket]) -> Picture | None:
        try:
            units = h264.units_of([packet.payload for packet in unit])
        except WireError:
            return None
        for each in units:
            self._parameters.note(each)
        is_key = any(each[0] & 0x1F == h264.IDR for each in units)
        if not any(each[0] & 0x1F in h264.SLICES for each in units):
            return Picture(unit[0].timestamp, False, b"") if self._parameters.is_complete else None
        if is_key and not self._parameters.is_complete:
            return None
        private = self._parameters.private() if is_key else b""
        size = self._parameters.size() if is_key else None
        data = b"".join(len(each).to_bytes(4, "big") + each for each in units)
        return Picture(unit[0].timestamp, is_key, data, size, private)
