"""Talkback: who may speak to whom, how it ends, and in which slot of whose viewer it is heard."""

import pytest

from bridge import talkback_events as events
from bridge.bridge import Bridge
from bridge.commands import CancelCall, CloseSession, EndCall, PointLeft, TakeCall, TakeOffAir
from bridge.errors import BridgeError
from bridge.ids import is_talk_feed, talk_feed
from bridge.stage import Plan, plan_of
from bridge.talkback import RENEW_EVERY_MS, TALK_MS
from bridge.talkback_commands import StartTalkback, StopTalkback
from tests.bridge.scene import FAR, OTHER, WARD, Scene

A, B, C = f"point:{WARD}", f"point:{OTHER}", f"point:{FAR}"
LAN, MINH = "operator:lan", "operator:minh"
VOICE = f"talk:{LAN}"


def refusal(scene: Scene, command: StartTalkback) -> str:
    with pytest.raises(BridgeError) as raised:
        scene.do(command)
    return raised.value.code


def private(scene: Scene) -> dict[str, dict[str, list[str]]]:
    plan = plan_of(scene.bridge)
    return {owner: {slot: list(feeds) for slot, feeds in own.items()} for owner, own in plan.private.items()}


def test_one_point_alone_gets_the_voice_and_nobody_elses_slots_change() -> None:
    scene = Scene()
    call = scene.connect()
    before = plan_of(scene.bridge)
    assert scene.do(StartTalkback(call.id, LAN)) == [events.TalkbackStarted(scene.now, call.id, LAN, scene.now + TALK_MS)]
    assert private(scene) == {A: {"guest2": [VOICE]}}
    assert plan_of(scene.bridge).slots == before.slots
    assert plan_of(scene.bridge).version == before.version + 1
    assert scene.do(StopTalkback(call.id, LAN)) == [events.TalkbackStopped(scene.now, call.id, LAN)]
    assert plan_of(scene.bridge) == Plan("main", before.version + 2, before.slots)


def test_on_air_the_voice_takes_the_slot_of_the_points_own_voice() -> None:
    scene = Scene()
    first, second = scene.connect(WARD), scene.connect(OTHER)
    scene.do(TakeCall(first.id, "center"))
    scene.do(StartTalkback(first.id, LAN))
    assert private(scene) == {A: {"guest1": [VOICE, A]}}
    scene.do(TakeCall(second.id, "center"))
    assert private(scene) == {A: {"guest1": [VOICE, A]}}, "the other guest is heard as before"
    scene.do(TakeOffAir(first.id, "center"))
    assert private(scene) == {A: {"guest1": [VOICE]}}, "the slot that is free now"


def test_off_air_beside_two_guests_it_is_the_one_that_is_not_in_the_main_picture() -> None:
    scene = Scene()
    first, second, third = scene.connect(WARD), scene.connect(OTHER), scene.connect(FAR)
    scene.do(StartTalkback(third.id, LAN))
    assert private(scene) == {C: {"guest2": [VOICE]}}
    scene.do(TakeCall(first.id, "center"))
    assert private(scene) == {C: {"guest2": [VOICE]}}
    scene.do(TakeCall(second.id, "center"))
    assert plan_of(scene.bridge).slots["main"][0] == B
    assert private(scene) == {C: {"guest1": [VOICE, A]}}
    assert all("center" not in own for own in private(scene).values())


def test_only_an_answered_call_that_goes_on() -> None:
    scene = Scene()
    ringing = scene.deliver()
    assert refusal(scene, StartTalkback(ringing.id, LAN)) == "talkback_state"
    assert refusal(scene, StartTalkback("c9", LAN)) == "unknown_call"
    scene.do(CancelCall(ringing.id, "center"))
    assert refusal(scene, StartTalkback(ringing.id, LAN)) == "talkback_state"
    answered = scene.answer(OTHER)
    assert scene.do(StartTalkback(answered.id, LAN))


