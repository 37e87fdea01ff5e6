"""A small world for tests of signaling: a directory of seven points, keys, a fake media node, and the whole application.

The store is the in-memory one, the domain is the real one; nothing here touches a network besides aiohttp's test server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from bridge.units import Directory, Point, Unit
from config.keys import Keys
from config.model import Escalation, Http, Limits, Settings
from signaling.app import SERVICE, Service, create_app
from signaling.auth import make_token, point_secret
from signaling.media import MediaEvent, MediaRefused, MediaUnavailable
from signaling.memory_store import MemoryServer, MemoryStore

ORIGIN = "https://diemcau.example.vn"
NOW_S = 1_795_000_000
KEYS = Keys(b"l" * 32, b"t" * 32, "c" * 32, "v" * 32)

UNITS = (
    Unit("VN", "Việt Nam", None, "country"),
    Unit("79", "Thành phố Hồ Chí Minh", "VN", "province"),
    Unit("773", "Quận 4", "79", "district"),
    Unit("27286", "Phường 10", "773", "commune"),
    Unit("27289", "Phường 13", "773", "commune"),
    Unit("80", "Long An", "VN", "province"),
    Unit("27694", "Phường 5", "80", "commune"),
)
WARD = "27286"
OTHER_WARD = "27289"
FAR_WARD = "27694"

OFFER = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:" + "p" * 22 + "\r\n"
ANSWER = "v=0\r\no=- 2 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 10000 typ host\r\n"


def directory() -> Directory:
    """Two provinces, one district, three wards; every unit but the country has a desk."""
    return Directory(UNITS, [Point(unit.code, unit.code, unit.name) for unit in UNITS[1:]])


class FakeNode:
    """The media client's face, without a node. ``joined`` records joins; ``fails`` makes the next requests fail."""

    def __init__(self) -> None:
        self.ready = True
        self.epoch: str | None = "e1"
        self.skipped_lines = 0
        self.joined: list[dict[str, Any]] = []
        self.left: list[str] = []
        self.moved: list[tuple[str, str]] = []
        self.limited: list[tuple[str, str]] = []
        self.restarted: list[tuple[str, str, str]] = []
        self.fails: Exception | None = None
        self._listeners: list[Callable[[MediaEvent], None]] = []

    async def start(self) -> None:
        """Nothing to connect to."""

    async def close(self) -> None:
        """Nothing to disconnect from."""

    def listen(self, listener: Callable[[MediaEvent], None]) -> Callable[[], None]:
        """As the real one."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, event: MediaEvent) -> None:
        """Say what a node would."""
        for listener in list(self._listeners):
            listener(event)

    def _check(self) -> None:
        if self.fails is not None:
            raise self.fails
        if not self.ready:
            raise MediaUnavailable("away")

    async def join_viewer(
        self, *, session: str, peer: str, owner: str | None, video: Sequence[str], audio: Sequence[str], offer: str
    ) -> str:
        """Record a viewer."""
        self._check()
        self.joined.append({"session": session, "peer": peer, "owner": owner, "video": tuple(video), "audio": tuple(audio)})
        return ANSWER

    async def join_publisher(self, *, session: str, peer: str, feed: str, offer: str) -> str:
        """Record a publisher."""
        self._check()
        if "bad" in offer:
            raise MediaRefused("bad_offer", "no such thing")
        self.joined.append({"session": session, "peer": peer, "feed": feed})
        return ANSWER

    async def restart(self, peer: str, ufrag: str, pwd: str) -> tuple[str, str]:
        """Record a restart."""
        self._check()
        self.restarted.append((peer, ufrag, pwd))
        return "srvufrag", "s" * 24

    async def limit(self, peer: str, level: str) -> None:
        self._check()
        self.limited.append((peer, level))

    async def move(self, peer: str, session: str) -> None:
        """Record a move."""
        self._check()
        self.moved.append((peer, session))

    async def leave(self, peer: str) -> None:
        """Record a departure."""
        self._check()
        self.left.append(peer)

    async def stats(self) -> dict[str, float]:
        """Two numbers."""
        self._check()
        return {"peers": 3, "packets_out": 12345, "Bad name": 1}


class World:
    """A running application with everything at hand."""

    def __init__(
        self,
        settings: Settings,
        web_root: Path,
        npm_root: Path,
        clock: Callable[[], float] | None = None,
        server: MemoryServer | None = None,
    ) -> None:
        self.server = server or MemoryServer()
        self.node = FakeNode()
        extra: dict[str, Any] = {} if clock is None else {"clock": clock}
        self.app = create_app(
            settings,
            store=MemoryStore(self.server),
            media=self.node,
            keys=KEYS,
            load_directory=directory,
            now_ms=lambda: NOW_S * 1000,
            web_root=web_root,
            npm_root=npm_root,
            **extra,
        )
        self.client = TestClient(TestServer(self.app))

    @property
    def service(self) -> Service:
        """The composition."""
        return self.app[SERVICE]

    async def start(self) -> None:
        """Start the server and wait until the session is open."""
        await self.client.server.start_server(access_log=None)
        await self.client.start_server()
        await eventually(lambda: "main" in self.service.owners and self.service.owners["main"].bridge.is_open)

    async def stop(self) -> None:
        """End it."""
        await self.client.close()

    def token(self, role: str, **claims: Any) -> str:
        """A good token."""
        values: dict[str, Any] = {"session": "main", "now": NOW_S, **claims}
        return make_token(KEYS.token_key, role=role, **values)  # type: ignore[arg-type]

    def bearer(self, role: str, **claims: Any) -> dict[str, str]:
        """The header with a good token."""
        return {"Authorization": f"Bearer {self.token(role, **claims)}"}

    async def connect(self, **options: Any) -> Client:
        """Open a WebSocket."""
        return Client(await self.client.ws_connect("/ws", **options))

    async def desk(self, code: str = WARD, generation: int = 0) -> Client:
        """A point, welcomed."""
        client = await self.connect()
        await client.say(point_hello(code, generation=generation))
        client.welcome = await client.hear("welcome")
        return client

    async def console(self, role: str = "center", **claims: Any) -> Client:
        """A console, welcomed and with its frame and calls."""
        client = await self.connect()
        await client.say(token_hello(self.token(role, **claims)))
        client.welcome = await client.hear("welcome")
        client.frame = await client.hear("frame")
        client.calls = await client.hear("calls")
        return client


def point_hello(code: str = WARD, secret: str | None = None, session: str = "main", generation: int = 0) -> dict[str, Any]:
    """A point's hello."""
    secret = point_secret(KEYS.link_key, code, generation) if secret is None else secret
    return {"type": "hello", "protocol": 1, "credential": {"kind": "point", "code": code, "secret": secret}, "session": session}


