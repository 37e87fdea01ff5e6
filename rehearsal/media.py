"""The media of a rehearsal for real: the swarm of points, the center and what the center sees, as the play wants them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final

from rehearsal.center import Center, Watcher
from rehearsal.measures import Counts, JoinFailedError, JoinTimes, Sent, Window
from rehearsal.swarm import PointMedia, Swarm
from rehearsal.windows import Mark

LOOK_S: Final = 0.003
"""How often the center's viewer is looked at for a first packet, whose moment is the kernel's."""


class LiveMedia:
    """See :class:`rehearsal.parts.Media`.

    Args:
        base_url: of the service: http://HOST:PORT.
        session: whose programme is published and watched.
        token_of: a point's bearer; also used for its publisher.
        center_token: of a center that presides the session.
        rates: packets a second of picture and sound.
        sample: how many points' media is read.
        is_watched: whether the center has its own viewer, which spot calls need.
        seed: of everything that is drawn.
    """

    def __init__(
        self,
        base_url: str,
        session: str,
        *,
        token_of: Callable[[str], str],
        center_token: str,
        rates: tuple[int, int],
        sample: int,
        is_watched: bool,
        seed: int,
    ) -> None:
        self._swarm = Swarm(base_url, session, sample=sample, seed=seed)
        self._center: Center | None = Center(base_url, session, center_token, seed=seed) if any(rates) else None
        self._watcher: Watcher | None = Watcher(base_url, session, center_token, seed=seed) if is_watched else None
        self._token_of, self._rates = token_of, rates
        self._points: dict[str, PointMedia] = {}
        self._calling: dict[str, asyncio.Task[object]] = {}
        self._answered_at: dict[str, float] = {}
        self._is_started = False
        self.on_lost: Callable[[str, str], None] | None = None
        self._swarm.on_lost = self._tell_lost

    def _tell_lost(self, point: PointMedia, why: str) -> None:
        if self.on_lost is not None:
            self.on_lost(point.code, why)

    async def start(self) -> None:
        """See `Media`."""
        await self._swarm.start()
        self._is_started = True
        if self._watcher is not None:
            await self._watcher.start()

    def add(self, code: str, *, loss: float) -> None:
        """See `Media`."""
        point = self._points[code] = self._swarm.add(code, self._token_of(code))
        if loss:
            self._swarm.lose(point, loss)

    async def join(self, code: str) -> JoinTimes:
        """See `Media`."""
        return await self._swarm.join(self._points[code])

    async def leave(self, code: str) -> None:
        """See `Media`."""
        await self.hang_up(code)
        if code in self._points:
            await self._swarm.leave(self._points[code])

    def drop(self, code: str) -> None:
        """See `Media`."""
        self._swarm.drop(self._points[code])

    async def come_back(self, code: str) -> JoinTimes:
        """See `Media`."""
        return await self._swarm.come_back(self._points[code])

    # --- calls ----------------------------------------------------------------------------------------------------------

    async def ring(self, code: str) -> None:
        """See `Media`."""
        point = self._points[code]
        if self._watcher is not None:
            self._watcher.forget(point.publisher_id)
        self._calling[code] = asyncio.create_task(self._swarm.prepare(point, self._token_of(code)))

    def answer(self, code: str) -> None:
        """See `Media`."""
        self._answered_at[code] = time.monotonic()
        self._calling[code] = asyncio.create_task(self._answer(code, self._calling.get(code)))

    async def _answer(self, code: str, preparing: asyncio.Task[object] | None) -> None:
        if preparing is not None:
            with contextlib.suppress(JoinFailedError):  # it is tried once more by the answer
                await preparing
        with contextlib.suppress(JoinFailedError):  # the call fails then, and its record says why
            await self._swarm.answer(self._points[code], self._token_of(code))

    async def hang_up(self, code: str) -> None:
        """See `Media`."""
        task = self._calling.pop(code, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if code in self._points:
            await self._swarm.hang_up(self._points[code])

    async def answer_to_first_packet_s(self, code: str) -> float:
        """See `Media`."""
        point = self._points[code]
        while True:
            first_s = None if self._watcher is None else self._watcher.first_packet_at(point.publisher_id)
            if first_s is not None:
                return first_s - self._answered_at[code]
            await asyncio.sleep(LOOK_S)

    # --- the center -----------------------------------------------------------------------------------------------------

    async def start_center(self) -> None:
        """See `Media`."""
        if self._center is not None:
            await self._center.start(*self._rates)

    async def stop_center(self) -> None:
        """See `Media`."""
        if self._center is not None:
            await self._center.stop()

    def sent(self) -> Sent:
        """See `Media`."""
        return self._center.sent() if self._center is not None else Sent()

    # --- figures --------------------------------------------------------------------------------------------------------

    def counts(self) -> Counts:
        """See `Media`."""
        return self._swarm.counts()

    async def mark(self) -> Mark:
        """See `Media`."""
        return self._swarm.mark(Sent()) if self._center is None else await self._swarm.begin_window(self._center)

    async def since(self, mark: Mark) -> Window:
        """See `Media`."""
        return self._swarm.since(mark, Sent()) if self._center is None else await self._swarm.end_window(mark, self._center)

    async def close(self) -> None:
        """See `Media`."""
        for code in list(self._calling):
            await self.hang_up(code)
        if self._watcher is not None:
            await self._watcher.stop()
        await self.stop_center()
        if self._is_started:
            await self._swarm.close()
