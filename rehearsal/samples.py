"""The media of a sampled point: every packet opened, compared with what was published, put into its place, and timed.

libsrtp opens it, independent of the service's own code; :mod:`rehearsal.pattern` knows what it has to hold. A leg of the service
is a *stretch* of one publisher after the other: within a stretch RTP sequence number and the publisher's own packet number go
in step, and so do both timestamps; from one stretch to the next the sequence number goes on by one. Whatever breaks that is a
bad packet. What is missing is asked for (NACK), and is lost when it has not come within a second.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from struct import Struct

import pylibsrtp

from rehearsal import pattern
from rehearsal.control import policy
from rehearsal.handshake import MediaKeys
from rehearsal.measures import Histogram, SampleCounts
from rehearsal.pattern import Block, ChangedError, Kind

NACK_AFTER_S, NACK_EVERY_S = 0.02, 0.1
LOST_AFTER_S = 1.0
MISSING_MAX = 500
"""Missing packets of a stream that are waited for; more at once are given up as lost."""
ASKED_KEPT = 1024
_HEADER = Struct("!BBHII")
_REPORT_BLOCK = Struct("!IIIIII")
_NACK_HEAD = Struct("!BBHII")
_NACK_PAIR = Struct("!HH")
_PADDING, _EXTENSION, _CSRCS = 0x20, 0x10, 0x0F


@dataclass(slots=True)
class _Missing:
    since: float
    asked_at: float = float("-inf")
    is_pretended: bool = False


class _Stream:
    """One SSRC: one slot of the point."""

    __slots__ = (
        "asked",
        "began_ns",
        "clock",
        "expected_reported",
        "first",
        "highest",
        "kind",
        "last",
        "last_timestamp",
        "lost",
        "missing",
        "number_offset",
        "payload_type",
        "publisher",
        "received",
        "received_reported",
        "slot",
        "timestamp_offset",
    )

    def __init__(self, slot: str, kind: Kind, payload_type: int) -> None:
        self.slot, self.kind, self.payload_type = slot, kind, payload_type
        self.publisher: int | None = None
        self.number_offset = self.timestamp_offset = self.last_timestamp = 0
        self.last: Block | None = None
        self.began_ns = 0
        self.first = self.highest = -1
        self.received = self.lost = self.expected_reported = self.received_reported = 0
        self.missing: dict[int, _Missing] = {}
        self.asked: dict[int, int] = {}
        """How often packets were asked for and have not come a second time since."""

    def index_of(self, sequence: int) -> int:
        """The sequence number without its wrap, nearest to the highest."""
        if self.highest < 0:
            return sequence + 0x10000
        return self.highest + ((sequence - self.highest + 0x8000 & 0xFFFF) - 0x8000)


class SampleReader:
    """The five verbs for one point's media: :meth:`receive`, :meth:`handle_timeout`, :meth:`nacks`, :meth:`report_blocks`.

    Args:
        keys: the point's SRTP keys.
        streams: slot, kind and payload type of each SSRC that the answer announced.
        counts: where everything is counted; many points share one.
        seed: for what it pretends to have lost.
    """

    def __init__(self, keys: MediaKeys, streams: dict[int, tuple[str, Kind, int]], counts: SampleCounts, seed: int) -> None:
        self._session = pylibsrtp.Session(policy(keys, inbound=True))
        self._streams = {ssrc: _Stream(*what) for ssrc, what in streams.items()}
        self._counts = counts
        self._random = random.Random(seed)  # noqa: S311 (pretended losses are no secret)
        self.loss = 0.0
        """The share of packets that is treated as if it had not come."""
        self.received = 0
        """Good packets of this point."""
        self.is_excused = False
        """Whether this process dropped packets unread: gaps are counted as its own, and nothing is asked for."""
        self.first_packet_at: float | None = None
        self.publishers: dict[tuple[int, str], float] = {}
        """When the first packet of each publisher came in each slot, since :meth:`forget_publisher`; at most 4,096 of them."""

    def receive(self, data: bytes, received_ns: int, now: float) -> None:
        """Take an SRTP packet; nothing in it raises.

        Args:
            data: as it came.
            received_ns: monotonic nanoseconds when the kernel took it.
            now: monotonic seconds.
        """
        if len(data) < _HEADER.size:
            self._note_bad("unexpected")
            return
        flags, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
        stream = self._streams.get(ssrc)
        if stream is None or second & 0x7F != stream.payload_type or flags & _CSRCS:
            self._note_bad("unexpected")
            return
        index = stream.index_of(sequence)
        if self.loss and stream.highest >= 0 and self._random.random() < self.loss:
            self._counts.pretended_lost += 1
            self._pass_over(stream, index, now)
            return
        try:
            plain = self._session.unprotect(data)
        except pylibsrtp.Error as error:
            self._note_refused(stream, index, str(error))
            return
        payload = _payload_of(plain, flags)
        try:
            block = pattern.read(stream.kind, payload)
        except ChangedError:
            self._note_bad("changed")
            return
        reason = self._place(stream, index, timestamp, block, bool(second & 0x80), received_ns)
        if reason:
            self._note_bad(reason)
            return
        self._note_good(stream, index, block, received_ns, now)

    def _place(self, stream: _Stream, index: int, timestamp: int, block: Block, has_marker: bool, received_ns: int) -> str | None:
        """Why a packet is not where it belongs, or None."""
        if stream.kind == "video" and has_marker != (block.place == block.of - 1):
            return "marker"
        if block.publisher == stream.publisher and block.number == index - stream.number_offset:
            return None if (timestamp - block.timestamp) & 0xFFFFFFFF == stream.timestamp_offset else "timestamp"
        last = stream.last
        begins_frame = stream.kind == "audio" or block.place == 0
        if last is not None:
            if index in stream.missing and index <= stream.highest:
                return None  # the end of an earlier stretch, repaired
            # Another stretch: it goes on by one, begins with a frame and is later than what came before.
            if index <= stream.highest:
                return "order"
            if not begins_frame and index == stream.highest + 1 and stream.highest not in stream.missing:
                return "order"
            if block.publisher == stream.publisher and block.number <= last.number:
                return "order"
            if not 0 < (timestamp - stream.last_timestamp) & 0xFFFFFFFF < 0x80000000:
                return "timestamp"
        stream.publisher, stream.number_offset = block.publisher, index - block.number
        stream.timestamp_offset = (timestamp - block.timestamp) & 0xFFFFFFFF
        stream.began_ns = received_ns
        return None

    def _note_good(self, stream: _Stream, index: int, block: Block, received_ns: int, now: float) -> None:
        counts = self._counts
        counts.packets += 1
        self.received += 1
        stream.received += 1
        is_late = stream.missing.pop(index, None) if stream.missing else None
        if is_late is not None and is_late.asked_at > float("-inf"):
            counts.retransmitted += 1
        if index > stream.highest:
            if stream.highest < 0:
                stream.first = index
            elif index > stream.highest + 1:
                self._note_gap(stream, index, now)
            stream.highest, stream.last = index, block
            stream.last_timestamp = (block.timestamp + stream.timestamp_offset) & 0xFFFFFFFF
        key = (block.publisher, stream.slot)
        if key not in self.publishers and len(self.publishers) < 4096:
            self.publishers[key] = received_ns / 1e9
        if self.first_packet_at is None:
            self.first_packet_at = received_ns / 1e9
        if stream.kind == "video":
            counts.video_packets += 1
        else:
            counts.audio_packets += 1
        # What a newcomer is sent of the past says nothing of the way here, nor does what was pretended to be lost.
        if block.sent_ns >= stream.began_ns and not (is_late is not None and is_late.is_pretended):
            histogram: Histogram = counts.video_delay if stream.kind == "video" else counts.audio_delay
            histogram.add((received_ns - block.sent_ns) / 1e6)

    def _pass_over(self, stream: _Stream, index: int, now: float) -> None:
        """Act as if a packet had not come."""
        if index > stream.highest and not self.is_excused:
            self._note_gap(stream, index, now)
            stream.missing[index] = _Missing(now, is_pretended=True)
            stream.highest = index

    def _note_gap(self, stream: _Stream, index: int, now: float) -> None:
        first = stream.highest + 1
        if self.is_excused:
            self._counts.unread += index - first
            return
        if index - first > MISSING_MAX - len(stream.missing):
            self._give_up(stream, index - first)
            return
        for missing in range(first, index):
            stream.missing[missing] = _Missing(now)

    def _give_up(self, stream: _Stream, number: int) -> None:
        self._counts.lost += number
        stream.lost += number

    def _note_refused(self, stream: _Stream, index: int, text: str) -> None:
        if not text.startswith("replay"):
            self._note_bad("auth")
        elif stream.asked.get(index, 0):
            # Asked for again, perhaps several times while the answer was under way, and then each of them came.
            stream.asked[index] -= 1
            self._counts.retransmitted += 1
        else:
            self._note_bad("duplicate")

    def _note_bad(self, reason: str) -> None:
        self._counts.bad_by_reason[reason] = self._counts.bad_by_reason.get(reason, 0) + 1

    def forget_publisher(self, publisher: int) -> None:
        """Let :attr:`publishers` begin anew for one of them."""
        for key in [key for key in self.publishers if key[0] == publisher]:
            del self.publishers[key]

    def excuse(self) -> None:
        """This process could not read everything: what is missing now may never have been looked at."""
        self.is_excused = True
        for stream in self._streams.values():
            self._counts.unread += len(stream.missing)
            stream.missing.clear()

    def handle_timeout(self, now: float) -> None:
        """Give up what has been missing for a second. Call it some ten times a second."""
        for stream in self._streams.values():
            if stream.missing:
                given_up = [index for index, one in stream.missing.items() if now - one.since >= LOST_AFTER_S]
                for index in given_up:
                    del stream.missing[index]
                self._give_up(stream, len(given_up))

    def nacks(self, sender_ssrc: int, now: float) -> bytes:
        """Generic NACKs (RFC 4585 §6.2.1) for what is missing and due; empty when nothing is."""
        packets = b""
        for ssrc, stream in self._streams.items():
            if not stream.missing:
                continue
            due = [
                index
                for index, one in stream.missing.items()
                if now - one.since >= NACK_AFTER_S and now - one.asked_at >= NACK_EVERY_S
            ][:64]
            if not due:
                continue
            for index in due:
                stream.missing[index].asked_at = now
                stream.asked[index] = stream.asked.get(index, 0) + 1
            while len(stream.asked) > ASKED_KEPT:
                del stream.asked[next(iter(stream.asked))]
            self._counts.nacks += len(due)
            packets += _NACK_HEAD.pack(0x81, 205, 2 + len(due), sender_ssrc, ssrc)
            packets += b"".join(_NACK_PAIR.pack(index & 0xFFFF, 0) for index in due)
        return packets

    def report_blocks(self, last_reports: dict[int, tuple[int, float]], now: float) -> bytes:
        """Report blocks (RFC 3550 §6.4.1) of the SSRCs that were heard.

        Args:
            last_reports: for each SSRC the middle of its newest sender report's NTP time, and when it came.
            now: monotonic seconds.
        """
        blocks = b""
        for ssrc, stream in self._streams.items():
            if stream.highest < 0:
                continue
            expected = stream.highest - stream.first + 1
            interval, got = expected - stream.expected_reported, stream.received - stream.received_reported
            stream.expected_reported, stream.received_reported = expected, stream.received
            fraction = min(255, max(0, interval - got) * 256 // interval) if interval > 0 else 0
            lost = min(0x7FFFFF, max(0, expected - stream.received))
            blocks += report_block(ssrc, fraction, lost, stream.highest, last_reports.get(ssrc), now)
        return blocks


def report_block(ssrc: int, fraction: int, lost: int, highest: int, last_report: tuple[int, float] | None, now: float) -> bytes:
    """One report block; ``fraction`` in 256ths. Interarrival jitter is reported as 0: nothing here plays the media."""
    middle, came_at = last_report or (0, now)
    delay = min(0xFFFFFFFF, max(0, int((now - came_at) * 65536))) if last_report else 0
    return _REPORT_BLOCK.pack(ssrc, fraction << 24 | lost, highest & 0xFFFFFFFF, 0, middle, delay)


def _payload_of(plain: bytes, flags: int) -> bytes:
    """The payload of an RTP packet without extension and padding."""
    begin, end = _HEADER.size, len(plain)
    if flags & _EXTENSION and end >= begin + 4:
        begin += 4 + 4 * int.from_bytes(plain[begin + 2 : begin + 4], "big")
    if flags & _PADDING and end:
        end -= plain[-1]
    return plain[begin:end]
