"""The WebSocket shell over real sockets: who may open one, slow readers, secrets and logs."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import socket

import pytest
import structlog
from aiohttp import ClientConnectionResetError, ClientError, WSServerHandshakeError, web

from signaling.messages import MAX_MESSAGE_BYTES, Tick
from signaling.session import Outgoing
from signaling.websocket import PING_S
from tests.signaling.conftest import MakeWorld
from tests.signaling.world import ORIGIN, WARD, Client, World, eventually, point_hello, token_hello


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        ORIGIN + ".evil.example",
        "https://evil.example?" + ORIGIN,
        ORIGIN + ":8443",
        ORIGIN + "/",
        ORIGIN.upper(),
        "http" + ORIGIN.removeprefix("https"),
        "",
    ],
)
async def test_other_origins_get_403(world: World, origin: str) -> None:
    with pytest.raises(WSServerHandshakeError) as raised:
        await world.connect(headers={"Origin": origin})
    assert raised.value.status == 403


async def test_two_origins_get_403(world: World) -> None:
    with pytest.raises(WSServerHandshakeError) as raised:
        await world.connect(headers=[("Origin", ORIGIN), ("Origin", "https://evil.example")])
    assert raised.value.status == 403


@pytest.mark.parametrize("headers", [{}, {"Origin": ORIGIN}])
async def test_own_origin_and_no_origin_are_let_in(world: World, headers: dict[str, str]) -> None:
    client = await world.connect(headers=headers)
    await client.say(point_hello())
    assert (await client.hear("welcome"))["role"] == "point"


async def test_a_plain_request_is_refused(world: World) -> None:
    response = await world.client.get("/ws")
    assert response.status == 400
    assert (await response.json())["code"] == "bad_message"


async def test_a_subprotocol_is_refused_before_it_can_be_logged(world: World) -> None:
    with pytest.raises(WSServerHandshakeError) as raised:
        await world.connect(protocols=("token-in-the-wrong-place",))
    assert raised.value.status == 400


async def test_no_compression_is_negotiated(world: World) -> None:
    client = await world.connect(compress=15)
    assert client.ws.compress == 0


async def test_too_large_a_message_ends_it(world: World) -> None:
    client = await world.connect()
    await client.ws.send_str("x" * (MAX_MESSAGE_BYTES + 1))
    assert await client.hear_close() == 1009


async def test_binary_ends_it(world: World) -> None:
    client = await world.connect()
    await client.ws.send_bytes(json.dumps(point_hello()).encode())
    assert await client.hear_close() == 4400


async def test_silence_instead_of_hello(make_world: MakeWorld) -> None:
    now = [1000.0]
    world = await make_world(clock=lambda: now[0])
    client = await world.connect()
    await eventually(lambda: world.service.pump.watched == 1)
    now[0] += 5.1
    assert await client.hear_close() == 4408
    assert client.heard[0]["error"]["code"] == "hello_timeout"
    assert world.service.pump.watched == 0


async def test_only_so_many_may_be_silent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.websocket.MAX_AWAITING_HELLO", 2)
    first, _ = await world.connect(), await world.connect()
    with pytest.raises(WSServerHandshakeError) as raised:
        await world.connect()
    assert raised.value.status == 503
    await first.say(point_hello())
    await first.hear("welcome")
    await world.connect()


async def test_an_address_with_an_empty_bucket_gets_503(make_world: MakeWorld) -> None:
    world = await make_world(joins_per_address_burst=2, joins_per_address_per_s=0.001)
    await world.connect()
    await world.connect()
    with pytest.raises(WSServerHandshakeError) as raised:
        await world.connect()
    assert raised.value.status == 503
    assert raised.value.headers is not None
    assert int(raised.value.headers["Retry-After"]) > 0


async def test_everybody_s_bucket_is_spent_by_good_credentials_only(make_world: MakeWorld) -> None:
    world = await make_world(joins_burst=1, joins_per_s=0.001)
    for _ in range(3):
        bad = await world.connect()
        await bad.say(point_hello(secret="A" * 22))
        assert await bad.hear_close() == 4401
    await world.desk()
    late = await world.connect()
    await late.say(point_hello())
    assert await late.hear_close() == 4429
    assert late.heard[0]["error"]["code"] == "too_many"
    assert late.heard[0]["error"]["retry_after_s"] >= 1


async def handshake(world: World) -> socket.socket:
    """A raw socket after a WebSocket upgrade, with a small receive buffer that nobody reads."""
    server = world.client.server
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", server.port))
    key = base64.b64encode(b"k" * 16).decode()
    request = (
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await loop.sock_sendall(raw, request.encode())
    reply = await loop.sock_recv(raw, 4096)
    assert reply.startswith(b"HTTP/1.1 101"), reply
    return raw


def client_frame(text: str) -> bytes:
    """A masked text frame (mask of zeros), RFC 6455 §5.2."""
    body = text.encode()
    assert 126 <= len(body) < 65536
    return bytes((0x81, 0x80 | 126)) + len(body).to_bytes(2, "big") + bytes(4) + body


async def test_a_client_that_never_reads_is_closed_and_holds_up_nobody(make_world: MakeWorld) -> None:
    now = [1000.0]
    world = await make_world(clock=lambda: now[0])
    raw = await handshake(world)
    hub, pump = world.service.hub, world.service.pump
    await asyncio.get_running_loop().sock_sendall(raw, client_frame(json.dumps(token_hello(world.token("center")))))
    await eventually(lambda: len(hub.rooms["main"].consoles) == 1)
    line = next(iter(hub.rooms["main"].consoles))
    reader = await world.console()
    (room,) = hub.rooms.values()
    bulk = [(index, 1) for index in range(2000)]

    for version in range(1, 2000):
        for console in room.consoles:
            console.session.send_changes(version, bulk, now[0])
            console.wake(console)
        while (await reader.hear("changes"))["version"] < version:
            pass
        if line.session.has_waiting:
            break
    assert line.session.has_waiting, "the transport took everything"
    assert len(line.session._queue) == 1, "what waits is merged"
    await eventually(lambda: pump.watched == 1)

    now[0] += 8.1
    await eventually(lambda: line not in room.consoles)
    assert pump.slow_closes == 1
    assert line.session.close_code == 4429
    assert (await reader.command(1, kind="place_call", point=WARD))["type"] == "ack"
    raw.close()


async def test_what_this_process_kept_waiting_is_sent_and_closes_nobody(make_world: MakeWorld) -> None:
    """The process stood still for longer than a slow client may take: that is no fault of the clients."""
    now = [1000.0]
    world = await make_world(clock=lambda: now[0])
    desk = await world.desk()
    (line,) = world.service.hub.rooms["main"].points.values()
    line.session.send(Outgoing(Tick(at=77), "tick"), now[0])
    now[0] += 9.0
    line.wake(line)
    assert (await desk.hear("tick"))["at"] == 77
    assert world.service.pump.slow_closes == 0
    assert not line.session.is_over


async def test_a_client_that_goes_before_the_upgrade_is_no_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(*_: object) -> None:
        raise ClientConnectionResetError("Cannot write to closing transport")

    monkeypatch.setattr(web.WebSocketResponse, "prepare", gone)
    with structlog.testing.capture_logs() as said, pytest.raises((ClientError, ValueError)):
        await world.connect()
    assert [line for line in said if line["log_level"] == "error"] == []
    assert world.service.door.opened == world.service.door.ended == 0


async def test_pings_are_sent_and_answered(world: World) -> None:
    assert PING_S + PING_S / 2 <= 10, "a dead line is found within 10 s"
    desk = await world.desk()
    (line,) = world.service.hub.rooms["main"].points.values()
    assert line._socket._heartbeat == PING_S  # type: ignore[attr-defined]
    await desk.ws.ping()
    await world.service.hub.tick()
    await desk.hear("tick")


async def test_secrets_and_tokens_are_in_no_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = point_hello()["credential"]["secret"]
    token = world.token("center")
    wrong = token[:-6] + "AAAAAA"
    with structlog.testing.capture_logs() as lines:
        desk = await world.desk()
        center = await world.console()
        for hello in (point_hello("99999", secret), token_hello(wrong), {**point_hello(), "oops": secret}, {"type": token}):
            client = await world.connect()
            await client.say(hello)
            await client.hear_close()
        await center.command(1, kind="place_call", point=WARD)
        await world.client.post("/whep/main", data=b"x", headers={"Authorization": f"Bearer {wrong}"})
        await world.client.get("/api/directory", headers={"Authorization": f"Bearer {token}"})
        await world.client.get(f"/nowhere?token={token}")
        await desk.ws.close()
    text = repr(lines) + caplog.text
    assert lines, "something was logged, so this test looks at something"
    for hidden in (secret, token, wrong, desk.welcome["token"], token.rpartition(".")[2]):
        assert hidden not in text


async def test_a_client_that_vanishes_in_the_middle_of_the_welcome(world: World) -> None:
    for _ in range(5):
        client = await world.connect()
        await client.say(point_hello())
        await client.ws.close()
    again = await world.desk()
    assert again.welcome["role"] == "point"
    await eventually(lambda: len(world.service.hub.rooms["main"].points) == 1)


async def test_the_pump_serves_many_connections_without_a_task_each(world: World) -> None:
    clients = [Client(await world.client.ws_connect("/ws")) for _ in range(90)]
    await asyncio.gather(*(client.say(token_hello(world.token("viewer"))) for client in clients))
    await asyncio.gather(*(client.hear("welcome") for client in clients))
    await world.service.hub.tick()
    await asyncio.gather(*(client.hear("tick") for client in clients))
    assert len(world.service.hub.rooms["main"].viewers) == 90
    own = [name for task in asyncio.all_tasks() if not (name := task.get_name()).startswith("Task-")]
    assert sorted(own) == sorted(set(own)), "every task of ours is there once, however many connections there are"
