"""Lists of points that are called one after the other."""

import pytest

from bridge import commands
from bridge.call_lists import ITEM_TABLE, KEPT_LISTS, LIST_TABLE, MAX_LIST_POINTS, MAX_RUNNING_LISTS, CallList, ItemState
from bridge.machine import CallState
from bridge.matter_commands import NextCall, StartCallList, StopCallList
from bridge.matter_views import call_list_view
from bridge.rules import Rules
from tests.bridge.scene import FAR, OTHER, SEEN, WARD, Scene, kinds, refused, wide_directory

THREE = (WARD, OTHER, FAR)


def started(scene: Scene, *points: str, auto: bool = False) -> CallList:
    """A list that has begun."""
    scene.do(StartCallList(points or THREE, auto, "center"))
    return next(reversed(scene.bridge.state.call_lists.values()))


def states(call_list: CallList) -> list[str]:
    """What became of its points."""
    return [item.state.value for item in call_list.items]


def test_it_calls_the_first_and_waits_to_be_told() -> None:
    scene = Scene()
    scene.arrive(*THREE)
    call_list = started(scene)
    assert states(call_list) == ["current", "waiting", "waiting"]
    assert scene.bridge.active_call(WARD) is scene.bridge.calls[call_list.items[0].call]
    scene.do(commands.AnswerCall("c1", SEEN))
    scene.do(commands.EndCall("c1", "center"))
    assert states(call_list) == ["done", "waiting", "waiting"]
    assert scene.bridge.active_calls() == [], "it is not told to go on"
    scene.do(NextCall(call_list.id, "center"))
    assert states(call_list) == ["done", "current", "waiting"]


def test_the_next_ends_the_one_before() -> None:
    scene = Scene()
    scene.arrive(*THREE)
    call_list = started(scene)
    scene.do(commands.AnswerCall("c1", SEEN))
    happened = scene.do(NextCall(call_list.id, "operator:lan"))
    assert kinds(happened) == ["CallEnded", "CallListContinued", "CallListMoved", "CallPlaced"]
    happened = scene.do(NextCall(call_list.id, "operator:lan"))
    assert kinds(happened) == ["CallFailed", "CallListContinued", "CallListMoved", "CallPlaced"], "not answered: called off"
    assert states(call_list) == ["done", "failed", "current"]
    assert kinds(scene.do(NextCall(call_list.id, "center")))[-1] == "CallListEnded"
    assert (call_list.state.value, call_list.ended_by) == ("done", "auto")
    assert refused(scene, NextCall(call_list.id, "center")).code == "call_list_over"


def test_by_itself_it_goes_on_when_a_call_is_over_or_failed() -> None:
    scene = Scene()
    scene.arrive(WARD, FAR)
    call_list = started(scene, auto=True)
    scene.do(commands.AnswerCall("c1", SEEN))
    scene.do(commands.EndCall("c1", f"point:{WARD}"))
    assert states(call_list) == ["done", "failed", "current"], "the one in the middle is not connected"
    scene.tick(5_000)
    assert (states(call_list)[2], call_list.state.value) == ("failed", "done")


def test_a_point_that_is_in_a_call_is_skipped_with_the_reason() -> None:
    scene = Scene()
    scene.arrive(*THREE)
    scene.ring(WARD)
    call_list = started(scene, auto=True)
    assert states(call_list) == ["skipped", "current", "waiting"]
    assert call_list.items[0].reason == "point_busy"


def test_without_a_monitor_it_waits_for_one() -> None:
    scene = Scene(Rules(monitors=1))
    scene.arrive(*THREE)
    scene.ring(FAR)
    call_list = started(scene, WARD)
    assert states(call_list) == ["waiting"]
    scene.do(commands.CancelCall("c1", "center"))
    assert states(call_list) == ["current"]


def test_being_told_to_go_on_without_a_monitor_is_refused() -> None:
    scene = Scene(Rules(monitors=1))
    scene.arrive(*THREE)
    call_list = started(scene, WARD, OTHER)
    scene.do(commands.CancelCall("c1", "center"))
    scene.ring(FAR)
    assert refused(scene, NextCall(call_list.id, "center")).code == "too_many_calls"
    scene.do(commands.CancelCall("c2", "center"))
    scene.do(NextCall(call_list.id, "center"))
    assert states(call_list) == ["failed", "current"]


