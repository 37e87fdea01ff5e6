"""A publisher: one WHIP peer, its streams, and what it is told about them.

Streams are told apart by SSRC; an SSRC that the offer did not name is placed by the mid and rid extensions its first packets
carry (RFC 8843 §9.2, RFC 8852), else by its payload type when only one line has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sfu.bandwidth import PublisherBandwidth
from sfu.ids import FeedId, Kind, PeerId, SessionId
from sfu.inbound import InboundTrack
from sfu.negotiation import PublisherLine
from sfu.selector import Level
from sfu.sender_clock import SenderClock
from sfu.source import NOTHING, Arrivals, Source
from sfu.wire import extensions, rtcp
from sfu.wire.errors import WireError
from sfu.wire.rtp import RtpPacket

SSRCS_MAX = 16
"""Streams of one publisher, retransmission streams counted: three layers, a microphone, and as much again for a restart."""
REPORT_S = 0.5
"""Receiver reports and REMB: rarer than once a second and Chromium's estimate does not rise."""
SILENT_S = 2.5
"""A stream without a packet for so long has stopped; Opus with DTX still sends every 0.4 s (RFC 7587 §3.1.3)."""
LAYER_SILENT_S = 0.6
"""The same for one layer while another of its line goes on: the browser has turned it off for want of bandwidth."""
COMPOUND_BYTES = 1200
"""RTCP for a publisher goes in datagrams of at most this size, SRTCP's 20 bytes not counted."""


LAYERS_BY_NAME = "fhq"
"""The names that browsers' pages give to layers by custom: full, half, quarter. Chromium must offer the smallest first, for its
encoder allots bits in that order, so where these names are used they say more than the order."""


def levels_of(rids: Sequence[str]) -> dict[str, Level]:
    """Which layer is the best, the middle, the lowest: by the customary names, else in the offer's order, which is that of
    preference (RFC 8853 section 5.2). A fourth and further one is like the third."""
    ordered = sorted(rids, key=LAYERS_BY_NAME.index) if all(rid in tuple(LAYERS_BY_NAME) for rid in rids) else rids
    return {rid: Level(min(place, Level.QUARTER)) for place, rid in enumerate(ordered)}


@dataclass(slots=True)
class _Stream:
    """One layer of one line."""

    line: PublisherLine
    rid: str | None
    track: InboundTrack
    level: Level = Level.FULL
    is_flowing: bool = False


