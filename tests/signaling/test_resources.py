"""Resource ids, ICE generations and SDP fragments."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.resources import (
    Fragment,
    FragmentError,
    Resources,
    candidates_of,
    parse_fragment,
    restart_fragment,
    ufrag_of,
)

PWD = "p" * 22
TRICKLE = (
    f"a=ice-ufrag:EsAw\r\na=ice-pwd:{PWD}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
    "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n"
    "a=end-of-candidates\r\n"
)


def resources(limit: int = 100) -> Resources:
    counter = itertools.count()
    return Resources(b"k" * 32, lambda count: next(counter).to_bytes(count, "big"), limit)


def test_a_peer_belongs_to_its_door_session_and_subject() -> None:
    made = resources()
    peer = made.new_peer("whip", "main", "center")
    assert made.is_owner(peer, "whip", "main", "center")
    assert not made.is_owner(peer, "whep", "main", "center")
    assert not made.is_owner(peer, "whip", "other", "center")
    assert not made.is_owner(peer, "whip", "main", "point:1")
    assert not Resources(b"x" * 32, bytes).is_owner(peer, "whip", "main", "center")
    assert resources().is_owner(peer, "whip", "main", "center"), "another process with the same key knows it too"


@pytest.mark.parametrize("peer", ["", "x", "A" * 33, "A" * 34, "../" + "A" * 30, "é" * 33, "A" * 32 + "\n"])
def test_what_is_nobody_s(peer: str) -> None:
    assert not resources().is_owner(peer, "whip", "main", "center")


def test_ids_carry_128_random_bits() -> None:
    made = Resources(b"k" * 32, lambda count: b"\xff" * count)
    assert made.new_peer("whip", "main", "a")[:22] == made.new_peer("whip", "main", "b")[:22]
    assert resources().new_peer("whip", "main", "a") != made.new_peer("whip", "main", "a")
    assert len(made.new_peer("whip", "main", "a")) == 33


def test_generations() -> None:
    made = resources()
    first = made.remember("p", "EsAw")
    assert made.matches("p", first)
    assert made.matches("p", f'"other", {first}')
    assert made.matches("p", "*")
    assert not made.matches("p", '"other"')
    assert not made.matches("p", f"W/{first}"), "RFC 9110 §13.1.1: strong comparison"
    second = made.remember("p", "new0")
    assert second != first
    assert not made.matches("p", first)
    assert made.matches("p", second)


def test_trickling_repeats_the_credentials_and_a_restart_changes_them() -> None:
    made = resources()
    tag = made.remember("p", "EsAw")
    trickle = parse_fragment(TRICKLE.encode())
    assert not made.is_restart("p", tag, trickle)
    assert made.is_restart("p", tag, parse_fragment(TRICKLE.replace("EsAw", "other").encode()))
    assert not made.is_restart("p", "*", Fragment(None, None, "", "0"))


def test_what_is_not_remembered_still_works() -> None:
    made = resources()
    trickle = parse_fragment(TRICKLE.encode())
    assert made.matches("lost", '"ice-7"')
    assert not made.is_restart("lost", '"ice-7"', trickle)
    assert made.is_restart("lost", "*", trickle)
    assert not made.matches("lost", "nonsense")


def test_memory_is_bounded() -> None:
    made = resources(limit=3)
    for number in range(10):
        made.remember(str(number), "abcd")
    assert len(made) == 3
    made.forget("9")
    made.forget("9")
    assert len(made) == 2


def test_parse_fragment() -> None:
    assert parse_fragment(TRICKLE.encode()) == Fragment("EsAw", PWD, "m=audio 9 UDP/TLS/RTP/SAVPF 0", "0")
    assert parse_fragment(b"a=end-of-candidates") == Fragment(None, None, "m=audio 9 UDP/TLS/RTP/SAVPF 0", "0")
    assert parse_fragment(TRICKLE.replace("\r\n", "\n").encode()).ufrag == "EsAw"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"hello",
        b"\xff\xfe",
        b"a=ice-ufrag:EsAw",
        b"a=ice-ufrag:abc\r\na=ice-pwd:" + PWD.encode(),
        b"a=ice-ufrag:EsAw\r\na=ice-pwd:short",
        b"a=ice-ufrag:Es w\r\na=ice-pwd:" + PWD.encode(),
        b"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0",
        b"a=candidate:1\x00",
        b"a=end-of-candidates\r\n" * 257,
        b"a=end-of-candidates\r\n\r\na=end-of-candidates",
    ],
)
def test_no_fragments(body: bytes) -> None:
    with pytest.raises(FragmentError):
        parse_fragment(body)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_fragment_or_an_error(body: bytes) -> None:
    with contextlib.suppress(FragmentError):
        parse_fragment(body)


def test_restart_fragment_has_the_new_credentials_and_the_same_candidates() -> None:
    candidates = candidates_of(
        "v=0\r\nm=audio 9 x 0\r\na=candidate:1 1 udp 1 127.0.0.1 1 typ host\r\nm=video 9 x 0\r\na=candidate:2\r\n"
    )
    assert candidates == ("a=candidate:1 1 udp 1 127.0.0.1 1 typ host",)
    fragment = parse_fragment(TRICKLE.encode())
    text = restart_fragment(fragment, "srvu", "s" * 22, candidates)
    parsed = parse_fragment(text.encode())
    assert (parsed.ufrag, parsed.pwd, parsed.mid) == ("srvu", "s" * 22, "0")
    assert candidates[0] in text.split("\r\n")


@pytest.mark.parametrize("mid", ["0\r\na=evil:1", "é", "x" * 33])
def test_no_strange_mid_comes_back(mid: str) -> None:
    body = f"a=end-of-candidates\r\na=mid:{mid}".encode()
    try:
        fragment = parse_fragment(body)
    except FragmentError:
        return
    assert fragment.mid == "0"


def test_ufrag_of() -> None:
    assert ufrag_of("v=0\r\na=ice-ufrag:abcd\r\na=ice-ufrag:efgh\r\n") == "abcd"
    assert ufrag_of("v=0\r\n") is None
    assert ufrag_of("a=ice-ufrag:abcd") == "abcd"
    assert ufrag_of("a=ice-ufrag:abc\na=ice-ufrag:a b c d\na=x a=ice-ufrag:none\na=ice-ufrag:e+g/\n") == "e+g/"


def test_candidates_of_an_answer_without_any() -> None:
    assert candidates_of("v=0\r\nm=audio 9 x 0\r\na=end-of-candidates\r\n") == ()
