"""Clients of the WebSocket without any media: a point and a console that a test drives message by message."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Self, cast

import aiohttp

from tests.harness.service import Service
from tests.harness.wait import until

Message = dict[str, Any]

GOOD_REPORT: Message = {"visible": True, "camera": "ok", "microphone": "ok", "rtt_ms": 2.0, "device": "test"}


class _Desk:
    """A connection that keeps every message it got. Use it as a context manager; `open` waits for the welcome."""

    def __init__(self, service: Service, credential: Message, session: str | None = None) -> None:
        self.service = service
        self.session = session or service.session
        self.messages: list[Message] = []
        self.close_code: int | None = None
        self._credential = credential
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self.connect()
            await self.message("welcome")
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def connect(self, report: Message | None = None) -> None:
        """Opens the connection and says hello, without waiting for an answer."""
        self._http = aiohttp.ClientSession()
        self._socket = await self._http.ws_connect(self.service.websocket_url, max_msg_size=1 << 22)
        hello: Message = {"type": "hello", "protocol": 1, "credential": self._credential, "session": self.session}
        await self.send(hello | {"report": report or GOOD_REPORT})
        self._reader = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Closes the connection properly."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader
        if self._http is not None:
            await self._http.close()
        self._http = self._socket = self._reader = None

    async def reconnect(self) -> None:
        """A new connection after the old one ended; forgets the old messages and waits for the welcome."""
        await self.close()
        self.messages.clear()

        async def try_once() -> bool:
            try:
                await self.connect()
                await self.message("welcome", within_s=10)
            except (aiohttp.ClientError, AssertionError):
                await self.close()
                return False
            return True

        await until("welcomed again", try_once, within_s=60, every_s=0.2)

    async def send(self, message: Message) -> None:
        """Sends one message as it is."""
        assert self._socket is not None
        await self._socket.send_str(json.dumps(message))

    async def message(
        self, kind: str, which: Callable[[Message], object] = lambda _: True, within_s: float = 30, after: int = 0
    ) -> Message:
        """The newest message of type `kind` for which `which` holds, among those from number `after` on."""

        def newest() -> Message | None:
            found = (m for m in reversed(self.messages[after:]) if m["type"] == kind and which(m))
            return next(found, None)

        found = await until(f"a message {kind}", newest, within_s, every_s=0.01)
        return cast("Message", found)

    async def call_state(self, call: str, *states: str, within_s: float = 30) -> Message:
        """The view of `call` once it is in one of `states` (as `call` messages tell)."""

        def newest() -> Message | None:
            views = [m["call"] for m in self.messages if m["type"] == "call" and m["call"]["id"] == call]
            return views[-1] if views and views[-1]["state"] in states else None

        view = await until(f"call {call} in {states}", newest, within_s, every_s=0.01)
        return cast("Message", view)

    async def _read(self) -> None:
        assert self._socket is not None
        async for frame in self._socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                self.messages.append(json.loads(frame.data))
        self.close_code = self._socket.close_code


class WsPoint(_Desk):
    """A point without media."""

    def __init__(self, service: Service, code: str, secret: str | None = None) -> None:
        super().__init__(service, {"kind": "point", "code": code, "secret": secret or service.point_secret(code)})
        self.code = code

    @property
    def token(self) -> str:
        """The bearer of the newest welcome."""
        return str(next(m["token"] for m in reversed(self.messages) if m["type"] == "welcome"))

    async def ring(self, within_s: float = 30) -> str:
        """Waits until it is rung and confirms; gives the call's id."""
        ring = await self.message("ring", within_s=within_s)
        call = str(ring["call"]["id"])
        await self.say("ringing", call)
        return call

    async def say(self, kind: str, call: str, report: Message | None = None, **more: object) -> None:
        """One of `ringing`, `answer`, `decline`, `device_failed`, with a report."""
        await self.send({"type": kind, "call": call, **more, "report": report or GOOD_REPORT})


class WsConsole(_Desk):
    """A console without media, of role center, operator or observer, in the service's own session or another one."""

    def __init__(
        self, service: Service, role: str = "operator", scope: tuple[str, ...] = ("VN",), session: str | None = None
    ) -> None:
        token = service.token(role, scope, session=session or "")
        super().__init__(service, {"kind": "token", "token": token}, session)
        self._next_id = 1

    async def command(self, kind: str, **fields: Any) -> Message:
        """Sends a command and gives its `ack` or `error`."""
        number, self._next_id = self._next_id, self._next_id + 1
        await self.send({"type": "command", "id": number, "command": {"kind": kind, **fields}})

        def answer() -> Message | None:
            return next((m for m in self.messages if m["type"] in {"ack", "error"} and m["id"] == number), None)

        found = await until(f"an answer to {kind}", answer, within_s=30, every_s=0.01)
        return cast("Message", found)

    async def place_call(self, point: str) -> str:
        """Calls `point`; gives the call's id."""
        answer = await self.command("place_call", point=point)
        assert answer["type"] == "ack", answer
        return str(answer["call"])

    async def point_state(self, code: str) -> int:
        """The state of `code` by the newest frame and the changes after it (the numbers of the point states)."""
        order = [
            point[0] for point in json.loads(self.service.get("/api/directory", self.service.token("operator"))[1])["points"]
        ]
        index = order.index(code)
        await self.message("frame")
        state = 0
        for message in self.messages:
            if message["type"] == "frame":
                byte = base64.b64decode(message["states"])[index // 2]
                state = byte >> 4 if index % 2 == 0 else byte & 15
            elif message["type"] == "changes":
                state = dict(map(tuple, message["changes"])).get(index, state)
        return state


@contextlib.asynccontextmanager
async def point_in_call(service: Service, console: WsConsole, code: str) -> AsyncIterator[tuple[WsPoint, str]]:
    """A point without media that has been called and has confirmed the ring; with its call's id."""
    async with WsPoint(service, code) as point:
        call = await console.place_call(code)
        assert await point.ring() == call
        await console.call_state(call, "delivered")
        yield point, call
