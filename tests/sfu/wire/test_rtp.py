from __future__ import annotations

import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtp import MAX_PACKET_BYTES, RtpPacket, parse, peek_payload_type_and_ssrc
from tests.data import captures

HEADER = bytes.fromhex("80e0123400abcdef11223344")


def test_fields_of_a_plain_packet() -> None:
    packet = parse(HEADER + b"payload")
    assert packet == RtpPacket(
        marker=True, payload_type=96, sequence_number=0x1234, timestamp=0xABCDEF, ssrc=0x11223344, payload=b"payload"
    )
    assert packet.serialize() == HEADER + b"payload"


def test_contributing_sources() -> None:
    data = bytes.fromhex("82601234 00abcdef 11223344 00000001 ffffffff 7788".replace(" ", ""))
    packet = parse(data)
    assert packet.csrcs == (1, 0xFFFFFFFF)
    assert packet.payload == b"\x77\x88"
    assert packet.serialize() == data


def test_padding_is_counted_with_its_count_byte() -> None:
    data = b"\xa0" + HEADER[1:] + b"abc" + b"\0\0\0\x04"
    packet = parse(data)
    assert (packet.payload, packet.padding_bytes) == (b"abc", 4)
    assert packet.serialize() == data


def test_a_packet_of_nothing_but_padding() -> None:
    data = b"\xa0" + HEADER[1:] + bytes(254) + b"\xff"
    packet = parse(data)
    assert (packet.payload, packet.padding_bytes) == (b"", 255)
    assert packet.serialize() == data


@pytest.mark.parametrize("tail", [b"", b"abc\x00", b"abc\x05", b"\xff"])
def test_padding_that_does_not_fit(tail: bytes) -> None:
    with pytest.raises(WireError, match="padding"):
        parse(b"\xa0" + HEADER[1:] + tail)


def test_padding_does_not_reach_into_the_extension() -> None:
    data = b"\xb0" + HEADER[1:] + bytes.fromhex("bede0001 10ff0000 02".replace(" ", ""))
    with pytest.raises(WireError, match="padding"):
        parse(data)


def test_one_byte_extensions() -> None:
    block = bytes.fromhex("bede0002 10aa 00 22010203 00".replace(" ", ""))
    packet = parse(b"\x90" + HEADER[1:] + block + b"x")
    assert packet.extension_profile == 0xBEDE
    assert packet.extensions == ((1, b"\xaa"), (2, b"\x01\x02\x03"))
    assert packet.payload == b"x"


def test_two_byte_extensions_keep_their_appbits() -> None:
    data = b"\x90" + HEADER[1:] + bytes.fromhex("10050002 0100 ff02aabb 0000".replace(" ", "")) + b"x"
    packet = parse(data)
    assert packet.extension_profile == 0x1005
    assert packet.extensions == ((1, b""), (255, b"\xaa\xbb"))
    assert packet.serialize() == data


def test_a_foreign_profile_is_kept_raw() -> None:
    data = b"\x90" + HEADER[1:] + bytes.fromhex("1234000200112233ffffffff") + b"x"
    packet = parse(data)
    assert packet.extension_profile == 0x1234
    assert packet.extensions == ((0, bytes.fromhex("00112233ffffffff")),)
    assert packet.serialize() == data


@pytest.mark.parametrize("profile", ["bede", "1000", "1234"])
def test_an_empty_extension_block(profile: str) -> None:
    data = b"\x90" + HEADER[1:] + bytes.fromhex(f"{profile}0000") + b"x"
    packet = parse(data)
    assert packet.extensions == ()
    assert packet.payload == b"x"
    assert packet.serialize() == data


def test_elements_without_a_profile_get_the_shortest_form() -> None:
    packet = RtpPacket(False, 96, 1, 2, 3, extensions=((1, b"a"), (20, b"b")))
    assert parse(packet.serialize()).extension_profile == 0x1000
    packet = RtpPacket(False, 96, 1, 2, 3, extensions=((1, b"a"), (14, b"b")))
    assert parse(packet.serialize()).extension_profile == 0xBEDE


