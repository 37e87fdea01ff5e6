"""The points' stills on their way in: consent, limits, and the cheap checks. Nothing is decoded here, nothing is recorded.

A point sends stills only after its page said ``{"type": "stills", "on": true}``, on the connection that said so, and only while
it is in no call. What it sends is a JPEG of 320 × 180 of so many bytes at most, checked by its head (:mod:`stills.jpeg`), and at
most one in half of the usual time; more are dropped and counted. Checked stills are given to the desk check in small batches;
while that is away, or does not read, they are dropped: the next ones come by themselves.

Everything of a point is deleted at once when it withdraws, and 30 seconds after its last connection went (its page may only have
been loaded again). None of this is an event: no record of a call or session knows of stills.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, Protocol

import structlog

from bridge.units import Directory
from config.model import Stills as StillsSettings
from signaling.auth import Identity
from signaling.errors import Refusal, ServiceError
from signaling.messages import ErrorMessage, StillsState
from signaling.session import Outgoing, SignalingSession
from stills.jpeg import NotAStillError, check_still
from stills.wire import MAX_BATCH_BYTES

_log = structlog.get_logger("stills")

WIDTH, HEIGHT = 320, 180
BATCH_S: Final = 0.05
"""Stills of so long go together: 50 of a whole country's, in two frames."""
AWAY_S: Final = 30.0
MAX_WAITING: Final = 1000
"""Stills that wait for the desk check to read: one second of a whole country's, some 10 MB."""
KEY: Final = "stills"


class Line(Protocol):
    """What is needed of :class:`signaling.websocket.Line`."""

    session: SignalingSession
    identity: Identity | None

    @property
    def wake(self) -> Callable[[Any], None]:
        """Called after something was queued in its session."""
        ...


class Link(Protocol):
    """What is needed of :class:`signaling.stills_link.StillsLink`."""

    @property
    def has_room(self) -> bool:
        """Whether stills can be given to it now."""
        ...

    def send_stills(self, stills: list[tuple[int, int, bytes]]) -> None:
        """Give it stills."""
        ...

    def forget(self, index: int) -> None:
        """Have it keep nothing of a point."""
        ...


