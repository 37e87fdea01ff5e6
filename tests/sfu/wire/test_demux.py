"""Demultiplexing by the first bytes."""

from __future__ import annotations

import pytest

from sfu.wire.demux import Kind, classify


def _datagram(first: int, second: int = 0, size: int = 40) -> bytes:
    return bytes((first, second)) + bytes(size - 2)


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (0, Kind.STUN),
        (1, Kind.STUN),
        (3, Kind.STUN),
        (4, Kind.OTHER),
        (15, Kind.OTHER),
        (16, Kind.OTHER),  # ZRTP
        (19, Kind.OTHER),
        (20, Kind.DTLS),
        (22, Kind.DTLS),
        (63, Kind.DTLS),
        (64, Kind.OTHER),  # TURN channel
        (79, Kind.OTHER),
        (80, Kind.OTHER),
        (127, Kind.OTHER),
        (128, Kind.RTP),
        (191, Kind.RTP),
        (192, Kind.OTHER),
        (255, Kind.OTHER),
    ],
)
def test_first_byte(first: int, kind: Kind) -> None:
    assert classify(_datagram(first)) is kind


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        (0, Kind.RTP),
        (96, Kind.RTP),
        (111, Kind.RTP),
        (191, Kind.RTP),  # marker and payload type 63
        (192, Kind.RTCP),
        (200, Kind.RTCP),
        (206, Kind.RTCP),
        (207, Kind.RTCP),
        (223, Kind.RTCP),
        (224, Kind.RTP),  # marker and payload type 96
        (255, Kind.RTP),
    ],
)
def test_second_byte_separates_rtcp(second: int, kind: Kind) -> None:
    assert classify(_datagram(0x80, second)) is kind


@pytest.mark.parametrize(
    ("first", "second", "least", "kind"),
    [(0, 1, 20, Kind.STUN), (22, 0xFE, 13, Kind.DTLS), (0x80, 96, 12, Kind.RTP), (0x81, 201, 8, Kind.RTCP)],
)
def test_a_datagram_shorter_than_its_header_is_nothing(first: int, second: int, least: int, kind: Kind) -> None:
    assert classify(_datagram(first, second, least)) is kind
    assert classify(_datagram(first, second, least - 1)) is Kind.OTHER


def test_tiny_datagrams() -> None:
    for data in (b"", b"\x00", b"\x80", b"\x16", b"\x80\xc8"):
        assert classify(data) is Kind.OTHER