def test_one_talker_a_call_and_one_call_a_talker() -> None:
    scene = Scene()
    first, second = scene.connect(WARD), scene.connect(OTHER)
    scene.do(StartTalkback(first.id, LAN))
    assert refusal(scene, StartTalkback(first.id, MINH)) == "talkback_taken"
    assert scene.do(StopTalkback(first.id, MINH)) == [], "nobody is silenced by another"
    assert [type(event) for event in scene.do(StartTalkback(second.id, LAN))] == [events.TalkbackStopped, events.TalkbackStarted]
    assert private(scene) == {B: {"guest2": [VOICE]}}
    scene.do(StartTalkback(first.id, MINH))
    assert set(private(scene)) == {A, B}


def test_it_ends_when_nobody_renews_it_and_not_before() -> None:
    scene = Scene()
    call = scene.connect()
    scene.do(StartTalkback(call.id, LAN))
    started = scene.now
    assert scene.do(StartTalkback(call.id, LAN), RENEW_EVERY_MS - 1) == [], "too soon to be written"
    assert scene.bridge.next_timeout() == started + TALK_MS
    assert scene.do(StartTalkback(call.id, LAN), 1) == [events.TalkbackRenewed(scene.now, call.id, scene.now + TALK_MS)]
    assert scene.tick(TALK_MS - 1) == []
    assert scene.tick(1) == [events.TalkbackStopped(scene.now, call.id, "clock")]
    assert scene.bridge.next_timeout() is None
    assert private(scene) == {}


@pytest.mark.parametrize("ending", ["end", "fail", "close"])
def test_it_ends_with_its_call(ending: str) -> None:
    scene = Scene()
    call = scene.connect()
    scene.do(StartTalkback(call.id, LAN))
    if ending == "end":
        scene.do(EndCall(call.id, "center"))
    elif ending == "close":
        scene.do(CloseSession("center"))
    else:
        scene.do(PointLeft(WARD, "lost"))
        scene.media(WARD, "audio", flowing=False)
        scene.media(WARD, "video", flowing=False)
        scene.tick(scene.bridge.rules.reconnect_grace_ms)
    assert call.is_over
    assert private(scene) == {}
    assert not scene.bridge.state.talks
    assert scene.do(StopTalkback(call.id, LAN)) == []
    assert scene.tick(2 * TALK_MS) == []


def test_the_trail_says_who_spoke_and_keeps_room_for_what_the_machine_says() -> None:
    scene = Scene()
    call = scene.connect()
    for _ in range(40):
        scene.do(StartTalkback(call.id, LAN), 1_000)
        scene.do(StopTalkback(call.id, LAN), 1_000)
    said = [(entry.what, entry.by) for entry in call.trail if entry.what.startswith("talkback")]
    assert said[:2] == [("talkback", LAN), ("talkback_over", LAN)]
    assert call.notes == 32
    assert call.can_note


def test_a_replay_gives_the_same_plan_and_the_same_talk() -> None:
    scene = Scene()
    call = scene.connect()
    scene.do(StartTalkback(call.id, LAN))
    again = Bridge("main", scene.bridge.directory)
    for event in scene.log:
        again.apply(event)
    assert again.snapshot() == scene.bridge.snapshot()
    assert plan_of(again).to_dict()["private"] == {A: {"guest2": [VOICE]}}
    with pytest.raises(BridgeError):
        again.apply(events.TalkbackStarted(scene.now, call.id, MINH, scene.now))
    with pytest.raises(BridgeError):
        again.apply(events.TalkbackStopped(scene.now, "c7", LAN))


def test_a_feeds_name_is_one_that_nodes_take_whatever_the_subject() -> None:
    assert talk_feed(LAN) == VOICE
    assert talk_feed("xin chào") != talk_feed("xin chao")
    for subject in ("a" * 76, "có dấu", "two words", ""):
        assert len(talk_feed(subject)) <= 80
        assert is_talk_feed(talk_feed(subject))
        assert " " not in talk_feed(subject)
    assert not is_talk_feed("center")
