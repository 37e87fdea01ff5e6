"""The shell: as a process with a real client's pictures, and in this one with faults made on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from structlog.testing import capture_logs

from config.model import Log, Media, Redis, Settings
from sfu import control_wire as wire
from sfu.control import RequestRefusedError
from sfu.ids import FeedId, PeerId, SessionId, SlotName
from sfu.join import Joiner
from sfu.node import GREETING_PEERS_MAX, Node
from sfu.plan import Plan
from sfu.wire import stun
from sfu.wire.framing import frame
from tests.data.captures import offer as captured
from tests.harness.ice_client import IceClient
from tests.harness.wait import until
from tests.harness.webrtc import PlainPicture
from tests.sfu.kit import CORES
from tests.sfu.valkey import PrivateValkey

ROOT = Path(__file__).resolve().parents[2]
SECRET = "control-secret-of-the-test"
PUBLISHER, VIEWER = "publisher-peer-0000000", "viewer-peer-00000000000"


def settings(folder: Path, **media: Any) -> Settings:
    return Settings(
        data_dir=folder,
        media=Media(port=0, control=f"unix:{folder}/node.sock", control_secret=SECRET, **media),
        redis=Redis(url=f"unix://{folder}/v.sock"),
        log=Log(level="warning"),
    )


class Control:
    """A control connection that keeps what it hears."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._id = 0
        self.events: list[dict[str, Any]] = []

    @classmethod
    async def connect(cls, path: Path) -> Control:
        async def connected() -> Control | None:
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):  # bound, and not listening yet
                return cls(*await asyncio.open_unix_connection(path, limit=1 << 20))
            return None

        one: Control = await until("the node listens", connected, within_s=30, every_s=0.02)
        return one

    async def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        self._id += 1
        self._writer.write(json.dumps({"id": self._id, "op": op, **fields}).encode() + b"\n")
        async with asyncio.timeout(10):
            while True:
                line = json.loads(await self._reader.readline())
                if "event" in line:
                    self.events.append(line)
                    continue
                assert line["id"] == self._id
                return dict(line)

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


async def negotiate(control: Control, client: RTCPeerConnection, op: str, **fields: Any) -> None:
    await client.setLocalDescription(await client.createOffer())
    answered = await control.ask(op, session="main", offer=client.localDescription.sdp, **fields)
    assert "ok" in answered, answered
    await client.setRemoteDescription(RTCSessionDescription(answered["ok"]["answer"], "answer"))


@pytest.fixture
async def valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PrivateValkey]:
    one = PrivateValkey(tmp_path_factory.mktemp("n"))
    await one.start()
    yield one
    one.kill()


