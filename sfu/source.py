"""A source: one stream of one feed (its sound, or one layer of its picture) and the legs that follow it.

Packets come in as they arrived; they are put together into frames, or into parts of large ones, so that the fan-out has equal
packets to send in one message. A packet that comes after its frame has left (a repaired loss) is passed on alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from sfu.history import PacketHistory
from sfu.ids import FeedId, Kind, SessionId
from sfu.keyframe import KeyframeCache, KeyframeRequests
from sfu.legs import Leg
from sfu.packets import SourcePacket, equalize
from sfu.selector import Level

BATCH_PACKETS = 16
"""A larger frame leaves in parts: the gain of longer GSO runs ends at about ten packets, the delay of waiting does not."""
BATCH_S = 0.005
"""A frame whose last packet does not come leaves after this time as far as it is there."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What one packet, or the passing of time, completed: batches in order, and a packet that was late."""

    batches: tuple[tuple[SourcePacket, ...], ...] = ()
    late: SourcePacket | None = None


NOTHING = Arrivals()


class Source:
    """One stream, its history, its key frames, and who follows it.

    :meth:`receive` and :meth:`handle_timeout` return what may be sent now; give each batch to :meth:`follow`, then to the
    fan-out with the legs it returns.

    Whatever the publisher sends, indices of batches only grow and no index ever stands for two packets: the legs' nonces
    rest on it.
    """

    def __init__(self, *, kind: Kind, codec: str, clock_rate_hz: int, keyframe_interval_s: float) -> None:
        self.kind: Kind = kind
        self.codec = codec
        self.clock_rate_hz = clock_rate_hz
        self.history = PacketHistory()
        self.requests = KeyframeRequests(keyframe_interval_s)
        self.cache = KeyframeCache()
        self.legs: dict[Leg, None] = {}
        self.pending: dict[Leg, None] = {}
        self.packets_forwarded = 0
        self.octets_forwarded = 0
        self.forwarded_index = -1
        self.forwarded_timestamp = 0
        self.forwarded_at: float | None = None
        self.received_at: float | None = None
        self.is_starved = False
        self.levels: tuple[Level, ...] = (Level.FULL,)
        """The layers that flow of the feed that this one belongs to, best first: what can be chosen instead of it."""
        self.recorded_as: tuple[SessionId, FeedId] | None = None
        """The session and feed that the recorder knows it by; None when it is not recorded."""
        self.tap_number = 0
        self.tapped_keyframe_at: float | None = None
        self._released = -1
        self._keyframe_timestamp: int | None = None
        self._batch: list[SourcePacket] = []
        self._batch_deadline: float | None = None
        self._followers: tuple[Leg, ...] | None = None
        self._reported: tuple[float, int] | None = None

    # -- packets in

    def receive(self, packet: SourcePacket, now: float) -> Arrivals:
        """Takes a packet, in any order. Duplicates, and what the history no longer reaches, give nothing."""
        self.received_at = now
        if packet.index <= self._released:
            return self._receive_late((), packet)
        if any(held.index == packet.index for held in self._batch):
            return NOTHING
        if self.kind == "audio":
            self._released = packet.index
            return Arrivals(batches=((packet,),))
        batches: list[tuple[SourcePacket, ...]] = []
        if self._batch and packet.timestamp != self._batch[0].timestamp:
            if packet.index < min(held.index for held in self._batch):
                # The end of an older frame, overtaken by the beginning of this one.
                self._released = packet.index
                return Arrivals(batches=((packet,),))
            batches.append(self._take())
            if packet.index <= self._released:
                return self._receive_late(tuple(batches), packet)
        if not self._batch:
            self._batch_deadline = now + BATCH_S
        self._batch.append(packet)
        if packet.marker or len(self._batch) >= BATCH_PACKETS:
            batches.append(self._take())
        return Arrivals(batches=tuple(batches))

    def handle_timeout(self, now: float) -> Arrivals:
        """Releases a frame that has waited long enough for its last packet."""
        if self._batch_deadline is None or now < self._batch_deadline:
            return NOTHING
        return Arrivals(batches=(self._take(),))

    def next_timeout(self) -> float | None:
        """When :meth:`handle_timeout` has something to do."""
        return self._batch_deadline

    def _receive_late(self, batches: tuple[tuple[SourcePacket, ...], ...], packet: SourcePacket) -> Arrivals:
        """A packet behind what was released: it is passed on when it is the first of its index, and still of use."""
        if self.is_starved or not self.history.add(packet):
            return Arrivals(batches=batches) if batches else NOTHING
        return Arrivals(batches=batches, late=packet)

    def _take(self) -> tuple[SourcePacket, ...]:
        batch = tuple(equalize(sorted(self._batch, key=lambda packet: packet.index)))
        self._released = batch[-1].index
        self._batch.clear()
        self._batch_deadline = None
        return batch

    # -- packets out

    def lose(self) -> None:
        """Packets are lost for good: the picture is damaged until the next key frame, which is asked for."""
        if self.kind == "video":
            self.cache.clear()
            self.requests.want()

    def starve(self) -> None:
        """Too much is lost, or the fan-out could not keep up: no picture is forwarded until the next key frame."""
        if self.kind == "video":
            self.is_starved = True
            self.lose()

    def may_forward(self, batch: tuple[SourcePacket, ...]) -> bool:
        """Whether a batch shall be sent: while starved, only from a key frame on."""
        if self.is_starved and self._begins_keyframe(batch):
            self.is_starved = False
        return not self.is_starved

    def has_joiners(self, batch: tuple[SourcePacket, ...]) -> bool:
        """Whether this batch lets waiting legs begin: any sound does, a picture only by its key frame."""
        return bool(self.pending) and (self.kind == "audio" or self._begins_keyframe(batch))

    def _begins_keyframe(self, batch: tuple[SourcePacket, ...]) -> bool:
        """Whether a key frame begins with ``batch``, and not only goes on: several of its packets may look like a beginning
        (H.264: parameter sets, then the first slice), and others may come before them (access unit delimiter, SEI)."""
        return batch[0].timestamp != self._keyframe_timestamp and any(packet.is_keyframe_start for packet in batch)

    def _note_keyframe(self, first: SourcePacket) -> None:
        self._keyframe_timestamp = first.timestamp
        self.cache.note(first.index, is_keyframe_start=True)
        self.requests.arrived()

    def follow(self, batch: tuple[SourcePacket, ...], now: float) -> tuple[Leg, ...]:
        """Enters a batch into the history, lets waiting legs begin with it, and returns the legs to send it to.

        Before a leg that follows another source may begin here, what waits of that source must have been sent:
        when :meth:`has_joiners`, settle the dispatcher first.
        """
        if self.has_joiners(batch):
            self._join_all(batch[0], now)
        if self.kind == "video" and self._begins_keyframe(batch):
            self._note_keyframe(batch[0])
        for packet in batch:
            self.history.add(packet)
            self.octets_forwarded += len(packet.payload) - packet.padding_bytes
        self.packets_forwarded += len(batch)
        last = batch[-1]
        self.cache.note(last.index, is_keyframe_start=False)
        self.forwarded_index, self.forwarded_at = last.index, now
        # Not the newest but the highest: frames may be sent out of their order in time (H.264 with B frames).
        self.forwarded_timestamp = max(self.forwarded_timestamp, last.timestamp)
        if self._followers is None:
            self._followers = tuple(self.legs)
        return self._followers

    def may_begin_late(self, packet: SourcePacket) -> bool:
        """Whether a key frame begins with a packet that came late, so that the picture can still be followed from it on."""
        return self.kind == "video" and self._begins_keyframe((packet,)) and self.cache.is_short(packet.index)

    def begin_late(self, packet: SourcePacket, now: float) -> tuple[Leg, ...]:
        """Lets waiting legs begin with a late packet; returns them, to be sent what the history holds from it on."""
        self._note_keyframe(packet)
        return self._join_all(packet, now)

    # -- legs

    def _join_all(self, first: SourcePacket, now: float) -> tuple[Leg, ...]:
        joined = tuple(self.pending)
        for leg in joined:
            self.join(leg, first, now)
        return joined

    def join(self, leg: Leg, packet: SourcePacket, now: float) -> None:
        """Lets a leg follow from ``packet`` on."""
        if leg.source is not None:
            leg.source.remove(leg)
        self.pending.pop(leg, None)
        leg.attach(self, packet.index, packet.timestamp, now)
        self.legs[leg] = None
        self._followers = None

    def wait(self, leg: Leg) -> None:
        """Lets a leg begin with the next key frame (sound: with the next packet)."""
        leg.pending = self
        self.pending[leg] = None
        if self.kind == "video":
            self.requests.want()

    def remove(self, leg: Leg) -> None:
        """Forgets a leg; it is for the caller to detach it."""
        self.legs.pop(leg, None)
        self.pending.pop(leg, None)
        self._followers = None

    # -- time

    def receive_sender_report(self, local_time: float, rtp_timestamp: int) -> None:
        """Notes the publisher's own pairing of RTP time and clock (RFC 3550 §6.4.1).

        Args:
            local_time: the report's NTP time on this node's monotonic clock, in seconds.
            rtp_timestamp: as on the wire, 32 bits.
        """
        # Before anything was forwarded the first picture may wait for its last packet; counting began with its time.
        near = self.forwarded_timestamp if self.forwarded_at is not None else rtp_timestamp
        offset = (rtp_timestamp - near + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        self._reported = (local_time, near + offset)

    @property
    def reported(self) -> tuple[float, int] | None:
        """The publisher's newest pairing of this node's clock and the source's RTP time; None before its first report."""
        return self._reported

    def timestamp_at(self, now: float) -> int | None:
        """The source's RTP time at a moment of this node's clock; None while nothing is known."""
        if self._reported is not None:
            at, timestamp = self._reported
        elif self.forwarded_at is not None:
            at, timestamp = self.forwarded_at, self.forwarded_timestamp
        else:
            return None
        return timestamp + round((now - at) * self.clock_rate_hz)
