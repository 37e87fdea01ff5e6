from __future__ import annotations

import pytest

from sfu.wire import extensions
from sfu.wire.errors import WireError
from sfu.wire.rtp import parse
from tests.data import captures


def test_one_byte_elements_with_padding_between() -> None:
    assert extensions.parse_block(0xBEDE, bytes.fromhex("0010aa000031bbcc")) == ((1, b"\xaa"), (3, b"\xbb\xcc"))


@pytest.mark.parametrize("stop", ["f0ff20bb", "01ff20bb", "0f20bb00"])
def test_reading_ends_at_the_reserved_ids(stop: str) -> None:
    assert extensions.parse_block(0xBEDE, bytes.fromhex("10aa") + bytes.fromhex(stop)) == ((1, b"\xaa"),)


def test_the_longest_elements_of_both_forms() -> None:
    one, two = bytes(range(16)), bytes(range(255))
    assert extensions.parse_block(0xBEDE, b"\x1f" + one) == ((1, one),)
    assert extensions.parse_block(0x100F, b"\xff\xff" + two) == ((255, two),)


@pytest.mark.parametrize(
    ("profile", "block"), [(0xBEDE, "10"), (0xBEDE, "1faabb"), (0x1000, "01"), (0x1000, "0102aa"), (0x1000, "000001")]
)
def test_an_element_longer_than_its_block(profile: int, block: str) -> None:
    with pytest.raises(WireError):
        extensions.parse_block(profile, bytes.fromhex(block))


def test_rewrite_renames_and_leaves_out() -> None:
    elements = [(1, b"\xaa"), (2, b"\xbb\xcc"), (9, b"0")]
    assert extensions.rewrite(elements, {1: 7, 2: 3}) == bytes.fromhex("bede000270aa31bbcc000000")
    assert extensions.rewrite(elements, {5: 6}) == b""
    assert extensions.rewrite([], {1: 1}) == b""


@pytest.mark.parametrize(
    ("element", "identifier"), [((1, b"a" * 17), 1), ((1, b""), 1), ((1, b"a"), 15), ((1, b"a"), 16), ((1, b"a"), 255)]
)
def test_rewrite_takes_the_two_byte_form_where_it_has_to(element: tuple[int, bytes], identifier: int) -> None:
    block = extensions.rewrite([(2, b"b"), element], {1: identifier, 2: 2})
    assert block[:2] == b"\x10\x00"
    assert len(block) == 4 + 4 * int.from_bytes(block[2:4], "big")
    assert extensions.parse_block(0x1000, block[4:]) == ((2, b"b"), (identifier, element[1]))


@pytest.mark.parametrize(("identifier", "data"), [(0, b"a"), (256, b"a"), (1, bytes(256))])
def test_rewrite_refuses_what_no_form_holds(identifier: int, data: bytes) -> None:
    with pytest.raises(WireError):
        extensions.rewrite([(1, data)], {1: identifier})


@pytest.mark.parametrize(
    ("profile", "elements"),
    [
        (0xBEDE, [(15, b"a")]),
        (0xBEDE, [(1, b"")]),
        (0x1000, [(0, b"a")]),
        (0x1234, [(1, b"aaaa")]),
        (0x1234, [(0, b"aaa")]),
        (0x1234, [(0, b"aaaa"), (0, b"aaaa")]),
        (0x1234, [(0, bytes(4 * 65536))]),
        (0x12345, [(0, b"aaaa")]),
    ],
)
def test_elements_that_do_not_fit_their_profile(profile: int, elements: list[tuple[int, bytes]]) -> None:
    with pytest.raises(WireError):
        extensions.serialize_block(profile, elements)


def test_find() -> None:
    elements = ((1, b"a"), (2, b"b"), (1, b"c"))
    assert extensions.find(elements, 1) == b"a"
    assert extensions.find(elements, 3) is None
    assert extensions.find(elements, None) is None


def test_audio_level() -> None:
    assert extensions.decode_audio_level(b"\xff") == (True, 127)
    assert extensions.decode_audio_level(b"\x1e\x00") == (False, 30)
    for data in (b"", b"abc"):
        with pytest.raises(WireError):
            extensions.decode_audio_level(data)


def test_abs_send_time() -> None:
    assert extensions.decode_abs_send_time(b"\x04\x00\x00") == 1.0
    assert extensions.decode_abs_send_time(b"\xff\xff\xff") == 64 - 2**-18
    with pytest.raises(WireError):
        extensions.decode_abs_send_time(b"\0\0")


def test_tokens() -> None:
    assert extensions.decode_mid(b"0") == "0"
    assert extensions.decode_mid(b"{video-1}") == "{video-1}"
    assert extensions.decode_rid(b"h_1-a") == "h_1-a"
    for data in (b"", b"a\r\n", b"a b", b"\xff", b"\0"):
        with pytest.raises(WireError):
            extensions.decode_mid(data)
        with pytest.raises(WireError):
            extensions.decode_rid(data)
    with pytest.raises(WireError):
        extensions.decode_rid(b"a!")


def test_what_a_browser_sends() -> None:
    """aiortc negotiated: 1 audio level, 2 abs-send-time, 9 mid; levels are silence until the tone, mids on the first packets."""
    packets = [parse(data) for data in captures.packets("chromium-vp8", "rtp")]
    audio = [packet for packet in packets if packet.payload_type == 111]
    levels = [extensions.decode_audio_level(data) for p in audio for i, data in p.extensions if len(data) == 1 and data != b"1"]
    assert levels
    assert all(0 <= level <= 127 for _, level in levels)
    times = [
        extensions.decode_abs_send_time(data)
        for packet in packets
        if packet.payload_type == 96
        for _, data in packet.extensions
        if len(data) == 3
    ]
    assert len(times) == 12
    assert times == sorted(times)
    assert 0.2 < times[-1] - times[0] < 5
