"""The sound of a file: several voices on one grid of 20 ms, without a hole, and without decoding any (:mod:`recorder.opus`).

A voice goes on from slot to slot while its own time stays near the grid's, so that nothing is cut by rounding; when it has
drifted by more than :data:`DRIFT_S`, a slot is left silent or one is left out.
"""

from __future__ import annotations

from typing import Final

from recorder import opus
from recorder.opus import OpusPacket

SLOT_S: Final = 0.02
DRIFT_S: Final = 0.03
AHEAD_SLOTS: Final = 500
"""What is further in the future than ten seconds is not believed."""


class Voice:
    """One stream of the track: slots that are filled, and the next that would be."""

    def __init__(self) -> None:
        self.undivided = 0
        """Packets that would have to be decoded to fit: SILK of 40 or 60 ms in one frame."""
        self._slots: dict[int, OpusPacket] = {}
        self._anchor: tuple[int, int] | None = None
        self._source: int | None = None
        self._short: OpusPacket | None = None
        self._written = -1

    def add(self, source: int, timestamp: int, at_s: float, packet: OpusPacket) -> None:
        """Takes a packet of RTP time ``timestamp`` that was heard at ``at_s`` of the file; another source begins a new run."""
        if source != self._source:
            self._source, self._anchor, self._short = source, None, None
        slots = opus.slots_of(packet)
        if slots is None:
            self.undivided += 1
            return
        if packet.samples < opus.SLOT_SAMPLES:
            joined = self._join(packet)
            if joined is None:
                return
            earlier = joined.samples - packet.samples
            timestamp, at_s, slots = timestamp - earlier, at_s - earlier / opus.RATE_HZ, [joined]
        ideal = at_s / SLOT_S
        place = round(ideal)
        if self._anchor is not None:
            follows = self._anchor[0] + round((timestamp - self._anchor[1]) / opus.SLOT_SAMPLES)
            place = follows if abs(ideal - follows) * SLOT_S <= DRIFT_S else place
        self._anchor = (place, timestamp)
        for at, slot in enumerate(slots, place):
            if slot.samples == opus.SLOT_SAMPLES and self._written < at < ideal + AHEAD_SLOTS:
                self._slots.setdefault(at, slot)

    def _join(self, packet: OpusPacket) -> OpusPacket | None:
        """Puts packets shorter than a slot together; None until one is full."""
        held = self._short
        if held is not None and held.like(packet):
            packet = OpusPacket(held.config, held.is_stereo, held.frames + packet.frames)
        self._short = None if packet.samples >= opus.SLOT_SAMPLES else packet
        return packet if packet.samples == opus.SLOT_SAMPLES else None

    def take(self, slot: int) -> OpusPacket:
        """The sound of a slot, silence where there is none; slots are taken in order."""
        self._written = slot
        return self._slots.pop(slot, opus.SILENT)


class Voices:
    """All streams of a track."""

    def __init__(self) -> None:
        self.voices = tuple(Voice() for _ in range(opus.VOICES))
        self._slot = 0

    def packets_until(self, end_s: float) -> list[tuple[int, bytes]]:
        """The track's packets up to a time of the file: milliseconds, and bytes."""
        done = []
        while (self._slot + 1) * SLOT_S <= end_s:
            done.append((self._slot * 20, opus.multistream([voice.take(self._slot) for voice in self.voices])))
            self._slot += 1
        return done
