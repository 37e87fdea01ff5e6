"""A viewer: one WHEP peer, its legs, its reports and the packets it asks for again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import Struct

from sfu.ids import FeedId, Kind, PeerId, SessionId
from sfu.legs import Leg
from sfu.report_window import Losses, LossWindow, ReportReader
from sfu.selector import NOMINAL_BPS, Level, Selector, nearest
from sfu.thin_line import ThinLine
from sfu.wire import rtcp

SENDER_REPORT_S = 5.0
"""Every viewer learns the pairing of clocks this often (RFC 3550 §6.2 has 5 s as the minimum for RTCP)."""
FIRST_REPORT_S = 0.3
RESENDS_PER_S: Mapping[Level, int] = {Level.FULL: 150, Level.HALF: 60, Level.QUARTER: 12, Level.SOUND: 5}
"""Retransmissions to one viewer: a tenth of a picture stream, of the lowest one a key frame's packets. A line that loses more
than that needs less picture, not more, and what is repeated takes its room from the sound."""
_SENDER_REPORT = Struct("!BBHIQIII")
_SDES_HEAD = Struct("!BBHI")
NTP_UNIX_OFFSET_S = 2_208_988_800
"""Seconds from 1900 (NTP era 0, RFC 5905 §6) to 1970."""


@dataclass(frozen=True, slots=True)
class Resend:
    """A packet a viewer asked for again: the leg and the 16-bit sequence number."""

    leg: Leg
    sequence: int


@dataclass(frozen=True, slots=True)
class LineQuality:
    """What a viewer last reported: share of packets lost (0 to 1) and round-trip time, None where unknown."""

    lost: float | None = None
    rtt_ms: float | None = None


class Viewer:
    """One viewer. Its RTCP comes in decrypted by :meth:`receive_rtcp`; :meth:`report` gives its sender reports."""

    __slots__ = (
        "_by_ssrc",
        "_reader",
        "_resend_from",
        "_resends",
        "_selector",
        "_window",
        "cname",
        "is_served",
        "legs",
        "limit",
        "line",
        "owner",
        "peer",
        "quality",
        "report_at",
        "resends_over_budget",
        "session",
        "told_level",
    )

    def __init__(self, *, peer: PeerId, session: SessionId, owner: FeedId | None, legs: tuple[Leg, ...], cname: str) -> None:
        self.peer, self.session, self.owner, self.legs, self.cname = peer, session, owner, legs, cname
        self._by_ssrc = {leg.ssrc: leg for leg in legs}
        self._resends = 0
        self._resend_from = float("-inf")
        self.resends_over_budget = 0
        self.quality = LineQuality()
        self.limit = Level.FULL
        self._selector = Selector()
        self._reader, self._window = ReportReader(), LossWindow()
        self.told_level = Level.FULL
        """What :meth:`take_level` gave last."""
        self.line: ThinLine | None = None
        """By what its pictures leave; None: at once, by the node's socket or a TCP connection."""
        self.report_at = float("inf")
        self.is_served = False

    @property
    def level(self) -> Level:
        """What of the pictures this viewer shall have: what its line carries, and never more than it asked for."""
        return max(self._selector.level, self.limit)

    @property
    def is_short(self) -> bool:
        """Whether its line carries less than the best layer."""
        return self._selector.level is not Level.FULL

    @property
    def is_thin(self) -> bool:
        """Whether it was less because more was sent than the line carries."""
        return self._selector.is_thin

    def take_line(self, line: ThinLine | None) -> None:
        """From now on the pictures leave by this line, or by none."""
        self.line = line
        self._selector.may_wish = line is not None
        if line is None and self._selector.wish is not None:
            self._selector.refuse()

    def layers_bps(self, level: Level) -> float:
        """What the layers of all its pictures take at a level, at most."""
        feeding = (leg.pending or leg.source for leg in self.legs if leg.kind == "video")
        found = sum(NOMINAL_BPS[nearest(level, source.levels)] for source in feeding if source is not None)
        return max(found, NOMINAL_BPS[Level.QUARTER])

    @property
    def is_watched(self) -> bool:
        """Whether good reports matter too. Else only those matter that tell of loss or of a longer round trip."""
        return self._selector.is_watching or self._window.has_loss

    def take_level(self, now: float) -> Level | None:
        """:attr:`level` if it is another since the last call. The caller gives it to the session's routes."""
        level = self.level
        if level is self.told_level:
            return None
        self.told_level = level
        self._window.clear(now)
        return level

    def receive_quality(self, lost: float, rtt_ms: float | None, now: float) -> None:
        """Takes what a report says of the line; then ask :meth:`take_level`.

        Args:
            lost: share of packets lost since the report before, 0 to 1: of the pictures, of the sound where there are none.
            rtt_ms: round-trip time; None where the report does not tell.
            now: monotonic seconds.
        """
        self.quality = LineQuality(lost, rtt_ms if rtt_ms is not None else self.quality.rtt_ms)
        if self.line is not None and self.line.probe is not None:
            self._follow_probe(self.line, lost, rtt_ms, now)
            return
        self._selector.receive_quality(lost, rtt_ms, now, self._levels())
        if self._selector.wish is not None and self.line is not None:
            self.line.start_probe(self.layers_bps(self._selector.wish), self._selector.base_ms, now)

    def _follow_probe(self, line: ThinLine, lost: float, rtt_ms: float | None, now: float) -> None:
        probe = line.probe
        if probe is None:
            return
        probe.receive_report(lost, rtt_ms, now)
        if probe.verdict is None:
            return
        line.probe = None
        if probe.verdict == "carries":
            self._selector.grant(now)
        else:
            self._selector.refuse()

    def _levels(self) -> tuple[Level, ...]:
        """The layers to choose from: of the picture that has most of them."""
        levels: tuple[Level, ...] = ()
        for leg in self.legs:
            feeding = leg.pending or leg.source
            if feeding is not None and leg.kind == "video" and len(feeding.levels) > len(levels):
                levels = feeding.levels
        return levels

    def receive_rtcp(
        self,
        packets: Iterable[rtcp.RtcpPacket],
        now: float,
        ntp_now: float,
        *,
        is_late: bool = False,
        are_reports_known: bool = False,
    ) -> list[Resend]:
        """Takes a compound packet; returns what to send again, within the viewer's budget.

        Key-frame requests (PLI, FIR) become wishes of the leg's source, merged there with everybody's.

        Args:
            packets: the compound.
            now: monotonic seconds.
            ntp_now: seconds since 1900 at the same moment.
            is_late: the node itself is behind its time, so that round trips measure it and not the line.
            are_reports_known: the native intake has read the reports in it already.
        """
        resends: list[Resend] = []
        for packet in packets:
            if isinstance(packet, rtcp.Nack):
                leg = self._by_ssrc.get(packet.media_ssrc)
                if leg is not None:
                    lost = self._still_needed(leg, packet.lost)
                    resends.extend(Resend(leg, sequence) for sequence in lost[: self._may_resend(len(lost), now)])
            elif isinstance(packet, rtcp.Pli):
                self._want_keyframe(packet.media_ssrc)
            elif isinstance(packet, rtcp.Fir):
                for entry in packet.entries:
                    self._want_keyframe(entry[0])
            elif isinstance(packet, (rtcp.ReceiverReport, rtcp.SenderReport)) and not are_reports_known:
                self._receive_blocks(packet.blocks, now, ntp_now, is_late=is_late)
        return resends

    def _still_needed(self, leg: Leg, lost: Sequence[int]) -> Sequence[int]:
        """Without what was lost of a layer that was taken away: a key frame came after it, and the line does not carry it."""
        if leg.kind == "audio" or self._selector.level is Level.FULL:
            return lost
        return [sequence for sequence in lost if not leg.is_former(sequence)]

    def _may_resend(self, wanted: int, now: float) -> int:
        """How many of so many packets may be sent again now."""
        if now - self._resend_from >= 1.0:
            self._resend_from, self._resends = now, 0
        granted = min(wanted, max(0, RESENDS_PER_S[self.level] - self._resends))
        self._resends += granted
        self.resends_over_budget += wanted - granted
        return granted

    def _want_keyframe(self, ssrc: int) -> None:
        leg = self._by_ssrc.get(ssrc)
        if leg is not None and leg.source is not None and leg.kind == "video":
            leg.source.requests.want()

    def _receive_blocks(self, blocks: Iterable[rtcp.ReportBlock], now: float, ntp_now: float, *, is_late: bool) -> None:
        losses: dict[Kind, Losses] = {}
        rtt_ms: float | None = None
        for block in blocks:
            leg = self._by_ssrc.get(block.ssrc)
            if leg is None:
                continue
            losses[leg.kind] = losses.get(leg.kind, Losses()) + self._reader.read(block)
            if block.last_sr and not is_late:
                middle = int(ntp_now * 65536) & 0xFFFFFFFF
                elapsed = (middle - block.last_sr - block.delay_since_last_sr) & 0xFFFFFFFF
                if elapsed < 0x80000000:
                    rtt_ms = elapsed / 65.536
        self.receive_losses(losses.get("video"), losses.get("audio"), rtt_ms, now)

    def receive_losses(self, picture: Losses | None, sound: Losses | None, rtt_ms: float | None, now: float) -> None:
        """Takes what one report says of the pictures and of the sound; None where it says nothing of them."""
        if picture is None and sound is None:
            return
        if self.level is Level.SOUND:
            picture = None  # nothing is sent, so nothing is lost
        self.quality = LineQuality(self.quality.lost, rtt_ms if rtt_ms is not None else self.quality.rtt_ms)
        share = self._window.add(picture, sound, now)
        if share is not None:
            self.receive_quality(share, rtt_ms, now)
        elif self.line is not None and self.line.probe is not None:
            self._follow_probe(self.line, 0.0, rtt_ms, now)

    def report(self, now: float, ntp_now: float) -> bytes:
        """Sender reports of all legs that send, with the CNAME (RFC 3550 §6.4.1, §6.5.1); empty when none does.

        Written straight into bytes: ten thousand viewers are two thousand of these a second.

        Args:
            now: monotonic seconds.
            ntp_now: seconds since 1900 at the same moment.
        """
        self.report_at = now + SENDER_REPORT_S
        reports: list[bytes] = []
        ntp = int(ntp_now * 2**32) & 0xFFFFFFFFFFFFFFFF
        for leg in self.legs:
            leg.forget(now)
            at = None if leg.source is None else leg.source.timestamp_at(now)
            if at is None:
                continue
            packets, octets = leg.sent()
            timestamp = (at + leg.timestamp_delta) & 0xFFFFFFFF
            reports.append(_SENDER_REPORT.pack(0x80, 200, 6, leg.ssrc, ntp, timestamp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF))
        if not reports:
            return b""
        item = bytes((1, len(self.cname))) + self.cname.encode("ascii")
        item += bytes(4 - len(item) % 4)
        reports.append(_SDES_HEAD.pack(0x81, 202, 1 + len(item) // 4, self.legs[0].ssrc) + item)
        return b"".join(reports)
