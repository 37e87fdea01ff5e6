"""The control socket: the secret comes first, garbage costs one answer, and who does not read is let go."""

from __future__ import annotations

import asyncio
import contextlib
import json
import stat
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sfu import control_wire as wire
from sfu.control import BUFFER_BYTES, ControlServer, RequestRefusedError
from sfu.events import PeerGone
from sfu.ids import PeerId, SessionId
from tests.harness.wait import until

SECRET = "s3cret-" * 4


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, line: bytes | dict[str, Any]) -> Any:
        self.writer.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
        return await self.hear()

    async def hear(self) -> Any:
        async with asyncio.timeout(15):
            line = await self.reader.readline()
        return json.loads(line) if line else None


class Server:
    def __init__(self, path: Path, address: str = "") -> None:
        self.path = path
        self.state: dict[str, Any] = {"epoch": "e1", "peers": []}
        self.pages: Callable[[], Iterable[list[dict[str, Any]]]] = tuple
        self.control = ControlServer(address or f"unix:{path}", SECRET, self.perform, lambda: (dict(self.state), self.pages()))

    async def perform(self, request: Any) -> dict[str, Any]:
        match request:
            case wire.Leave():
                raise RequestRefusedError("unknown_peer", "no such peer")
            case wire.Restart():
                raise ZeroDivisionError("a mistake of ours")
            case _:
                return {"op": request.op}

    async def connect(self, *, hello: bool = True) -> Connection:
        connection = Connection(*await asyncio.open_unix_connection(self.path, limit=1 << 20))
        if hello:
            assert "ok" in await connection.say({"id": 0, "op": "hello", "secret": SECRET})
        return connection


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    one = Server(tmp_path / "node.sock")
    one.path.touch()  # what a killed process left
    await one.control.start()
    yield one
    await one.control.close()
    await until("connections end", lambda: not one.control._writers)


@contextlib.asynccontextmanager
async def talking(server: Server, *, hello: bool = True) -> AsyncIterator[Connection]:
    connection = await server.connect(hello=hello)
    try:
        yield connection
    finally:
        connection.writer.close()
        with contextlib.suppress(OSError):
            await connection.writer.wait_closed()


async def test_the_socket_is_this_users_alone(server: Server) -> None:
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o600


async def test_the_greeting_holds_the_state_and_after_reconnecting_the_new_one(server: Server) -> None:
    async with talking(server, hello=False) as one:
        assert await one.say({"id": 7, "op": "hello", "secret": SECRET}) == {"id": 7, "ok": {"epoch": "e1", "peers": []}}
    server.state["peers"] = [{"peer": "p"}]
    async with talking(server, hello=False) as one:
        assert (await one.say({"id": 8, "op": "hello", "secret": SECRET}))["ok"]["peers"] == [{"peer": "p"}]


async def test_more_peers_than_a_line_holds_come_in_pages_before_the_answer_and_events_between(server: Server) -> None:
    def pages() -> Iterator[list[dict[str, Any]]]:
        yield [{"peer": "p1"}]
        server.control.tell(PeerGone(SessionId("s"), PeerId("p1"), "left"))
        yield [{"peer": "p2"}]

    server.pages = pages
    async with talking(server, hello=False) as one:
        assert await one.say({"id": 7, "op": "hello", "secret": SECRET}) == {"event": "peers", "peers": [{"peer": "p1"}]}
        assert (await one.hear())["event"] == "peer_gone"
        assert await one.hear() == {"event": "peers", "peers": [{"peer": "p2"}]}
        assert await one.hear() == {"id": 7, "ok": {"epoch": "e1", "peers": []}}


@pytest.mark.parametrize(
    "line",
    [
        {"id": 0, "op": "hello", "secret": "wrong"},
        {"id": 0, "op": "hello", "secret": ""},
        {"id": 0, "op": "stats"},
        b"GET / HTTP/1.1\r\n",
        b"\n",
    ],
)
async def test_without_the_secret_nothing_is_done_or_told(server: Server, line: bytes | dict[str, Any]) -> None:
    async with talking(server, hello=False) as one:
        refused = await one.say(line)
        assert refused["error"]["code"] in {"forbidden", "bad_request"}
        assert SECRET not in json.dumps(refused)
        server.control.tell(PeerGone(SessionId("s"), PeerId("p"), "left"))
        assert await one.hear() is None


