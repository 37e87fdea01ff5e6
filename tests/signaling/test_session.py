"""The conversation without a socket, in virtual time."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.errors import REFUSALS
from signaling.messages import (
    Ack,
    CallMessage,
    CallView,
    Frame,
    MediaState,
    SessionRef,
    Stage,
    StageMessage,
    Tick,
    Welcome,
    parse_server_message,
)
from signaling.point_messages import HangUp
from signaling.session import MESSAGES_BURST, HelloReceived, MessageReceived, Outgoing, Refusing, SignalingSession, State
from tests.signaling.world import point_hello

HELLO = json.dumps(point_hello(secret="s" * 22))
HANG_UP = '{"type":"hang_up","call":"c1"}'
STAGE = Stage(session_state="open", center_live=False, on_air=())


def welcome() -> Welcome:
    return Welcome(
        session=SessionRef(id="main", title="x"),
        role="point",
        point=None,
        subject="point:1",
        token="t",
        token_expires_at=1,
        media=MediaState(ready=True, epoch="e"),
        stage=STAGE,
        call=None,
        at=1,
    )


def session(queue_limit: int = 8, now: float = 0.0) -> SignalingSession:
    return SignalingSession(now=now, hello_timeout_s=5, slow_close_s=8, queue_limit=queue_limit)


def welcomed(queue_limit: int = 8) -> SignalingSession:
    made = session(queue_limit)
    made.receive_message(HELLO, 0.0)
    made.events()
    made.welcome(welcome(), 0.0)
    assert kinds(made) == ["welcome"]
    return made


def taken(made: SignalingSession, limit: int | None = None) -> list[dict[str, Any]]:
    texts = made.messages_to_send(limit)
    for text in texts:
        parse_server_message(text)
    return [json.loads(text) for text in texts]


def kinds(made: SignalingSession) -> list[str]:
    return [message["type"] for message in taken(made)]


def ack(number: int) -> Outgoing:
    return Outgoing(Ack(id=number, at=1, call=None))


def stage(is_live: bool) -> Outgoing:
    return Outgoing(StageMessage(stage=STAGE.model_copy(update={"center_live": is_live})), "stage")


def frame(version: int) -> Outgoing:
    return Outgoing(Frame(version=version, directory="d", count=0, states=""), "frame")


def call(call_id: str, state: str) -> Outgoing:
    empty = dict.fromkeys(CallView.model_fields)
    view = CallView.model_validate(
        empty | {"id": call_id, "point": "1", "point_name": "x", "state": state, "by": "c", "trail": (), "record": call_id}
    )
    return Outgoing(CallMessage(call=view), f"call:{call_id}")


def test_hello_then_welcome_then_messages() -> None:
    made = session()
    made.receive_message(HELLO, 1.0)
    (event,) = made.events()
    assert isinstance(event, HelloReceived)
    assert event.hello.session == "main"
    assert made.state is State.CHECKING
    made.welcome(welcome(), 1.0)
    made.receive_message(HANG_UP, 1.0)
    assert made.events() == [MessageReceived(HangUp(type="hang_up", call="c1"))]
    assert made.events() == []
    assert kinds(made) == ["welcome"]


def test_nothing_is_sent_before_the_welcome() -> None:
    made = session()
    made.send(stage(True), 0.0)
    made.send_changes(1, [(0, 1)], 0.0)
    made.receive_message(HELLO, 0.0)
    made.send(stage(True), 0.0)
    assert taken(made) == []


@pytest.mark.parametrize("text", [HANG_UP, "{", "", '{"type":"welcome"}'])
def test_anything_but_hello_first_ends_it(text: str) -> None:
    made = session()
    made.receive_message(text, 0.0)
    assert made.events() == [Refusing("bad_message")]
    assert made.close_code == 4400
    (refused,) = taken(made)
    assert refused["type"] == "refused"
    assert made.state is State.CLOSED


def test_hello_twice_ends_it() -> None:
    made = welcomed()
    made.receive_message(HELLO, 0.0)
    assert made.close_code == 4400


def test_garbage_ends_it() -> None:
    made = welcomed()
    made.receive_garbage(0.0)
    assert made.close_code == 4400
    made.receive_garbage(0.0)
    assert kinds(made) == ["refused"]


def test_binary_is_for_welcomed_clients_only() -> None:
    assert welcomed().receive_binary(0.0)
    made = session()
    assert not made.receive_binary(0.0)
    assert made.close_code == 4400
    assert not made.receive_binary(0.0)


def test_binary_counts_as_messages_do() -> None:
    made = welcomed()
    assert [made.receive_binary(0.0) for _ in range(MESSAGES_BURST + 2)].count(True) in {MESSAGES_BURST, MESSAGES_BURST - 1}
    assert made.close_code == 4429


def test_hello_timeout() -> None:
    made = session(now=100.0)
    assert made.next_timeout() == 105.0
    made.handle_timeout(104.9)
    assert made.state is State.AWAITING_HELLO
    made.handle_timeout(105.0)
    assert made.close_code == 4408
    assert kinds(made) == ["refused"]
    assert made.events() == [Refusing("hello_timeout")]


def test_hello_in_time_stops_that_clock() -> None:
    made = session()
    made.receive_message(HELLO, 4.9)
    assert made.next_timeout() is None
    made.handle_timeout(1000.0)
    assert made.state is State.CHECKING


def test_refusal_by_the_hub_is_the_last_word() -> None:
    made = welcomed()
    made.send(ack(1), 0.0)
    made.refuse(REFUSALS["replaced"], 0.0)
    made.send(ack(2), 0.0)
    made.refuse(REFUSALS["restarting"], 0.0)
    made.receive_message(HANG_UP, 0.0)
    (refused,) = taken(made)
    assert refused["error"]["code"] == "replaced"
    assert made.close_code == 4409
    assert made.events() == []


def test_welcome_after_the_end_is_nothing() -> None:
    made = session()
    made.receive_message(HELLO, 0.0)
    made.receive_close()
    made.welcome(welcome(), 0.0)
    made.refuse(REFUSALS["replaced"], 0.0)
    assert taken(made) == []
    assert made.close_code is None


def test_a_flood_of_messages_ends_it() -> None:
    made = welcomed()
    for _ in range(61):
        made.receive_message(HANG_UP, 0.0)
    assert made.close_code == 4429
    assert len(made.events()) == 60 - 1 + 1  # 59 messages after the hello, and the refusal
    (refused,) = taken(made)
    assert refused["error"]["code"] == "too_many"


def test_twenty_a_second_are_fine_for_ever() -> None:
    made = welcomed()
    for number in range(2000):
        made.receive_message(HANG_UP, number / 20)
    assert made.close_code is None


def test_latest_state_wins() -> None:
    made = welcomed()
    for number in range(100):
        made.send(stage(bool(number % 2)), 0.0)
        made.send(Outgoing(Tick(at=number), "tick"), 0.0)
    messages = taken(made)
    assert [message["type"] for message in messages] == ["stage", "tick"]
    assert messages[0]["stage"]["center_live"] is True
    assert messages[1]["at"] == 99
    assert made.merged == 198


def test_acks_are_never_merged_and_stay_in_order() -> None:
    made = welcomed()
    for number in range(5):
        made.send(ack(number), 0.0)
        made.send(stage(True), 0.0)
    assert [message.get("id", message["type"]) for message in taken(made)] == [0, 1, 2, 3, 4, "stage"]


def test_a_newer_message_never_overtakes_one_about_the_same_call() -> None:
    made = welcomed()
    made.send(call("c1", "ringing"), 0.0)
    made.send(call("c2", "ringing"), 0.0)
    made.send(call("c1", "ended"), 0.0)
    assert [(m["call"]["id"], m["call"]["state"]) for m in taken(made)] == [("c2", "ringing"), ("c1", "ended")]


def test_changes_are_merged_and_absorbed_by_a_frame() -> None:
    made = welcomed()
    made.send_changes(1, [(0, 1), (5, 1)], 0.0)
    made.send_changes(2, [(5, 7)], 0.0)
    assert taken(made) == [{"type": "changes", "version": 2, "changes": [[0, 1], [5, 7]]}]
    made.send_changes(3, [(1, 1)], 0.0)
    made.send(frame(4), 0.0)
    made.send_changes(5, [(2, 2)], 0.0)
    messages = taken(made)
    assert [(message["type"], message["version"]) for message in messages] == [("frame", 4), ("changes", 5)]
    assert messages[1]["changes"] == [[2, 2]]


def test_a_client_that_never_reads_is_too_slow_after_eight_seconds() -> None:
    made = welcomed()
    made.send(ack(1), 10.0)
    assert made.next_timeout() == 18.0
    made.handle_timeout(17.9)
    assert not made.is_over
    made.handle_timeout(18.0)
    assert made.state is State.CLOSED
    assert made.close_code == 4429
    assert made.events() == [Refusing("too_slow")]
    assert taken(made) == [], "what is said would only wait behind what was not read"


def test_replacing_a_message_does_not_make_it_young() -> None:
    made = welcomed()
    for second in range(8):
        made.send(stage(bool(second % 2)), float(second))
    assert made.next_timeout() == 8.0
    made.handle_timeout(8.0)
    assert made.close_code == 4429


def test_merging_changes_does_not_make_them_young() -> None:
    made = welcomed()
    made.send_changes(1, [(0, 1)], 1.0)
    made.send_changes(2, [(0, 2)], 7.0)
    assert made.next_timeout() == 9.0


def test_reading_in_time_stops_the_clock() -> None:
    made = welcomed()
    made.send(ack(1), 0.0)
    made.send(ack(2), 5.0)
    assert len(taken(made, limit=1)) == 1
    assert made.next_timeout() == 13.0
    assert len(taken(made)) == 1
    assert made.next_timeout() is None


def test_a_full_queue_ends_it_and_says_what_was_dropped() -> None:
    made = welcomed(queue_limit=4)
    for number in range(5):
        made.send(ack(number), 0.0)
    assert made.close_code == 4429
    assert made.dropped == 5
    made.send(ack(9), 0.0)
    assert taken(made) == []


def test_a_full_queue_still_takes_a_newer_state_of_what_waits() -> None:
    made = welcomed(queue_limit=4)
    made.send(stage(False), 0.0)
    for number in range(3):
        made.send(ack(number), 0.0)
    made.send(stage(True), 0.0)
    assert not made.is_over
    assert len(taken(made)) == 4


def test_a_refused_client_that_does_not_read_is_let_go() -> None:
    made = welcomed()
    made.refuse(REFUSALS["replaced"], 0.0)
    assert made.next_timeout() == 8.0
    made.handle_timeout(8.0)
    assert made.state is State.CLOSED
    assert made.close_code == 4409


def test_a_message_is_encoded_once_for_all() -> None:
    outgoing = stage(True)
    first, second = welcomed(), welcomed()
    first.send(outgoing, 0.0)
    second.send(outgoing, 0.0)
    assert first.messages_to_send()[0] is second.messages_to_send()[0]


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["ack", "stage", "call", "changes", "frame", "take", "time", "hang", "garbage"]), st.integers(0, 5)
    ),
    max_size=80,
)


def operate(made: SignalingSession, name: str, number: int, version: int, now: float) -> None:
    """Do one of the things that a shell or a hub does."""
    actions: dict[str, Callable[[], object]] = {
        "ack": lambda: made.send(ack(number), now),
        "stage": lambda: made.send(stage(bool(number % 2)), now),
        "call": lambda: made.send(call(f"c{number}", "ringing"), now),
        "changes": lambda: made.send_changes(version, [(number, 1)], now),
        "frame": lambda: made.send(frame(version), now),
        "take": lambda: taken(made, limit=number),
        "time": lambda: made.handle_timeout(now),
        "hang": lambda: made.receive_message(HANG_UP, now),
        "garbage": lambda: made.receive_garbage(now) if number == 0 else None,
    }
    actions[name]()


@given(OPERATIONS)
def test_the_queue_never_exceeds_its_limit_whatever_happens(operations: list[tuple[str, int]]) -> None:
    made, now = welcomed(queue_limit=6), 0.0
    for version, (name, number) in enumerate(operations):
        now += number if name == "time" else 0
        operate(made, name, number, version, now)
        assert len(made._queue) <= 6
        due = made.next_timeout()
        assert due is None or due <= now + 8
    if made.close_code is not None:
        taken(made)
        assert made.state is State.CLOSED