async def test_a_node_process_forwards_a_real_clients_picture(valkey: PrivateValkey) -> None:
    """aiortc, with its default bundle policy: sends only, and receives only; a frame is decoded at the end."""
    folder = valkey.socket.parent
    async with valkey.client() as redis:
        plan = {"session": "main", "version": 1, "slots": {"main": ["point:1", "center"], "center": ["center"]}}
        await redis.set("diemcau:plan:main", json.dumps(plan))
    environment = {
        **os.environ,
        "DIEMCAU_DATA_DIR": str(folder),
        "DIEMCAU_MEDIA__PORT": "0",
        "DIEMCAU_MEDIA__CONTROL": f"unix:{folder}/node.sock",
        "DIEMCAU_MEDIA__CONTROL_SECRET": SECRET,
        "DIEMCAU_REDIS__URL": f"unix://{folder}/v.sock",
        "PYTHONPATH": str(ROOT),
    }
    program = "from config.model import Settings; from sfu.node import run_node; run_node(Settings())"
    process = subprocess.Popen(  # noqa: ASYNC220 (a test, and nothing else runs yet)
        [sys.executable, "-c", program], env=environment, cwd=folder, stdout=subprocess.PIPE
    )
    sender, receiver = RTCPeerConnection(), RTCPeerConnection()
    control = await Control.connect(folder / "node.sock")
    try:
        assert (await control.ask("hello", secret=SECRET))["ok"]["peers"] == []
        sender.addTransceiver(PlainPicture((200, 30, 30)), direction="sendonly")
        await negotiate(control, sender, "join_publisher", peer=PUBLISHER, feed="center")
        for kind in ("video", "video", "audio"):
            receiver.addTransceiver(kind, direction="recvonly")
        await negotiate(control, receiver, "join_viewer", peer=VIEWER, owner="point:1", video=["main", "inset"], audio=["center"])
        async with asyncio.timeout(20):
            frame: Any = await receiver.getTransceivers()[0].receiver.track.recv()
        red, green, blue = frame.to_ndarray(format="rgb24")[40, 40].tolist()
        assert red > 150
        assert max(green, blue) < 90
        stats = (await control.ask("stats"))["ok"]
        assert all(isinstance(value, int | float) for value in stats.values())
        assert (stats["viewers"], stats["publishers"], stats["connected"]) == (1, 1, 2)
        assert stats["cpu_seconds"] > 0
        assert stats["resident_bytes"] > 10e6
        assert stats.get("faults", 0) + stats["shell_faults"] == 0
        assert stats["native"] == ("native" in CORES)
        assert {event["event"] for event in control.events} == {"peer_connected", "feed_flowing"}
        again = await Control.connect(folder / "node.sock")
        greeting = (await again.ask("hello", secret=SECRET))["ok"]
        assert [(p["peer"], p["session"], p["role"], p["feed"], p["owner"]) for p in greeting["peers"]] == [
            (PUBLISHER, "main", "publisher", "center", None),
            (VIEWER, "main", "viewer", None, "point:1"),
        ]
        assert greeting["feeds"] == [{"session": "main", "feed": "center", "kind": "video", "peer": PUBLISHER, "flowing": True}]
        await again.close()
        assert "ok" in await control.ask("leave", peer=VIEWER)
        assert (await control.ask("leave", peer=VIEWER))["error"]["code"] == "unknown_peer"
        assert control.events[-1] == {"event": "peer_gone", "session": "main", "peer": VIEWER, "reason": "left"}
        process.terminate()
        await until("the node ends", lambda: process.poll() is not None)
        assert process.returncode == 0
    finally:
        await control.close()
        await sender.close()
        await receiver.close()
        process.kill()
        output = process.communicate()[0].decode()
    assert "Traceback" not in output
    assert SECRET not in output


