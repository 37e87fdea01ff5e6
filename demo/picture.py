"""The drawn pictures of the simulated center and points: shapes by OpenCV, letters by Pillow, whose fonts have every mark."""

from __future__ import annotations

import functools
import io
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import pymupdf_fonts
from PIL import Image, ImageDraw, ImageFont

Bgr = tuple[int, int, int]
Pixels = npt.NDArray[np.uint8]

WHITE: Bgr = (255, 255, 255)
GOLD: Bgr = (60, 200, 250)
CENTER_BGR: Bgr = (48, 34, 128)

# A plain field in the lower right corner, as parts of width and height: left, top, right, bottom. Whoever looks at the
# pixels (a test, the eye) tells the source of a picture by its colour.
FIELD = (0.76, 0.70, 0.96, 0.92)

_NOTO: Mapping[bool, str] = {False: "notos", True: "notosbo"}
"""Regular and bold Noto Sans, which have every Vietnamese letter; OpenCV's own fonts do not."""


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
    """Writes `text` with its baseline at `origin` and its letters about `size` pixels high, as far as it lies on the picture."""
    ink, above = _ink_of(text, round(size), bold)
    left, top = round(origin[0]), round(origin[1]) - above
    height, width = image.shape[:2]
    from_row, from_column = max(0, -top), max(0, -left)
    covered = ink[from_row : height - top, from_column : width - left, None]
    area = image[top + from_row :, left + from_column :][: covered.shape[0], : covered.shape[1]]
    area[:] = area + (np.array(colour) - area) * covered


@functools.lru_cache(maxsize=256)
def _ink_of(text: str, size: int, bold: bool) -> tuple[npt.NDArray[np.float64], int]:
    """How much of each pixel is ink, 0 to 1, and how many of its rows are above the baseline."""
    font = _font(size, bold)
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    page = Image.new("L", (max(1, math.ceil(right - left)), max(1, math.ceil(bottom - top))))
    ImageDraw.Draw(page).text((-left, -top), text, fill=255, font=font, anchor="ls")
    return np.asarray(page) / 255.0, -math.floor(top)


@functools.lru_cache(maxsize=32)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(pymupdf_fonts.fontbuffers[_NOTO[bold]]()), size)


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
