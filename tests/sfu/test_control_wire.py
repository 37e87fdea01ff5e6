"""The control connection's lines: what is a request, and that nothing else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu import control_wire as wire

PEER = "a" * 22
GOOD = [
    ({"id": 0, "op": "hello", "secret": "s"}, wire.Hello),
    (
        {
            "id": 1,
            "op": "join_viewer",
            "session": "main",
            "peer": PEER,
            "owner": None,
            "video": ["main"],
            "audio": [],
            "offer": "v=0",
        },
        wire.JoinViewer,
    ),
    ({"id": 2, "op": "join_viewer", "session": "main", "peer": PEER, "video": [], "audio": [], "offer": ""}, wire.JoinViewer),
    (
        {"id": 3, "op": "join_publisher", "session": "main", "peer": PEER, "feed": "point:26740-2", "offer": ""},
        wire.JoinPublisher,
    ),
    ({"id": 4, "op": "restart", "peer": PEER, "ufrag": "abcd", "pwd": "p" * 22}, wire.Restart),
    ({"id": 5, "op": "leave", "peer": PEER}, wire.Leave),
    ({"id": 6, "op": "stats"}, wire.Stats),
    ({"id": 7, "op": "move", "peer": PEER, "session": "hop-2026"}, wire.Move),
    ({"id": 8, "op": "limit", "peer": PEER, "level": "sound"}, wire.Limit),
]


@pytest.mark.parametrize(("fields", "kind"), GOOD)
def test_requests_are_read(fields: dict[str, object], kind: type) -> None:
    request = wire.parse_request(json.dumps(fields).encode() + b"\n")
    assert type(request) is kind
    assert request.id == fields["id"]


BAD = [
    b"",
    b"\n",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b'{"op":"hello","secret":"s"}',
    b'{"id":"x","op":"stats"}',
    b'{"id":1,"op":"explode"}',
    b'{"id":1,"op":"stats","more":1}',
    b'{"id":1,"op":"leave","peer":"short"}',
    b'{"id":1,"op":"leave","peer":"aaaaaaaaaaaaaaaaaaaaaa\\n"}',
    b'{"id":1,"op":"leave","peer":"aaaaaaaaaaaa/../aaaaaa"}',
    b'{"id":1,"op":"hello","secret":"\\ud800"}',
    b'{"id":1,"op":"move","peer":"aaaaaaaaaaaaaaaaaaaaaa"}',
    b'{"id":1,"op":"limit","peer":"aaaaaaaaaaaaaaaaaaaaaa","level":"none"}',
    b'{"id":1,"op":"move","peer":"aaaaaaaaaaaaaaaaaaaaaa","session":"../other"}',
    json.dumps({**GOOD[2][0], "video": ["m"] * 9}).encode(),
    json.dumps({**GOOD[2][0], "offer": "x" * (wire.OFFER_CHARACTERS_MAX + 1)}).encode(),
    b"[" * 10_000,
]


@pytest.mark.parametrize("line", BAD, ids=range(len(BAD)))
def test_anything_else_is_the_one_error(line: bytes) -> None:
    with pytest.raises(wire.ControlError):
        wire.parse_request(line)


def test_an_error_does_not_repeat_the_line() -> None:
    """It may hold the secret."""
    with pytest.raises(wire.ControlError) as caught:
        wire.parse_request(b'{"id":1,"op":"hello","secret":["hunter2"]}')
    assert "hunter2" not in str(caught.value)


@given(st.binary(max_size=60))
def test_no_bytes_make_another_exception(line: bytes) -> None:
    with pytest.raises(wire.ControlError):
        wire.parse_request(line)


def test_answers_are_one_line_each() -> None:
    assert wire.answer(3, {"answer": "v=0\r\n"}) == b'{"id":3,"ok":{"answer":"v=0\\r\\n"}}\n'
    assert json.loads(wire.refusal(None, "bad_request", "không")) == {
        "id": None,
        "error": {"code": "bad_request", "message": "không"},
    }
