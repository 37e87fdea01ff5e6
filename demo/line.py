"""The WebSocket of a simulated client: hello, messages, silence, closing codes, backoff (PROTOCOL.md, 2 and 4)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Callable
from typing import Any

import aiohttp

SILENCE_S = 25.0
BACKOFF_FIRST_S = 0.5
BACKOFF_LONGEST_S = 10.0
BACKOFF_SHORTEST_S = 0.2
STEADY_AFTER_S = 30.0
TOO_MANY_S = (10.0, 15.0)
RESTARTING_S = (0.0, 2.0)

CLOSE_RESTARTING = 1012
CLOSE_TOO_MANY = 4429
CLOSES_FOR_GOOD = frozenset({4400, 4401, 4403, 4409})


class LineClosedError(Exception):
    """The service does not want this client any more; coming back would not help."""


def backoff_s(attempt: int, rng: random.Random) -> float:
    """How long to wait before the try number `attempt` (from 0)."""
    return rng.uniform(BACKOFF_SHORTEST_S, min(BACKOFF_FIRST_S * 2 ** min(attempt, 10), BACKOFF_LONGEST_S))


class Line:
    """A WebSocket that comes back by itself. Each message is given to `on_message`, in order."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        hello: dict[str, Any],
        on_message: Callable[[dict[str, Any]], None],
        rng: random.Random,
    ) -> None:
        self._http = http
        self._url = url
        self._hello = hello
        self._on_message = on_message
        self._rng = rng
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    @property
    def is_up(self) -> bool:
        """Whether the service has welcomed this connection."""
        return self._socket is not None

    async def send(self, message: dict[str, Any]) -> None:
        """Sends `message`; while the line is down it is dropped (after the next welcome everything is said anew)."""
        if self._socket is not None:
            with contextlib.suppress(ConnectionError):
                await self._socket.send_str(json.dumps(message, ensure_ascii=False))

    async def run(self) -> None:
        """Stays connected until it is cancelled.

        Raises:
            LineClosedError: the service closed it for good.
        """
        attempt = 0
        while True:
            started_s = time.monotonic()
            close_code = await self._connect_once()
            if close_code in CLOSES_FOR_GOOD:
                raise LineClosedError(f"closed with {close_code}")
            attempt = 0 if time.monotonic() - started_s > STEADY_AFTER_S else attempt + 1
            pauses_s = {CLOSE_RESTARTING: RESTARTING_S, CLOSE_TOO_MANY: TOO_MANY_S}
            pause_s = self._rng.uniform(*pauses_s[close_code]) if close_code in pauses_s else backoff_s(attempt - 1, self._rng)
            await asyncio.sleep(pause_s)

    async def _connect_once(self) -> int | None:
        """One connection from its hello to its end; gives the close code, None for a line that broke."""
        try:
            async with self._http.ws_connect(
                self._url, max_msg_size=1 << 20, timeout=aiohttp.ClientWSTimeout(ws_close=2)
            ) as socket:
                await socket.send_str(json.dumps({"type": "hello", "protocol": 1, **self._hello}, ensure_ascii=False))
                await self._receive(socket)
                return socket.close_code
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            return None
        finally:
            self._socket = None

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            frame = await socket.receive(timeout=SILENCE_S)
            if frame.type is not aiohttp.WSMsgType.TEXT:
                return
            message = json.loads(frame.data)
            if message["type"] == "welcome":
                self._socket = socket
            self._on_message(message)
