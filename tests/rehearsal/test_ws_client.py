"""The light WebSocket client: frames in any pieces, faults named, and aiohttp's server at the other end."""

from __future__ import annotations

import asyncio
import struct

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.ws_client import MAX_MESSAGE_BYTES, FrameError, FrameReader, UpgradeError, WsClient
from tests.harness.wait import until


def server_frame(first: int, payload: bytes) -> bytes:
    """A frame as RFC 6455 §5.2 has it, from a server: not masked."""
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


texts = st.one_of(st.binary(max_size=200), st.integers(0, 70_000).map(bytes))
messages = st.lists(st.tuples(st.sampled_from([0x1, 0x8, 0x9, 0xA]), texts), max_size=6)


@given(messages, st.lists(st.integers(1, 300), max_size=30), st.data())
def test_whole_messages_whatever_the_pieces(said: list[tuple[int, bytes]], cuts: list[int], data: st.DataObject) -> None:
    wire, expected = b"", []
    for opcode, text in said:
        payload = text if opcode == 1 else text[:125]
        expected.append((opcode, payload))
        at = data.draw(st.integers(0, len(payload))) if opcode == 1 else 0
        if at:
            wire += server_frame(0x01, payload[:at]) + server_frame(0x89, b"between") + server_frame(0x80, payload[at:])
            expected.insert(-1, (0x9, b"between"))
        else:
            wire += server_frame(0x80 | opcode, payload)
    reader, heard = FrameReader(), []
    for size in cuts:
        piece, wire = wire[:size], wire[size:]
        heard += reader.feed(piece)
    assert heard + reader.feed(wire) == expected


@pytest.mark.parametrize(
    "wire",
    [
        bytes((0xC1, 0)),
        bytes((0x81, 0x80)),
        bytes((0x80, 0)),
        bytes((0x01, 0, 0x81, 0)),
        bytes((0x82, 0)),
        bytes((0x09, 0)),
        server_frame(0x89, bytes(126)),
        struct.pack("!BBQ", 0x81, 127, MAX_MESSAGE_BYTES + 1),
    ],
    ids=["reserved", "masked", "continues nothing", "text in text", "binary", "ping in pieces", "long ping", "too long"],
)
def test_faults_of_the_server(wire: bytes) -> None:
    with pytest.raises(FrameError):
        FrameReader().feed(wire)


class Echo:
    """A server of aiohttp that says what it hears."""

    def __init__(self) -> None:
        self.close_codes: list[int | None] = []
        app = web.Application()
        app.router.add_get("/ws", self.handle)
        app.router.add_get("/full", self.full)
        self.server = TestServer(app)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        # Half of it later a pong is missing: time enough for a machine that does something else.
        ws = web.WebSocketResponse(heartbeat=1.0)
        await ws.prepare(request)
        async for message in ws:
            if message.type is WSMsgType.TEXT and message.data == "go":
                await ws.close(code=4401)
            elif message.type is WSMsgType.TEXT:
                await ws.send_str(message.data)
        self.close_codes.append(ws.close_code)
        return ws

    async def full(self, _request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "7"}, text="full")


class Ears:
    """What a client heard."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []
        self.ends: list[int] = []
        self.client = WsClient(self.texts.append, self.ends.append)

    async def connect(self, echo: Echo, path: str = "/ws") -> WsClient:
        assert echo.server.port is not None
        await self.client.connect("127.0.0.1", echo.server.port, path)
        return self.client


async def test_with_a_real_server() -> None:
    echo = Echo()
    async with echo.server:
        ears = Ears()
        client = await ears.connect(echo)
        said = ["xin chào".encode(), b"x" * 125, b"x" * 126, b"y" * 70_000]
        for text in said:
            client.send_text(text)
        await until("all came back", lambda: ears.texts == said)
        before = client.bytes_in
        await until("several pings were answered: the server has not given the line up", lambda: client.bytes_in >= before + 6)
        assert client.is_open
        client.close()
        await until("closed by both", lambda: ears.ends == [1000] and echo.close_codes == [1000])
        with pytest.raises(ConnectionError):
            client.send_text(b"more")


async def test_ends_are_told_once_with_their_code() -> None:
    echo = Echo()
    async with echo.server:
        ears, cut = Ears(), Ears()
        (await ears.connect(echo)).send_text(b"go")
        await until("the server closed", lambda: ears.ends == [4401])
        (await cut.connect(echo)).abort()
        await until("the line ended", lambda: cut.ends == [1006])
        ears.client.abort()
        await asyncio.sleep(0)
        assert ears.ends == [4401]


async def test_refusals() -> None:
    echo = Echo()
    async with echo.server:
        ears = Ears()
        with pytest.raises(UpgradeError, match="full") as refused:
            await ears.connect(echo, "/full")
        assert (refused.value.status, refused.value.retry_after_s) == (503, 7)
        assert ears.ends == []
    with pytest.raises(OSError, match=r".+"):
        await Ears().client.connect("127.0.0.1", 1)