class Running:
    """A node in this process."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.engine = node._engine
        self.stop = asyncio.Event()

    async def join(self, number: int = 0, *, video: tuple[str, ...] = ("main",)) -> dict[str, Any]:
        request = wire.JoinViewer(
            id=1,
            op="join_viewer",
            session="main",
            peer=f"viewer-peer-{number:012}",
            video=list(video),
            audio=[],
            offer=captured("aiortc-viewer"),
        )
        return await self.node._perform(request)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    one = Running(Node(settings(tmp_path)))
    task = asyncio.create_task(one.node.run(one.stop))
    await until("it listens", (tmp_path / "node.sock").exists, every_s=0.01)
    yield one
    one.stop.set()
    await task


async def test_without_redis_peers_join_all_the_same(running: Running) -> None:
    async with asyncio.timeout(15):
        assert "a=group:BUNDLE" in (await running.join())["answer"]
    assert running.node._stats()["plan_watch_connected"] == 0


async def test_refusals_have_codes(running: Running) -> None:
    await running.join()
    for join, code in ((running.join(), "duplicate_peer"), (running.join(1, video=("a:b",)), "bad_request")):
        with pytest.raises(RequestRefusedError) as caught:
            await join
        assert caught.value.code == code
    bad = wire.JoinPublisher(id=1, op="join_publisher", session="main", peer="p" * 22, feed="center", offer="nonsense")
    with pytest.raises(RequestRefusedError) as caught:
        await running.node._perform(bad)
    assert caught.value.code == "bad_offer"
    with pytest.raises(RequestRefusedError) as caught:
        await running.node._perform(wire.Hello(id=1, op="hello", secret="x"))
    assert caught.value.code == "bad_request"
    restart = wire.Restart(id=1, op="restart", peer="viewer-peer-000000000000", ufrag="abcd", pwd="p" * 22)
    assert set(await running.node._perform(restart)) == {"ufrag", "pwd"}


async def test_a_viewer_is_moved_on_request_and_the_next_hello_says_so(running: Running) -> None:
    await running.join()
    peer = "viewer-peer-000000000000"
    assert await running.node._perform(wire.Move(id=1, op="move", peer=peer, session="other")) == {}
    greeting, _ = running.node._greeting()
    assert [(each["peer"], each["session"]) for each in greeting["peers"]] == [(peer, "other")]
    assert running.engine.serves(SessionId("other"))
    with pytest.raises(RequestRefusedError) as caught:
        await running.node._perform(wire.Move(id=2, op="move", peer="nobody-" * 4, session="third"))
    assert caught.value.code == "unknown_peer"
    assert not running.engine.serves(SessionId("third"))


async def test_faults_are_counted_and_logged_once_and_the_node_goes_on(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    node, engine = running.node, running.engine
    await running.join(9)
    # A check for a peer that is here: what concerns nobody does not come so far where the native core receives.
    (ufrag,) = engine._by_ufrag
    check = stun.serialize(stun.MessageType.BINDING_REQUEST, bytes(12), ((stun.Attribute.USERNAME, f"{ufrag}:x".encode()),))
    handled = 0

    def broken(*_: object) -> None:
        nonlocal handled
        handled += 1
        raise ZeroDivisionError("a mistake of ours")

    with capture_logs() as logs:
        with monkeypatch.context() as patch:
            patch.setattr(engine, "handle_timeout", broken)
            await until("the timer comes again and again", lambda: handled > 3, every_s=0.01)
            patch.setattr(engine, "run", broken)
            patch.setattr(engine, "_receive", broken)
            patch.setattr(engine, "next_timeout", broken)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for _ in range(20):
                    sender.sendto(check, node._socket.address)
            await until("all datagrams are read", lambda: engine.counters["faults"] >= 20, every_s=0.01)
        faults = node._stats()["shell_faults"]
        assert faults > 3
        async with asyncio.timeout(15):
            await running.join()
        before = engine._tick_at
        await until("time goes on", lambda: engine._tick_at != before, every_s=0.01)
        assert node._timer is not None
    logged = [entry for entry in logs if entry["event"] == "fault"]
    assert len(logged) == 1
    assert "a mistake of ours" in logged[0]["traceback"]


async def test_a_plan_that_breaks_something_does_not_end_the_watch(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(running.engine, "set_plan", lambda *_: 1 / 0)
        running.node._take_plan(Plan(SessionId("main"), 1, {}))
    assert running.node._stats()["shell_faults"] == 1
    running.node._take_plan(Plan(SessionId("main"), 2, {SlotName("main"): (FeedId("center"),)}))
    assert running.engine.sessions() == ["main"]


async def test_a_greeting_fits_a_line_whatever_the_number_of_peers(running: Running) -> None:
    offer = captured("aiortc-viewer")
    joiner: Joiner = running.node._joiner
    peer, _ = joiner.viewer(
        peer=PeerId("v" * 128),
        session=SessionId("s" * 80),
        owner=FeedId("o" * 80),
        offer=offer,
        video=[SlotName("main")],
        audio=[],
        now=0.0,
    )
    running.engine._peers.update({PeerId(f"{n}"): peer for n in range(3000)})
    publisher, _ = joiner.publisher(
        peer=PeerId("p" * 128), session=SessionId("s" * 80), feed=FeedId("f" * 80), offer=captured("aiortc-publisher"), now=0.0
    )
    running.engine._peers[publisher.id] = publisher
    greeting, pages = running.node._greeting()
    told = list(pages)
    assert len(wire.answer(1, greeting)) < wire.LINE_BYTES_MAX
    assert all(len(wire.peers_line(page)) < wire.LINE_BYTES_MAX for page in told)
    assert (len(greeting["peers"]), greeting["peers_total"]) == (GREETING_PEERS_MAX, 3001)
    assert [len(page) for page in told] == [600, 600, 600, 600, 1]
    assert greeting["peers"][0]["role"] == "publisher"
    assert {each["owner"] for page in told for each in page} == {"o" * 80}
    running.engine._peers.clear()


async def test_a_taken_port_is_an_os_error_that_names_the_setting(running: Running, tmp_path: Path) -> None:
    taken = settings(tmp_path).model_copy(update={"media": Media(port=running.node._socket.address[1])})
    with pytest.raises(OSError, match=r"media\.port"):
        Node(taken)


def credentials(answer: str) -> tuple[str, str]:
    """Fragment and password of an answer."""
    lines = answer.splitlines()
    return next(line[12:] for line in lines if line.startswith("a=ice-ufrag:")), next(
        line[10:] for line in lines if line.startswith("a=ice-pwd:")
    )


async def test_a_check_over_tcp_is_answered_on_the_same_port_number(running: Running) -> None:
    answer = (await running.join())["answer"]
    host, port = running.node._socket.address
    assert f" tcp 1518280447 {host} {port} typ host tcptype passive" in answer
    client = IceClient(*credentials(answer), local_ufrag=credentials(captured("aiortc-viewer"))[0])
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(frame(client.check(nominate=True), 0))
    async with asyncio.timeout(15):
        length = int.from_bytes(await reader.readexactly(2), "big")
        assert client.receive(await reader.readexactly(length)) == writer.get_extra_info("sockname")
    address = ("tcp:" + writer.get_extra_info("sockname")[0], writer.get_extra_info("sockname")[1])
    assert running.engine.knows(address)
    assert running.node._stats()["tcp_connections"] == 1
    writer.close()
    await writer.wait_closed()
    await until("the address is forgotten", lambda: not running.engine.knows(address), every_s=0.01)


async def test_a_stranger_over_tcp_is_closed_and_others_stay(running: Running) -> None:
    answer = (await running.join())["answer"]
    ufrag, pwd = credentials(answer)
    foreign = [IceClient("unknown0", pwd), IceClient(ufrag, "x" * 24, local_ufrag=credentials(captured("aiortc-viewer"))[0])]
    for client in foreign:
        reader, writer = await asyncio.open_connection(*running.node._socket.address)
        writer.write(frame(client.check(), 0))
        async with asyncio.timeout(15):
            assert await reader.read() == b""
        writer.close()
    stats = running.node._stats()
    assert (stats["tcp_accepted"], stats["tcp_unadmitted"], stats["tcp_connections"]) == (2, 2, 0)
    assert stats["peers"] == 1


async def test_without_tcp_there_is_no_candidate_and_no_listener(tmp_path: Path) -> None:
    one = Running(Node(settings(tmp_path, tcp=False)))
    task = asyncio.create_task(one.node.run(one.stop))
    await until("it listens", (tmp_path / "node.sock").exists, every_s=0.01)
    answer = (await one.join())["answer"]
    assert " udp " in answer
    assert " tcp " not in answer
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*one.node._socket.address)
    assert not [name for name in one.node._stats() if name.startswith("tcp_")]
    one.stop.set()
    await task


async def test_every_number_stands_in_the_page_on_operations(running: Running) -> None:
    page = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "operations.md").read_text().split("## The media node")[1]))
    await running.join()
    untold = set(running.node._stats()) - page
    assert not untold, f"say in docs/operations.md what these tell: {untold}"
    sources = " ".join(path.read_text() for path in (ROOT / "sfu").rglob("*.[pch]*") if path.suffix in {".py", ".c", ".h"})
    families = ("srtp_", "received_", "forwarded_", "tcp_", "level_")  # their names are put together
    gone = {name for name in page if f'"{name}"' not in sources and not name.startswith(families)}
    assert not gone, f"docs/operations.md tells of numbers that are gone: {gone}"
