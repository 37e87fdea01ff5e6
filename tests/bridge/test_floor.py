"""The floor: its table, its queue, its one holder."""

import pytest

from bridge.errors import BridgeError, IllegalMove
from bridge.floor import FLOOR_TABLE, GONE, Floor, FloorInput, FloorState, Request


def queue(*points: str) -> Floor:
    floor = Floor()
    for number, point in enumerate(points, start=1):
        floor.add(Request(f"f{number}", point, "", number))
    return floor


def test_the_table_has_every_state_and_nothing_leaves_the_last_ones() -> None:
    assert set(FLOOR_TABLE) == set(FloorState)
    assert {move for moves in FLOOR_TABLE.values() for move in moves} == set(FloorInput)
    assert all(not FLOOR_TABLE[state] for state in GONE)


def test_in_the_order_of_asking() -> None:
    floor = queue("a", "b", "c")
    floor.move("f1", FloorInput.GIVE)
    assert [request.point for request in floor.waiting()] == ["b", "c"]
    floor.move("f1", FloorInput.MISS)
    assert [request.point for request in floor.waiting()] == ["a", "b", "c"], "who was not heard keeps its place"
    floor.move("f2", FloorInput.WITHDRAW)
    assert set(floor.by_point) == {"a", "c"}


def test_one_holder() -> None:
    floor = queue("a", "b")
    request = floor.move("f1", FloorInput.GIVE)
    assert floor.holder is request
    with pytest.raises(BridgeError):
        floor.move("f2", FloorInput.GIVE)
    floor.move("f1", FloorInput.START)
    floor.move("f1", FloorInput.TAKE_BACK)
    assert floor.holder is None
    floor.move("f2", FloorInput.GIVE)


def test_what_cannot_be_changes_nothing() -> None:
    floor = queue("a")
    before = floor.to_plain()
    with pytest.raises(IllegalMove):
        floor.move("f1", FloorInput.START)
    with pytest.raises(BridgeError):
        floor.move("f9", FloorInput.GIVE)
    with pytest.raises(BridgeError):
        floor.add(Request("f2", "a", "", 5))
    assert floor.to_plain() == before


def test_when_the_end_is_announced() -> None:
    request = Request("f1", "a", "", 0, FloorState.SPEAKING, duration_ms=180_000, deadline=200_000)
    assert request.warns_at(30_000) == 170_000
    request.duration_ms = 20_000
    assert request.warns_at(30_000) == 190_000
    request.warned_at = 190_000
    assert request.warns_at(30_000) is None