def token_hello(token: str, session: str = "main") -> dict[str, Any]:
    """A console's hello."""
    return {"type": "hello", "protocol": 1, "credential": {"kind": "token", "token": token}, "session": session}


REPORT = {"visible": True, "camera": "ok", "microphone": "ok", "rtt_ms": 20, "device": "test"}


class Client:
    """One WebSocket of a test. ``hear`` waits for a message of a type and keeps the others in ``heard``."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse[bool]) -> None:
        self.ws = ws
        self.heard: list[dict[str, Any]] = []
        self.welcome: dict[str, Any] = {}
        self.frame: dict[str, Any] = {}
        self.calls: dict[str, Any] = {}

    async def say(self, message: dict[str, Any]) -> None:
        """Send."""
        await self.ws.send_str(json.dumps(message))

    async def hear(self, kind: str, matching: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The next message of that type that matches; fails after 15 s."""
        async with asyncio.timeout(15):
            while True:
                message = await self.ws.receive()
                assert message.type is aiohttp.WSMsgType.TEXT, (
                    f"{message.type} {message.data} instead of {kind}; heard {self.heard}"
                )
                found: dict[str, Any] = json.loads(message.data)
                self.heard.append(found)
                if found["type"] == kind and matching(found):
                    return found

    async def hear_call(self, state: str) -> dict[str, Any]:
        """The call in that state."""
        found = await self.hear("call", lambda message: message["call"]["state"] == state)
        call: dict[str, Any] = found["call"]
        return call

    async def hear_close(self) -> int | None:
        """The close code; messages before it go to ``heard``."""
        async with asyncio.timeout(15):
            while True:
                message = await self.ws.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return self.ws.close_code
                self.heard.append(json.loads(message.data))

    async def command(self, number: int, **order: Any) -> dict[str, Any]:
        """Order something and return the ack or error."""
        await self.say({"type": "command", "id": number, "command": order})
        async with asyncio.timeout(15):
            while True:
                message = json.loads((await self.ws.receive()).data)
                self.heard.append(message)
                if message["type"] in {"ack", "error"} and message["id"] == number:
                    return message  # type: ignore[no-any-return]


def settings(data_dir: Path, escalation: Escalation | None = None, **limits: Any) -> Settings:
    """Settings for a test."""
    return Settings(
        data_dir=data_dir, http=Http(public_url=ORIGIN), limits=Limits(**limits), escalation=escalation or Escalation()
    )


async def eventually(is_so: Callable[[], bool], timeout_s: float = 15) -> None:
    """Give the loop away until something is so."""
    async with asyncio.timeout(timeout_s):
        while not is_so():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0)
