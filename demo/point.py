"""A simulated point: a desk's decisions carried out with a WebSocket, a viewer and a publisher."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass
from typing import Any

import aiohttp

from demo.cast import Part
from demo.desk import CloseUplink, ConnectUplink, Desk, JoinProgramme, Send, StartSending
from demo.line import Line, backoff_s
from demo.peers import JoinError, Publisher, Viewer
from demo.picture import Painter, Scene
from demo.sound import Hum
from demo.tracks import Camera, Microphone

FLOWING_S = 3.0


@dataclass(frozen=True, slots=True)
class PointStatus:
    """How a simulated point is, for the summary."""

    is_live: bool
    is_watching: bool
    is_sending: bool


class Point:
    """One simulated point. `run` plays it until it is cancelled."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str, session: str, part: Part, seed: int = 0) -> None:
        self.part = part
        self._http = http
        self._base_url = base_url
        self._session = session
        self._rng = random.Random(f"{seed}:{part.code}")
        self._desk = Desk(part, self._rng)
        self._wake = asyncio.Event()
        self._viewer: Viewer | None = None
        self._publisher: Publisher | None = None
        credential = {"kind": "point", "code": part.code, "secret": part.secret}
        self._line = Line(
            http, f"{base_url}/ws", {"credential": credential, "session": session}, self._receive_message, self._rng
        )

    def status(self) -> PointStatus:
        """How it is now."""
        last_at = self._viewer.receivers[0].last_packet_at if self._viewer is not None else None
        is_watching = last_at is not None and time.monotonic() - last_at < FLOWING_S
        return PointStatus(self._line.is_up, is_watching, self._desk.is_sending)

    async def run(self) -> None:
        """Plays until it is cancelled, then leaves properly.

        Raises:
            ExceptionGroup: of a `demo.line.LineClosedError`, when the service refuses it for good.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._line.run())
                tasks.create_task(self._carry_out())
        finally:
            await self._close_publisher()
            await self._close_viewer()

    def _receive_message(self, message: dict[str, Any]) -> None:
        self._desk.receive_message(message, time.monotonic())
        self._wake.set()

    async def _carry_out(self) -> None:
        """The one place that acts: wakes for messages and for the desk's timer, drains all actions."""
        while True:
            deadline = self._desk.next_timeout()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if deadline is None else max(0.0, deadline - time.monotonic())):
                    await self._wake.wait()
            self._wake.clear()
            self._desk.handle_timeout(time.monotonic())
            for action in self._desk.actions():
                match action:
                    case Send(message):
                        await self._line.send(message)
                    case JoinProgramme(token):
                        await self._join(token)
                    case ConnectUplink(token):
                        await self._connect(token)
                    case StartSending():
                        self._start_sending()
                    case CloseUplink():
                        await self._close_publisher()

    async def _join(self, token: str) -> None:
        await self._close_viewer()
        # Kept before it is open: whoever ends the play meanwhile closes it.
        self._viewer = Viewer(self._http, self._base_url, self._session, token, self._viewer_lost)
        try:
            await self._viewer.open()
        except JoinError:
            await self._close_viewer()
            await asyncio.sleep(backoff_s(0, self._rng))
            self._viewer_lost()

    async def _connect(self, token: str) -> None:
        await self._close_publisher()
        self._publisher = Publisher(self._http, self._base_url, self._session, token, self._publisher_lost)
        try:
            await self._publisher.open()
        except JoinError:  # 403 too: the call begins or ends just now, and the desk knows which of the two soon
            await self._close_publisher()
            await asyncio.sleep(backoff_s(0, self._rng))
            self._publisher_lost()

    def _start_sending(self) -> None:
        if self._publisher is not None:
            part = self.part
            scene = Scene(part.name, f"{part.place} · {part.code}", _darker(part.colour_bgr), part.colour_bgr)
            self._publisher.start(Camera(Painter(scene)), Microphone(Hum(part.tone_hz)))

    def _viewer_lost(self) -> None:
        self._desk.media_lost(time.monotonic())
        self._wake.set()

    def _publisher_lost(self) -> None:
        self._desk.uplink_lost()
        self._wake.set()

    async def _close_viewer(self) -> None:
        viewer, self._viewer = self._viewer, None
        if viewer is not None:
            await viewer.close()

    async def _close_publisher(self) -> None:
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.close()


def _darker(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    blue, green, red = (round(channel * 0.55) for channel in colour)
    return blue, green, red
