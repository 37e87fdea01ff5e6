"""The frames between signaling and the desk check."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stills import wire
from stills.wire import HEAD_BYTES, Hello, Kind, Question, WireError

STILL = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1), st.binary(max_size=50))
RUN = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(lambda run: (min(run), max(run)))
QUESTION = st.builds(
    Question,
    st.integers(0, 2**31),
    st.sampled_from(["sheets", "jpeg", "numbers"]),
    st.lists(RUN, max_size=5).map(tuple),
    st.integers(0, 2**53),
    st.sampled_from(["small", "medium"]),
)


def body_of(frame: bytes, kind: Kind) -> bytes:
    found, size = wire.read_frame_head(frame[:HEAD_BYTES])
    assert (found, size) == (kind, len(frame) - HEAD_BYTES)
    return frame[HEAD_BYTES:]


@given(st.lists(STILL, max_size=5))
def test_stills_come_out_as_they_went_in(stills: list[tuple[int, int, bytes]]) -> None:
    assert list(wire.read_stills(body_of(wire.stills_frame(stills), Kind.STILLS))) == stills


@given(QUESTION)
def test_questions_come_out_as_they_went_in(question: Question) -> None:
    assert wire.read_question(body_of(wire.ask_frame(question), Kind.ASK)) == question


@given(st.integers(0, 2**32 - 1), st.none() | st.binary(max_size=20))
def test_answers_come_out_as_they_went_in(number: int, answer: bytes | None) -> None:
    assert wire.read_answer(body_of(wire.answer_frame(number, answer), Kind.ANSWER)) == (number, answer)


def test_hello_and_indices() -> None:
    hello = Hello("secret", "b5c1", 11_367)
    assert wire.read_hello(body_of(wire.hello_frame(hello), Kind.HELLO)) == hello
    assert wire.read_indices(body_of(wire.indices_frame(Kind.FORGET, (3, 11_366)), Kind.FORGET)) == (3, 11_366)


@pytest.mark.parametrize("head", [b"\0\0\0\0\1", b"\xff\xff\xff\xff\2", b"\0\0\0\5\0", b"\0\0\0\5\x63"])
def test_strange_frames_are_refused(head: bytes) -> None:
    with pytest.raises(WireError):
        wire.read_frame_head(head)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"nonsense",
        b'{"id": 1, "what": "sheets", "runs": [[3, 1]], "after": 0, "size": "small"}',
        b'{"id": 1, "what": "sheets", "runs": [[-1, 1]], "after": 0, "size": "small"}',
        b'{"id": 1, "what": "secrets", "runs": [], "after": 0, "size": "small"}',
        b'{"id": 1, "what": "sheets", "runs": [], "after": 0, "size": "huge"}',
    ],
)
def test_strange_questions_are_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        wire.read_question(body)


def test_a_hello_does_not_repeat_the_secret_in_its_error() -> None:
    for body in (b'{"secret": "hunter2"}', b'{"secret": "hunter2", "directory": "x", "points": 5000000}'):
        with pytest.raises(WireError) as caught:
            wire.read_hello(body)
        assert "hunter2" not in str(caught.value)


@given(st.binary(max_size=200))
def test_nothing_else_escapes(data: bytes) -> None:
    for read in (
        wire.read_hello,
        wire.read_question,
        wire.read_indices,
        wire.read_answer,
        lambda body: list(wire.read_stills(body)),
    ):
        with contextlib.suppress(WireError):
            read(data)
