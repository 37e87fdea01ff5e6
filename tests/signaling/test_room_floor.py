"""What a room tells of the floor: places that move, requests that go, scopes."""

from __future__ import annotations

import json
from typing import Any

from bridge import commands
from bridge.bridge import Bridge
from signaling.room_floor import FloorNews, places, queue_of
from signaling.session import Outgoing
from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, directory

NOW_MS = 1_795_000_000_000


def asked(*points: str) -> Bridge:
    bridge = Bridge("main", directory())
    bridge.handle(commands.OpenSession("Họp", "center"), NOW_MS)
    for point in points:
        bridge.handle(commands.AskFloor(point, "ô-xy", f"point:{point}"), NOW_MS)
    return bridge


def request(outgoing: Outgoing | None) -> dict[str, Any] | None:
    assert outgoing is not None
    found: dict[str, Any] | None = json.loads(outgoing.text)["request"]
    return found


def test_only_those_whose_place_or_state_changed_hear() -> None:
    bridge = asked(WARD, OTHER_WARD, FAR_WARD)
    sut = FloorNews(lambda: bridge)
    assert places(bridge) == {WARD: 1, OTHER_WARD: 2, FAR_WARD: 3}
    assert set(sut.take()) == {WARD, OTHER_WARD, FAR_WARD}
    assert sut.take() == {}
    bridge.handle(commands.WithdrawFloor(OTHER_WARD, "center"), NOW_MS)
    news = sut.take()
    assert set(news) == {OTHER_WARD, FAR_WARD}
    assert request(news[OTHER_WARD]) is None
    moved = request(news[FAR_WARD])
    assert moved is not None
    assert moved["place"] == 2


def test_who_comes_hears_of_its_own_request() -> None:
    bridge = asked(WARD)
    sut = FloorNews(lambda: bridge)
    assert sut.request_of(OTHER_WARD) is None
    own = request(sut.request_of(WARD))
    assert own is not None
    assert (own["place"], own["state"]) == (1, "waiting")


def test_the_queue_of_a_scope_has_the_places_of_the_whole() -> None:
    bridge = asked(WARD, FAR_WARD)
    queue = queue_of(bridge, {FAR_WARD}.__contains__)
    assert [(row.point, row.place) for row in queue.queue] == [(FAR_WARD, 2)]
    assert (queue.holder, queue.waiting) == (None, 1)
