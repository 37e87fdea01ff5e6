"""The control client against a node that a test plays, over both kinds of socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from config.limits import MAX_CONTROL_LINE_BYTES
from signaling import media as media_module
from signaling.media import (
    FeedFlowing,
    FeedStopped,
    MediaEvent,
    MediaFeed,
    MediaNode,
    MediaPeer,
    MediaRefused,
    MediaUnavailable,
    NodeDown,
    NodeUp,
    PeerConnected,
    PeerGone,
    ViewerLevel,
)
from tests.harness.wait import until

SECRET = "s3cret"


class FakeNode:
    """A node: answers the hello, and what ``answer`` says; None answers nothing."""

    def __init__(self) -> None:
        self.epoch = "e1"
        self.peers: list[dict[str, Any]] = []
        self.feeds: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.pages: list[dict[str, Any]] = []
        """Lines before the hello's answer."""
        self.hellos = 0
        self.answer: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda request: {"ok": {}}
        self.writers: set[asyncio.StreamWriter] = set()
        self.server: asyncio.Server | None = None
        self.address = ""

    async def listen(self, address: str) -> None:
        if address.startswith("unix:"):
            await asyncio.to_thread(Path(address[5:]).unlink, missing_ok=True)
            self.server = await asyncio.start_unix_server(self._serve, address[5:], limit=2**20)
            self.address = address
        else:
            host, _, port = address[4:].rpartition(":")
            self.server = await asyncio.start_server(self._serve, host, int(port), limit=2**20)
            self.address = f"tcp:{host}:{self.server.sockets[0].getsockname()[1]}"

    async def vanish(self) -> None:
        """As a node that dies: nobody listens, connections break."""
        assert self.server is not None
        self.server.close()
        for writer in list(self.writers):
            writer.close()
        await until("all left", lambda: not self.writers)

    async def say(self, line: dict[str, Any] | bytes) -> None:
        raw = line if isinstance(line, bytes) else json.dumps(line).encode()
        for writer in self.writers:
            writer.write(raw + b"\n")
            await writer.drain()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            while line := await reader.readline():
                request = json.loads(line)
                self.requests.append(request)
                if request["op"] == "hello":
                    self.hellos += 1
                    for page in self.pages:
                        writer.write(json.dumps(page).encode() + b"\n")
                    answer: dict[str, Any] | None = self._greet(request)
                else:
                    answer = self.answer(request)
                if answer is not None:
                    writer.write(json.dumps({"id": request["id"], **answer}).encode() + b"\n")
        except ConnectionError:
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    def _greet(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["secret"] != SECRET:
            return {"error": {"code": "forbidden", "message": "wrong secret"}}
        return {"ok": {"epoch": self.epoch, "node": "node-1", "peers": self.peers, "feeds": self.feeds}}


@pytest.fixture(params=["unix", "tcp"])
async def node(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FakeNode]:
    made = FakeNode()
    await made.listen(f"unix:{tmp_path}/node.sock" if request.param == "unix" else "tcp:127.0.0.1:0")
    yield made
    await made.vanish()


Start = Callable[..., Awaitable[MediaNode]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    made: list[MediaNode] = []

    async def make(address: str, secret: str = SECRET, *, listener: list[MediaEvent] | None = None, **options: Any) -> MediaNode:
        client = MediaNode(address, secret, **options)
        made.append(client)
        if listener is not None:
            client.listen(listener.append)
        await client.start()
        return client

    yield make
    for client in made:
        await client.close()


async def ready(client: MediaNode) -> MediaNode:
    async with asyncio.timeout(10):
        await client.wait_ready()
    return client


async def test_the_hello_tells_what_the_node_holds(node: FakeNode, start: Start) -> None:
    node.peers = [
        {"peer": "p1", "session": "main", "role": "viewer", "feed": None},
        {"peer": "p2", "session": "main", "role": "publisher", "feed": "center"},
    ]
    node.feeds = [{"session": "main", "feed": "center", "kind": "video", "peer": "p2", "flowing": True}]
    heard: list[MediaEvent] = []
    client = await ready(await start(node.address, listener=heard))
    assert (client.epoch, client.node_id, client.ready) == ("e1", "node-1", True)
    assert heard == [
        NodeUp(
            "e1",
            True,
            (MediaPeer("p1", "main", "viewer", None), MediaPeer("p2", "main", "publisher", "center")),
            (MediaFeed("main", "center", "video", "p2", True),),
        )
    ]


async def test_a_greeting_in_pages_is_one_and_what_happens_meanwhile_is_told_after_it(node: FakeNode, start: Start) -> None:
    viewer = {"session": "hop", "role": "viewer", "feed": None, "owner": "point:26740"}
    node.peers = [{"peer": "p1", "session": "main", "role": "publisher", "feed": "center", "owner": None}]
    node.pages = [
        {"event": "peers", "peers": [{"peer": "p2", **viewer}, {"peer": "p3", **viewer}]},
        {"event": "peer_gone", "peer": "p2", "session": "hop", "reason": "left"},
        {"event": "peers", "peers": [{"peer": "p4", **viewer}]},
    ]
    heard: list[MediaEvent] = []
    client = await ready(await start(node.address, listener=heard))
    listed = [MediaPeer("p1", "main", "publisher", "center")]
    listed += [MediaPeer(peer, "hop", "viewer", None, "point:26740") for peer in ("p2", "p3", "p4")]
    assert heard == [NodeUp("e1", True, tuple(listed), ()), PeerGone("p2", "hop", "left")]
    assert client.skipped_lines == 0
    heard.clear()
    for writer in list(node.writers):
        writer.close()
    await until("connected again", lambda: len(heard) == 3)
    assert heard[1:] == [NodeUp("e1", False, tuple(listed), ()), PeerGone("p2", "hop", "left")]


async def test_a_greeting_without_end_is_refused(node: FakeNode, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_module, "MAX_GREETING", 3)
    node.pages = [{"event": "peer_connected", "peer": "p", "session": "main"}] * 4
    heard: list[MediaEvent] = []
    client = await start(node.address, listener=heard)
    await until("tried again", lambda: node.hellos >= 2)
    assert (client.ready, heard) == (False, [])


async def test_a_move_names_the_peer_and_the_session_and_a_refusal_is_told(node: FakeNode, start: Start) -> None:
    client = await ready(await start(node.address))
    await client.move("p1", "hop")
    assert {key: value for key, value in node.requests[-1].items() if key != "id"} == {
        "op": "move",
        "peer": "p1",
        "session": "hop",
    }
    node.answer = lambda request: {"error": {"code": "unknown_peer", "message": "no such peer"}}
    with pytest.raises(MediaRefused) as refused:
        await client.move("p1", "main")
    assert refused.value.code == "unknown_peer"


async def test_joins_carry_what_the_node_needs(node: FakeNode, start: Start) -> None:
    client = await ready(await start(node.address))
    node.answer = lambda request: {"ok": {"answer": f"v=0 for {request['peer']}"}}
    viewer = await client.join_viewer(
        session="main", peer="p1", owner="point:26740", video=["main", "inset"], audio=["center"], offer="v=0\r\n"
    )
    publisher = await client.join_publisher(session="main", peer="p2", feed="center", offer="v=0\r\n")
    assert (viewer, publisher) == ("v=0 for p1", "v=0 for p2")
    first, second = node.requests[1:]
    assert {key: first[key] for key in first if key != "id"} == {
        "op": "join_viewer",
        "session": "main",
        "peer": "p1",
        "owner": "point:26740",
        "video": ["main", "inset"],
        "audio": ["center"],
        "offer": "v=0\r\n",
    }
    assert (second["op"], second["feed"], second["offer"]) == ("join_publisher", "center", "v=0\r\n")
    assert first["id"] != second["id"]


async def test_answers_find_their_questions_in_any_order(node: FakeNode, start: Start) -> None:
    client = await ready(await start(node.address))
    node.answer = lambda request: None
    asked = [
        asyncio.create_task(client.join_publisher(session="main", peer=f"p{n}", feed="center", offer="o")) for n in range(20)
    ]
    await until("all are asked", lambda: len(node.requests) == 21)
    for request in reversed(node.requests[1:]):
        await node.say({"id": request["id"], "ok": {"answer": request["peer"]}})
    assert await asyncio.gather(*asked) == [f"p{n}" for n in range(20)]


async def test_restart_leave_and_stats(node: FakeNode, start: Start) -> None:
    client = await ready(await start(node.address))
    answers: dict[str, dict[str, Any]] = {
        "restart": {"ok": {"ufrag": "u", "pwd": "p"}},
        "leave": {"error": {"code": "unknown_peer", "message": "?"}},
        "stats": {"ok": {"peers": 3, "bps": 1.5, "name": "x", "flag": True}},
    }
    node.answer = lambda request: answers[request["op"]]
    assert await client.restart("p1", "a", "b") == ("u", "p")
    await client.leave("gone")
    assert await client.stats() == {"peers": 3, "bps": 1.5}
    answers["leave"] = {"error": {"code": "busy", "message": "later"}}
    with pytest.raises(MediaRefused) as refused:
        await client.leave("p1")
    assert refused.value.code == "busy"


async def test_a_refusal_carries_the_nodes_code(node: FakeNode, start: Start) -> None:
    client = await ready(await start(node.address))
    node.answer = lambda request: {"error": {"code": "bad_offer", "message": "no media lines"}}
    with pytest.raises(MediaRefused) as refused:
        await client.join_publisher(session="main", peer="p", feed="center", offer="")
    assert (refused.value.code, refused.value.message) == ("bad_offer", "no media lines")


@pytest.mark.parametrize("answer", [{"ok": {}}, {"ok": {"answer": 5}}, {}])
async def test_an_answer_without_its_content_is_a_fault(node: FakeNode, start: Start, answer: dict[str, Any]) -> None:
    client = await ready(await start(node.address, answer_timeout_s=0.3))
    node.answer = lambda request: answer
    with pytest.raises(MediaUnavailable):
        await client.join_publisher(session="main", peer="p", feed="center", offer="")


async def test_events_are_told_in_order_and_nonsense_is_skipped(node: FakeNode, start: Start) -> None:
    heard: list[MediaEvent] = []
    client = await ready(await start(node.address, listener=heard))
    feed = {"session": "main", "feed": "center", "kind": "video", "peer": "p"}
    await node.say({"event": "peer_connected", "peer": "p", "session": "main"})
    for nonsense in (b"{", b"[]", b"5", b"\xff", b'{"event": "unheard-of"}', b'{"event": "peer_gone"}', b'{"id": 1}', b"{}"):
        await node.say(nonsense)
    await node.say({"event": "feed_flowing", **feed})
    await node.say({"event": "feed_stopped", **feed, "reason": "silence"})
    level = {"peer": "p", "session": "main", "owner": "point:1", "level": "sound", "is_wish": False}
    await node.say({"event": "viewer_level", **level})
    await node.say({"event": "peer_gone", "peer": "p", "session": "main", "reason": "left"})
    await until("the last event", lambda: len(heard) == 6)
    assert heard[1:] == [
        PeerConnected("p", "main"),
        FeedFlowing("main", "center", "video", "p"),
        FeedStopped("main", "center", "video", "p", "silence"),
        ViewerLevel("p", "main", "point:1", "sound", is_wish=False),
        PeerGone("p", "main", "left"),
    ]
    assert client.ready
    assert client.skipped_lines == 7


async def test_a_listener_that_fails_stops_nobody(node: FakeNode, start: Start) -> None:
    client = await ready(await start(node.address))

    def fail(_: MediaEvent) -> None:
        raise RuntimeError("a listener's mistake")

    heard: list[MediaEvent] = []
    client.listen(fail)
    client.listen(heard.append)
    await node.say({"event": "peer_connected", "peer": "p", "session": "main"})
    await until("heard", lambda: heard)
    assert client.ready


async def test_a_broken_connection_fails_what_waits_and_is_made_again(node: FakeNode, start: Start) -> None:
    heard: list[MediaEvent] = []
    client = await ready(await start(node.address, listener=heard))
    node.answer = lambda request: None
    waiting = asyncio.create_task(client.stats())
    await until("asked", lambda: len(node.requests) == 2)
    for writer in list(node.writers):
        writer.close()
    with pytest.raises(MediaUnavailable, match="broke"):
        await waiting
    await until("connected again", lambda: node.hellos == 2 and client.ready)
    assert heard == [NodeUp("e1", True, (), ()), NodeDown(), NodeUp("e1", False, (), ())]


async def test_another_epoch_is_a_new_node(node: FakeNode, start: Start) -> None:
    heard: list[MediaEvent] = []
    client = await ready(await start(node.address, listener=heard))
    await node.vanish()
    await until("noticed", lambda: not client.ready)
    with pytest.raises(MediaUnavailable, match="not connected"):
        await client.stats()
    assert client.epoch == "e1"
    again = FakeNode()
    again.epoch = "e2"
    await again.listen(node.address)
    await until("connected again", lambda: client.ready)
    assert client.epoch == "e2"
    assert heard == [NodeUp("e1", True, (), ()), NodeDown(), NodeUp("e2", True, (), ())]
    await again.vanish()


async def test_the_node_may_start_later(tmp_path: Path, start: Start) -> None:
    client = await start(f"unix:{tmp_path}/node.sock")
    with pytest.raises(MediaUnavailable):
        await client.stats()
    late = FakeNode()
    await late.listen(f"unix:{tmp_path}/node.sock")
    await ready(client)
    await late.vanish()


async def test_a_wrong_secret_never_becomes_ready(node: FakeNode, start: Start) -> None:
    heard: list[MediaEvent] = []
    client = await start(node.address, "wrong", listener=heard)
    await until("tried again", lambda: node.hellos >= 3)
    assert not client.ready
    assert heard == []


async def test_a_node_that_does_not_answer_is_unavailable_in_time(node: FakeNode, start: Start) -> None:
    client = await ready(await start(node.address, answer_timeout_s=1.0))
    node.answer = lambda request: None
    with pytest.raises(MediaUnavailable, match="in time"):
        await client.stats()
    node.answer = lambda request: {"ok": {"n": 1}}
    await node.say({"id": 1, "ok": {"late": 1}})
    assert await client.stats() == {"n": 1}


async def test_what_waits_is_bounded(node: FakeNode, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_module, "MAX_CONTROL_PENDING", 2)
    client = await ready(await start(node.address, answer_timeout_s=0.3))
    node.answer = lambda request: None
    waiting = [asyncio.create_task(client.stats()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(MediaUnavailable, match="too many"):
        await client.stats()
    assert all(isinstance(each, MediaUnavailable) for each in await asyncio.gather(*waiting, return_exceptions=True))


async def test_lines_are_bounded_both_ways(node: FakeNode, start: Start) -> None:
    client = await ready(await start(node.address))
    with pytest.raises(MediaRefused, match="too_large"):
        await client.join_publisher(session="main", peer="p", feed="center", offer="o" * MAX_CONTROL_LINE_BYTES)
    assert client.ready
    hellos = node.hellos
    await node.say(b"x" * (MAX_CONTROL_LINE_BYTES + 10))
    await until("connected anew", lambda: node.hellos == hellos + 1 and client.ready)


async def test_the_secret_is_in_no_message(tmp_path: Path, start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    node = FakeNode()
    await node.listen(f"unix:{tmp_path}/node.sock")
    client = await ready(await start(node.address))
    await client.close()
    captured = capsys.readouterr()
    assert SECRET not in captured.out + captured.err + repr(client)
    await node.vanish()
