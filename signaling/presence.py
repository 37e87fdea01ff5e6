"""Which points are live: those that a live process lists.

Each process writes one heartbeat, with the points that came and went since the last one; arrivals are written at once,
but all of an instant together. A process that fell silent for ``lease_s`` is dead, and its points with it.

After the store was away, leases of healthy processes may have ended only because nobody could renew them. So nothing is
concluded from a missing lease until this process itself has written heartbeats without a gap for a whole ``lease_s``:
then every healthy process has done so too. Until then :meth:`Presence.live_points` counts whatever is listed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import secrets
import socket
from collections.abc import Callable
from typing import Final

import structlog

from config.limits import MAX_PRESENCE_BATCH
from signaling.forwarding import backoff
from signaling.store import PresenceChange, Store, StoreUnavailable

logger: Final = structlog.get_logger("presence")


def new_process_id(role: str = "signaling") -> str:
    """A name for this process that no other, earlier or later, has: role, machine, process number, random."""
    machine = "".join(letter if letter.isalnum() or letter == "-" else "-" for letter in socket.gethostname())[:32]
    return f"{role}-{machine}-{os.getpid()}-{secrets.token_hex(4)}"


class Presence:
    """The points of this process, and the view of those of all. :meth:`start` it; :meth:`close` it at the end.

    Args:
        store: shared with the sessions.
        process: see :func:`new_process_id`.
        lease_s: a process that is silent for this long is dead.
        heartbeat_s: how often this one speaks.
    """

    def __init__(self, store: Store, process: str, *, lease_s: float = 6.0, heartbeat_s: float = 2.0) -> None:
        self._store, self._process, self._lease_s, self._heartbeat_s = store, process, lease_s, heartbeat_s
        self._points: set[str] = set()
        self._dirty: set[str] = set()
        self._needs_report = True
        self._writing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self._live_processes: frozenset[str] = frozenset()
        self._healthy_since_s: float | None = None
        self._is_settled = False
        self._task: asyncio.Task[None] | None = None

    @property
    def process(self) -> str:
        """This process's name."""
        return self._process

    @property
    def is_settled(self) -> bool:
        """Whether a missing lease means a dead process; see the theory on top of this file."""
        return self._is_settled

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told when sessions should compare their points with :meth:`live_points`: a process died, or things settled.

        Returns:
            a function that ends the listening.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def start(self) -> None:
        """Begin the heartbeat; returns at once."""
        self._task = asyncio.create_task(self._run(), name="presence")

    async def close(self) -> None:
        """End the heartbeat and take this process and its points off the list."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        with contextlib.suppress(StoreUnavailable):
            await self._store.forget_process(self._process)

    def arrived(self, session: str, point: str) -> None:
        """List a point that this process now holds; it is written at once, together with others of the same instant."""
        entry = f"{session}/{point}"
        self._points.add(entry)
        self._dirty.add(entry)
        self._wake.set()

    def left(self, session: str, point: str) -> None:
        """Take a point off the list; it is written at once, together with others of the same instant."""
        entry = f"{session}/{point}"
        self._points.discard(entry)
        self._dirty.add(entry)
        self._wake.set()

    async def live_points(self, session: str) -> frozenset[str]:
        """Codes of the live points of a session, over all processes; those of this process as they are at this moment.

        Raises:
            StoreUnavailable: the store did not answer.
        """
        await self.flush()
        entries = await (self._store.live_points() if self._is_settled else self._store.listed_points())
        prefix = f"{session}/"
        return frozenset(entry.removeprefix(prefix) for entry in entries | self._points if entry.startswith(prefix))

    async def flush(self) -> None:
        """Return when everything that came or went until now is written. Raises :class:`StoreUnavailable`."""
        async with self._writing:
            while self._dirty or self._needs_report:
                await self._write()

    async def _run(self) -> None:
        """Write at once what came and went, and a heartbeat when it is time."""
        loop = asyncio.get_running_loop()
        beat_at_s = loop.time()
        attempt = 0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(beat_at_s):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self.flush()
                if loop.time() >= beat_at_s:
                    async with self._writing:
                        await self._write()
                    beat_at_s = loop.time() + self._heartbeat_s
                    await self._look_around()
                attempt = 0
            except StoreUnavailable as error:
                attempt += 1
                if attempt == 1:
                    logger.warning("presence_not_written", reason=str(error))
                self._healthy_since_s, self._is_settled = None, False
                beat_at_s = loop.time() + backoff(attempt)

    async def _write(self) -> None:
        """One heartbeat with up to ``MAX_PRESENCE_BATCH`` changes, or with everything when the lease had ended."""
        ttl_ms = int(self._lease_s * 1000)
        taken = frozenset(itertools.islice(self._dirty, MAX_PRESENCE_BATCH))
        self._dirty -= taken
        try:
            if not self._needs_report:
                change = PresenceChange(tuple(taken & self._points), tuple(taken - self._points))
                self._needs_report = not await self._store.beat(self._process, ttl_ms, change)
            if self._needs_report:
                self._dirty.clear()
                self._healthy_since_s, self._is_settled = None, False
                await self._store.report_points(self._process, ttl_ms, tuple(self._points))
                self._needs_report = False
        except BaseException:
            self._dirty |= taken
            raise

    async def _look_around(self) -> None:
        """Notice processes that died, once a missing lease means that."""
        now_s = asyncio.get_running_loop().time()
        if self._healthy_since_s is None:
            self._healthy_since_s = now_s
        live = await self._store.live_processes()
        gone, self._live_processes = self._live_processes - live, live
        if now_s - self._healthy_since_s < self._lease_s:
            return
        was_settled, self._is_settled = self._is_settled, True
        if gone:
            logger.warning("processes_died", processes=sorted(gone))
        if gone or not was_settled:
            await self._store.forget_dead_processes()
            for listener in list(self._listeners):
                listener()
