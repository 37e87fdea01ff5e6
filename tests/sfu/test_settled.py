"""The short way gives what the long way gives, whatever the offer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.ice import IceCredentials
from sfu.ids import SlotName
from sfu.negotiation import Side, settle_viewer
from sfu.settled import SHAPES_MAX, Read, SettledViewers
from sfu.wire.sdp import SdpError, parse_offer
from tests.data import captures

SIDE = Side(":".join(["0F"] * 32), (("127.0.0.1", 10000),), "node-1")
VIDEO = (SlotName("main"), SlotName("inset"))
AUDIO = (SlotName("center"), SlotName("guest1"), SlotName("guest2"))
OFFERS = [captures.offer(name) for name in captures.offer_names()]
ICE = "ABCxyz019+/"
SSRCS = list(range(1000, 1032))

ufrags = st.text(ICE, min_size=3, max_size=12)
pwds = st.text(ICE, min_size=21, max_size=40)
fingerprints = st.lists(st.sampled_from(["0a", "F7", "00", "ab"]), min_size=32, max_size=32).map(":".join)
odd_lines = st.sampled_from(
    [
        "a=ice-ufrag:abcd",
        "a=ice-ufrag:",
        "a=ice-pwd:" + "z" * 22,
        "a=fingerprint:sha-1 AA",
        "a=fingerprint:sha-256 " + ":".join(["BB"] * 32),
        "a=fingerprint:sha-512 " + ":".join(["BB"] * 64),
        "a=setup:holdconn",
        "a=setup:passive",
        "a=ice-lite",
        "a=mid:abcd",
        "a=mid:x a=ice-ufrag:abcd",
        "a=fmtp:96 a=ice-ufrag:abcd;x=1",
        "a=ssrc:5 cname:x",
        "a=ssrc:99999999999 cname:x",
        "a=ssrc:5",
        "a=candidate:1 1 udp 1 a.local 5 typ host",
        "a=candidate:" + "x" * 3000,
        "a=inactive",
        "m=video 5000 UDP/TLS/RTP/SAVPF 96",
        "m=video 0 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 10.0.0.1",
        "o=again",
        "a=\0",
        "a=\x01",
        "a=x\r",
        "a=x\r\r\nc=IN",
        "x",
        "",
    ]
)


def outcome(read: Read) -> tuple[object, ...]:
    settlement = read.settled.settlement
    answer = settlement.answer("our+frag", "our/pwd" * 4, SSRCS)
    return answer, settlement.lines, settlement.dtls_role, read.remote, read.fingerprints


def by_the_long_way(offer: str) -> tuple[object, ...]:
    parsed = parse_offer(offer)
    settlement = settle_viewer(parsed, SIDE, VIDEO, AUDIO)
    answer = settlement.answer("our+frag", "our/pwd" * 4, SSRCS)
    remote = IceCredentials(parsed.ice_ufrag, parsed.ice_pwd)
    return answer, settlement.lines, settlement.dtls_role, remote, parsed.fingerprints


def attempt(read: Callable[[], tuple[object, ...]]) -> tuple[object, ...]:
    try:
        return read()
    except SdpError as error:
        return ("refused", str(error))


def assert_same(viewers: SettledViewers, offer: str) -> None:
    assert attempt(lambda: outcome(viewers.read(offer, VIDEO, AUDIO))) == attempt(lambda: by_the_long_way(offer))


def personal(offer: str, ufrag: str, pwd: str, fingerprint: str) -> str:
    """The same browser on another desk."""
    offer = re.sub(r"(?<=\na=ice-ufrag:)[^\r\n]*", lambda _: ufrag, offer)
    offer = re.sub(r"(?<=\na=ice-pwd:)[^\r\n]*", lambda _: pwd, offer)
    return re.sub(r"(?<=\na=fingerprint:sha-256 )[^\r\n]*", lambda _: fingerprint, offer)


def change(offer: str, edits: list[tuple[int, str, str]]) -> str:
    lines = offer.split("\r\n")
    for place, edit, text in edits:
        at = place % len(lines)
        if edit == "insert":
            lines.insert(at, text)
        elif edit == "replace":
            lines[at] = text
        elif edit == "repeat":
            lines.insert(at, lines[at])
        elif len(lines) > 1:
            del lines[at]
    return "\r\n".join(lines)


edits = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from(["insert", "replace", "repeat", "delete"]), odd_lines), max_size=4
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(OFFERS), edits, st.lists(st.tuples(ufrags, pwds, fingerprints), min_size=2, max_size=4))
def test_the_short_way_gives_what_the_long_way_gives(
    offer: str, edited: list[tuple[int, str, str]], desks: list[tuple[str, str, str]]
) -> None:
    """Each desk's offer as it is, and with every desk's lines mixed in: what one desk sent must not be another's."""
    viewers = SettledViewers(SIDE)
    assert_same(viewers, offer)
    assert_same(viewers, change(offer, edited))
    for desk in desks:
        own = personal(offer, *desk)
        assert_same(viewers, own)
        assert_same(viewers, change(own, edited))
        assert_same(viewers, personal(change(offer, edited), *desk))