async def test_garbage_and_unknown_requests_cost_one_answer_each(server: Server) -> None:
    async with talking(server) as one:
        assert (await one.say(b"\xff\xfe{}\n"))["error"]["code"] == "bad_request"
        assert (await one.say({"id": 3, "op": "explode"}))["error"]["code"] == "bad_request"
        assert await one.say({"id": 4, "op": "stats"}) == {"id": 4, "ok": {"op": "stats"}}
        gone = await one.say({"id": 5, "op": "leave", "peer": "p" * 22})
        assert (gone["id"], gone["error"]["code"]) == (5, "unknown_peer")


async def test_a_fault_stays_with_its_request(server: Server) -> None:
    async with talking(server) as one:
        failed = await one.say({"id": 5, "op": "restart", "peer": "p" * 22, "ufrag": "abcd", "pwd": "p" * 22})
        assert (failed["id"], failed["error"]["code"]) == (5, "internal")
        assert "mistake" not in json.dumps(failed)
        assert (await one.say({"id": 6, "op": "stats"}))["id"] == 6


async def test_a_line_may_have_256_kib_and_no_more(server: Server) -> None:
    request = {"id": 1, "op": "join_viewer", "session": "s", "peer": "p" * 22, "video": [], "audio": []}
    async with talking(server) as one:
        offer = '"' * 65_000  # two bytes each in JSON
        assert (await one.say({**request, "offer": offer}))["ok"] == {"op": "join_viewer"}
        assert await one.say(b'{"id":2,"op":"stats","x":"' + b"x" * wire.LINE_BYTES_MAX + b'"}\n') is None
    async with talking(server) as one:
        assert (await one.say({"id": 1, "op": "stats"}))["id"] == 1


async def test_everybody_hears_events_between_answers(server: Server) -> None:
    async with talking(server) as one, talking(server) as two:
        server.control.tell(PeerGone(SessionId("s"), PeerId("p"), "left"))
        for each in (one, two):
            assert await each.hear() == {"event": "peer_gone", "session": "s", "peer": "p", "reason": "left"}


async def test_what_a_request_brought_about_is_told_before_its_answer(server: Server) -> None:
    """And events of one turn of the loop come in their order, whoever asks."""
    async with talking(server) as one, talking(server) as two:
        for reason in ("left", "replaced"):
            server.control.tell(PeerGone(SessionId("s"), PeerId("p"), reason))
        assert (await one.say({"id": 4, "op": "stats"}))["reason"] == "left"
        assert (await one.hear())["reason"] == "replaced"
        assert (await one.hear())["id"] == 4
        assert [(await two.hear())["reason"] for _ in range(2)] == ["left", "replaced"]


async def test_what_happened_before_a_connection_is_not_told_to_it(server: Server) -> None:
    async with talking(server) as one:
        async with talking(server, hello=False) as two:
            server.control.tell(PeerGone(SessionId("s"), PeerId("p"), "left"))
            assert (await two.say({"id": 7, "op": "hello", "secret": SECRET}))["id"] == 7
            assert (await two.say({"id": 8, "op": "stats"}))["id"] == 8
        assert (await one.hear())["event"] == "peer_gone"


async def test_who_does_not_read_is_let_go_and_the_others_hear_all(server: Server) -> None:
    async with talking(server) as slow, talking(server) as quick:
        slow.reader._transport.pause_reading()  # type: ignore[attr-defined]
        event = PeerGone(SessionId("s"), PeerId("p" * 100), "r" * 900)
        count = 2 * BUFFER_BYTES // len(wire.event_line(event))
        heard = 0
        for _ in range(count):
            server.control.tell(event)
            heard += (await quick.hear())["event"] == "peer_gone"
            if len(server.control._writers) == 1:
                break
        assert len(server.control._writers) == 1
        assert heard > 1000
        assert (await quick.say({"id": 1, "op": "stats"}))["id"] == 1
        slow.writer.transport.abort()


async def test_it_listens_on_tcp_as_well() -> None:
    one = Server(Path(), "tcp:127.0.0.1:0")
    await one.control.start()
    assert one.control._server is not None
    port = one.control._server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    connection = Connection(reader, writer)
    assert "ok" in await connection.say({"id": 0, "op": "hello", "secret": SECRET})
    writer.close()
    await writer.wait_closed()
    await one.control.close()
    await until("connections end", lambda: not one.control._writers)
