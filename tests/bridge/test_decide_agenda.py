"""The agenda from command to state: eight provinces in turn, one that cannot be reached, refusals."""

import pytest

from bridge.agenda_commands import AgendaEntry, NextSpeaker, SetAgenda, SkipSpeaker
from bridge.commands import AnswerCall, CloseSession, Command, ConfirmRing, EndCall, GiveFloor, RingSent, TakeBackFloor
from bridge.floor import MAX_FLOOR_MS
from bridge.units import Directory, Unit, one_point_each
from tests.bridge.scene import FAR, OTHER, SEEN, WARD, Scene, kinds, refused

PROVINCES = tuple(f"T{number}" for number in range(1, 9))


def eight() -> Scene:
    """Eight provinces, all there, on the agenda with three minutes each."""
    units = [Unit("VN", "Việt Nam"), *(Unit(code, f"Tỉnh {code}", "VN") for code in PROVINCES)]
    scene = Scene(directory=Directory(units, one_point_each(units)))
    scene.arrive(*PROVINCES)
    scene.do(SetAgenda(tuple(AgendaEntry(code, "Chống dịch", 180_000) for code in PROVINCES), "center"))
    return scene


def comes_on_air(scene: Scene, point: str) -> None:
    call = scene.bridge.active_call(point)
    assert call is not None
    for command in (RingSent(call.id), ConfirmRing(call.id, SEEN), AnswerCall(call.id, SEEN)):
        scene.do(command, 100)
    scene.media(point, "video")


def states(scene: Scene) -> list[str]:
    return [item.state.value for item in scene.bridge.state.agenda.items.values()]


def test_eight_in_turn_with_clocks() -> None:
    scene = eight()
    for number, point in enumerate(PROVINCES):
        assert scene.bridge.next_speaker() == point
        assert kinds(scene.do(NextSpeaker("center")))[0] == "AgendaItemCalled"
        assert states(scene)[number] == "called"
        comes_on_air(scene, point)
        holder = scene.bridge.state.floor.holder
        assert holder is not None
        assert (holder.point, holder.deadline) == (point, scene.now + 180_000)
        assert [call.point for call in scene.bridge.on_air()] == [point]
        assert states(scene) == ["done"] * number + ["speaking"] + ["waiting"] * (7 - number)
        scene.tick(60_000 + number * 1_000)
        call = scene.bridge.active_call(point)
        assert call is not None
        scene.do(TakeBackFloor(point, "center"))
        scene.do(EndCall(call.id, "center"))
    assert states(scene) == ["done"] * 8
    assert [item.spoken_ms for item in scene.bridge.state.agenda.items.values()] == [60_000 + n * 1_000 for n in range(8)]
    assert scene.bridge.state.agenda.spoken_ms == {point: 60_000 + n * 1_000 for n, point in enumerate(PROVINCES)}
    assert refused(scene, NextSpeaker("center")).code == "agenda_over"
    assert scene.replayed().snapshot() == scene.bridge.snapshot()


def small(*points: str) -> Scene:
    scene = Scene()
    scene.do(SetAgenda(tuple(AgendaEntry(point, "") for point in points), "center"))
    return scene


def test_next_takes_the_floor_from_who_speaks() -> None:
    scene = small(WARD, FAR)
    scene.connect(WARD)
    scene.connect(FAR)
    scene.do(NextSpeaker("center"))
    assert states(scene) == ["speaking", "waiting"]
    happened = kinds(scene.do(NextSpeaker("center"), 5_000))
    assert happened[:3] == ["AgendaItemCalled", "FloorTakenBack", "CallTakenOffAir"]
    assert states(scene) == ["done", "speaking"]
    assert scene.bridge.state.agenda.items["i1"].spoken_ms == 5_000


def test_one_that_is_offline_is_missed_and_has_a_second_try() -> None:
    scene = small(WARD, FAR)
    assert kinds(scene.do(NextSpeaker("center"))) == ["CallPlaced", "CallFailed", "AgendaItemMissed"]
    assert states(scene) == ["missed", "waiting"]
    scene.connect(FAR)
    scene.do(NextSpeaker("center"))
    assert states(scene) == ["missed", "speaking"]
    scene.connect(WARD)
    scene.do(NextSpeaker("center"))
    assert states(scene) == ["speaking", "done"]
    assert scene.bridge.state.agenda.items["i1"].tries == 2


def test_one_that_does_not_answer_is_missed() -> None:
    scene = small(WARD, FAR)
    scene.arrive(WARD)
    scene.do(NextSpeaker("center"))
    assert states(scene) == ["called", "waiting"]
    scene.tick(60_000)
    assert states(scene) == ["missed", "waiting"]


def test_giving_the_floor_by_hand_is_on_the_agenda_too() -> None:
    scene = small(WARD, FAR)
    scene.connect(FAR)
    scene.do(GiveFloor(FAR, 0, "center"))
    assert states(scene) == ["waiting", "speaking"]


def test_skipping() -> None:
    scene = small(WARD, FAR)
    scene.do(SkipSpeaker("i1", "center"))
    assert scene.bridge.next_speaker() == FAR
    assert refused(scene, SkipSpeaker("i1", "center")).code == "agenda_state"
    assert refused(scene, SkipSpeaker("i9", "center")).code == "unknown_item"


def test_it_is_changed_while_somebody_speaks() -> None:
    scene = small(WARD, FAR)
    scene.connect(WARD)
    scene.do(NextSpeaker("center"))
    assert refused(scene, SetAgenda((AgendaEntry(OTHER, ""),), "center")).code == "agenda_holder"
    scene.do(SetAgenda((AgendaEntry(OTHER, ""), AgendaEntry(WARD, "thêm", 0, "i1")), "center"))
    assert [(item.id, item.state.value) for item in scene.bridge.state.agenda.items.values()] == [
        ("i3", "waiting"),
        ("i1", "speaking"),
    ]


def test_before_the_session_opens_and_not_after_its_end() -> None:
    scene = Scene(opened=False)
    assert kinds(scene.do(SetAgenda((AgendaEntry(WARD, ""),), "center"))) == ["AgendaSet"]
    assert refused(scene, NextSpeaker("center")).code == "session_state"
    scene = small(WARD)
    scene.connect(WARD)
    scene.do(NextSpeaker("center"))
    scene.do(CloseSession("center"), 9_000)
    assert (states(scene), scene.bridge.state.agenda.spoken_ms) == (["done"], {WARD: 9_000})
    assert refused(scene, SetAgenda((), "center")).code == "session_state"


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ((AgendaEntry("stranger", ""),), "unknown_point"),
        ((AgendaEntry(WARD, "", 999),), "floor_duration"),
        ((AgendaEntry(WARD, "", MAX_FLOOR_MS + 1),), "floor_duration"),
        ((AgendaEntry(WARD, "", 0, "i9"),), "unknown_item"),
        ((AgendaEntry(FAR, "", 0, "i1"),), "agenda_point"),
        ((AgendaEntry(WARD, "", 0, "i1"), AgendaEntry(WARD, "", 0, "i1")), "agenda_items"),
        ((AgendaEntry(WARD, ""),) * 101, "agenda_items"),
    ],
)
def test_refusals(items: tuple[AgendaEntry, ...], code: str) -> None:
    command: Command = SetAgenda(items, "center")
    assert refused(small(WARD), command).code == code
