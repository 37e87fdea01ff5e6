"""The domain as pages see it."""

import base64
import json

from bridge.commands import CancelCall, PlaceCall, TakeCall
from bridge.rules import Rules
from bridge.views import call_view, calls_view, frame_view, session_view, stage_view
from tests.bridge.scene import FAR, START, WARD, Scene, whats, wide_directory

KEYS = {
    "id",
    "point",
    "point_name",
    "state",
    "cause",
    "by",
    "placed_at",
    "ringing_at",
    "delivered_at",
    "answered_at",
    "connected_at",
    "preview_at",
    "on_air_at",
    "off_air_at",
    "ended_at",
    "deliver_deadline",
    "answer_deadline",
    "trail",
}
"""What the protocol promises; the view may hold more."""


def test_a_call_on_its_way() -> None:
    scene = Scene()
    call = scene.ring()
    view = call_view(call)
    assert set(view) >= KEYS
    assert (view["id"], view["point"], view["point_name"], view["state"]) == ("c1", WARD, "Phường 10", "ringing")
    assert (view["deliver_deadline"], view["answer_deadline"]) == (START + 10 + 5_000, None)
    assert (view["cause"], view["evidence"], view["ended_at"]) == (None, None, None)


def test_only_the_running_clock_has_a_deadline() -> None:
    scene = Scene()
    call = scene.deliver()
    view = call_view(call)
    assert (view["deliver_deadline"], view["answer_deadline"]) == (None, START + 50 + 30_000)
    scene = Scene()
    view = call_view(scene.answer())
    assert (view["deliver_deadline"], view["answer_deadline"]) == (None, None)


def test_a_failed_call_carries_cause_and_evidence() -> None:
    scene = Scene()
    scene.do(PlaceCall(WARD, "center"))
    view = call_view(scene.bridge.calls["c1"])
    assert (view["state"], view["cause"], view["ended_at"]) == ("failed", "offline", START)
    assert view["evidence"] is not None
    assert [line["what"] for line in view["trail"]] == ["placed", "failed"]  # type: ignore[attr-defined]


def test_everything_is_ready_for_json() -> None:
    scene = Scene()
    scene.do(PlaceCall(FAR, "center"))
    scene.do(TakeCall(scene.connect().id, "center"))
    for view in (calls_view(scene.bridge), stage_view(scene.bridge), session_view(scene.bridge), frame_view(scene.bridge)):
        assert json.loads(json.dumps(view)) == view
        assert "Cause" not in repr(view)
    json.dumps(scene.bridge.snapshot())


def test_calls_in_progress_are_all_shown_and_finished_ones_the_newest() -> None:
    scene = Scene()
    active = scene.deliver()
    for _ in range(5):
        scene.do(CancelCall(scene.place(FAR).id, "center"))
    assert [view["id"] for view in calls_view(scene.bridge, finished=2)] == [active.id, "c5", "c6"]
    assert [view["id"] for view in calls_view(scene.bridge, finished=0)] == [active.id]
    assert len(calls_view(scene.bridge)) == 6


def test_the_stage() -> None:
    scene = Scene()
    assert stage_view(scene.bridge) == {"session_state": "open", "center_live": False, "on_air": [], "recording": False}
    first, second = scene.connect(WARD), scene.connect(FAR)
    scene.do(TakeCall(first.id, "center"))
    scene.do(TakeCall(second.id, "center"))
    assert stage_view(scene.bridge)["on_air"] == [
        {"call": "c2", "point": FAR, "name": "Xã Long Hậu"},
        {"call": "c1", "point": WARD, "name": "Phường 10"},
    ]


def test_the_session() -> None:
    assert session_view(Scene().bridge) == {"id": "main", "title": "Phiên họp", "state": "open"}
    assert session_view(Scene(opened=False).bridge)["state"] == "prepared"


def test_the_frame() -> None:
    scene = Scene(directory=wide_directory(3))
    scene.arrive("p0", "p2")
    view = frame_view(scene.bridge)
    assert view["count"] == 3
    assert base64.b64decode(str(view["states"])) == bytes([0x10, 0x10])
    assert view["version"] == 2


def test_a_trail_shows_the_whole_life() -> None:
    scene = Scene(Rules(auto_preview=False))
    call = scene.connect()
    scene.do(TakeCall(call.id, "center"))
    assert whats(call) == [
        "placed",
        "ringing",
        "delivered",
        "answered",
        "audio_started",
        "video_started",
        "connected",
        "on_air",
    ]
