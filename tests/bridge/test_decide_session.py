"""Recording as a session's own affair: who says when, what the plan and the stage say of it."""

from bridge import commands, events
from bridge.errors import BridgeError
from bridge.stage import plan_of
from bridge.views import stage_view
from tests.bridge.scene import FAR, START, WARD, Scene, kinds, refused


def test_it_is_recorded_from_the_word_on_and_no_more_after_the_other() -> None:
    scene = Scene()
    assert plan_of(scene.bridge).recording is None
    before = plan_of(scene.bridge).version
    assert scene.do(commands.StartRecording("center"), 5) == [events.RecordingStarted(START + 5, "center")]
    assert stage_view(scene.bridge)["recording"] is True
    assert plan_of(scene.bridge).recording == {}
    assert plan_of(scene.bridge).version == before + 1
    assert scene.do(commands.StartRecording("operator")) == [], "it is recorded already"
    assert kinds(scene.do(commands.StopRecording("operator"))) == ["RecordingStopped"]
    assert scene.do(commands.StopRecording("operator")) == []
    assert stage_view(scene.bridge)["recording"] is False
    assert plan_of(scene.bridge).recording is None


def test_the_plan_names_the_calls_that_have_a_monitor() -> None:
    scene = Scene()
    scene.do(commands.StartRecording("center"))
    call = scene.connect(WARD)
    plan = plan_of(scene.bridge)
    slot = f"monitor{call.monitor}"
    assert plan.recording == {slot: (call.id, "Phường 10")}
    assert plan.slots[slot] == (f"point:{WARD}",)
    assert plan.to_dict()["recording"] == {slot: [call.id, "Phường 10"]}
    other = scene.connect(FAR)
    assert set(plan_of(scene.bridge).recording or ()) == {slot, f"monitor{other.monitor}"}
    scene.do(commands.EndCall(call.id, "center"))
    assert set(plan_of(scene.bridge).recording or ()) == {f"monitor{other.monitor}"}


def test_a_plan_that_is_not_recorded_reads_as_before() -> None:
    assert "recording" not in plan_of(Scene().bridge).to_dict()


def test_it_ends_with_the_session() -> None:
    scene = Scene()
    scene.do(commands.StartRecording("center"))
    assert kinds(scene.do(commands.CloseSession("center"))) == ["RecordingStopped", "SessionClosed"]
    assert scene.bridge.session.recording_since is None
    assert refused(scene, commands.StartRecording("center")).code == "session_state"


def test_from_the_opening_on() -> None:
    scene = Scene(opened=False)
    prepare = commands.PrepareSession("Họp", "meeting", ("79",), "79", "center", "from_open")
    assert scene.do(prepare)[0] == events.SessionPrepared(START, "Họp", "meeting", ("79",), "79", 1, "center", "from_open")
    assert kinds(scene.do(commands.OpenSession("", "center"))) == ["SessionOpened", "RecordingStarted"]
    assert scene.bridge.session.recording_by == "center"


def test_another_way_of_recording_is_refused() -> None:
    scene = Scene(opened=False)
    error: BridgeError = refused(scene, commands.PrepareSession("Họp", "meeting", ("79",), "79", "x", "always"))
    assert error.code == "bad_session"