def test_browsers_of_one_make_are_read_once() -> None:
    viewers = SettledViewers(SIDE)
    for name in ("chromium-viewer-point", "firefox-viewer", "chromium-viewer-center"):
        before = viewers.read_anew
        for number in range(5):
            offer = personal(captures.offer(name), f"desk{number}", f"{number:022d}", ":".join([f"{number:02X}"] * 32))
            read = viewers.read(offer, VIDEO, AUDIO)
            assert read.remote.ufrag == f"desk{number}"
            assert read.remote.pwd == f"{number:022d}"
            assert read.fingerprints == (("sha-256", ":".join([f"{number:02X}"] * 32)),)
        assert viewers.read_anew == before + 1


def test_slots_are_part_of_what_is_settled() -> None:
    viewers = SettledViewers(SIDE)
    offer = captures.offer("chromium-viewer-point")
    assert len(viewers.read(offer, VIDEO, AUDIO).settled.legs) == 5
    assert [leg.slot for leg in viewers.read(offer, VIDEO[1:], ()).settled.legs] == ["inset"]
    assert len(viewers.read(offer, VIDEO, AUDIO).settled.legs) == 5
    assert viewers.read_anew == 2


def test_the_shape_that_was_used_longest_ago_goes_first() -> None:
    viewers = SettledViewers(SIDE, limit=2)
    chromium, firefox, aiortc = (
        captures.offer(f"{name}-viewer{rest}")
        for name, rest in (("chromium", "-point"), ("firefox", ""), ("chromium", "-extensions"))
    )
    for offer in (chromium, firefox, chromium, aiortc, chromium):
        viewers.read(offer, VIDEO, AUDIO)
    assert len(viewers) == 2
    assert viewers.read_anew == 3
    viewers.read(firefox, VIDEO, AUDIO)
    assert viewers.read_anew == 4


def test_an_offer_that_is_refused_is_not_kept() -> None:
    viewers = SettledViewers(SIDE)
    offer = captures.offer("chromium-viewer-point").replace("a=recvonly", "a=inactive")
    for _ in range(2):
        with pytest.raises(SdpError, match="no line"):
            viewers.read(offer, VIDEO, AUDIO)
    assert len(viewers) == 0


def test_credentials_that_differ_from_line_to_line_are_read_each_time() -> None:
    viewers = SettledViewers(SIDE)
    offer = captures.offer("chromium-viewer-point")
    first = re.findall(r"\na=ice-ufrag:[^\r\n]*", offer)[0]
    head, _, tail = offer.rpartition(first)
    for _ in range(2):
        viewers.read(head + "\na=ice-ufrag:elsewhere" + tail, VIDEO, AUDIO)
    assert viewers.read_anew == 2
    assert len(viewers) == 0


def test_the_limit_holds_what_a_country_of_browsers_needs() -> None:
    assert SHAPES_MAX >= 32