class StillsIntake:
    """See the module's text.

    Args:
        settings: the section ``stills``.
        directory: the units and points, None until it is loaded.
        is_free: whether a point is in no call.
        is_elsewhere: whether a point that is not connected here is connected to another process.
        on_forgotten: called when something was deleted.
        clock: monotonic seconds.
        now_ms: milliseconds since the epoch.
    """

    def __init__(
        self,
        settings: StillsSettings,
        link: Callable[[], Link],
        *,
        directory: Callable[[], Directory | None],
        is_free: Callable[[str], bool],
        is_elsewhere: Callable[[str], bool],
        on_forgotten: Callable[[], None],
        clock: Callable[[], float],
        now_ms: Callable[[], int],
    ) -> None:
        self._settings, self._link = settings, link
        self._directory, self._is_free, self._is_elsewhere = directory, is_free, is_elsewhere
        self._on_forgotten, self._clock, self._now_ms = on_forgotten, clock, now_ms
        self._least_s = settings.every_s / 2
        self._consenting: dict[str, Line] = {}
        self._newest_at: dict[str, float] = {}
        self._away: dict[str, float] = {}
        """Since when points are gone of which something may be kept, the first first."""
        self._waiting: dict[int, tuple[int, bytes]] = {}
        self._something = asyncio.Event()
        self.counts: Counter[str] = Counter()
        """``taken`` ``bad`` ``too_often`` ``in_call`` ``dropped``: what became of the stills."""

    @property
    def consenting(self) -> int:
        """Points connected here that send stills."""
        return len(self._consenting)

    # --- what points say ------------------------------------------------------------------------------------------------

    def receive_consent(self, line: Line, *, is_on: bool) -> None:
        """A point begins to send stills, or withdraws; raises ``forbidden`` for anybody else."""
        point = _point_of(line)
        if is_on and self._settings.enabled:
            self._consenting[point] = line
            self._away.pop(point, None)
        else:
            self._consenting.pop(point, None)
            self._newest_at.pop(point, None)
            self._forget(point)
        state = StillsState(on=point in self._consenting, every_s=self._settings.every_s, max_bytes=self._settings.max_bytes)
        line.session.send(Outgoing(state, KEY), self._clock())

    def receive_still(self, line: Line, data: bytes) -> None:
        """A still came.

        Raises:
            ServiceError: ``forbidden`` (no point), ``bad_still`` (not agreed to, or not what a still is).
        """
        point = _point_of(line)
        if self._consenting.get(point) is not line:
            self.counts["bad"] += 1
            raise ServiceError(
                "bad_still",
                message_vi="Điểm cầu chưa đồng ý gửi ảnh, hoặc máy chủ không nhận ảnh.",
                message_en="The point has not agreed to send stills, or the server takes none.",
            )
        now = self._clock()
        if now - self._newest_at.get(point, -self._least_s) < self._least_s:
            self.counts["too_often"] += 1
            return
        self._newest_at[point] = now
        try:
            check_still(data, width=WIDTH, height=HEIGHT, most_bytes=self._settings.max_bytes)
        except NotAStillError:
            self.counts["bad"] += 1
            raise ServiceError("bad_still") from None
        if not self._is_free(point):  # sent in the moment in which the call came
            self.counts["in_call"] += 1
            return
        directory = self._directory()
        if directory is None or not directory.has_point(point):
            self.counts["dropped"] += 1
            return
        index = directory.index_of(point)
        if index not in self._waiting and len(self._waiting) >= MAX_WAITING:
            self.counts["dropped"] += 1
            return
        if index in self._waiting:
            self.counts["dropped"] += 1
        self._waiting[index] = (self._now_ms(), data)
        self._something.set()

    def receive_undecodable(self, index: int) -> None:
        """The desk check could not decode what a point sent: the point is told."""
        directory = self._directory()
        self.counts["bad"] += 1
        if directory is None or index >= len(directory.points):
            return
        line = self._consenting.get(directory.points[index].code)
        if line is not None:
            tell_refusal(line, ServiceError("bad_still").refusal, self._clock())

    def lose(self, line: Line) -> None:
        """A connection is gone."""
        point = None if line.identity is None else line.identity.point
        if point is not None and self._consenting.get(point) is line:
            del self._consenting[point]
            self._newest_at.pop(point, None)
            self._away[point] = self._clock()

    # --- on to the desk check -------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Give on what came, and delete what is to be deleted, until cancelled."""
        while True:
            if not self._waiting:
                self._something.clear()
                try:
                    async with asyncio.timeout(1.0):
                        await self._something.wait()
                except TimeoutError:
                    self.forget_gone()
                    continue
            await asyncio.sleep(BATCH_S)
            self.forget_gone()
            self.flush()

    def flush(self) -> None:
        """Give on what waits, in frames of at most ``MAX_BATCH_BYTES``; what there is no room for is dropped."""
        link, waiting = self._link(), self._waiting
        self._waiting = {}
        batch: list[tuple[int, int, bytes]] = []
        size = 0
        for number, (index, (at_ms, data)) in enumerate(waiting.items()):
            if not link.has_room:
                self.counts["dropped"] += len(waiting) - number + len(batch)
                return
            batch.append((index, at_ms, data))
            size += len(data)
            if size >= MAX_BATCH_BYTES:
                self._give(link, batch)
                batch, size = [], 0
        if batch:
            self._give(link, batch)

    def _give(self, link: Link, batch: list[tuple[int, int, bytes]]) -> None:
        link.send_stills(batch)
        self.counts["taken"] += len(batch)

    def forget_gone(self) -> None:
        """Delete what is kept of points that have been gone for ``AWAY_S``."""
        now = self._clock()
        while self._away and now - (since := next(iter(self._away.items())))[1] >= AWAY_S:
            point = since[0]
            del self._away[point]
            if not self._is_elsewhere(point):
                self._forget(point)

    def _forget(self, point: str) -> None:
        self._away.pop(point, None)
        directory = self._directory()
        if directory is not None and directory.has_point(point):
            index = directory.index_of(point)
            self._waiting.pop(index, None)
            self._link().forget(index)
            self._on_forgotten()


def _point_of(line: Line) -> str:
    point = None if line.identity is None else line.identity.point
    if point is None:
        raise ServiceError("forbidden")
    return point


def tell_refusal(line: Line, refusal: Refusal, now: float) -> None:
    """Tell a client that something was not carried out; its connection stays."""
    line.session.send(Outgoing(ErrorMessage(id=None, error=refusal.body())), now)
    line.wake(line)
