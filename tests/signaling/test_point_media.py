"""Media of points whose link was replaced, against the fake node."""

from __future__ import annotations

import asyncio

import pytest

from signaling.auth import Identity
from signaling.media import MediaUnavailable, PeerGone
from signaling.point_media import PointMedia
from tests.signaling.test_hub import ring
from tests.signaling.world import OFFER, OTHER_WARD, WARD, FakeNode, World, eventually


def came_by(generation: int, code: str = WARD) -> Identity:
    return Identity(f"point:{code}", "point", "main", (code,), 0, generation)


async def test_only_outdated_peers_of_that_point_are_ended() -> None:
    node = FakeNode()
    media = PointMedia(node)
    media.joined("old", came_by(0))
    media.joined("older", came_by(0))
    media.joined("new", came_by(1))
    media.joined("other", came_by(0, OTHER_WARD))
    media.joined("console", Identity("center", "center", "main", ("VN",), 0))
    media.joined("account", Identity("center:lan", "center", "main", ("VN",), 0, 3, "lan"))
    media.forget("older")
    media.receive_generations({WARD: 1})
    assert await media.turn()
    assert node.left == ["old"]
    assert len(media) == 3
    media.receive_generations({"account:lan": 4})
    assert await media.turn()
    assert node.left == ["old", "account"]


async def test_it_is_tried_again_while_the_node_is_away() -> None:
    node = FakeNode()
    media = PointMedia(node)
    media.joined("a", came_by(0))
    media.joined("b", came_by(0))
    media.receive_generations({WARD: 1})
    node.fails = MediaUnavailable("away")
    assert not await media.turn()
    media.forget("b")  # gone by itself
    node.fails = None
    assert await media.turn()
    assert node.left == ["a"]


async def test_what_is_remembered_is_bounded() -> None:
    media = PointMedia(FakeNode(), limit=3)
    for number in range(10):
        media.joined(str(number), came_by(0))
    assert len(media) == 3


async def open_media(world: World, token: str, kind: str = "whep") -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    return (await world.client.post(f"/{kind}/main", data=OFFER, headers=headers)).status


async def test_watching_and_sending_end_with_the_link(world: World) -> None:
    center, desk, other = await world.console(), await world.desk(), await world.desk(OTHER_WARD)
    await ring(world, center, desk)
    assert await open_media(world, desk.welcome["token"]) == 201
    assert await open_media(world, desk.welcome["token"], "whip") == 201
    assert await open_media(world, other.welcome["token"]) == 201
    own = {join["peer"] for join in world.node.joined[:2]}
    response = await world.client.post(f"/api/points/{WARD}/rotate", headers=world.bearer("center"))
    assert response.status == 200
    await eventually(lambda: set(world.node.left) == own)


async def test_peers_that_left_are_forgotten(world: World) -> None:
    desk = await world.desk()
    assert await open_media(world, desk.welcome["token"]) == 201
    assert len(world.service.point_media) == 1
    world.node.tell(PeerGone(world.node.joined[0]["peer"], "main", "consent"))
    assert len(world.service.point_media) == 0


async def test_a_link_replaced_while_its_media_is_negotiated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await world.desk()
    join = world.node.join_viewer

    async def slow_join(**asked: object) -> str:
        answer = await join(**asked)  # type: ignore[arg-type]
        world.service.generations.receive({WARD: 1})
        await asyncio.sleep(0)
        return answer

    monkeypatch.setattr(world.node, "join_viewer", slow_join)
    assert await open_media(world, desk.welcome["token"]) == 401
    await eventually(lambda: world.node.left == [world.node.joined[0]["peer"]])
