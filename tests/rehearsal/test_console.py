"""The console of a rehearsal against a server that says what a test wants."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from rehearsal.console import Console, ConsoleClosedError, OrderRefusedError
from rehearsal.desks import Place

STAGE = {"session_state": "open", "center_live": True, "on_air": []}
WELCOME = {"type": "welcome", "stage": STAGE}
FRAME = {
    "type": "frame",
    "version": 1,
    "directory": "d",
    "count": 5,
    "states": base64.b64encode(bytes((0x01, 0x9F, 0x70))).decode(),
}


def call(name: str, state: str, cause: str | None = None) -> dict[str, Any]:
    return {"id": name, "state": state, "cause": cause}


class Service:
    """Welcomes a console; what it does with an order is `answer`, which a test sets."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []
        self.hellos: list[dict[str, Any]] = []
        self.greeting: list[dict[str, Any]] = [WELCOME, FRAME, {"type": "calls", "calls": [call("c1", "ringing")]}]
        self.answer: Callable[[web.WebSocketResponse, dict[str, Any]], Awaitable[None]] = self.ack
        self.socket: web.WebSocketResponse | None = None
        app = web.Application()
        app.router.add_get("/ws", self.handle)
        self.server = TestServer(app)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = self.socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                said = json.loads(message.data)
                if said["type"] == "hello":
                    self.hellos.append(said)
                    for each in self.greeting:
                        await socket.send_json(each)
                else:
                    self.orders.append(said)
                    await self.answer(socket, said)
        return socket

    async def ack(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        await socket.send_json({"type": "ack", "id": said["id"], "at": 1, "call": "c7", "roll_call": None, "made": None})

    async def say(self, message: dict[str, Any]) -> None:
        assert self.socket is not None
        await self.socket.send_json(message)

    def console(self) -> Console:
        assert self.server.port is not None
        return Console(Place("127.0.0.1", self.server.port, "s1"), "a token")


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    running = Service()
    await running.server.start_server()
    yield running
    await running.server.close()


async def test_what_it_sees(service: Service) -> None:
    async with service.console() as console:
        assert service.hellos[0]["session"] == "s1"
        assert service.hellos[0]["credential"] == {"kind": "token", "token": "a token"}
        assert console.center_live
        assert list(console.states) == [0, 1, 9, 15, 7]
        assert console.live_places() == [1, 4], "offline, missed and offline, and out of scope are not live"
        assert console.calls["c1"]["state"] == "ringing"
        await service.say({"type": "changes", "version": 2, "changes": [[0, 1], [4, 0]]})
        await service.say({"type": "stage", "stage": {**STAGE, "center_live": False}})
        await service.say({"type": "roll_call_board", "roll_call": {"id": "r1", "total": {"asked": 3}}})
        await console.order("anything")  # its ack comes after all of these
        assert console.live_places() == [0, 1]
        assert not console.center_live
        assert console.boards["r1"]["total"]["asked"] == 3
    assert console.closed_with == "close code 1000"


async def test_orders(service: Service) -> None:
    async with service.console() as console:
        assert (await console.order("place_call", point="26740"))["call"] == "c7"
        assert service.orders[0]["command"] == {"kind": "place_call", "point": "26740"}

        async def refuse(socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
            error = {"code": "engaged", "message": {"vi": "Bận.", "en": "Busy."}, "retry_after_s": None}
            await socket.send_json({"type": "error", "id": None, "error": error})
            await socket.send_json({"type": "error", "id": said["id"], "error": error})

        service.answer = refuse
        with pytest.raises(OrderRefusedError, match=r"Bận\. / Busy\.") as caught:
            await console.order("place_call", point="26740")
        assert caught.value.code == "engaged"

        async def hang_up(socket: web.WebSocketResponse, _said: dict[str, Any]) -> None:
            await socket.close(code=1012)

        service.answer = hang_up
        with pytest.raises(ConsoleClosedError, match="close code 1012"):
            await console.order("place_call", point="26740")
        with pytest.raises(ConsoleClosedError, match="not open"):
            await console.order("place_call", point="26740")


async def test_waiting_for_a_call(service: Service) -> None:
    async with service.console() as console:
        assert (await console.call_in("c1", {"ringing"}))["id"] == "c1"
        waiting = asyncio.create_task(console.call_in("c2", {"preview", "failed"}))
        await service.say({"type": "call", "call": call("c2", "ringing")})
        await service.say({"type": "call", "call": call("c3", "failed")})
        await service.say({"type": "call", "call": call("c2", "failed", "no_answer")})
        async with asyncio.timeout(15):
            assert (await waiting)["cause"] == "no_answer"
        waiting = asyncio.create_task(console.call_in("c4", {"preview"}))
        await asyncio.sleep(0)
        assert service.socket is not None
        await service.socket.close(code=4429)
        with pytest.raises(ConsoleClosedError, match="4429"):
            await waiting
        with pytest.raises(ConsoleClosedError, match="4429"):
            await console.call_in("c5", {"preview"})


async def test_a_console_that_is_not_let_in(service: Service) -> None:
    error = {"code": "forbidden", "message": {"vi": "Không được.", "en": "Not allowed."}, "retry_after_s": None}
    service.greeting = [{"type": "refused", "error": error}]
    with pytest.raises(ConsoleClosedError, match="forbidden: Not allowed"):
        async with service.console():
            pass
    console = service.console()
    await service.server.close()
    with pytest.raises(ConsoleClosedError, match="could not be opened"):
        async with console:
            pass
