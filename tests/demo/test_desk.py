import random
from typing import Any

import pytest

from demo.cast import Character, Part
from demo.desk import CloseUplink, ConnectUplink, Desk, JoinProgramme, Send, StartSending


def desk_of(character: Character = Character.PROMPT) -> Desk:
    return Desk(Part("26740", "s", "Phường Bến Nghé", character=character), random.Random(1))


def welcome(call: dict[str, Any] | None = None, epoch: str = "e1", token: str = "t") -> dict[str, Any]:
    return {"type": "welcome", "token": token, "media": {"ready": True, "epoch": epoch}, "call": call}


def call(state: str, number: str = "c1") -> dict[str, Any]:
    return {"type": "call", "call": {"id": number, "state": state}}


def ring(number: str = "c1") -> dict[str, Any]:
    return {"type": "ring", "call": {"id": number, "state": "ringing"}}


def kinds(desk: Desk) -> list[str]:
    return [a.message["type"] if isinstance(a, Send) else type(a).__name__ for a in desk.actions()]  # type: ignore[misc]


def test_joins_the_programme_with_the_token_of_the_welcome() -> None:
    desk = desk_of()
    desk.receive_message(welcome(token="fresh"), 0)
    assert desk.actions() == [JoinProgramme("fresh")]
    assert desk.actions() == []
    assert desk.next_timeout() is None


def test_does_not_join_while_the_node_is_not_ready() -> None:
    desk = desk_of()
    desk.receive_message(welcome() | {"media": {"ready": False, "epoch": ""}}, 0)
    assert desk.actions() == []
    desk.receive_message({"type": "media", "ready": True, "epoch": "e1"}, 1)
    assert kinds(desk) == ["JoinProgramme"]


def test_confirms_the_ring_connects_at_once_and_answers_after_a_human_delay() -> None:
    desk = desk_of()
    desk.receive_message(welcome(), 0)
    desk.actions()
    desk.receive_message(ring(), 10)
    assert kinds(desk) == ["ringing", "ConnectUplink"]
    due = desk.next_timeout()
    assert due is not None
    assert 11 <= due <= 13
    desk.handle_timeout(due - 0.01)
    assert desk.actions() == []
    desk.handle_timeout(due)
    assert kinds(desk) == ["answer", "StartSending"]
    assert desk.is_sending


@pytest.mark.parametrize("state", ["queued", "ringing", "delivered"])
def test_the_way_to_the_answer_changes_nothing(state: str) -> None:
    desk = desk_of()
    desk.receive_message(ring(), 0)
    desk.actions()
    due = desk.next_timeout()
    desk.receive_message(call(state), 0.1)
    assert desk.actions() == []
    assert desk.next_timeout() == due


def test_a_ring_that_comes_again_is_confirmed_again_and_nothing_else() -> None:
    desk = desk_of()
    desk.receive_message(ring(), 0)
    desk.actions()
    due = desk.next_timeout()
    desk.receive_message(ring(), 0.5)
    assert kinds(desk) == ["ringing"]
    assert desk.next_timeout() == due


def test_the_silent_one_only_confirms() -> None:
    desk = desk_of(Character.SILENT)
    desk.receive_message(ring(), 0)
    assert kinds(desk) == ["ringing"]
    assert desk.next_timeout() is None
    desk.receive_message(call("failed"), 30)
    assert kinds(desk) == ["CloseUplink"]
    assert desk.call is None


def test_the_busy_one_declines_with_a_reason_and_never_sends() -> None:
    desk = desk_of(Character.BUSY)
    desk.receive_message(ring(), 0)
    desk.actions()
    desk.handle_timeout(3)
    (decline,) = desk.actions()
    assert isinstance(decline, Send)
    assert decline.message["type"] == "decline"
    assert decline.message["reason"]
    assert not desk.is_sending


