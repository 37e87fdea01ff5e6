"""The line test: what it moves, what it refuses, and that nobody gets more of it than is meant."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from signaling.admission import Addresses
from signaling.errors import ServiceError, refusal_of
from signaling.line_test import (
    ADDRESS_TESTS_BURST,
    ADDRESS_TESTS_PER_S,
    MAX_BYTES,
    REQUESTS_PER_TEST,
    TESTS_BURST,
    LineTest,
)
from tests.signaling.world import World


@pytest.mark.parametrize("count", [1, 1000, MAX_BYTES])
async def test_so_many_bytes_come_down(world: World, count: int) -> None:
    response = await world.client.get(f"/api/line-test?bytes={count}")
    body = await response.read()
    assert (response.status, len(body)) == (200, count)
    assert "no-store" in response.headers["Cache-Control"]
    assert "Content-Encoding" not in response.headers, "compressed, it would measure nothing"
    if count > 1000:
        assert len(set(body)) == 256


@pytest.mark.parametrize("query", ["?bytes=0", f"?bytes={MAX_BYTES + 1}", "?bytes=x", "?size=1", "?bytes=1&bytes=2"])
async def test_more_or_other_is_refused(world: World, query: str) -> None:
    response = await world.client.get("/api/line-test" + query)
    assert (response.status, (await response.json())["code"]) == (400, "bad_message")


async def test_bytes_go_up_and_are_forgotten(world: World) -> None:
    assert (await world.client.post("/api/line-test", data=b"x" * MAX_BYTES)).status == 204
    assert (await world.client.post("/api/line-test", data=b"")).status == 204
    response = await world.client.post("/api/line-test", data=b"x" * (MAX_BYTES + 1))
    assert (response.status, (await response.json())["code"]) == (413, "too_large")


async def test_a_body_without_a_length_is_cut_off_too(world: World) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * 4096

    response = await world.client.post("/api/line-test", data=endless())
    assert response.status == 413


class Clock:
    """Seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def ask(test: LineTest, address: str) -> int | float:
    """200, or the seconds to wait."""
    try:
        return (await test.down(make_mocked_request("GET", "/api/line-test?bytes=1", {"X-Forwarded-For": address}))).status
    except ServiceError as error:
        refusal = refusal_of(error)
        assert (refusal.code, refusal.http_status) == ("too_many", 503)
        assert refusal.retry_after_s is not None
        return refusal.retry_after_s


async def test_an_address_has_its_share_and_gets_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, addresses = Clock(), Addresses(())
    monkeypatch.setattr(addresses, "of", lambda _remote, forwarded: forwarded)
    test = LineTest(addresses, clock)
    for _ in range(ADDRESS_TESTS_BURST * REQUESTS_PER_TEST):
        assert await ask(test, "192.0.2.1") == 200
    wait_s = await ask(test, "192.0.2.1")
    assert wait_s == pytest.approx(1 / (ADDRESS_TESTS_PER_S * REQUESTS_PER_TEST), abs=0.001)
    assert await ask(test, "192.0.2.2") == 200, "another one's share is its own"
    clock.now += wait_s + 0.001
    assert await ask(test, "192.0.2.1") == 200


async def test_everybody_together_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, addresses = Clock(), Addresses(())
    monkeypatch.setattr(addresses, "of", lambda _remote, forwarded: forwarded)
    test = LineTest(addresses, clock)
    answers = [await ask(test, f"192.0.2.{number}") for number in range(TESTS_BURST * REQUESTS_PER_TEST + 1)]
    assert answers[:-1] == [200] * (TESTS_BURST * REQUESTS_PER_TEST)
    assert 0 < answers[-1] < 1
