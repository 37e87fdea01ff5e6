"""The order of sending: audio before video, video in slices, never more waiting than is worth sending.

Audio is fanned out at once. Video waits in a queue and is fanned out :data:`SLICE_PACKETS` at a time; between two slices the
node reads its socket, so a key frame to thousands of viewers holds an audio packet up by one slice at most. When the queue is
full, frames of that source are dropped up to its next key frame: half a picture would be worth nothing.

What waits here is a source's packets and the legs they are for; a leg's own numbers are read when it is its turn. So before a
leg leaves a source whose packets wait, they are sent (:meth:`Dispatcher.settle`). A leg that is closed is skipped.

A fan-out that takes frames by itself (:meth:`sfu.fanout.Fanout.take`) notes each leg's numbers when it takes them, slices on
threads of its own and needs none of that; it is only held to the same bound of what may wait.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfu.fanout import Fanout, PreparedFrame
from sfu.legs import Leg
from sfu.packets import SourcePacket
from sfu.source import Source

if TYPE_CHECKING:
    from sfu.router import SessionRoutes

SLICE_PACKETS = 1000
"""Packets sent between two looks at the socket: some 3 ms of the reference."""
QUEUE_FRAMES = 64
"""Batches of video (frames, or parts of large ones) waiting at most, over all sources: two seconds of one at 30 a second."""
BEHIND_S = 1.0
"""A picture that has waited so long is a second old on every screen, while sound is not: then pictures are dropped up to the next
key frame, however few wait. A node that has a little more to send than it can would else end seconds behind, and stay there."""


@dataclass(slots=True)
class _Job:
    source: Source
    frame: PreparedFrame
    legs: Sequence[Leg]
    at: float
    position: int = 0


class Dispatcher:
    """Feeds the fan-out. Call :meth:`run` again, soon, for as long as it returns True."""

    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout
        self._jobs: deque[_Job] = deque()
        self._burst: PreparedFrame | None = None
        self.record: Callable[[Source, tuple[SourcePacket, ...], float], None] | None = None
        """Takes what recorded sources send, before anything is dropped for want of room."""
        self.record_news: Callable[[SessionRoutes], None] | None = None
        """Is told at once what is to be recorded anew: the next packet may be the key frame it begins with."""
        self.dropped_frames = 0
        self.forwarded: Counter[str] = Counter()
        """Packets and payload bytes given to the fan-out, once for each leg, by kind; what it refused is its to say."""

    @property
    def waiting(self) -> int:
        """Batches of video that wait or are half sent, here or in the fan-out."""
        return max(len(self._jobs), self._fanout.waiting)

    def _is_behind(self, now: float) -> bool:
        waited_s = now - self._jobs[0].at if self._jobs else 0.0
        return self.waiting >= QUEUE_FRAMES or waited_s >= BEHIND_S or self._fanout.behind_s() >= BEHIND_S

    def submit(self, source: Source, packets: tuple[SourcePacket, ...], now: float) -> None:
        """Takes a batch of a source's packets in order, all newer than those before."""
        if not source.may_forward(packets):
            self.dropped_frames += 1
            return
        if source.recorded_as is not None and self.record is not None:
            self.record(source, packets, now)
        if source.kind == "video" and self._is_behind(now):
            self.dropped_frames += 1
            source.starve()
            return
        if source.has_joiners(packets):
            self._settle_joiners(source)
        self._send(source, packets, source.follow(packets, now), now)

    def submit_late(self, source: Source, packet: SourcePacket, now: float) -> None:
        """Takes a packet whose frame has left already: a repaired loss, for all whose stretch reaches back so far.

        When a key frame began with it, those who wait begin with it too, and get at once what followed it.
        """
        if source.recorded_as is not None and self.record is not None:
            self.record(source, (packet,), now)
        if packet.index > source.forwarded_index or (source.kind == "video" and self._is_behind(now)):
            return
        self._send(source, (packet,), [leg for leg in source.legs if packet.index >= leg.first_index], now)
        if source.may_begin_late(packet):
            self._settle_joiners(source)
            joined = source.begin_late(packet, now)
            if joined:
                self._send(source, tuple(source.history.since(packet.index)), joined, now)

    def send_burst(self, source: Source, index: int, leg: Leg) -> None:
        """Sends a newcomer what the history holds from ``index`` on, at once and to that leg alone.

        Those who come before the next frame are sent the same packets, whose bodies are built once.
        """
        packets = tuple(source.history.since(index))
        if self._burst is None or self._burst.packets != packets:
            self._burst = PreparedFrame(packets)
        self._count(source, self._burst, 1)
        left = self._fanout.take(source, self._burst, (leg,))
        if left:
            self._fanout.send_frame(self._burst, left)

    def resend(self, leg: Leg, sequence: int) -> bool:
        """Repeats what a leg sent under a 16-bit sequence number. False when it is not there any more."""
        found = leg.find(sequence)
        if found is None:
            return False
        packet, stretch = found
        return self._fanout.send_single(packet, leg, stretch.sequence_delta, stretch.timestamp_delta, stretch.profile)

    def run(self) -> bool:
        """Sends one slice of the oldest batch. Returns whether more waits."""
        if not self._jobs:
            return False
        job = self._jobs[0]
        first = job.position
        job.position += max(1, SLICE_PACKETS // len(job.frame.packets))
        if job.position >= len(job.legs):
            self._jobs.popleft()
        self._fanout.send_frame(job.frame, job.legs[first : job.position])
        return bool(self._jobs)

    def settle(self, source: Source) -> None:
        """Sends what waits of ``source`` (and all before it): the caller is about to take a leg from it."""
        while any(job.source is source for job in self._jobs):
            self.run()

    def _settle_joiners(self, source: Source) -> None:
        for former in {leg.source for leg in source.pending}:
            if former is not None:
                self.settle(former)

    def _count(self, source: Source, frame: PreparedFrame, legs: int) -> None:
        self.forwarded[f"forwarded_{source.kind}_packets"] += len(frame.packets) * legs
        self.forwarded[f"forwarded_{source.kind}_bytes"] += sum([len(packet.payload) for packet in frame.packets]) * legs

    def _send(self, source: Source, packets: tuple[SourcePacket, ...], legs: Sequence[Leg], now: float) -> None:
        if not legs:
            return
        frame = PreparedFrame(packets)
        self._count(source, frame, len(legs))
        left = self._fanout.take(source, frame, legs)
        if not left:
            return
        if source.kind == "audio":
            self._fanout.send_frame(frame, left)
        else:
            self._jobs.append(_Job(source, frame, left, now))
