"""The packet history of one source: one ring serves every receiver's NACK (RFC 4585 §6.2.1), however many there are."""

from __future__ import annotations

from collections.abc import Iterator

from sfu.packets import SourcePacket

HISTORY_PACKETS = 2048
"""Some 1.5 s of a 2.5 Mb/s stream in 1,200-byte packets is 390; a burst of key frames fits five times over. 2.4 MiB at most."""


class PacketHistory:
    """The newest packets of a source by unwrapped index; older ones fall out, nothing is ever replaced by other content."""

    def __init__(self, capacity: int = HISTORY_PACKETS) -> None:
        if capacity < 1:
            raise ValueError("a history holds at least one packet")
        self._ring: list[SourcePacket | None] = [None] * capacity
        self._newest = -1

    @property
    def newest(self) -> int:
        """Index of the newest packet; -1 while empty."""
        return self._newest

    def add(self, packet: SourcePacket) -> bool:
        """Keeps ``packet``. Returns False, and keeps nothing, for a duplicate or one older than the ring reaches."""
        if packet.index <= self._newest - len(self._ring):
            return False
        position = packet.index % len(self._ring)
        held = self._ring[position]
        if held is not None and held.index >= packet.index:
            return False
        self._ring[position] = packet
        self._newest = max(self._newest, packet.index)
        return True

    def get(self, index: int) -> SourcePacket | None:
        """The packet of that index, or None when it never came or has fallen out."""
        held = self._ring[index % len(self._ring)]
        return held if held is not None and held.index == index and index > self._newest - len(self._ring) else None

    def since(self, index: int) -> Iterator[SourcePacket]:
        """All packets from ``index`` to the newest, in order, without those that are missing."""
        for wanted in range(max(index, self._newest - len(self._ring) + 1), self._newest + 1):
            packet = self.get(wanted)
            if packet is not None:
                yield packet
