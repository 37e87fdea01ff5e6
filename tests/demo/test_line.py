"""The line of a simulated client against a small WebSocket server of this test."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import demo.line
from demo.line import Line, LineClosedError, backoff_s
from tests.harness.wait import until

Script = Callable[[web.WebSocketResponse, int], Any]


class FakeService:
    """Answers each connection by a script; keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.connections = 0
        self.script: Script = self.welcome

    async def answer(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        self.told.append(await socket.receive_json())
        await self.script(socket, self.connections)
        return socket

    async def welcome(self, socket: web.WebSocketResponse, _number: int) -> None:
        await socket.send_json({"type": "welcome"})
        async for message in socket:
            self.told.append(json.loads(message.data))


@pytest.fixture
async def fake() -> AsyncIterator[tuple[FakeService, str]]:
    fake = FakeService()
    app = web.Application()
    app.router.add_get("/ws", fake.answer)
    async with TestServer(app) as server:
        yield fake, str(server.make_url("/ws"))


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def line_of(http: aiohttp.ClientSession, url: str, heard: list[dict[str, Any]]) -> Line:
    return Line(http, url, {"credential": {"kind": "point"}, "session": "main"}, heard.append, random.Random(1))


async def test_says_hello_first_and_sends_after_the_welcome(fake: tuple[FakeService, str], http: aiohttp.ClientSession) -> None:
    service, url = fake
    heard: list[dict[str, Any]] = []
    line = line_of(http, url, heard)
    await line.send({"type": "report"})  # nobody there yet: dropped
    task = asyncio.create_task(line.run())
    await until("welcomed", lambda: line.is_up)
    await line.send({"type": "report", "name": "Bến Nghé"})
    await until("told", lambda: len(service.told) == 2)
    assert service.told[0] == {"type": "hello", "protocol": 1, "credential": {"kind": "point"}, "session": "main"}
    assert service.told[1] == {"type": "report", "name": "Bến Nghé"}
    assert heard == [{"type": "welcome"}]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not line.is_up


async def test_comes_back_after_a_lost_connection(fake: tuple[FakeService, str], http: aiohttp.ClientSession) -> None:
    service, url = fake

    async def lose_the_first(socket: web.WebSocketResponse, number: int) -> None:
        if number == 1:
            assert socket._req is not None
            assert socket._req.transport is not None
            socket._req.transport.abort()
        else:
            await service.welcome(socket, number)

    service.script = lose_the_first
    line = line_of(http, url, [])
    task = asyncio.create_task(line.run())
    await until("welcomed by the second", lambda: line.is_up)
    assert service.connections == 2
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_comes_back_after_silence(
    fake: tuple[FakeService, str], http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, url = fake
    monkeypatch.setattr(demo.line, "SILENCE_S", 0.05)
    task = asyncio.create_task(line_of(http, url, []).run())
    await until("a second connection", lambda: service.connections >= 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("code", [4401, 4403, 4409])
async def test_stays_away_when_told_so(code: int, fake: tuple[FakeService, str], http: aiohttp.ClientSession) -> None:
    service, url = fake

    async def refuse(socket: web.WebSocketResponse, _number: int) -> None:
        await socket.close(code=code)

    service.script = refuse
    with pytest.raises(LineClosedError, match=str(code)):
        await line_of(http, url, []).run()
    assert service.connections == 1


def test_the_backoff_grows_to_ten_seconds() -> None:
    rng = random.Random(1)
    longest = [max(backoff_s(attempt, rng) for _ in range(300)) for attempt in range(8)]
    assert longest == sorted(longest) or max(longest) <= 10
    assert longest[0] <= 0.5
    assert 9 < longest[7] <= 10
    assert min(backoff_s(7, rng) for _ in range(300)) >= 0.2
