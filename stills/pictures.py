"""Everything that OpenCV does with stills: decode, measure, shrink to a tile, lay tiles out on sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from stills.looks import DETAIL_STEP, Look
from stills.wire import COLUMNS, MEDIUM, SMALL

Pixels = npt.NDArray[np.uint8]

QUARTER: Final = (80, 45)
SMALL_GREY: Final = (40, 22)
MOVED_STEP: Final = 10
"""Grey levels. A camera's noise of 8 levels is 0.8 in a pixel made of 51 of them, compression aside."""
MOVED_SHARE: Final = 0.01
SHEET_QUALITY: Final = 70
"""A tile of 64 × 36 is then some 900 bytes."""
_QUARTER_FLAGS: Final = cv2.IMREAD_REDUCED_COLOR_4 | cv2.IMREAD_IGNORE_ORIENTATION
_HALF_FLAGS: Final = cv2.IMREAD_REDUCED_COLOR_2 | cv2.IMREAD_IGNORE_ORIENTATION
_WHOLE_FLAGS: Final = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
_PARAMETERS: Final = (cv2.IMWRITE_JPEG_QUALITY, SHEET_QUALITY)


def decode_quarter(jpeg: bytes) -> Pixels | None:
    """A still at a quarter of its size, 80 × 45: libjpeg computes two of each eight coefficients. None for a broken one."""
    return _decoded(jpeg, _QUARTER_FLAGS, QUARTER)


def decode_half(jpeg: bytes) -> Pixels | None:
    """A still at half its size, 160 × 90; None for a broken one."""
    return _decoded(jpeg, _HALF_FLAGS, MEDIUM)


def decode_whole(jpeg: bytes) -> Pixels | None:
    """A still as it is; None for a broken one."""
    return _decoded(jpeg, _WHOLE_FLAGS, (320, 180))


def _decoded(jpeg: bytes, flags: int, size: tuple[int, int]) -> Pixels | None:
    try:
        image: Any = cv2.imdecode(np.frombuffer(jpeg, np.uint8), flags)
    except cv2.error:
        return None
    if image is None or image.shape != (size[1], size[0], 3):
        return None
    pixels: Pixels = image
    return pixels


def tile_of(quarter: Pixels) -> Pixels:
    """The small tile, 64 × 36, of a quarter."""
    tile: Any = cv2.resize(quarter, SMALL, interpolation=cv2.INTER_LINEAR)
    pixels: Pixels = tile
    return pixels


def grey_of(picture: Pixels) -> Pixels:
    """The grey levels of a picture."""
    grey: Any = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    pixels: Pixels = grey
    return pixels


def look_at(grey: Pixels, before: Pixels | None) -> Look:
    """Measure the grey quarter of a still, beside that of the still before it."""
    mean, spread = cv2.meanStdDev(grey)
    edges = cv2.convertScaleAbs(cv2.Laplacian(cv2.blur(grey, (3, 3)), cv2.CV_16S))
    detailed = _count_above(edges, DETAIL_STEP)
    change = None if before is None else cv2.norm(grey, before, cv2.NORM_L1) / grey.size
    return Look(float(mean[0, 0]), float(spread[0, 0]), detailed / grey.size, change)


def _count_above(values: Any, step: int) -> int:
    return cv2.countNonZero(cv2.threshold(values, step, 255, cv2.THRESH_BINARY)[1])


def small_grey_of(grey: Pixels) -> Pixels:
    """A grey quarter at half its size again: what is kept to see whether anything moves."""
    small: Any = cv2.resize(grey, SMALL_GREY, interpolation=cv2.INTER_AREA)
    pixels: Pixels = small
    return pixels


def has_moved(before: Pixels, now: Pixels) -> bool:
    """Whether something is elsewhere: a hundredth of the pixels differs by more than ``MOVED_STEP``. Noise does not do that."""
    changed = _count_above(cv2.absdiff(before, now), MOVED_STEP)
    return bool(changed > MOVED_SHARE * now.size)


def sheet_of(tiles: Pixels | Sequence[Pixels]) -> bytes:
    """A JPEG sheet of tiles of one size, row by row, ``COLUMNS`` wide; the last row is filled up with black."""
    laid = np.asarray(tiles)
    count, height, width, _ = laid.shape
    rows = -(-count // COLUMNS)
    if count < rows * COLUMNS:
        laid = np.concatenate((laid, np.zeros((rows * COLUMNS - count, height, width, 3), np.uint8)))
    sheet = laid.reshape(rows, COLUMNS, height, width, 3).swapaxes(1, 2).reshape(rows * height, COLUMNS * width, 3)
    is_done, data = cv2.imencode(".jpg", sheet, _PARAMETERS)
    if not is_done:
        raise RuntimeError("OpenCV did not encode a sheet")
    return bytes(data)


def encode_still(picture: Pixels, quality: int = 60) -> bytes:
    """A still as a page makes it of a picture of 320 × 180 (simulated points, tests)."""
    is_done, data = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
    if not is_done:
        raise RuntimeError("OpenCV did not encode a still")
    return bytes(data)


def one_thread() -> None:
    """Keep OpenCV to the calling thread: pictures this small are done sooner than a second thread wakes."""
    cv2.setNumThreads(1)
