"""Drawn pictures of desks for simulated points: somebody there, nobody, a covered lens, no light, a picture that stands still.

The person is a drawing with the shading of a face, enough for a finder of faces; nobody's portrait is in the tree. A camera's
noise is on all of them, and each comes in several versions, so that one point's next still is not its last one again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Kind = Literal["person", "empty", "black", "frozen", "covered"]

WIDTH: Final = 320
HEIGHT: Final = 180
QUALITY: Final = 60
VERSIONS: Final = 4
KINDS: Final[tuple[Kind, ...]] = ("person", "empty", "black", "frozen", "covered")
_SCALE: Final = 4
"""Drawn this much larger, so that edges are soft."""
_NOISE: Final = 3.0
TEXTURE: Final = 5.0
"""Grey levels, of each of its finenesses."""


def jpegs_of(kind: Kind, seed: int) -> tuple[bytes, ...]:
    """The stills of one desk, in turn; of a ``frozen`` one it is always the same."""
    dice = np.random.default_rng(seed)
    room = _room(dice)
    texture = _texture(dice)
    versions = []
    for _ in range(1 if kind == "frozen" else VERSIONS):
        if kind == "black":
            picture = np.full((HEIGHT, WIDTH, 3), 4.0)
        elif kind == "covered":
            y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
            picture = np.asarray((70, 90, 150)) + ((x - 160) * 0.15 + (y - 90) * 0.2)[..., None]
        else:
            picture = room.copy()
            if kind != "empty":
                _draw_person(picture, dice)
            picture = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float64) + texture
        noisy = picture + dice.normal(0, _NOISE if kind != "black" else 1.0, picture.shape)
        versions.append(_encoded(noisy.clip(0, 255).astype(np.uint8)))
    return tuple(versions)


def _encoded(picture: Pixels) -> bytes:
    is_done, data = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    if not is_done:
        raise RuntimeError("OpenCV did not encode a still")
    return bytes(data)


def _room(dice: np.random.Generator) -> Any:
    """A wall with a window and a picture on it, a chair's back, a desk."""
    width, height = WIDTH * _SCALE, HEIGHT * _SCALE
    wall = dice.uniform(120, 190, 3)
    shade = np.linspace(1.1, 0.8, height)[:, None, None]
    image = np.ascontiguousarray(np.broadcast_to(wall * shade, (height, width, 3)).clip(0, 255).astype(np.uint8))
    left = int(dice.integers(40, 300))
    cv2.rectangle(image, (left, 60), (left + 220, 330), (215, 225, 225), -1)
    cv2.rectangle(image, (left, 60), (left + 220, 330), (70, 80, 90), 10)
    cv2.line(image, (left + 110, 60), (left + 110, 330), (70, 80, 90), 8)
    right = int(dice.integers(880, 1050))
    colour = [int(level) for level in dice.integers(30, 200, 3)]
    cv2.rectangle(image, (right, 90), (right + 170, 230), colour, -1)
    cv2.rectangle(image, (right, 90), (right + 170, 230), (40, 40, 40), 6)
    cv2.ellipse(image, (640, 560), (190, 230), 0, 180, 360, (45, 45, 50), -1)
    cv2.rectangle(image, (0, 600), (width, height), (50, 80, 120), -1)
    return image


def _texture(dice: np.random.Generator) -> Any:
    """Something finer and finer everywhere, as in a photograph: a still is then some 9 KB, as a camera's are."""
    field = np.zeros((HEIGHT, WIDTH))
    for across in (20, 40, 80, 160, 320):
        grain = dice.normal(0, TEXTURE, (across * 9 // 16, across))
        field += cv2.resize(grain, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return field[..., None]


def _draw_person(image: Any, dice: np.random.Generator) -> None:
    """Head and shoulders before the chair, a little elsewhere each time."""
    x, y = 640 + int(dice.integers(-25, 25)), 330 + int(dice.integers(-15, 15))
    skin, dark, hair, shirt = (150, 178, 222), (92, 116, 158), (28, 30, 36), (235, 235, 238)
    cv2.ellipse(image, (x, y + 330), (250, 190), 0, 180, 360, shirt, -1)
    cv2.rectangle(image, (x - 250, y + 328), (x + 250, 600), shirt, -1)
    cv2.rectangle(image, (x - 45, y + 80), (x + 45, y + 175), dark, -1)
    cv2.ellipse(image, (x, y - 25), (108, 130), 0, 0, 360, hair, -1)
    head = image[y - 160 : y + 160, x - 130 : x + 130]
    face, (x, y) = head.copy(), (130, 160)
    cv2.ellipse(face, (x, y), (90, 122), 0, 0, 360, skin, -1)
    for side in (-1, 1):
        cv2.ellipse(face, (x + side * 92, y + 5), (14, 26), 0, 0, 360, dark, -1)
        cv2.ellipse(face, (x + side * 38, y - 22), (26, 16), 0, 0, 360, dark, -1)
        cv2.ellipse(face, (x + side * 38, y - 18), (17, 9), 0, 0, 360, (238, 240, 242), -1)
        cv2.circle(face, (x + side * 38, y - 18), 9, (30, 30, 40), -1)
        cv2.ellipse(face, (x + side * 38, y - 44), (30, 9), 0, 180, 360, hair, -1)
        cv2.ellipse(face, (x + side * 60, y + 40), (26, 34), 0, 0, 360, (140, 168, 226), -1)
        cv2.circle(face, (x + side * 11, y + 34), 7, dark, -1)
    cv2.line(face, (x + 4, y - 10), (x + 12, y + 28), dark, 8)
    cv2.ellipse(face, (x, y + 66), (34, 11), 0, 0, 360, (95, 95, 175), -1)
    cv2.line(face, (x - 34, y + 65), (x + 34, y + 65), (60, 60, 110), 4)
    cv2.ellipse(face, (x, y - 95), (86, 42), 0, 180, 360, hair, -1)
    head[:] = cv2.GaussianBlur(face, (0, 0), 4)


def cast(count: int, seed: int, sets: int = 8) -> list[Sequence[bytes]]:
    """The stills of so many desks, from a few dozen sets: at 80 % somebody sits, at 12 % nobody; the others are the rest."""
    dice = np.random.default_rng(seed)
    made = {kind: [jpegs_of(kind, seed + number) for number in range(sets)] for kind in KINDS}
    kinds = dice.choice(len(KINDS), count, p=(0.80, 0.12, 0.03, 0.03, 0.02))
    return [made[KINDS[kind]][int(dice.integers(sets))] for kind in kinds]
