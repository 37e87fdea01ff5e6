"""A swarm without a service: who is sampled, what is refused, what ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from rehearsal.measures import JoinFailedError, Sent
from rehearsal.swarm import Swarm

Reply = Callable[[bytes], bytes]


@pytest.fixture
async def deaf() -> AsyncIterator[str]:
    """The address of a service that refuses everybody."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), 0)
                await reader.readexactly(size)
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.mark.parametrize(("points", "sample", "wanted"), [(1000, 10, 10), (5, 10, 5), (7, 0, 0), (0, 3, 0)])
async def test_the_sample_is_spread_over_the_country(deaf: str, points: int, sample: int, wanted: int) -> None:
    swarm = Swarm(deaf, "main", sample=sample)
    await swarm.start()
    for number in range(points):
        swarm.add(f"{number * 7919 % 100_000:05d}", "token")
    last = swarm.add("99999", "token", is_sampled=False)
    with pytest.raises(JoinFailedError, match="refused"):
        await swarm.join(last)
    chosen = sorted(int(point.code) for point in swarm.points if point.is_sampled)
    assert len(chosen) == wanted
    if points == 1000:
        # One of each tenth, in the order of codes.
        codes = sorted(int(point.code) for point in swarm.points if point is not last)
        assert [codes.index(code) // 100 for code in chosen] == list(range(10))
    assert swarm.add("00001", "token").is_sampled is False
    assert swarm.counts().join_failures == {"refused": 1}
    await swarm.close()


async def test_addresses_come_back(deaf: str) -> None:
    swarm = Swarm(deaf, "main", sample=0, joins_at_once=4)
    await swarm.start()
    free = len(swarm._fresh)
    points = [swarm.add(str(number), "token") for number in range(20)]
    results = await asyncio.gather(*(swarm.join(point) for point in points), return_exceptions=True)
    assert all(isinstance(result, JoinFailedError) for result in results)
    assert len(swarm._fresh) == free
    for point in points:
        with pytest.raises(JoinFailedError):
            await swarm.prepare(point, "token")
    assert len(swarm._fresh) == free
    await swarm.close()


async def test_nobody_there_is_nothing_delivered(deaf: str) -> None:
    swarm = Swarm(deaf, "main", sample=0)
    await swarm.start()
    mark = swarm.mark(Sent())
    window = swarm.since(mark, Sent(video_packets=100))
    assert (window.points, window.expected_packets, window.delivered_ratio) == (0, 0, None)
    point = swarm.add("1", "token")
    swarm.drop(point)
    await swarm.leave(point)
    await swarm.hang_up(point)
    await swarm.close()


async def test_a_join_that_is_under_way_ends_with_the_swarm() -> None:
    arrived = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await reader.read()
        writer.close()

    never = await asyncio.start_server(hold, "127.0.0.1", 0)
    swarm = Swarm(f"http://127.0.0.1:{never.sockets[0].getsockname()[1]}", "main", sample=0)
    await swarm.start()
    joining = asyncio.create_task(swarm.join(swarm.add("1", "token")))
    await arrived.wait()
    await swarm.close()
    with pytest.raises(asyncio.CancelledError):
        await joining
    assert swarm.counts().join_failures == {"ended": 1}
    never.close()
