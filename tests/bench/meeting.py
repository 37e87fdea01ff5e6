"""A meeting opens over a nation that is on duty, and closes: ``python -m tests.bench.meeting``.

One signaling process with everything but sockets and media (9,811 connections without a socket, a node that says yes), on a
private Valkey that writes every append to disk. Measured: until every page was told and every viewer moved, until the meeting's
own record has every point live, and how long the event loop was held at most: the processor time of its thread between two turns
of a task that wants to run every 5 ms, so that other work on the machine is not counted; and the longest run of Python's
collector.

Conclusion (2 cores shared with other work, CPython 3.11, load 4 to 6): 0.5 to 0.9 s until all 9,811 pages are told, 2 to 3.4 s
until the meeting's record has all of them live; after closing 0.3 to 0.7 s until all are told. The loop was held for 135 to 165
ms at most, of which all was one full collection over the process's objects (some 160 ms, at any time, not only here); with the
collector off it was 80 ms (104 at worst), 22 to 30 ms at the closing and 7 ms at a tick.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from bridge import commands
from bridge.points import Report
from cli.national import national_directory
from signaling.app import SERVICE, Service, create_app
from signaling.auth import Identity, make_token
from signaling.redis_store import RedisStore
from signaling.session import SignalingSession
from tests.signaling.servers import Valkey
from tests.signaling.test_session import HELLO, welcome
from tests.signaling.world import KEYS, FakeNode, settings

NATION = 9_811
CHUNK = 500


class Page:
    """A point's connection without a socket: what it is told is taken off its queue."""

    def __init__(self, code: str) -> None:
        self.identity: Identity | None = Identity(f"point:{code}", "point", "main", (code,), 1 << 40)
        self.session = SignalingSession(now=0.0, hello_timeout_s=5, slow_close_s=8, queue_limit=256)
        self.session.receive_message(HELLO, 0.0)
        self.session.events()
        self.session.welcome(welcome(), 0.0)
        self.session.messages_to_send()
        self.attending = "main"
        self.heard = 0

    @property
    def wake(self) -> Callable[[Any], None]:
        """Read at once."""

        def read(_line: Any) -> None:
            for text in self.session.messages_to_send():
                self.heard += len(text)
                message = json.loads(text)
                if message["type"] == "attending":
                    self.attending = message["session"]["id"]

        return read


class Loop:
    """How long the event loop was held, and how long of that the collector ran."""

    def __init__(self) -> None:
        self.longest_s = self.collector_s = self._started_s = 0.0
        gc.callbacks.append(self._collecting)
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.005)
            self.longest_s = max(self.longest_s, time.thread_time() - before)

    def _collecting(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._started_s = time.thread_time()
        else:
            self.collector_s = max(self.collector_s, time.thread_time() - self._started_s)

    def take_ms(self) -> float:
        """The longest since the last time."""
        longest_s, self.longest_s = self.longest_s, 0.0
        return longest_s * 1000

    def stop(self) -> None:
        """End it."""
        gc.callbacks.remove(self._collecting)
        self._task.cancel()


async def until(is_so: Callable[[], bool]) -> float:
    """Seconds until something is so."""
    started = time.perf_counter()
    while not is_so():
        await asyncio.sleep(0.005)
        if time.perf_counter() - started > 60:
            raise TimeoutError
    return time.perf_counter() - started


async def arrive(service: Service, pages: dict[str, Page]) -> None:
    """Bring every point in, as hellos would."""
    report = Report(visible=True, camera="ok", microphone="ok", rtt_ms=20, device="bench")
    codes = list(pages)
    for first in range(0, len(codes), CHUNK):
        chunk = codes[first : first + CHUNK]
        for code in chunk:
            service.presence.arrived("main", code)
        await asyncio.gather(*(service.hub.submit("main", commands.PointArrived(code, report)) for code in chunk))
        for code in chunk:
            identity = pages[code].identity
            assert identity is not None
            service.hub.lines[code] = pages[code]
            service.hub.membership.welcome(code)
            service.point_media.joined(f"viewer-{code}", identity, "main")


async def measure(points: int, rounds: int) -> dict[str, Any]:
    """Open and close so many meetings over everything."""
    with tempfile.TemporaryDirectory(prefix="bench-meeting-") as folder:
        server = Valkey(Path(folder) / "valkey")
        server.start()
        node = FakeNode()
        app = create_app(
            settings(Path(folder) / "data"),
            store=RedisStore(server.url),
            media=node,
            keys=KEYS,
            load_directory=national_directory,
        )
        client = TestClient(TestServer(app))
        await client.start_server()
        try:
            return await _measure(app[SERVICE], client, node, points, rounds)
        finally:
            await client.close()
            server.stop()


def _all_attend(pages: dict[str, Page], session: str) -> bool:
    return all(page.attending == session for page in pages.values())


def _are_live(service: Service, session: str, points: int) -> bool:
    return service.owners[session].bridge.live_count == points


async def _measure(service: Service, client: TestClient[Any, Any], node: FakeNode, points: int, rounds: int) -> dict[str, Any]:
    await until(lambda: "main" in service.owners and service.owners["main"].bridge.is_open)
    assert service.directory is not None
    pages = {point.code: Page(point.code) for point in service.directory.points[:points]}
    await arrive(service, pages)
    token = make_token(KEYS.token_key, role="center", session="*", now=int(time.time()))
    headers = {"Authorization": f"Bearer {token}"}
    loop = Loop()
    rows: list[dict[str, float]] = []
    for _ in range(rounds):
        await asyncio.sleep(0.5)
        loop.take_ms()
        node.moved.clear()
        started = time.perf_counter()
        answer = await client.post("/api/sessions", json={"title": "Họp", "units": ["VN"]}, headers=headers)
        session = (await answer.json())["id"]
        row = {"answer_s": time.perf_counter() - started}
        await until(functools.partial(_all_attend, pages, session))
        row["told_s"] = time.perf_counter() - started
        await until(lambda: len(node.moved) >= points)
        row["moved_s"] = time.perf_counter() - started
        await until(functools.partial(_are_live, service, session, points))
        row["live_s"] = time.perf_counter() - started
        row["open_held_ms"] = loop.take_ms()
        started = time.perf_counter()
        await client.post(f"/api/sessions/{session}/close", headers=headers)
        await until(functools.partial(_all_attend, pages, "main"))
        row["closed_s"] = time.perf_counter() - started
        await asyncio.sleep(0.5)
        row["close_held_ms"] = loop.take_ms()
        await service.hub.tick()
        row["tick_held_ms"] = loop.take_ms()
        rows.append(row)
    loop.stop()
    collector_ms = round(loop.collector_s * 1000, 3)
    return {"points": points, "rounds": rounds, "collector_ms": collector_ms} | {
        key: {"median": round(statistics.median(row[key] for row in rows), 3), "max": round(max(row[key] for row in rows), 3)}
        for key in rows[0]
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=NATION)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print(json.dumps(asyncio.run(measure(arguments.points, arguments.rounds)), indent=2))


if __name__ == "__main__":
    main()
