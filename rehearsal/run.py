"""The play: arrivals, joins, a quiet while, the meeting, the end; measured phase by phase and second by second.

Why in this order. What an arrival (WebSocket) costs the service, what a join (HTTP, SDP, ICE, DTLS, SRTP) costs and what a
packet costs are three figures, and none can be told from the other two while they happen together. So nobody comes for some
seconds (what the service costs by itself), then everybody arrives, then everybody joins, then nothing happens (what a quiet
viewer costs), then the center begins to send, and the measured window begins when its stream has settled. Points that a scenario
has come during the meeting do both at once, as a page does, and are in none of the first figures.

The clock is the event loop's, so that a test plays an hour in a moment. Everything has a bound in time, and whatever ends the
play (its end, Ctrl-C, a fault), what began is ended: calls, media, pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from rehearsal.cast import Cast
from rehearsal.desks import RefusedError
from rehearsal.measures import Counts, Histogram, JoinFailedError
from rehearsal.parts import Parts
from rehearsal.record import Phase, PhaseName, Record, Second
from rehearsal.scenario import Scenario
from rehearsal.scenes import Scenes
from rehearsal.usage import Reading, UsageUnknownError, cpu_between

ARRIVE_S_PER_POINT: Final = 0.05
JOIN_S_PER_POINT: Final = 0.05
WITHIN_AT_LEAST_S: Final = 60.0
"""Everybody has to be in within this time and so much a point, 550 s for 9,811; who is not has failed."""
ALONE_S: Final = 3.0
"""Before anybody comes: what the service costs by itself."""
SETTLE_S: Final = 2.0
"""From the center's first packet to the beginning of the window: the first key frame has come to everybody."""
CALLS_GRACE_S: Final = 15.0
"""How long what still happens at the end of the meeting may take."""
LEAVE_WITHIN_S: Final = 60.0
LEAVING: Final = 64
"""Points that leave at the same time."""
MAX_SERIES: Final = 3_600
"""Entries of the series: a longer play has them further apart than a second."""


@dataclass(slots=True)
class Status:
    """What the progress shows: the play as it is now."""

    phase: PhaseName = "before"
    phase_began_s: float = 0.0
    phase_s: float | None = None
    """How long the phase takes, where that is known."""
    now_s: float = 0.0
    live: int = 0
    desks: int = 0
    joined: int = 0
    points: int = 0
    failed: int = 0
    last: Second | None = None
    calls_done: int = 0
    calls: int = 0
    bad_packets: int = 0


@dataclass(slots=True)
class _Look:
    """One look at everything, to be compared with the next."""

    at: float
    reading: Reading | None
    own_cpu_s: float
    counts: Counts
    video: Histogram = field(default_factory=Histogram)
    audio: Histogram = field(default_factory=Histogram)


