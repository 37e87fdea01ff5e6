"""What a point is told of its pictures, and what it asks of them."""

from __future__ import annotations

import pytest

from signaling.media import MediaUnavailable, ViewerLevel
from tests.signaling.test_point_media import open_media
from tests.signaling.world import OTHER_WARD, WARD, World, eventually


def told(owner: str | None = f"point:{WARD}", level: str = "sound", *, is_wish: bool = False) -> ViewerLevel:
    return ViewerLevel("some-peer", "main", owner, level, is_wish)


async def test_a_point_is_told_what_its_line_carries(world: World) -> None:
    desk = await world.desk()
    world.node.tell(told("point:99999"))
    world.node.tell(told(None))
    world.node.tell(told("center"))
    world.node.tell(told(level="unheard-of"))
    world.node.tell(told(level="half"))
    message = await desk.hear("picture")
    assert (message["level"], message["is_wish"]) == ("half", False)
    world.node.tell(told(is_wish=True))
    message = await desk.hear("picture")
    assert (message["level"], message["is_wish"]) == ("sound", True)


async def test_a_wish_goes_to_the_points_viewers_only(world: World) -> None:
    desk, other = await world.desk(), await world.desk(OTHER_WARD)
    assert await open_media(world, desk.welcome["token"]) == 201
    assert await open_media(world, other.welcome["token"]) == 201
    own = world.node.joined[0]["peer"]
    await desk.say({"type": "limit_picture", "level": "quarter"})
    await desk.say({"type": "limit_picture", "level": "full"})
    await eventually(lambda: world.node.limited == [(own, "quarter"), (own, "full")])


async def test_a_wish_while_the_node_is_away_hurts_nobody(world: World) -> None:
    desk = await world.desk()
    assert await open_media(world, desk.welcome["token"]) == 201
    world.node.fails = MediaUnavailable("away")
    await desk.say({"type": "limit_picture", "level": "sound"})
    world.node.fails = None
    await desk.say({"type": "limit_picture", "level": "sound"})
    await eventually(lambda: len(world.node.limited) >= 1)


@pytest.mark.parametrize("role", ["center", "operator"])
async def test_a_console_has_no_such_wish(world: World, role: str) -> None:
    console = await world.console(role)
    await console.say({"type": "limit_picture", "level": "sound"})
    assert (await console.hear("error"))["error"]["code"] == "forbidden"
    assert world.node.limited == []