@pytest.mark.parametrize("state", ["ended", "failed"])
def test_the_end_of_the_call_turns_the_camera_off(state: str) -> None:
    desk = desk_of()
    desk.receive_message(ring(), 0)
    desk.handle_timeout(5)
    desk.actions()
    desk.receive_message(call(state), 6)
    assert desk.actions() == [CloseUplink()]
    assert not desk.is_sending
    desk.receive_message(call(state), 7)
    assert desk.actions() == []


def test_news_of_an_older_call_changes_nothing() -> None:
    desk = desk_of()
    desk.receive_message(ring("c2"), 0)
    desk.actions()
    desk.receive_message(call("failed", "c1"), 1)
    assert desk.actions() == []
    assert desk.call == "c2"


def test_a_new_media_node_is_joined_again_after_a_pause_in_a_call_at_once_with_the_uplink() -> None:
    desk = desk_of()
    desk.receive_message(welcome(), 0)
    desk.receive_message(ring(), 0)
    desk.handle_timeout(5)
    desk.actions()
    desk.receive_message({"type": "media", "ready": True, "epoch": "e2"}, 10)
    assert desk.actions() == []
    due = desk.next_timeout()
    assert due is not None
    assert 10 <= due <= 10.3
    desk.handle_timeout(due)
    assert desk.actions() == [JoinProgramme("t"), ConnectUplink("t"), StartSending()]


def test_outside_a_call_the_pause_is_longer() -> None:
    desk = desk_of()
    desk.receive_message(welcome(), 0)
    desk.actions()
    desk.media_lost(10)
    due = desk.next_timeout()
    assert due is not None
    assert 10 <= due <= 13
    desk.media_lost(11)
    assert desk.next_timeout() == due, "a second loss does not postpone"


def test_the_same_epoch_after_a_reconnect_keeps_what_runs() -> None:
    desk = desk_of()
    desk.receive_message(welcome(), 0)
    desk.receive_message(ring(), 0)
    desk.handle_timeout(5)
    desk.actions()
    desk.receive_message(welcome({"id": "c1", "state": "on_air"}), 6)
    assert desk.actions() == []


def test_a_call_that_this_desk_forgot_is_taken_up_again() -> None:
    desk = desk_of()
    desk.receive_message(welcome({"id": "c1", "state": "on_air"}), 0)
    assert desk.actions() == [JoinProgramme("t"), ConnectUplink("t"), StartSending()]


def test_a_lost_uplink_is_connected_again_only_in_a_call() -> None:
    desk = desk_of()
    desk.receive_message(welcome(), 0)
    desk.actions()
    desk.uplink_lost()
    assert desk.actions() == []
    desk.receive_message(ring(), 0)
    desk.actions()
    desk.uplink_lost()
    assert desk.actions() == [ConnectUplink("t")]
    desk.handle_timeout(5)
    desk.actions()
    desk.uplink_lost()
    assert desk.actions() == [ConnectUplink("t"), StartSending()]


def roll_call(presence: str, number: str = "r1") -> dict[str, Any]:
    return {"type": "roll_call", "roll_call": {"id": number, "presence": presence}}


def test_somebody_confirms_a_roll_call_once_after_a_human_delay() -> None:
    desk = desk_of()
    desk.receive_message(roll_call("waiting"), 10)
    desk.receive_message(roll_call("waiting"), 11)  # another deadline, the same question
    due = desk.next_timeout()
    assert due is not None
    assert 11 <= due <= 22
    desk.handle_timeout(due)
    (sent,) = desk.actions()
    assert isinstance(sent, Send)
    assert sent.message["roll_call"] == "r1"
    assert sent.message["name"]
    assert desk.next_timeout() is None
    desk.receive_message(roll_call("present"), 23)
    desk.receive_message(roll_call("waiting", "r2"), 30)
    assert desk.next_timeout() is not None


def test_nobody_at_the_desk_confirms_nothing_and_what_is_over_is_not_confirmed() -> None:
    silent = desk_of(Character.SILENT)
    silent.receive_message(roll_call("waiting"), 10)
    assert silent.next_timeout() is None
    late = desk_of()
    late.receive_message(roll_call("waiting"), 10)
    late.receive_message(roll_call("absent"), 11)
    assert late.next_timeout() is None
