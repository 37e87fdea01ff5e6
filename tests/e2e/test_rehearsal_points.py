"""Simulated points against the real service: what the center publishes arrives at all of them, byte for byte."""

from __future__ import annotations

import asyncio
import time

import pytest

from rehearsal.center import CENTER, Center, Watcher
from rehearsal.measures import JoinFailedError
from rehearsal.swarm import PointMedia, Swarm
from tests.harness.desks import WsConsole, WsPoint
from tests.harness.service import Service
from tests.harness.wait import until

pytestmark = pytest.mark.service

POINT = "26740"


def packets_sent(center: Center) -> int:
    return center.sent().packets


async def test_sixty_points_get_everything(module_service: Service) -> None:
    service = module_service
    swarm = Swarm(service.base_url, service.session, sample=10, seed=1)
    center = Center(service.base_url, service.session, service.token("center"))
    await swarm.start()
    await center.start(video_pps=100, audio_pps=50)
    token = service.token("viewer")
    points = [swarm.add(f"{number:05d}", token) for number in range(60)]
    try:
        times = await asyncio.gather(*(swarm.join(point) for point in points))
        for one in times:
            assert one.started_at is not None
            assert one.answered_at is not None
            assert one.connected_at is not None
            assert one.asked_at <= one.started_at < one.answered_at < one.connected_at
        sampled = [point for point in points if point.is_sampled]
        assert len(sampled) == 10
        await until("all see and hear", lambda: all(point.is_connected and sees(swarm, point) for point in sampled))

        mark, before = await swarm.begin_window(center), packets_sent(center)
        await until("packets were sent", lambda: packets_sent(center) > before + 400)
        window = await swarm.end_window(mark, center)
        assert (window.points, window.is_exact) == (60, swarm.counts_each_point)
        assert window.sent.packets > 400
        assert window.expected_packets == 60 * window.sent.packets
        assert window.delivered_ratio is not None
        assert window.delivered_ratio >= 0.999
        assert window.sample.packets == 10 * window.sent.packets
        assert (window.sample.bad_by_reason, window.sample.lost) == ({}, 0)
        for delays in (window.sample.video_delay, window.sample.audio_delay):
            assert delays.negative == 0
            assert 0 < (delays.percentile(0.5) or 0) < 1000
        counts = swarm.counts()
        assert (counts.joined, counts.connected, counts.join_failures) == (60, 60, {})
        assert counts.checks_answered >= 60
        assert counts.consent_lost == counts.closed == 0
        assert center.is_live

        await lose_leave_and_come_back(service, swarm, points)
    finally:
        await swarm.close()
        await center.stop()
    # The line that was cut is left: the service finds out by itself, in its own time.
    await until("all have left", lambda: gauge(service, "viewers") <= 1)


def sees(swarm: Swarm, point: PointMedia) -> bool:
    return point.peer is not None and point.peer.reader is not None and len(point.peer.reader.publishers) == 2


def gauge(service: Service, name: str) -> float:
    status, body = service.get("/metrics")
    assert status == 200
    return next(float(line.split()[1]) for line in body.splitlines() if line.split(" ")[0].split("{")[0].endswith(f"node_{name}"))


async def lose_leave_and_come_back(service: Service, swarm: Swarm, points: list[PointMedia]) -> None:
    loser = next(point for point in points if point.is_sampled)
    swarm.lose(loser, 0.05)
    await until("losses are repaired", lambda: swarm.counts().sample.retransmitted > 10)
    swarm.lose(loser, 0.0)
    assert swarm.counts().sample.bad_by_reason == {}

    leaver, dropper = points[1], points[2]
    await swarm.leave(leaver)
    await until("the service knows", lambda: gauge(service, "viewers") == 59)
    first = dropper.peer
    await swarm.come_back(dropper)
    assert dropper.is_connected
    assert dropper.peer is not first
    assert swarm.counts().joined == 59


async def test_an_answered_call_is_seen_at_the_center(module_service: Service) -> None:
    service = module_service
    swarm = Swarm(service.base_url, service.session, sample=1, seed=2)
    center = Center(service.base_url, service.session, service.token("center"))
    watcher = Watcher(service.base_url, service.session, service.token("operator"))
    await swarm.start()
    async with WsConsole(service, "center") as console, WsPoint(service, POINT) as desk:
        try:
            await center.start(100, 50)
            await watcher.start()
            point = swarm.add(POINT, desk.token)
            await swarm.join(point)
            await until("the center sees itself sent", lambda: watcher.first_packet_at(CENTER) is not None)
            with pytest.raises(JoinFailedError, match="403"):
                await swarm.prepare(point, desk.token)
            call = await console.place_call(POINT)
            await desk.ring()
            await swarm.prepare(point, desk.token)
            assert watcher.first_packet_at(point.publisher_id) is None
            answered_at = time.monotonic()
            await desk.say("answer", call)
            times = await swarm.answer(point, desk.token)
            await until("the point is seen", lambda: watcher.first_packet_at(point.publisher_id) is not None, 20)
            first_at = watcher.first_packet_at(point.publisher_id)
            assert first_at is not None
            assert times.sending_at is not None
            assert answered_at <= times.sending_at < first_at
            await until("in picture and sound", lambda: {slot for who, slot in watcher.seen() if who} == {"monitor1"})
            assert watcher.counts.bad_by_reason == {}
            await swarm.hang_up(point)
            assert (await console.command("end_call", call=call))["type"] == "ack"
            await console.call_state(call, "ended")
        finally:
            await swarm.close()
            await watcher.stop()
            await center.stop()


async def test_who_may_not_join_is_counted(module_service: Service) -> None:
    swarm = Swarm(module_service.base_url, module_service.session, sample=0)
    await swarm.start()
    try:
        point = swarm.add("1", "nonsense")
        with pytest.raises(JoinFailedError, match="401"):
            await swarm.join(point)
        assert swarm.counts().join_failures == {"refused": 1}
    finally:
        await swarm.close()