@pytest.mark.parametrize("length", range(12))
def test_shorter_than_a_header(length: int) -> None:
    with pytest.raises(WireError):
        parse(HEADER[:length])


def test_longer_than_a_datagram() -> None:
    assert parse(HEADER + bytes(MAX_PACKET_BYTES - 12)).payload == bytes(MAX_PACKET_BYTES - 12)
    with pytest.raises(WireError, match="1501"):
        parse(HEADER + bytes(MAX_PACKET_BYTES - 11))


@pytest.mark.parametrize("first", [0x00, 0x40, 0xC0])
def test_another_version(first: int) -> None:
    with pytest.raises(WireError, match="version"):
        parse(bytes([first]) + HEADER[1:])


@pytest.mark.parametrize(
    "data",
    [
        b"\x81" + HEADER[1:] + b"abc",
        b"\x8f" + HEADER[1:] + bytes(59),
        b"\x90" + HEADER[1:] + b"\xbe\xde\x00",
        b"\x90" + HEADER[1:] + b"\xbe\xde\x00\x01abc",
        b"\x90" + HEADER[1:] + b"\xbe\xde\xff\xffabc",
        b"\x90" + HEADER[1:] + b"\xbe\xde\x00\x01\x1fabc",
        b"\x90" + HEADER[1:] + b"\x10\x00\x00\x01\x01\x03ab",
        b"\x90" + HEADER[1:] + b"\x10\x00\x00\x01\x01\x01a\x01",
    ],
)
def test_cut_off(data: bytes) -> None:
    with pytest.raises(WireError):
        parse(data)


@pytest.mark.parametrize(
    "packet",
    [
        RtpPacket(False, 128, 0, 0, 0),
        RtpPacket(False, 0, 65536, 0, 0),
        RtpPacket(False, 0, -1, 0, 0),
        RtpPacket(False, 0, 0, 1 << 32, 0),
        RtpPacket(False, 0, 0, 0, -1),
        RtpPacket(False, 0, 0, 0, 0, csrcs=(1 << 32,)),
        RtpPacket(False, 0, 0, 0, 0, csrcs=(0,) * 16),
        RtpPacket(False, 0, 0, 0, 0, padding_bytes=256),
        RtpPacket(False, 0, 0, 0, 0, extension_profile=0xBEDE, extensions=((15, b"a"),)),
    ],
)
def test_what_does_not_fit_is_not_written(packet: RtpPacket) -> None:
    with pytest.raises(WireError):
        packet.serialize()


def test_peek() -> None:
    assert peek_payload_type_and_ssrc(HEADER) == (96, 0x11223344)
    for data in (HEADER[:11], b"\x40" + HEADER[1:], HEADER + bytes(1489)):
        with pytest.raises(WireError):
            peek_payload_type_and_ssrc(data)


@pytest.mark.parametrize("name", ["chromium-vp8", "chromium-h264"])
def test_packets_of_a_browser_come_out_as_they_went_in(name: str) -> None:
    packets = captures.packets(name, "rtp")
    assert len(packets) > 20
    for data in packets:
        packet = parse(data)
        assert packet.extension_profile == 0xBEDE
        assert packet.serialize() == data
        assert (packet.payload_type, packet.ssrc) == peek_payload_type_and_ssrc(data)


def test_streams_of_a_browser() -> None:
    packets = [parse(data) for data in captures.packets("chromium-vp8", "rtp")]
    media = {packet.ssrc: packet.payload_type for packet in packets}
    assert sorted(media.values()) == [96, 97, 111]
    assert any(packet.padding_bytes > 200 and not packet.payload for packet in packets if packet.payload_type == 97)


@pytest.mark.parametrize("name", ["chromium-vp8", "chromium-h264"])
def test_cut_off_packets_of_a_browser_never_keep_a_half_extension(name: str) -> None:
    for data in captures.packets(name, "rtp"):
        end_of_header = len(data) - len(parse(data).payload) - parse(data).padding_bytes
        for length in range(12, end_of_header):
            with pytest.raises(WireError):
                parse(data[:length])
