"""What is asked of the floor, and what follows."""

from bridge.commands import (
    AnswerCall,
    AskFloor,
    CloseSession,
    ConfirmRing,
    DeclineCall,
    EndCall,
    ExtendFloor,
    GiveFloor,
    PlaceCall,
    TakeBackFloor,
    TakeCall,
    TakeOffAir,
    WithdrawFloor,
)
from bridge.floor import MAX_REQUESTS, FloorState, Request
from bridge.machine import CallState
from tests.bridge.scene import FAR, OTHER, SEEN, WARD, Scene, kinds, refused, wide_directory


def ask(scene: Scene, *points: str) -> None:
    scene.arrive(*points)
    for point in points:
        scene.do(AskFloor(point, "ô-xy", f"point:{point}"))


def speaking(scene: Scene, point: str = WARD, duration_ms: int = 60_000) -> Request:
    """Bring a point to where it speaks."""
    scene.connect(point)
    scene.do(GiveFloor(point, duration_ms, "center"))
    request = scene.bridge.state.floor.by_point[point]
    assert request.state is FloorState.SPEAKING
    return request


def test_asking_and_withdrawing() -> None:
    scene = Scene()
    ask(scene, WARD, FAR)
    assert scene.do(AskFloor(WARD, "again", "x")) == []
    assert [request.point for request in scene.bridge.state.floor.waiting()] == [WARD, FAR]
    assert kinds(scene.do(WithdrawFloor(WARD, "x"))) == ["FloorWithdrawn"]
    assert refused(scene, WithdrawFloor(WARD, "x")).code == "floor_not_asked"
    ask(scene, WARD)
    assert [request.point for request in scene.bridge.state.floor.waiting()] == [FAR, WARD]
    assert refused(scene, AskFloor("stranger", "", "x")).code == "unknown_point"
    assert refused(Scene(opened=False), AskFloor(WARD, "", "x")).code == "session_state"
    assert refused(Scene(opened=False), GiveFloor(WARD, 0, "x")).code == "session_state"


def test_a_queue_has_an_end() -> None:
    scene = Scene(directory=wide_directory(MAX_REQUESTS + 1))
    for number in range(MAX_REQUESTS):
        scene.do(AskFloor(f"p{number}", "x" * 300, "x"))
    assert len(scene.bridge.state.floor.by_point["p0"].subject) == 200
    assert refused(scene, AskFloor(f"p{MAX_REQUESTS}", "", "x")).code == "floor_full"


def test_the_floor_calls_takes_on_air_and_starts_the_clock() -> None:
    scene = Scene()
    ask(scene, WARD)
    assert kinds(scene.do(GiveFloor(WARD, 0, "center"))) == ["FloorGiven", "CallPlaced"]
    call = scene.bridge.active_call(WARD)
    assert call is not None
    scene.do(ConfirmRing(call.id, SEEN))
    scene.do(AnswerCall(call.id, SEEN))
    happened = scene.media(WARD, "video")
    assert kinds(happened) == ["MediaStarted", "CallConnected", "CallPreviewed", "CallTaken", "FloorStarted"]
    request = scene.bridge.state.floor.holder
    assert request is not None
    assert request.deadline == scene.now + 180_000
    assert scene.bridge.next_timeout() == scene.now + 150_000
    assert kinds(scene.tick(150_000)) == ["FloorWarned"]
    assert scene.tick(1_000_000) == [], "nobody is cut off"
    assert scene.replayed().snapshot() == scene.bridge.snapshot()


def test_those_on_air_leave_it_when_the_next_one_is_connected() -> None:
    scene = Scene()
    for point in (OTHER, FAR):
        scene.do(TakeCall(scene.connect(point).id, "center"))
    scene.connect(WARD)
    happened = scene.do(GiveFloor(WARD, 5_000, "center"))
    assert kinds(happened) == ["FloorAsked", "FloorGiven", "CallTakenOffAir", "CallTakenOffAir", "CallTaken", "FloorStarted"]
    assert [call.point for call in scene.bridge.on_air()] == [WARD]


