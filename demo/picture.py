"""The drawn pictures of the simulated center and points, by OpenCV."""

from __future__ import annotations

import math
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Bgr = tuple[int, int, int]
Pixels = npt.NDArray[np.uint8]

WHITE: Bgr = (255, 255, 255)
GOLD: Bgr = (60, 200, 250)
CENTER_BGR: Bgr = (48, 34, 128)

# A plain field in the lower right corner, as parts of width and height: left, top, right, bottom. Whoever looks at the
# pixels (a test, the eye) tells the source of a picture by its colour.
FIELD = (0.76, 0.70, 0.96, 0.92)

# Regular and bold. The font inside OpenCV 5 draws the letter ờ as ớ, and older ones draw no such letters at all: without
# these files the words are written without their marks.
FONT_FOLDERS = (
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/TTF"),
    Path("/usr/share/fonts/dejavu-sans-fonts"),
)
FONT_FILES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


def _load_fonts() -> tuple[Any, Any] | None:
    for folder in FONT_FOLDERS:
        regular, bold = (folder / name for name in FONT_FILES)
        if hasattr(cv2, "FontFace") and regular.exists() and bold.exists():
            return cv2.FontFace(str(regular)), cv2.FontFace(str(bold))
    return None


_FONTS = _load_fonts()


@dataclass(frozen=True, slots=True)
class Scene:
    """What is written on a picture and its colours."""

    title: str
    subtitle: str
    background_bgr: Bgr
    field_bgr: Bgr
    width: int = 640
    height: int = 360


class Painter:
    """Draws one scene again and again with the time of day on it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._background = _draw_background(scene)

    def paint(self, seconds: float, time_of_day: str | None = None) -> Pixels:
        """The picture at `seconds` of a steady clock: blue, green, red, shape (height, width, 3).

        `time_of_day` is the clock's text, by default the local time now.
        """
        scene, image = self.scene, self._background.copy()
        unit = scene.height / 360
        write(image, time_of_day or time.strftime("%H:%M:%S"), (24 * unit, 210 * unit), 60 * unit, WHITE, bold=True)
        # A ball that swings, its shadow on the ground line: a frozen picture is seen at once.
        swing = math.sin(seconds * math.tau / 4)
        centre = (round(scene.width * (0.37 + 0.29 * swing)), round(288 * unit))
        cv2.circle(image, centre, round(14 * unit), GOLD, -1, cv2.LINE_AA)
        return image


def field_colour(image: Pixels) -> Bgr:
    """The mean colour of the field of a picture of any size."""
    height, width = image.shape[:2]
    left, top, right, bottom = FIELD
    field = image[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
    blue, green, red = (round(float(x)) for x in field.reshape(-1, 3).mean(axis=0))
    return blue, green, red


def write(image: Pixels, text: str, origin: tuple[float, float], size: float, colour: Bgr, *, bold: bool = False) -> None:
    """Writes `text` with its baseline at `origin`, its letters about `size` pixels high; without marks where no font has them."""
    position = (round(origin[0]), round(origin[1]))
    if _FONTS is not None:
        cv2.putText(image, text, position, colour, _FONTS[bold], round(size * 0.9), 0)
    else:
        scale = size / 30
        cv2.putText(image, without_marks(text), position, cv2.FONT_HERSHEY_DUPLEX, scale, colour, 1 + bold, cv2.LINE_AA)


def without_marks(text: str) -> str:
    """`text` in ASCII: "Chỉ huy, Đà Nẵng" becomes "Chi huy, Da Nang"."""
    bare = text.replace("đ", "d").replace("Đ", "D").replace("–", "-")
    return unicodedata.normalize("NFD", bare).encode("ascii", "ignore").decode()


def _draw_background(scene: Scene) -> Pixels:
    width, height = scene.width, scene.height
    unit = height / 360
    shade = np.linspace(1.0, 0.62, height)[:, None, None]
    image = np.ascontiguousarray(
        np.broadcast_to(np.array(scene.background_bgr) * shade, (height, width, 3)).round().astype(np.uint8)
    )
    write(image, scene.title, (24 * unit, 66 * unit), 34 * unit, WHITE, bold=True)
    write(image, scene.subtitle, (24 * unit, 104 * unit), 20 * unit, WHITE)
    ground = round(308 * unit)
    cv2.line(image, (round(width * 0.05), ground), (round(width * 0.70), ground), WHITE, max(1, round(unit)), cv2.LINE_AA)
    left, top, right, bottom = FIELD
    corners = (round(left * width), round(top * height)), (round(right * width), round(bottom * height))
    cv2.rectangle(image, *corners, scene.field_bgr, -1)
    return image