class Play:
    """Plays one scenario once: :meth:`run`. `status` is for whoever shows how far it is."""

    def __init__(self, scenario: Scenario, cast: Cast, parts: Parts, record: Record) -> None:
        self.status = Status(points=len(cast.joining), desks=sum(role.has_desk for role in cast.joining), calls=len(cast.calls))
        self._scenario, self._cast, self._parts, self._record = scenario, cast, parts, record
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._scenes = Scenes(parts, cast, record, self._began)
        self._is_center_on = False
        total_s = scenario.seconds + scenario.idle_s + len(cast.joining) * JOIN_S_PER_POINT + WITHIN_AT_LEAST_S
        self._step_s = max(1.0, math.ceil(total_s / MAX_SERIES))

    async def run(self, stop: asyncio.Event) -> None:
        """Play until the end or until told to stop; what was recorded until then is in the record."""
        try:
            await self._parts.media.start()
        except JoinFailedError as error:
            self._record.notes.append(f"the center's own viewer could not join: {error}")
            await self._parts.media.close()
            return
        watching = self._loop.create_task(self._watch())
        playing = self._loop.create_task(self._play())
        stopping = self._loop.create_task(stop.wait())
        try:
            await asyncio.wait({playing, stopping, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                self._record.is_interrupted = stopping.done()
                playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await playing
            if watching.done():
                watching.result()
        finally:
            stopping.cancel()
            try:
                async with self._phase("end"):
                    await self._end()
            finally:
                watching.cancel()
                await asyncio.gather(watching, stopping, return_exceptions=True)

    async def _play(self) -> None:
        alone_s = min(ALONE_S, self._scenario.idle_s)
        if alone_s:
            async with self._phase("before", alone_s):
                await asyncio.sleep(alone_s)
        if self._scenario.center_from == "start" and not await self._start_center():
            return
        if self._parts.desks is not None:
            async with self._phase("arrive") as phase:
                phase.done = await self._arrive()
        async with self._phase("join") as phase:
            await self._join()
            phase.done = len(self._record.joins)
        if self._is_center_on:
            self._record.keyframe_requests_joining = self._parts.media.sent().keyframe_requests
        if not self._record.joins:
            self._record.notes.append("nobody joined: there was no meeting")
            return
        if self._scenario.idle_s and not self._is_center_on:
            async with self._phase("idle", self._scenario.idle_s):
                await asyncio.sleep(self._scenario.idle_s)
        async with self._phase("start", SETTLE_S):
            if not await self._start_center():
                return
            await asyncio.sleep(SETTLE_S)
        await self._meet()

    # --- before the meeting ---------------------------------------------------------------------------------------------

    async def _arrive(self) -> int:
        """Bring the pages of those who are there from the beginning; how many are live then."""
        desks = self._parts.desks
        if desks is None:
            return 0
        coming = [role for role in self._cast.joining if role.has_desk]
        for role in coming:
            desks.expect(role.code, self._scenes.script_of(role))
        opening = [role.code for role in coming if not role.is_late]
        try:
            await desks.join(opening, within_s=WITHIN_AT_LEAST_S + ARRIVE_S_PER_POINT * len(opening))
        except (RefusedError, TimeoutError) as error:
            self._record.notes.append(f"arrivals: {error}")
        self._record.arrivals_failed += len(opening) - desks.live
        return desks.live

    async def _join(self) -> None:
        """Bring the media of those who are there from the beginning."""
        began = self._loop.time()
        opening = sorted((role for role in self._cast.joining if not role.is_late), key=lambda role: role.join_at_s)
        for role in self._cast.joining:
            self._parts.media.add(role.code, loss=role.loss)
        joining: set[asyncio.Task[bool]] = set()
        ramp_s = opening[-1].join_at_s if opening else 0.0
        try:
            async with asyncio.timeout(ramp_s + WITHIN_AT_LEAST_S + JOIN_S_PER_POINT * len(opening)):
                for role in opening:
                    wait_s = began + role.join_at_s - self._loop.time()
                    if wait_s > 0:
                        await asyncio.sleep(wait_s)
                    joining.add(self._loop.create_task(self._scenes.join(role.code, self._record.joins)))
                await asyncio.gather(*joining)
        except TimeoutError:
            unfinished = sum(not task.done() or task.cancelled() for task in joining) + len(opening) - len(joining)
            self._record.failures["time"] += unfinished
            self._record.failure_examples.setdefault("time", "not in when the time for joining was over")
        finally:
            await _cancelled(joining)

    async def _start_center(self) -> bool:
        """Publish, once; whether it could be."""
        if not self._is_center_on:
            try:
                await self._parts.media.start_center()
            except JoinFailedError as error:
                self._record.notes.append(f"the center could not publish: {error}")
                return False
            self._is_center_on = True
        return True

    # --- the meeting ----------------------------------------------------------------------------------------------------

    async def _meet(self) -> None:
        seconds, media = self._scenario.seconds, self._parts.media
        scenes: set[asyncio.Task[None]] = set()
        async with self._phase("meeting", seconds):
            mark = await media.mark()
            arrived = media.counts().arrived
            try:
                scenes |= {self._loop.create_task(scene) for scene in self._timetable()}
                await self._wait_for(seconds, scenes)
            except BaseException:
                await _cancelled(scenes)
                raise
            finally:  # the window first: what the end of a scene costs is not in it
                self._record.window = await media.since(mark)
                self._record.counts, self._record.sent = media.counts(), media.sent()
                self._record.arrived = self._record.counts.arrived - arrived
        unfinished = {task for task in scenes if not task.done()}
        if unfinished:
            await asyncio.wait(unfinished, timeout=CALLS_GRACE_S)
        await _cancelled(unfinished)
        for task in scenes:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    def _timetable(self) -> list[Coroutine[Any, Any, None]]:
        scenes, cast = self._scenes, self._cast
        found = [scenes.call(call) for call in cast.calls]
        found += [scenes.roll_call(each, cast.units) for each in self._scenario.roll_calls]
        found += [scenes.late(role) for role in cast.joining if role.is_late]
        return found + [scenes.fall(role, fall) for role in cast.joining for fall in role.falls]

    async def _wait_for(self, seconds: float, scenes: set[asyncio.Task[None]]) -> None:
        """Wait out the meeting; a scene that ends by a bug ends it at once."""
        over = self._loop.create_task(asyncio.sleep(seconds))
        waiting: set[asyncio.Task[None]] = {over, *scenes}
        try:
            while not over.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            over.cancel()

    # --- the end --------------------------------------------------------------------------------------------------------

    async def _end(self) -> None:
        """End everything: the scenes' connections, the center, the points' media, their pages."""
        media, desks = self._parts.media, self._parts.desks
        if self._record.counts is None:  # there was no meeting
            self._record.counts, self._record.sent = media.counts(), media.sent()
        await self._scenes.close()
        await media.stop_center()
        gate = asyncio.Semaphore(LEAVING)

        async def leave(code: str) -> None:
            async with gate:
                await media.leave(code)

        await self._within("points left in time", asyncio.gather(*(leave(role.code) for role in self._cast.joining)))
        await media.close()
        if desks is not None:
            self._record.desk_retries.update(desks.retries)
            pages = [role.code for role in self._cast.joining if role.has_desk]
            await self._within("pages were closed in time", desks.leave(pages))

    async def _within(self, what: str, doing: Awaitable[Any]) -> None:
        try:
            async with asyncio.timeout(LEAVE_WITHIN_S):
                await doing
        except (TimeoutError, KeyError, OSError) as error:
            self._record.notes.append(f"not all {what}: {error}")

    # --- measuring ------------------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _phase(self, name: PhaseName, seconds: float | None = None) -> AsyncIterator[Phase]:
        now_s = self._now_s()
        self.status.phase, self.status.phase_began_s, self.status.phase_s = name, now_s, seconds
        phase = Phase(name, now_s, now_s, await self._reading(), None, 0.0)
        own_cpu_s = time.process_time()
        try:
            yield phase
        finally:
            phase.own_cpu_s = time.process_time() - own_cpu_s
            phase.ended_s = self._now_s()
            phase.after = await self._reading()
            self._record.phases.append(phase)

    async def _reading(self) -> Reading | None:
        meter = self._parts.meter
        if meter is None:
            return None
        try:
            # /proc answers in microseconds; /metrics takes a request, and the loop has points to serve meanwhile
            return meter.read() if meter.how == "proc" else await asyncio.to_thread(meter.read)
        except UsageUnknownError as error:
            text = f"the service's processes could not be read: {error}"
            if text not in self._record.notes:
                self._record.notes.append(text)
            return None

    async def _watch(self) -> None:
        """Note every second what happened in it."""
        before = await self._look()
        while True:
            await asyncio.sleep(self._step_s)
            now = await self._look()
            second = self._second(before, now)
            self._record.series.append(second)
            self._show(second, now)
            before = now

    async def _look(self) -> _Look:
        counts = self._parts.media.counts()
        video, audio = counts.sample.video_delay.copy(), counts.sample.audio_delay.copy()
        return _Look(self._loop.time(), await self._reading(), time.process_time(), counts, video, audio)

    def _second(self, before: _Look, now: _Look) -> Second:
        took_s = max(1e-6, now.at - before.at)
        spent = None
        if before.reading is not None and now.reading is not None:
            spent = cpu_between(before.reading, now.reading)
        packets = now.counts.arrived - before.counts.arrived
        return Second(
            at_s=now.at - self._began,
            phase=self.status.phase,
            live=self._parts.desks.live if self._parts.desks is not None else 0,
            joined=now.counts.connected,
            delivered_pps=packets / took_s,
            cpu=None if spent is None else {part: cpu_s / took_s for part, cpu_s in spent.items()},
            own_cpu=(now.own_cpu_s - before.own_cpu_s) / took_s,
            video_p99_ms=now.video.minus(before.video).percentile(0.99),
            audio_p99_ms=now.audio.minus(before.audio).percentile(0.99),
        )

    def _show(self, second: Second, look: _Look) -> None:
        status, record = self.status, self._record
        status.now_s, status.last, status.live, status.joined = second.at_s, second, second.live, second.joined
        status.failed = sum(record.failures.values())
        status.calls_done = sum(call.outcome != "unfinished" for call in record.calls)
        status.bad_packets = look.counts.sample.bad

    def _now_s(self) -> float:
        return self._loop.time() - self._began


async def _cancelled(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel what still runs, and wait until it has ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
