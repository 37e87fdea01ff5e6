"""Getting in: HTTP that stays open, refusals with a time to wait, answers of all kinds."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable

import pytest

from rehearsal.joining import REFUSED_FOR_S, Doors
from rehearsal.measures import JoinFailedError, JoinTimes
from rehearsal.offers import POINT_SLOTS, viewer_offer
from rehearsal.whep import HttpError, HttpPool
from sfu.negotiation import Terms, negotiate_viewer
from sfu.wire.sdp import parse_offer

FINGERPRINT = ":".join(["AB"] * 32)
OFFER = viewer_offer("clnt", "p" * 24, FINGERPRINT, 1, POINT_SLOTS)


def answer() -> bytes:
    numbers = itertools.count(1)
    terms = Terms("srvr", "q" * 24, FINGERPRINT, (("127.0.0.1", 9),), "c", lambda: next(numbers), 1)
    return negotiate_viewer(parse_offer(OFFER), terms, *POINT_SLOTS).sdp.encode()


class Server:
    """Answers each request with the next of its answers; an empty one closes the connection instead."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.requests: list[bytes] = []
        self.connections: list[str] = []
        self.base_url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(writer.get_extra_info("peername")[0])
        while self.answers:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            size = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), 0)
            self.requests.append(head + await reader.readexactly(size))
            reply = self.answers.pop(0)
            if not reply:
                break
            writer.write(reply)
        writer.close()


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.base_url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()


@pytest.fixture
async def http(server: Server) -> AsyncIterator[HttpPool]:
    pool = HttpPool(server.base_url, connections=1)
    yield pool
    await pool.close()


async def test_one_connection_serves_many_requests(server: Server, http: HttpPool) -> None:
    server.answers = [reply(200, b"one", ETag='"1"'), reply(404), reply(200), b""]
    first = await http.request("POST", "/whep/main", "tok", b"v=0")
    assert (first.status, first.body, first.headers["etag"]) == (200, b"one", '"1"')
    assert (await http.request("DELETE", "/whep/main/x", "tok")).status == 404
    assert (await http.request("DELETE", "/whep/main/y", "tok")).status == 200
    assert server.connections == ["127.63.0.2"]
    assert b"Authorization: Bearer tok\r\n" in server.requests[0]
    assert server.requests[0].endswith(b"Content-Type: application/sdp\r\nContent-Length: 3\r\n\r\nv=0")


async def test_a_connection_that_was_closed_meanwhile_is_opened_again(server: Server, http: HttpPool) -> None:
    server.answers = [reply(200), b"", reply(201)]
    assert (await http.request("POST", "/whep/main", "tok", b"v=0")).status == 200
    assert (await http.request("POST", "/whep/main", "tok", b"v=0")).status == 201
    assert len(server.connections) == 2


@pytest.mark.parametrize("given", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"])
async def test_what_is_no_answer(server: Server, http: HttpPool, given: bytes) -> None:
    server.answers = [given, b""]
    with pytest.raises(HttpError):
        await http.request("POST", "/whep/main", "tok", b"v=0")


@pytest.mark.parametrize("url", ["https://127.0.0.1", "127.0.0.1:8080", "http://"])
async def test_only_plain_http(url: str) -> None:
    with pytest.raises(ValueError, match="http://"):
        HttpPool(url)


class Waits:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, list[float]()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def enter(http: HttpPool, waits: Waits) -> tuple[JoinTimes, Callable[[], object]]:
    times = JoinTimes(0.0)
    doors = Doors(http, random.Random(1), waits.sleep)
    admitted = await doors.enter("/whep/main", "tok", OFFER, times, lambda: waits.now)
    return times, lambda: (admitted.path, admitted.answer.port)


async def test_a_refusal_is_waited_out_with_jitter(server: Server, http: HttpPool) -> None:
    waits = Waits()
    server.answers = [
        reply(503, Retry_After="2"),
        reply(429, Retry_After="1"),
        reply(503),
        reply(201, answer(), Location="/whep/main/p"),
    ]
    times, admitted = await enter(http, waits)
    assert admitted() == ("/whep/main/p", 9)
    assert times.refusals == 3
    for slept, asked in zip(waits.slept, (2, 1, 1), strict=True):
        assert asked <= slept <= 2 * asked
    assert (times.started_at, times.answered_at) == (0.0, waits.now)
    assert times.waited_s == waits.now > 4


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([reply(401, b"no")], "refused"),
        ([reply(201, b"v=0")], "answer"),
        ([reply(201, b"\xff")], "answer"),
        ([b"", b""], "http"),
        ([reply(503, Retry_After="50")] * 4, "busy"),
    ],
)
async def test_who_does_not_get_in_knows_why(server: Server, http: HttpPool, answers: list[bytes], reason: str) -> None:
    server.answers = list(answers)
    waits = Waits()
    with pytest.raises(JoinFailedError) as caught:
        await enter(http, waits)
    assert caught.value.reason == reason
    assert waits.now <= REFUSED_FOR_S
