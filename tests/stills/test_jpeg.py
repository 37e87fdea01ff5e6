"""The head of a JPEG: what is taken, what is refused, and nothing else escapes whatever the bytes."""

from __future__ import annotations

import contextlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stills.jpeg import Head, NotAStillError, check_still, read_head


def jpeg(width: int = 320, height: int = 180, *, grey: bool = False, parameters: tuple[int, ...] = ()) -> bytes:
    dice = np.random.default_rng(1)
    picture = dice.integers(0, 255, (height, width) if grey else (height, width, 3)).astype(np.uint8)
    return bytes(cv2.imencode(".jpg", cv2.blur(picture, (9, 9)), (cv2.IMWRITE_JPEG_QUALITY, 50, *parameters))[1])


GOOD = jpeg()


def test_size_and_components_are_read() -> None:
    assert read_head(GOOD) == Head(320, 180, 3)
    assert read_head(jpeg(64, 36, grey=True)) == Head(64, 36, 1)
    assert read_head(jpeg(parameters=(cv2.IMWRITE_JPEG_RST_INTERVAL, 8))) == Head(320, 180, 3)


def test_a_still_is_so_large_and_no_larger() -> None:
    check_still(GOOD, width=320, height=180, most_bytes=len(GOOD))
    with pytest.raises(NotAStillError, match="larger than"):
        check_still(GOOD, width=320, height=180, most_bytes=len(GOOD) - 1)
    for size in ((180, 320), (640, 360), (319, 180)):
        with pytest.raises(NotAStillError, match="is not 320 by 180"):
            check_still(jpeg(*size), width=320, height=180, most_bytes=1 << 20)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "begin"),
        (b"\xff\xd8", "end"),
        (b"\xff\xd8\xff\xd9", "marker is missing"),
        (b"\x89PNG\r\n\x1a\n", "begin"),
        (GOOD[:-2], "end"),
        (GOOD[:300], "end"),
        (GOOD[:40] + b"\xff\xd9", "segment is broken"),
        (jpeg(parameters=(cv2.IMWRITE_JPEG_PROGRESSIVE, 1)), "baseline"),
        (GOOD[:2] + b"\xff\xe1\x00\x02" * 70 + GOOD[2:], "too many segments"),
        (GOOD[:2] + b"\xff\xe1\x00\x01" + GOOD[2:], "segment is broken"),
        (GOOD[:2] + b"\xff\xd8" + GOOD[2:], "segment is broken"),
        (b"\xff\xd8\xff\xda\x00\x03\x00\xff\xd9", "no frame header"),
        (b"\xff\xd8\xff\xc0\x00\x0b\x0c\x00\xb4\x01\x40\x01\x01\x11\x00\xff\xd9", "another kind"),
        (b"\xff\xd8\xff\xc0\x00\x0a\x08\x00\xb4\x01\x40\x01\x01\x11\xff\xd9", "broken frame header"),
    ],
)
def test_what_is_refused_and_why(data: bytes, why: str) -> None:
    with pytest.raises(NotAStillError, match=why):
        read_head(data)


def test_two_frame_headers_are_refused() -> None:
    at = GOOD.index(b"\xff\xc0")
    frame = GOOD[at : at + 2 + int.from_bytes(GOOD[at + 2 : at + 4])]
    with pytest.raises(NotAStillError, match="two frame headers"):
        read_head(GOOD[:at] + frame + GOOD[at:])


def test_fill_bytes_before_a_marker_are_skipped() -> None:
    assert read_head(GOOD[:2] + b"\xff\xff\xff" + GOOD[2:]) == Head(320, 180, 3)


@given(st.binary(max_size=600))
def test_nothing_else_escapes_from_any_bytes(data: bytes) -> None:
    for given_bytes in (data, b"\xff\xd8" + data + b"\xff\xd9"):
        with contextlib.suppress(NotAStillError):
            read_head(given_bytes)


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=12), st.integers(0, 700))
def test_nothing_else_escapes_from_a_broken_still(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(GOOD)
    for at, value in changes:
        data[at] = value
    for given_bytes in (bytes(data), bytes(data[:cut]) + bytes(data[-2:])):
        with contextlib.suppress(NotAStillError):
            check_still(given_bytes, width=320, height=180, most_bytes=24_576)
