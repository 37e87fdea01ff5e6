"""One viewer behind a line of so many bits a second with one queue for all, in virtual time: what its sound suffers."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field

from sfu.ids import Address, FeedId, PeerId, SessionId
from sfu.report_window import Losses
from sfu.selector import NOMINAL_BPS, Level
from sfu.thin_line import HEADERS_BYTES, TICK_S, ThinLine
from sfu.viewer import SENDER_REPORT_S, Viewer
from tests.sfu.kit import leg, source

LAYERS = (Level.FULL, Level.HALF, Level.QUARTER)
FPS = 25
KEY_FRAMES = 7.5
"""A key frame is as large as so many others: the most that libwebrtc lets its encoder make of one."""
PACKET_BYTES = 1_150
SOUND_S, SOUND_BYTES = 0.06, 240
DELAY_S = 0.02
REPORT_S = 1.0
KEY_WAIT_S = 0.4
ADDRESS: Address = ("192.0.2.9", 4000)


@dataclass
class ThinWorld:
    """The node's side is real (viewer, selector, line, probe); sources, line and browser are models.

    Attributes:
        bps: what the line carries.
        queue_s: how much of it may wait; what comes in excess is dropped.
        loss: share lost besides.
        is_paced: whether the viewer gets a line of its own when its level falls.
    """

    bps: float = 1e9
    queue_s: float = 1.0
    loss: float = 0.0
    is_paced: bool = True
    seed: int = 1
    now: float = 100.0
    levels: list[tuple[float, Level]] = field(default_factory=list)
    sounds: list[tuple[float, float | None]] = field(default_factory=list)
    """When each packet of sound was sent, and how long it took; None: it was lost."""
    pictures_bytes: int = 0
    trains: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        legs = (leg(ssrc=1), leg("audio", ssrc=2))
        self.viewer = Viewer(peer=PeerId("p"), session=SessionId("s"), owner=FeedId("point:1"), legs=legs, cname="x")
        feed = source()
        feed.levels = LAYERS
        legs[0].attach(feed, 10, 0, self.now)
        self.shown = Level.FULL
        self._switches_at: float | None = None
        self._next: Level | None = None
        self._owes_key = False
        self._free_at = self.now
        self._frame_at = self._sound_at = self.now
        self._report_at = self.now + REPORT_S
        self._sent_report_at = self.now
        self._reports: deque[tuple[float, float]] = deque()
        """Sender reports on their way: when they come, and when they were sent."""
        self._last_report: tuple[float, float] | None = None
        self._sent = self._lost = 0
        self._seen = 0

    @property
    def level(self) -> Level:
        """What the viewer shall have now."""
        return self.viewer.level

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += TICK_S
            self._step()

    def _step(self) -> None:
        now = self.now
        if now >= self._sound_at:
            self._sound_at += SOUND_S
            self.sounds.append((now, self._cross(SOUND_BYTES)))
        if now >= self._frame_at:
            self._frame_at += 1 / FPS
            self._send_frame()
        line = self.viewer.line
        if line is not None:
            for data, _ in line.take(now):
                self._cross_picture(len(data))
            probe = line.probe
            if probe is not None and probe.take_report_wish(now):
                self.trains += 1
                self._send_report()
        if now >= self._sent_report_at + SENDER_REPORT_S:
            self._send_report()
        if now >= self._report_at:
            self._report_at = now + REPORT_S * self.rng.uniform(0.6, 1.4)
            self._receive_report()

    def _cross(self, size_bytes: int) -> float | None:
        """The line: how long a packet takes, None when it is lost."""
        start = max(self.now, self._free_at)
        if start - self.now > self.queue_s:
            return None
        self._free_at = start + (size_bytes + HEADERS_BYTES) * 8 / self.bps
        return None if self.rng.random() < self.loss else self._free_at - self.now + DELAY_S

    def _cross_picture(self, size_bytes: int) -> None:
        came = self._cross(size_bytes)
        self._sent += 1
        self._lost += came is None
        self.pictures_bytes += size_bytes

    def _send_frame(self) -> None:
        if self._switches_at is not None and self.now >= self._switches_at and self._next is not None:
            self.shown, self._switches_at, self._owes_key = self._next, None, True
        if self.shown is Level.SOUND:
            return
        size = NOMINAL_BPS[self.shown] / 8 / FPS * self.rng.uniform(0.7, 1.2)
        if self._owes_key:
            size, self._owes_key = size * KEY_FRAMES, False
        left = int(size)
        while left > 0:
            piece = min(left, PACKET_BYTES)
            left -= piece
            if self.viewer.line is not None:
                self.viewer.line.send((bytes(piece),), 0, ADDRESS)
            else:
                self._cross_picture(piece)

    def _send_report(self) -> None:
        self._sent_report_at = self.now
        took = self._cross(60)
        if took is not None:
            self._reports.append((self.now + took, self.now))

    def _receive_report(self) -> None:
        while self._reports and self._reports[0][0] <= self.now:
            self._last_report = self._reports.popleft()
        rtt_ms = None
        if self._last_report is not None:
            came_at, sent_at = self._last_report
            rtt_ms = (came_at - sent_at + DELAY_S) * 1000
        losses = Losses(self._lost, self._sent)
        self._sent = self._lost = 0
        self.viewer.receive_losses(losses, Losses(), rtt_ms, self.now)
        former = self.viewer.told_level
        level = self.viewer.take_level(self.now)
        if level is None:
            return
        self.levels.append((self.now, level))
        if self.is_paced and self.viewer.line is None and self.viewer.is_short:
            self.viewer.take_line(ThinLine(lambda: self.viewer.layers_bps(self.viewer.level)))
        elif not self.viewer.is_short:
            self.viewer.take_line(None)
        if level > former and self.viewer.is_thin:
            self.shown = Level.SOUND
            if self.viewer.line is not None:
                self.viewer.line.clear()
        self._next, self._switches_at = level, self.now + KEY_WAIT_S

    # -- what its sound suffered

    def lost_share(self, since_s: float) -> float:
        """Of the sound that was sent in the last so many seconds."""
        recent = [took for at, took in self.sounds if at >= self.now - since_s]
        return sum(took is None for took in recent) / len(recent)

    def late_s(self, since_s: float) -> float:
        """The longest that a packet of sound took in the last so many seconds."""
        return max(took for at, took in self.sounds if at >= self.now - since_s and took is not None)

    def late_share(self, limit_s: float, since_s: float) -> float:
        """The share of sound that took longer than that, or never came."""
        recent = [took for at, took in self.sounds if at >= self.now - since_s]
        return sum(took is None or took > limit_s for took in recent) / len(recent)
