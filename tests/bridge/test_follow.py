"""What follows from the state, in whatever order things were told."""

from itertools import permutations

import pytest

from bridge.commands import AnswerCall, Command, EndCall, PointReported, ReportMedia, TakeCall
from bridge.follow import following
from bridge.machine import CallState
from bridge.points import Report
from bridge.rules import Rules
from tests.bridge.scene import SEEN, WARD, Scene, kinds, whats

NO_CAMERA = Report(visible=True, camera="refused", microphone="ok")
FEED = f"point:{WARD}"


def test_the_first_video_connects() -> None:
    scene = Scene()
    call = scene.answer()
    assert kinds(scene.media(WARD, "audio")) == ["MediaStarted"]
    assert call.state is CallState.ANSWERED
    assert kinds(scene.media(WARD, "video")) == ["MediaStarted", "CallConnected", "CallPreviewed"]
    assert (call.connected_by, call.deadline) == ("video", None)
    assert [entry.by for entry in call.trail if entry.what == "preview"] == ["auto"]


def test_without_auto_preview_it_stays_connected() -> None:
    scene = Scene(Rules(auto_preview=False))
    assert scene.connect().state is CallState.CONNECTED


@pytest.mark.parametrize("camera", ["absent", "refused"])
def test_audio_connects_where_there_is_no_camera(camera: str) -> None:
    scene = Scene()
    call = scene.deliver()
    scene.do(AnswerCall(call.id, Report(camera=camera, microphone="ok")))
    assert "CallConnected" in kinds(scene.media(WARD, "audio"))
    assert call.connected_by == "audio"


@pytest.mark.parametrize(
    "order",
    list(permutations([AnswerCall("c1", SEEN), PointReported(WARD, NO_CAMERA), ReportMedia(FEED, "audio", flowing=True)])),
)
def test_the_order_of_answer_report_and_voice_does_not_matter(order: tuple[Command, ...]) -> None:
    """Unless the answer itself, coming later, says that there is a camera: then the picture is waited for."""
    scene = Scene()
    call = scene.deliver()
    for command in order:
        scene.do(command, 10)
    says_camera = order.index(AnswerCall("c1", SEEN)) > order.index(PointReported(WARD, NO_CAMERA))
    assert call.state is (CallState.ANSWERED if says_camera else CallState.PREVIEW)


def test_media_that_flowed_before_the_answer_counts_at_the_answer() -> None:
    scene = Scene()
    call = scene.deliver()
    scene.media(WARD, "video")
    assert call.state is CallState.DELIVERED
    assert kinds(scene.do(AnswerCall(call.id, SEEN))) == ["CallAnswered", "CallConnected", "CallPreviewed"]


def test_media_that_still_flows_from_the_call_before_counts_too() -> None:
    scene = Scene()
    scene.do(EndCall(scene.connect().id, "center"))
    call = scene.answer()
    assert call.state is CallState.PREVIEW


def test_the_center_s_media_connects_nobody() -> None:
    scene = Scene()
    call = scene.answer()
    assert kinds(scene.do(ReportMedia("center", "video", flowing=True))) == ["MediaStarted"]
    assert call.state is CallState.ANSWERED
    assert scene.bridge.is_center_live
    scene.do(ReportMedia("center", "video", flowing=False))
    assert not scene.bridge.is_center_live


def test_a_picture_that_stops_is_no_interruption_while_the_voice_lives() -> None:
    scene = Scene()
    call = scene.connect()
    assert kinds(scene.media(WARD, "video", flowing=False)) == ["MediaStopped"]
    assert (call.interrupted_at, call.trail[-1].what) == (None, "video_stopped")


@pytest.mark.parametrize("on_air", [False, True])
def test_silence_interrupts_and_anything_resumes(on_air: bool) -> None:
    scene = Scene()
    call = scene.connect()
    if on_air:
        scene.do(TakeCall(call.id, "center"))
    state = call.state
    scene.media(WARD, "video", flowing=False)
    happened = scene.media(WARD, "audio", flowing=False, after_ms=100, reason="consent lost")
    assert kinds(happened) == ["MediaStopped", "CallInterrupted"]
    assert (call.state, call.interrupted_at, call.deadline) == (state, scene.now, scene.now + 30_000)
    assert call.trail[-1].note == "consent lost"
    assert kinds(scene.media(WARD, "audio", after_ms=5_000)) == ["MediaStarted", "CallResumed"]
    assert (call.state, call.interrupted_at, call.deadline) == (state, None, None)
    assert whats(call)[-2:] == ["audio_started", "resumed"]


def test_at_rest_nothing_follows() -> None:
    scene = Scene()
    assert following(scene.bridge.state, scene.now) is None
    scene.connect()
    assert following(scene.bridge.state, scene.now) is None
