"""The forwarding plan."""

from bridge.commands import CancelCall, CloseSession, EndCall, OpenSession, PlaceCall, RingSent, TakeCall, TakeOffAir
from bridge.stage import SLOT_NAMES, plan_of
from tests.bridge.scene import FAR, OTHER, WARD, Scene

A, B, C = f"point:{WARD}", f"point:{OTHER}", f"point:{FAR}"


def slots(scene: Scene) -> dict[str, list[str]]:
    """The slots that hold something."""
    return {name: list(feeds) for name, feeds in plan_of(scene.bridge).slots.items() if feeds}


def test_a_session_that_is_not_open_sends_nothing() -> None:
    scene = Scene(opened=False)
    assert slots(scene) == {}
    assert plan_of(scene.bridge).version == 0
    scene.do(OpenSession("x", "center"))
    assert slots(scene) == {"main": ["center"], "center": ["center"]}
    assert plan_of(scene.bridge).version == 1
    scene.do(CloseSession("center"))
    assert slots(scene) == {}
    assert plan_of(scene.bridge).version == 2


def test_a_call_has_its_monitor_from_ringing_to_the_end() -> None:
    scene = Scene()
    call = scene.place()
    assert "monitor1" not in slots(scene)
    scene.do(RingSent(call.id))
    assert slots(scene)["monitor1"] == [A]
    scene.do(CancelCall(call.id, "center"))
    assert "monitor1" not in slots(scene)


def test_monitors_are_given_lowest_first_and_kept() -> None:
    scene = Scene()
    first, second = scene.deliver(WARD), scene.deliver(OTHER)
    assert (first.monitor, second.monitor) == (1, 2)
    scene.do(CancelCall(first.id, "center"))
    third = scene.deliver(FAR)
    assert third.monitor == 1
    assert slots(scene) == {"main": ["center"], "center": ["center"], "monitor1": [C], "monitor2": [B]}


def test_one_on_air() -> None:
    scene = Scene()
    call = scene.connect()
    assert slots(scene) == {"main": ["center"], "center": ["center"], "monitor1": [A]}
    scene.do(TakeCall(call.id, "center"))
    assert slots(scene) == {
        "main": [A, "center"],
        "inset": ["center"],
        "center": ["center"],
        "guest1": [A],
        "monitor1": [A],
    }


def test_two_on_air_the_newest_first_and_voices_where_they_were() -> None:
    scene = Scene()
    first, second = scene.connect(WARD), scene.connect(OTHER)
    scene.do(TakeCall(first.id, "center"))
    scene.do(TakeCall(second.id, "center"))
    assert slots(scene)["main"] == [B, A, "center"]
    assert slots(scene)["inset"] == [A, "center"]
    assert (slots(scene)["guest1"], slots(scene)["guest2"]) == ([A], [B])
    scene.do(TakeOffAir(first.id, "center"))
    assert slots(scene)["main"] == [B, "center"]
    assert "guest1" not in slots(scene)
    assert slots(scene)["guest2"] == [B]
    scene.do(TakeCall(first.id, "center"))
    assert slots(scene)["main"] == [A, B, "center"]
    assert (slots(scene)["guest1"], slots(scene)["guest2"]) == ([A], [B])


def test_an_interrupted_guest_keeps_its_place() -> None:
    scene = Scene()
    call = scene.connect()
    scene.do(TakeCall(call.id, "center"))
    before = plan_of(scene.bridge)
    scene.media(WARD, "video", flowing=False)
    scene.media(WARD, "audio", flowing=False)
    assert call.interrupted_at is not None
    assert plan_of(scene.bridge) == before


def test_the_version_counts_changes_of_the_plan_only() -> None:
    scene = Scene()
    versions = [plan_of(scene.bridge).version]

    def grew() -> int:
        versions.append(plan_of(scene.bridge).version)
        return versions[-1] - versions[-2]

    scene.arrive(WARD, OTHER, FAR)
    assert grew() == 0
    scene.do(PlaceCall("79", "center"))
    assert grew() == 0, "an offline call has no monitor"
    call = scene.place()
    assert grew() == 0
    call = scene.connect(OTHER)
    assert grew() == 1, "one monitor"
    scene.do(TakeCall(call.id, "center"))
    assert grew() == 1
    scene.do(TakeOffAir(call.id, "center"))
    assert grew() == 1
    scene.do(TakeCall(call.id, "center"))
    assert grew() == 1
    scene.do(EndCall(call.id, "center"))
    assert grew() == 1


def test_the_plan_s_form() -> None:
    scene = Scene()
    call = scene.connect()
    scene.do(TakeCall(call.id, "center"))
    assert plan_of(scene.bridge).to_dict() == {
        "session": "main",
        "version": 3,
        "slots": {
            "main": [A, "center"],
            "inset": ["center"],
            "center": ["center"],
            "guest1": [A],
            "guest2": [],
            "monitor1": [A],
            "monitor2": [],
            "monitor3": [],
            "monitor4": [],
        },
        "private": {},
    }
    assert tuple(plan_of(scene.bridge).slots) == SLOT_NAMES


def test_two_plans_of_the_same_log_are_the_same() -> None:
    scene = Scene()
    scene.do(TakeCall(scene.connect(WARD).id, "center"))
    scene.do(TakeCall(scene.connect(FAR).id, "center"))
    assert plan_of(scene.replayed()) == plan_of(scene.bridge)
