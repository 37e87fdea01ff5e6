"""What all receivers of a wire profile share, and padding for equal lengths."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.packets import PADDING_REACH_BYTES, SourcePacket, WireProfile, equalize
from sfu.wire import extensions
from sfu.wire.rtp import RtpPacket
from tests.sfu.kit import EXTENSION_IDS, VIDEO_PT, frame, packet

PROFILE = WireProfile.of(VIDEO_PT, EXTENSION_IDS)


def test_a_profile_keeps_no_extension_that_speaks_of_one_connection() -> None:
    ids = {uri: n for n, uri in enumerate((extensions.MID_URI, extensions.RID_URI, extensions.ABS_SEND_TIME_URI), 1)}
    profile = WireProfile.of(96, {**ids, extensions.AUDIO_LEVEL_URI: 9})
    assert profile.extension_ids == ((extensions.AUDIO_LEVEL_URI, 9),)


def test_equal_negotiations_are_one_profile() -> None:
    turned = WireProfile.of(VIDEO_PT, dict(reversed(EXTENSION_IDS.items())))
    assert turned == PROFILE
    assert turned is PROFILE
    assert WireProfile.of(VIDEO_PT + 1, EXTENSION_IDS) != PROFILE


def test_a_body_carries_the_receivers_numbers_for_what_it_negotiated() -> None:
    sent = packet(
        7, 99, marker=True, extensions=((extensions.VIDEO_ORIENTATION_URI, b"\x02"), (extensions.AUDIO_LEVEL_URI, b"\x01"))
    )
    body = PROFILE.body(sent)
    assert body.flags == 0x90
    assert body.marker_and_payload_type == 0x80 | VIDEO_PT
    assert body.extension_block == b"\xbe\xde\x00\x01\x30\x02\x00\x00"
    assert body.plain_bytes == 12 + 8 + len(sent.payload)


def test_a_body_without_extensions_has_no_extension_bit() -> None:
    body = WireProfile.of(96, {}).body(packet(1, extensions=((extensions.VIDEO_ORIENTATION_URI, b"\x02"),)))
    assert body.flags == 0x80
    assert body.extension_block == b""


def test_packets_a_byte_apart_become_equal_with_padding_that_a_parser_takes_off() -> None:
    """libwebrtc splits a frame "about equally": the last packets are one byte longer."""
    packets = [packet(i, 1, payload=bytes([i]) * (1000 + (i >= 2))) for i in range(4)]
    equal = equalize(packets)
    assert [len(one.payload) for one in equal] == [1001] * 4
    body = PROFILE.body(equal[0])
    header = bytes([body.flags, body.marker_and_payload_type]) + bytes(10)
    read = RtpPacket.parse(header + body.extension_block + body.payload)
    assert (read.payload, read.padding_bytes) == (packets[0].payload, 1)


def test_the_last_packet_may_be_shorter_and_far_ones_stay_as_they_are() -> None:
    packets = [
        packet(0, payload=bytes(1000)),
        packet(1, payload=bytes(1000 - PADDING_REACH_BYTES - 1)),
        packet(2, payload=bytes(999)),
    ]
    assert equalize(packets) == packets
    assert equalize(packets[:1]) == packets[:1]


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=20))
def test_padding_changes_nothing_but_the_length(sizes: list[int]) -> None:
    packets = [packet(i, 9, payload=bytes(100 + size), marker=i == len(sizes) - 1) for i, size in enumerate(sizes)]
    for before, after in zip(packets, equalize(packets), strict=True):
        padding = after.padding_bytes
        content = after.payload[: len(after.payload) - padding]
        assert (after.index, after.timestamp, after.marker, content) == (9 and before.index, 9, before.marker, before.payload)
        assert padding == 0 or after.payload[-1] == padding
        assert len(after.payload) <= 140


def test_size_counts_the_extensions() -> None:
    assert SourcePacket(0, 0, False, bytes(10), 0, (("u", b"abc"),)).size == 14
    assert {one.size for one in frame(0, 0, 3, size=50)[1:]} == {59}