def test_stopping_leaves_the_call_alone() -> None:
    scene = Scene()
    scene.arrive(*THREE)
    call_list = started(scene, auto=True)
    scene.do(StopCallList(call_list.id, "center"))
    assert scene.bridge.calls["c1"].state is CallState.QUEUED
    scene.do(commands.CancelCall("c1", "center"))
    assert states(call_list) == ["failed", "waiting", "waiting"]
    assert refused(scene, StopCallList(call_list.id, "center")).code == "call_list_over"


def test_closing_the_session_stops_it() -> None:
    scene = Scene()
    scene.arrive(*THREE)
    call_list = started(scene, auto=True)
    scene.do(commands.CloseSession("center"))
    assert call_list.state.value == "stopped"
    assert scene.bridge.active_calls() == []


@pytest.mark.parametrize("points", [(), (WARD, WARD), tuple(f"p{number}" for number in range(MAX_LIST_POINTS + 1))])
def test_how_many(points: tuple[str, ...]) -> None:
    scene = Scene(directory=wide_directory(MAX_LIST_POINTS + 1))
    assert refused(scene, StartCallList(points, auto=True, by="center")).code == "call_count"


def test_a_hundred_that_are_not_connected_fail_in_one_breath_each_with_its_evidence() -> None:
    scene = Scene(directory=wide_directory(MAX_LIST_POINTS))
    happened = scene.do(StartCallList(tuple(f"p{number}" for number in range(MAX_LIST_POINTS)), auto=True, by="center"))
    assert kinds(happened).count("CallFailed") == MAX_LIST_POINTS
    assert kinds(happened)[-1] == "CallListEnded"


def test_points_that_are_not_there_or_not_in_the_session() -> None:
    scene = Scene(opened=False)
    assert refused(scene, StartCallList(THREE, auto=True, by="center")).code == "session_not_open"
    scene.do(commands.PrepareSession("Họp", "meeting", ("79",), "VN", "center"))
    scene.do(commands.OpenSession("", "center"))
    assert refused(scene, StartCallList((WARD, FAR), auto=True, by="center")).code == "outside_session"
    assert refused(scene, StartCallList(("nobody",), auto=True, by="center")).code == "unknown_point"
    assert refused(scene, NextCall("l9", "center")).code == "unknown_call_list"


def test_lists_have_bounds() -> None:
    scene = Scene()
    for _ in range(KEPT_LISTS + 3):
        scene.do(StartCallList((WARD,), auto=True, by="center"))  # not connected: over at once
    assert len(scene.bridge.state.call_lists) == KEPT_LISTS
    scene.arrive(WARD)
    for _ in range(MAX_RUNNING_LISTS):
        scene.do(StartCallList((WARD, OTHER), auto=False, by="center"))
        running = [each for each in scene.bridge.state.call_lists.values() if each.is_running]
    assert len(running) == MAX_RUNNING_LISTS
    assert refused(scene, StartCallList((WARD,), auto=False, by="center")).code == "too_many_lists"
    assert scene.replayed().snapshot() == scene.bridge.snapshot()


def test_the_view_names_points_and_calls() -> None:
    scene = Scene()
    scene.arrive(WARD)
    view = call_list_view(started(scene), scene.bridge.directory)
    assert view["items"] == [
        {"point": WARD, "point_name": "Phường 10", "state": "current", "call": "c1", "reason": None},
        {"point": OTHER, "point_name": "Phường 1", "state": "waiting", "call": None, "reason": None},
        {"point": FAR, "point_name": "Xã Long Hậu", "state": "waiting", "call": None, "reason": None},
    ]


def test_nothing_leaves_the_last_states() -> None:
    assert all(not LIST_TABLE[state] for state in LIST_TABLE if state != "running")
    assert all(not ITEM_TABLE[state] for state in (ItemState.DONE, ItemState.FAILED, ItemState.SKIPPED))
