"""Draws from command to state: candidates, what is known of calls, refusals."""

import pytest

from bridge.commands import Command
from bridge.draw import verify
from bridge.draw_commands import DrawPoints, NoteCall
from bridge.draw_events import PointsDrawn
from tests.bridge.scene import FAR, OTHER, START, WARD, Scene, kinds, refused

ALL = ("79", "773", WARD, OTHER, "80", "801", FAR)


def order(k: int = 2, units: tuple[str, ...] = ("VN",), candidates: tuple[str, ...] = ALL, seed: str = "5eed") -> DrawPoints:
    return DrawPoints(k, units, candidates, (), seed, "live", "center")


def drawn(scene: Scene, command: DrawPoints) -> PointsDrawn:
    (event,) = scene.do(command)
    assert isinstance(event, PointsDrawn)
    return event


def test_the_event_says_all_that_the_lot_depends_on() -> None:
    scene = Scene()
    scene.place(WARD)
    event = drawn(scene, order())
    assert (event.draw, event.candidates, event.filter) == ("w1", ALL, "live")
    assert event.last_called == tuple(START if point == WARD else 0 for point in ALL)
    assert verify(event)
    assert scene.replayed().snapshot() == scene.bridge.snapshot()


def test_candidates_are_taken_once_in_directory_order_and_within_the_units() -> None:
    event = drawn(Scene(), order(1, ("773",), (FAR, OTHER, WARD, WARD, "stranger")))
    assert event.candidates == (WARD, OTHER)


def test_nobody_is_drawn_twice_until_all_were() -> None:
    scene = Scene()
    points: list[str] = []
    for number in range(7):
        points += drawn(scene, order(1, seed=f"s{number}")).drawn
    assert sorted(points) == sorted(ALL)
    again = drawn(scene, order(1, seed="s8"))
    assert set(again.drawn_before) == set(ALL)
    assert scene.bridge.state.draws.kept["w8"].started_over


def test_calls_elsewhere_count_the_newest_of_them() -> None:
    scene = Scene()
    assert kinds(scene.do(NoteCall(FAR, "s7", START - 60_000))) == ["PointCalledElsewhere"]
    assert scene.do(NoteCall(FAR, "s8", START - 60_001)) == []
    command = DrawPoints(1, ("VN",), (FAR, WARD), (START - 9, 5), "s", "", "center")
    assert drawn(scene, command).last_called == (5, START - 9), "directory order; the newer of what is told and known"
    assert refused(scene, NoteCall("stranger", "s7", START)).code == "unknown_point"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (order(0), "draw_count"),
        (order(101), "draw_count"),
        (order(8), "draw_too_few"),
        (order(2, ("80",), (WARD, OTHER)), "draw_too_few"),
        (order(units=("nowhere",)), "unknown_unit"),
        (order(seed=""), "bad_draw"),
        (order(seed="a" * 65), "bad_draw"),
        (order(seed="hạt giống"), "bad_draw"),
        (DrawPoints(1, ("VN",), ALL, (1,), "s", "", "x"), "bad_draw"),
    ],
)
def test_refusals(command: Command, code: str) -> None:
    assert refused(Scene(), command).code == code


def test_a_session_that_is_not_open_draws_nobody() -> None:
    assert refused(Scene(opened=False), order()).code == "session_state"