class Publisher:
    """Five verbs: :meth:`receive_rtp`, :meth:`receive_rtcp`, :meth:`handle_timeout`, :meth:`next_timeout`,
    :meth:`reports_to_send`. Call :meth:`changed_kinds` after each: it names the kinds of which other layers flow now.
    """

    def __init__(
        self,
        *,
        peer: PeerId,
        session: SessionId,
        feed: FeedId,
        lines: tuple[PublisherLine, ...],
        report_ssrc: int,
        ceiling_bps: int,
        keyframe_interval_s: float,
        joined_at: float,
    ) -> None:
        """A publisher that has sent nothing yet; ``report_ssrc`` is the sender of our RTCP."""
        self.peer, self.session, self.feed, self.lines, self.joined_at = peer, session, feed, lines, joined_at
        self.ignored_packets = 0
        self._report_ssrc = report_ssrc
        self._keyframe_interval_s = keyframe_interval_s
        self._bandwidth = PublisherBandwidth(ceiling_bps)
        self._streams: dict[tuple[str, str | None], _Stream] = {}
        self._by_ssrc: dict[int, _Stream] = {}
        self._by_rtx_ssrc: dict[int, _Stream] = {}
        self._retired: set[int] = set()
        self._layers: dict[Kind, tuple[tuple[Level, Source], ...]] = {"audio": (), "video": ()}
        self._keyframe_asked_at: dict[str, float] = {}
        self._changed: set[Kind] = set()
        self._clock = SenderClock()
        self._report_at = joined_at + REPORT_S
        self._feedback: list[rtcp.RtcpPacket] = []
        self._payload_types = {pt for line in lines for pt in (line.payload_type, line.rtx_payload_type) if pt is not None}

    # -- packets in

    def is_payload_type(self, payload_type: int) -> bool:
        """Whether any line negotiated this payload type: checked before the cipher is asked."""
        return payload_type in self._payload_types

    def receive_rtp(self, packet: RtpPacket, size_bytes: int, now: float) -> tuple[Source, Arrivals] | None:
        """Takes a decrypted packet; None when it belongs to no negotiated stream."""
        is_rtx = packet.ssrc in self._by_rtx_ssrc
        stream = self._by_rtx_ssrc.get(packet.ssrc) or self._by_ssrc.get(packet.ssrc)
        if stream is None:
            placed = self._place(packet)
            if placed is None:
                self.ignored_packets += 1
                return None
            stream, is_rtx = placed
        line, track = stream.line, stream.track
        self._estimate(line, packet, size_bytes, now)
        if is_rtx:
            if packet.payload_type != line.rtx_payload_type or len(packet.payload) <= 2:
                return track.source, NOTHING
            original = int.from_bytes(packet.payload[:2], "big")
            arrivals = track.receive_repaired(replace(packet, payload=packet.payload[2:]), original, now)
        elif packet.payload_type == line.payload_type:
            arrivals = track.receive(packet, now)
        else:
            self.ignored_packets += 1
            return None
        if not stream.is_flowing and packet.payload:
            stream.is_flowing = True
            self._choose(track.source.kind)
        return track.source, arrivals

    def _estimate(self, line: PublisherLine, packet: RtpPacket, size_bytes: int, now: float) -> None:
        sent_at = extensions.find(packet.extensions, line.extension_ids.get(extensions.ABS_SEND_TIME_URI))
        if sent_at is not None and len(sent_at) == 3:
            self._bandwidth.receive(int.from_bytes(sent_at, "big"), size_bytes, packet.ssrc, now)

    def _place(self, packet: RtpPacket) -> tuple[_Stream, bool] | None:
        """Finds the line and layer of a new SSRC, and whether it carries retransmissions."""
        if packet.ssrc in self._retired or len(self._by_ssrc) + len(self._by_rtx_ssrc) + len(self._retired) >= SSRCS_MAX:
            return None
        line = self._line_of(packet)
        if line is None:
            return None
        if packet.payload_type == line.rtx_payload_type:
            stream = self._repaired_stream(line, packet)
            if stream is None:
                return None
            self._by_rtx_ssrc[packet.ssrc] = stream
            return stream, True
        if packet.payload_type != line.payload_type:
            return None
        rid = self._token(packet, line, extensions.RID_URI, extensions.decode_rid)
        if line.rids and rid not in line.rids:
            return None
        if not line.rids and self._is_beside(line, packet.ssrc):
            return None
        return self._open(line, rid if line.rids else None, packet.ssrc), False

    def _is_beside(self, line: PublisherLine, ssrc: int) -> bool:
        """Whether the offer named several SSRCs of a line without rids (layers of old, a=ssrc-group:SIM), of which another one
        is received already: one is taken, else each packet would seem to replace the stream."""
        stream = self._streams.get((line.mid, None))
        return stream is not None and ssrc in line.ssrcs and stream.track.ssrc in line.ssrcs

    def _line_of(self, packet: RtpPacket) -> PublisherLine | None:
        for line in self.lines:
            if packet.ssrc in line.ssrcs or packet.ssrc in line.rtx_of:
                return line
            if self._token(packet, line, extensions.MID_URI, extensions.decode_mid) == line.mid:
                return line
        matching = [line for line in self.lines if packet.payload_type in {line.payload_type, line.rtx_payload_type}]
        return matching[0] if len(matching) == 1 else None

    @staticmethod
    def _token(packet: RtpPacket, line: PublisherLine, uri: str, decode: Callable[[bytes], str]) -> str | None:
        data = extensions.find(packet.extensions, line.extension_ids.get(uri))
        try:
            return None if data is None else decode(data)
        except WireError:
            return None

    def _repaired_stream(self, line: PublisherLine, packet: RtpPacket) -> _Stream | None:
        named = self._by_ssrc.get(line.rtx_of.get(packet.ssrc, -1))
        if named is not None:
            return named
        rid = self._token(packet, line, extensions.REPAIRED_RID_URI, extensions.decode_rid)
        if rid is not None:
            return self._streams.get((line.mid, rid))
        of_line = [stream for (mid, _), stream in self._streams.items() if mid == line.mid]
        return of_line[0] if len(of_line) == 1 else None

    def _open(self, line: PublisherLine, rid: str | None, ssrc: int) -> _Stream:
        """Opens a stream; a new SSRC in the place of an older one is a new source, for its numbers start anew.

        The older SSRC does not come back: two that alternate would else be a new source with every packet.
        """
        kind: Kind = "audio" if line.kind == "audio" else "video"
        source = Source(kind=kind, codec=line.codec, clock_rate_hz=line.clock_rate, keyframe_interval_s=self._keyframe_interval_s)
        former = self._streams.get((line.mid, rid))
        if former is not None:
            self._retired.add(former.track.ssrc)
            self._clock.forget(former.track.ssrc)
            self._retired.update(number for number, stream in self._by_rtx_ssrc.items() if stream is former)
            self._by_ssrc = {number: stream for number, stream in self._by_ssrc.items() if stream is not former}
            self._by_rtx_ssrc = {number: stream for number, stream in self._by_rtx_ssrc.items() if stream is not former}
        uris = {number: uri for uri, number in line.extension_ids.items()}
        level = Level.FULL if rid is None else levels_of(line.rids)[rid]
        stream = _Stream(line, rid, InboundTrack(ssrc, source, uris), level)
        self._streams[line.mid, rid] = self._by_ssrc[ssrc] = stream
        return stream

    def receive_rtcp(self, packet: rtcp.RtcpPacket, now: float) -> None:
        """Takes a packet of the publisher's own reports; only sender reports matter here."""
        if not isinstance(packet, rtcp.SenderReport):
            return
        stream = self._by_ssrc.get(packet.ssrc)
        if stream is None:
            return
        stream.track.receive_sender_report(packet.ntp, now)
        if not self._clock.receive(packet.ssrc, packet.ntp, packet.rtp_timestamp, stream.line.clock_rate, now):
            return
        for ssrc, at_s, timestamp in self._clock.placed():
            self._by_ssrc[ssrc].track.source.receive_sender_report(at_s, timestamp)

    # -- sources

    def best(self, kind: Kind) -> Source | None:
        """The flowing source of a kind, of several layers the best."""
        layers = self._layers[kind]
        return layers[0][1] if layers else None

    def layers(self, kind: Kind) -> tuple[tuple[Level, Source], ...]:
        """All flowing layers of a kind, the best first."""
        return self._layers[kind]

    def sources(self) -> list[Source]:
        """All sources, flowing or not."""
        return [stream.track.source for stream in self._streams.values()]

    def changed_kinds(self) -> set[Kind]:
        """Kinds of which :meth:`layers` are others since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def _choose(self, kind: Kind) -> None:
        flowing = [stream for stream in self._streams.values() if stream.line.kind == kind and stream.is_flowing]
        layers = tuple((stream.level, stream.track.source) for stream in sorted(flowing, key=lambda stream: stream.level))
        if layers != self._layers[kind]:
            self._layers[kind] = layers
            self._changed.add(kind)

    # -- time

    def handle_timeout(self, now: float) -> list[tuple[Source, Arrivals]]:
        """Does what is due: releases waiting frames, asks for lost packets and key frames, writes reports."""
        released: list[tuple[Source, Arrivals]] = []
        for stream in self._streams.values():
            source = stream.track.source
            arrivals = source.handle_timeout(now)
            if arrivals is not NOTHING:
                released.append((source, arrivals))
            missing = stream.track.missing(now)
            if missing:
                self._feedback.append(rtcp.Nack(self._report_ssrc, stream.track.ssrc, tuple(missing)))
            if source.kind == "video" and self._may_ask_keyframe(stream, now) and source.requests.take(now):
                self._keyframe_asked_at[stream.line.mid] = now
                self._feedback.append(rtcp.Pli(self._report_ssrc, stream.track.ssrc))
            if stream.is_flowing and source.received_at is not None and now - source.received_at > self._silent_s(stream, now):
                stream.is_flowing = False
                self._choose(source.kind)
        if now >= self._report_at:
            self._report_at = now + REPORT_S
            self._feedback[:0] = self._report(now)
        return released

    def _may_ask_keyframe(self, stream: _Stream, now: float) -> bool:
        """Whether the line's turn has come: libvpx answers a request for one layer with a key frame in each, so requests of
        all layers together are held to the rate of one. Those that are due in one moment leave together."""
        asked_at = self._keyframe_asked_at.get(stream.line.mid)
        return asked_at is None or asked_at == now or now >= asked_at + self._keyframe_interval_s

    def _silent_s(self, stream: _Stream, now: float) -> float:
        """After what silence a stream has stopped."""
        for other in self._streams.values():
            heard_at = other.track.source.received_at
            if other.line is stream.line and other is not stream and heard_at is not None and now - heard_at < LAYER_SILENT_S:
                return LAYER_SILENT_S
        return SILENT_S

    def _report(self, now: float) -> list[rtcp.RtcpPacket]:
        blocks = [block for stream in self._streams.values() if (block := stream.track.report(now)) is not None]
        if not blocks:
            return []
        ssrcs = tuple(stream.track.ssrc for stream in self._streams.values() if stream.line.kind == "video")
        report: list[rtcp.RtcpPacket] = [rtcp.ReceiverReport(self._report_ssrc, tuple(blocks))]
        if ssrcs:
            report.append(rtcp.Remb(self._report_ssrc, self._bandwidth.bps, ssrcs))
        return report

    def reports_to_send(self) -> list[list[rtcp.RtcpPacket]]:
        """The compounds to send now; a receiver report comes first in each (RFC 3550 §6.1), and each fits a datagram."""
        feedback, self._feedback = self._feedback, []
        return _compounds(feedback, self._report_ssrc)

    def next_timeout(self) -> float:
        """When :meth:`handle_timeout` has something to do."""
        due = [self._report_at]
        for stream in self._streams.values():
            source = stream.track.source
            asking = source.requests.next_timeout()
            asked_at = self._keyframe_asked_at.get(stream.line.mid)
            if asking is not None and asked_at is not None:
                asking = max(asking, asked_at + self._keyframe_interval_s)
            moments = (source.next_timeout(), stream.track.next_timeout(), asking)
            due.extend(moment for moment in moments if moment is not None)
        return min(due)


def _compounds(packets: Sequence[rtcp.RtcpPacket], report_ssrc: int) -> list[list[rtcp.RtcpPacket]]:
    """Shares packets out to compounds of at most :data:`COMPOUND_BYTES`, each begun with a receiver report."""
    compounds: list[list[rtcp.RtcpPacket]] = []
    left = 0
    for packet in packets:
        size = len(packet.serialize())
        if not compounds or size > left:
            compounds.append([])
            left = COMPOUND_BYTES
            if not isinstance(packet, rtcp.ReceiverReport):
                compounds[-1].append(rtcp.ReceiverReport(report_ssrc, ()))
                left -= 8
        compounds[-1].append(packet)
        left -= size
    return compounds