def test_from_one_speaker_to_the_next() -> None:
    scene = Scene()
    speaking(scene, WARD)
    scene.connect(FAR)
    happened = scene.do(GiveFloor(FAR, 0, "center"))
    assert kinds(happened)[:2] == ["FloorTakenBack", "CallTakenOffAir"]
    assert scene.bridge.on_stage() == (FAR,)
    assert WARD not in scene.bridge.state.floor.by_point
    assert refused(scene, GiveFloor(FAR, 0, "center")).code == "floor_state"


def test_a_point_that_is_not_there_is_called_and_the_floor_stays() -> None:
    scene = Scene()
    request = speaking(scene)
    assert kinds(scene.do(GiveFloor(FAR, 0, "center"))) == ["CallPlaced", "CallFailed"]
    assert scene.bridge.state.floor.holder is request


def test_who_declines_keeps_its_place() -> None:
    scene = Scene()
    ask(scene, WARD, FAR)
    scene.do(GiveFloor(WARD, 0, "center"))
    call = scene.bridge.active_call(WARD)
    assert call is not None
    assert kinds(scene.do(DeclineCall(call.id, "", SEEN)))[-1] == "FloorMissed"
    assert [each.point for each in scene.bridge.state.floor.waiting()] == [WARD, FAR]


def test_who_is_passed_over_keeps_its_place() -> None:
    scene = Scene()
    ask(scene, WARD, FAR)
    scene.do(GiveFloor(WARD, 0, "center"))
    assert kinds(scene.do(GiveFloor(FAR, 0, "center"))) == ["FloorMissed", "FloorGiven", "CallPlaced"]
    assert [each.point for each in scene.bridge.state.floor.waiting()] == [WARD]


def test_taking_back_and_more_time() -> None:
    scene = Scene()
    request = speaking(scene, duration_ms=60_000)
    started = scene.now
    scene.tick(30_000)
    assert request.warned_at is not None
    scene.do(ExtendFloor(WARD, 60_000, "center"))
    again = scene.bridge.state.floor.by_point[WARD]
    assert again.deadline == started + 120_000
    assert again.warned_at is None
    scene.tick(200_000)
    scene.do(ExtendFloor(WARD, 10_000, "center"))
    assert request.deadline == scene.now + 10_000
    assert refused(scene, ExtendFloor(WARD, 0, "center")).code == "floor_duration"
    assert refused(scene, GiveFloor(FAR, 10**9, "center")).code == "floor_duration"
    assert refused(scene, WithdrawFloor(WARD, "center")).code == "floor_state"
    assert kinds(scene.do(TakeBackFloor(WARD, "center"))) == ["FloorTakenBack", "CallTakenOffAir"]
    call = scene.bridge.active_call(WARD)
    assert call is not None
    assert call.state is CallState.PREVIEW
    assert refused(scene, TakeBackFloor(WARD, "center")).code == "floor_not_asked"
    ask(scene, FAR)
    assert refused(scene, TakeBackFloor(FAR, "center")).code == "floor_state"
    assert refused(scene, ExtendFloor(FAR, 5_000, "center")).code == "floor_state"


def test_the_end_of_the_call_and_going_off_air_are_the_end_of_the_turn() -> None:
    for step in (TakeOffAir("c1", "center"), EndCall("c1", "center")):
        scene = Scene()
        speaking(scene)
        assert kinds(scene.do(step))[-1] == "FloorTakenBack"
        assert scene.bridge.state.floor.holder is None


def test_a_short_interruption_is_no_end() -> None:
    scene = Scene()
    request = speaking(scene)
    scene.media(WARD, "video", flowing=False)
    scene.media(WARD, "audio", flowing=False)
    assert scene.bridge.state.floor.holder is request


def test_no_monitor_for_the_call_no_floor() -> None:
    scene = Scene()
    for point in (OTHER, FAR, "79", "80"):
        scene.arrive(point)
        scene.do(PlaceCall(point, "center"))
    scene.arrive(WARD)
    assert refused(scene, GiveFloor(WARD, 0, "center")).code == "too_many_calls"


def test_closing_the_session_ends_it_all() -> None:
    scene = Scene()
    ask(scene, FAR)
    speaking(scene)
    assert kinds(scene.do(CloseSession("center"))) == ["FloorTakenBack", "CallEnded", "SessionClosed"]
    assert scene.bridge.state.floor.requests == {}
    assert scene.bridge.next_timeout() is None
    assert scene.replayed().snapshot() == scene.bridge.snapshot()
