"""PROTOCOL.md's examples, and what is no message of it."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import signaling.messages as m

PROTOCOL = (Path(m.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json (\w+)\n(.*?)\n```", PROTOCOL, re.DOTALL)
CLIENT = [body for kind, body in EXAMPLES if kind == "client"]
SERVER = [body for kind, body in EXAMPLES if kind == "server"]


def types_of(bodies: list[str]) -> set[str]:
    return {json.loads(body)["type"] for body in bodies}


@pytest.mark.parametrize("body", CLIENT)
def test_client_examples_are_messages(body: str) -> None:
    message = m.parse_client_message(body)
    given_fields = json.loads(body)
    dumped = message.model_dump(mode="json", exclude_unset=True)
    assert dumped == given_fields


@pytest.mark.parametrize("body", SERVER)
def test_server_examples_are_messages(body: str) -> None:
    assert json.loads(m.parse_server_message(body).model_dump_json()) == json.loads(body)


def test_every_message_has_an_example() -> None:
    named = {model.model_fields["type"].annotation for model in get_args(m.ServerMessage)}
    assert types_of(SERVER) == {get_args(annotation)[0] for annotation in named}
    assert types_of(CLIENT) == {
        "hello",
        "report",
        "ringing",
        "answer",
        "decline",
        "device_failed",
        "hang_up",
        "present",
        "ask_floor",
        "withdraw_floor",
        "limit_picture",
        "stills",
        "call_back",
        "explain",
        "confirm_alert",
        "confirm_shift",
        "acknowledge_directive",
        "send_proposal",
        "command",
    }
    kinds = {json.loads(body)["command"]["kind"] for body in CLIENT if '"command"' in body}
    assert kinds == {
        "start_recording",
        "place_call",
        "preview",
        "take",
        "off_air",
        "end_call",
        "cancel_call",
        "start_roll_call",
        "close_roll_call",
        "give_floor",
        "extend_floor",
        "take_back_floor",
        "withdraw_floor",
        "retry_call",
        "place_calls",
        "start_call_list",
        "next_call",
        "stop_call_list",
        "escalate",
        "mark_contact",
        "stop_escalation",
        "set_agenda",
        "next_speaker",
        "skip_speaker",
        "issue_directive",
        "withdraw_directive",
        "answer_proposal",
        "forward_proposal",
        "draw_points",
        "start_talkback",
        "stop_talkback",
    }


def test_server_messages_write_null_and_leave_nothing_out() -> None:
    for body in SERVER:
        message = m.parse_server_message(body)
        assert set(json.loads(message.model_dump_json())) == set(type(message).model_fields)


GOOD_HELLO: dict[str, Any] = {
    "type": "hello",
    "protocol": 1,
    "credential": {"kind": "point", "code": "26740", "secret": "s" * 22},
    "session": "main",
}


def changed(path: str, value: object) -> str:
    message = json.loads(json.dumps(GOOD_HELLO))
    target = message
    *parents, last = path.split(".")
    for name in parents:
        target = target[name]
    target[last] = value
    return json.dumps(message)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("protocol", 2),
        ("protocol", "1"),
        ("protocol", True),
        ("session", "../etc"),
        ("session", ""),
        ("session", "a" * 33),
        ("session", "main\n"),
        ("session", None),
        ("credential.code", "26740\n"),
        ("credential.code", "-1"),
        ("credential.code", "điểm"),
        ("credential.secret", ""),
        ("credential.secret", "s" * 65),
        ("credential.kind", "password"),
        ("credential.token", "x"),
        ("credential", "x"),
        ("extra", 1),
        ("report", {"visible": "yes"}),
        ("report", {"camera": "broken"}),
        ("report", {"rtt_ms": -1}),
        ("report", {"rtt_ms": 600_001}),
        ("report", {"device": "x" * 81}),
        ("report", {"other": 1}),
    ],
)
def test_hello_is_strict(path: str, value: object) -> None:
    with pytest.raises(m.MessageError):
        m.parse_client_message(changed(path, value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "1",
        '"hello"',
        "{",
        "{}",
        '{"type":"welcome"}',
        '{"type":["hello"]}',
        '{"type":"hang_up"}',
        '{"type":"hang_up","call":7}',
        '{"type":"command","id":-1,"command":{"kind":"take","call":"c1"}}',
        '{"type":"command","id":1.5,"command":{"kind":"take","call":"c1"}}',
        '{"type":"command","id":9007199254740992,"command":{"kind":"take","call":"c1"}}',
        '{"type":"command","id":1,"command":{"kind":"take","point":"1"}}',
        '{"type":"command","id":1,"command":{"kind":"open_session"}}',
        '{"type":"command","id":1,"command":{"kind":"start_roll_call","seconds":0}}',
        '{"type":"command","id":1,"command":{"kind":"start_roll_call","seconds":60.5}}',
        '{"type":"command","id":1,"command":{"kind":"start_roll_call","seconds":60,"units":[]}}',
        '{"type":"command","id":1,"command":{"kind":"start_roll_call","seconds":60,"units":["../x"]}}',
        '{"type":"command","id":1,"command":{"kind":"close_roll_call"}}',
        '{"type":"present","roll_call":"r1","name":"","report":{}}',
        '{"type":"present","roll_call":"r1","name":"' + "x" * 101 + '","report":{}}',
        '{"type":"present","roll_call":"r1","name":"Lan"}',
        '{"type":"report","report":{"rtt_ms":NaN}}',
        '{"type":"report","report":{"rtt_ms":1e999}}',
        '{"type":"decline","call":"c1","report":{},"reason":"' + "x" * 201 + '"}',
        "[" * 20_000,
        '{"type":"report","report":' * 5_000,
        "\ud800",
    ],
)
def test_what_is_no_message(text: str) -> None:
    with pytest.raises(m.MessageError):
        m.parse_client_message(text)


def test_a_message_over_the_limit_is_not_even_parsed() -> None:
    with pytest.raises(m.MessageError, match="too large"):
        m.parse_client_message(json.dumps(GOOD_HELLO) + " " * m.MAX_MESSAGE_BYTES)


def test_errors_never_repeat_what_was_sent() -> None:
    secret = "Sup3rS3cretValue"
    for text in (
        changed("credential.secret", secret * 5),
        changed(secret, 1),
        changed("credential." + secret, secret),
        '{"type":"' + secret + '"}',
        secret,
        changed("session", secret + "!"),
    ):
        with pytest.raises(m.MessageError) as raised:
            m.parse_client_message(text)
        assert secret not in str(raised.value)
        assert raised.value.__cause__ is None
        assert raised.value.__suppress_context__


@given(st.text())
def test_any_text_is_a_message_or_an_error(text: str) -> None:
    with contextlib.suppress(m.MessageError):
        m.parse_client_message(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=10), children, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(CLIENT), st.data())
def test_any_damage_to_an_example_is_a_message_or_an_error(body: str, data: st.DataObject) -> None:
    message = json.loads(body)
    name = data.draw(st.sampled_from(sorted(message)))
    message[name] = data.draw(JSON)
    with contextlib.suppress(m.MessageError):
        m.parse_client_message(json.dumps(message))


def test_the_state_frame_of_the_example() -> None:
    frame = json.loads(next(body for body in SERVER if '"frame"' in body))
    packed = base64.b64decode(frame["states"])
    nibbles = [packed[index >> 1] >> (0 if index & 1 else 4) & 15 for index in range(frame["count"])]
    assert nibbles == [0, 1, 0, 7, 0]
