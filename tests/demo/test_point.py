"""A simulated point that is ended in the middle of something."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from demo.cast import Part
from demo.center import Center
from demo.peers import use_loopback_only
from demo.point import Point
from tests.harness.wait import until


class SlowService:
    """Welcomes everybody, and leaves every offer of a connection unanswered."""

    def __init__(self) -> None:
        self.offers = 0
        self._ended = asyncio.Event()

    async def meet(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive_json()
        await socket.send_json({"type": "welcome", "token": "t", "media": {"ready": True, "epoch": "e1"}, "call": None})
        async for _ in socket:
            pass
        return socket

    async def join(self, _request: web.Request) -> web.StreamResponse:
        self.offers += 1
        await self._ended.wait()
        return web.Response(status=503)

    def end(self) -> None:
        self._ended.set()

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/ws", self.meet)
        app.router.add_post("/{door}/main", self.join)
        return TestServer(app)


@pytest.mark.parametrize("kind", ["point", "center"])
async def test_what_is_being_opened_is_closed_when_the_play_ends(kind: str) -> None:
    """Else its tasks are left, and the event loop complains of them when they are collected."""
    use_loopback_only()
    service = SlowService()
    async with service.server() as server, aiohttp.ClientSession() as http:
        url = str(server.make_url("")).rstrip("/")
        player = Point(http, url, "main", Part("26740", "s", "Phường 10")) if kind == "point" else Center(http, url, "main", "t")
        playing = asyncio.create_task(player.run())
        await until("it offers", lambda: service.offers == 1)
        peer = player._viewer if isinstance(player, Point) else player._publisher
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        service.end()
        assert peer is not None
        assert peer.connection.connectionState == "closed"
