"""Composition: health and readiness, start without a store, restart, media events, problems."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bridge.machine import SessionState
from signaling.media import FeedFlowing, MediaFeed, NodeUp
from signaling.web_errors import errors_as_problems
from tests.signaling.test_hub import answer, ring
from tests.signaling.world import WARD, World, eventually, point_hello, settings


async def test_health_and_readiness(world: World) -> None:
    assert (await world.client.get("/healthz")).status == 200
    response = await world.client.get("/readyz")
    assert response.status == 200
    assert await response.json() == {"ready": True, "store": True, "owner": True, "media": True}


async def test_not_ready_without_the_node(world: World) -> None:
    world.node.ready = False
    response = await world.client.get("/readyz")
    assert response.status == 503
    assert (await response.json())["media"] is False
    assert (await world.client.get("/healthz")).status == 200


async def test_not_ready_without_the_store(world: World) -> None:
    await world.server.set_down(is_down=True)
    response = await world.client.get("/readyz")
    assert response.status == 503
    assert (await response.json())["store"] is False
    assert (await world.client.get("/healthz")).status == 200
    await world.server.set_down(is_down=False)
    await eventually(lambda: world.service.owners["main"].is_ready)
    assert (await world.client.get("/readyz")).status == 200


async def test_it_starts_without_the_store_and_comes_up_with_it(tmp_path: Path, web_root: Path, npm_root: Path) -> None:
    world = World(settings(tmp_path), web_root, npm_root)
    await world.server.set_down(is_down=True)
    await world.client.start_server()
    try:
        assert (await world.client.get("/healthz")).status == 200
        assert (await world.client.get("/readyz")).status == 503
        client = await world.connect()
        await client.say(point_hello())
        assert await client.hear_close() == 4503
        response = await world.client.get("/api/directory", headers=world.bearer("center"))
        assert response.status == 503
        assert "Retry-After" in response.headers
        await world.server.set_down(is_down=False)
        await eventually(lambda: "main" in world.service.owners and world.service.owners["main"].bridge.is_open)
        await world.desk()
    finally:
        await world.stop()


async def test_a_second_process_finds_everything_as_it_was(tmp_path: Path, web_root: Path, npm_root: Path) -> None:
    first = World(settings(tmp_path), web_root, npm_root)
    await first.start()
    center, desk = await first.console(), await first.desk()
    call = await ring(first, center, desk)
    await answer(first, center, desk, call)
    await center.command(2, kind="take", call=call)
    await first.stop()

    second = World(settings(tmp_path), web_root, npm_root)
    second.server.logs = first.server.logs
    await second.start()
    try:
        second.node.tell(NodeUp("e1", False, (), (MediaFeed("main", f"point:{WARD}", "video", "p", True),)))
        again = await second.desk()
        assert again.welcome["call"]["id"] == call
        assert again.welcome["call"]["state"] == "on_air"
        assert again.welcome["stage"]["on_air"] == [{"call": call, "point": WARD, "name": "Phường 10"}]
        opened = [text for _, text in second.server.logs["main"] if "session_opened" in text]
        assert len(opened) == 1
    finally:
        await second.stop()


async def test_an_imported_directory_goes_before_the_national_one(tmp_path: Path, web_root: Path, npm_root: Path) -> None:
    world = World(settings(tmp_path), web_root, npm_root)
    world.server.directory = "code,name,parent,kind\nX,Tỉnh X,,province\nX1,Xã Một,X,commune\n"
    await world.start()
    try:
        body = await (await world.client.get("/api/directory", headers=world.bearer("center"))).json()
        assert [unit[0] for unit in body["units"]] == ["X", "X1"]
    finally:
        await world.stop()


async def test_what_the_node_carries_when_it_is_found_is_told_to_the_domain(world: World) -> None:
    feeds = (MediaFeed("main", "center", "video", "p", True), MediaFeed("main", "center", "audio", "p", False))
    world.node.tell(NodeUp("e2", True, (), feeds))
    bridge = world.service.owners["main"].bridge
    await eventually(lambda: bridge.state.media == {"center": frozenset({"video"})})
    world.node.tell(FeedFlowing("nowhere", "center", "video", "p"))
    assert bridge.session.state is SessionState.OPEN


async def test_a_session_is_opened_once(world: World) -> None:
    assert [text for _, text in world.server.logs["main"] if "session_opened" in text]
    assert world.server.sessions == {"main"}
    assert world.service.owners["main"].bridge.session.title == "Phiên họp"


@pytest.fixture
async def faulty(caplog: pytest.LogCaptureFixture) -> TestClient[web.Request, web.Application]:
    async def fail(_request: web.Request) -> web.Response:
        raise ZeroDivisionError("secret detail")

    app = web.Application(middlewares=[errors_as_problems])
    app.router.add_get("/fail/{code}", fail)
    return TestClient(TestServer(app))


async def test_bugs_are_logged_and_not_told(
    faulty: TestClient[web.Request, web.Application], capsys: pytest.CaptureFixture[str]
) -> None:
    async with faulty:
        response = await faulty.get("/fail/abc?token=hidden", headers={"Authorization": "Bearer hidden"})
        assert response.status == 500
        text = await response.text()
        assert "secret detail" not in text
        assert (await response.json())["code"] == "internal"
    logged = capsys.readouterr().out
    assert "ZeroDivisionError" in logged
    assert "hidden" not in logged
    assert "/fail/{code}" in logged


async def test_problems_are_rfc_9457(world: World) -> None:
    response = await world.client.get("/nowhere")
    assert response.content_type == "application/problem+json"
    body = await response.json()
    assert body["status"] == response.status == 404
    assert body["title"] == "Not Found"
    assert set(body["message"]) == {"vi", "en"}
