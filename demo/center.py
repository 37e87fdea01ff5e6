"""The simulated center: publishes the central picture, and does so again after every restart of the media node."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import aiohttp

from demo.line import Line, backoff_s
from demo.peers import JoinError, Publisher
from demo.picture import CENTER_BGR, GOLD, Painter, Scene
from demo.sound import Hum
from demo.tracks import Camera, Microphone

WIDTH, HEIGHT, FRAMES_PER_S = 960, 540, 15
TONE_HZ = 196.0
TITLE = "TRUNG TÂM CHỈ HUY"
SUBTITLE = "Hình trung tâm mô phỏng – Simulated center"


class Center:
    """Sends feed `center`. `run` plays it until it is cancelled."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str, session: str, token: str, seed: int = 0) -> None:
        self._http = http
        self._base_url = base_url
        self._session = session
        self._token = token
        self._rng = random.Random(f"{seed}:center")
        self._epoch = ""
        self._must_publish = asyncio.Event()
        self._publisher: Publisher | None = None
        credential = {"kind": "token", "token": token}
        self._line = Line(
            http, f"{base_url}/ws", {"credential": credential, "session": session}, self._receive_message, self._rng
        )

    @property
    def is_sending(self) -> bool:
        """Whether its publisher is connected."""
        return self._publisher is not None and self._publisher.connection.connectionState == "connected"

    async def run(self) -> None:
        """Plays until it is cancelled, then leaves properly.

        Raises:
            ExceptionGroup: of a `demo.line.LineClosedError`, when the service refuses it for good.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._line.run())
                tasks.create_task(self._publish())
        finally:
            await self._close()

    def _receive_message(self, message: dict[str, Any]) -> None:
        media = message["media"] if message["type"] == "welcome" else message
        if message["type"] in {"welcome", "media"} and media["ready"] and media["epoch"] != self._epoch:
            self._epoch = media["epoch"]
            self._must_publish.set()

    async def _publish(self) -> None:
        while True:
            await self._must_publish.wait()
            self._must_publish.clear()
            await self._close()
            publisher = Publisher(self._http, self._base_url, self._session, self._token, self._must_publish.set)
            scene = Scene(TITLE, SUBTITLE, CENTER_BGR, GOLD, WIDTH, HEIGHT)
            publisher.start(Camera(Painter(scene), FRAMES_PER_S), Microphone(Hum(TONE_HZ)))
            self._publisher = publisher  # before it is open: whoever ends the play meanwhile closes it
            try:
                await publisher.open()
            except JoinError:
                await self._close()
                await asyncio.sleep(backoff_s(1, self._rng))
                self._must_publish.set()

    async def _close(self) -> None:
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.close()
