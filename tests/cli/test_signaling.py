from __future__ import annotations

import asyncio
import socket

import pytest
import structlog
from aiohttp import web
from aiohttp.helpers import calculate_timeout_when

from cli import signaling
from cli.errors import EXIT_CONFIG, CommandError
from config import load
from signaling.memory_store import MemoryServer, MemoryStore
from signaling.websocket import PING_S


async def test_a_port_in_use_is_named_with_its_setting() -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    try:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(CommandError, match=f"TCP port {port}.*DIEMCAU_HTTP__PORT") as refused:
                await signaling._listen(runner, load(None, {"http.port": port}))
        assert refused.value.status == EXIT_CONFIG
        with pytest.raises(CommandError, match="DIEMCAU_HTTP__HOST"):
            await signaling._listen(runner, load(None, {"http.host": "192.0.2.1"}))
    finally:
        await runner.cleanup()


async def test_a_store_that_may_lose_data_is_said_once() -> None:
    with structlog.testing.capture_logs() as said:
        await signaling.warn_if_not_durable(MemoryStore())
    assert [line["event"] for line in said] == ["store_not_durable"]
    assert "redis.url" in said[0]["problem"]


async def test_a_durable_store_is_not_worth_a_line() -> None:
    class Durable(MemoryStore):
        async def durability(self) -> str | None:
            return None

    with structlog.testing.capture_logs() as said:
        await signaling.warn_if_not_durable(Durable(MemoryServer()))
    assert said == []


async def test_the_heap_is_settled_when_all_is_loaded_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    settled: list[bool] = []
    monkeypatch.setattr("config.heap.settle", lambda: settled.append(True))
    is_loaded = asyncio.Event()
    task = asyncio.create_task(signaling.settle_heap(is_loaded))
    await asyncio.sleep(0)
    assert settled == []
    is_loaded.set()
    await task
    assert settled == [True]


async def test_pings_of_many_connections_stay_spread_over_the_seconds() -> None:
    """With aiohttp's own threshold all timers of a second would go off in one instant."""
    assert calculate_timeout_when(100.25, PING_S, signaling.EXACT_TIMERS_S) == 100.25 + PING_S
    runner = web.AppRunner(web.Application(), timeout_ceil_threshold=signaling.EXACT_TIMERS_S)
    await runner.setup()
    try:
        assert runner.server is not None
        assert runner.server()._timeout_ceil_threshold == signaling.EXACT_TIMERS_S
    finally:
        await runner.cleanup()
