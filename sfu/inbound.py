"""One SSRC of a publisher: from RTP packets as they arrive to packets of a source, and the feedback they call for."""

from __future__ import annotations

from collections.abc import Mapping

from sfu.losses import LossRepair
from sfu.packets import PER_HOP_EXTENSIONS, SourcePacket
from sfu.reception import Reception
from sfu.source import NOTHING, Arrivals, Source
from sfu.wire import vp8
from sfu.wire.codecs import VP8, is_keyframe_start
from sfu.wire.rtcp import ReportBlock
from sfu.wire.rtp import RtpPacket
from sfu.wire.sequence import Unwrapper

FIRST_CYCLE = 1 << 16
"""Added to unwrapped numbers, so that a packet from before the first one seen does not become negative."""


class InboundTrack:
    """Receives one stream for ``source``. Retransmissions enter by :meth:`receive_repaired`.

    After each call look at :meth:`next_timeout`; at that time :meth:`missing` gives what a NACK shall name.
    """

    def __init__(self, ssrc: int, source: Source, extension_uris: Mapping[int, str]) -> None:
        """A track that heard nothing yet.

        Args:
            ssrc: the publisher's SSRC.
            source: what the packets become part of.
            extension_uris: the line's header extensions by id.
        """
        self.ssrc = ssrc
        self.source = source
        self._uris = {number: uri for number, uri in extension_uris.items() if uri not in PER_HOP_EXTENSIONS}
        self._sequence = Unwrapper(16)
        self._timestamp = Unwrapper(32)
        self._losses = LossRepair()
        self._newest = -1
        self._floor = 0
        self._left_out = 0
        self._reception = Reception(ssrc, source.clock_rate_hz)

    @property
    def given_up(self) -> int:
        """Packets asked for again in vain."""
        return self._losses.given_up

    def receive(self, packet: RtpPacket, now: float) -> Arrivals:
        """Takes a packet of this SSRC in whatever order it came."""
        number = self._unwrap(packet.sequence_number)
        timestamp = self._timestamp.unwrap(packet.timestamp)
        self._reception.receive(number, timestamp, now)
        return self._pass(packet, number, timestamp, now)

    def receive_repaired(self, packet: RtpPacket, original_sequence: int, now: float) -> Arrivals:
        """Takes a retransmission (RFC 4588 §4) that was given back its payload and sequence number; it does not count as
        received in reports."""
        timestamp = self._timestamp.unwrap(packet.timestamp)
        return self._pass(packet, self._unwrap(original_sequence), timestamp, now)

    def _unwrap(self, sequence: int) -> int:
        return FIRST_CYCLE + self._sequence.unwrap(sequence)

    def _pass(self, packet: RtpPacket, number: int, timestamp: int, now: float) -> Arrivals:
        """Gives the source a packet by its unwrapped sequence number.

        Over a gap that is not repaired the source's own numbers go on without one: receivers would ask for all of it, and one
        that misses 2^15 numbers loses count of the rollovers (RFC 3711 §3.3.1) and never decrypts again. The picture waits for
        its next key frame then, and what still comes from before the gap is dropped.
        """
        if number < self._floor:
            return NOTHING
        if not self._losses.receive(number, now):
            self._left_out += number - self._newest - 1
            self._floor = number
            self.source.starve()
        self._newest = max(self._newest, number)
        payload = vp8.without_numbers(packet.payload) if self.source.codec == VP8 else packet.payload
        entered = SourcePacket(
            index=number - self._left_out,
            timestamp=timestamp,
            marker=packet.marker,
            payload=payload,
            extensions=tuple((self._uris[number], data) for number, data in packet.extensions if number in self._uris),
            is_keyframe_start=bool(payload) and is_keyframe_start(self.source.codec, payload),
        )
        return self.source.receive(entered, now)

    def missing(self, now: float) -> list[int]:
        """16-bit sequence numbers to ask for now. What is given up costs a key frame, when the stream is a picture."""
        indices, given_up = self._losses.requests(now)
        if given_up:
            self.source.lose()
        return [index & 0xFFFF for index in indices]

    def next_timeout(self) -> float | None:
        """When :meth:`missing` has something to do."""
        return self._losses.next_timeout()

    def receive_sender_report(self, ntp: int, now: float) -> None:
        """Takes the publisher's sender report, for our own; what it says of time is for :class:`sfu.sender_clock.SenderClock`."""
        self._reception.receive_sender_report(ntp, now)

    def report(self, now: float) -> ReportBlock | None:
        """The report block for the publisher."""
        return self._reception.block(now)
